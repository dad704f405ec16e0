//! Sums of gradients per bin, in whole numbers.
//!
//! Gradients are rounded once to 31 bits of the largest possible one. Integer sums do not depend on the order of adding,
//! so a forest is the same for any number of threads, and a sibling's histogram is the exact difference of two others.

use std::ops::{Add, AddAssign, Sub, SubAssign};

use super::bins::Block;

/// First and second derivative of the loss for one row, in steps of a [`Scale`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gradient {
    pub(super) slope: i32,
    pub(super) curvature: i32,
}

/// Gradients added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) slope: i64,
    pub(super) curvature: i64,
}

impl From<Gradient> for Sums {
    fn from(gradient: Gradient) -> Self {
        Self { slope: i64::from(gradient.slope), curvature: i64::from(gradient.curvature) }
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

/// Size of one step of a [`Gradient`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) slope: f64,
    pub(super) curvature: f64,
}

impl Scale {
    /// Steps fine enough that values up to the bounds fit 31 bits; powers of two, so that scaling loses nothing.
    pub(super) fn for_bounds(slope: f32, curvature: f32) -> Self {
        let step = |bound: f32| (f64::from(bound.max(f32::MIN_POSITIVE)).log2().ceil() - 30.0).exp2();
        Self { slope: step(slope), curvature: step(curvature) }
    }

    /// Rounds a row's derivatives; a positive curvature stays positive.
    pub(super) fn round(&self, slope: f32, curvature: f32) -> Gradient {
        let rounded = (f64::from(curvature) / self.curvature) as i32;
        let floor = i32::from(curvature > 0.0);
        Gradient { slope: (f64::from(slope) / self.slope) as i32, curvature: rounded.max(floor) }
    }

    /// Slope and curvature in their own units.
    pub(super) fn restore(&self, sums: Sums) -> (f64, f64) {
        (sums.slope as f64 * self.slope, sums.curvature as f64 * self.curvature)
    }
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
