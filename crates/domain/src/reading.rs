//! What a reading must look like: the alphabet, the length, the pattern, the number behind it, and when a person is asked.

mod inference;
mod number;
mod pattern;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

pub use inference::{Inferred, Wish, infer};
pub use number::Number;
pub use pattern::Pattern;

use crate::error::FieldError;

/// The longest text that is read, in characters.
pub const MAX_LENGTH: usize = 64;
/// The most characters of an alphabet.
pub const MAX_CHARACTERS: usize = 1_000;
/// The most readings that people are asked about at once, because most is to be learnt from them.
pub const MAX_SELECTION: u32 = 1_000;
/// The name under which a text to be learnt stands in data sets and specifications.
pub const TARGET: &str = "text";
/// The column of a data set that names the image by the SHA-256 of its stored bytes.
pub const IMAGE: &str = "image";
/// The column that says which meter or camera an image came from.
pub const SOURCE: &str = "source";

/// The rules of a model that reads text from images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Every character that can occur, in the order in which the model counts them.
    pub characters: String,
    /// Characters of the shortest text.
    pub min_length: usize,
    /// Characters of the longest text, at most [`MAX_LENGTH`].
    pub max_length: usize,
    /// What the whole text must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Pattern>,
    /// The number that the text stands for, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Number>,
    /// A reading that is less sure than this goes before a person.
    #[serde(default = "default_review_below")]
    pub review_below: f64,
    /// Share of the other readings that goes before a person all the same, so that accuracy can be estimated.
    #[serde(default = "default_share")]
    pub audit_share: f64,
    /// Share of the labeling tasks that two people answer without seeing each other.
    #[serde(default = "default_double_share")]
    pub double_share: f64,
    /// Share of what a labeler is given whose answer is known already.
    #[serde(default = "default_share")]
    pub gold_share: f64,
    /// Days after which an image is deleted; none keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
    /// Images that active learning picks in a week, at most [`MAX_SELECTION`].
    #[serde(default = "default_selection")]
    pub selection: u32,
}

fn default_review_below() -> f64 {
    0.7
}

fn default_share() -> f64 {
    0.02
}

fn default_double_share() -> f64 {
    0.05
}

fn default_selection() -> u32 {
    50
}

impl Reading {
    /// Texts of `min_length` to `max_length` of these characters, with no other rule and the usual shares.
    #[must_use]
    pub fn new(characters: impl Into<String>, min_length: usize, max_length: usize) -> Self {
        Self {
            characters: characters.into(),
            min_length,
            max_length,
            pattern: None,
            number: None,
            review_below: default_review_below(),
            audit_share: default_share(),
            double_share: default_double_share(),
            gold_share: default_share(),
            retention_days: None,
            selection: default_selection(),
        }
    }

    /// Why no image can show this text, if none can.
    #[must_use]
    pub fn problem(&self, text: &str) -> Option<String> {
        if let Some(strange) = text.chars().find(|c| !self.characters.contains(*c)) {
            return Some(format!("`{strange}` is none of the characters that occur"));
        }
        let length = text.chars().count();
        if !(self.min_length..=self.max_length).contains(&length) {
            return Some(format!("{} characters are needed, this has {length}", self.lengths()));
        }
        if let Some(number) = &self.number
            && number.value(text).is_none()
        {
            return Some(number.wanted());
        }
        let pattern = self.pattern.as_ref().filter(|pattern| !pattern.matches(text))?;
        Some(format!("does not match `{pattern}`"))
    }

    /// Which rule a reading breaks, given the one before it from the same source.
    #[must_use]
    pub fn broken_rule(&self, text: &str, previous: Option<&str>) -> Option<String> {
        self.problem(text).or_else(|| {
            let number = self.number.as_ref().filter(|number| number.increasing)?;
            let before = previous?;
            number.runs_backwards(before, text).then(|| format!("runs backwards: it was {before} before"))
        })
    }

    /// Whether the text was read as it is.
    #[must_use]
    pub fn is_exact(&self, truth: &str, text: &str) -> bool {
        truth == text
    }

    /// Whether the number read is within the tolerance of the true one; without numbers only an exact text is.
    #[must_use]
    pub fn within_tolerance(&self, truth: &str, text: &str) -> bool {
        truth == text || self.number.as_ref().is_some_and(|number| number.within_tolerance(truth, text))
    }

    /// `1 to 8`, or `3`.
    #[must_use]
    pub fn lengths(&self) -> String {
        if self.min_length == self.max_length {
            self.min_length.to_string()
        } else {
            format!("{} to {}", self.min_length, self.max_length)
        }
    }

