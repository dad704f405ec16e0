//! Digits and letters as strokes in a box of 100 × 100, right and down.
//!
//! `r` before a point rounds the line there, `;` begins another line, `o` closes one. A character with several lines in
//! the table has several shapes; a face keeps to one of them.

use rand::{Rng, RngExt};

use super::canvas::{Box2, Canvas, Colour, Segment};
use super::{between, chance};

#[rustfmt::skip]
const SHAPES: [(char, &str); 64] = [
    ('0', "r0,0 r100,0 r100,100 r0,100 o"),
    ('1', "15,24 60,0 60,100"),
    ('1', "20,18 60,0 60,100; 20,100 100,100"),
    ('1', "50,0 50,100"),
    ('2', "0,27 r0,0 r100,0 r100,45 0,100 100,100"),
    ('2', "2,24 r2,0 r98,0 r98,38 r60,64 r0,84 0,100 100,100"),
    ('3', "0,24 r0,0 r98,0 r98,46 40,46; 40,46 r100,46 r100,100 r0,100 0,76"),
    ('3', "2,0 96,0 44,40 r100,40 r100,100 r0,100 0,78"),
    ('4', "72,100 72,0 0,70 100,70"),
    ('4', "55,0 0,70 100,70; 74,40 74,100"),
    ('4', "0,0 0,58 100,58; 80,0 80,100"),
    ('5', "92,0 8,0 8,43 r100,40 r100,100 r0,100 0,77"),
    ('5', "94,0 14,0 4,50 r40,34 r100,38 r100,100 r0,100 0,80"),
    ('6', "100,23 r100,0 r0,0 r0,100 r100,100 r100,42 r0,42 0,62"),
    ('6', "68,0 r8,42 r0,72 r0,100 r100,100 r100,42 r20,42 0,66"),
    ('7', "0,0 100,0 34,100"),
    ('7', "0,0 100,0 r100,12 r40,54 40,100"),
    ('7', "0,14 0,0 100,0 38,100"),
    ('8', "r5,0 r95,0 r95,47 r5,47 o; r0,47 r100,47 r100,100 r0,100 o"),
    ('9', "0,77 r0,100 r100,100 r100,0 r0,0 r0,58 r100,58 100,38"),
    ('9', "32,100 r92,58 r100,28 r100,0 r0,0 r0,58 r80,58 100,34"),
    ('A', "0,100 50,0 100,100; 17,68 83,68"),
    ('A', "0,100 40,0 60,0 100,100; 14,70 86,70"),
    ('B', "0,47 0,0 r95,0 r95,47 o; 0,100 0,47 r100,47 r100,100 o"),
    ('C', "100,27 r100,0 r0,0 r0,100 r100,100 100,73"),
    ('D', "0,100 0,0 r100,0 r100,100 o"),
    ('E', "100,0 0,0 0,100 100,100; 0,48 88,48"),
    ('F', "100,0 0,0 0,100; 0,48 88,48"),
    ('G', "100,26 r100,0 r0,0 r0,100 r100,100 100,54 56,54"),
    ('G', "100,24 r100,0 r0,0 r0,100 r80,100 100,86 100,54 60,54"),
    ('H', "0,0 0,100; 100,0 100,100; 0,48 100,48"),
    ('I', "50,0 50,100"),
    ('I', "50,0 50,100; 8,0 92,0; 8,100 92,100"),
    ('J', "92,0 r92,100 r0,100 0,72"),
    ('J', "40,0 92,0 r92,100 r0,100 0,74"),
    ('K', "0,0 0,100; 100,0 0,62; 34,40 100,100"),
    ('K', "0,0 0,100; 98,0 6,50 100,100"),
    ('L', "0,0 0,100 100,100"),
    ('M', "0,100 0,0 50,62 100,0 100,100"),
    ('M', "0,100 0,0 50,100 100,0 100,100"),
    ('N', "0,100 0,0 100,100 100,0"),
    ('O', "r0,0 r100,0 r100,100 r0,100 o"),
    ('P', "0,100 0,0 r100,0 r100,55 0,55"),
    ('Q', "r0,0 r100,0 r100,100 r0,100 o; 58,72 104,104"),
    ('Q', "r0,0 r100,0 r100,100 r0,100 o; 50,84 70,108"),
    ('R', "0,100 0,0 r100,0 r100,52 0,52; 48,52 100,100"),
    ('R', "0,100 0,0 r98,0 r98,50 0,50; 40,50 r98,50 98,100"),
    ('S', "100,24 r100,0 r0,0 r0,44 r100,54 r100,100 r0,100 0,76"),
    ('S', "96,18 r96,0 r2,0 r2,48 r100,48 r100,100 r0,100 0,82"),
    ('T', "0,0 100,0; 50,0 50,100"),
    ('U', "0,0 r0,100 r100,100 100,0"),
    ('V', "0,0 50,100 100,0"),
    ('W', "0,0 24,100 50,22 76,100 100,0"),
    ('W', "0,0 14,100 50,44 86,100 100,0"),
    ('X', "0,0 100,100; 100,0 0,100"),
    ('Y', "0,0 50,50 100,0; 50,50 50,100"),
    ('Y', "0,0 50,62 100,0; 50,60 50,100"),
    ('Z', "0,0 100,0 0,100 100,100"),
    ('-', "0,50 100,50"),
    ('.', "50,98 50,100"),
    (',', "50,96 30,112"),
    ('*', "50,49 50,51"),
    ('+', "50,20 50,80; 10,50 90,50"),
    ('/', "0,100 100,0"),
];

