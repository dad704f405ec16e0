//! Letters, marks and small print on any plate.

use rand::{Rng, RngExt};

use crate::drawing::{Box2, Canvas, Colour, Face, between, chance, colour, wobble};

/// The text in the middle of the area, as high as the area and squeezed where it is too wide; embossed letters have an
/// edge that catches the light.
pub(super) fn letter(rng: &mut impl Rng, canvas: &mut Canvas, text: &str, area: Box2, face: &Face, ink: Colour) {
    let (width, height) = (area.2 - area.0, area.3 - area.1);
    let mut face = face.clone();
    let gap = height * between(rng, 0.05, 0.2);
    let natural = face.measure(text, height, gap);
    if natural > width {
        face.width *= (width - gap * text.len() as f32) / (natural - gap * text.len() as f32);
    }
    let left = (area.0 + area.2 - face.measure(text, height, gap)) / 2.0;
    let emblem = rng.random_range(0..4);
    if chance(rng, 0.4) {
        let (dx, dy) = (2.0 * wobble(rng), 2.0 * wobble(rng));
        let edge = colour(rng, 0.0, 1.0, 0.05);
        face.write(canvas, &marks(text, emblem), (left + dx, area.1 + dy, height), gap, edge);
    }
    face.write(canvas, &marks(text, emblem), (left, area.1, height), gap, ink);
    if emblem == 0
        && let Some(at) = text.find('*')
    {
        let before = face.measure(&text[..at], height, gap) + gap;
        let middle = [left + before + face.room('*', height) / 2.0, area.1 + height * between(rng, 0.35, 0.6)];
        let size = height * between(rng, 0.15, 0.5);
        blot(rng, canvas, middle, size);
    }
}

/// Of the marks between groups, `*` is a dot, unless a picture is put in its place.
fn marks(text: &str, emblem: u32) -> String {
    if emblem == 0 { text.replace('*', " ") } else { text.to_owned() }
}

/// A tree, a crest, an animal: some overlapping round shapes.
pub(super) fn blot(rng: &mut impl Rng, canvas: &mut Canvas, middle: [f32; 2], size: f32) {
    let paint = colour(rng, 0.1, 0.7, 0.5);
    for _ in 0..6 {
        let (x, y) = (middle[0] + 0.35 * size * wobble(rng), middle[1] + size * wobble(rng));
        let radius = size * between(rng, 0.08, 0.3);
        canvas.disc(x, y, radius, paint);
    }
}

/// Small print that no one is asked to read.
pub(super) fn small_print(rng: &mut impl Rng, canvas: &mut Canvas, area: Box2, ink: Colour) {
    let height = area.3 - area.1;
    let mut face = Face::any(rng, (0.4, 0.9), (0.1, 0.22));
    face.slant = if chance(rng, 0.3) { 0.25 } else { 0.0 };
    let length = rng.random_range(4..=14);
    let text: String = (0..length)
        .map(|at| if at > 3 && chance(rng, 0.12) { ' ' } else { char::from(b'A' + rng.random_range(0..26_u8)) })
        .collect();
    let gap = height * between(rng, 0.05, 0.3);
    face.width *= ((area.2 - area.0) / face.measure(&text, height, gap)).min(1.0);
    let left = (area.0 + area.2 - face.measure(&text, height, gap)) / 2.0;
    face.write(canvas, &text, (left, area.1, height), gap, ink);
}
