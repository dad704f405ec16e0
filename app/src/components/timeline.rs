//! What happened, newest first.

use domain::Timestamp;
use leptos::prelude::*;

use super::{Time, Tone};

/// One thing that happened.
#[derive(Debug)]
pub struct TimelineEntry {
    what: AnyView,
    at: Timestamp,
    actor: Option<String>,
    reason: Option<String>,
    tone: Tone,
}

impl TimelineEntry {
    /// `what` happened `at`.
    pub fn new(what: impl IntoView + 'static, at: Timestamp) -> Self {
        Self { what: what.into_any(), at, actor: None, reason: None, tone: Tone::Accent }
    }

    /// Who did it.
    #[must_use]
    pub fn by(mut self, actor: impl Into<String>) -> Self {
        self.actor = Some(actor.into());
        self
    }

    /// Why.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into()).filter(|reason| !reason.is_empty());
        self
    }

    /// What it means.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

/// A history.
#[component]
pub fn Timeline(
    /// What happened, newest first.
    entries: Vec<TimelineEntry>,
) -> impl IntoView {
    let items = entries.into_iter().map(|entry| {
        view! {
            <li class=format!("timeline-{}", entry.tone.as_str())>
                {entry.what}
                " "
                <span class="timeline-meta">
                    "· "{entry.actor.map(|actor| format!("{actor} · "))}<Time at=entry.at/>
                </span>
                {entry.reason.map(|reason| view! { <div class="timeline-reason small">{reason}</div> })}
            </li>
        }
    });
    view! { <ol class="timeline">{items.collect_view()}</ol> }.into_any()
}
