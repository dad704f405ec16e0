//! A model as files and back.

use std::collections::{BTreeMap, HashSet};

use domain::specification::{Column, ColumnKind, Task};
use serde::{Deserialize, Serialize};

use super::{Calibration, Fitted, Member, Model, Recoding};
use crate::encode::Encoder;
use crate::linear::Linear;
use crate::measure::{Calibrator, Logistic};
use crate::network::Network;
use crate::trees::Forest;

/// Name of the file that describes the model; estimators lie beside it.
pub const MODEL_FILE: &str = "model.json";
const FORMAT: &str = "verdict-model/1";
const MOST_MEMBERS: usize = 64;

/// Why a model cannot become files.
#[derive(Debug, thiserror::Error)]
#[error("the model cannot be stored: {0}")]
pub struct StoreError(String);

/// Why files are no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A file is not there.
    #[error("the model's file `{0}` is missing")]
    Missing(String),
    /// A file cannot be read.
    #[error("the model's file `{file}` cannot be read: {reason}")]
    Unreadable {
        /// Its name.
        file: String,
        /// Why.
        reason: String,
    },
    /// The files contradict one another.
    #[error("the model contradicts itself: {0}")]
    Inconsistent(&'static str),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    task: Task,
    classes: Vec<String>,
    columns: Vec<Column>,
    encoder: Encoder,
    members: Vec<StoredMember>,
    calibration: Calibration,
    threshold: Option<f32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredMember {
    kind: Kind,
    file: String,
    weight: f32,
    #[serde(default, skip_serializing_if = "Recoding::is_empty")]
    recoding: Recoding,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Linear,
    Network,
    Boosted,
    Forest,
}

impl Model {
    /// The model as named files; equal models give equal bytes.
    ///
    /// # Errors
    /// [`StoreError`] when a number of the model is not finite.
    pub fn to_files(&self) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
        let mut files = BTreeMap::new();
        let mut members = Vec::new();
        for (at, member) in self.members.iter().enumerate() {
            let (kind, bytes) = member.fitted.to_bytes()?;
            let file = format!("estimator-{}.safetensors", at + 1);
            files.insert(file.clone(), bytes);
            members.push(StoredMember { kind, file, weight: member.weight, recoding: member.recoding.clone() });
        }
        let stored = Stored {
            format: FORMAT.into(),
            task: self.task,
            classes: self.classes.clone(),
            columns: self.columns.clone(),
            encoder: self.encoder.clone(),
            members,
            calibration: self.calibration.clone(),
            threshold: self.threshold,
        };
        let text = serde_json::to_vec_pretty(&stored).map_err(|error| StoreError(error.to_string()))?;
        files.insert(MODEL_FILE.into(), text);
        Ok(files)
    }

    /// Reads what [`Model::to_files`] wrote, trusting nothing in it; further files are not looked at.
    ///
    /// # Errors
    /// [`LoadError`] naming the file or the contradiction.
    pub fn from_files(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, LoadError> {
        let stored: Stored = serde_json::from_slice(bytes(files, MODEL_FILE)?).map_err(unreadable(MODEL_FILE))?;
        if stored.format != FORMAT {
            return Err(LoadError::Inconsistent("its format is of another program"));
        }
        if stored.members.len() > MOST_MEMBERS {
            return Err(LoadError::Inconsistent("it has too many estimators"));
        }
        let members = stored.members.into_iter().map(|member| {
            let fitted = Fitted::from_bytes(member.kind, &member.file, bytes(files, &member.file)?)?;
            Ok(Member { weight: member.weight, recoding: member.recoding, fitted })
        });
        let model = Self {
            task: stored.task,
            classes: stored.classes,
            columns: stored.columns,
            encoder: stored.encoder,
            members: members.collect::<Result<_, LoadError>>()?,
            calibration: stored.calibration,
            threshold: stored.threshold,
        };
        model.check()?;
        Ok(model)
    }

    /// Whether every part fits the others, so that answering can rely on it.
    fn check(&self) -> Result<(), LoadError> {
        require(self.classes_fit(), "its classes do not fit its task")?;
        require(self.encoder_fits(), "its encoding does not fit its columns")?;
        require(!self.members.is_empty(), "it has no estimator")?;
        for member in &self.members {
            require(member.weight.is_finite() && member.weight > 0.0, "an estimator's weight is not above 0")?;
            require(member.recoding.is_sound(self.encoder.features()), "a recoding does not fit its features")?;
            require(member.fitted.features() == self.encoder.features(), "an estimator has other features")?;
            require(member.fitted.answers(self.task, self.width()), "an estimator answers another task")?;
        }
        let total: f32 = self.members.iter().map(|member| member.weight).sum();
        require((total - 1.0).abs() < 1e-3, "its estimators' weights do not add up to 1")?;
        require(self.calibration_fits(), "its calibration cannot be used")?;
        let threshold = self.threshold.is_some_and(f32::is_finite);
        require(threshold == (self.task == Task::Binary), "its threshold does not fit its task")
    }

    fn classes_fit(&self) -> bool {
        let distinct: HashSet<_> = self.classes.iter().collect();
        let count = match self.task {
            Task::Binary => self.classes.len() == 2,
            Task::Multiclass => self.classes.len() >= 3,
            Task::Regression => self.classes.is_empty(),
        };
        count && distinct.len() == self.classes.len()
    }

    fn encoder_fits(&self) -> bool {
        let names = self.columns.iter().map(|column| &column.name).eq(self.encoder.names());
        names
            && !self.columns.is_empty()
            && self.columns.iter().enumerate().all(|(at, column)| self.kind_fits(at, column))
    }

    fn kind_fits(&self, at: usize, column: &Column) -> bool {
        let words = matches!(column.kind, ColumnKind::Categorical | ColumnKind::Text);
        let parts = self.encoder.features_of(at).len();
        let moment = column.kind == ColumnKind::DateTime;
        self.encoder.is_words(at) == words && (parts > 1) == moment
    }

    fn calibration_fits(&self) -> bool {
        match (&self.calibration, self.task) {
            (Calibration::None, Task::Regression) => true,
            (Calibration::Binary { calibrator }, Task::Binary) => is_sound(calibrator),
            (Calibration::Multiclass { temperature }, Task::Multiclass) => {
                temperature.temperature.is_finite() && temperature.temperature > 0.0
            }
            _ => false,
        }
    }
}

impl Fitted {
    fn to_bytes(&self) -> Result<(Kind, Vec<u8>), StoreError> {
        let refused = |error: String| StoreError(error);
        Ok(match self {
            Self::Linear(linear) => {
                (Kind::Linear, linear.to_safetensors().map_err(|error| refused(error.to_string()))?)
            }
            Self::Network(network) => {
                (Kind::Network, network.to_safetensors().map_err(|error| refused(error.to_string()))?)
            }
            Self::Boosted(forest) => {
                (Kind::Boosted, forest.to_safetensors().map_err(|error| refused(error.to_string()))?)
            }
            Self::Forest(forest) => {
                (Kind::Forest, forest.to_safetensors().map_err(|error| refused(error.to_string()))?)
            }
        })
    }

    fn from_bytes(kind: Kind, file: &str, bytes: &[u8]) -> Result<Self, LoadError> {
        Ok(match kind {
            Kind::Linear => Self::Linear(Linear::from_safetensors(bytes).map_err(unreadable(file))?),
            Kind::Network => Self::Network(Network::from_safetensors(bytes).map_err(unreadable(file))?),
            Kind::Boosted => Self::Boosted(Forest::from_safetensors(bytes).map_err(unreadable(file))?),
            Kind::Forest => Self::Forest(Forest::from_safetensors(bytes).map_err(unreadable(file))?),
        })
    }
}

fn is_sound(calibrator: &Calibrator) -> bool {
    let line = |line: &Logistic| line.slope.is_finite() && line.slope > 0.0 && line.intercept.is_finite();
    match calibrator {
        Calibrator::Identity => true,
        Calibrator::Logistic(logistic) => line(logistic),
        Calibrator::Isotonic(isotonic) => {
            let rising = |values: &[f64]| values.windows(2).all(|pair| pair[0] < pair[1]);
            let share = |value: &f64| (0.0..=1.0).contains(value);
            line(&isotonic.logistic)
                && isotonic.scores.len() == isotonic.shares.len()
                && !isotonic.scores.is_empty()
                && rising(&isotonic.scores)
                && rising(&isotonic.shares)
                && isotonic.scores.iter().chain(&isotonic.shares).all(share)
        }
    }
}

fn bytes<'a>(files: &'a BTreeMap<String, Vec<u8>>, name: &str) -> Result<&'a [u8], LoadError> {
    files.get(name).map(Vec::as_slice).ok_or_else(|| LoadError::Missing(name.to_owned()))
}

fn unreadable<E: std::fmt::Display>(file: &str) -> impl FnOnce(E) -> LoadError {
    let file = file.to_owned();
    move |error| LoadError::Unreadable { file, reason: error.to_string() }
}

fn require(holds: bool, otherwise: &'static str) -> Result<(), LoadError> {
    if holds { Ok(()) } else { Err(LoadError::Inconsistent(otherwise)) }
}
