//! How well a reader reads.

use std::collections::BTreeMap;

use domain::reading::Reading;
use ml::measure::{CALIBRATION_BINS, reliability, wilson};
use serde::{Deserialize, Serialize};

use super::Example;
use crate::picture::Picture;
use crate::reader::{Reader, Readout};
use crate::text::{Confusion, character_error_rate, confusions};

/// Worst examples that are listed.
const WORST: usize = 50;
/// Pictures that are read at a time.
const BATCH: usize = 512;

/// Figures on examples that were not learnt from. Shares go from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingReport {
    /// Number of examples.
    pub n: usize,
    /// Share of texts that were read as they are.
    pub exact: f64,
    /// Lower end of the 95 % Wilson interval of `exact`.
    pub exact_low: f64,
    /// Upper end of it.
    pub exact_high: f64,
    /// Edits over characters of the truth.
    pub cer: f64,
    /// Share of numbers within the tolerance; `None` where texts are no numbers.
    pub within_tolerance: Option<f64>,
    /// Mean distance of confidence and share of exact texts, over bins of equal mass.
    pub expected_calibration_error: f64,
    /// Figures of each source, by name.
    pub by_source: Vec<SourceReport>,
    /// What comes of always saying the same.
    pub baseline: Baseline,
    /// Which characters are taken for which, the right ones too, most frequent first.
    pub confusions: Vec<Confusion>,
    /// Wrong readings, the surest first.
    pub worst: Vec<WorstExample>,
    /// What goes before people at the reading's limit, and how right the rest is.
    pub review: Review,
}

/// Figures of one source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceReport {
    /// Its name.
    pub source: String,
    /// As in [`ReadingReport::n`].
    pub n: usize,
    /// As in [`ReadingReport::exact`].
    pub exact: f64,
    /// As in [`ReadingReport::cer`].
    pub cer: f64,
    /// As in [`ReadingReport::within_tolerance`].
    pub within_tolerance: Option<f64>,
}

/// The most frequent text, and how often it would be right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// The text; of several the first in order.
    pub text: String,
    /// Share of examples that show it.
    pub exact: f64,
}

/// A reading that was wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorstExample {
    /// Position among the examples.
    pub index: usize,
    /// What it shows.
    pub truth: String,
    /// What was read.
    pub text: String,
    /// Of the reading.
    pub confidence: f64,
}

/// Readings that are less sure than the limit go before people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// The limit.
    pub below: f64,
    /// Share of readings below it.
    pub share: f64,
    /// Share of exact texts among the others; `None` if there are none.
    pub exact_above: Option<f64>,
}

/// Reads the examples and compares; `None` without any.
#[must_use]
pub fn evaluate(reader: &Reader, reading: &Reading, examples: &[Example<'_>]) -> Option<ReadingReport> {
    let indices: Vec<usize> = (0..examples.len()).collect();
    measure(reader, reading, examples, &indices)
}

/// [`evaluate`] on the examples at `indices`.
pub(super) fn measure(
    reader: &Reader,
    reading: &Reading,
    examples: &[Example<'_>],
    indices: &[usize],
) -> Option<ReadingReport> {
    let mut rows = Vec::with_capacity(indices.len());
    for indices in indices.chunks(BATCH) {
        let pictures: Vec<&Picture> = indices.iter().map(|index| examples[*index].picture).collect();
        let readouts = reader.read(&pictures);
        rows.extend(indices.iter().zip(readouts).map(|(index, readout)| {
            let Example { text, source, .. } = examples[*index];
            Row { index: *index, truth: text, source, readout }
        }));
    }
    report(reading, &rows)
}

/// A reading beside the truth.
pub(super) struct Row<'a> {
    pub(super) index: usize,
    pub(super) truth: &'a str,
    pub(super) source: &'a str,
    pub(super) readout: Readout,
}

impl Row<'_> {
    fn is_exact(&self, reading: &Reading) -> bool {
        reading.is_exact(self.truth, &self.readout.text)
    }

    fn pair(&self) -> (&str, &str) {
        (self.truth, &self.readout.text)
    }
}

