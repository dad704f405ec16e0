//! Pictures out of nothing: strokes and areas on a canvas, seen through an honest camera. No font, no IO.

mod blocks;
mod camera;
mod canvas;
mod glyphs;

use rand::{Rng, RngExt};

pub(crate) use camera::{Camera, Place, soil};
pub(crate) use canvas::{Box2, Canvas, Colour};
pub(crate) use glyphs::Face;

/// A picture and what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green and blue of each pixel, row by row from the upper left.
    pub rgb: Vec<u8>,
    /// The truth.
    pub text: String,
    /// Which camera took it.
    pub source: String,
}

impl Drawn {
    pub(crate) fn of(canvas: &Canvas, text: String, source: String) -> Self {
        Self { width: canvas.width as u32, height: canvas.height as u32, rgb: canvas.rgb(), text, source }
    }
}

pub(crate) fn between(rng: &mut impl Rng, low: f32, high: f32) -> f32 {
    low + (high - low) * rng.random::<f32>()
}

/// Near zero, mostly within ±1: the sum of four even draws, scaled to a variance of one third.
pub(crate) fn wobble(rng: &mut impl Rng) -> f32 {
    (0..4).map(|_| rng.random::<f32>() - 0.5).sum()
}

pub(crate) fn pick<'a, T>(rng: &mut impl Rng, from: &'a [T]) -> &'a T {
    &from[rng.random_range(0..from.len())]
}

pub(crate) fn chance(rng: &mut impl Rng, probability: f32) -> bool {
    rng.random::<f32>() < probability
}

/// Any colour whose brightness lies in the range and whose channels differ by up to `vivid`.
pub(crate) fn colour(rng: &mut impl Rng, low: f32, high: f32, vivid: f32) -> Colour {
    let base = between(rng, low, high);
    [0; 3].map(|_| (base + vivid * wobble(rng)).clamp(0.0, 1.0))
}
