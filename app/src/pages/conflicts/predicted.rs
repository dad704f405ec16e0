//! What was predicted, what came, and what came of the warnings.

use std::sync::Arc;

use desk::conflicts::{Avoided, ConflictFigures, Coverage, ScoreBin};
use leptos::prelude::*;

use super::figures::{between, whole};
use super::list::Listed;
use crate::charts::{Calibration, Series};
use crate::components::{Cell, CellLink, Column, ConfusionMatrix, Row, Table};
use crate::number;

/// Class names of the matrix.
const NONE: &str = "no conflict";
const CONFLICT: &str = "conflict";

/// The curve, and its points with what they are worth.
pub(super) fn calibration(board: &ConflictFigures) -> AnyView {
    if board.calibration.is_empty() {
        return view! { <p class="muted">"Of no prediction that came with a sync is it known yet what came."</p> }
            .into_any();
    }
    let points = |bins: &[ScoreBin]| bins.iter().map(|bin| (bin.predicted, bin.observed.value)).collect();
    let current = Series { name: String::from("as they came"), points: points(&board.calibration) };
    let warned = Series { name: String::from("warned of"), points: points(&board.warned) };
    let reference = (!board.warned.is_empty()).then_some(warned);
    let words = match &reference {
        None => "Predictions that came with a sync as it was recorded, so that nobody could heed them.",
        Some(_) => {
            "Predictions that came with a sync as it was recorded, so that nobody could heed them; dashed, those that a \
             client asked for before and was warned by. Where the dashed line lies lower, the warning helped."
        }
    };
    let rows = board.calibration.iter().map(bin_row).collect();
    let columns =
        vec![Column::text("Score"), Column::number("n"), Column::number("Predicted"), Column::number("Observed")];
    view! {
        <Calibration current reference/>
        <Table label="Predicted against observed" columns rows keep=true/>
        <p class="muted small">{words}</p>
    }
    .into_any()
}

fn bin_row(bin: &ScoreBin) -> Row {
    Row::new(vec![
        Cell::text(format!("{}–{}", number::fixed(bin.from, 1), number::fixed(bin.until, 1))),
        Cell::text(number::count(bin.observed.n)),
        Cell::text(number::percent(bin.predicted)),
        super::tables::share(bin.observed),
    ])
}

/// Each prediction at the threshold of its own time; a cell leads to its predictions.
pub(super) fn matrix(board: &ConflictFigures) -> AnyView {
    let covered = covered(&board.coverage);
    if board.matrix.n() == 0 {
        return view! { <p class="muted">"Of no prediction that came with a sync is it known yet what came."</p><p class="muted small">{covered}</p> }
            .into_any();
    }
    let matrix = board.matrix;
    let cells = [[matrix.passed, matrix.false_alarms], [matrix.missed, matrix.hits]];
    let counts = cells.map(|row| row.map(|n| u64::try_from(n).unwrap_or(0)).to_vec()).to_vec();
    let classes = vec![NONE.to_owned(), CONFLICT.to_owned()];
    let listed = Listed::of_period(board);
    let link: CellLink = Arc::new(move |actual: &str, predicted: &str| {
        let word = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        let cell =
            Listed { expected: word(predicted == CONFLICT), conflict: word(actual == CONFLICT), ..listed.clone() };
        Listed { asked: word(false), ..cell }.href(None)
    });
    let threshold = board.threshold;
    view! {
        <ConfusionMatrix classes counts threshold rows="that came with syncs" link=Some(link)/>
        <p class="muted small">
            {covered}
            " Each counts at the threshold of its own time. What a client asked for before a sync is left out here: a warning \
             that was heeded would look like a false one."
        </p>
    }
    .into_any()
}

/// Of how many predictions it is known what came.
fn covered(coverage: &Coverage) -> String {
    let known = coverage.observed as f64 / coverage.predictions.max(1) as f64;
    let overdue = coverage.predictions - coverage.observed - coverage.young;
    let young = match coverage.young {
        0 => String::new(),
        n => format!("; {} younger than 24 hours and not yet known", are(n)),
    };
    let next = match overdue {
        0 => String::new(),
        n => format!("; {} looked at next time, every 6 hours", are(n)),
    };
    let predictions = number::counted(coverage.predictions, "prediction", "predictions");
    format!(
        "Of {predictions} in this period it is known of {} ({}) what came{young}{next}.",
        number::count(coverage.observed),
        number::percent(known)
    )
}

