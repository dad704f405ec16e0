use super::{LABELS, SCORES, close, rows, spread};
use crate::measure::{Difference, Interval, MeasureError, Metrics, Scored, intervals, paired_difference};

fn binary<'a>(scores: &'a [f32], labels: &'a [u32]) -> Scored<'a> {
    Scored::Binary { scores, labels, threshold: 0.5 }
}

fn of<'a>(intervals: &'a [Interval], key: &str) -> &'a Interval {
    intervals.iter().find(|interval| interval.key == key).unwrap()
}

#[test]
fn an_interval_has_the_width_that_theory_expects() {
    // 400 rows of which 320 are called correctly: 0.8 ± 1.96 · sqrt(0.8 · 0.2 / 400) = 0.7608 … 0.8392.
    let labels: Vec<u32> = (0..400).map(|row| u32::from(row % 2 == 0)).collect();
    let wrong = |row: usize| row.is_multiple_of(5);
    let scores: Vec<f32> =
        labels.iter().enumerate().map(|(row, &y)| if (y == 1) == wrong(row) { 0.2 } else { 0.8 }).collect();
    let all = intervals(&binary(&scores, &labels), 1).unwrap();
    close(Some(of(&all, "accuracy").low), 0.7608, 0.008);
    close(Some(of(&all, "accuracy").high), 0.8392, 0.008);
}

#[test]
fn an_interval_of_the_error_agrees_with_scipy() {
    // e = np.array([(i * 37 % 100) / 100 for i in range(100)])
    // scipy.stats.bootstrap((e,), np.mean, method="percentile", n_resamples=20000, rng=1).confidence_interval
    let errors: Vec<f32> = (0..100).map(|i| (i * 37 % 100) as f32 / 100.0).collect();
    let scored = Scored::Regression { predicted: &errors, actual: &[0.0; 100] };
    let all = intervals(&scored, 3).unwrap();
    close(Some(of(&all, "mae").low), 0.4383, 0.012);
    close(Some(of(&all, "mae").high), 0.5517, 0.012);
    assert!(all.iter().all(|interval| interval.key != "r2"), "undefined on all rows, so without an interval");
}

#[test]
fn one_seed_gives_one_answer_on_any_number_of_threads() {
    let scored = binary(&SCORES, &LABELS);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let single = alone.install(|| intervals(&scored, 7).unwrap());
    assert_eq!(single, intervals(&scored, 7).unwrap());
    assert_ne!(single, intervals(&scored, 8).unwrap());
    let metrics = scored.metrics().unwrap();
    for Interval { key, low, high } in single {
        assert!(low <= high && (low..=high).contains(&metrics.get(&key).unwrap()), "{key}");
    }
}

#[test]
fn too_few_positives_have_no_interval() {
    // One positive in ten is missing from a third of the resamples.
    let labels = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let all = intervals(&binary(&SCORES[..10], &labels), 7).unwrap();
    assert!(all.iter().all(|interval| interval.key != "roc_auc"));
    assert!(all.iter().any(|interval| interval.key == "brier"));
    assert_eq!(intervals(&binary(&[0.5], &[1]), 7).unwrap(), []);
}

#[test]
fn a_resample_counts_rows_as_often_as_they_were_drawn() {
    // Rows given twice and left out, as weights and as rows.
    let weights = [2, 0, 1, 3];
    let (scores, labels) = ([0.9, 0.8, 0.3, 0.3], [1, 0, 0, 1]);
    let repeated = Metrics::binary(&[0.9, 0.9, 0.3, 0.3, 0.3, 0.3], &[1, 1, 0, 1, 1, 1], 0.5).unwrap();
    assert_eq!(binary(&scores, &labels).rows().unwrap().metrics(Some(&weights)), repeated);

    let shares = [0.5, 0.25, 0.25, 1.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.25, 0.25, 0.5];
    let some = Scored::Multiclass { probabilities: &shares, labels: &[0, 1, 2, 2], classes: 3 };
    let picked: Vec<f32> = [0, 0, 2, 3, 3, 3].iter().flat_map(|&row| shares[3 * row..3 * row + 3].to_vec()).collect();
    let repeated = Metrics::multiclass(&picked, &[0, 0, 2, 2, 2, 2], 3).unwrap();
    assert_eq!(some.rows().unwrap().metrics(Some(&weights)), repeated);

    let some = Scored::Regression { predicted: &[1.0, 2.0, 3.0, 4.0], actual: &[1.5, 0.0, 3.0, 2.0] };
    let repeated = Metrics::regression(&[1.0, 1.0, 3.0, 4.0, 4.0, 4.0], &[1.5, 1.5, 3.0, 2.0, 2.0, 2.0]).unwrap();
    assert_eq!(some.rows().unwrap().metrics(Some(&weights)), repeated);
}

fn changed<'a>(all: &'a [Difference], key: &str) -> &'a Difference {
    all.iter().find(|difference| difference.key == key).unwrap()
}

#[test]
fn a_better_candidate_is_seen_on_the_same_rows() {
    let (good, labels) = rows(1000, |score| score);
    let noisy: Vec<f32> = good.iter().enumerate().map(|(i, &s)| 0.5 * s + 0.5 * spread(i * 31 + 7)).collect();
    let all = paired_difference(&binary(&noisy, &labels), &binary(&good, &labels), 5).unwrap();
    let auc = changed(&all, "roc_auc");
    assert!(auc.low > 0.0 && auc.difference > 0.0 && auc.better > 0.99, "{auc:?}");
    // Lower is better here, so the candidate wins with a negative difference.
    let loss = changed(&all, "log_loss");
    assert!(loss.high < 0.0 && loss.better > 0.99, "{loss:?}");
}

#[test]
fn a_model_does_not_differ_from_itself() {
    let scored = binary(&SCORES, &LABELS);
    for difference in paired_difference(&scored, &scored, 5).unwrap() {
        assert_eq!((difference.low, difference.difference, difference.high), (0.0, 0.0, 0.0));
        assert_eq!(difference.better, 0.5, "{}", difference.key);
    }
}

#[test]
fn only_the_same_rows_are_compared() {
    let one = binary(&[0.1, 0.9], &[0, 1]);
    let refused = |other: &Scored<'_>| paired_difference(&one, other, 1).unwrap_err();
    assert_eq!(refused(&binary(&[0.1], &[0])), MeasureError::NotComparable);
    assert_eq!(refused(&binary(&[0.1, 0.9], &[1, 1])), MeasureError::NotComparable);
    let regression = Scored::Regression { predicted: &[0.0, 0.0], actual: &[0.0, 1.0] };
    assert_eq!(refused(&regression), MeasureError::NotComparable);
}
