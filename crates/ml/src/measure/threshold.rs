//! Rules that turn scores into decisions.

use super::error::{MeasureError, check_threshold};
use super::sweep::Sweep;

/// How to choose the score from which a row is called positive.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum Threshold {
    /// The highest threshold that still finds this share of the positives.
    TargetRecall {
        /// Above 0, at most 1.
        recall: f64,
    },
    /// The lowest threshold that calls at most this share of the negatives positive.
    MaxFalsePositiveRate {
        /// 0 to 1.
        rate: f64,
    },
    /// The threshold with the lowest total cost.
    Costs {
        /// Cost of a false alarm.
        false_positive: f64,
        /// Cost of a missed positive, in the same unit.
        false_negative: f64,
    },
    /// The threshold with the highest F1.
    BestF1,
    /// A number somebody decided on.
    Fixed {
        /// Rows from this score up are called positive.
        threshold: f32,
    },
}

impl Threshold {
    /// Whether the rule's numbers make sense.
    ///
    /// # Errors
    /// [`MeasureError::Rule`] with what is wrong.
    pub fn check(&self) -> Result<(), MeasureError> {
        let cost = |cost: f64| cost.is_finite() && cost >= 0.0;
        let wrong = match *self {
            Self::TargetRecall { recall } if !(recall > 0.0 && recall <= 1.0) => "recall must be above 0 and at most 1",
            Self::MaxFalsePositiveRate { rate } if !(0.0..=1.0).contains(&rate) => "the rate must be between 0 and 1",
            Self::Costs { false_positive, false_negative } if !(cost(false_positive) && cost(false_negative)) => {
                "costs must be finite and not negative"
            }
            Self::Costs { false_positive, false_negative } if false_positive + false_negative == 0.0 => {
                "at least one cost must be above 0"
            }
            Self::Fixed { threshold } => return check_threshold(threshold),
            _ => return Ok(()),
        };
        Err(MeasureError::Rule(wrong))
    }
}

/// Applies `rule` to scored rows (probabilities and 0/1 labels), which must not be the rows that are reported on later:
/// a threshold is fitted like a parameter. Among equally good thresholds the highest wins, for fewer alarms.
///
/// The answer is one of the scores, or the next number above the highest score when it is best to call nothing
/// positive.
///
/// # Errors
/// When the rule or the rows are refused, or the class that the rule counts on does not occur.
pub fn choose_threshold(rule: &Threshold, scores: &[f32], labels: &[u32]) -> Result<f32, MeasureError> {
    rule.check()?;
    let sweep = Sweep::new(scores, labels)?;
    let (positives, negatives) = (sweep.positives(), sweep.negatives());
    match *rule {
        Threshold::Fixed { threshold } => Ok(threshold),
        Threshold::TargetRecall { .. } | Threshold::BestF1 if positives == 0 => Err(MeasureError::NoPositives),
        Threshold::MaxFalsePositiveRate { .. } if negatives == 0 => Err(MeasureError::NoNegatives),
        Threshold::TargetRecall { recall } => target_recall(&sweep, recall),
        Threshold::MaxFalsePositiveRate { rate } => max_false_positive_rate(&sweep, rate),
        Threshold::BestF1 => highest(&sweep, |hits, alarms| 2.0 * hits as f64 / (hits + alarms + positives) as f64),
        Threshold::Costs { false_positive, false_negative } => highest(&sweep, |hits, alarms| {
            -(alarms as f64 * false_positive + (positives - hits) as f64 * false_negative)
        }),
    }
}

fn target_recall(sweep: &Sweep, recall: f64) -> Result<f32, MeasureError> {
    // A hair of slack: 0.7 × 10 positives must be reached by 7 of them, whatever the product rounds to.
    let needed = recall * sweep.positives() as f64 - 1e-9;
    let mut enough = sweep.thresholds().filter(|&(_, hits, _)| hits as f64 >= needed);
    enough.next().map(|(score, ..)| score).ok_or(MeasureError::NoPositives)
}

fn max_false_positive_rate(sweep: &Sweep, rate: f64) -> Result<f32, MeasureError> {
    let allowed = rate * sweep.negatives() as f64 + 1e-9;
    let within = sweep.thresholds().take_while(|&(.., alarms)| alarms as f64 <= allowed);
    within.last().map_or_else(|| nothing(sweep), |(score, ..)| Ok(score))
}

/// The first threshold, from calling nothing positive downwards, with the highest value of true and false positives.
fn highest(sweep: &Sweep, value: impl Fn(u64, u64) -> f64) -> Result<f32, MeasureError> {
    let mut best = (nothing(sweep)?, value(0, 0));
    for (score, hits, alarms) in sweep.thresholds() {
        let value = value(hits, alarms);
        if value > best.1 {
            best = (score, value);
        }
    }
    Ok(best.0)
}

/// A threshold just above the highest score.
fn nothing(sweep: &Sweep) -> Result<f32, MeasureError> {
    sweep.steps().first().map(|step| step.score.next_up()).ok_or(MeasureError::Empty)
}
