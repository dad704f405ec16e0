//! What "better" means while learners are compared.

use domain::specification::Task;

use crate::features::Target;
use crate::measure::{Metrics, Sweep};
use crate::model::uncalibrated;

/// Positives below this share make PR-AUC the fairer headline.
const RARE: f64 = 0.2;

/// The figure by which leaderboards are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Headline {
    PrAuc,
    RocAuc,
    LogLoss,
    Rmse,
}

impl Headline {
    pub(crate) fn of(target: &Target) -> Self {
        match target {
            Target::Values(_) => Self::Rmse,
            Target::Classes { labels, classes: 2 } => {
                let positives = labels.iter().filter(|&&label| label == 1).count();
                if (positives as f64) < RARE * labels.len() as f64 { Self::PrAuc } else { Self::RocAuc }
            }
            Target::Classes { .. } => Self::LogLoss,
        }
    }

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::PrAuc => "pr_auc",
            Self::RocAuc => "roc_auc",
            Self::LogLoss => "log_loss",
            Self::Rmse => "rmse",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PrAuc => "PR-AUC",
            Self::RocAuc => "ROC-AUC",
            Self::LogLoss => "log loss",
            Self::Rmse => "root mean squared error",
        }
    }

    pub(crate) fn higher_is_better(self) -> bool {
        matches!(self, Self::PrAuc | Self::RocAuc)
    }
}

/// Figures of one set of rows: what people read and what decides. Higher merit is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Score {
    pub(crate) headline: f64,
    pub(crate) merit: f64,
}

/// Measures margins (rows × outputs) on their rows; `None` when the rows do not define the figure.
///
/// The merit of a binary task is the mean of both areas: PR-AUC alone hangs on the few highest scores and would choose
/// by luck, ROC-AUC alone hardly sees them.
pub(crate) fn score(task: Task, headline: Headline, margins: &[f64], target: &Target) -> Option<Score> {
    let outputs = outputs(task, margins, target.outputs());
    match target {
        Target::Classes { labels, classes: 2 } => {
            let sweep = Sweep::new(&outputs, labels).ok()?;
            let (roc, pr) = (sweep.roc_auc()?, sweep.average_precision()?);
            let headline = if headline == Headline::PrAuc { pr } else { roc };
            Some(Score { headline, merit: roc.midpoint(pr) })
        }
        Target::Classes { labels, classes } => {
            let loss = Metrics::multiclass(&outputs, labels, *classes).ok()?.log_loss?;
            Some(Score { headline: loss, merit: -loss })
        }
        Target::Values(values) => {
            let rmse = Metrics::regression(&outputs, values).ok()?.rmse?;
            Some(Score { headline: rmse, merit: -rmse })
        }
    }
}

/// Margins to uncalibrated outputs.
pub(crate) fn outputs(task: Task, margins: &[f64], width: usize) -> Vec<f32> {
    let mut outputs = margins.to_vec();
    outputs.chunks_exact_mut(width.max(1)).for_each(|row| uncalibrated(task, row));
    outputs.into_iter().map(|output| output as f32).collect()
}

/// Mean and standard deviation (divisor n − 1; 0 for a single value).
pub(crate) fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, if values.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 })
}