pub(super) fn report(reading: &Reading, rows: &[Row<'_>]) -> Option<ReadingReport> {
    if rows.is_empty() {
        return None;
    }
    let all: Vec<&Row<'_>> = rows.iter().collect();
    let figures = figures(reading, "", &all);
    let right = rows.iter().filter(|row| row.is_exact(reading)).count();
    let (exact_low, exact_high) = wilson(right as f64, rows.len() as f64);
    let mut sources: BTreeMap<&str, Vec<&Row<'_>>> = BTreeMap::new();
    rows.iter().for_each(|row| sources.entry(row.source).or_default().push(row));
    Some(ReadingReport {
        n: rows.len(),
        exact: figures.exact,
        exact_low,
        exact_high,
        cer: figures.cer,
        within_tolerance: figures.within_tolerance,
        expected_calibration_error: calibration_error(reading, rows),
        by_source: sources.iter().map(|(source, rows)| self::figures(reading, source, rows)).collect(),
        baseline: baseline(rows),
        confusions: confusions(rows.iter().map(Row::pair)),
        worst: worst(reading, rows),
        review: review(reading, rows),
    })
}

fn figures(reading: &Reading, source: &str, rows: &[&Row<'_>]) -> SourceReport {
    let share =
        |holds: &dyn Fn(&Row<'_>) -> bool| rows.iter().filter(|row| holds(row)).count() as f64 / rows.len() as f64;
    let near = |row: &Row<'_>| reading.within_tolerance(row.truth, &row.readout.text);
    SourceReport {
        source: source.to_owned(),
        n: rows.len(),
        exact: share(&|row| row.is_exact(reading)),
        cer: character_error_rate(rows.iter().map(|row| row.pair())).unwrap_or(0.0),
        within_tolerance: reading.number.is_some().then(|| share(&near)),
    }
}

fn calibration_error(reading: &Reading, rows: &[Row<'_>]) -> f64 {
    let scores: Vec<f32> = rows.iter().map(|row| row.readout.confidence as f32).collect();
    let right: Vec<u32> = rows.iter().map(|row| u32::from(row.is_exact(reading))).collect();
    // Confidences lie between 0 and 1 and are as many as the rows, so they can be measured.
    let bins = reliability(&scores, &right, CALIBRATION_BINS).unwrap_or_default();
    bins.iter().map(|bin| bin.count as f64 * (bin.predicted - bin.observed).abs()).sum::<f64>() / rows.len() as f64
}

fn baseline(rows: &[Row<'_>]) -> Baseline {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(row.truth).or_default() += 1);
    let most = counts.iter().max_by_key(|(text, count)| (**count, std::cmp::Reverse(**text)));
    let (text, count) = most.map_or(("", 0), |(text, count)| (*text, *count));
    Baseline { text: text.to_owned(), exact: count as f64 / rows.len() as f64 }
}

fn worst(reading: &Reading, rows: &[Row<'_>]) -> Vec<WorstExample> {
    let mut wrong: Vec<&Row<'_>> = rows.iter().filter(|row| !row.is_exact(reading)).collect();
    wrong.sort_by(|a, b| b.readout.confidence.total_cmp(&a.readout.confidence));
    let listed = wrong.into_iter().take(WORST).map(|row| WorstExample {
        index: row.index,
        truth: row.truth.to_owned(),
        text: row.readout.text.clone(),
        confidence: row.readout.confidence,
    });
    listed.collect()
}

fn review(reading: &Reading, rows: &[Row<'_>]) -> Review {
    let below = reading.review_below;
    let above: Vec<&Row<'_>> = rows.iter().filter(|row| row.readout.confidence >= below).collect();
    let right = above.iter().filter(|row| row.is_exact(reading)).count();
    Review {
        below,
        share: (rows.len() - above.len()) as f64 / rows.len() as f64,
        exact_above: (!above.is_empty()).then(|| right as f64 / above.len() as f64),
    }
}
