//! Long work: how far it is, what it is doing, and what it said.

use domain::Timestamp;
use leptos::prelude::*;

use crate::moment::Clockface;
use crate::number;

/// How far something is. With `live` the script keeps it up to date from that event stream and reloads the page when the
/// work is over; without a script the page tells the state at which it was asked for.
#[component]
pub fn Progress(
    /// Share done, 0 to 1.
    share: f64,
    /// What it is doing.
    #[prop(into)]
    message: String,
    /// What progresses, for the bar's name: `training of run 31`.
    #[prop(into)]
    label: String,
    /// Address of the event stream: `/runs/31/events`.
    #[prop(optional_no_strip, into)]
    live: Option<String>,
    /// It has failed.
    #[prop(optional)]
    failed: bool,
) -> impl IntoView {
    let class = if failed { "progress progress-failed" } else { "progress" };
    let share = share.clamp(0.0, 1.0);
    view! {
        <div class=class data-live=live>
            <p class="progress-line">
                <span role="status" data-live-message="">{message}</span>
                <span data-live-share="">{format!("{:.0}{}%", share * 100.0, number::NO_BREAK)}</span>
            </p>
            <progress max="1" value=format!("{share:.3}") aria-label=label></progress>
        </div>
    }
    .into_any()
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub line: String,
}

/// What the work said, oldest first. A page's live `Progress` appends to it.
#[component]
pub fn RunLog(
    /// The lines.
    lines: Vec<LogEntry>,
    /// Whose time of day the lines carry; the context's, if there is one.
    #[prop(optional_no_strip, into)]
    clock: Option<Clockface>,
) -> impl IntoView {
    let clock = clock.or_else(use_context::<Clockface>);
    let time_of_day = clock.clone();
    let items = lines.into_iter().map(move |entry| {
        let time = match &time_of_day {
            Some(clock) => clock.time_of_day(entry.at),
            None => entry.at.rfc3339(),
        };
        view! { <li><time datetime=entry.at.rfc3339()>{time}</time><span>{entry.line}</span></li> }
    });
    let items = items.collect_view();
    let zone = clock.and_then(|clock| clock.zone.iana_name().map(str::to_owned));
    // The list stays a list: a log is its wrapper.
    view! {
        <div class="log" tabindex="0" role="log" aria-label="Log" data-live-log="" data-zone=zone>
            <ol>{items}</ol>
        </div>
    }
    .into_any()
}
