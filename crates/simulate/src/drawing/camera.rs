//! What lies between a thing and its picture: perspective, light, dirt, blur, noise, compression.

use rand::Rng;

use super::blocks;
use super::canvas::{Box2, Canvas, Colour, mix};
use super::{between, chance, colour, wobble};

/// One camera's lasting habits; each picture departs from them a little.
#[derive(Clone)]
pub(crate) struct Camera {
    /// Turn of the thing in the picture: rise for run.
    pub(crate) turn: f32,
    /// How far pictures depart from it.
    pub(crate) unsteady: f32,
    tint: Colour,
    blur: f32,
    sharpening: f32,
    noise: f32,
    coarseness: f32,
    /// How often light and dirt are in the way.
    trouble: f32,
}

/// Where a thing lies in the picture: its corners from the upper left clockwise, as shares of width and height.
pub(crate) struct Place(pub(crate) [[f32; 2]; 4]);

impl Camera {
    /// A camera, `trouble` (0 to 1) saying how poor a one.
    pub(crate) fn any(rng: &mut impl Rng, trouble: f32) -> Self {
        Self {
            turn: 0.05 * trouble * wobble(rng),
            unsteady: trouble,
            tint: [0; 3].map(|_| 1.0 + 0.12 * wobble(rng)),
            blur: between(rng, 0.0, 1.1 * trouble),
            sharpening: if chance(rng, 0.4) { between(rng, 0.2, 1.2) } else { 0.0 },
            noise: between(rng, 0.0, 0.035 * trouble),
            coarseness: between(rng, 0.1, 1.0 * trouble + 0.15),
            trouble,
        }
    }

    /// The picture of `thing` before whatever is behind it.
    pub(crate) fn shoot(&self, rng: &mut impl Rng, thing: &Canvas, place: &Place, size: (usize, usize)) -> Canvas {
        let mut picture = behind(rng, size);
        warp(thing, place, &mut picture);
        self.light(rng, &mut picture);
        let blur = self.blur * between(rng, 0.4, 1.5);
        soften(&mut picture, blur, [1.0, 1.0]);
        if chance(rng, 0.25 * self.trouble) {
            let along = chance(rng, 0.7);
            let length = between(rng, 0.5, 1.8);
            soften(&mut picture, length, if along { [1.0, 0.0] } else { [0.0, 1.0] });
        }
        sharpen(&mut picture, self.sharpening * between(rng, 0.5, 1.2));
        self.record(rng, &mut picture);
        picture
    }

    fn light(&self, rng: &mut impl Rng, picture: &mut Canvas) {
        let (width, height) = (picture.width as f32, picture.height as f32);
        if chance(rng, 0.35 * self.trouble) {
            shadow(rng, picture);
        }
        if chance(rng, 0.2 * self.trouble) {
            let centre = [width * rng_share(rng), height * rng_share(rng)];
            let radius = [width * between(rng, 0.08, 0.5), height * between(rng, 0.2, 0.8)];
            let share = between(rng, 0.15, 0.7);
            picture.spot(centre, radius, [1.0; 3], share);
        }
        let dim = chance(rng, 0.3 * self.trouble);
        let exposure = if dim { between(rng, 0.4, 0.8) } else { between(rng, 0.75, 1.25) };
        // fog by day, darkness by night: what is both cannot be read by anybody
        let foggy = !dim && chance(rng, 0.3 * self.trouble);
        let contrast = if foggy { between(rng, 0.4, 0.7) } else { between(rng, 0.75, 1.1) };
        let haze = between(rng, 0.3, 0.6);
        let tint = self.tint.map(|share| share * (1.0 + 0.05 * wobble(rng)));
        for pixel in &mut picture.pixels {
            for (value, tint) in pixel.iter_mut().zip(tint) {
                *value = ((haze + (*value - haze) * contrast) * exposure * tint).clamp(0.0, 1.0);
            }
        }
    }

    fn record(&self, rng: &mut impl Rng, picture: &mut Canvas) {
        let noise = self.noise * between(rng, 0.5, 1.5) * 1.7;
        for pixel in &mut picture.pixels {
            let grey = noise * wobble(rng);
            *pixel = pixel.map(|value| {
                (value + grey + 0.4 * noise * (rng.next_u32() as f32 / u32::MAX as f32 - 0.5)).clamp(0.0, 1.0)
            });
        }
        blocks::separate(picture);
        blocks::compress(picture, self.coarseness * between(rng, 0.6, 1.5));
    }
}

/// Specks of dirt on a thing, before the camera sees it.
pub(crate) fn soil(rng: &mut impl Rng, thing: &mut Canvas, most: usize) {
    let (width, height) = (thing.width as f32, thing.height as f32);
    for _ in 0..most {
        let centre = [width * rng_share(rng), height * rng_share(rng)];
        let radius = height * between(rng, 0.02, 0.12);
        let dirt = colour(rng, 0.1, 0.6, 0.1);
        let share = between(rng, 0.1, 0.8);
        thing.spot(centre, [radius * between(rng, 0.7, 2.5), radius], dirt, share);
    }
}

fn rng_share(rng: &mut impl Rng) -> f32 {
    between(rng, 0.0, 1.0)
}

