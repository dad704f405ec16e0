use std::fmt;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// Bytes that a compiled pattern may take: room for any plate or meter, none for a pattern that eats memory.
const MOST_BYTES: usize = 256 * 1024;

/// A regular expression for whole texts, compiled once. One that cannot be compiled says so when the specification is
/// checked, and matches nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Pattern {
    text: String,
    compiled: Result<Regex, String>,
}

impl Pattern {
    /// The pattern of this text, in the syntax of the `regex` crate.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let build = |text: &str| RegexBuilder::new(text).size_limit(MOST_BYTES).build();
        // By itself first: what closes a group that it did not open must not get by as a part of the whole.
        let compiled = build(&text).and_then(|_| build(&format!(r"\A(?:{text})\z")));
        let compiled = compiled.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => String::from("is too large"),
            other => other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
        });
        Self { text, compiled }
    }

    /// Whether the whole of `text` fits.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.as_ref().is_ok_and(|regex| regex.is_match(text))
    }

    /// Why it is no pattern, if it is none.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.compiled.as_ref().err().map(String::as_str)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_must_fit() {
        let pattern = Pattern::new("a|ab");
        assert!(pattern.matches("ab") && pattern.matches("a"));
        assert!(!pattern.matches("abc") && !pattern.matches("ab\n"));
    }

    #[test]
    fn what_is_no_pattern_says_why_and_matches_nothing() {
        for broken in ["(", "a)|(b", "[z-a]", "(?:(?:(?:.{999}){999}){999})"] {
            let pattern = Pattern::new(broken);
            assert!(pattern.problem().is_some_and(|reason| !reason.is_empty()), "{broken}");
            assert!(!pattern.matches("b"));
        }
    }
}
