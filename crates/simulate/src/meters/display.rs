//! Seven segments for each digit, dark on grey or glowing.

use rand::{Rng, RngExt};

use crate::drawing::{Box2, Camera, Canvas, Colour, Place, between, chance, colour, wobble};

/// How one meter's display looks.
pub(super) struct Display {
    ground: Colour,
    ink: Colour,
    /// How visible segments are that are off.
    ghost: f32,
    /// Thickness of a segment, and the gap between two, for the height of a digit.
    weight: f32,
    gap: f32,
    /// Width of a digit for its height, and from one digit to the next.
    width: f32,
    pitch: f32,
    slant: f32,
    digits: usize,
    decimals: usize,
}

/// Which segments are on: top, upper right, lower right, bottom, lower left, upper left, middle.
const SEGMENTS: [u8; 10] = [
    0b011_1111, 0b000_0110, 0b101_1011, 0b100_1111, 0b110_0110, 0b110_1101, 0b111_1101, 0b000_0111, 0b111_1111,
    0b110_1111,
];

/// Ends of each segment in a box of 1 × 2.
const ENDS: [[f32; 4]; 7] = [
    [0.0, 0.0, 1.0, 0.0],
    [1.0, 0.0, 1.0, 1.0],
    [1.0, 1.0, 1.0, 2.0],
    [0.0, 2.0, 1.0, 2.0],
    [0.0, 1.0, 0.0, 2.0],
    [0.0, 0.0, 0.0, 1.0],
    [0.0, 1.0, 1.0, 1.0],
];

const HEIGHT: f32 = 96.0;

impl Display {
    pub(super) fn any(rng: &mut impl Rng) -> Self {
        let glowing = chance(rng, 0.35);
        let glow = [[0.95, 0.2, 0.15], [0.3, 0.9, 0.4], [0.95, 0.75, 0.3], [0.5, 0.75, 1.0]][rng.random_range(0..4)];
        let digits = rng.random_range(5..=8);
        Self {
            ground: if glowing { colour(rng, 0.0, 0.12, 0.04) } else { colour(rng, 0.5, 0.85, 0.1) },
            ink: if glowing { glow } else { colour(rng, 0.05, 0.3, 0.05) },
            ghost: between(rng, 0.0, 0.12),
            weight: between(rng, 0.07, 0.14),
            gap: between(rng, 0.0, 0.03),
            width: between(rng, 0.42, 0.58),
            pitch: between(rng, 0.68, 0.85),
            slant: between(rng, 0.0, 0.14),
            digits,
            decimals: rng.random_range(0..=3),
        }
    }

    /// Some reading, or one digit of it, and what it says.
    pub(super) fn shoot(&self, rng: &mut impl Rng, camera: &Camera, single: bool) -> (Canvas, String) {
        let (digits, decimals) = if single { (1, 0) } else { (self.digits, self.decimals) };
        let reading: Vec<usize> = (0..digits).map(|at| self.digit(rng, at, single)).collect();
        let tall = HEIGHT * 0.66;
        let width = tall * (self.pitch * digits as f32 + 0.35);
        let mut face = Canvas::new(width as usize, HEIGHT as usize, self.ground);
        for (at, digit) in reading.iter().enumerate() {
            let left = tall * (0.18 + self.pitch * at as f32);
            self.paint(&mut face, *digit, [left, HEIGHT * 0.17], tall);
            if decimals > 0 && at + 1 + decimals == digits {
                let x = left + tall * (self.width + self.pitch) / 2.0;
                face.disc(x, HEIGHT * 0.17 + tall, tall * self.weight * 0.6, self.ink);
            }
        }
        let height = if single { 32 } else { rng.random_range(28..=48) };
        let size = ((height as f32 * width / HEIGHT).round() as usize, height);
        let place = place(rng, camera, size);
        let picture = camera.shoot(rng, &face, &place, size);
        let mut text: String = reading.iter().map(usize::to_string).collect();
        if decimals > 0 {
            text.insert(digits - decimals, '.');
        }
        (picture, text)
    }

    /// Leading digits of a meter are mostly zero.
    fn digit(&self, rng: &mut impl Rng, at: usize, single: bool) -> usize {
        if !single && at < 2 && chance(rng, 0.6) { 0 } else { rng.random_range(0..10) }
    }

    fn paint(&self, face: &mut Canvas, digit: usize, [left, top]: [f32; 2], tall: f32) {
        for (at, ends) in ENDS.iter().enumerate() {
            let on = SEGMENTS[digit] >> at & 1 == 1;
            let [x0, y0, x1, y1] = self.scaled(ends, tall);
            let lean = |y: f32| self.slant * (tall - y);
            let from = [left + x0 + lean(y0), top + y0];
            let to = [left + x1 + lean(y1), top + y1];
            face.bar(from, to, self.weight * tall, self.ink, if on { 1.0 } else { self.ghost });
        }
    }

    /// In pixels, shortened by the gap at both ends.
    fn scaled(&self, &[x0, y0, x1, y1]: &[f32; 4], tall: f32) -> [f32; 4] {
        let (wide, half) = (self.width * tall, tall / 2.0);
        let short = (self.gap + self.weight * 0.35) * tall;
        let along = [(x1 - x0) * short, (y1 - y0) * short];
        [x0 * wide + along[0], y0 * half + along[1], x1 * wide - along[0], y1 * half - along[1]]
    }
}

fn place(rng: &mut impl Rng, camera: &Camera, size: (usize, usize)) -> Place {
    let shape = size.0 as f32 / size.1 as f32;
    let slope = camera.turn + 0.02 * camera.unsteady * wobble(rng);
    let zoom = between(rng, 1.0, 1.08);
    let corners = [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]].map(|[x, y]: [f32; 2]| {
        let jitter = [0.01, 0.03].map(|most| most * camera.unsteady * wobble(rng));
        [0.5 + x * zoom + jitter[0], 0.5 + y * zoom + slope * x * shape + jitter[1]]
    });
    Place(corners)
}

impl Canvas {
    /// One straight stroke with square ends.
    fn bar(&mut self, from: [f32; 2], to: [f32; 2], thickness: f32, colour: Colour, opacity: f32) {
        let half = thickness / 2.0;
        let area = Box2(
            from[0].min(to[0]) - half - 1.0,
            from[1].min(to[1]) - half - 1.0,
            from[0].max(to[0]) + half + 1.0,
            from[1].max(to[1]) + half + 1.0,
        );
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length = (dx * dx + dy * dy).sqrt().max(1e-6);
        self.cover(area, colour, |x, y| {
            let (px, py) = (x - from[0], y - from[1]);
            let along = (px * dx + py * dy) / length;
            let across = ((px * dy - py * dx) / length).abs();
            opacity * (0.5 - (across - half).max(-along).max(along - length)).clamp(0.0, 1.0)
        });
    }
}