/// Metal, cloth, tyres: two colours and a few bands of others.
fn behind(rng: &mut impl Rng, (width, height): (usize, usize)) -> Canvas {
    let mut canvas = Canvas::new(width, height, [0.0; 3]);
    let (w, h) = (width as f32, height as f32);
    let (top, bottom) = (colour(rng, 0.0, 0.8, 0.15), colour(rng, 0.0, 0.8, 0.15));
    canvas.slope(Box2(0.0, 0.0, w, h), top, bottom);
    for _ in 0..3 {
        let (at, thickness) = (between(rng, 0.0, h), between(rng, 0.03, 0.3) * h);
        let band = colour(rng, 0.0, 0.9, 0.15);
        canvas.fill(Box2(-9.0, at, w + 9.0, at + thickness), 0.0, band);
    }
    canvas
}

/// A darker half, behind a straight edge.
fn shadow(rng: &mut impl Rng, picture: &mut Canvas) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    let (across, down) = (wobble(rng), wobble(rng) + 0.01);
    let length = (across * across + down * down).sqrt();
    let (px, py) = (width * between(rng, 0.15, 0.85), height * between(rng, 0.15, 0.85));
    let (soft, depth) = (between(rng, 0.5, 6.0), between(rng, 0.2, 0.6));
    picture.cover(Box2(0.0, 0.0, width, height), [0.02; 3], |x, y| {
        let distance = ((x - px) * across + (y - py) * down) / length;
        depth * (0.5 + distance / soft).clamp(0.0, 1.0)
    });
}

/// Lays the thing into the picture, each pixel the mean of nine places on it.
fn warp(thing: &Canvas, place: &Place, picture: &mut Canvas) {
    let (width, height) = (picture.width, picture.height);
    let back = inverse(&square_to(place));
    for at in 0..width * height {
        let (mut sum, mut seen) = ([0.0; 3], 0.0);
        for part in 0..9 {
            let x = (at % width) as f32 + ((part % 3) as f32 + 0.5) / 3.0;
            let y = (at / width) as f32 + ((part / 3) as f32 + 0.5) / 3.0;
            let (x, y) = (x / width as f32, y / height as f32);
            let depth = back[6] * x + back[7] * y + back[8];
            let u = (back[0] * x + back[1] * y + back[2]) / depth * thing.width as f32;
            let v = (back[3] * x + back[4] * y + back[5]) / depth * thing.height as f32;
            if u >= 0.0 && v >= 0.0 && u < thing.width as f32 && v < thing.height as f32 {
                let pixel = thing.pixels[v as usize * thing.width + u as usize];
                sum = [0, 1, 2].map(|channel| sum[channel] + pixel[channel]);
                seen += 1.0;
            }
        }
        if seen > 0.0 {
            mix(&mut picture.pixels[at], sum.map(|value| value / seen), seen / 9.0);
        }
    }
}

/// The projection that takes the unit square to the place (Heckbert 1989, section 2.2.3), row by row.
fn square_to(Place(corners): &Place) -> [f32; 9] {
    let [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = *corners;
    let (sx, sy) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
    let (dx1, dx2, dy1, dy2) = (x1 - x2, x3 - x2, y1 - y2, y3 - y2);
    let area = dx1 * dy2 - dx2 * dy1;
    let (g, h) = ((sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area);
    [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1.0]
}

/// Up to a factor, which a projection does not feel.
fn inverse(m: &[f32; 9]) -> [f32; 9] {
    let minor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[d] - m[b] * m[c];
    [
        minor(4, 5, 7, 8),
        -minor(1, 2, 7, 8),
        minor(1, 2, 4, 5),
        -minor(3, 5, 6, 8),
        minor(0, 2, 6, 8),
        -minor(0, 2, 3, 5),
        minor(3, 4, 6, 7),
        -minor(0, 1, 6, 7),
        minor(0, 1, 3, 4),
    ]
}

/// Three box blurs after another are nearly a bell; `axes` switches each axis on or off.
fn soften(picture: &mut Canvas, radius: f32, axes: [f32; 2]) {
    if radius < 0.05 {
        return;
    }
    for axis in [0, 1] {
        for _ in 0..if axes[axis] > 0.0 { 2 } else { 0 } {
            box_blur(picture, radius * 0.9, axis);
        }
    }
}

fn box_blur(picture: &mut Canvas, radius: f32, axis: usize) {
    let (width, height) = (picture.width as isize, picture.height as isize);
    let old = picture.pixels.clone();
    let whole = radius.floor() as isize;
    let rest = radius - radius.floor();
    let full = 1.0 + 2.0 * radius;
    for at in 0..old.len() as isize {
        let (x, y) = (at % width, at / width);
        let pixel = |step: isize| {
            let (x, y) = if axis == 0 { (x + step, y) } else { (x, y + step) };
            old[(y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) as usize]
        };
        let mut sum = [0.0; 3];
        for step in -whole - 1..=whole + 1 {
            let weight = if step.abs() > whole { rest } else { 1.0 };
            let value = pixel(step);
            sum = [0, 1, 2].map(|channel| sum[channel] + weight * value[channel]);
        }
        picture.pixels[at as usize] = sum.map(|value| value / full);
    }
}

fn sharpen(picture: &mut Canvas, strength: f32) {
    if strength < 0.05 {
        return;
    }
    let sharp = picture.pixels.clone();
    soften(picture, 0.8, [1.0, 1.0]);
    for (soft, sharp) in picture.pixels.iter_mut().zip(sharp) {
        *soft = [0, 1, 2].map(|channel| (sharp[channel] + strength * (sharp[channel] - soft[channel])).clamp(0.0, 1.0));
    }
}
