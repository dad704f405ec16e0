//! Sentences about quality.

use desk::quality::{Estimate, Figures, LiveQuality, ScoreDrift};
use domain::Task;

use crate::number;

/// Who answered.
pub(in crate::pages) fn who(version: Option<i64>) -> String {
    match version {
        None => String::from("The model"),
        Some(0) => String::from("The heuristic"),
        Some(number) => format!("Version {number}"),
    }
}

/// `Version 3 was right in 91.2 % …`: the sentence that answers first, and the one that qualifies it.
pub(in crate::pages) fn answer(quality: &LiveQuality, days: i64) -> (String, String) {
    let (figures, who) = (&quality.whole, who(quality.version));
    let period = if days == 1 { String::from("of today") } else { format!("of the last {days} days") };
    if figures.predictions == 0 {
        return (format!("{who} answered nothing in this period."), String::new());
    }
    let known = format!(
        "the truth is known of {} of {}",
        number::count(figures.known),
        number::counted(figures.predictions, "prediction", "predictions")
    );
    let first = match (quality.model.task(), figures.accuracy(), &figures.errors) {
        (Task::Regression, _, Some(errors)) => format!(
            "{who} was off by {} on average{} in the predictions {period}.",
            number::value(errors.mean_absolute.value),
            between(&errors.mean_absolute, number::value)
        ),
        (task, Some(accuracy), _) => format!(
            "{who} {} in {}{} of the predictions {period}.",
            if task == Task::TextRecognition { "read exactly" } else { "was right" },
            number::percent(accuracy.value),
            between(&accuracy, number::percent)
        ),
        _ if figures.known == 0 => format!("No truth is known yet about what {} answered.", lower(&who)),
        _ => format!("How often {} was right cannot be told: nothing is known of one of its decisions.", lower(&who)),
    };
    (first, format!(" By outcomes: {known}{}.{}{}", covered(figures), expected(figures), coming(quality)))
}

/// `right 91.2 % (n 4,120)`: as much as fits into a table.
pub(in crate::pages) fn short(task: Task, figures: &Figures) -> String {
    let known = format!("(n{}{})", number::NO_BREAK, number::count(figures.known));
    match (task, figures.accuracy(), &figures.errors) {
        _ if figures.known == 0 => String::from("no outcomes yet"),
        (Task::Regression, _, Some(errors)) => format!("off by {} {known}", number::value(errors.mean_absolute.value)),
        (Task::TextRecognition, Some(exact), _) => format!("exact {} {known}", number::percent(exact.value)),
        (_, Some(accuracy), _) => format!("right {} {known}", number::percent(accuracy.value)),
        _ => precision(figures).map_or_else(|| known.clone(), |share| format!("precision {share} {known}")),
    }
}

fn precision(figures: &Figures) -> Option<String> {
    let precision = figures.measured.as_ref()?.precision?;
    Some(number::percent(precision.value))
}

fn lower(who: &str) -> String {
    who.replacen(|c: char| c.is_ascii_uppercase(), &who[..1].to_ascii_lowercase(), 1)
}

/// ` (95 %: 89.9 to 92.4 %)`.
pub(super) fn between(estimate: &Estimate, write: impl Fn(f64) -> String) -> String {
    format!(" (95{}%: {} to {})", number::NO_BREAK, write(estimate.low), write(estimate.high))
}

fn covered(figures: &Figures) -> String {
    figures.coverage().map_or_else(String::new, |share| format!(" ({})", number::percent(share)))
}

fn expected(figures: &Figures) -> String {
    let expected = figures.expected.as_ref().and_then(|expected| expected.accuracy);
    expected.map_or_else(String::new, |accuracy| {
        format!(" Its scores alone would expect {}.", number::percent(accuracy.value))
    })
}

fn coming(quality: &LiveQuality) -> String {
    let judged = quality.periods.iter().any(|period| period.settled && period.figures.known > 0);
    match quality.coming {
        0 => String::new(),
        _ if !judged => String::from(" Most truths of this time are still coming."),
        1 => String::from(" The truths of the newest part of this time are still coming; it is left out."),
        n => format!(" The truths of the {n} newest parts of this time are still coming; they are left out."),
    }
}

/// Whether scores drift, in a sentence.
pub(super) fn drift(drift: &ScoreDrift) -> String {
    let test = &drift.test;
    let verdict = match (drift.is_drift, test.higher) {
        (true, true) => "The scores have drifted upwards",
        (true, false) => "The scores have drifted downwards",
        (false, _) => "The scores are spread as at the evaluation",
    };
    format!(
        "{verdict}: the distributions are at most {} apart, at a score of {} (p {}; {} now, {} at the evaluation of \
         version {}).",
        number::metric(test.distance),
        number::value((drift.farthest_at() * 1e4).round() / 1e4),
        chance(test.p_value),
        number::counted(test.current, "score", "scores"),
        number::count(test.reference),
        drift.version
    )
}

fn chance(p: f64) -> String {
    if p < 0.001 { String::from("below 0.001") } else { number::metric(p) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_within_a_sentence_begins_small() {
        assert_eq!((who(Some(3)), lower(&who(Some(3)))), ("Version 3".into(), "version 3".into()));
        assert_eq!(lower(&who(Some(0))), "the heuristic");
    }
}
