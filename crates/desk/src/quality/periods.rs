//! Days and weeks, and whether their truths have come.

use domain::Timestamp;
use domain::time::{DAY, HOUR, start_of_day, today};
use ml::measure::{Arrivals, Delays};
use store::{DelayCell, Periods};

use super::figures::Figures;

/// How far back delays are learnt from, in microseconds.
pub(super) const DELAYS_FROM: i64 = 180 * DAY;
/// Share of the truths that must usually have come by now for a period to be judged.
const MOST: f64 = 0.8;
/// From so many days on a part is a week.
const WEEKS_FROM: i64 = 32;

/// A day or a week, or an hour of a single day.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    /// First moment.
    pub from: Timestamp,
    /// First moment after it.
    pub until: Timestamp,
    /// Share (0 to 1) of its truths that has usually come by now; none where too few truths tell.
    pub arrived: Option<f64>,
    /// Whether most of them have: if not, it shows what came first, and not how good the model is.
    pub settled: bool,
    /// What is known of it.
    pub figures: Figures,
}

impl Period {
    pub(super) fn new(span: Span, arrived: Option<f64>, figures: Figures) -> Self {
        let settled = arrived.is_none_or(|share| share >= MOST);
        Self { from: span.from(), until: span.until(), arrived, settled, figures }
    }
}

/// Some hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    first: i64,
    end: i64,
}

impl Span {
    fn from(self) -> Timestamp {
        Timestamp(self.first * HOUR)
    }

    fn until(self) -> Timestamp {
        Timestamp(self.end * HOUR)
    }

    /// Share of the truths that has usually come by `now`, as if as much was asked in each hour until then.
    pub(super) fn arrived(self, delays: &Delays, now: Timestamp) -> f64 {
        let hours = self.first..self.end.min(now.hour() + 1);
        let (count, shares) = hours.fold((0, 0.0), |(count, sum), hour| {
            (count + 1, sum + delays.share_by(now.since(Timestamp(hour * HOUR + HOUR / 2))))
        });
        if count == 0 { 0.0 } else { shares / f64::from(count) }
    }
}

/// The last days until `now` by the clocks of a zone, today included: hours of one day, days of up to a month, else
/// weeks, of which the first may begin earlier.
pub(super) fn last_days(zone: &str, now: Timestamp, days: i64) -> (Timestamp, Timestamp, Periods) {
    let until = start_of_day(zone, today(zone, now) + 1);
    let hours = match days {
        1 => 1,
        2..WEEKS_FROM => 24,
        _ => 7 * 24,
    };
    // Where clocks are half an hour apart from UTC's, the hour in which the day ends belongs to it.
    let end = until.plus(HOUR - 1).hour();
    let count = (days * 24 + hours - 1) / hours;
    let first = end - count * hours;
    (Timestamp(first * HOUR), until, Periods { first, end, hours })
}

pub(super) fn spans(periods: Periods) -> impl Iterator<Item = Span> {
    let Periods { first, end, hours } = periods;
    (first..end).step_by(usize::try_from(hours).unwrap_or(1)).map(move |first| Span { first, end: first + hours })
}

/// Places of the periods that can be judged; all, if none can.
pub(super) fn settled(periods: &[Period]) -> Vec<i64> {
    let places = |wanted: &dyn Fn(&Period) -> bool| -> Vec<i64> {
        (0..).zip(periods).filter(|(_, period)| wanted(period)).map(|(place, _)| place).collect()
    };
    let known = places(&|period| period.settled && period.figures.known > 0);
    if known.is_empty() { places(&|_| true) } else { places(&|period| period.settled) }
}

/// Learns from truths by the day of their prediction. The age of a day is that of its last moment.
pub(super) fn delays(cells: &[DelayCell], now: Timestamp) -> Option<Delays> {
    let arrivals = cells.iter().map(|cell| Arrivals {
        age: now.since(Timestamp((cell.day + 1) * DAY)),
        step: cell.step,
        outcomes: u64::try_from(cell.outcomes).unwrap_or(0),
    });
    Delays::learn(&arrivals.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_end_by_the_organisations_clocks_and_weeks_are_whole() {
        let now = Timestamp::parse_rfc3339("2026-03-04T12:30:00Z").unwrap();
        let (from, until, periods) = last_days("Europe/Berlin", now, 7);
        assert_eq!((from.rfc3339(), until.rfc3339()), ("2026-02-25T23:00:00Z".into(), "2026-03-04T23:00:00Z".into()));
        assert_eq!((periods.hours, spans(periods).count()), (24, 7));
        let (from, _, periods) = last_days("UTC", now, 90);
        assert_eq!((from.rfc3339().as_str(), spans(periods).count()), ("2025-12-04T00:00:00Z", 13));
        assert_eq!(spans(last_days("UTC", now, 1).2).count(), 24);
        let late = Timestamp::parse_rfc3339("2026-03-04T18:15:00Z").unwrap();
        let (_, until, periods) = last_days("Asia/Kolkata", late, 1);
        assert_eq!(until.rfc3339(), "2026-03-04T18:30:00Z");
        assert_eq!((periods.end - 1, spans(periods).count()), (late.hour(), 24), "the hour under way is one of its");
    }

    /// Truths take two days; of yesterday none can have come.
    #[test]
    fn a_period_is_settled_when_most_of_its_truths_have_come() {
        let now = Timestamp(40 * DAY);
        let cells: Vec<DelayCell> =
            (10..38).map(|day| DelayCell { day, step: domain::delay::step(40 * HOUR), outcomes: 5 }).collect();
        let delays = delays(&cells, now).unwrap();
        let day = |day: i64| Span { first: day * 24, end: day * 24 + 24 };
        assert_eq!(day(30).arrived(&delays, now), 1.0);
        assert!(day(39).arrived(&delays, now) < 0.05 && day(40).arrived(&delays, now) < 0.05);
        let period = |day: Span, known: u64| {
            Period::new(day, Some(day.arrived(&delays, now)), Figures { known, ..Figures::default() })
        };
        assert_eq!(settled(&[period(day(30), 5), period(day(31), 0), period(day(39), 2)]), [0, 1]);
        assert_eq!(settled(&[period(day(30), 0), period(day(39), 2)]), [0, 1], "nothing can be said of what has come");
    }
}
