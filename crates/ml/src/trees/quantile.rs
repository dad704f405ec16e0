//! Where the cuts between bins lie.

/// One of so many bins is spent on each tail.
const TAIL: usize = 32;

/// Rows looked at when cuts are chosen; more are thinned out evenly.
const SAMPLE: usize = 200_000;

/// Ascending cuts that part `values` into at most `bins` bins: bin `b` holds `cuts[b - 1] < value <= cuts[b]`.
///
/// Cuts lie midway between neighbouring values. When there are more distinct values than bins, bins hold about equally
/// many rows, and a value heavy enough to fill a bin gets one of its own; the outermost bins are then halved again and
/// again, as rare events tend to lie far out, where equal shares see least. Each row counts once: weights are ignored.
/// Missing and infinite values have no say; infinities end up in the outermost bins.
pub(super) fn cuts(values: &[f32], bins: usize) -> Vec<f32> {
    let step = values.len().div_ceil(SAMPLE).max(1);
    let mut sorted: Vec<f32> = values.iter().step_by(step).copied().filter(|value| value.is_finite()).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let distinct = distinct(&sorted);
    if distinct.len() <= bins {
        return distinct.windows(2).map(|pair| midway(pair[0].0, pair[1].0)).collect();
    }
    let tail = bins / TAIL;
    let mut cuts = equal_shares(&distinct, sorted.len(), bins - 2 * tail);
    if let (Some(&first), Some(&last)) = (cuts.first(), cuts.last()) {
        cuts.splice(0..0, lower_halvings(&sorted, first, tail));
        cuts.extend(upper_halvings(&sorted, last, tail));
    }
    cuts
}

/// Ascending distinct values, each with the number of rows that carry it.
fn distinct(sorted: &[f32]) -> Vec<(f32, usize)> {
    // -0.0 and 0.0 compare equal, hence one chunk
    sorted.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect()
}

fn equal_shares(distinct: &[(f32, usize)], rows: usize, bins: usize) -> Vec<f32> {
    let heavy = |count: usize| count * bins >= rows;
    let mut light_bins = bins.saturating_sub(distinct.iter().filter(|(_, count)| heavy(*count)).count()).max(1);
    let mut light_rows: usize = distinct.iter().map(|(_, count)| *count).filter(|count| !heavy(*count)).sum();
    let (mut cuts, mut filled) = (Vec::with_capacity(bins), 0);
    for pair in distinct.windows(2) {
        let [(value, count), (next, next_count)] = [pair[0], pair[1]];
        filled += count;
        let full = filled * light_bins >= light_rows;
        if !(heavy(count) || heavy(next_count) || full) {
            continue;
        }
        if cuts.len() + 1 == bins {
            break;
        }
        cuts.push(midway(value, next));
        if !heavy(count) {
            // what was filled is shared out anew over the bins that are left
            light_rows -= filled.min(light_rows);
            light_bins = light_bins.saturating_sub(1).max(1);
        }
        filled = 0;
    }
    cuts
}

/// A number `m` with `low <= m < high`, halfway if possible.
fn midway(low: f32, high: f32) -> f32 {
    let middle = f64::midpoint(f64::from(low), f64::from(high)) as f32;
    if middle < high { middle } else { low }
}

/// Up to `count` ascending cuts below `first`, each with about half as many rows under it as the next.
fn lower_halvings(sorted: &[f32], first: f32, count: usize) -> Vec<f32> {
    let mut end = sorted.partition_point(|&value| value <= first);
    let mut cuts = Vec::with_capacity(count);
    while cuts.len() < count {
        let middle = sorted[end / 2];
        let below = sorted.partition_point(|&value| value < middle);
        if below == 0 {
            break;
        }
        cuts.push(midway(sorted[below - 1], middle));
        end = below;
    }
    cuts.reverse();
    cuts
}

/// Up to `count` ascending cuts above `last`, each with about half as many rows over it as the one before.
fn upper_halvings(sorted: &[f32], last: f32, count: usize) -> Vec<f32> {
    let mut start = sorted.partition_point(|&value| value <= last);
    let mut cuts = Vec::with_capacity(count);
    while let Some(&middle) = sorted.get(start + (sorted.len() - start) / 2).filter(|_| cuts.len() < count) {
        let below = sorted.partition_point(|&value| value < middle);
        if below <= start {
            break;
        }
        cuts.push(midway(sorted[below - 1], middle));
        start = below;
    }
    cuts
}
