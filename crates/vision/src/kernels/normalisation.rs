//! Batch normalisation over one slice of the batch (Ioffe & Szegedy 2015; over small parts of the batch as in Hoffer et al.
//! 2017, "Train longer, generalize better"). So slices need not wait for one another.

use std::ops::Range;

use super::vectorised;

const EPSILON: f32 = 1e-5;

/// Where whole pixels lie, one after the other, channels last.
pub(crate) trait Lines: Iterator<Item = Range<usize>> + Clone {}
impl<I: Iterator<Item = Range<usize>> + Clone> Lines for I {}

fn pixels(lines: impl Lines, channels: usize) -> f32 {
    (lines.map(|line| line.len()).sum::<usize>() / channels) as f32
}

/// Mean and variance of each channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Moments {
    pub(crate) mean: Vec<f32>,
    pub(crate) variance: Vec<f32>,
}

impl Moments {
    /// The affine map (scale, shift) that normalises and then applies `gain` and `offset`.
    pub(crate) fn affine(&self, gain: &[f32], offset: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let scale: Vec<f32> = gain.iter().zip(&self.variance).map(|(gain, v)| gain / (v + EPSILON).sqrt()).collect();
        let shift = offset.iter().zip(&self.mean).zip(&scale).map(|((offset, mean), scale)| offset - mean * scale);
        let shift = shift.collect();
        (scale, shift)
    }
}

/// Mean and variance of each channel over the pixels that lie in `lines` of `raw`.
pub(crate) fn moments(lines: impl Lines, channels: usize, raw: &[f32]) -> Moments {
    let n = pixels(lines.clone(), channels);
    let (mut sums, mut squares) = (vec![0.0_f32; channels], vec![0.0_f32; channels]);
    vectorised(
        #[inline(always)]
        || {
            for line in lines {
                for pixel in raw[line].chunks_exact(channels) {
                    sums.iter_mut().zip(&mut squares).zip(pixel).for_each(|((sum, square), value)| {
                        *sum += value;
                        *square += value * value;
                    });
                }
            }
        },
    );
    let mean: Vec<f32> = sums.iter().map(|sum| sum / n).collect();
    let variance = squares.iter().zip(&mean).map(|(square, mean)| (square / n - mean * mean).max(0.0)).collect();
    Moments { mean, variance }
}

/// The derivative by `shift`: the sum of the `slopes` by what was shifted.
pub(crate) fn by_shift(lines: impl Lines, slopes: &[f32], shift: &mut [f32]) {
    let channels = shift.len();
    shift.fill(0.0);
    vectorised(
        #[inline(always)]
        || {
            for line in lines {
                for pixel in slopes[line].chunks_exact(channels) {
                    shift.iter_mut().zip(pixel).for_each(|(sum, slope)| *sum += slope);
                }
            }
        },
    );
}

/// Turns the `slopes` by the normalised output into those by `raw`, and gives the derivatives by gain and offset.
pub(crate) fn by_normalised(
    lines: impl Lines,
    raw: &[f32],
    (moments, gain): (&Moments, &[f32]),
    slopes: &mut [f32],
    (by_gain, by_offset): (&mut [f32], &mut [f32]),
) {
    let channels = gain.len();
    by_gain.fill(0.0);
    by_offset.fill(0.0);
    vectorised(
        #[inline(always)]
        || {
            for line in lines.clone() {
                for (raw, slopes) in raw[line.clone()].chunks_exact(channels).zip(slopes[line].chunks_exact(channels)) {
                    let sums = by_gain.iter_mut().zip(by_offset.iter_mut()).zip(&moments.mean);
                    sums.zip(raw.iter().zip(slopes)).for_each(|(((by_gain, by_offset), mean), (raw, slope))| {
                        *by_gain += slope * (raw - mean);
                        *by_offset += slope;
                    });
                }
            }
        },
    );
    let inverse: Vec<f32> = moments.variance.iter().map(|v| (v + EPSILON).sqrt().recip()).collect();
    by_gain.iter_mut().zip(&inverse).for_each(|(by_gain, inverse)| *by_gain *= inverse);
    let n = pixels(lines.clone(), channels);
    // slope · a + raw · b + c, where b takes out what goes along with the value and c what all have in common
    let a: Vec<f32> = gain.iter().zip(&inverse).map(|(gain, inverse)| gain * inverse).collect();
    let b: Vec<f32> = a.iter().zip(&inverse).zip(&*by_gain).map(|((a, inverse), g)| -a * inverse * g / n).collect();
    let c: Vec<f32> = (0..channels).map(|i| -b[i] * moments.mean[i] - a[i] * by_offset[i] / n).collect();
    vectorised(
        #[inline(always)]
        || {
            for line in lines {
                let pixels = raw[line.clone()].chunks_exact(channels).zip(slopes[line].chunks_exact_mut(channels));
                for (raw, slopes) in pixels {
                    let map = a.iter().zip(&b).zip(&c).zip(raw);
                    slopes
                        .iter_mut()
                        .zip(map)
                        .for_each(|(slope, (((a, b), c), raw))| *slope = *slope * a + raw * b + c);
                }
            }
        },
    );
}
