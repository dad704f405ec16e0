//! The sentence and the figures that answer first.

use desk::Share;
use desk::conflicts::{Avoided, ConflictFigures};
use leptos::prelude::*;

use crate::components::Figure;
use crate::number::{self, NO_BREAK, Unit};

/// How often syncs conflict, and what the model made of it, in a sentence.
pub(super) fn lead(board: &ConflictFigures) -> impl IntoView + use<> {
    let (first, rest) = sentence(board);
    view! { <b>{first}</b>{rest} }
}

fn sentence(board: &ConflictFigures) -> (String, String) {
    let Some(rate) = board.rate else {
        let syncs = number::counted(board.all.syncs, "sync", "syncs");
        return (
            format!("{syncs}, all too young to tell."),
            String::from(" Whether a sync conflicts is known 24 hours after it."),
        );
    };
    let first = format!("{} of {} conflicted", number::percent(rate.value), number::counted(rate.n, "sync", "syncs"));
    let days = number::counted(board.period.days, "day", "days");
    let before = match board.before {
        None => format!("there were none in the {days} before"),
        Some(before) => format!("against {} in the {days} before", number::percent(before.value)),
    };
    (first, format!(" (95 % interval {}), {before}; {}.", interval(rate), model(board)))
}

fn model(board: &ConflictFigures) -> String {
    let who = if board.version.is_some() { "the model" } else { "the heuristic" };
    match (board.matrix.recall(), board.matrix.precision()) {
        (None, None) => format!("what {who} predicts has not been seen to come yet"),
        (None, Some(_)) => format!("{who} warned, but nothing conflicted"),
        (Some(recall), None) => {
            format!("{who} saw none of {} coming", number::counted(recall.n, "conflict", "conflicts"))
        }
        (Some(recall), Some(precision)) => format!(
            "{who} saw {} of the conflicts coming, and {} of those it expected came",
            number::whole_percent(recall.value),
            number::whole_percent(precision.value)
        ),
    }
}

/// `7.9–8.5 %`.
pub(super) fn interval(share: Share) -> String {
    let [low, high] = [share.low, share.high].map(|end| number::fixed(end * 100.0, 1));
    format!("{low}–{high}{NO_BREAK}%")
}

/// Syncs, conflicts, and what was made of them.
pub(super) fn strip(board: &ConflictFigures) -> Vec<Figure> {
    let syncs = Figure::new("Syncs", number::count(board.all.syncs));
    let young = board.all.syncs - board.all.settled;
    vec![
        if young > 0 { syncs.with_note(format!("{} younger than 24 hours", number::count(young))) } else { syncs },
        rate(board),
        Figure::new("Conflicts", number::count(board.all.conflicts)).with_note("of syncs older than 24 hours"),
        shared("Seen coming", board.matrix.recall(), "conflicts", "no conflict seen yet"),
        shared("Expected and came", board.matrix.precision(), "expected", "none expected yet"),
        avoided(board),
    ]
}

fn rate(board: &ConflictFigures) -> Figure {
    let name = "Conflict rate";
    match board.rate {
        None => Figure::new(name, "–").with_note("known 24 hours after a sync"),
        Some(rate) => Figure::compared(name, Unit::Share, rate.value, board.before.map(|before| before.value), false)
            .with_note(format!("95 %: {}", interval(rate))),
    }
}

fn shared(name: &str, share: Option<Share>, of: &str, without: &str) -> Figure {
    match share {
        None => Figure::new(name, "–").with_note(without),
        Some(share) => Figure::new(name, number::percent(share.value)).with_note(format!(
            "95 %: {}, n = {} {of}",
            interval(share),
            number::count(share.n)
        )),
    }
}

fn avoided(board: &ConflictFigures) -> Figure {
    let name = "Avoided, estimated";
    match &board.avoided {
        None if board.coverage.asked > 0 => Figure::new(name, "–").with_note("no warning has ended yet"),
        None => Figure::new(name, "–").with_note("no client asked before a sync"),
        Some(avoided) => Figure::new(name, whole(avoided.estimate())).with_note(format!("95 %: {}", between(avoided))),
    }
}

/// `118`, `−3`.
pub(super) fn whole(conflicts: f64) -> String {
    number::fixed(conflicts, 0)
}

/// `80 to 156`.
pub(super) fn between(avoided: &Avoided) -> String {
    let (low, high) = avoided.interval();
    format!("{} to {}", whole(low), whole(high))
}

#[cfg(test)]
pub(super) mod tests {
    use desk::conflicts::{Coverage, Matrix, Period, SyncTally};
    use domain::Timestamp;
    use domain::time::DAY;

    use super::*;

    pub(in crate::pages::conflicts) fn board() -> ConflictFigures {
        ConflictFigures {
            period: Period { from: Timestamp(0), until: Timestamp(2 * DAY), first_day: 0, days: 2 },
            settled: Timestamp(DAY),
            entity_type: None,
            all: SyncTally { syncs: 120, settled: 100, conflicts: 8 },
            rate: Some(Share { value: 0.08, low: 0.041, high: 0.15, n: 100 }),
            before: None,
            by_day: Vec::new(),
            by_type: Vec::new(),
            by_client: Vec::new(),
            worst: Vec::new(),
            coverage: Coverage::default(),
            matrix: Matrix::default(),
            calibration: Vec::new(),
            warned: Vec::new(),
            avoided: None,
            version: Some(3),
            threshold: Some(0.3),
        }
    }

    fn said(board: &ConflictFigures) -> String {
        let (first, rest) = sentence(board);
        (first + &rest).replace(number::NO_BREAK, " ")
    }

    #[test]
    fn the_sentence_says_what_is_known_and_what_is_not() {
        let start = "8.0 % of 100 syncs conflicted (95 % interval 4.1–15.0 %), ";
        let unseen = "what the model predicts has not been seen to come yet.";
        assert_eq!(said(&board()), format!("{start}there were none in the 2 days before; {unseen}"));
        let known = ConflictFigures {
            before: Some(Share { value: 0.095, low: 0.05, high: 0.16, n: 100 }),
            matrix: Matrix { hits: 6, false_alarms: 4, missed: 2, passed: 88 },
            ..board()
        };
        let end = "the model saw 75 % of the conflicts coming, and 60 % of those it expected came.";
        assert_eq!(said(&known), format!("{start}against 9.5 % in the 2 days before; {end}"));
        let young = ConflictFigures { rate: None, ..board() };
        assert!(said(&young).starts_with("120 syncs, all too young to tell."));
    }

    #[test]
    fn what_was_avoided_has_an_interval() {
        let avoided = Avoided { warned: 20, conflicted: 3, expected: 12.3, low: 7.65, high: 16.95, compared: 90 };
        let figure = |avoided| strip(&ConflictFigures { avoided, ..board() }).pop().unwrap();
        let known = figure(Some(avoided));
        assert_eq!((known.value.as_str(), known.note.as_deref()), ("9", Some("95 %: 5 to 14")));
        assert_eq!(figure(None).note.as_deref(), Some("no client asked before a sync"));
    }
}
