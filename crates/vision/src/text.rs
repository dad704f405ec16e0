//! How far a reading is from the truth, in characters (Unicode scalar values).

use std::collections::BTreeMap;

pub use domain::labeling::agreement::{character_error_rate, edit_distance};

/// One step of an alignment: a character of the truth (none where one was invented) beside the one that was read (none
/// where it was missed).
pub type Pair = (Option<char>, Option<char>);

/// Truth and reading character by character, with as few edits as can be. Of several such alignments it is the one that,
/// from the end, prefers to pair characters, then to miss one, then to invent one.
#[must_use]
pub fn align(truth: &str, read: &str) -> Vec<Pair> {
    let (truth, read): (Vec<char>, Vec<char>) = (truth.chars().collect(), read.chars().collect());
    let edits = edit_table(&truth, &read);
    let (mut i, mut j) = (truth.len(), read.len());
    let mut steps = Vec::with_capacity(i.max(j));
    while i > 0 || j > 0 {
        let paired = i > 0 && j > 0 && edits[i][j] == edits[i - 1][j - 1] + usize::from(truth[i - 1] != read[j - 1]);
        let missed = i > 0 && edits[i][j] == edits[i - 1][j] + 1;
        let step = (
            (paired || missed).then(|| truth[i.saturating_sub(1)]),
            (paired || !missed).then(|| read[j.saturating_sub(1)]),
        );
        i -= usize::from(step.0.is_some());
        j -= usize::from(step.1.is_some());
        steps.push(step);
    }
    steps.reverse();
    steps
}

/// `[i][j]`: edits between the first `i` characters of the truth and the first `j` of the reading.
fn edit_table(truth: &[char], read: &[char]) -> Vec<Vec<usize>> {
    let mut edits = vec![(0..=read.len()).collect::<Vec<_>>()];
    for (i, truth) in truth.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, read) in read.iter().enumerate() {
            row.push((edits[i][j] + usize::from(truth != read)).min(edits[i][j + 1] + 1).min(row[j] + 1));
        }
        edits.push(row);
    }
    edits
}

/// How often one character was read as another.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Confusion {
    /// What it is; none where a character was invented.
    pub truth: Option<char>,
    /// What was read; none where it was missed.
    pub read: Option<char>,
    /// How often.
    pub count: u64,
}

/// Which characters are taken for which, over pairs of truth and reading, the right ones too: most frequent first, ties
/// in the order of the characters.
#[must_use]
pub fn confusions<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Confusion> {
    let mut counts: BTreeMap<Pair, u64> = BTreeMap::new();
    for (truth, read) in pairs {
        for pair in align(truth, read) {
            *counts.entry(pair).or_default() += 1;
        }
    }
    let mut confusions: Vec<Confusion> =
        counts.into_iter().map(|((truth, read), count)| Confusion { truth, read, count }).collect();
    confusions.sort_by_key(|confusion| std::cmp::Reverse(confusion.count));
    confusions
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn alignments_name_what_was_missed_and_invented() {
        let shown = |truth, read| -> String {
            let step = |(truth, read): Pair| format!("{}{} ", truth.unwrap_or('_'), read.unwrap_or('_'));
            align(truth, read).into_iter().map(step).collect()
        };
        assert_eq!(shown("AB12", "A812"), "AA B8 11 22 ");
        assert_eq!(shown("AB12", "A12"), "AA B_ 11 22 ");
        assert_eq!(shown("A12", "AB12"), "AA _B 11 22 ");
        assert_eq!(shown("11", "1"), "1_ 11 ");
        assert_eq!(shown("", "7"), "_7 ");
        assert_eq!(shown("", ""), "");
    }

    #[test]
    fn confusions_are_counted_with_the_right_ones() {
        let found = confusions([("O01", "001"), ("OB", "08"), ("1", ""), ("", "I")]);
        let confusion = |truth, read, count| Confusion { truth, read, count };
        let expected = [
            confusion(Some('O'), Some('0'), 2),
            confusion(None, Some('I'), 1),
            confusion(Some('0'), Some('0'), 1),
            confusion(Some('1'), None, 1),
            confusion(Some('1'), Some('1'), 1),
            confusion(Some('B'), Some('8'), 1),
        ];
        assert_eq!(found, expected);
    }

    proptest! {
        #[test]
        fn an_alignment_spells_both_texts_in_as_few_edits(truth in "[01AB]{0,9}", read in "[01AB]{0,9}") {
            let steps = align(&truth, &read);
            prop_assert_eq!(steps.iter().filter_map(|step| step.0).collect::<String>(), truth.clone());
            prop_assert_eq!(steps.iter().filter_map(|step| step.1).collect::<String>(), read.clone());
            let edits = steps.iter().filter(|(truth, read)| truth != read).count();
            prop_assert_eq!(edits, edit_distance(&truth, &read));
            prop_assert_eq!(edits, edit_distance(&read, &truth));
        }
    }
}
