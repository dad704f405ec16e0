//! Number plates of invented cars as gate cameras see them, in the layouts of several countries.
//!
//! No plate belongs to anybody: the texts are drawn at random. Each camera has its own place, light and faults, so a
//! recogniser that is measured on cameras it has not seen has something to show.

mod layouts;
mod texts;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub use layouts::Layout;

use crate::drawing::{Camera, Canvas, Drawn, Place, between, pick, soil, wobble};

/// An endless supply of plates; the same seed gives the same ones.
pub struct Plates {
    rng: ChaCha8Rng,
    cameras: Vec<Camera>,
    layouts: Vec<Layout>,
    alphabet: String,
    province: char,
}

impl Plates {
    /// Of all layouts, by twelve cameras, in digits and capital letters.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let plates = Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            cameras: Vec::new(),
            layouts: Layout::ALL.to_vec(),
            alphabet: ('0'..='9').chain('A'..='Z').collect(),
            province: '皖',
        };
        plates.cameras(12)
    }

    /// Only of these layouts; all if there are none.
    #[must_use]
    pub fn layouts(mut self, layouts: &[Layout]) -> Self {
        self.layouts = if layouts.is_empty() { Layout::ALL.to_vec() } else { layouts.to_vec() };
        self
    }

    /// By so many cameras, at least one, from fair to poor.
    #[must_use]
    pub fn cameras(mut self, count: usize) -> Self {
        let count = count.max(1);
        let trouble = |at: usize| 0.3 + 0.6 * at as f32 / count as f32;
        self.cameras = (0..count).map(|at| Camera::any(&mut self.rng, trouble(at))).collect();
        self
    }

    /// With these of the digits and capital letters only, and no others, as far as a layout leaves a choice.
    #[must_use]
    pub fn alphabet(mut self, alphabet: &str) -> Self {
        self.alphabet = alphabet.to_owned();
        self
    }

    /// What is written for the first sign of Chinese plates, which is drawn as strokes that mean nothing.
    #[must_use]
    pub fn province(mut self, sign: char) -> Self {
        self.province = sign;
        self
    }
}

impl Iterator for Plates {
    type Item = Drawn;

    fn next(&mut self) -> Option<Drawn> {
        let layout = *pick(&mut self.rng, &self.layouts);
        let at = self.rng.random_range(0..self.cameras.len());
        let written = texts::text(&mut self.rng, layout, &self.alphabet);
        let mut plate = layouts::draw(&mut self.rng, layout, &written);
        let specks = self.rng.random_range(0..8);
        soil(&mut self.rng, &mut plate, specks);
        let picture = shoot(&mut self.rng, &self.cameras[at], layout, &plate);
        let mut text: String = written.chars().filter(char::is_ascii_alphanumeric).collect();
        if layout == Layout::Chinese {
            text.insert(0, self.province);
        }
        Some(Drawn::of(&picture, text, format!("gate-{at:02}")))
    }
}

/// Cut out as a detector would: closely, and a little askew.
fn shoot(rng: &mut impl Rng, camera: &Camera, layout: Layout, plate: &Canvas) -> Canvas {
    let aspect = plate.width as f32 / plate.height as f32;
    let size = match layout {
        // detectors for these plates are trained on crops of one size
        Layout::Chinese => (94, 24),
        _ => {
            let height = between(rng, 24.0, 72.0).min(64.0);
            let width = height * aspect * between(rng, 0.85, 1.12);
            (width.round() as usize, height.round() as usize)
        }
    };
    // from the side of the road, or from a gate that cars stand before
    let steep = if layout == Layout::Chinese { 0.16 } else { 0.07 };
    let shape = size.0 as f32 / size.1 as f32;
    let slope = camera.turn + steep * camera.unsteady * wobble(rng);
    let lean = 2.0 * steep * camera.unsteady * wobble(rng);
    let loose = between(rng, 0.0, 0.1);
    let corners = [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]].map(|[x, y]: [f32; 2]| {
        let x = x * (1.02 - loose) + lean * y / shape + 0.02 * camera.unsteady * wobble(rng);
        let y = y * (1.04 - loose) + slope * x * shape + 0.05 * camera.unsteady * wobble(rng);
        [0.5 + x, 0.5 + y]
    });
    camera.shoot(rng, plate, &Place(corners), size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_plates_and_another_gives_others() {
        let few = |seed| Plates::new(seed).take(6).collect::<Vec<_>>();
        assert_eq!(few(7), few(7));
        assert_ne!(few(7), few(8));
    }

    #[test]
    fn texts_keep_to_the_alphabet_and_pictures_are_whole() {
        for drawn in Plates::new(1).alphabet("0123456789ABCDEF").province('京').take(60) {
            let rest = drawn.text.strip_prefix('京').unwrap_or(&drawn.text);
            assert!(rest.chars().all(|sign| sign.is_ascii_hexdigit() && !sign.is_ascii_lowercase()), "{}", drawn.text);
            assert!((2..=8).contains(&drawn.text.chars().count()), "{}", drawn.text);
            assert_eq!(drawn.rgb.len() as u32, drawn.width * drawn.height * 3);
            assert!(drawn.height <= 64 && drawn.source.starts_with("gate-"));
        }
    }

    #[test]
    fn chosen_layouts_are_the_only_ones() {
        let made: Vec<Drawn> = Plates::new(2).layouts(&[Layout::Chinese]).cameras(3).take(20).collect();
        assert!(made.iter().all(|drawn| drawn.text.starts_with('皖') && (drawn.width, drawn.height) == (94, 24)));
        assert!(made.iter().any(|drawn| drawn.source == "gate-02"));
    }
}
