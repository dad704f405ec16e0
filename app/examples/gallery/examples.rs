//! Made-up data for the gallery.

use app::charts::{Importance, Marker, Series};
use app::components::Contribution;
use domain::Timestamp;
use domain::time::{DAY, HOUR, SECOND};

/// Friday 20 November 2026, 14:05 in Berlin.
pub(crate) const NOW: Timestamp = Timestamp(1_795_179_933_000_000);

pub(crate) fn ago(micros: i64) -> Timestamp {
    NOW.plus(-micros)
}

pub(crate) fn minutes(n: i64) -> Timestamp {
    ago(n * 60 * SECOND)
}

pub(crate) fn days(n: i64) -> Timestamp {
    ago(n * DAY + HOUR)
}

/// A curve that falls late, as a good ranking's precision does.
pub(crate) fn precision_recall(name: &str, power: i32) -> Series {
    let points = (0..=400).map(|i| {
        let recall = f64::from(i) / 400.0;
        (recall, 0.97 * (1.0 - recall.powi(power)) + 0.01)
    });
    Series { name: name.to_owned(), points: points.collect() }
}

pub(crate) fn roc(name: &str, power: f64) -> Series {
    let points = (0..=400).map(|i| {
        let alarms = f64::from(i) / 400.0;
        (alarms, 1.0 - (1.0 - alarms).powf(power))
    });
    Series { name: name.to_owned(), points: points.collect() }
}

pub(crate) fn calibration(name: &str, bend: f64) -> Series {
    let points = (0..10).map(|i| {
        let predicted = f64::from(i) / 10.0 + 0.05;
        (predicted, (predicted + bend * (predicted * 9.0).sin()).clamp(0.0, 1.0))
    });
    Series { name: name.to_owned(), points: points.collect() }
}

pub(crate) fn threshold() -> Marker {
    Marker { at: (0.821, 0.803), text: String::from("threshold 0.61") }
}

pub(crate) fn importance() -> Vec<Importance> {
    let features = [
        ("gps_drift_meters", 0.214),
        ("face_recognition_confidence", 0.161),
        ("hour_of_day", 0.082),
        ("check_in_frequency_zscore", 0.054),
        ("late_arrival_rate", 0.031),
        ("time_since_last_event", 0.012),
        ("is_holiday", -0.002),
    ];
    let importance = |(name, value): (&str, f64)| Importance {
        name: name.to_owned(),
        value,
        interval: Some((value - 0.012, value + 0.014)),
    };
    features.into_iter().map(importance).collect()
}

pub(crate) fn scores(peak: f64, n: f64) -> Vec<u64> {
    (0..20).map(|i| (n * (-((f64::from(i) / 20.0 + 0.025 - peak) * 6.0).powi(2)).exp()) as u64).collect()
}

pub(crate) fn reasons() -> Vec<Contribution> {
    let reason = |words: &str, detail: &str, amount: f64| Contribution {
        words: words.to_owned(),
        detail: Some(detail.to_owned()).filter(|detail| !detail.is_empty()),
        amount,
    };
    vec![
        reason("Checked in 2.4 km from the site", "usual: 40 m", 0.84),
        reason("Face match 0.58", "usual: 0.94", 0.52),
        reason("Sunday 02:14", "never worked a Sunday night", 0.31),
        reason("3 check-ins in 2 hours", "usual: 1", 0.12),
        reason("No mismatch in 30 days", "", -0.09),
    ]
}

pub(crate) fn wave(seed: u32, n: u32) -> Vec<f64> {
    (0..n).map(|i| (f64::from(i + seed) * 0.7).sin() + 0.4 * (f64::from(i * seed + i) * 1.3).cos()).collect()
}

/// A diagonal with some confusion beside it.
pub(crate) fn counts(classes: usize) -> Vec<Vec<u64>> {
    let count = |i: usize, j: usize| match i.abs_diff(j) {
        0 => 900 + 37 * i as u64,
        1 => 40 + 11 * j as u64,
        2 => 6 + j as u64,
        _ => ((i * 7 + j * 3) % 3) as u64,
    };
    (0..classes).map(|i| (0..classes).map(|j| count(i, j)).collect()).collect()
}
