//! Measuring: metrics, curves, calibration, thresholds, intervals, and the splits that keep them honest.
//!
//! Everything here is a pure function of slices: scores come in as `f32`, figures go out as `f64`. Input that cannot be
//! measured (`NaN`, a probability outside 0 to 1, an unknown class) is refused with its row; a figure that the rows do not
//! define (recall without a positive, R² of a constant) is `None`, never `NaN` and never a guessed 0.
//!
//! A case is called positive when `score >= threshold`, everywhere.

mod baseline;
mod bootstrap;
mod calibration;
mod confusion;
mod curves;
mod delays;
mod drift;
mod error;
mod estimate;
mod expected;
mod live;
mod metrics;
mod multiclass;
mod ranking;
mod regression;
mod reliability;
mod scored;
pub mod splits;
mod strata;
mod sweep;
mod texts;
mod threshold;

#[cfg(test)]
mod tests;

pub use baseline::Baseline;
pub use bootstrap::{Difference, Interval, intervals, paired_difference};
pub use calibration::{Calibrator, Isotonic, Logistic, Temperature, fit_calibrator};
pub use confusion::ConfusionMatrix;
pub use curves::{CURVE_POINTS, PrecisionRecallPoint, RocPoint, precision_recall_curve, roc_curve};
pub use delays::{Arrivals, Delays};
pub use drift::{KolmogorovSmirnov, kolmogorov_smirnov};
pub use error::MeasureError;
pub use estimate::Estimate;
pub use expected::Expected;
pub use live::{Calibration, Live};
pub use metrics::{METRICS, MetricInfo, Metrics, metric};
pub use reliability::{CALIBRATION_BINS, ReliabilityBin, reliability, wilson};
pub use scored::Scored;
pub use splits::{Fold, Holdout, SplitError, SplitPlan, SplitRows};
pub use strata::Stratum;
pub use sweep::{Step, Sweep};
pub use texts::{ReadText, measure_texts, paired_text_difference, text_intervals};
pub use threshold::{Threshold, choose_threshold};
