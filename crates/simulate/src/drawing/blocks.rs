//! What JPEG does to a picture: eight by eight pixels at a time, fine detail rounded away (ITU-T T.81).

use std::f32::consts::PI;
use std::sync::LazyLock;

use super::canvas::Canvas;

/// The standard's example of a table for brightness.
#[rustfmt::skip]
const STEPS: [f32; 64] = [
    16., 11., 10., 16., 24., 40., 51., 61., 12., 12., 14., 19., 26., 58., 60., 55.,
    14., 13., 16., 24., 40., 57., 69., 56., 14., 17., 22., 29., 51., 87., 80., 62.,
    18., 22., 37., 56., 68., 109., 103., 77., 24., 35., 55., 64., 81., 104., 113., 92.,
    49., 64., 78., 87., 103., 121., 120., 101., 72., 92., 95., 98., 112., 100., 103., 99.,
];

/// The cosine transform of eight values, a row for each frequency.
static COSINES: LazyLock<[[f32; 8]; 8]> = LazyLock::new(|| {
    let mut table = [[0.0; 8]; 8];
    for (frequency, row) in table.iter_mut().enumerate() {
        let scale = if frequency == 0 { (1.0_f32 / 8.0).sqrt() } else { 0.5 };
        for (at, value) in row.iter_mut().enumerate() {
            *value = scale * ((2 * at + 1) as f32 * frequency as f32 * PI / 16.0).cos();
        }
    }
    table
});

/// Rounds a picture as a file of this coarseness would: 1 is quality 50, 0.3 about 85, 3 about 17.
pub(super) fn compress(canvas: &mut Canvas, coarseness: f32) {
    for top in (0..canvas.height).step_by(8) {
        for left in (0..canvas.width).step_by(8) {
            for channel in 0..3 {
                // colour is kept at half the detail
                let steps = if channel == 0 { coarseness } else { coarseness * 1.6 };
                block(canvas, left, top, channel, steps);
            }
        }
    }
    for pixel in &mut canvas.pixels {
        *pixel = to_rgb(*pixel);
    }
}

/// Turns a picture into brightness and two differences of colour, which [`compress`] expects.
pub(super) fn separate(canvas: &mut Canvas) {
    for pixel in &mut canvas.pixels {
        let [red, green, blue] = *pixel;
        let light = 0.299 * red + 0.587 * green + 0.114 * blue;
        *pixel = [light, (blue - light) * 0.564, (red - light) * 0.713];
    }
}

fn to_rgb([light, blueness, redness]: [f32; 3]) -> [f32; 3] {
    let (blue, red) = (light + blueness / 0.564, light + redness / 0.713);
    [red, (light - 0.299 * red - 0.114 * blue) / 0.587, blue]
}

fn block(canvas: &mut Canvas, left: usize, top: usize, channel: usize, coarseness: f32) {
    let (width, height) = (canvas.width, canvas.height);
    let place = |at: usize| (top + at / 8).min(height - 1) * width + (left + at % 8).min(width - 1);
    let mut values = [0.0; 64];
    for (at, value) in values.iter_mut().enumerate() {
        *value = canvas.pixels[place(at)][channel] * 255.0;
    }
    let mut waves = transform(&values, false);
    for (wave, step) in waves.iter_mut().zip(STEPS) {
        let step = (step * coarseness).max(1.0);
        *wave = (*wave / step).round() * step;
    }
    for (at, value) in transform(&waves, true).iter().enumerate() {
        if top + at / 8 < height && left + at % 8 < width {
            canvas.pixels[place(at)][channel] = value / 255.0;
        }
    }
}

/// Both axes, one after the other; the inverse turns the table on its side.
fn transform(values: &[f32; 64], inverse: bool) -> [f32; 64] {
    let table = &*COSINES;
    let weight = |to: usize, from: usize| if inverse { table[from][to] } else { table[to][from] };
    let mut half = [0.0; 64];
    for (at, value) in half.iter_mut().enumerate() {
        *value = (0..8).map(|from| weight(at % 8, from) * values[at / 8 * 8 + from]).sum();
    }
    let mut whole = [0.0; 64];
    for (at, value) in whole.iter_mut().enumerate() {
        *value = (0..8).map(|from| weight(at / 8, from) * half[from * 8 + at % 8]).sum();
    }
    whole
}
