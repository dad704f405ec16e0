//! Plates of Europe and of Brazil.

use rand::{Rng, RngExt};

use super::lettering::{letter, small_print};
use super::{HEIGHT, plate};
use crate::drawing::{Box2, Canvas, Face, between, chance, colour};

pub(super) fn european(rng: &mut impl Rng, text: &str) -> Canvas {
    let ground = if chance(rng, 0.15) { [0.95, 0.8, 0.15] } else { colour(rng, 0.85, 1.0, 0.05) };
    let ink = colour(rng, 0.0, 0.15, 0.05);
    let (mut canvas, width) = plate(between(rng, 3.6, 4.9), ground);
    let band = chance(rng, 0.8);
    if band {
        canvas.fill(Box2(0.0, 0.0, width * 0.09, HEIGHT), 4.0, [0.05, 0.15, 0.6]);
        canvas.disc(width * 0.045, HEIGHT * 0.32, HEIGHT * 0.12, [0.75, 0.65, 0.2]);
        canvas.disc(width * 0.045, HEIGHT * 0.32, HEIGHT * 0.09, [0.05, 0.15, 0.6]);
        let sign = char::from(b'A' + rng.random_range(0..26_u8)).to_string();
        Face::any(rng, (0.6, 0.7), (0.14, 0.18)).write(
            &mut canvas,
            &sign,
            (width * 0.032, HEIGHT * 0.62, HEIGHT * 0.22),
            1.0,
            [0.95; 3],
        );
    }
    let face = Face::any(rng, (0.42, 0.62), (0.11, 0.16));
    let (top, bottom) = (HEIGHT * between(rng, 0.1, 0.2), HEIGHT * between(rng, 0.8, 0.9));
    let left = width * if band { 0.12 } else { 0.04 };
    letter(rng, &mut canvas, text, Box2(left, top, width * 0.97, bottom), &face, ink);
    canvas.frame(Box2(1.0, 1.0, width - 1.0, HEIGHT - 1.0), 8.0, between(rng, 0.0, 4.0), ink);
    canvas
}

pub(super) fn brazilian(rng: &mut impl Rng, text: &str) -> Canvas {
    let silver = colour(rng, 0.6, 0.95, 0.06);
    let (ground, ink) = match rng.random_range(0..8) {
        0 => ([0.75, 0.1, 0.1], [0.95; 3]),
        1 => (silver, [0.05, 0.15, 0.5]),
        _ => (silver, colour(rng, 0.0, 0.2, 0.05)),
    };
    let (mut canvas, width) = plate(between(rng, 2.7, 3.2), ground);
    let face = Face::any(rng, (0.42, 0.62), (0.12, 0.2));
    let title = HEIGHT * between(rng, 0.05, 0.11);
    let town = Box2(width * 0.25, title, width * 0.75, title + HEIGHT * between(rng, 0.11, 0.17));
    small_print(rng, &mut canvas, town, ink);
    let top = HEIGHT * between(rng, 0.26, 0.34);
    let area = Box2(width * 0.05, top, width * 0.95, HEIGHT * between(rng, 0.84, 0.94));
    letter(rng, &mut canvas, text, area, &face, ink);
    canvas.frame(Box2(2.0, 2.0, width - 2.0, HEIGHT - 2.0), 9.0, between(rng, 1.0, 4.0), ink);
    canvas
}
