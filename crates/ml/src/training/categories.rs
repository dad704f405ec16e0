//! Category codes as numbers: by the words' order, or by the mean of the target.

use std::borrow::Cow;

use super::recipe::View;
use crate::encode::Encoder;
use crate::features::{FeatureKind, Features, Target};
use crate::model::{Recoding, recoding_table};

/// Rows of the overall mean that are mixed into each category's.
const SMOOTHING: f64 = 20.0;
/// Parts of the cross-fitting.
const PARTS: usize = 5;

/// The recoding of a view, and the training features as the learner sees them.
///
/// Rates of the training rows are cross-fitted: a row's own target never enters its feature, or a learner would trust
/// rare categories as if it had seen the answer.
pub(crate) fn recode<'a>(view: View, encoder: &Encoder, x: &'a Features, y: &Target) -> (Recoding, Cow<'a, Features>) {
    match (view, y) {
        (View::Native, _) => (Recoding::default(), Cow::Borrowed(x)),
        (View::Rates, Target::Classes { classes: 2, .. } | Target::Values(_)) => {
            let (recoding, recoded) = rates(x, y);
            (recoding, Cow::Owned(recoded))
        }
        (View::Ordinal | View::Rates, _) => {
            let recoding = ordinal(encoder, x);
            let recoded = Cow::Owned(recoding.apply(x).into_owned());
            (recoding, recoded)
        }
    }
}

fn categorical(x: &Features) -> impl Iterator<Item = (usize, usize)> + '_ {
    x.columns.iter().enumerate().filter_map(|(at, column)| match column.kind {
        FeatureKind::Categorical { categories } => Some((at, categories as usize)),
        FeatureKind::Numeric => None,
    })
}

fn ordinal(encoder: &Encoder, x: &Features) -> Recoding {
    let mut tables = Vec::new();
    for column in 0..encoder.columns() {
        let feature = encoder.features_of(column).start;
        let Some((_, categories)) = categorical(x).find(|(at, _)| *at == feature) else { continue };
        let words = encoder.words(column);
        let mut order: Vec<usize> = (0..words.len()).collect();
        order.sort_by(|&a, &b| natural(&words[a]).total_cmp(&natural(&words[b])).then_with(|| words[a].cmp(&words[b])));
        // the code of all rare texts, if there is one, comes last
        let mut numbers = vec![words.len() as f32; categories];
        order.iter().zip(0_u16..).for_each(|(&code, rank)| numbers[code] = f32::from(rank));
        tables.push(recoding_table(feature, numbers));
    }
    Recoding::from_tables(tables)
}

/// The first number in a word (`2 to 4`, `more than 30`), so that `10 years` follows `9 years`; words without one come
/// first.
fn natural(word: &str) -> f64 {
    let digits = word.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(-1.0)
}

fn rates(x: &Features, y: &Target) -> (Recoding, Features) {
    let truth: Vec<f64> = match y {
        Target::Classes { labels, .. } => labels.iter().map(|&label| f64::from(label)).collect(),
        Target::Values(values) => values.iter().map(|&value| f64::from(value)).collect(),
    };
    let mut recoded = x.clone();
    let mut tables = Vec::new();
    for (at, categories) in categorical(x) {
        let codes = &x.columns[at].values;
        let all = means(codes, &truth, categories, |_| true);
        let column = &mut recoded.columns[at];
        column.kind = FeatureKind::Numeric;
        for part in 0..PARTS {
            let others = recoding_table(at, means(codes, &truth, categories, |row| row % PARTS != part));
            let own = (part..codes.len()).step_by(PARTS);
            own.for_each(|row| column.values[row] = others.number(codes[row]));
        }
        tables.push(recoding_table(at, all));
    }
    (Recoding::from_tables(tables), recoded)
}

/// The smoothed mean of each code over the rows that `counts` accepts.
fn means(codes: &[f32], truth: &[f64], categories: usize, counts: impl Fn(usize) -> bool) -> Vec<f32> {
    let mut sums = vec![(0.0, 0.0); categories];
    let (mut total, mut rows) = (0.0, 0.0);
    for (_, (&code, &value)) in codes.iter().zip(truth).enumerate().filter(|(row, _)| counts(*row)) {
        total += value;
        rows += 1.0;
        if let Some(sum) = sums.get_mut(code as usize).filter(|_| !code.is_nan()) {
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
    }
    let overall = if rows > 0.0 { total / rows } else { 0.0 };
    sums.iter().map(|(sum, n)| ((sum + SMOOTHING * overall) / (n + SMOOTHING)) as f32).collect()
}
