//! What a form has to say after it was sent. The server keeps it for the next page; nothing is read from the address.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Tone;

/// A message for the next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it means.
    pub tone: Tone,
    /// In a sentence.
    pub text: String,
    /// Words and the address they lead to.
    pub link: Option<(String, String)>,
}

impl Notice {
    /// It went well.
    pub fn ok(text: impl Into<String>) -> Self {
        Self { tone: Tone::Ok, text: text.into(), link: None }
    }

    /// It went well, but.
    pub fn warn(text: impl Into<String>) -> Self {
        Self { tone: Tone::Warn, text: text.into(), link: None }
    }

    /// It was not done.
    pub fn bad(text: impl Into<String>) -> Self {
        Self { tone: Tone::Bad, text: text.into(), link: None }
    }
}

/// Shows a message at the top of the page.
#[component]
pub fn Flash(
    /// The message.
    notice: Notice,
) -> impl IntoView {
    // What went wrong is said at once; what went well waits its turn.
    let role = if notice.tone == Tone::Bad { "alert" } else { "status" };
    let link = notice.link.map(|(words, href)| view! { " "<a href=href>{words}</a> });
    view! { <div class=format!("flash flash-{}", notice.tone.as_str()) role=role><p>{notice.text}{link}</p></div> }
        .into_any()
}
