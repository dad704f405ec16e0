//! What every grower asks of its inputs.

use super::TrainError;
use crate::features::{Features, Target};

/// Nodes of a forest at most: some 2 GB while it grows.
const MOST_NODES: usize = 50_000_000;

/// Checks that features, target and weights fit together, and answers one weight a row: its own, times `positive_weight` if
/// it belongs to class 1 of two.
pub(super) fn weights(
    x: &Features,
    y: &Target,
    weights: Option<&[f32]>,
    positive_weight: f32,
) -> Result<Vec<f32>, TrainError> {
    columns(x)?;
    target(x.rows, y)?;
    let mut all = match weights {
        Some(weights) if weights.len() != x.rows => return Err(TrainError::invalid("weights", "must be one a row")),
        Some(weights) => weights.to_vec(),
        None => vec![1.0; x.rows],
    };
    if let Target::Classes { labels, classes: 2 } = y {
        all.iter_mut().zip(labels).filter(|(_, label)| **label == 1).for_each(|(weight, _)| *weight *= positive_weight);
    }
    if all.iter().any(|weight| !weight.is_finite() || *weight < 0.0) {
        return Err(TrainError::invalid("weights", "must be numbers of at least 0"));
    }
    if all.iter().all(|&weight| weight == 0.0) {
        return Err(TrainError::invalid("weights", "are all 0"));
    }
    Ok(all)
}

/// Refuses rows of weight that all carry one class.
pub(super) fn several_classes(y: &Target, weights: &[f32]) -> Result<(), TrainError> {
    let Target::Classes { labels, .. } = y else { return Ok(()) };
    let mut seen = labels.iter().zip(weights).filter(|(_, weight)| **weight > 0.0).map(|(label, _)| label);
    let first = seen.next();
    if seen.any(|label| Some(label) != first) { Ok(()) } else { Err(TrainError::OneClass) }
}

/// Refuses trees that could hold more nodes together than fit into memory. `most_leaves` is of one tree.
pub(super) fn nodes(trees: usize, max_depth: u32, most_leaves: usize) -> Result<(), TrainError> {
    let nodes = trees.saturating_mul(2 * most_leaves.min(2_usize.saturating_pow(max_depth)));
    if nodes > MOST_NODES {
        let reason = format!(
            "could hold {nodes} nodes together on these rows, and {MOST_NODES} are possible; \
             set fewer or shallower trees, or larger leaves"
        );
        return Err(TrainError::invalid("trees", reason));
    }
    Ok(())
}

fn columns(x: &Features) -> Result<(), TrainError> {
    if x.rows == 0 {
        return Err(TrainError::NoRows);
    }
    if x.rows > u32::MAX as usize {
        return Err(TrainError::invalid("rows", "must be fewer than 2^32"));
    }
    if x.columns.is_empty() {
        return Err(TrainError::invalid("features", "must be at least one"));
    }
    if x.columns.iter().any(|column| column.values.len() != x.rows) {
        return Err(TrainError::invalid("features", "must hold one value a row"));
    }
    Ok(())
}

fn target(rows: usize, y: &Target) -> Result<(), TrainError> {
    if y.rows() != rows {
        return Err(TrainError::invalid("target", "must be one a row"));
    }
    match y {
        Target::Classes { classes: 0 | 1, .. } => Err(TrainError::invalid("target", "must have at least two classes")),
        Target::Classes { labels, classes } if labels.iter().any(|label| label >= classes) => {
            Err(TrainError::invalid("target", "holds a code beyond the number of classes"))
        }
        Target::Values(values) if values.iter().any(|value| !value.is_finite()) => {
            Err(TrainError::invalid("target", "must be finite"))
        }
        Target::Classes { .. } | Target::Values(_) => Ok(()),
    }
}
