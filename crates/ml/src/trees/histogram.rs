//! Sums of gradients per bin, without rounding.
//!
//! Gradients are rounded once, to multiples of a step so fine that even the sum of all rows is a multiple that `f64` can
//! hold. Such sums do not depend on the order of adding: a forest is the same for any number of threads, and a sibling's
//! histogram is the exact difference of two others.

use std::ops::{Add, AddAssign, Sub, SubAssign};

use super::bins::Block;

/// First and second derivative of the loss for one row, on a [`Grid`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Gradient {
    pub(super) slope: f32,
    pub(super) curvature: f32,
}

/// Gradients added up; aligned so that one instruction adds both.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(align(16))]
pub(super) struct Sums {
    pub(super) slope: f64,
    pub(super) curvature: f64,
}

impl From<Gradient> for Sums {
    fn from(gradient: Gradient) -> Self {
        Self { slope: gradient.slope.into(), curvature: gradient.curvature.into() }
    }
}

impl Add for Sums {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { slope: self.slope + other.slope, curvature: self.curvature + other.curvature }
    }
}

impl Sub for Sums {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { slope: self.slope - other.slope, curvature: self.curvature - other.curvature }
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Sums {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

/// The steps gradients are rounded to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    slope: f64,
    curvature: f64,
}

impl Grid {
    /// The finest grid on which `rows` gradients within the bounds add up exactly.
    pub(super) fn new(rows: usize, slope: f32, curvature: f32) -> Self {
        // 2⁵² steps for the sum, less one bit since bounds are rounded up to powers of two
        let bits = 51.0 - (rows as f64).log2().ceil();
        let step = |bound: f32| (f64::from(bound.max(f32::MIN_POSITIVE)).log2().ceil() - bits).exp2();
        Self { slope: step(slope), curvature: step(curvature) }
    }

    /// Rounds a row's derivatives; a positive curvature stays positive.
    #[inline]
    pub(super) fn round(&self, slope: f32, curvature: f32) -> Gradient {
        let least = if curvature > 0.0 { self.curvature as f32 } else { 0.0 };
        Gradient { slope: to_multiple(slope, self.slope), curvature: to_multiple(curvature, self.curvature).max(least) }
    }
}

/// The multiple of `step`, a power of two, nearest to `value`.
fn to_multiple(value: f32, step: f64) -> f32 {
    // next to this number neighbouring `f64` lie one step apart
    let anchor = step * 1.5 * (1_u64 << 52) as f64;
    ((f64::from(value) + anchor) - anchor) as f32
}

/// Sums of one feature, by bin code.
pub(super) type Bins = [Sums; 256];

/// Sums of all features, block by block.
pub(super) type Histogram = Vec<Vec<Bins>>;

/// An empty histogram for `blocks`.
pub(super) fn empty(blocks: &[Block]) -> Histogram {
    blocks.iter().map(|block| vec![[Sums::default(); 256]; block.width]).collect()
}

/// Fills `out` with the sums of `rows`.
pub(super) fn build(block: &Block, rows: &[u32], gradients: &[Gradient], out: &mut [Bins]) {
    out.iter_mut().for_each(|bins| bins.fill(Sums::default()));
    // a width known at compile time unrolls the loop over features
    match block.width {
        1 => add::<1>(block, rows, gradients, out),
        2 => add::<2>(block, rows, gradients, out),
        3 => add::<3>(block, rows, gradients, out),
        4 => add::<4>(block, rows, gradients, out),
        5 => add::<5>(block, rows, gradients, out),
        6 => add::<6>(block, rows, gradients, out),
        7 => add::<7>(block, rows, gradients, out),
        _ => add::<8>(block, rows, gradients, out),
    }
}

fn add<const WIDTH: usize>(block: &Block, rows: &[u32], gradients: &[Gradient], out: &mut [Bins]) {
    let (codes, _) = block.codes.as_chunks::<WIDTH>();
    let (out, _) = out.as_chunks_mut::<WIDTH>();
    let Some(out) = out.first_mut() else { return };
    for &row in rows {
        let sums = Sums::from(gradients[row as usize]);
        for (bins, &code) in out.iter_mut().zip(&codes[row as usize]) {
            bins[usize::from(code)] += sums;
        }
    }
}

/// Turns the parent's sums into those of the sibling of `child`.
pub(super) fn subtract(parent: &mut [Bins], child: &[Bins]) {
    for (parent, child) in parent.iter_mut().zip(child) {
        parent.iter_mut().zip(child).for_each(|(parent, child)| *parent -= *child);
    }
}
