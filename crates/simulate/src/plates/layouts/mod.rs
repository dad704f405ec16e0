//! How plates look before a camera sees them, twice as large as they will be seen.

mod american;
mod chinese;
mod lettering;
mod others;

use rand::Rng;

use crate::drawing::{Canvas, Colour};

/// Whose plates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Twice as wide as high: a state's name above, a motto below, scenery, stickers.
    American,
    /// Wide, with a band at the left and a mark between the groups.
    European,
    /// Three letters, four digits, a town's name above.
    Brazilian,
    /// White on blue: a province's sign, a letter, a dot and five more.
    Chinese,
}

impl Layout {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::American, Self::European, Self::Brazilian, Self::Chinese];
}

const HEIGHT: f32 = 128.0;

pub(super) fn draw(rng: &mut impl Rng, layout: Layout, text: &str) -> Canvas {
    match layout {
        Layout::American => american::draw(rng, text),
        Layout::European => others::european(rng, text),
        Layout::Brazilian => others::brazilian(rng, text),
        Layout::Chinese => chinese::draw(rng, text),
    }
}

fn plate(aspect: f32, colour: Colour) -> (Canvas, f32) {
    let width = (HEIGHT * aspect).round();
    (Canvas::new(width as usize, HEIGHT as usize, colour), width)
}
