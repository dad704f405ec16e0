//! Text to take away: commands, keys, hashes.

use leptos::prelude::*;

/// A block of code or text with a button that copies it.
#[component]
pub fn CodeBlock(
    /// The text.
    #[prop(into)]
    code: String,
    /// What it is, for the copy button's name: `curl command`.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let code_name = label.clone();
    view! {
        <div class="code-block">
            <pre tabindex="0" role="region" aria-label=code_name><code data-copy-source="">{code}</code></pre>
            <button class="button copy needs-script" type="button" data-copy="" aria-label=format!("Copy {label}")>
                "Copy"
            </button>
        </div>
    }
    .into_any()
}

/// A hash or an id in a line: shortened for the eye, whole for the clipboard.
#[component]
pub fn Copyable(
    /// The whole text.
    #[prop(into)]
    text: String,
    /// What it is, for the copy button's name: `data set hash`.
    #[prop(into)]
    label: String,
    /// Shows only both ends of a long text.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let shown = if short { shortened(&text) } else { text.clone() };
    view! {
        <span class="copyable">
            <code title=text.clone()>{shown}</code>
            <button
                class="button button-plain copy needs-script"
                type="button"
                data-copy=text
                aria-label=format!("Copy {label}")
            >
                "copy"
            </button>
        </span>
    }
    .into_any()
}

/// `9f2c41…e41b` of a text of more than 16 characters.
fn shortened(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= 16 {
        return text.to_owned();
    }
    let (start, end) = (&characters[..6], &characters[characters.len() - 4..]);
    format!("{}…{}", start.iter().collect::<String>(), end.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_hash_keeps_both_ends() {
        assert_eq!(shortened("9f2c41aaaaaaaaaaaaaaaae41b"), "9f2c41…e41b");
        assert_eq!(shortened("short"), "short");
    }
}
