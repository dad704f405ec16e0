//! How far people agree with each other, and with what is known.

use std::collections::BTreeMap;

use super::Transcript;

/// With more different answers than this, agreement beyond chance says nothing: chance hardly ever agrees.
pub const MOST_CLASSES: usize = 20;

/// How far two readings of each of some images agree. Every share comes with what it is a share of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Agreement {
    /// Images read twice.
    pub n: usize,
    /// Those read exactly the same.
    pub exact: usize,
    /// Characters to be changed, per character of the first reading; none where both never gave a text.
    pub character_error_rate: Option<f64>,
    /// Agreement beyond chance, where the answers are few.
    pub kappa: Option<f64>,
}

impl Agreement {
    /// Of pairs of readings. In those against a known answer, that comes first.
    #[must_use]
    pub fn of(pairs: &[(Transcript, Transcript)]) -> Self {
        let texts = pairs.iter().filter_map(|(a, b)| Some((a.text()?, b.text()?)));
        Self {
            n: pairs.len(),
            exact: pairs.iter().filter(|(a, b)| a == b).count(),
            character_error_rate: character_error_rate(texts),
            kappa: kappa(pairs),
        }
    }
}

/// The fewest characters (Unicode scalar values) to insert, delete or replace that make `b` of `a` (Levenshtein, 1966).
/// Readers and people are measured by it alike.
#[must_use]
pub fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Edits in all pairs of truth and reading, per character of all truths: long texts weigh more, and it may exceed 1. None
/// where the truths have no character.
#[must_use]
pub fn character_error_rate<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<f64> {
    let (mut edits, mut characters) = (0, 0);
    for (truth, read) in pairs {
        edits += edit_distance(truth, read);
        characters += truth.chars().count();
    }
    (characters > 0).then(|| edits as f64 / characters as f64)
}

/// Cohen's kappa: the share of agreement beyond what two people would reach who answer at random, each as often as they
/// do. None without pairs, with more than [`MOST_CLASSES`] different answers, or where chance alone would always agree.
#[must_use]
pub fn kappa(pairs: &[(Transcript, Transcript)]) -> Option<f64> {
    let mut marginals: BTreeMap<Option<&str>, (usize, usize)> = BTreeMap::new();
    for (a, b) in pairs {
        marginals.entry(a.text()).or_default().0 += 1;
        marginals.entry(b.text()).or_default().1 += 1;
    }
    if pairs.is_empty() || marginals.len() > MOST_CLASSES {
        return None;
    }
    let n = pairs.len() as f64;
    let observed = pairs.iter().filter(|(a, b)| a == b).count() as f64 / n;
    let expected: f64 = marginals.values().map(|(a, b)| (*a as f64 / n) * (*b as f64 / n)).sum();
    (expected < 1.0).then(|| (observed - expected) / (1.0 - expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Transcript {
        Transcript::Text(text.to_owned())
    }

    fn pairs(pairs: &[(&str, &str, usize)]) -> Vec<(Transcript, Transcript)> {
        pairs.iter().flat_map(|(a, b, times)| vec![(text(a), text(b)); *times]).collect()
    }

    #[test]
    fn edits_are_counted_in_characters() {
        for (a, b, edits) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
            ("0123", "0123", 0),
            ("äö", "aö", 1),
            ("皖A1", "皖B1", 1),
            ("12345", "23451", 2),
        ] {
            assert_eq!((edit_distance(a, b), edit_distance(b, a)), (edits, edits), "{a} {b}");
        }
    }

    #[test]
    fn long_texts_weigh_more_in_the_error_rate() {
        let rate = character_error_rate([("12345678", "12345679"), ("12", "34")]);
        assert_eq!(rate, Some(0.3), "3 edits of 10 characters");
        assert_eq!(character_error_rate([]), None);
        assert_eq!(character_error_rate([("1", "111")]), Some(2.0));
        assert_eq!(character_error_rate([("1234", "1284"), ("", "XY")]), Some(0.75), "what was invented counts");
        assert_eq!(character_error_rate([("", "A")]), None);
    }

    /// The example of Cohen's kappa on Wikipedia: 50 proposals, 20 yes–yes, 5 yes–no, 10 no–yes, 15 no–no.
    #[test]
    fn kappa_takes_chance_away() {
        let votes = pairs(&[("yes", "yes", 20), ("yes", "no", 5), ("no", "yes", 10), ("no", "no", 15)]);
        // observed 0.7, expected 0.5 · 0.6 + 0.5 · 0.4 = 0.5
        assert!((kappa(&votes).unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(kappa(&pairs(&[("1", "1", 5), ("2", "2", 5)])), Some(1.0));
        assert_eq!(kappa(&pairs(&[("1", "2", 5), ("2", "1", 5)])), Some(-1.0));
        assert_eq!(kappa(&pairs(&[("1", "1", 5)])), None, "one answer only");
        assert_eq!(kappa(&[]), None);
        let many: Vec<_> = (0..21).map(|i| (text(&i.to_string()), text(&i.to_string()))).collect();
        assert_eq!(kappa(&many), None);
    }

    #[test]
    fn that_nobody_can_read_it_is_an_answer() {
        let mut both = pairs(&[("12", "12", 1), ("12", "13", 1)]);
        both.push((Transcript::Unreadable, Transcript::Unreadable));
        both.push((text("1"), Transcript::Unreadable));
        let agreement = Agreement::of(&both);
        assert_eq!((agreement.n, agreement.exact), (4, 2));
        assert_eq!(agreement.character_error_rate, Some(0.25), "1 edit in the 4 characters that both read");
        // expected: 12 · (2/4 · 1/4) + 1 · 0 + 13 · 0 + unreadable · (1/4 · 2/4) = 0.25
        assert!((agreement.kappa.unwrap() - (0.5 - 0.25) / 0.75).abs() < 1e-12);
    }
}
