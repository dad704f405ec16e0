use crate::measure::{METRICS, Metrics, Sweep, Threshold, choose_threshold, precision_recall_curve, roc_curve};
use proptest::prelude::*;

/// Scores on a coarse grid, so that ties are common.
fn scored() -> impl Strategy<Value = (Vec<f32>, Vec<u32>)> {
    prop::collection::vec((0_u8..=20, 0_u32..2), 0..60)
        .prop_map(|rows| rows.into_iter().map(|(score, label)| (f32::from(score) / 20.0, label)).unzip())
}

proptest! {
    #[test]
    fn no_figure_is_ever_nan((scores, labels) in scored(), threshold in -0.5_f32..1.5) {
        let metrics = Metrics::binary(&scores, &labels, threshold).unwrap();
        for info in METRICS {
            prop_assert!((info.read)(&metrics).is_none_or(f64::is_finite), "{}", info.key);
        }
        let shares: Vec<f32> = scores.iter().flat_map(|&score| [score, 1.0 - score, 0.0]).collect();
        let metrics = Metrics::multiclass(&shares, &labels, 3).unwrap();
        prop_assert!(METRICS.iter().all(|info| (info.read)(&metrics).is_none_or(f64::is_finite)));
    }

    #[test]
    fn roc_auc_counts_pairs((scores, labels) in scored()) {
        let (mut won, mut pairs) = (0.0, 0.0);
        for (a, _) in scores.iter().zip(&labels).filter(|(_, label)| **label == 1) {
            for (b, _) in scores.iter().zip(&labels).filter(|(_, label)| **label == 0) {
                won += if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 };
                pairs += 1.0;
            }
        }
        let auc = Sweep::new(&scores, &labels).unwrap().roc_auc();
        match auc {
            Some(auc) => prop_assert!((auc - won / pairs).abs() < 1e-12),
            None => prop_assert_eq!(pairs, 0.0),
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter((mut scores, mut labels) in scored()) {
        let before = Metrics::binary(&scores, &labels, 0.5).unwrap();
        scores.reverse();
        labels.reverse();
        prop_assert_eq!(before, Metrics::binary(&scores, &labels, 0.5).unwrap());
    }

    #[test]
    fn a_chosen_threshold_keeps_its_promise((scores, labels) in scored(), wanted in 0.01_f64..1.0) {
        if let Ok(threshold) = choose_threshold(&Threshold::TargetRecall { recall: wanted }, &scores, &labels) {
            prop_assert!(Metrics::binary(&scores, &labels, threshold).unwrap().recall.unwrap() >= wanted - 1e-9);
        }
        if let Ok(threshold) = choose_threshold(&Threshold::MaxFalsePositiveRate { rate: wanted }, &scores, &labels) {
            let metrics = Metrics::binary(&scores, &labels, threshold).unwrap();
            prop_assert!(metrics.false_positive_rate.unwrap() <= wanted + 1e-9);
        }
    }

    #[test]
    fn curves_rise_to_their_ends((scores, labels) in scored()) {
        let roc = roc_curve(&scores, &labels).unwrap();
        prop_assert!(roc.windows(2).all(|pair| pair[0].true_positive_rate <= pair[1].true_positive_rate));
        prop_assert!(roc.last().is_none_or(|end| end.false_positive_rate == 1.0 && end.true_positive_rate == 1.0));
        let curve = precision_recall_curve(&scores, &labels).unwrap();
        prop_assert!(curve.windows(2).all(|pair| pair[0].recall <= pair[1].recall));
    }
}