/// Characters that need more room than others.
const WIDE: &str = "MW";

/// How a maker of plates or wheels writes.
#[derive(Clone)]
pub(crate) struct Face {
    /// Width of a character for its height.
    pub(crate) width: f32,
    /// Thickness of strokes for the height.
    pub(crate) weight: f32,
    /// Radius of bends, for half of the width: 1 is a half circle.
    pub(crate) round: f32,
    /// Whether strokes end square.
    pub(crate) square: bool,
    /// To the right at the top, for the height.
    pub(crate) slant: f32,
    /// Chooses among the shapes.
    pub(crate) shapes: u64,
}

impl Face {
    /// One of the many ways to write within these widths and weights.
    pub(crate) fn any(rng: &mut impl Rng, width: (f32, f32), weight: (f32, f32)) -> Self {
        Self {
            width: between(rng, width.0, width.1),
            weight: between(rng, weight.0, weight.1),
            round: between(rng, 0.55, 1.0),
            square: chance(rng, 0.6),
            slant: 0.0,
            shapes: rng.random(),
        }
    }

    /// Room for a character of this height, strokes included.
    pub(crate) fn room(&self, character: char, height: f32) -> f32 {
        let wide = if WIDE.contains(character) { 1.18 } else { 1.0 };
        let narrow = match character {
            '1' => 0.72,
            'I' if !self.shape('I').contains(';') => 0.35,
            'I' => 0.6,
            '.' | ',' => 0.3,
            '-' => 0.6,
            '*' => 0.5,
            _ => 1.0,
        };
        self.width * height * wide * narrow
    }

