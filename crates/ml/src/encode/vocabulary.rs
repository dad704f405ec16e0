//! Which words of a column get a code of their own.

use std::collections::HashMap;

use super::inputs::MISSING_WORD;

/// The most words of a categorical column that are told apart; rarer ones are as good as unseen.
pub const MAX_WORDS: usize = 10_000;
/// The most texts of a text column that are told apart; the others share one code.
pub const MAX_FREQUENT_TEXTS: usize = 200;
/// Rows that a text must have to be told apart.
pub const MIN_TEXT_ROWS: u32 = 10;

/// Words by frequency, the most frequent first, equally frequent ones by their text; rare and missing words left out.
pub(super) fn frequent(codes: &[u32], words: &[String], at_least: u32, at_most: usize) -> Vec<String> {
    let mut counts = vec![0_u32; words.len()];
    codes.iter().filter(|&&code| code != MISSING_WORD).for_each(|&code| counts[code as usize] += 1);
    let mut order: Vec<usize> = (0..words.len()).filter(|&code| counts[code] >= at_least.max(1)).collect();
    order.sort_unstable_by(|&a, &b| counts[b].cmp(&counts[a]).then_with(|| words[a].cmp(&words[b])));
    order.truncate(at_most);
    order.into_iter().map(|code| words[code].clone()).collect()
}

/// Code of each word.
pub(super) fn index(words: &[String]) -> HashMap<String, u32> {
    words.iter().zip(0..).map(|(word, code)| (word.clone(), code)).collect()
}
