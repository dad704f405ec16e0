//! Calibration and threshold, fitted on predictions of rows that the predicting learner had not seen.

use domain::specification::{Task, ThresholdRule};

use super::data::Data;
use super::error::TrainError;
use super::objective::outputs;
use crate::features::Target;
use crate::measure::{Temperature, Threshold, choose_threshold, fit_calibrator};
use crate::model::Calibration;

/// What turns margins into decisions.
pub(crate) struct Decision {
    pub(crate) calibration: Calibration,
    pub(crate) threshold: Option<f32>,
}

/// Fits calibration and threshold on the out-of-fold margins of each fold.
pub(crate) fn fit(data: &Data, margins: &[Vec<f64>], rule: ThresholdRule, seed: u64) -> Result<Decision, TrainError> {
    let rows: Vec<usize> = data.folds.iter().flat_map(|fold| fold.validation.iter().copied()).collect();
    let scores = outputs(data.task, &margins.concat(), data.width());
    match (data.task, data.target.select(&rows)) {
        (Task::Binary, Target::Classes { labels, .. }) => {
            let calibrator = fit_calibrator(&scores, &labels, seed)?;
            let mut calibrated = scores;
            calibrator.apply_all(&mut calibrated);
            let threshold = choose_threshold(&threshold_rule(rule), &calibrated, &labels)?;
            Ok(Decision { calibration: Calibration::Binary { calibrator }, threshold: Some(threshold) })
        }
        (_, Target::Classes { labels, classes }) => {
            let temperature = Temperature::fit(&scores, &labels, classes)?;
            Ok(Decision { calibration: Calibration::Multiclass { temperature }, threshold: None })
        }
        (_, Target::Values(_)) => Ok(Decision { calibration: Calibration::None, threshold: None }),
    }
}

fn threshold_rule(rule: ThresholdRule) -> Threshold {
    match rule {
        ThresholdRule::BestF1 => Threshold::BestF1,
        // to find no positive is to ask for nothing; the smallest share above it is the first positive
        ThresholdRule::TargetRecall { recall } => Threshold::TargetRecall { recall: recall.max(f64::MIN_POSITIVE) },
        ThresholdRule::MaxFalsePositiveRate { rate } => Threshold::MaxFalsePositiveRate { rate },
        ThresholdRule::Costs { false_positive, false_negative } => Threshold::Costs { false_positive, false_negative },
        ThresholdRule::Fixed { threshold } => Threshold::Fixed { threshold: threshold as f32 },
    }
}
