//! Ranks, quantiles and normal scores.

/// `count` values at even steps of rank through `sorted`, with its first and last.
pub(crate) fn evenly(sorted: &[f32], count: usize) -> Vec<f32> {
    let Some(last) = sorted.len().checked_sub(1) else { return Vec::new() };
    (0..count).map(|step| sorted[step * last / (count - 1).max(1)]).collect()
}

/// Share of `sorted` below `value`, ties counting half.
pub(crate) fn mid_rank(sorted: &[f32], value: f32) -> f64 {
    let below = sorted.partition_point(|&v| v < value);
    let up_to = sorted.partition_point(|&v| v <= value);
    (below + up_to) as f64 / 2.0 / sorted.len() as f64
}

/// Linear interpolation of `ys` over ascending `xs`, level beyond both ends.
pub(crate) fn interpolate(xs: &[f32], ys: &[f32], x: f32) -> f32 {
    let above = xs.partition_point(|&knot| knot <= x);
    if above == 0 {
        return ys[0];
    }
    if above == xs.len() {
        return ys[above - 1];
    }
    let (low, high) = (f64::from(xs[above - 1]), f64::from(xs[above]));
    let share = ((f64::from(x) - low) / (high - low)) as f32;
    ys[above - 1] + share * (ys[above] - ys[above - 1])
}

/// The standard normal quantile of `share`, by bisection of the distribution function: it runs only while fitting, so
/// plainness is worth more than speed.
pub(crate) fn normal_score(share: f64) -> f32 {
    let (mut low, mut high) = (-6.0_f64, 6.0_f64);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if normal_distribution(middle) < share { low = middle } else { high = middle }
    }
    low as f32
}

/// Standard normal distribution function after Abramowitz & Stegun 26.2.17 (error below 7.5e-8).
fn normal_distribution(x: f64) -> f64 {
    const B: [f64; 5] = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let series = B.iter().rev().fold(0.0, |sum, b| (sum + b) * t);
    let tail = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * series;
    if x < 0.0 { tail } else { 1.0 - tail }
}
