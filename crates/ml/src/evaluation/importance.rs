//! How much worse the model is when one input is shuffled among the rows (Breiman, Machine Learning 45, 2001; Fisher et
//! al., JMLR 20, 2019).

use domain::specification::Task;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::truth::threshold;
use crate::features::{Features, Target};
use crate::measure::Scored;
use crate::model::{Fitted, Model};
use crate::progress::Cancelled;
use crate::training::Stage;

/// Shuffles of each column.
const REPEATS: usize = 5;
/// Rows that are looked at when trees answer.
const ROWS: usize = 3_000;
/// Answers in all, when a network answers.
const NETWORK_ANSWERS: usize = 60_000;
/// Answers in all.
const ANSWERS: usize = 1_000_000;

/// What one input column is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnImportance {
    /// Name of the input column.
    pub column: String,
    /// Mean loss of the metric when the column is shuffled; near 0 (or below, by chance) for a column without use.
    pub mean: f64,
    /// Standard deviation over the shuffles.
    pub deviation: f64,
}

/// Key of the metric that importance is measured in.
pub(super) fn metric(task: Task) -> &'static str {
    match task {
        Task::Binary => "pr_auc",
        Task::Multiclass => "log_loss",
        Task::Regression => "r2",
        Task::TextRecognition => "exact",
    }
}

/// Importance of each input column on rows that were not learnt from, the most important first.
pub(super) fn importance(
    model: &Model,
    features: &Features,
    target: &Target,
    seed: u64,
    stage: &mut Stage<'_>,
) -> Result<Vec<ColumnImportance>, Cancelled> {
    let columns = model.encoder().columns();
    let rows = chosen_rows(features.rows, limit(model, columns), seed);
    let (mut features, target) = (features.select(&rows), target.select(&rows));
    let Some(whole) = quality(model, &features, &target) else { return Ok(Vec::new()) };
    let mut found = Vec::with_capacity(columns);
    for column in 0..columns {
        let name = &model.encoder().names()[column];
        stage.say(column as f32 / columns as f32, &format!("importance of {name}"))?;
        let losses = (0..REPEATS).filter_map(|repeat| {
            let mut order: Vec<usize> = (0..rows.len()).collect();
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream((column * REPEATS + repeat) as u64 + 1);
            order.shuffle(&mut rng);
            shuffled_quality(model, &mut features, column, &order, &target).map(|quality| whole - quality)
        });
        let losses: Vec<f64> = losses.collect();
        let (mean, deviation) = crate::training::mean_and_deviation(&losses);
        found.push(ColumnImportance { column: name.clone(), mean, deviation });
    }
    found.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    Ok(found)
}

fn limit(model: &Model, columns: usize) -> usize {
    let network = model.members().iter().any(|member| matches!(member.fitted, Fitted::Network(_)));
    let answers = if network { NETWORK_ANSWERS } else { ANSWERS };
    (answers / (columns * REPEATS).max(1)).clamp(200, ROWS)
}

fn chosen_rows(rows: usize, limit: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    if rows > limit {
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        order.truncate(limit);
        order.sort_unstable();
    }
    order
}

/// The metric, turned so that more is better.
fn quality(model: &Model, features: &Features, target: &Target) -> Option<f64> {
    let outputs: Vec<f32> = model.outputs_of_features(features).into_iter().map(|output| output as f32).collect();
    let metrics = Scored::new(target, &outputs, threshold(model)).metrics().ok()?;
    let value = metrics.get(metric(model.task()))?;
    Some(if model.task() == Task::Multiclass { -value } else { value })
}

/// The quality with all features of one input column taken from other rows; `features` are as before afterwards.
fn shuffled_quality(
    model: &Model,
    features: &mut Features,
    column: usize,
    order: &[usize],
    target: &Target,
) -> Option<f64> {
    let range = model.encoder().features_of(column);
    let kept: Vec<Vec<f32>> = features.columns[range.clone()].iter().map(|feature| feature.values.clone()).collect();
    for (feature, kept) in features.columns[range.clone()].iter_mut().zip(&kept) {
        feature.values.iter_mut().zip(order).for_each(|(value, &from)| *value = kept[from]);
    }
    let quality = quality(model, features, target);
    features.columns[range].iter_mut().zip(kept).for_each(|(feature, kept)| feature.values = kept);
    quality
}
