//! Pixels, and areas with soft edges on them.

/// Red, green and blue, 0 to 1.
pub(crate) type Colour = [f32; 3];

/// Left, top, right and bottom, in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Box2(pub(crate) f32, pub(crate) f32, pub(crate) f32, pub(crate) f32);

/// A part of a line: its ends, and whether each is cut off square rather than rounded.
#[derive(Clone, Copy)]
pub(crate) struct Segment {
    pub(crate) from: [f32; 2],
    pub(crate) to: [f32; 2],
    pub(crate) square: [bool; 2],
}

#[derive(Clone)]
pub(crate) struct Canvas {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<Colour>,
}

impl Canvas {
    pub(crate) fn new(width: usize, height: usize, colour: Colour) -> Self {
        Self { width, height, pixels: vec![colour; width * height] }
    }

    pub(crate) fn rgb(&self) -> Vec<u8> {
        self.pixels.iter().flatten().map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8).collect()
    }

    /// Lays `colour` over the pixels of `area`, as much as `cover` says at their centres (0 to 1).
    pub(crate) fn cover(&mut self, area: Box2, colour: Colour, cover: impl Fn(f32, f32) -> f32) {
        let range = |low: f32, high: f32, size: usize| {
            (low.floor().max(0.0) as usize)..(high.ceil().max(0.0) as usize).min(size)
        };
        for y in range(area.1, area.3, self.height) {
            for x in range(area.0, area.2, self.width) {
                let share = cover(x as f32 + 0.5, y as f32 + 0.5).clamp(0.0, 1.0);
                if share > 0.0 {
                    mix(&mut self.pixels[y * self.width + x], colour, share);
                }
            }
        }
    }

    /// A filled box with round corners.
    pub(crate) fn fill(&mut self, area: Box2, radius: f32, colour: Colour) {
        self.cover(area, colour, |x, y| 0.5 - outside_box(area, radius, x, y));
    }

    /// The outline of a box, `width` pixels inwards.
    pub(crate) fn frame(&mut self, area: Box2, radius: f32, width: f32, colour: Colour) {
        self.cover(area, colour, |x, y| {
            let outside = outside_box(area, radius, x, y);
            (0.5 - outside).min(0.5 + outside + width)
        });
    }

    pub(crate) fn disc(&mut self, x: f32, y: f32, radius: f32, colour: Colour) {
        self.fill(Box2(x - radius, y - radius, x + radius, y + radius), radius, colour);
    }

    /// An area that fades out from its middle, laid over with at most `share`.
    pub(crate) fn spot(&mut self, centre: [f32; 2], radius: [f32; 2], colour: Colour, share: f32) {
        let area = Box2(centre[0] - radius[0], centre[1] - radius[1], centre[0] + radius[0], centre[1] + radius[1]);
        self.cover(area, colour, |x, y| {
            let (dx, dy) = ((x - centre[0]) / radius[0], (y - centre[1]) / radius[1]);
            let left = (1.0 - dx * dx - dy * dy).max(0.0);
            share * left * (2.0 - left)
        });
    }

    /// From one colour at the top to another at the bottom.
    pub(crate) fn slope(&mut self, area: Box2, top: Colour, bottom: Colour) {
        let height = area.3 - area.1;
        for band in 0..24 {
            let (start, end) = (band as f32 / 24.0, (band + 1) as f32 / 24.0);
            let mut colour = top;
            mix(&mut colour, bottom, (start + end) / 2.0);
            let slice = Box2(area.0, (area.1 + start * height).floor(), area.2, (area.1 + end * height).floor());
            self.fill(slice, 0.0, colour);
        }
    }

    /// Lines `thickness` pixels wide, as one shape: where they cross nothing is laid on twice.
    pub(crate) fn lines(&mut self, segments: &[Segment], thickness: f32, colour: Colour, opacity: f32) {
        let reach = thickness / 2.0 + 1.0;
        let bound = |segment: &Segment| {
            let low = [0, 1].map(|axis| segment.from[axis].min(segment.to[axis]) - reach);
            let high = [0, 1].map(|axis| segment.from[axis].max(segment.to[axis]) + reach);
            Box2(low[0], low[1], high[0], high[1])
        };
        let Some(all) =
            segments.iter().map(bound).reduce(|a, b| Box2(a.0.min(b.0), a.1.min(b.1), a.2.max(b.2), a.3.max(b.3)))
        else {
            return;
        };
        let left = all.0.floor().max(0.0) as usize;
        let top = all.1.floor().max(0.0) as usize;
        let width = (all.2.ceil().max(0.0) as usize).min(self.width).saturating_sub(left);
        let height = (all.3.ceil().max(0.0) as usize).min(self.height).saturating_sub(top);
        let mut outside = vec![f32::MAX; width * height];
        for segment in segments {
            let part = bound(segment);
            for y in (part.1.max(all.1).max(0.0) as usize).max(top)..(part.3.max(0.0) as usize + 1).min(top + height) {
                for x in (part.0.max(0.0) as usize).max(left)..(part.2.max(0.0) as usize + 1).min(left + width) {
                    let place = &mut outside[(y - top) * width + x - left];
                    *place = place.min(segment.outside(x as f32 + 0.5, y as f32 + 0.5, thickness / 2.0));
                }
            }
        }
        for (at, outside) in outside.into_iter().enumerate() {
            let share = (0.5 - outside).clamp(0.0, 1.0) * opacity;
            if share > 0.0 {
                mix(&mut self.pixels[(top + at / width) * self.width + left + at % width], colour, share);
            }
        }
    }
}

impl Segment {
    /// How far a point lies outside of the line; negative inside.
    fn outside(&self, x: f32, y: f32, radius: f32) -> f32 {
        let (dx, dy) = (self.to[0] - self.from[0], self.to[1] - self.from[1]);
        let length = (dx * dx + dy * dy).sqrt().max(1e-6);
        let (px, py) = (x - self.from[0], y - self.from[1]);
        let along = (px * dx + py * dy) / length;
        let across = ((px * dy - py * dx) / length).abs();
        let (beyond, square) = if along < 0.0 { (-along, self.square[0]) } else { (along - length, self.square[1]) };
        if beyond <= 0.0 {
            across - radius
        } else if square {
            beyond.max(across - radius)
        } else {
            (beyond * beyond + across * across).sqrt() - radius
        }
    }
}

/// Signed distance to a box with round corners.
fn outside_box(area: Box2, radius: f32, x: f32, y: f32) -> f32 {
    let dx = (x - (area.0 + area.2) / 2.0).abs() - (area.2 - area.0) / 2.0 + radius;
    let dy = (y - (area.1 + area.3) / 2.0).abs() - (area.3 - area.1) / 2.0 + radius;
    let corner = (dx.max(0.0) * dx.max(0.0) + dy.max(0.0) * dy.max(0.0)).sqrt();
    corner + dx.max(dy).min(0.0) - radius
}

pub(crate) fn mix(under: &mut Colour, over: Colour, share: f32) {
    for (under, over) in under.iter_mut().zip(over) {
        *under += (over - *under) * share;
    }
}
