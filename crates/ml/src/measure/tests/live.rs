//! Figures in service, by hand.

use crate::measure::{Calibration, Expected, Live, Stratum, wilson};

fn stratum(decision: usize, bin: i64, predictions: u64, mean: f64, truths: &[u64]) -> Stratum {
    let known: u64 = truths.iter().sum();
    Stratum {
        decision,
        bin,
        predictions,
        scores: mean * predictions as f64,
        truths: truths.to_vec(),
        known_scores: mean * known as f64,
    }
}

fn close(value: f64, expected: f64) {
    assert!((value - expected).abs() < 1e-9, "{value} instead of {expected}");
}

/// 100 called positive, of which 80 are; 900 called negative, of which 20 are positive. All truths are known.
#[test]
fn known_truths_are_counted_as_they_are() {
    let live = Live::measure(&[stratum(1, 9, 100, 0.8, &[20, 80]), stratum(0, 1, 900, 0.05, &[880, 20])], 2);
    assert_eq!((live.predictions, live.known, live.confusion.counts.clone()), (1_000, 1_000, vec![880, 20, 20, 80]));
    let [accuracy, precision, recall, f1] = [live.accuracy, live.precision, live.recall, live.f1].map(Option::unwrap);
    close(accuracy.value, 0.96);
    assert_eq!((accuracy.low, accuracy.high), wilson(960.0, 1_000.0));
    close(precision.value, 0.8);
    close(recall.value, 0.8);
    close(f1.value, 0.8);
    // Recall with the precision of its lower end, 71.117 of 100, and with the misses of their upper end, 30.636 of 900.
    let (least, most) = (wilson(80.0, 100.0).0 * 100.0, wilson(20.0, 900.0).1 * 900.0);
    let low = 0.8 - (0.8 - least / (least + 20.0)).hypot(0.8 - 80.0 / (80.0 + most));
    close(recall.low, low);
    assert!(recall.low > 0.70 && recall.high < 0.88 && f1.low > 0.73 && f1.high < 0.87, "{recall:?} {f1:?}");
}

/// 40 alerts, all right and all decided; of 10,000 others one in 100 was looked at, and one of those was positive: it
/// stands for 100.
#[test]
fn what_was_drawn_stands_for_the_rest() {
    let strata = [stratum(1, 9, 40, 0.9, &[0, 40]), stratum(0, 1, 10_000, 0.01, &[99, 1])];
    let live = Live::measure(&strata, 2);
    close(live.recall.unwrap().value, 40.0 / 140.0);
    close(live.accuracy.unwrap().value, (40.0 + 9_900.0) / 10_040.0);
    close(live.coverage().unwrap(), 140.0 / 10_040.0);
    assert!(live.recall.unwrap().low < 0.1 && live.recall.unwrap().high > 0.6);
    let none_missed = Live::measure(&[strata[0].clone(), stratum(0, 1, 10_000, 0.01, &[100, 0])], 2);
    assert!(none_missed.recall.unwrap().value == 1.0 && none_missed.recall.unwrap().low < 0.15);
}

/// The doubtful half is looked at ten times as often, and it is worse: 60 % right against 95 %.
#[test]
fn what_is_looked_at_more_often_does_not_weigh_more() {
    let strata = [stratum(1, 3, 500, 0.6, &[80, 120]), stratum(1, 9, 500, 0.95, &[1, 19])];
    close(Live::measure(&strata, 2).accuracy.unwrap().value, (0.6 + 0.95) / 2.0);
}

#[test]
fn without_truths_on_one_side_recall_cannot_be_told() {
    let live = Live::measure(&[stratum(1, 9, 50, 0.8, &[10, 40]), stratum(0, 1, 950, 0.02, &[0, 0])], 2);
    close(live.precision.unwrap().value, 0.8);
    assert_eq!((live.recall, live.f1, live.accuracy), (None, None, None));
    let nothing = Live::measure(&[], 2);
    assert_eq!((nothing.coverage(), nothing.accuracy, nothing.recall), (None, None, None));
}

/// Three classes: 8 of 10, 6 of 10 and 10 of 10 right; what is wrong of the first two belongs to the other.
/// Recall 8/12, 6/8, 1; F1 16/22, 12/18, 1.
#[test]
fn more_classes_are_averaged() {
    let strata =
        [stratum(0, 1, 10, 0.8, &[8, 2, 0]), stratum(1, 1, 10, 0.6, &[4, 6, 0]), stratum(2, 1, 10, 0.9, &[0, 0, 10])];
    let live = Live::measure(&strata, 3);
    close(live.accuracy.unwrap().value, 0.8);
    close(live.precision.unwrap().value, 0.8);
    close(live.recall.unwrap().value, (8.0 / 12.0 + 0.75 + 1.0) / 3.0);
    close(live.f1.unwrap().value, (16.0 / 22.0 + 12.0 / 18.0 + 1.0) / 3.0);
    // The variance of macro precision is that of the mean of independent shares: (0.16 + 0.24) / 10 / 9.
    let reach = 1.959_963_984_540_054 * (0.4_f64 / 90.0).sqrt();
    close(live.precision.unwrap().low, 0.8 - reach);
}

/// 200 called positive with scores of 0.75: 150 are to be expected. 800 called negative with scores of 0.1: 80.
#[test]
fn scores_let_expect_a_confusion_matrix() {
    let expected = Expected::of(&[stratum(1, 40, 200, 0.75, &[]), stratum(0, 8, 800, 0.1, &[])], 2).unwrap();
    let [accuracy, precision, recall, f1] =
        [expected.accuracy, expected.precision, expected.recall, expected.f1].map(Option::unwrap);
    close(accuracy.value, (150.0 + 720.0) / 1_000.0);
    close(precision.value, 0.75);
    close(recall.value, 150.0 / 230.0);
    close(f1.value, 300.0 / 430.0);
    // 200 tosses of 0.75 and 800 of 0.1
    let deviation = (200.0 * 0.1875 + 800.0 * 0.09_f64).sqrt() / 1_000.0;
    close(accuracy.high - accuracy.value, 1.959_963_984_540_054 * deviation);
    assert_eq!(Expected::of(&[], 2), None);
    let many = Expected::of(&[stratum(0, 1, 10, 0.5, &[]), stratum(2, 1, 30, 0.9, &[])], 3).unwrap();
    close(many.accuracy.unwrap().value, (5.0 + 27.0) / 40.0);
    close(many.precision.unwrap().value, 0.7);
    assert_eq!(many.recall, None);
}

/// Scores of 0.2 of which 30 % happen, and of 0.8 of which 80 % do, as many of each.
#[test]
fn calibration_is_the_mean_distance_of_scores_from_shares() {
    let strata = [stratum(0, 10, 100, 0.2, &[70, 30]), stratum(1, 40, 100, 0.8, &[20, 80])];
    let calibration = Calibration::measure(&strata, 2).unwrap();
    close(calibration.error.value, 0.05);
    close(calibration.by_chance, (0.16 / 100.0 * 2.0 / std::f64::consts::PI).sqrt());
    assert!(calibration.error.low < 0.05 && calibration.error.high > 0.05);
    let bins: Vec<_> = calibration.bins.iter().map(|bin| (bin.count, bin.observed)).collect();
    assert_eq!(bins, [(100, 0.3), (100, 0.8)]);
    assert_eq!(Calibration::measure(&[stratum(1, 40, 10, 0.8, &[0, 0])], 2), None);
}
