//! The declared recipe of a model. A [`Draft`] is what somebody wrote; a [`Specification`] is one that holds together.
//! Neither knows anything that is learnt from data: what is learnt belongs to a version.

mod draft;
mod readings;
mod serving;

use serde::{Deserialize, Serialize};

pub use draft::{DEFAULT_HOLDOUT, Draft, MAX_CLASSES, MAX_COLUMNS, MAX_NAME};
pub use serving::{FeatureSource, MAX_CACHE_SECONDS};

use crate::case::AUDIT_SHARE;
use crate::error::FieldError;
use crate::gate::Gate;
use crate::heuristic::Heuristic;
use crate::reading::Reading;
use crate::retraining::Rules;
use crate::schedule::Timetable;

/// What a model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One of two classes, one of them positive.
    Binary,
    /// One of three or more classes.
    Multiclass,
    /// A number.
    Regression,
    /// The text on an image.
    TextRecognition,
}

impl Task {
    /// Every task, in the order forms offer them.
    pub const ALL: [Self; 4] = [Self::Binary, Self::Multiclass, Self::Regression, Self::TextRecognition];

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Multiclass => "multiclass",
            Self::Regression => "regression",
            Self::TextRecognition => "text_recognition",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.as_str() == word)
    }
}

/// How a column's cells are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// A finite number.
    Numeric,
    /// One of a moderate number of words; numbers are taken as words.
    Categorical,
    /// True or false.
    Boolean,
    /// A moment; the model sees its cyclic parts.
    DateTime,
    /// Free or high-cardinality text, taken as a category: frequent values by themselves, the rest together.
    Text,
}

impl ColumnKind {
    /// Every kind, in the order forms offer them.
    pub const ALL: [Self; 5] = [Self::Numeric, Self::Categorical, Self::Boolean, Self::DateTime, Self::Text];

    /// The word used in pages, REST and specifications.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Categorical => "categorical",
            Self::Boolean => "boolean",
            Self::DateTime => "date_time",
            Self::Text => "text",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One input of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Name in the CSV header and in requests.
    pub name: String,
    /// How its cells are read.
    pub kind: ColumnKind,
    /// Whether a request may leave it out or say `null`.
    #[serde(default)]
    pub optional: bool,
    /// Further texts that mean "missing" in this column, beside the empty cell: `?`, `unknown`, `0`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// How rows are divided for evaluation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", deny_unknown_fields)]
pub enum Split {
    /// At random, each class spread evenly.
    #[default]
    Random,
    /// By a column of moments or numbers: what is held back lies after what is learnt from.
    Time {
        /// The column; it need not be an input.
        column: String,
    },
    /// All rows of one group on the same side.
    Group {
        /// The column; it need not be an input.
        column: String,
    },
    /// As they stand in the file, which is in the order of time.
    Order,
}

/// Which learner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EstimatorKind {
    /// Tries the others by cross-validation and takes the best, or their blend.
    #[default]
    Auto,
    /// Logistic regression; ridge regression for numbers.
    Logistic,
    /// The neural tabular network.
    Neural,
    /// Gradient-boosted trees.
    Boosted,
    /// A random forest.
    Forest,
}

impl EstimatorKind {
    /// Every kind, in the order forms offer them.
    pub const ALL: [Self; 5] = [Self::Auto, Self::Logistic, Self::Neural, Self::Boosted, Self::Forest];

    /// The word used in pages, REST, specifications and the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Logistic => "logistic",
            Self::Neural => "neural",
            Self::Boosted => "boosted",
            Self::Forest => "forest",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How the positive class is weighed against the negative one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeight {
    /// Every row counts the same.
    #[default]
    None,
    /// Both classes weigh the same in sum.
    Balanced,
    /// A positive row counts this often.
    Positive(f64),
}

/// The learner and its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimator {
    /// Which learner.
    #[serde(default)]
    pub kind: EstimatorKind,
    /// What differs from the learner's defaults; names and ranges are the learner's own.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub parameters: serde_json::Map<String, serde_json::Value>,
    /// Weight of the positive class (binary tasks).
    #[serde(default)]
    pub class_weight: ClassWeight,
    /// How much tuning `auto` does: about this many seconds' worth of work on two cores. It is turned into a number of
    /// trials by the size of the data, never by a clock, so that a seed gives the same version on any machine.
    #[serde(default = "default_budget")]
    pub budget_seconds: u32,
}

fn default_budget() -> u32 {
    120
}

