//! Plates of China (GA 36-2018), their first sign made up.

use rand::{Rng, RngExt};

use super::{HEIGHT, plate};
use crate::drawing::{Box2, Canvas, Colour, Face, between, chance, colour, pick};

pub(super) fn draw(rng: &mut impl Rng, text: &str) -> Canvas {
    let blue = [between(rng, 0.0, 0.15), between(rng, 0.1, 0.4), between(rng, 0.55, 0.95)];
    let green = [between(rng, 0.0, 0.1), between(rng, 0.3, 0.45), between(rng, 0.35, 0.6)];
    let ground = if chance(rng, 0.8) { blue } else { green };
    let ink = colour(rng, 0.8, 1.0, 0.05);
    let (mut canvas, width) = plate(440.0 / 140.0, ground);
    canvas.frame(Box2(3.0, 3.0, width - 3.0, HEIGHT - 3.0), 9.0, between(rng, 1.5, 4.0), ink);
    let mut face = Face::any(rng, (0.45, 0.53), (0.1, 0.14));
    face.round = between(rng, 0.7, 1.0);
    // GA 36-2018: signs of 45 by 90 mm, 12 apart, 34 around the dot, on 440 by 140 mm
    let scale = HEIGHT / 140.0;
    let (top, bottom) = (25.0 * scale, 115.0 * scale);
    let cell = |left: f32| Box2(left * scale, top, (left + 45.0) * scale, bottom);
    province(rng, &mut canvas, cell(15.5), face.weight * 0.75 * (bottom - top), ink);
    for (at, sign) in text.chars().enumerate() {
        let left = 72.5 + 57.0 * at as f32 + if at > 0 { 22.0 } else { 0.0 };
        let mut area = cell(left);
        if sign == '1' {
            area = Box2(area.0 + 12.0 * scale, area.1, area.2 - 12.0 * scale, area.3);
        }
        face.draw(&mut canvas, sign, area, ink, 1.0);
    }
    canvas.disc(134.5 * scale, 70.0 * scale, between(rng, 4.0, 6.5) * scale, ink);
    let bolt = pick(rng, &[[0.8, 0.8, 0.75], [0.3, 0.3, 0.3], [0.7, 0.6, 0.3]]);
    for x in [0.24, 0.76] {
        if chance(rng, 0.5) {
            canvas.disc(width * x, HEIGHT * between(rng, 0.05, 0.12), between(rng, 3.0, 6.0), *bolt);
        }
    }
    canvas
}

/// Strokes like those of a sign, which mean nothing.
fn province(rng: &mut impl Rng, canvas: &mut Canvas, area: Box2, thickness: f32, ink: Colour) {
    let (width, height) = (area.2 - area.0, area.3 - area.1);
    for _ in 0..rng.random_range(6..=9) {
        let along = between(rng, 0.3, 1.0);
        let (x, y) = (between(rng, 0.0, 1.0), between(rng, 0.0, 1.0));
        let line = if chance(rng, 0.5) {
            let left = area.0 + width * x * (1.0 - along);
            Box2(left, area.1 + height * y, left + width * along, area.1 + height * y + thickness)
        } else {
            let top = area.1 + height * y * (1.0 - along);
            Box2(area.0 + width * x, top, area.0 + width * x + thickness, top + height * along)
        };
        canvas.fill(line, 0.0, ink);
    }
}