/// `1 is`, `40 are`.
fn are(n: i64) -> String {
    format!("{} {}", number::count(n), if n == 1 { "is" } else { "are" })
}

/// What became of what clients were warned of.
pub(super) fn avoided(board: &ConflictFigures) -> AnyView {
    let Some(avoided) = &board.avoided else {
        let asked = match board.coverage.asked {
            0 => {
                "No client asked before a sync in this period. One that does is told whether to sync, to fetch first, or to ask \
                  its person to merge; what that avoids is estimated here."
            }
            _ => "No warning of this period has ended yet: that is known 24 hours after it.",
        };
        return view! { <p class="muted">{asked}</p> }.into_any();
    };
    let (warned, href) = (number::counted(avoided.warned, "sync", "syncs"), warned_of(board));
    let (ended, estimate, assumed) = (ended(avoided), estimate(avoided), assumed(avoided));
    view! {
        <p>"Clients asked about "<a href=href>{warned}</a>" and were told to fetch or to merge first. "{ended}</p>
        <p>{estimate}</p>
        <p class="muted small">{assumed}</p>
    }
    .into_any()
}

fn warned_of(board: &ConflictFigures) -> String {
    let yes = || String::from("yes");
    Listed { asked: yes(), expected: yes(), ..Listed::of_period(board) }.href(None)
}

fn ended(avoided: &Avoided) -> String {
    let (without, conflicted) = (number::count(avoided.without()), number::count(avoided.conflicted));
    format!("{without} of them then went without a conflict, {conflicted} did not.")
}

fn estimate(avoided: &Avoided) -> String {
    let expected = whole(avoided.expected);
    let (low, _) = avoided.interval();
    let verdict = match avoided.estimate() {
        more if more < 0.5 => String::from("no fewer came, so nothing shows that warnings avoided any"),
        estimate if low < 0.5 => {
            format!(
                "an estimated {} were avoided, but it may be none (95 % interval {})",
                whole(estimate),
                between(avoided)
            )
        }
        estimate => format!("an estimated {} were avoided (95 % interval {})", whole(estimate), between(avoided)),
    };
    format!("Without a warning about {expected} would have been expected: {verdict}.")
}

/// What must hold for the estimate to be right.
fn assumed(avoided: &Avoided) -> String {
    let compared = match avoided.compared {
        0 => {
            String::from("the score says. No sync with such a score came without a question, so nothing else can tell")
        }
        n => format!(
            "the {} with like scores that came without a question; where those are few, the score itself is believed",
            number::counted(n, "sync", "syncs")
        ),
    };
    format!(
        "Nothing was drawn at random who is warned. The estimate is right if a sync that was warned of would else have \
         conflicted as often as {compared}. Who asks may differ from who does not in ways that no score sees, and a sync that \
         was asked about twice counts twice."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_says_what_waits() {
        let coverage = Coverage { predictions: 200, asked: 10, observed: 150, young: 40 };
        assert_eq!(
            covered(&coverage).replace(number::NO_BREAK, " "),
            "Of 200 predictions in this period it is known of 150 (75.0 %) what came; 40 are younger than 24 hours and not yet known; \
             10 are looked at next time, every 6 hours."
        );
    }

    #[test]
    fn an_estimate_says_what_it_assumes() {
        let words = |compared| {
            let avoided = Avoided { warned: 20, conflicted: 3, expected: 12.3, low: 7.65, high: 16.95, compared };
            assumed(&avoided).replace(number::NO_BREAK, " ")
        };
        assert!(words(9).contains("as often as the 9 syncs with like scores"), "{}", words(9));
        assert!(words(0).contains("as often as the score says"), "{}", words(0));
        assert!(words(9).ends_with("a sync that was asked about twice counts twice."), "{}", words(9));
    }

    #[test]
    fn an_estimate_that_may_be_none_says_so() {
        let avoided =
            |conflicted, expected, low, high| Avoided { warned: 20, conflicted, expected, low, high, compared: 9 };
        assert!(
            estimate(&avoided(3, 12.3, 7.65, 16.95)).ends_with("an estimated 9 were avoided (95 % interval 5 to 14).")
        );
        assert!(estimate(&avoided(3, 5.0, 1.0, 9.0)).contains("an estimated 2 were avoided, but it may be none"));
        assert!(estimate(&avoided(6, 5.0, 1.0, 9.0)).contains("nothing shows that warnings avoided any"));
    }
}
