use super::{close, rows};
use crate::measure::{CURVE_POINTS, precision_recall_curve, reliability, roc_curve, wilson};

#[test]
fn points_agree_with_scikit_learn() {
    let (scores, labels) = ([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
    // roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], drop_intermediate=False)
    let roc = roc_curve(&scores, &labels).unwrap();
    let places: Vec<_> = roc.iter().map(|p| (p.false_positive_rate, p.true_positive_rate)).collect();
    assert_eq!(places, [(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)]);
    let thresholds: Vec<_> = roc.iter().map(|p| p.threshold).collect();
    assert_eq!(thresholds, [None, Some(0.8), Some(0.4), Some(0.35), Some(0.1)]);
    // precision_recall_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), in reverse and without its last point
    let curve = precision_recall_curve(&scores, &labels).unwrap();
    let places: Vec<_> = curve.iter().map(|p| (p.recall, p.precision, p.threshold)).collect();
    assert_eq!(places, [(0.5, 1.0, 0.8), (0.5, 0.5, 0.4), (1.0, 2.0 / 3.0, 0.35), (1.0, 0.5, 0.1)]);
}

#[test]
fn a_thinned_curve_keeps_its_ends_and_its_area() {
    let (scores, labels) = rows(20_000, |score| score * score);
    let roc = roc_curve(&scores, &labels).unwrap();
    assert!(roc.len() <= CURVE_POINTS && roc.len() > CURVE_POINTS / 2, "{}", roc.len());
    let ends = [roc[0], roc[roc.len() - 1]].map(|p| (p.false_positive_rate, p.true_positive_rate));
    assert_eq!(ends, [(0.0, 0.0), (1.0, 1.0)]);
    let area: f64 = roc
        .windows(2)
        .map(|w| {
            let width = w[1].false_positive_rate - w[0].false_positive_rate;
            width * (w[0].true_positive_rate + w[1].true_positive_rate) / 2.0
        })
        .sum();
    let exact = crate::measure::Metrics::binary(&scores, &labels, 0.5).unwrap().roc_auc.unwrap();
    close(Some(area), exact, 1e-3);

    let curve = precision_recall_curve(&scores, &labels).unwrap();
    assert!(curve.len() <= CURVE_POINTS && curve.len() > CURVE_POINTS / 4, "{}", curve.len());
    assert_eq!(curve[curve.len() - 1].recall, 1.0);
    assert!(curve.windows(2).all(|w| w[0].threshold > w[1].threshold && w[0].recall <= w[1].recall));
}

#[test]
fn a_curve_needs_its_classes() {
    assert!(roc_curve(&[0.5], &[1]).unwrap().is_empty());
    assert!(precision_recall_curve(&[0.5], &[0]).unwrap().is_empty());
    assert!(precision_recall_curve(&[], &[]).unwrap().is_empty());
}

#[test]
fn wilson_agrees_with_scipy() {
    // scipy.stats.binomtest(3, 10).proportion_ci(method="wilson")
    let (low, high) = wilson(3.0, 10.0);
    close(Some(low), 0.107_791_267_406_301_02, 1e-12);
    close(Some(high), 0.603_221_852_538_854_6, 1e-12);
    // scipy.stats.binomtest(0, 12).proportion_ci(method="wilson")
    let (low, high) = wilson(0.0, 12.0);
    close(Some(low), 0.0, 1e-12);
    close(Some(high), 0.242_494_006_655_240_84, 1e-12);
    assert_eq!(wilson(0.0, 0.0), (0.0, 1.0));
}

#[test]
fn bins_are_of_equal_mass_and_ties_stay_together() {
    let scores = [0.1, 0.1, 0.1, 0.1, 0.5, 0.6, 0.7, 0.8];
    let bins = reliability(&scores, &[0, 0, 0, 1, 0, 1, 1, 1], 4).unwrap();
    // The four equal scores would fill two bins and share one; the middle of them falls on the second.
    let counts: Vec<u64> = bins.iter().map(|bin| bin.count).collect();
    assert_eq!(counts, [4, 2, 2]);
    close(Some(bins[0].predicted), 0.1, 1e-7);
    assert_eq!((bins[0].observed, bins[1].observed, bins[2].observed), (0.25, 0.5, 1.0));
    assert!(bins.iter().all(|bin| bin.low <= bin.observed && bin.observed <= bin.high));
    assert!(reliability(&[], &[], 10).unwrap().is_empty());
}
