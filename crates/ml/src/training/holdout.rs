//! Which rows nothing touches until the end.
//!
//! The answer must not change when the data grows or the model is trained again: a row that was once learnt from must
//! not turn up among the rows that the next version is compared on. So at random means by a hash of what the row says.

use std::collections::HashMap;

use domain::row::parse_moment;
use domain::specification::{Specification, Split, Task};

use super::error::TrainError;
use crate::encode::{Problems, shown, texts};
use crate::features::Target;
use crate::measure::splits::{SplitPlan, SplitRows, hold_out};
use crate::table::{RawColumn, Table};

/// Equal rows that stay on one side together.
const COPIES: u64 = 8;
/// Salts tried until both sides have rows of each class; nearly always the first.
const SALTS: u64 = 64;

/// All rows in two parts, and what cross-validation must respect within the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Division {
    /// Rows to learn from, ascending.
    pub development: Vec<usize>,
    /// Rows to judge by, ascending.
    pub held_back: Vec<usize>,
    /// What must not leak within the development part.
    pub plan: SplitPlan,
    /// Moments of all rows in an order-preserving unit (splits by time or order).
    pub times: Option<Vec<i64>>,
    /// Codes of the groups of all rows.
    pub groups: Option<Vec<u64>>,
    /// How the rows were divided, for people.
    pub words: String,
}

/// Divides the rows of a table as its specification says. `target` is what was read from the table.
///
/// # Errors
/// When the dividing column is missing or holds cells that cannot be ordered, or when no division leaves rows of each
/// class on both sides.
pub fn divide(specification: &Specification, table: &Table, target: &Target) -> Result<Division, TrainError> {
    let share = specification.holdout;
    let percent = format!("{:.0} %", share * 100.0);
    match &specification.split {
        Split::Random => {
            let keys = row_keys(specification, table);
            let (development, held_back) = by_hash(&keys, target, share)?;
            let words = format!("{percent} of the rows at random; equal rows are on the same side");
            Ok(Division { development, held_back, plan: SplitPlan::Stratified, times: None, groups: None, words })
        }
        Split::Group { column } => {
            let cells = texts(split_column(table, column)?);
            let groups: Vec<u64> = cells.map(|text| hash(0, text.as_bytes())).collect();
            let (development, held_back) = by_hash(&groups, target, share)?;
            let words = format!("about {percent} of the groups in {column}");
            Ok(Division { development, held_back, plan: SplitPlan::Grouped, times: None, groups: Some(groups), words })
        }
        Split::Time { column } => {
            let times = moments(table, column)?;
            by_time(times, share, format!("the last {percent} by {column}"))
        }
        Split::Order => {
            let times = (0..target.rows() as i64).collect();
            by_time(times, share, format!("the last {percent} in the order of the rows"))
        }
    }
}

fn by_time(times: Vec<i64>, share: f64, words: String) -> Result<Division, TrainError> {
    let rows = SplitRows { rows: times.len(), times: Some(&times), ..SplitRows::default() };
    let cut = hold_out(SplitPlan::TimeOrdered, &rows, share, 0)?;
    let (development, held_back) = (cut.development, cut.held_back);
    Ok(Division { development, held_back, plan: SplitPlan::TimeOrdered, times: Some(times), groups: None, words })
}

/// One key a row, from its inputs: a corrected label must not move a row to the other side, nor must a column that is not
/// learnt from, which rows that come from predictions lack. Equal rows share a key, up to [`COPIES`] of them: inputs with
/// few different values could not be divided else. An image is never on both sides, however often it was seen.
fn row_keys(specification: &Specification, table: &Table) -> Vec<u64> {
    let mut columns: Vec<&RawColumn> = specification.input_names().filter_map(|name| table.column(name)).collect();
    columns.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    let mut keys = vec![0; table.rows];
    for column in columns {
        let named = hash(0, column.name.as_bytes());
        // A missing cell says nothing, so that a column that is added empty moves no row.
        for (key, text) in keys.iter_mut().zip(texts(column)).filter(|(_, text)| !text.is_empty()) {
            *key = mix(*key ^ hash(named, text.as_bytes()));
        }
    }
    if specification.task == Task::TextRecognition {
        return keys;
    }
    let mut seen: HashMap<u64, u64> = HashMap::new();
    for key in &mut keys {
        let copies = seen.entry(*key).or_default();
        let bundle = *copies / COPIES;
        *copies += 1;
        *key = mix(*key ^ mix(bundle));
    }
    keys
}

/// Holds back the keys whose hash falls below the share. A first salt that serves goes on to serve as rows are added.
fn by_hash(keys: &[u64], target: &Target, share: f64) -> Result<(Vec<usize>, Vec<usize>), TrainError> {
    let limit = (share * u64::MAX as f64) as u64;
    let divided = |salt: u64| -> (Vec<usize>, Vec<usize>) {
        let salt = mix(salt.wrapping_add(0x5eed));
        (0..keys.len()).partition(|&row| mix(keys[row] ^ salt) >= limit)
    };
    let mut divisions = (0..SALTS).map(divided);
    divisions.find(|(development, held_back)| both_sided(target, development, held_back)).ok_or_else(|| {
        TrainError::Undividable(String::from(
            "too few different rows or groups; more of them are needed, or a division by time or order",
        ))
    })
}

/// Whether both sides have rows, and rows of both of the two largest classes.
fn both_sided(target: &Target, development: &[usize], held_back: &[usize]) -> bool {
    let Target::Classes { labels, classes } = target else {
        return development.len() > 1 && held_back.len() > 1;
    };
    let count = |rows: &[usize]| {
        let mut counts = vec![0_usize; *classes as usize];
        rows.iter().for_each(|&row| counts[labels[row] as usize] += 1);
        counts
    };
    let (learnt, judged) = (count(development), count(held_back));
    let mut order: Vec<usize> = (0..learnt.len()).collect();
    order.sort_by_key(|&class| std::cmp::Reverse(learnt[class] + judged[class]));
    order.iter().take(2).all(|&class| learnt[class] > 0 && judged[class] > 0)
}

fn split_column<'a>(table: &'a Table, column: &str) -> Result<&'a RawColumn, TrainError> {
    table.column(column).ok_or_else(|| TrainError::NoSplitColumn(column.to_owned()))
}

/// The dividing column as numbers that order the rows: moments in microseconds, or numbers.
fn moments(table: &Table, column: &str) -> Result<Vec<i64>, TrainError> {
    let raw = split_column(table, column)?;
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let numeric = texts(raw).all(|text| number(text).is_some());
    let read = |text: &str| if numeric { number(text).map(ordered) } else { parse_moment(text).map(|at| at.0) };
    let mut problems = Problems::default();
    let mut times = Vec::with_capacity(raw.len());
    for (row, text) in texts(raw).enumerate() {
        times.push(read(text).unwrap_or_else(|| {
            let reason = format!("`{}` is not a date or time, by which the rows are to be divided", shown(text));
            problems.add(row, column, reason);
            0
        }));
    }
    problems.none()?;
    Ok(times)
}

/// A number as an integer that orders alike.
fn ordered(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// FNV-1a, finished by [`mix`]. Written out, because it must never change: a change would move rows between the sides.
fn hash(start: u64, bytes: &[u8]) -> u64 {
    let step = |state: u64, &byte: &u8| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    mix(bytes.iter().fold(start ^ 0xcbf2_9ce4_8422_2325, step))
}

/// The finisher of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
