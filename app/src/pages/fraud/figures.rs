//! The sentence and the figures that answer first.

use desk::cases::{Dashboard, Share};
use domain::case::Origin;
use leptos::prelude::*;

use crate::components::Figure;
use crate::number;

/// A share whose interval is wider says too little to be written as one number.
const WIDEST: f64 = 0.5;

/// Sums over the period.
pub(super) struct Counts {
    /// Events that happened.
    pub(super) events: i64,
    /// The first day, and the events of each day from it on.
    pub(super) volume: (i64, Vec<i64>),
    /// Cases over the threshold.
    pub(super) alerts: i64,
    /// Those with a verdict.
    pub(super) decided: i64,
    /// Cases drawn for audit that have none.
    pub(super) draws_waiting: i64,
}

impl Counts {
    pub(super) fn of(board: &Dashboard) -> Self {
        let first = board.first_day;
        let mut volume = vec![0; usize::try_from(board.days).unwrap_or(0)];
        for day in &board.volume {
            if let Some(events) = usize::try_from(day.day - first).ok().and_then(|i| volume.get_mut(i)) {
                *events += day.events;
            }
        }
        let decided = board.verdicts.iter().sum();
        let draws = board.by_score.iter().filter(|count| count.origin == Origin::Audit && count.verdict.is_none());
        Self {
            events: volume.iter().sum(),
            volume: (first, volume),
            alerts: decided + board.undecided,
            decided,
            draws_waiting: draws.map(|count| count.cases).sum(),
        }
    }
}

/// How good the alerts are, in a sentence.
pub(super) fn lead(board: &Dashboard, counts: &Counts) -> impl IntoView + use<> {
    let (first, rest) = sentence(board, counts);
    view! { <b>{first}</b>{rest} }
}

fn sentence(board: &Dashboard, counts: &Counts) -> (String, String) {
    let Some(precision) = board.precision else {
        let alerts = number::counted(counts.alerts, "alert", "alerts");
        return if counts.alerts == 0 {
            (
                String::from("No event was doubtful."),
                format!(" {} came in.", number::counted(counts.events, "event", "events")),
            )
        } else {
            (
                String::from("Nothing is decided yet."),
                format!(" How good the {alerts} of this period are is known once cases have a verdict."),
            )
        };
    };
    let decided = number::counted(precision.n, "decided alert", "decided alerts");
    let first = format!("Of {decided}, {} were right", number::whole_percent(precision.value));
    let recall = match board.recall {
        None => {
            String::from("how much of the fraud is found is not known, for no case drawn for audit is decided yet.")
        }
        Some(recall) if is_unsure(recall) => {
            let n = number::counted(recall.n, "audit case is", "audit cases are");
            format!(
                "how much of the fraud is found is not sure, anything from {}: {n} too few to say more.",
                interval(recall)
            )
        }
        Some(recall) => format!("an estimated {} of the fraud is found.", number::whole_percent(recall.value)),
    };
    (first, format!(" (95 % interval {}); {recall}", interval(precision)))
}

fn is_unsure(share: Share) -> bool {
    share.high - share.low > WIDEST
}

/// `70–85 %`.
fn interval(share: Share) -> String {
    format!("{}–{}", number::fixed(share.low * 100.0, 0), number::whole_percent(share.high))
}

/// Events, alerts, verdicts and what they say.
pub(super) fn strip(board: &Dashboard, counts: &Counts) -> Vec<Figure> {
    let waiting = board.backlog.open + board.backlog.taken + board.backlog.escalated;
    let rate = counts.alerts as f64 / counts.events.max(1) as f64;
    let overdue = match board.backlog.overdue {
        0 => String::from("none overdue"),
        n => format!("{} overdue", number::count(n)),
    };
    let [confirmed, valuable, wrong] = board.verdicts.map(number::count);
    let alerts = Figure::new("Alerts", number::count(counts.alerts));
    vec![
        Figure::new("Events", number::count(counts.events)),
        if counts.events > 0 { alerts.with_note(format!("{} of the events", number::percent(rate))) } else { alerts },
        Figure::new("Decided", number::count(counts.decided))
            .with_note(format!("{confirmed} confirmed, {valuable} valuable, {wrong} false")),
        Figure::new("Waiting now", number::count(waiting)).with_note(overdue),
        shared("Precision", board.precision, "decided alerts", "no verdict yet"),
        recall(board, counts),
    ]
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

fn recall(board: &Dashboard, counts: &Counts) -> Figure {
    let name = "Recall, estimated";
    let too_few = match counts.draws_waiting {
        0 => String::from("no audit case decided"),
        n => format!("no audit case decided; {} wait", number::count(n)),
    };
    match board.recall {
        None if board.precision.is_none() && counts.alerts > 0 => Figure::new(name, "–").with_note("no alert decided"),
        None => Figure::new(name, "–").with_note(too_few),
        Some(share) if is_unsure(share) => Figure::new(name, interval(share)).with_note(format!(
            "{} so far: too few to say more",
            number::counted(share.n, "audit case", "audit cases")
        )),
        share => shared(name, share, "audit cases", ""),
    }
}

#[cfg(test)]
mod tests {
    use desk::cases::AttendanceDay;
    use desk::cases::Backlog;
    use domain::time::DAY;
    use domain::{SiteId, Timestamp};

    use super::*;

    fn board(verdicts: [i64; 3], precision: Option<Share>, recall: Option<Share>) -> Dashboard {
        Dashboard {
            from: Timestamp(0),
            until: Timestamp(2 * DAY),
            first_day: 0,
            days: 2,
            volume: Vec::new(),
            backlog: Backlog::default(),
            verdicts,
            undecided: 3,
            precision,
            recall,
            thresholds: Vec::new(),
            by_score: Vec::new(),
            by_site: Vec::new(),
            by_week: Vec::new(),
            version: None,
            threshold: None,
            audit_share: 0.005,
        }
    }

    fn said(board: &Dashboard) -> String {
        let (first, rest) = sentence(board, &Counts::of(board));
        (first + &rest).replace(number::NO_BREAK, " ")
    }

    #[test]
    fn a_period_has_as_many_bars_as_days() {
        let on = |day, events| AttendanceDay { day, site: SiteId(1), events };
        let board = Dashboard { volume: vec![on(0, 3), on(1, 4)], ..board([0; 3], None, None) };
        assert_eq!(Counts::of(&board).volume, (0, vec![3, 4]));
    }

    #[test]
    fn the_sentence_says_what_is_known_and_what_is_not() {
        let precision = Share { value: 0.78, low: 0.7, high: 0.85, n: 120 };
        let recall = Share { value: 0.84, low: 0.55, high: 0.95, n: 200 };
        let known = board([60, 34, 26], Some(precision), Some(recall));
        let start = "Of 120 decided alerts, 78 % were right (95 % interval 70–85 %);";
        assert_eq!(said(&known), format!("{start} an estimated 84 % of the fraud is found."));
        let few = board([60, 34, 26], Some(precision), Some(Share { value: 1.0, low: 0.09, high: 1.0, n: 57 }));
        let unsure = "how much of the fraud is found is not sure, anything from 9–100 %: 57 audit cases are too few to say more.";
        assert_eq!(said(&few), format!("{start} {unsure}"));
        let undecided = board([0; 3], None, None);
        assert!(said(&undecided).starts_with("Nothing is decided yet. How good the 3 alerts"));
    }
}
