//! What plates say: patterns of `A` for a letter, `0` for a digit, `X` for either.

use rand::{Rng, RngExt};

use super::Layout;
use crate::drawing::{chance, pick};

const AMERICAN: [&str; 16] = [
    "AAA000", "AAA 000", "000 AAA", "AAA-000", "000-AAA", "AAA*0000", "AAA 0000", "0AAA000", "AA0 A0A", "00A 000",
    "000 000", "0A 0000", "AA 0000", "AA0*X0A", "0000AA", "AAA*00A",
];
const EUROPEAN: [&str; 12] = [
    "AA*000AA",
    "AA-000AA",
    "AA 000AA",
    "AA-AAAA0",
    "A-AA 0000",
    "AA AA 000",
    "AAA-A 000",
    "AA00 AAA",
    "0A0 0000",
    "AA 000 AA",
    "AAA 000",
    "AAA 00AA",
];
const BRAZILIAN: [&str; 3] = ["AAA-0000", "AAA*0000", "AAA0A00"];

/// A text with its blanks and marks, in characters of the alphabet.
pub(super) fn text(rng: &mut impl Rng, layout: Layout, alphabet: &str) -> String {
    let of = |wanted: &dyn Fn(&char) -> bool| -> Vec<char> {
        let fitting: Vec<char> = alphabet.chars().filter(|sign| wanted(sign)).collect();
        if fitting.is_empty() { alphabet.chars().collect() } else { fitting }
    };
    // I and O are not used where they look like 1 and 0
    let fits = |sign: &char| sign.is_ascii_alphabetic() && (layout != Layout::Chinese || !matches!(sign, 'I' | 'O'));
    let (letters, digits) = (of(&fits), of(&char::is_ascii_digit));
    let pattern = match layout {
        Layout::American if chance(rng, 0.25) => vanity(rng),
        Layout::American => (*pick(rng, &AMERICAN)).to_owned(),
        Layout::European => (*pick(rng, &EUROPEAN)).to_owned(),
        Layout::Brazilian => (*pick(rng, &BRAZILIAN)).to_owned(),
        Layout::Chinese => chinese(rng),
    };
    let choose = |sign: char| match sign {
        'A' => letter(rng, &letters),
        '0' => digit(rng, &digits),
        'X' if chance(rng, 0.5) => letter(rng, &letters),
        'X' => digit(rng, &digits),
        mark => mark,
    };
    pattern.chars().map(choose).collect()
}

/// What somebody paid for: mostly letters, any length.
fn vanity(rng: &mut impl Rng) -> String {
    let length = rng.random_range(2..=7);
    (0..length).map(|_| if chance(rng, 0.75) { 'A' } else { '0' }).collect()
}

/// A city's letter, a dot, five signs of which at most two are letters.
fn chinese(rng: &mut impl Rng) -> String {
    let mut rest = ['0'; 5];
    for _ in 0..2 {
        if chance(rng, 0.75) {
            rest[rng.random_range(0..5)] = 'A';
        }
    }
    std::iter::once('A').chain(rest).collect()
}

fn letter(rng: &mut impl Rng, letters: &[char]) -> char {
    letters.get(rng.random_range(0..letters.len().max(1))).copied().unwrap_or('A')
}

fn digit(rng: &mut impl Rng, digits: &[char]) -> char {
    digits.get(rng.random_range(0..digits.len().max(1))).copied().unwrap_or('0')
}