    fn shape(&self, character: char) -> &'static str {
        let mut known = SHAPES.iter().filter(|(name, _)| *name == character);
        let many = known.clone().count().max(1) as u64;
        let chosen = (self.shapes >> (character as u32 % 48)) % many;
        known.nth(chosen as usize).map_or("", |(_, shape)| shape)
    }

    /// Writes one character so that its strokes fill `area`.
    pub(crate) fn draw(&self, canvas: &mut Canvas, character: char, area: Box2, colour: Colour, opacity: f32) {
        let height = area.3 - area.1;
        let thickness = self.weight * height;
        let half = thickness / 2.0;
        let inner = Box2(area.0 + half, area.1 + half, (area.2 - half).max(area.0 + half), area.3 - half);
        let radius = self.round * ((inner.2 - inner.0) / 2.0).min((inner.3 - inner.1) / 2.0);
        let mut segments = Vec::new();
        for line in self.shape(character).split(';') {
            trace(line, inner, radius, self.square, &mut segments);
        }
        for segment in &mut segments {
            segment.from[0] += self.slant * (area.3 - segment.from[1]);
            segment.to[0] += self.slant * (area.3 - segment.to[1]);
        }
        canvas.lines(&segments, thickness, colour, opacity);
    }

    /// Writes a line of text from `left` on, its characters `gap` apart; gives where it ended.
    pub(crate) fn write(
        &self,
        canvas: &mut Canvas,
        text: &str,
        place: (f32, f32, f32),
        gap: f32,
        colour: Colour,
    ) -> f32 {
        let (mut left, top, height) = place;
        for character in text.chars() {
            let room = self.room(character, height);
            if character != ' ' {
                self.draw(canvas, character, Box2(left, top, left + room, top + height), colour, 1.0);
            }
            left += room + gap;
        }
        left - gap
    }

    /// How wide [`Face::write`] would be.
    pub(crate) fn measure(&self, text: &str, height: f32, gap: f32) -> f32 {
        text.chars().map(|character| self.room(character, height) + gap).sum::<f32>() - gap
    }
}

/// Appends the segments of one line, bends resolved into short ones.
fn trace(line: &str, area: Box2, radius: f32, square: bool, segments: &mut Vec<Segment>) {
    let closed = line.trim_end().ends_with('o');
    let points: Vec<([f32; 2], bool)> = line.split_whitespace().filter_map(|word| point(word, area)).collect();
    let count = points.len();
    let mut path: Vec<[f32; 2]> = Vec::new();
    for (at, &(here, round)) in points.iter().enumerate() {
        if !round || (!closed && (at == 0 || at + 1 == count)) {
            path.push(here);
            continue;
        }
        let (before, after) = (points[(at + count - 1) % count], points[(at + 1) % count]);
        bend(&mut path, toward(here, before, radius), here, toward(here, after, radius));
    }
    if closed && let Some(&first) = path.first() {
        path.push(first);
    }
    let last = path.len().saturating_sub(2);
    for (at, pair) in path.windows(2).enumerate() {
        let ends = [square && !closed && at == 0, square && !closed && at == last];
        segments.push(Segment { from: pair[0], to: pair[1], square: ends });
    }
}

fn point(word: &str, area: Box2) -> Option<([f32; 2], bool)> {
    let (x, y) = word.trim_start_matches('r').split_once(',')?;
    let (x, y): (f32, f32) = (x.parse().ok()?, y.parse().ok()?);
    let place = [area.0 + (area.2 - area.0) * x / 100.0, area.1 + (area.3 - area.1) * y / 100.0];
    Some((place, word.starts_with('r')))
}

/// Where a bend at `here` begins on the way to a neighbour: no further than the middle, if that is bent as well.
fn toward(here: [f32; 2], (there, round): ([f32; 2], bool), radius: f32) -> [f32; 2] {
    let (dx, dy) = (there[0] - here[0], there[1] - here[1]);
    let length = (dx * dx + dy * dy).sqrt().max(1e-6);
    let share = (radius / length).min(if round { 0.5 } else { 0.95 });
    [here[0] + dx * share, here[1] + dy * share]
}

/// A cubic curve near to the quarter of an ellipse.
fn bend(path: &mut Vec<[f32; 2]>, from: [f32; 2], corner: [f32; 2], to: [f32; 2]) {
    const PULL: f32 = 0.552_3;
    for step in 0..=6 {
        let t = step as f32 / 6.0;
        let u = 1.0 - t;
        let at = |axis: usize| {
            let first = from[axis] + (corner[axis] - from[axis]) * PULL;
            let second = to[axis] + (corner[axis] - to[axis]) * PULL;
            u * u * u * from[axis] + 3.0 * u * u * t * first + 3.0 * u * t * t * second + t * t * t * to[axis]
        };
        path.push([at(0), at(1)]);
    }
}
