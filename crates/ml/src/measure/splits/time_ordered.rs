//! Parts that follow one another in time; rows of one moment stay together.

use super::{Fold, Holdout, SplitError};

/// Holds back the last share, cut at the change of moment nearest to it.
pub(super) fn hold_out(all: &[usize], times: &[i64], share: f64) -> Result<Holdout, SplitError> {
    let order = Order::new(all, times);
    let cuts = order.cuts(&[1.0 - share])?;
    Ok(Holdout { development: order.between(0, cuts[0]), held_back: order.between(cuts[0], order.rows.len()) })
}

/// `count + 1` blocks of nearly equal size; fold `i` learns from blocks `0 ..= i` and is judged on block `i + 1`.
pub(super) fn folds(within: &[usize], times: &[i64], count: usize) -> Result<Vec<Fold>, SplitError> {
    let order = Order::new(within, times);
    let shares: Vec<f64> = (1..=count).map(|block| block as f64 / (count + 1) as f64).collect();
    let mut cuts = order.cuts(&shares)?;
    cuts.push(order.rows.len());
    let fold = |pair: &[usize]| Fold { train: order.between(0, pair[0]), validation: order.between(pair[0], pair[1]) };
    Ok(cuts.windows(2).map(fold).collect())
}

struct Order {
    /// Rows by time.
    rows: Vec<usize>,
    /// Ranks at which a new moment begins, without 0.
    changes: Vec<usize>,
}

impl Order {
    fn new(within: &[usize], times: &[i64]) -> Self {
        let mut rows = within.to_vec();
        rows.sort_unstable_by_key(|&row| (times[row], row));
        let changes = (1..rows.len()).filter(|&rank| times[rows[rank]] != times[rows[rank - 1]]).collect();
        Self { rows, changes }
    }

    /// One cut for each ascending share of the rows: the nearest change of moment that is after the cut before and
    /// leaves a change for each cut to come.
    fn cuts(&self, shares: &[f64]) -> Result<Vec<usize>, SplitError> {
        if self.changes.len() < shares.len() {
            return Err(SplitError::TooFewMoments { moments: self.changes.len() + 1, needed: shares.len() + 1 });
        }
        let mut cuts = Vec::with_capacity(shares.len());
        let mut from = 0;
        for (made, share) in shares.iter().enumerate() {
            let until = self.changes.len() - (shares.len() - made - 1);
            let chosen = from + nearest(&self.changes[from..until], share * self.rows.len() as f64);
            cuts.push(self.changes[chosen]);
            from = chosen + 1;
        }
        Ok(cuts)
    }

    fn between(&self, from: usize, to: usize) -> Vec<usize> {
        let mut rows = self.rows[from..to].to_vec();
        rows.sort_unstable();
        rows
    }
}

/// Position of the rank nearest to `wanted`.
fn nearest(ranks: &[usize], wanted: f64) -> usize {
    let above = ranks.partition_point(|&rank| (rank as f64) < wanted);
    let distance = |at: usize| ranks.get(at).map_or(f64::INFINITY, |&rank| (rank as f64 - wanted).abs());
    match above.checked_sub(1) {
        Some(below) if distance(below) <= distance(above) => below,
        _ => above,
    }
}
