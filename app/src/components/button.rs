//! Buttons, and links that look like them.

use leptos::prelude::*;

/// How much a button stands out. A page has at most one [`Look::Primary`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// Framed.
    #[default]
    Normal,
    /// Filled: what the page is for.
    Primary,
    /// Takes something away.
    Danger,
    /// Almost a link.
    Plain,
}

impl Look {
    /// Its classes.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Normal => "button",
            Self::Primary => "button button-primary",
            Self::Danger => "button button-danger",
            Self::Plain => "button button-plain",
        }
    }
}

/// Submits the form it stands in.
#[component]
pub fn Button(
    /// How much it stands out.
    #[prop(optional)]
    look: Look,
    /// The words.
    #[prop(into)]
    text: String,
    /// Field that it adds to the form.
    #[prop(optional_no_strip, into)]
    name: Option<String>,
    /// Value of that field.
    #[prop(optional_no_strip, into)]
    value: Option<String>,
    /// The key that does the same, shown beside the words; the script presses the button.
    #[prop(optional)]
    key: Option<&'static str>,
    /// Why it cannot be pressed now; shown on hover and read out.
    #[prop(optional_no_strip, into)]
    disabled: Option<String>,
) -> impl IntoView {
    let is_disabled = disabled.is_some();
    view! {
        <button class=look.class() type="submit" name=name value=value data-key=key disabled=is_disabled title=disabled>
            {text}
            {key.map(|key| view! { <kbd class="needs-script" aria-hidden="true">{key}</kbd> })}
        </button>
    }
    .into_any()
}

/// Leads somewhere.
#[component]
pub fn LinkButton(
    /// How much it stands out.
    #[prop(optional)]
    look: Look,
    /// The words.
    #[prop(into)]
    text: String,
    /// Where to.
    #[prop(into)]
    href: String,
    /// The key that does the same, shown beside the words; the script follows the link.
    #[prop(optional)]
    key: Option<&'static str>,
) -> impl IntoView {
    view! {
        <a class=look.class() href=href data-key=key>
            {text}
            {key.map(|key| view! { <kbd class="needs-script" aria-hidden="true">{key}</kbd> })}
        </a>
    }
    .into_any()
}
