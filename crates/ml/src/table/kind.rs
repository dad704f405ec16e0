//! One pass over a column, counting what its kind and its note depend on.

use super::column::RawColumn;
use super::datetime::parse_datetime;
use super::infer::{ColumnKind, shortened};
use super::value::{boolean, parse_number};
use std::collections::HashSet;

const EXAMPLES: usize = 5;
/// Words are text when there are more different ones than this, and more than half of the cells.
const MOST_CATEGORIES: usize = 100;
/// So many cells must all differ before a column looks like an identifier.
const IDENTIFIER_CELLS: usize = 20;
/// A column of words is worth a remark when so many of its cells are numbers after all.
const MOSTLY: f64 = 0.9;

/// What was counted.
pub(super) struct Tally<'a> {
    pub(super) missing: usize,
    /// The first different values.
    pub(super) examples: Vec<&'a str>,
    pub(super) min: f64,
    pub(super) max: f64,
    distinct: HashSet<&'a str>,
    present: usize,
    numbers: usize,
    whole_numbers: usize,
    padded_numbers: usize,
    comma_numbers: usize,
    times: usize,
    /// Cells of each pair of boolean words: the negative ones, the affirmative ones.
    booleans: [[usize; 2]; 5],
    not_a_number: Option<&'a str>,
    before: f64,
    ascending: bool,
}

impl<'a> Tally<'a> {
    pub(super) fn of(column: &'a RawColumn) -> Self {
        let mut tally = Self {
            missing: 0,
            examples: Vec::new(),
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            distinct: HashSet::new(),
            present: 0,
            numbers: 0,
            whole_numbers: 0,
            padded_numbers: 0,
            comma_numbers: 0,
            times: 0,
            booleans: [[0; 2]; 5],
            not_a_number: None,
            before: f64::NEG_INFINITY,
            ascending: true,
        };
        for cell in column.cells() {
            match cell {
                Some(cell) => tally.add(cell),
                None => tally.missing += 1,
            }
        }
        tally
    }

    pub(super) fn distinct(&self) -> usize {
        self.distinct.len()
    }

    pub(super) fn kind(&self) -> ColumnKind {
        let all = |count: usize| self.present > 0 && count == self.present;
        let words = self.distinct();
        if self.booleans.iter().any(|[no, yes]| *no > 0 && *yes > 0 && all(no + yes)) {
            ColumnKind::Boolean
        } else if all(self.numbers) && self.padded_numbers == 0 {
            ColumnKind::Numeric
        } else if all(self.times) {
            ColumnKind::DateTime
        } else if words > MOST_CATEGORIES && 2 * words > self.present {
            ColumnKind::Text
        } else {
            ColumnKind::Categorical
        }
    }

    /// The most important remark, if any.
    pub(super) fn note(&self, kind: ColumnKind) -> Option<String> {
        let words = matches!(kind, ColumnKind::Categorical | ColumnKind::Text);
        if self.present == 0 {
            Some("every value is missing".to_owned())
        } else if self.distinct() == 1 {
            Some("the same value everywhere: nothing can be learnt from it".to_owned())
        } else if self.identifies(kind) {
            Some("every value differs: looks like an identifier".to_owned())
        } else if words && self.padded_numbers > 0 && self.numbers == self.present {
            Some("numbers with leading zeros: read as codes".to_owned())
        } else if words && self.comma_numbers > 0 && self.comma_numbers + self.numbers == self.present {
            Some("looks like numbers with a decimal comma: a decimal point is needed".to_owned())
        } else if words {
            self.stray_words()
        } else {
            None
        }
    }

    fn add(&mut self, cell: &'a str) {
        self.present += 1;
        if self.distinct.insert(cell) && self.examples.len() < EXAMPLES {
            self.examples.push(cell);
        }
        if let Some((pair, truth)) = boolean(cell) {
            self.booleans[pair][usize::from(truth)] += 1;
        }
        match parse_number(cell) {
            Some(number) => self.add_number(cell, number),
            None => self.add_word(cell),
        }
    }

    fn add_number(&mut self, cell: &str, number: f64) {
        self.numbers += 1;
        self.whole_numbers += usize::from(number.fract() == 0.0);
        self.padded_numbers += usize::from(is_padded(cell));
        self.min = self.min.min(number);
        self.max = self.max.max(number);
        self.ascending &= number > self.before;
        self.before = number;
    }

    fn add_word(&mut self, cell: &'a str) {
        self.not_a_number.get_or_insert(cell);
        self.times += usize::from(parse_datetime(cell).is_some());
        let decimal_comma = cell.contains(',') && parse_number(&cell.replacen(',', ".", 1)).is_some();
        self.comma_numbers += usize::from(decimal_comma);
    }

    /// Words that never repeat, or whole numbers that never repeat and only rise or leave no gap. Measurements and times
    /// never repeat either, and identify nothing.
    fn identifies(&self, kind: ColumnKind) -> bool {
        if self.present < IDENTIFIER_CELLS || self.distinct() < self.present {
            return false;
        }
        let gapless = self.max - self.min + 1.0 == self.present as f64;
        match kind {
            ColumnKind::Numeric => self.whole_numbers == self.present && (self.ascending || gapless),
            ColumnKind::Categorical | ColumnKind::Text => true,
            ColumnKind::Boolean | ColumnKind::DateTime => false,
        }
    }

    fn stray_words(&self) -> Option<String> {
        let stray = self.not_a_number?;
        let mostly = self.numbers as f64 >= MOSTLY * self.present as f64;
        mostly.then(|| {
            let (numbers, present) = (self.numbers, self.present);
            format!("{numbers} of {present} values are numbers, but “{}” is not", shortened(stray))
        })
    }
}

/// `007` or `-01`, but not `0`, `0.5` or `00.5`: a code whose zeros would be lost as a number.
fn is_padded(cell: &str) -> bool {
    let digits = cell.trim_start_matches(['+', '-']);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}
