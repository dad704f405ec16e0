//! How a picture of any size is laid before the network.

use serde::{Deserialize, Serialize};

use crate::picture::Picture;

/// Weights of red, green and blue in grey (ITU-R BT.601).
const GREY: [f32; 3] = [0.299, 0.587, 0.114];
/// Least spread of a picture's pixels, in 256ths of full brightness: an empty picture must not become noise.
const LEAST_SPREAD: f32 = 4.0;
/// Pictures narrower than the view are drawn out to it, at most so many times: their characters get more columns, and it is
/// columns that tell characters apart.
const MOST_DRAWN_OUT: f64 = 2.0;

/// Size and colours of what the network sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// 1 for grey, 3 for colours.
    pub(crate) channels: usize,
    /// Whether a picture about keeps its aspect, and its margins go on beyond it, or fills the view whatever its aspect.
    pub(crate) keeps_aspect: bool,
}

/// Which point of a sheet lies under each pixel, both seen from their middles: point = matrix · pixel + shift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placement {
    /// Row by row; the first is across.
    pub(crate) matrix: [f32; 4],
    /// Across and down, in pixels.
    pub(crate) shift: [f32; 2],
}

impl Default for Placement {
    fn default() -> Self {
        Self { matrix: [1.0, 0.0, 0.0, 1.0], shift: [0.0, 0.0] }
    }
}

impl View {
    /// The picture in the size in which it is looked at.
    pub(crate) fn sheet(&self, picture: &Picture) -> Picture {
        let (height, mut width) = (self.height as u32, self.width as u32);
        if self.keeps_aspect {
            let natural = f64::from(picture.width()) * f64::from(height) / f64::from(picture.height().max(1));
            width = ((MOST_DRAWN_OUT * natural).round() as u32).clamp(1, width);
        }
        if (picture.width(), picture.height()) == (width, height) {
            return picture.clone();
        }
        picture.resized(width, height)
    }

    /// Writes what lies under each pixel, from 0 to 255, height × width × channels, between the sheet's pixels by their
    /// distance. Beyond the margins of the sheet its outermost pixels go on.
    pub(crate) fn render(&self, sheet: &Picture, placement: &Placement, pixels: &mut [f32]) {
        let sheet = Sheet::new(sheet);
        let [across_x, across_y, down_x, down_y] = placement.matrix;
        let middle = ((sheet.width - 1) as f32 / 2.0, (sheet.height - 1) as f32 / 2.0);
        for (y, row) in pixels.chunks_exact_mut(self.width * self.channels).enumerate() {
            let dy = y as f32 - (self.height - 1) as f32 / 2.0;
            for (x, pixel) in row.chunks_exact_mut(self.channels).enumerate() {
                let dx = x as f32 - (self.width - 1) as f32 / 2.0;
                let from_x = middle.0 + across_x * dx + across_y * dy + placement.shift[0];
                let from_y = middle.1 + down_x * dx + down_y * dy + placement.shift[1];
                let colours = sheet.at(from_x, from_y);
                if let [grey] = pixel {
                    *grey = colours.iter().zip(GREY).map(|(colour, weight)| colour * weight).sum();
                } else {
                    pixel.copy_from_slice(&colours);
                }
            }
        }
    }

    /// Shifts and scales the pixels to mean 0 and deviation 1, all channels alike.
    pub(crate) fn normalise(&self, pixels: &mut [f32]) {
        let n = pixels.len() as f32;
        let mean = pixels.iter().sum::<f32>() / n;
        let variance = pixels.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / n;
        let scale = variance.sqrt().max(LEAST_SPREAD).recip();
        pixels.iter_mut().for_each(|value| *value = (*value - mean) * scale);
    }
}

struct Sheet<'a> {
    rgb: &'a [u8],
    width: usize,
    height: usize,
}

impl<'a> Sheet<'a> {
    fn new(picture: &'a Picture) -> Self {
        Self { rgb: picture.rgb(), width: picture.width() as usize, height: picture.height() as usize }
    }

    /// The colours between four pixels.
    fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let (wx, wy) = (x - left as f32, y - top as f32);
        let pixel = |x: usize, y: usize| &self.rgb[(y * self.width + x) * 3..][..3];
        let corners = [pixel(left, top), pixel(right, top), pixel(left, bottom), pixel(right, bottom)];
        let weights = [(1.0 - wx) * (1.0 - wy), wx * (1.0 - wy), (1.0 - wx) * wy, wx * wy];
        let mut colours = [0.0; 3];
        for (corner, weight) in corners.iter().zip(weights) {
            colours.iter_mut().zip(*corner).for_each(|(sum, value)| *sum += weight * f32::from(*value));
        }
        colours
    }
}
