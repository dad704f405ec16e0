//! Why a row got its score.

use domain::row::Cell;
use domain::specification::Task;
use serde::{Deserialize, Serialize};

use super::{Fitted, Model};
use crate::features::Unit;

/// Why one row got its score, by input column.
///
/// `base + Σ contributions` is `score_in_unit`, the score before calibration, which stretches scores without changing their
/// order. In a blend every member is explained by its own method and counts with its weight.
///
/// Binary tasks: log-odds of the positive class. Multiclass tasks: the logarithm of the decided class's probability, up to a
/// constant that all classes of the row share. Regression: the value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The score of the average row.
    pub base: f64,
    /// What base and contributions are measured in.
    pub unit: Unit,
    /// How contributions were found, in words.
    pub method: String,
    /// The class that is explained: the positive one, or the decided one of several; `None` for regression.
    pub class: Option<String>,
    /// The score before calibration.
    pub score_in_unit: f64,
    /// One entry for each input column, the largest in size first.
    pub contributions: Vec<ColumnContribution>,
}

/// The share of one input column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnContribution {
    /// Name of the input column.
    pub column: String,
    /// Signed share: above 0 speaks for the explained class or for a larger value.
    pub value: f32,
}

impl Model {
    /// Explains one row (one cell for each of [`Model::columns`]).
    #[must_use]
    pub fn explain(&self, row: &[Cell]) -> Explanation {
        let mut encoded = vec![f32::NAN; self.encoder.features()];
        self.encoder.encode_row(row, &mut encoded);
        let output = self.explained_output(row);
        let mut base = 0.0;
        let mut by_feature = vec![0.0; encoded.len()];
        for member in &self.members {
            let shares = member.contributions(&encoded, output);
            let weight = f64::from(member.weight);
            base += weight * f64::from(shares.base);
            by_feature.iter_mut().zip(&shares.values).for_each(|(sum, &share)| *sum += weight * f64::from(share));
        }
        Explanation {
            base,
            unit: if self.task == Task::Regression { Unit::Value } else { Unit::LogOdds },
            method: self.method(),
            class: self.explained_class(output),
            score_in_unit: base + by_feature.iter().sum::<f64>(),
            contributions: self.by_column(&by_feature),
        }
    }

    fn explained_output(&self, row: &[Cell]) -> usize {
        if self.task != Task::Multiclass {
            return 0;
        }
        let outputs = self.outputs(row);
        (0..outputs.len()).fold(0, |best, at| if outputs[at] > outputs[best] { at } else { best })
    }

    fn explained_class(&self, output: usize) -> Option<String> {
        let at = if self.task == Task::Binary { 1 } else { output };
        self.classes.get(at).cloned()
    }

    fn by_column(&self, by_feature: &[f64]) -> Vec<ColumnContribution> {
        let share = |(at, name): (usize, &String)| ColumnContribution {
            column: name.clone(),
            value: by_feature[self.encoder.features_of(at)].iter().sum::<f64>() as f32,
        };
        let mut shares: Vec<_> = self.encoder.names().iter().enumerate().map(share).collect();
        shares.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
        shares
    }

    fn method(&self) -> String {
        let mut methods: Vec<&str> = Vec::new();
        for member in &self.members {
            let method = match &member.fitted {
                Fitted::Linear(_) => "coefficients times distance from the mean",
                Fitted::Network(_) => crate::network::METHOD,
                Fitted::Boosted(_) => "Tree SHAP",
                Fitted::Forest(_) => "Tree SHAP, scaled to log-odds",
            };
            if !methods.contains(&method) {
                methods.push(method);
            }
        }
        methods.join(", ")
    }
}
