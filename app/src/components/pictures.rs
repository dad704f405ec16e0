//! Pictures with what was made of them: examples, doubtful labels, rows of a data set.

use leptos::prelude::*;

/// One picture.
#[derive(Debug)]
pub struct Picture {
    image: Option<String>,
    alt: String,
    lines: Vec<(String, AnyView)>,
    below: Option<AnyView>,
}

impl Picture {
    /// A picture of what `alt` says. Without an address only its words are shown: not everybody may see it.
    pub fn new(image: Option<String>, alt: impl Into<String>) -> Self {
        Self { image, alt: alt.into(), lines: Vec::new(), below: None }
    }

    /// The same with a word and what it stands for, below the picture.
    #[must_use]
    pub fn line(mut self, name: impl Into<String>, content: impl IntoView + 'static) -> Self {
        self.lines.push((name.into(), content.into_any()));
        self
    }

    /// The same with a form or a link at its end.
    #[must_use]
    pub fn below(mut self, content: impl IntoView + 'static) -> Self {
        self.below = Some(content.into_any());
        self
    }
}

/// Pictures side by side. Each leads to itself in full size; a browser fetches those that come into sight.
#[component]
pub fn Pictures(
    /// What they are, read out: `Worst examples`.
    #[prop(into)]
    label: String,
    /// The pictures.
    items: Vec<Picture>,
) -> impl IntoView {
    let items = items.into_iter().map(|item| {
        let image = item.image.map(|whole| {
            let small = format!("{whole}?small=true");
            view! { <a class="picture-image" href=whole><img src=small alt=item.alt loading="lazy" decoding="async"/></a> }
        });
        let lines = item.lines.into_iter().map(|(name, content)| view! { <div><dt>{name}</dt><dd>{content}</dd></div> });
        view! {
            <li class="picture">
                {image}
                <dl>{lines.collect_view()}</dl>
                {item.below}
            </li>
        }
    });
    let items = items.collect_view();
    view! { <ul class="pictures" aria-label=label>{items}</ul> }.into_any()
}

/// A text in letters of one width, those marked that differ from `other` at the same place.
pub fn marked(text: &str, other: &str) -> impl IntoView + use<> {
    if text.is_empty() {
        return view! { <span class="muted">"nothing"</span> }.into_any();
    }
    let same_length = text.chars().count() == other.chars().count();
    let letters = text.chars().zip(other.chars().map(Some).chain(std::iter::repeat(None))).map(|(letter, other)| {
        if same_length && other != Some(letter) {
            view! { <mark>{letter.to_string()}</mark> }.into_any()
        } else {
            letter.to_string().into_any()
        }
    });
    let letters = letters.collect_view();
    view! { <span class="reading-text">{letters}</span> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_that_differ_are_marked() {
        let html = marked("3170", "3178").to_html();
        assert_eq!(html.matches("<mark>").count(), 1, "{html}");
        assert!(!marked("317", "3178").to_html().contains("<mark>"), "nothing stands at the same place");
        assert!(marked("", "3").to_html().contains("nothing"));
    }

    #[test]
    fn whoever_may_not_see_a_picture_reads_of_it() {
        let items = vec![Picture::new(None, "8.3").line("shows", "8.3")];
        let html = view! { <Pictures label="Worst" items/> }.to_html();
        assert!(!html.contains("<img") && html.contains("8.3"), "{html}");
    }
}
