//! The sentence and the figures that answer first.

use desk::cases::Share;
use leptos::prelude::*;

use super::Loop;
use crate::components::Figure;
use crate::number;

/// A share whose interval is wider says too little to be written as one number.
const WIDEST: f64 = 0.5;

/// What waits, how long that takes, and how good what was accepted is.
pub(super) fn lead(board: &Loop) -> impl IntoView + use<> {
    let figures = &board.figures;
    let waiting = waiting(board);
    let first = match (waiting, figures.hours_to_clear) {
        (0, _) => String::from("Nothing waits."),
        (n, None) => {
            format!("{} {}; nobody has labeled in this period.", number::counted(n, "reading", "readings"), wait(n))
        }
        (n, Some(hours)) => format!(
            "{} {}: {} of work at the pace of {}.",
            number::counted(n, "reading", "readings"),
            wait(n),
            hours_words(hours),
            number::counted(figures.paces.len() as i64, "labeler", "labelers")
        ),
    };
    let under = match figures.under_limit {
        Some(share) => format!(" {} of {} were under the limit", number::percent(share.value), readings(share.n)),
        None => String::from(" No reading came in"),
    };
    let right = match figures.accepted_right {
        Some(share) if share.high - share.low > WIDEST => format!(
            "; of those accepted, how many are right is not sure: {} drawn at random {} too few to tell.",
            number::count(share.n),
            if share.n == 1 { "is" } else { "are" }
        ),
        Some(share) => format!(
            "; of those accepted, {} are right (95 % interval {}, {} drawn).",
            number::percent(share.value),
            interval(share),
            number::count(share.n)
        ),
        None => {
            String::from("; how many of those accepted are right is known once people have read some of the audit.")
        }
    };
    view! { <b>{first}</b>{under}{right} }
}

fn wait(n: i64) -> &'static str {
    if n == 1 { "waits" } else { "wait" }
}

fn readings(n: i64) -> String {
    number::counted(n, "reading", "readings")
}

fn waiting(board: &Loop) -> i64 {
    board.figures.backlog.iter().map(|count| count.tasks).sum()
}

/// `24 min`, of hours.
fn hours_words(hours: f64) -> String {
    number::duration((hours * 3_600e6) as i64)
}

/// `95–99 %`.
fn interval(share: Share) -> String {
    format!("{}–{}", number::fixed(share.low * 100.0, 0), number::whole_percent(share.high))
}

pub(super) fn strip(board: &Loop) -> Vec<Figure> {
    let figures = &board.figures;
    let captured: i64 = figures.captured.values().sum();
    let (read, changed) =
        figures.annotated.iter().fold((0, 0), |(read, changed), day| (read + day.read, changed + day.changed));
    let shared = |name: &str, share: Option<Share>, of: &str| match share {
        Some(share) => Figure::new(name, number::percent(share.value)).with_note(format!(
            "95 %: {}, n {} {of}",
            interval(share),
            number::count(share.n)
        )),
        None => Figure::new(name, "–").with_note("not known yet"),
    };
    let clear = figures.hours_to_clear.map_or_else(|| String::from("–"), hours_words);
    let per_day = captured as f64 / board.days as f64;
    vec![
        Figure::new("Captured", number::count(captured)).with_note(format!("{} a day", number::fixed(per_day, 1))),
        shared("Under the limit", figures.under_limit, "readings"),
        Figure::new("Wait for people", number::count(waiting(board))),
        Figure::new("Looked at", number::count(read)).with_note(format!("{} corrected", number::count(changed))),
        shared("Accepted and right", figures.accepted_right, "drawn"),
        Figure::new("Time to clear", clear).with_note("all who labeled, at it together"),
    ]
}
