//! Columns from which nothing that lasts can be learnt.

use domain::row::parse_moment;
use domain::specification::Split;

use crate::encode::texts;
use crate::table::{self, InferredColumn, RawColumn, Table};

/// Rank correlation with the clock from which a column is the clock.
const CLOCK: f64 = 0.999;
/// Rows without which every value may differ by chance.
pub(super) const IDENTIFIER_ROWS: usize = 20;
/// Rows that rank correlation is taken over.
const RANKED: usize = 20_000;

/// The clock of a division by time or order: the column's name and its moments.
pub(super) fn clock(table: &Table, split: &Split) -> Option<(String, Vec<f64>)> {
    match split {
        Split::Time { column } => Some((column.clone(), numbers(table.column(column)?)?)),
        Split::Order => Some((String::from("the order of the rows"), (0..table.rows).map(|row| row as f64).collect())),
        Split::Random | Split::Group { .. } => None,
    }
}

/// A column as numbers (moments in microseconds), if every cell is one.
fn numbers(column: &RawColumn) -> Option<Vec<f64>> {
    let number = |text: &str| table::parse_number(text).or_else(|| parse_moment(text).map(|at| at.0 as f64));
    texts(column).map(number).collect()
}

/// Why nothing that lasts can be learnt from a column.
pub(super) fn useless(table: &Table, column: &InferredColumn, clock: Option<&(String, Vec<f64>)>) -> Option<String> {
    if column.distinct == 0 {
        return Some(String::from("every value is missing"));
    }
    if column.distinct == 1 && column.missing == 0 {
        return Some(String::from("it holds the same value everywhere"));
    }
    let raw = table.column(&column.name)?;
    let whole =
        || raw.cells().flatten().all(|text| table::parse_number(text).is_none_or(|number| number.fract() == 0.0));
    let countable = column.kind != table::ColumnKind::DateTime;
    if column.distinct == table.rows && table.rows >= IDENTIFIER_ROWS && countable && whole() {
        return Some(String::from("every value differs, so it looks like an identifier"));
    }
    let (name, moments) = clock?;
    let follows = column.kind == table::ColumnKind::Numeric && numbers(raw).is_some_and(|own| follows(&own, moments));
    let is_clock = *name == column.name && column.kind == table::ColumnKind::Numeric;
    (follows || is_clock).then(|| format!("it follows {name}, so its values never come again"))
}

/// Whether the ranks of two columns correlate nearly perfectly.
fn follows(own: &[f64], clock: &[f64]) -> bool {
    let step = own.len().div_ceil(RANKED).max(1);
    let thin = |values: &[f64]| values.iter().copied().step_by(step).collect::<Vec<_>>();
    correlation(&ranks(&thin(own)), &ranks(&thin(clock))).is_some_and(|r| r.abs() >= CLOCK)
}

/// Ranks, equal values sharing their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let mean = before as f64 + (tied.len() - 1) as f64 / 2.0;
        tied.iter().for_each(|&row| ranks[row] = mean);
        before += tied.len();
    }
    ranks
}

fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let (ma, mb) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        ab += (a - ma) * (b - mb);
        aa += (a - ma).powi(2);
        bb += (b - mb).powi(2);
    }
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}
