use serde::{Deserialize, Serialize};

use crate::error::FieldError;

/// Half of the last digit that anybody writes: tenths are not whole numbers of a binary fraction.
const ROUNDING: f64 = 1e-9;

/// The number that a text stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// Digits behind the point, exactly.
    #[serde(default)]
    pub decimals: u32,
    /// How far a reading may be from the truth and still serve.
    #[serde(default)]
    pub tolerance: f64,
    /// Where counting begins at 0 again: 10 for one rolling digit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrap: Option<f64>,
    /// Whether the readings of one source never go down.
    #[serde(default)]
    pub increasing: bool,
}

impl Number {
    /// The number that `text` is, if it is one of this form.
    #[must_use]
    pub fn value(&self, text: &str) -> Option<f64> {
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let formed = match fraction {
            Some(fraction) => digits(fraction) && fraction.len() == self.decimals as usize,
            None => self.decimals == 0,
        };
        let value = text.parse().ok().filter(|_| formed && digits(whole))?;
        self.wrap.is_none_or(|wrap| value < wrap).then_some(value)
    }

    /// Whether two texts stand for numbers no further apart than the tolerance, round the circle where there is one.
    #[must_use]
    pub fn within_tolerance(&self, truth: &str, text: &str) -> bool {
        match (self.value(truth), self.value(text)) {
            (Some(truth), Some(value)) => self.step(truth, value).abs() <= self.tolerance + ROUNDING,
            _ => false,
        }
    }

    /// Whether `text` lies behind `previous` by more than the tolerance. On a circle the nearer way counts.
    #[must_use]
    pub fn runs_backwards(&self, previous: &str, text: &str) -> bool {
        match (self.value(previous), self.value(text)) {
            (Some(before), Some(value)) => self.step(before, value) < -(self.tolerance + ROUNDING),
            _ => false,
        }
    }

    /// From one number to another, on a circle from −wrap/2 to wrap/2.
    fn step(&self, from: f64, to: f64) -> f64 {
        match self.wrap {
            Some(wrap) => (to - from + wrap / 2.0).rem_euclid(wrap) - wrap / 2.0,
            None => to - from,
        }
    }

    /// The form in words.
    pub(super) fn wanted(&self) -> String {
        let decimals = match self.decimals {
            0 => String::from("without decimals"),
            1 => String::from("with 1 decimal"),
            n => format!("with {n} decimals"),
        };
        let below = self.wrap.map(|wrap| format!(", below {wrap}")).unwrap_or_default();
        format!("a number {decimals}{below} is needed")
    }

    pub(super) fn check(&self, wrong: &mut Vec<FieldError>) {
        let mut refuse = |holds: bool, field: &str, reason: &str| {
            if !holds {
                wrong.push(FieldError::new(format!("reading.number.{field}"), reason));
            }
        };
        refuse(self.decimals <= 6, "decimals", "0 to 6 are possible");
        let tolerance = self.tolerance.is_finite() && self.tolerance >= 0.0;
        refuse(tolerance, "tolerance", "a number from 0 on is needed");
        let wrap = self.wrap.is_none_or(|wrap| wrap.is_finite() && wrap > 0.0);
        refuse(wrap, "wrap", "a number above 0 is needed");
    }
}
