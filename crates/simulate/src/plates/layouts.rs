//! How plates look before a camera sees them, twice as large as they will be seen.

use rand::{Rng, RngExt};

use crate::drawing::{Box2, Canvas, Colour, Face, between, chance, colour, pick, wobble};

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
        Layout::American => american(rng, text),
        Layout::European => european(rng, text),
        Layout::Brazilian => brazilian(rng, text),
        Layout::Chinese => chinese(rng, text),
    }
}

fn plate(aspect: f32, colour: Colour) -> (Canvas, f32) {
    let width = (HEIGHT * aspect).round();
    (Canvas::new(width as usize, HEIGHT as usize, colour), width)
}

/// Dark on light, rarely light on dark.
fn colours(rng: &mut impl Rng) -> (Colour, Colour) {
    let (light, dark) = (colour(rng, 0.75, 1.0, 0.15), colour(rng, 0.0, 0.25, 0.3));
    if chance(rng, 0.15) { (colour(rng, 0.05, 0.3, 0.3), light) } else { (light, dark) }
}

/// The text in the middle of the area, as high as the area and squeezed where it is too wide; embossed letters have an
/// edge that catches the light.
fn letter(rng: &mut impl Rng, canvas: &mut Canvas, text: &str, area: Box2, face: &Face, ink: Colour) {
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
fn blot(rng: &mut impl Rng, canvas: &mut Canvas, middle: [f32; 2], size: f32) {
    let paint = colour(rng, 0.1, 0.7, 0.5);
    for _ in 0..6 {
        let (x, y) = (middle[0] + 0.35 * size * wobble(rng), middle[1] + size * wobble(rng));
        let radius = size * between(rng, 0.08, 0.3);
        canvas.disc(x, y, radius, paint);
    }
}

/// Small print that no one is asked to read.
fn small_print(rng: &mut impl Rng, canvas: &mut Canvas, area: Box2, ink: Colour) {
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

fn american(rng: &mut impl Rng, text: &str) -> Canvas {
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

fn european(rng: &mut impl Rng, text: &str) -> Canvas {
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

fn brazilian(rng: &mut impl Rng, text: &str) -> Canvas {
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

fn chinese(rng: &mut impl Rng, text: &str) -> Canvas {
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
