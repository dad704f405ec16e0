//! Distortions: how else the same picture could have looked.

use rand_chacha::ChaCha8Rng;

use crate::network::{normal, uniform};
use crate::reader::{Placement, View};

/// Spreads of the distortions at strength 1.
const SHIFT: f32 = 0.04;
/// The height at which a dial's digit stands is what is to be read.
const DIAL_SHIFT_DOWN: f32 = 0.01;
const SCALE: f32 = 0.07;
const ROTATION: f32 = 0.04;
const SHEAR: f32 = 0.06;
const GAMMA: f32 = 0.25;
const TINT: f32 = 0.06;
const LIGHT: f32 = 0.25;
const NOISE: f32 = 9.0;
/// How often the rarer ones come.
const BLURRED: f32 = 0.2;
const NOISY: f32 = 0.3;
const CUT: f32 = 0.2;
const INVERTED: f32 = 0.05;

/// A placement drawn round the plain one: shifted, scaled, turned and sheared.
pub(super) fn placement(view: &View, strength: f32, rng: &mut ChaCha8Rng) -> Placement {
    let mut spread = |deviation: f32| (normal(rng) * deviation * strength).clamp(-3.0 * deviation, 3.0 * deviation);
    let (angle, shear) = (spread(ROTATION), spread(SHEAR));
    let zoom = spread(SCALE);
    let (across, down) = ((zoom + spread(SCALE / 2.0)).exp(), (zoom + spread(SCALE / 2.0)).exp());
    let shift_down = if view.keeps_aspect { SHIFT } else { DIAL_SHIFT_DOWN };
    let (sin, cos) = angle.sin_cos();
    // Shifts are measured by the height: wide pictures are no less steady than narrow ones.
    let size = view.height as f32;
    Placement {
        matrix: [across * cos, across * (shear - sin), down * sin, down * cos],
        shift: [spread(SHIFT) * size, spread(shift_down) * size],
    }
}

/// Light, colour, sharpness and spots, in place, on pixels from 0 to 255.
pub(super) fn appearance(view: &View, strength: f32, rng: &mut ChaCha8Rng, pixels: &mut [f32]) {
    tone(view, strength, rng, pixels);
    if uniform(rng) < BLURRED * strength {
        blur(view, uniform(rng), pixels);
    }
    if uniform(rng) < NOISY * strength {
        noise(NOISE * strength * uniform(rng), rng, pixels);
    }
    if uniform(rng) < CUT * strength {
        cut_out(view, rng, pixels);
    }
}

/// Gamma for each channel, light that grows from one side to the other, rarely light and dark exchanged.
fn tone(view: &View, strength: f32, rng: &mut ChaCha8Rng, pixels: &mut [f32]) {
    let gamma = (normal(rng) * GAMMA * strength).exp().clamp(0.4, 2.5);
    let curve: Vec<f32> = (0..=256).map(|value| 255.0 * (value as f32 / 255.0).powf(gamma)).collect();
    let gains: Vec<f32> = (0..view.channels).map(|_| 1.0 + normal(rng) * TINT * strength).collect();
    let (across, down) = (normal(rng) * LIGHT * strength, normal(rng) * LIGHT * strength);
    let invert = uniform(rng) < INVERTED * strength;
    let (width, height) = (view.width as f32, view.height as f32);
    for (y, row) in pixels.chunks_exact_mut(view.width * view.channels).enumerate() {
        for (x, pixel) in row.chunks_exact_mut(view.channels).enumerate() {
            let light = 1.0 + across * (x as f32 / width - 0.5) + down * (y as f32 / height - 0.5);
            for (value, gain) in pixel.iter_mut().zip(&gains) {
                let at = value.clamp(0.0, 255.0);
                let (low, part) = (at as usize, at.fract());
                let toned = (curve[low] + part * (curve[low + 1] - curve[low])) * gain * light;
                *value = if invert { 255.0 - toned } else { toned };
            }
        }
    }
}

/// Mixes each pixel with its neighbours, first those beside it, then those above and below.
fn blur(view: &View, amount: f32, pixels: &mut [f32]) {
    let side = amount / 3.0;
    let line = view.width * view.channels;
    for step in [view.channels, line] {
        let before = pixels.to_vec();
        for at in step..pixels.len() - step {
            pixels[at] = (1.0 - 2.0 * side) * before[at] + side * (before[at - step] + before[at + step]);
        }
    }
}

/// Sums of two uniform numbers: their shape hardly differs from the normal one, and they cost less.
fn noise(spread: f32, rng: &mut ChaCha8Rng, pixels: &mut [f32]) {
    let width = spread * 6.0_f32.sqrt();
    pixels.iter_mut().for_each(|value| *value += (uniform(rng) + uniform(rng) - 1.0) * width);
}

/// Covers a rectangle with one brightness (DeVries & Taylor 2017): reflections, dirt, needles.
fn cut_out(view: &View, rng: &mut ChaCha8Rng, pixels: &mut [f32]) {
    let side = |rng: &mut ChaCha8Rng| ((0.1 + 0.25 * uniform(rng)) * view.height as f32) as usize;
    let (height, width) = (side(rng).min(view.height - 1), side(rng).min(view.width - 1));
    let top = (uniform(rng) * (view.height - height) as f32) as usize;
    let left = (uniform(rng) * (view.width - width) as f32) as usize;
    let value = 255.0 * uniform(rng);
    for row in pixels.chunks_exact_mut(view.width * view.channels).skip(top).take(height) {
        row[left * view.channels..(left + width) * view.channels].fill(value);
    }
}
