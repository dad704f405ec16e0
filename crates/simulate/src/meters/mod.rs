//! Meters as small cameras before them see them: rolling digits, and displays of seven segments.
//!
//! The label of a rolling digit `d.t` says that digit d has moved up by t tenths of its way and the next one follows it
//! from below. Each camera stands before one meter, so its pictures share colours, shape and faults.

mod display;
mod wheel;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::drawing::{Camera, Drawn};

/// What the meters show their numbers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One rolling digit, `0.0` to `9.9`.
    Wheel,
    /// One digit of a display, `0` to `9`.
    Digit,
    /// A whole display: five to eight digits, perhaps a decimal point.
    Display,
}

/// An endless supply of pictures; the same seed gives the same ones.
pub struct Meters {
    rng: ChaCha8Rng,
    kind: Kind,
    meters: Vec<Meter>,
}

/// One meter and the camera before it.
struct Meter {
    camera: Camera,
    wheel: wheel::Wheel,
    display: display::Display,
}

impl Meters {
    /// Of one kind, by twelve cameras.
    #[must_use]
    pub fn new(seed: u64, kind: Kind) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), kind, meters: Vec::new() }.cameras(12)
    }

    /// By so many cameras, at least one, from good to poor.
    #[must_use]
    pub fn cameras(mut self, count: usize) -> Self {
        let count = count.max(1);
        let meter = |at: usize| Meter {
            camera: Camera::any(&mut self.rng, 0.2 + 0.6 * at as f32 / count as f32),
            wheel: wheel::Wheel::any(&mut self.rng),
            display: display::Display::any(&mut self.rng),
        };
        self.meters = (0..count).map(meter).collect();
        self
    }
}

impl Iterator for Meters {
    type Item = Drawn;

    fn next(&mut self) -> Option<Drawn> {
        let at = self.rng.random_range(0..self.meters.len());
        let Meter { camera, wheel, display } = &self.meters[at];
        let (picture, text) = match self.kind {
            Kind::Wheel => wheel.shoot(&mut self.rng, camera),
            Kind::Digit => display.shoot(&mut self.rng, camera, true),
            Kind::Display => display.shoot(&mut self.rng, camera, false),
        };
        Some(Drawn::of(&picture, text, format!("meter-{at:02}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 3] = [Kind::Wheel, Kind::Digit, Kind::Display];

    #[test]
    fn a_seed_gives_the_same_meters_and_another_gives_others() {
        for kind in KINDS {
            let few = |seed| Meters::new(seed, kind).take(5).collect::<Vec<_>>();
            assert_eq!(few(7), few(7));
            assert_ne!(few(7), few(8));
        }
    }

    #[test]
    fn labels_have_the_form_of_their_kind() {
        let texts = |kind| Meters::new(1, kind).take(60).map(|drawn| drawn.text).collect::<Vec<_>>();
        let tenths = |text: &String| text.parse::<f64>().is_ok_and(|value| value < 10.0) && text.len() == 3;
        assert!(texts(Kind::Wheel).iter().all(tenths));
        assert!(texts(Kind::Digit).iter().all(|text| text.len() == 1));
        let readings = texts(Kind::Display);
        assert!(readings.iter().all(|text| text.parse::<f64>().is_ok() && (5..=9).contains(&text.len())));
        assert!(readings.iter().any(|text| text.contains('.')));
    }

    #[test]
    fn another_digit_of_the_same_meter_is_another_picture() {
        let wheels: Vec<Drawn> = Meters::new(3, Kind::Wheel).cameras(1).take(40).collect();
        let of = |digit: &str| wheels.iter().find(|drawn| drawn.text.starts_with(digit)).map(|drawn| &drawn.rgb);
        let (one, eight) = (of("1.").unwrap(), of("8.").unwrap());
        let apart = one.iter().zip(eight).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / one.len() as f64;
        assert!(apart > 8.0, "{apart}");
    }
}
