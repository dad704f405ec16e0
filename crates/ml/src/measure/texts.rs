//! How far readings are from the texts that are there, and whether one reader is better than another.

use super::bootstrap::{Difference, Interval, difference_of, interval_of, qualities, resample};
use super::error::MeasureError;
use super::metrics::Metrics;

/// One reading beside the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReadText {
    /// Characters to change, add or take away until it is the truth.
    pub edits: u32,
    /// Characters of the truth.
    pub length: u32,
    /// Whether it stands for a number close enough; `None` where texts stand for no numbers.
    pub within_tolerance: Option<bool>,
    /// How sure the reader was, 0 to 1.
    pub confidence: f32,
}

impl ReadText {
    /// Whether every character is right.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.edits == 0
    }
}

/// Measures readings: exact ones, edits a character, numbers within their tolerance, and how far confidence is from the
/// share of exact ones.
///
/// # Errors
/// When a confidence is no probability.
pub fn measure_texts(read: &[ReadText]) -> Result<Metrics, MeasureError> {
    let confidences: Vec<f32> = read.iter().map(|row| row.confidence).collect();
    let exact: Vec<u32> = read.iter().map(|row| u32::from(row.is_exact())).collect();
    let calibration_error = Metrics::binary(&confidences, &exact, 0.5)?.calibration_error;
    Ok(Metrics { calibration_error, ..weighted(read, None) })
}

/// 95 % intervals of exact readings, errors a character, numbers within their tolerance and the calibration error, by
/// resampling; empty below two readings.
///
/// # Errors
/// As [`measure_texts`].
pub fn text_intervals(read: &[ReadText], seed: u64) -> Result<Vec<Interval>, MeasureError> {
    let all = measure_texts(read)?;
    let drawn = |weights: &[u32]| {
        let rows = read.iter().zip(weights).flat_map(|(row, times)| std::iter::repeat_n(*row, *times as usize));
        // The confidences are those that were measured above.
        measure_texts(&rows.collect::<Vec<_>>()).unwrap_or_default()
    };
    let resamples = resample(read.len(), 1, seed, drawn);
    Ok(qualities().filter_map(|info| interval_of(info, &all, &resamples)).collect())
}

/// Compares two readers of the same images by paired resampling; no calibration error, which resampling inflates.
///
/// # Errors
/// [`MeasureError::NotComparable`] when they did not read the same number of texts of the same lengths.
pub fn paired_text_difference(
    champion: &[ReadText],
    candidate: &[ReadText],
    seed: u64,
) -> Result<Vec<Difference>, MeasureError> {
    let lengths = |read: &[ReadText]| read.iter().map(|row| row.length).collect::<Vec<_>>();
    if lengths(champion) != lengths(candidate) {
        return Err(MeasureError::NotComparable);
    }
    let both = |weights: Option<&[u32]>| (weighted(champion, weights), weighted(candidate, weights));
    let resamples = resample(champion.len(), 1, seed, |weights| both(Some(weights)));
    Ok(qualities().filter_map(|info| difference_of(info, &both(None), &resamples)).collect())
}

fn weighted(read: &[ReadText], weights: Option<&[u32]>) -> Metrics {
    let weight = |row: usize| weights.map_or(1.0, |weights| f64::from(weights[row]));
    let sum = |value: &dyn Fn(&ReadText) -> f64| -> f64 {
        read.iter().enumerate().map(|(row, text)| weight(row) * value(text)).sum()
    };
    let share = |sum: f64, of: f64| (of > 0.0).then(|| sum / of);
    let n = sum(&|_| 1.0);
    let numbers = sum(&|row| f64::from(u8::from(row.within_tolerance.is_some())));
    Metrics {
        n: Some(n),
        exact: share(sum(&|row| f64::from(u8::from(row.is_exact()))), n),
        cer: share(sum(&|row| f64::from(row.edits)), sum(&|row| f64::from(row.length))),
        within_tolerance: share(sum(&|row| f64::from(u8::from(row.within_tolerance == Some(true)))), numbers),
        ..Metrics::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(edits: u32, within: Option<bool>, confidence: f32) -> ReadText {
        ReadText { edits, length: 3, within_tolerance: within, confidence }
    }

    #[test]
    fn texts_are_measured_by_hand() {
        let texts = [read(0, Some(true), 0.9), read(1, Some(true), 0.8), read(3, Some(false), 0.2), read(0, None, 1.0)];
        let metrics = measure_texts(&texts).unwrap();
        assert_eq!((metrics.n, metrics.exact), (Some(4.0), Some(0.5)));
        assert_eq!(metrics.cer, Some(4.0 / 12.0));
        assert_eq!(metrics.within_tolerance, Some(2.0 / 3.0));
        // Four bins of one text: |0.9 − 1|, |0.8 − 0|, |0.2 − 0|, |1 − 1|, on average.
        assert!((metrics.calibration_error.unwrap() - 1.1 / 4.0).abs() < 1e-6);
        let unknown = measure_texts(&[read(0, None, 1.0)]).unwrap();
        assert_eq!(unknown.within_tolerance, None);
        assert!(measure_texts(&[read(0, None, 1.5)]).is_err());
    }

    #[test]
    fn an_interval_holds_its_figure_and_a_perfect_one_has_no_width() {
        let texts: Vec<_> = (0..100).map(|i| read(u32::from(i % 5 == 0), None, 0.8)).collect();
        let intervals = text_intervals(&texts, 1).unwrap();
        let of = |key: &str| intervals.iter().find(|interval| interval.key == key).map(|i| (i.low, i.high));
        let (low, high) = of("exact").unwrap();
        assert!((0.68..0.75).contains(&low) && (0.85..0.92).contains(&high), "{low} {high}");
        assert!(of("cer").is_some() && of("calibration_error").is_some());
        assert_eq!(of("within_tolerance"), None);
        let perfect = text_intervals(&vec![read(0, None, 1.0); 50], 1).unwrap();
        assert!(perfect.iter().any(|i| i.key == "exact" && (i.low, i.high) == (1.0, 1.0)));
        assert!(text_intervals(&[read(0, None, 1.0)], 1).unwrap().is_empty());
    }

    #[test]
    fn a_better_reader_of_the_same_images_is_told_apart() {
        let bad: Vec<_> = (0..200).map(|i| read(u32::from(i % 4 == 0), None, 0.5)).collect();
        let good: Vec<_> = (0..200).map(|i| read(u32::from(i % 20 == 0), None, 0.5)).collect();
        let differences = paired_text_difference(&bad, &good, 1).unwrap();
        let keys: Vec<_> = differences.iter().map(|difference| difference.key.as_str()).collect();
        assert_eq!(keys, ["exact", "cer"]);
        assert!((differences[0].difference - 0.2).abs() < 1e-12 && differences[0].low > 0.1);
        assert_eq!(differences[1].better, 1.0, "fewer errors are better");
        assert!(paired_text_difference(&bad, &good[1..], 1).is_err());
    }
}
