//! Digits painted on wheels that turn behind a window.

use rand::{Rng, RngExt};

use crate::drawing::{Box2, Camera, Canvas, Colour, Face, Place, between, chance, colour, wobble};

/// How one meter's wheels look, and how its camera cuts them out.
pub(super) struct Wheel {
    ground: Colour,
    ink: Colour,
    face: Face,
    /// Height of a digit for the window's.
    digit: f32,
    /// From one digit to the next, for the window's height.
    pitch: f32,
    /// Width of a digit for the window's.
    width: f32,
    /// How much darker the wheel gets towards its edges.
    shade: f32,
    /// Marks at the side, and the edge of the window.
    marks: bool,
    frame: Option<Colour>,
    /// Where the digit stands in the middle of the window at `.0`.
    offset: [f32; 2],
    size: (usize, usize),
}

const WIDTH: f32 = 60.0;
const HEIGHT: f32 = 96.0;

impl Wheel {
    pub(super) fn any(rng: &mut impl Rng) -> Self {
        let (ground, ink) = colours(rng);
        let digit = between(rng, 0.52, 0.78);
        let scale = rng.random_range(1..=2);
        Self {
            ground,
            ink,
            face: Face::any(rng, (0.5, 0.6), (0.1, 0.18)),
            digit,
            pitch: (digit + between(rng, 0.08, 0.4)).max(0.75),
            width: between(rng, 0.5, 0.75),
            shade: between(rng, 0.0, 0.5),
            marks: chance(rng, 0.3),
            frame: chance(rng, 0.5).then(|| colour(rng, 0.0, 0.9, 0.2)),
            offset: [0.06 * wobble(rng), 0.05 * wobble(rng)],
            size: (20 * scale, 32 * scale),
        }
    }

    /// The wheel at some tenth, and what to call it.
    pub(super) fn shoot(&self, rng: &mut impl Rng, camera: &Camera) -> (Canvas, String) {
        let tenths = rng.random_range(0..100_u32);
        let mut wheel = Canvas::new(WIDTH as usize, HEIGHT as usize, self.ground);
        let moved = (tenths % 10) as f32 / 10.0 + between(rng, -0.04, 0.04);
        for step in -1..=2_i32 {
            let digit = (tenths as i32 / 10 + step).rem_euclid(10);
            self.paint(&mut wheel, digit, step as f32 - moved);
        }
        if self.marks {
            self.mark(&mut wheel, moved);
        }
        self.surround(&mut wheel);
        let nudge = [0.015 * wobble(rng), 0.015 * wobble(rng)];
        let lean = 0.04 * camera.turn.signum() * camera.unsteady;
        let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]].map(|[x, y]: [f32; 2]| {
            let place = [x + lean * (y - 0.5) + nudge[0], y + camera.turn * (x - 0.5) + nudge[1]];
            // a little more than the picture, so that no edge shows
            place.map(|value| (value - 0.5) * 1.12 + 0.5)
        });
        (camera.shoot(rng, &wheel, &Place(corners), self.size), format!("{}.{}", tenths / 10, tenths % 10))
    }

    /// One digit, `steps` below the place where it is read.
    fn paint(&self, wheel: &mut Canvas, digit: i32, steps: f32) {
        let room = self.width * WIDTH * if digit == 1 { 0.7 } else { 1.0 };
        let left = WIDTH * (0.5 + self.offset[0]) - room / 2.0;
        let middle = 0.5 + self.offset[1] + steps * self.pitch;
        let [top, bottom] = [-0.5, 0.5].map(|half: f32| HEIGHT * rounded(middle + half * self.digit));
        if bottom > 0.0 && top < HEIGHT && bottom - top > 4.0 {
            let sign = char::from_digit(digit as u32, 10).unwrap_or('0');
            self.face.draw(wheel, sign, Box2(left, top, left + room, bottom), self.ink, 1.0);
        }
    }

    /// The scale of the last wheel: a dash for each fifth.
    fn mark(&self, wheel: &mut Canvas, moved: f32) {
        for tenth in -10..20 {
            let y = HEIGHT * rounded(0.5 + self.offset[1] + (tenth as f32 / 5.0 - moved) * self.pitch);
            wheel.fill(Box2(WIDTH * 0.86, y - 2.0, WIDTH * 0.97, y + 2.0), 0.0, self.ink);
        }
    }

    fn surround(&self, wheel: &mut Canvas) {
        for (top, depth) in [(true, self.shade), (false, self.shade * 0.8)] {
            wheel.cover(Box2(0.0, 0.0, WIDTH, HEIGHT), [0.02; 3], |_, y| {
                let share = if top { 1.0 - y / HEIGHT } else { y / HEIGHT };
                depth * ((share - 0.6) / 0.4).max(0.0)
            });
        }
        if let Some(frame) = self.frame {
            wheel.frame(Box2(-4.0, -4.0, WIDTH + 4.0, HEIGHT + 4.0), 3.0, 9.0, frame);
        }
    }
}

/// A wheel curves away: what is further from its middle (0.5) looks nearer to it.
fn rounded(at: f32) -> f32 {
    let away = (at - 0.5).clamp(-1.6, 1.6);
    0.5 + away * (1.0 - 0.08 * away * away)
}

/// White on black, black on white, or with a red that means decimals.
fn colours(rng: &mut impl Rng) -> (Colour, Colour) {
    let light = colour(rng, 0.7, 1.0, 0.12);
    let dark = colour(rng, 0.0, 0.3, 0.08);
    let red = [between(rng, 0.55, 0.85), between(rng, 0.05, 0.2), between(rng, 0.05, 0.2)];
    match rng.random_range(0..8) {
        0..=2 => (dark, light),
        3 | 4 => (light, dark),
        5 | 6 => (light, red),
        _ => (red, light),
    }
}
