//! The HTML document.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title};

use crate::assets;
use crate::theme::Theme;

/// The whole document with `children` as its body: one stylesheet, one module, nothing inline.
///
/// `title` is only for documents that are rendered outside the router; pages name themselves by [`PageTitle`].
#[component]
pub fn Document(
    /// The chosen colours.
    #[prop(optional)]
    theme: Theme,
    /// Title of a document without [`PageTitle`].
    #[prop(optional, into)]
    title: Option<String>,
    /// The body.
    children: Children,
) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.as_str()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=theme.color_scheme()/>
                <link rel="stylesheet" href=assets::stylesheet_href()/>
                <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg"/>
                <script type="module" src=assets::script_href()></script>
                {match title {
                    Some(title) => view! { <title>{format!("{title} · Verdict")}</title> }.into_any(),
                    None => view! { <MetaTags/> }.into_any(),
                }}
            </head>
            <body>{children()}</body>
        </html>
    }
    .into_any()
}

/// Names the page in the window's title: `fraud version 7 · Verdict`.
///
/// `leptos_meta` writes a title into the document as it is; this escapes it first, because names come from people.
#[component]
pub fn PageTitle(
    /// The page's name.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let text = format!("{} · Verdict", escape(&text));
    view! { <Title text/> }.into_any()
}

/// `text` as HTML text or as the value of a quoted attribute.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_stays_in_its_element() {
        let html = view! { <Document title="</title><h1>">""</Document> }.to_html();
        assert!(html.contains("<title>&lt;/title&gt;&lt;h1&gt; · Verdict</title>"), "{html}");
    }
}
