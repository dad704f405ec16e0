//! What a model answered, and what turned out to be true.

use serde::{Deserialize, Serialize};

use crate::ids::{ModelId, OutcomeId, PredictionId, TenantId};
use crate::specification::Task;
use crate::time::Timestamp;

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// The champion version.
    Champion,
    /// The model's heuristic, because no version serves or its artifacts were refused.
    Heuristic,
}

impl Route {
    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Champion => "champion",
            Self::Heuristic => "heuristic",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Champion, Self::Heuristic].into_iter().find(|route| route.as_str() == word)
    }
}

/// A model's answer for one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Binary: probability of the positive class. Multiclass: probability of the decided class. Regression: the value.
    /// Text recognition: the confidence.
    pub score: f64,
    /// The class decided for; for regression the value as text; for text recognition the text.
    pub decision: String,
    /// Probability that the decision is right; `None` for regression.
    pub confidence: Option<f64>,
    /// Probability of each class, in the specification's order; empty for regression.
    pub probabilities: Vec<f64>,
}

impl Answer {
    /// Decides from what an estimator gave.
    ///
    /// `outputs` are as in `ml`: one probability of the positive class for a binary task, one probability a class for a
    /// multiclass task, one value for regression. `classes` has the negative class first for a binary task.
    #[must_use]
    pub fn decide(task: Task, classes: &[String], threshold: f64, outputs: &[f64]) -> Self {
        match task {
            Task::Binary => {
                let positive = outputs[0];
                let decided = usize::from(positive >= threshold);
                Self {
                    score: positive,
                    decision: classes[decided].clone(),
                    confidence: Some(if decided == 1 { positive } else { 1.0 - positive }),
                    probabilities: vec![1.0 - positive, positive],
                }
            }
            Task::Multiclass => {
                let best = argmax(outputs);
                Self {
                    score: outputs[best],
                    decision: classes[best].clone(),
                    confidence: Some(outputs[best]),
                    probabilities: outputs.to_vec(),
                }
            }
            Task::Regression => Self {
                score: outputs[0],
                decision: outputs[0].to_string(),
                confidence: None,
                probabilities: Vec::new(),
            },
            // A text is no choice between numbers; see [`Self::reading`].
            Task::TextRecognition => Self::reading(String::new(), 0.0),
        }
    }

    /// What was read from an image. An empty text with confidence 0 is the answer while no version serves.
    #[must_use]
    pub fn reading(text: String, confidence: f64) -> Self {
        Self { score: confidence, decision: text, confidence: Some(confidence), probabilities: Vec::new() }
    }
}

/// A logged answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Identity; sorts by time.
    pub id: PredictionId,
    /// Its organisation.
    pub tenant: TenantId,
    /// The model that was asked.
    pub model: ModelId,
    /// The version that answered; none is the heuristic.
    pub version: Option<i64>,
    /// Who answered.
    pub route: Route,
    /// When.
    pub at: Timestamp,
    /// The row as it was sent: JSON text.
    pub features: String,
    /// See [`Answer::score`].
    pub score: f64,
    /// See [`Answer::decision`].
    pub decision: String,
    /// See [`Answer::confidence`].
    pub confidence: Option<f64>,
    /// JSON list of [`Answer::probabilities`] of a multiclass answer; empty else.
    pub probabilities: String,
    /// From the parsed request to the answer, before it was made durable, in microseconds; of a request with several
    /// rows, their mean.
    pub latency_micros: i64,
    /// Who asked.
    pub actor: String,
}

/// A recorded truth about a prediction. Nothing is overwritten: a correction is the next record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Identity.
    pub id: OutcomeId,
    /// The prediction it is about.
    pub prediction: PredictionId,
    /// 1 for the first, 2 for its correction, …
    pub sequence: i64,
    /// What was true: a class, or a number as text.
    pub truth: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who recorded it.
    pub actor: String,
    /// Why it was corrected; empty for the first.
    pub reason: String,
    /// Where it came from.
    pub source: OutcomeSource,
}

/// Where a truth came from. Whatever the way, it ends in the same records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeSource {
    /// Somebody decided a case.
    Verdict,
    /// Somebody read an image, or put a recorded truth right.
    Correction,
    /// A program or a person reported it about a prediction.
    Feedback,
    /// A job looked later what had happened.
    Observation,
    /// It was known already when the rows came in.
    Import,
}

impl OutcomeSource {
    const ALL: [Self; 5] = [Self::Verdict, Self::Correction, Self::Feedback, Self::Observation, Self::Import];

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Correction => "correction",
            Self::Feedback => "feedback",
            Self::Observation => "observation",
            Self::Import => "import",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word)
    }
}

fn argmax(values: &[f64]) -> usize {
    (0..values.len()).fold(0, |best, i| if values[i] > values[best] { i } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_binary_answer_is_positive_from_its_threshold_on() {
        let names = classes(&["ok", "fraud"]);
        let at = Answer::decide(Task::Binary, &names, 0.25, &[0.25]);
        assert_eq!((at.decision.as_str(), at.confidence), ("fraud", Some(0.25)));
        let below = Answer::decide(Task::Binary, &names, 0.25, &[0.125]);
        assert_eq!((below.decision.as_str(), below.confidence), ("ok", Some(0.875)));
    }

    #[test]
    fn a_multiclass_answer_takes_the_first_of_the_most_probable() {
        let answer = Answer::decide(Task::Multiclass, &classes(&["a", "b", "c"]), 0.0, &[0.2, 0.4, 0.4]);
        assert_eq!((answer.decision.as_str(), answer.score), ("b", 0.4));
    }
}
