//! A different picture from every state.

use rand::{Rng, RngExt};

use super::lettering::{blot, letter, small_print};
use super::{HEIGHT, plate};
use crate::drawing::{Box2, Canvas, Colour, Face, between, chance, colour, wobble};

pub(super) fn draw(rng: &mut impl Rng, text: &str) -> Canvas {
    let (ground, ink) = colours(rng);
    let (mut canvas, width) = plate(between(rng, 1.85, 2.2), ground);
    scenery(rng, &mut canvas, ground, width);
    let band = colour(rng, 0.0, 0.9, 0.5);
    for (top, bottom) in [(0.0, 0.22), (0.84, 1.0)] {
        if chance(rng, 0.25) {
            canvas.fill(Box2(0.0, top * HEIGHT, width, bottom * HEIGHT), 0.0, band);
        }
    }
    let print = colour(rng, 0.0, 0.6, 0.6);
    let (inset, above) = (width * between(rng, 0.15, 0.3), HEIGHT * between(rng, 0.03, 0.08));
    let name = Box2(inset, above, width - inset, above + HEIGHT * between(rng, 0.11, 0.17));
    small_print(rng, &mut canvas, name, print);
    if chance(rng, 0.85) {
        let below = HEIGHT * between(rng, 0.83, 0.88);
        let print = if chance(rng, 0.5) { print } else { ink };
        let motto = Box2(inset, below, width - inset, below + HEIGHT * between(rng, 0.07, 0.12));
        small_print(rng, &mut canvas, motto, print);
    }
    let face = Face::any(rng, (0.34, 0.6), (0.1, 0.19));
    let top = HEIGHT * between(rng, 0.22, 0.34);
    let margin = width * between(rng, 0.03, 0.08);
    let left = if chance(rng, 0.15) { beside(rng, &mut canvas, margin, top, ink) } else { margin };
    let area = Box2(left, top, width - margin, HEIGHT * between(rng, 0.7, 0.82));
    letter(rng, &mut canvas, text, area, &face, ink);
    stickers(rng, &mut canvas, width);
    surround(rng, &mut canvas, width, ink);
    canvas
}

/// Dark on light, rarely light on dark.
fn colours(rng: &mut impl Rng) -> (Colour, Colour) {
    let (light, dark) = (colour(rng, 0.75, 1.0, 0.15), colour(rng, 0.0, 0.25, 0.3));
    if chance(rng, 0.15) { (colour(rng, 0.05, 0.3, 0.3), light) } else { (light, dark) }
}

/// Hills, a rainbow or a fade behind the letters, in the colour of the ground but a little.
fn scenery(rng: &mut impl Rng, canvas: &mut Canvas, ground: Colour, width: f32) {
    let near = |rng: &mut dyn FnMut() -> f32| ground.map(|value| (value + 0.35 * rng()).clamp(0.0, 1.0));
    let mut draw = || wobble(rng);
    let (top, bottom, hill) = (near(&mut draw), near(&mut draw), near(&mut draw));
    if chance(rng, 0.5) {
        canvas.slope(Box2(0.0, 0.0, width, HEIGHT), top, bottom);
    }
    for _ in 0..rng.random_range(0..5) {
        let (x, size) = (between(rng, 0.0, width), between(rng, 0.2, 0.7) * HEIGHT);
        let foot = HEIGHT * between(rng, 0.7, 1.0);
        canvas.cover(Box2(x - size, foot - size, x + size, foot), hill, |px, py| {
            foot - py.max(foot - size) - (px - x).abs()
        });
    }
}

/// A picture or small letters one above the other at the left, which are not part of the number.
fn beside(rng: &mut impl Rng, canvas: &mut Canvas, margin: f32, top: f32, ink: Colour) -> f32 {
    let size = HEIGHT * between(rng, 0.2, 0.26);
    if chance(rng, 0.5) {
        blot(rng, canvas, [margin + size * 0.7, top + size], size * 1.2);
        return margin + size * 1.7;
    }
    let face = Face::any(rng, (0.5, 0.7), (0.14, 0.2));
    for row in 0..2 {
        let sign = char::from(b'A' + rng.random_range(0..26_u8));
        let above = top + row as f32 * size * 1.15;
        face.write(canvas, &sign.to_string(), (margin, above, size), 0.0, ink);
    }
    margin + size * 0.9
}

fn stickers(rng: &mut impl Rng, canvas: &mut Canvas, width: f32) {
    let (wide, high) = (width * between(rng, 0.08, 0.14), HEIGHT * between(rng, 0.12, 0.2));
    for (right, below) in [(false, false), (true, false), (false, true), (true, true)] {
        if chance(rng, 0.3) {
            let left = if right { width * 0.96 - wide } else { width * 0.04 };
            let top = if below { HEIGHT * 0.96 - high } else { HEIGHT * 0.04 };
            let paper = colour(rng, 0.3, 1.0, 0.6);
            canvas.fill(Box2(left, top, left + wide, top + high), 1.0, paper);
            let number = rng.random_range(1..99_u32).to_string();
            let ink = colour(rng, 0.0, 0.4, 0.3);
            let face = Face::any(rng, (0.5, 0.7), (0.12, 0.2));
            face.write(canvas, &number, (left + wide * 0.2, top + high * 0.2, high * 0.6), 2.0, ink);
        }
    }
}

/// The rim of the plate, its bolts, perhaps a frame that somebody screwed on.
fn surround(rng: &mut impl Rng, canvas: &mut Canvas, width: f32, ink: Colour) {
    if chance(rng, 0.6) {
        let inset = between(rng, 0.5, 4.0);
        canvas.frame(Box2(inset, inset, width - inset, HEIGHT - inset), 8.0, between(rng, 1.0, 3.5), ink);
    }
    let bolt = colour(rng, 0.1, 0.8, 0.05);
    for x in [0.18, 0.82] {
        for y in [0.1, 0.9] {
            if chance(rng, 0.5) {
                canvas.disc(width * x, HEIGHT * y, between(rng, 2.0, 5.0), bolt);
            }
        }
    }
    if chance(rng, 0.2) {
        let frame = colour(rng, 0.0, 0.5, 0.1);
        let thick = HEIGHT * between(rng, 0.03, 0.12);
        canvas.frame(Box2(0.0, 0.0, width, HEIGHT), 0.0, thick, frame);
    }
}
