//! A model as files and back.

use std::collections::BTreeMap;

use domain::specification::{Column, Task};
use serde::{Deserialize, Serialize};

use super::{Calibration, Fitted, Member, Model, Recoding};
use crate::encode::Encoder;
use crate::linear::Linear;
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

fn bytes<'a>(files: &'a BTreeMap<String, Vec<u8>>, name: &str) -> Result<&'a [u8], LoadError> {
    files.get(name).map(Vec::as_slice).ok_or_else(|| LoadError::Missing(name.to_owned()))
}

fn unreadable<E: std::fmt::Display>(file: &str) -> impl FnOnce(E) -> LoadError {
    let file = file.to_owned();
    move |error| LoadError::Unreadable { file, reason: error.to_string() }
}
