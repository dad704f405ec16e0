//! Fields that are typed into.

use leptos::prelude::*;

use super::{Parts, label_words};
use crate::shell::escape;

/// One line: text, a password, a number, an address.
#[component]
pub fn TextField(
    /// Name in the form.
    #[prop(into)]
    name: String,
    /// What to enter.
    #[prop(into)]
    label: String,
    /// `text`, `password`, `number`, `email`, `search`, `date`, `datetime-local`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What was entered before; never given for passwords.
    #[prop(optional_no_strip, into)]
    value: Option<String>,
    /// What helps to enter it.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with what was entered.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// May not stay empty.
    #[prop(optional)]
    required: bool,
    /// What the browser may fill in: `username`, `current-password`, `new-password`, `off`.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// Smallest number.
    #[prop(optional)]
    min: Option<&'static str>,
    /// Largest number.
    #[prop(optional)]
    max: Option<&'static str>,
    /// Step of numbers: `any` for fractions.
    #[prop(optional)]
    step: Option<&'static str>,
    /// Fewest characters.
    #[prop(optional)]
    min_length: Option<usize>,
    /// Most characters.
    #[prop(optional)]
    max_length: Option<usize>,
    /// In letters of one width.
    #[prop(optional)]
    mono: bool,
    /// Has the focus when the page opens; at most one field of a page.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let parts = Parts::new(&name, hint, error);
    view! {
        <div class="field">
            <label for=parts.id.clone()>{label_words(label, required)}</label>
            <input
                id=parts.id.clone()
                name=name
                type=kind
                class=mono.then_some("mono")
                value=value
                required=required
                autocomplete=autocomplete
                min=min
                max=max
                step=step
                minlength=min_length.map(|n| n.to_string())
                maxlength=max_length.map(|n| n.to_string())
                autofocus=autofocus
                aria-describedby=parts.described_by()
                aria-invalid=parts.invalid()
            />
            {parts.below()}
        </div>
    }
    .into_any()
}

/// Several lines.
#[component]
pub fn TextArea(
    /// Name in the form.
    #[prop(into)]
    name: String,
    /// What to enter.
    #[prop(into)]
    label: String,
    /// What was entered before.
    #[prop(optional_no_strip, into)]
    value: Option<String>,
    /// What helps to enter it.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with what was entered.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// May not stay empty.
    #[prop(optional)]
    required: bool,
    /// Lines shown.
    #[prop(default = 3)]
    rows: u32,
    /// Most characters.
    #[prop(optional)]
    max_length: Option<usize>,
    /// In letters of one width.
    #[prop(optional)]
    mono: bool,
) -> impl IntoView {
    let parts = Parts::new(&name, hint, error);
    view! {
        <div class="field">
            <label for=parts.id.clone()>{label_words(label, required)}</label>
            <textarea
                id=parts.id.clone()
                name=name
                class=mono.then_some("mono")
                rows=rows.to_string()
                required=required
                maxlength=max_length.map(|n| n.to_string())
                aria-describedby=parts.described_by()
                aria-invalid=parts.invalid()
            >
                {text_of(value.as_deref().unwrap_or_default())}
            </textarea>
            {parts.below()}
        </div>
    }
    .into_any()
}

/// Leptos writes the children of a `<textarea>` as they are, so they are escaped here. A browser drops the first line
/// break in it, so that one is put before the text's own.
fn text_of(value: &str) -> String {
    format!("\n{}", escape(value))
}

#[cfg(test)]
mod tests {
    use scraper::{Html, Selector};

    use super::*;

    #[test]
    fn a_text_neither_leaves_its_area_nor_loses_its_first_line() {
        let value = "\n</textarea></form><h1>&amp;</h1>";
        let html = view! { <TextArea name="t" label="T" value=String::from(value)/> }.to_html();
        let page = Html::parse_fragment(&html);
        let found = |words| page.select(&Selector::parse(words).unwrap()).collect::<Vec<_>>();
        assert!(found("h1").is_empty(), "{html}");
        assert_eq!(found("textarea")[0].text().collect::<String>(), value);
    }
}