    /// Adds what is wrong with it to `wrong`, under `reading.…`.
    pub(crate) fn check(&self, wrong: &mut Vec<FieldError>) {
        let mut refuse = |holds: bool, field: &str, reason: String| {
            if !holds {
                wrong.push(FieldError::new(format!("reading.{field}"), reason));
            }
        };
        let count = self.characters.chars().count();
        refuse((1..=MAX_CHARACTERS).contains(&count), "characters", format!("1 to {MAX_CHARACTERS} are possible"));
        let distinct = self.characters.chars().collect::<HashSet<_>>().len();
        refuse(distinct == count, "characters", String::from("a character appears twice"));
        let printable = !self.characters.chars().any(char::is_control);
        refuse(printable, "characters", String::from("control characters cannot be read"));
        refuse(self.min_length >= 1, "min_length", String::from("at least 1 is needed"));
        let lengths = (self.min_length.max(1)..=MAX_LENGTH).contains(&self.max_length);
        refuse(lengths, "max_length", format!("min_length to {MAX_LENGTH} is possible"));
        for (field, share) in [
            ("review_below", self.review_below),
            ("audit_share", self.audit_share),
            ("double_share", self.double_share),
            ("gold_share", self.gold_share),
        ] {
            refuse((0.0..=1.0).contains(&share), field, String::from("a share from 0 to 1 is possible"));
        }
        refuse(self.retention_days != Some(0), "retention_days", String::from("at least 1 is needed"));
        let selection = (1..=MAX_SELECTION).contains(&self.selection);
        refuse(selection, "selection", format!("1 to {MAX_SELECTION} is possible"));
        if let Some(problem) = self.pattern.as_ref().and_then(Pattern::problem) {
            refuse(false, "pattern", problem.to_owned());
        }
        if let Some(number) = &self.number {
            number.check(wrong);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dial() -> Reading {
        let number = Number { decimals: 1, tolerance: 0.1, wrap: Some(10.0), increasing: true };
        Reading { number: Some(number), ..Reading::new("0123456789.", 3, 3) }
    }

    #[test]
    fn what_no_image_can_show_is_named() {
        for good in ["0.0", "9.9"] {
            assert_eq!(dial().problem(good), None, "{good}");
        }
        let problem = |text| dial().problem(text).unwrap();
        assert!(problem("3.x").contains("`x` is none"));
        assert!(problem("12.3").contains("3 characters are needed"));
        assert!(problem("123").contains("1 decimal"));
        let plate = Reading { pattern: Some(Pattern::new("[A-Z]{2}[0-9]+")), ..Reading::new("ABC123", 3, 6) };
        assert_eq!(plate.problem("AB12"), None);
        assert!(plate.problem("AB12C").unwrap().contains("does not match"), "the whole text must match");
    }

    #[test]
    fn a_meter_runs_backwards_by_more_than_its_tolerance_and_less_than_half_its_round() {
        let rule = |text, previous| dial().broken_rule(text, Some(previous));
        assert_eq!(rule("0.3", "9.8"), None, "it went round");
        assert_eq!(rule("5.1", "5.2"), None, "within the tolerance");
        assert!(rule("9.8", "0.3").unwrap().contains("backwards"));
        assert!(rule("5.0", "5.2").is_some());
        assert_eq!(rule("5.0", "unreadable"), None, "nothing to compare with");
        let still = Reading { number: None, ..dial() };
        assert_eq!(still.broken_rule("5.0", Some("5.2")), None);
    }

    #[test]
    fn tolerance_goes_round_the_circle() {
        let dial = dial();
        for (truth, text, near) in
            [("0.0", "9.9", true), ("9.9", "0.0", true), ("3.7", "3.8", true), ("3.7", "3.9", false)]
        {
            assert_eq!(dial.within_tolerance(truth, text), near, "{truth} {text}");
        }
        assert!(!dial.within_tolerance("3.7", ""));
        let text = Reading::new("AB", 1, 2);
        assert!(text.within_tolerance("AB", "AB") && !text.within_tolerance("AB", "A"));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let number = Number { decimals: 9, tolerance: -1.0, wrap: Some(0.0), increasing: false };
        let reading = Reading {
            pattern: Some(Pattern::new("(")),
            number: Some(number),
            audit_share: 2.0,
            retention_days: Some(0),
            selection: MAX_SELECTION + 1,
            ..Reading::new("AA", 0, 65)
        };
        let mut wrong = Vec::new();
        reading.check(&mut wrong);
        let fields: Vec<_> = wrong.iter().map(|error| error.field.trim_start_matches("reading.")).collect();
        let expected = [
            "characters",
            "min_length",
            "max_length",
            "audit_share",
            "retention_days",
            "selection",
            "pattern",
            "number.decimals",
            "number.tolerance",
            "number.wrap",
        ];
        assert_eq!(fields, expected);
    }
}
