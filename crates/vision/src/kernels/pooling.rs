//! What follows a convolution, in one pass: an affine map of each channel, a shortcut, relu and the largest of a window.

use super::grid::Grid;
use super::vectorised;

/// In place of the winner's number: nothing in the window was positive.
const NOBODY: u8 = u8::MAX;

/// Height and width of the pooled windows, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Window {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Window {
    pub(crate) fn area(self) -> usize {
        self.height * self.width
    }

    /// The grid of the pooled pixels.
    pub(crate) fn pooled(self, grid: Grid) -> Grid {
        Grid::new(grid.height / self.height, grid.width / self.width)
    }
}

/// A pass over `images` of `channels` on `grid`.
#[derive(Clone, Copy)]
pub(crate) struct Pooling {
    pub(crate) grid: Grid,
    pub(crate) window: Window,
    pub(crate) images: usize,
    pub(crate) channels: usize,
}

impl Pooling {
    /// The largest of relu(`raw` · `scale` + `shift` + `shortcut`) in each window. `winners` gets a number a pooled pixel
    /// and channel that says which pixel of the window it was, for the way back.
    pub(crate) fn forward(
        &self,
        raw: &[f32],
        (scale, shift): (&[f32], &[f32]),
        shortcut: Option<&[f32]>,
        out: &mut [f32],
        mut winners: Option<&mut [u8]>,
    ) {
        vectorised(
            #[inline(always)]
            || {
                self.each_window(|target, pixels| {
                    let best = &mut out[target.clone()];
                    let mut winners = winners.as_deref_mut().map(|winners| &mut winners[target.clone()]);
                    for number in 0..self.window.area() {
                        let from = self.pixel(pixels, number);
                        let shortcut = shortcut.map(|shortcut| &shortcut[from..from + self.channels]);
                        let rows = Rows { raw: &raw[from..from + self.channels], scale, shift, shortcut };
                        rows.larger(number as u8, best, winners.as_deref_mut());
                    }
                    relu(best, winners);
                });
            },
        );
    }

    /// The derivative by the sum before relu, from `up`, that by the pooled pixels: it goes to the winners alone. All
    /// pixels of `slopes` are written, its frame is left as it is.
    pub(crate) fn backward(&self, up: &[f32], winners: &[u8], slopes: &mut [f32]) {
        vectorised(
            #[inline(always)]
            || {
                self.each_window(|target, pixels| {
                    for number in 0..self.window.area() {
                        let from = self.pixel(pixels, number);
                        let slopes = &mut slopes[from..from + self.channels];
                        let up = up[target.clone()].iter().zip(&winners[target.clone()]);
                        slopes.iter_mut().zip(up).for_each(|(slope, (up, winner))| {
                            *slope = if *winner == number as u8 { *up } else { 0.0 };
                        });
                    }
                });
            },
        );
    }

    /// Calls with where each pooled pixel's numbers lie, and the number of its window's first pixel.
    #[inline(always)]
    fn each_window(&self, mut work: impl FnMut(std::ops::Range<usize>, usize)) {
        let pooled = self.window.pooled(self.grid);
        for image in 0..self.images {
            for y in 0..pooled.height {
                for x in 0..pooled.width {
                    let start = pooled.at(image, y, x) * self.channels;
                    let first = self.grid.at(image, y * self.window.height, x * self.window.width);
                    work(start..start + self.channels, first);
                }
            }
        }
    }

    /// Where pixel `number` of the window that begins at pixel `first` begins.
    #[inline(always)]
    fn pixel(&self, first: usize, number: usize) -> usize {
        let (down, right) = (number / self.window.width, number % self.window.width);
        (first + down * self.grid.row() + right) * self.channels
    }
}

/// The channels of one pixel.
struct Rows<'a> {
    raw: &'a [f32],
    scale: &'a [f32],
    shift: &'a [f32],
    shortcut: Option<&'a [f32]>,
}

impl Rows<'_> {
    /// Puts this pixel, number `number` of its window, in the place of the best so far where it is larger.
    #[inline(always)]
    fn larger(&self, number: u8, best: &mut [f32], winners: Option<&mut [u8]>) {
        let affine = self.raw.iter().zip(self.scale).zip(self.shift).map(|((raw, scale), shift)| raw * scale + shift);
        match self.shortcut {
            Some(shortcut) => take(affine.zip(shortcut).map(|(value, other)| value + other), number, best, winners),
            None => take(affine, number, best, winners),
        }
    }
}

#[inline(always)]
fn take(values: impl Iterator<Item = f32>, number: u8, best: &mut [f32], winners: Option<&mut [u8]>) {
    match winners {
        _ if number == 0 => {
            best.iter_mut().zip(values).for_each(|(best, value)| *best = value);
            if let Some(winners) = winners {
                winners.fill(0);
            }
        }
        Some(winners) => best.iter_mut().zip(winners).zip(values).for_each(|((best, winner), value)| {
            *winner = if value > *best { number } else { *winner };
            *best = if value > *best { value } else { *best };
        }),
        None => best.iter_mut().zip(values).for_each(|(best, value)| *best = if value > *best { value } else { *best }),
    }
}

#[inline(always)]
fn relu(best: &mut [f32], winners: Option<&mut [u8]>) {
    if let Some(winners) = winners {
        winners.iter_mut().zip(&*best).for_each(|(winner, best)| *winner = if *best > 0.0 { *winner } else { NOBODY });
    }
    best.iter_mut().for_each(|best| *best = if *best > 0.0 { *best } else { 0.0 });
}