impl Default for Estimator {
    fn default() -> Self {
        Self {
            kind: EstimatorKind::default(),
            parameters: serde_json::Map::new(),
            class_weight: ClassWeight::default(),
            budget_seconds: default_budget(),
        }
    }
}

/// Where a binary model says yes. Chosen on rows that are neither trained on nor reported on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule", deny_unknown_fields)]
pub enum ThresholdRule {
    /// The highest F1.
    #[default]
    BestF1,
    /// The highest threshold that still finds this share of the positives.
    TargetRecall {
        /// 0 to 1.
        recall: f64,
    },
    /// The lowest threshold that alarms on no more than this share of the negatives.
    MaxFalsePositiveRate {
        /// 0 to 1.
        rate: f64,
    },
    /// The lowest cost.
    Costs {
        /// Cost of one false alarm.
        false_positive: f64,
        /// Cost of one miss.
        false_negative: f64,
    },
    /// This one.
    Fixed {
        /// 0 to 1.
        threshold: f64,
    },
}

/// A recipe that holds together: made only by [`Draft::validate`], or read back from what that has made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Draft")]
pub struct Specification {
    /// What the model does.
    pub task: Task,
    /// Column to be learnt.
    pub target: String,
    /// The classes of a classification; the positive one of a binary task is the second. Empty for other tasks.
    pub classes: Vec<String>,
    /// Inputs, in order.
    pub columns: Vec<Column>,
    /// Columns of the data that are not to be learnt from.
    pub drop: Vec<String>,
    /// How rows are divided.
    pub split: Split,
    /// Column that says how much a row counts while it is learnt from. No input, and no part of measuring.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// Share of the rows that nothing touches until the end.
    pub holdout: f64,
    /// Share of what a binary model says no to that people look at all the same, so that it is known what is missed; see
    /// [`Self::audit_share`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_share: Option<f64>,
    /// The learner.
    pub estimator: Estimator,
    /// Where a binary model says yes.
    pub threshold: ThresholdRule,
    /// What a version must pass to be promoted.
    pub gates: Vec<Gate>,
    /// Who answers when no version serves.
    pub heuristic: Heuristic,
    /// How long an answer is kept for the same inputs, in seconds; none keeps none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_seconds: Option<u32>,
    /// Where inputs come from that a row does not name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<FeatureSource>,
    /// What a reading must look like; there for text recognition, and only there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    /// When a model learns again, and what becomes of what it learnt; see [`Self::retraining`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retraining: Option<Rules>,
    /// What is done by the clock.
    #[serde(skip_serializing_if = "Timetable::is_empty")]
    pub schedule: Timetable,
}

/// Everything that is wrong with a draft.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Invalid(pub Vec<FieldError>);

impl TryFrom<Draft> for Specification {
    type Error = Invalid;

    /// What was valid once stays readable: which time zones there are depends on the machine, and is asked no more.
    fn try_from(draft: Draft) -> Result<Self, Invalid> {
        draft.checked(Vec::new()).map_err(Invalid)
    }
}

impl Specification {
    /// The class that a binary model looks for.
    #[must_use]
    pub fn positive(&self) -> Option<&str> {
        if self.task == Task::Binary { self.classes.get(1).map(String::as_str) } else { None }
    }

    /// Share of the answers under the threshold that are drawn for people to look at.
    #[must_use]
    pub fn audit_share(&self) -> f64 {
        self.audit_share.unwrap_or(AUDIT_SHARE)
    }

    /// When it learns again, and what becomes of what it learnt.
    #[must_use]
    pub fn retraining(&self) -> Rules {
        self.retraining.clone().unwrap_or_default()
    }

    /// Column names that a request may carry without being an input: they are known, and not used.
    #[must_use]
    pub fn is_known_extra(&self, name: &str) -> bool {
        let split = match &self.split {
            Split::Time { column } | Split::Group { column } => column == name,
            Split::Random | Split::Order => false,
        };
        split || self.weight.as_deref() == Some(name) || self.drop.iter().any(|dropped| dropped == name)
    }

    /// Names of the columns that a row is told apart by: its inputs, or the image of a reading.
    pub fn input_names(&self) -> impl Iterator<Item = &str> {
        let image = self.reading.is_some().then_some(crate::reading::IMAGE);
        self.columns.iter().map(|column| column.name.as_str()).chain(image)
    }

    /// Hash of its canonical JSON.
    #[must_use]
    pub fn sha256(&self) -> String {
        crate::manifest::sha256(serde_json::to_string(self).unwrap_or_default().as_bytes())
    }
}
