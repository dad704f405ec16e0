//! Settings of a training.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::TrainError;

/// What may be set; the defaults were chosen on meters and number plates whose sources were held back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Passes over the examples. `None`: as many as take about the same time whatever the number and size of the pictures,
    /// from 12 to 400.
    pub epochs: Option<usize>,
    /// Pictures of one step. `None`: 64, or 32 where there are fewer than 5,000.
    pub batch: Option<usize>,
    /// Highest step of the optimiser, reached after a tenth of the training. `None`: 0.003, a third of it when it goes on
    /// from a reader.
    pub learning_rate: Option<f32>,
    /// Pull of the weights to 0, times the learning rate.
    pub weight_decay: f32,
    /// Share of the last layer's units that are silenced at a time.
    pub dropout: f32,
    /// Strength of the distortions that pictures are shown with; 0 shows them as they are.
    pub distortion: f32,
    /// Spread of a dial's labels round the true value, in steps.
    pub smoothing: f32,
    /// Factor on the channels of the network.
    pub width: f32,
    /// Whether colours are seen, or grey.
    pub colour: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            epochs: None,
            batch: None,
            learning_rate: None,
            weight_decay: 0.02,
            dropout: 0.3,
            distortion: 1.0,
            smoothing: 0.6,
            width: 1.0,
            colour: true,
        }
    }
}

impl Parameters {
    /// Settings by name.
    ///
    /// # Errors
    /// [`TrainError::Invalid`] on an unknown name or an impossible value.
    pub fn parse(map: &Map<String, Value>) -> Result<Self, TrainError> {
        let invalid = |field: &str, reason: String| TrainError::Invalid { field: field.to_owned(), reason };
        let parsed: Self = serde_json::from_value(Value::Object(map.clone()))
            .map_err(|error| invalid("parameters", error.to_string()))?;
        let within = |value: f32, low: f32, high: f32| (low..=high).contains(&value);
        let rules = [
            ("epochs", parsed.epochs.is_none_or(|epochs| (1..=1000).contains(&epochs)), "1 to 1000 are possible"),
            ("batch", parsed.batch.is_none_or(|batch| (8..=1024).contains(&batch)), "8 to 1024 are possible"),
            (
                "learning_rate",
                parsed.learning_rate.is_none_or(|rate| within(rate, 1e-6, 0.1)),
                "0.000001 to 0.1 is possible",
            ),
            ("weight_decay", within(parsed.weight_decay, 0.0, 1.0), "0 to 1 is possible"),
            ("dropout", within(parsed.dropout, 0.0, 0.9), "0 to 0.9 is possible"),
            ("distortion", within(parsed.distortion, 0.0, 3.0), "0 to 3 is possible"),
            ("smoothing", within(parsed.smoothing, 0.0, 5.0), "0 to 5 is possible"),
            ("width", within(parsed.width, 0.25, 4.0), "0.25 to 4 is possible"),
        ];
        match rules.iter().find(|(_, holds, _)| !holds) {
            Some((field, _, reason)) => Err(invalid(field, (*reason).to_owned())),
            None => Ok(parsed),
        }
    }
}
