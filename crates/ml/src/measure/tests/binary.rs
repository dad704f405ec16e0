use super::{LABELS, SCORES, close};
use crate::measure::{ConfusionMatrix, METRICS, MeasureError, Metrics, Sweep, metric};

#[test]
fn figures_agree_with_scikit_learn() {
    let metrics = Metrics::binary(&SCORES, &LABELS, 0.5).unwrap();
    let p = 1e-12;
    // P = (S >= 0.5); M = sklearn.metrics
    close(metrics.accuracy, 0.7, p); // M.accuracy_score(Y, P)
    close(metrics.balanced_accuracy, 0.6875, p); // M.balanced_accuracy_score(Y, P)
    close(metrics.precision, 0.625, p); // M.precision_score(Y, P)
    close(metrics.recall, 0.625, p); // M.recall_score(Y, P)
    close(metrics.f1, 0.625, p); // M.f1_score(Y, P)
    close(metrics.mcc, 0.375, p); // M.matthews_corrcoef(Y, P)
    close(metrics.false_positive_rate, 0.25, p); // confusion_matrix(Y, P) = [[9, 3], [3, 5]]
    close(metrics.roc_auc, 0.776_041_666_666_666_6, p); // M.roc_auc_score(Y, S)
    close(metrics.pr_auc, 0.724_702_380_952_380_9, p); // M.average_precision_score(Y, S)
    close(metrics.log_loss, 0.540_997_975_169_666, p); // M.log_loss(Y, S)
    close(metrics.brier, 0.185_875_002_000_481_04, p); // M.brier_score_loss(Y, S)
    // pr, rc, _ = M.precision_recall_curve(Y, S); pr[rc >= 0.8].max()
    close(metrics.precision_at_80_recall, 0.5, p);
    assert_eq!((metrics.n, metrics.positives, metrics.threshold), (Some(20.0), Some(8.0), Some(0.5)));
    assert_eq!((metrics.r2, metrics.mae, metrics.rmse), (None, None, None));
}

#[test]
fn calibration_error_agrees_with_scikit_learn() {
    let scores = [
        0.02, 0.07, 0.11, 0.16, 0.19, 0.24, 0.28, 0.33, 0.37, 0.41, 0.46, 0.52, 0.57, 0.63, 0.68, 0.72, 0.77, 0.83,
        0.88, 0.97,
    ];
    // o, q = calibration_curve(Y, S2, n_bins=10, strategy="quantile"); np.mean(abs(o - q)), bins being of two rows each
    close(Sweep::new(&scores, &LABELS).unwrap().calibration_error(), 0.173_499_998_264_014_72, 1e-12);
}

#[test]
fn worked_by_hand() {
    // From the top: 0.9 positive, 0.8 negative, 0.7 positive and negative tied.
    let metrics = Metrics::binary(&[0.7, 0.9, 0.8, 0.7], &[1, 1, 0, 0], 0.75).unwrap();
    // Pairs won: 0.9 beats both (2); 0.7 loses one and ties one (0.5): 2.5 of 4.
    close(metrics.roc_auc, 0.625, 1e-15);
    // Recall 1/2 at precision 1, then 1/2 more at precision 2/4.
    close(metrics.pr_auc, 0.75, 1e-15);
    close(metrics.precision_at_80_recall, 0.5, 1e-15);
    // One of each outcome.
    close(metrics.mcc, 0.0, 1e-15);
    close(metrics.accuracy, 0.5, 1e-15);
}

#[test]
fn all_scores_equal_is_guessing() {
    let metrics = Metrics::binary(&[0.3; 4], &[1, 0, 0, 0], 0.5).unwrap();
    close(metrics.roc_auc, 0.5, 1e-15);
    close(metrics.pr_auc, 0.25, 1e-15);
    // One bin: mean score 0.3 (in single precision), observed 0.25.
    close(metrics.calibration_error, 0.05, 1e-7);
    // Nothing was called positive: precision and correlation are 0 / 0, F1 is not.
    assert_eq!((metrics.precision, metrics.mcc, metrics.f1), (None, None, Some(0.0)));
}

#[test]
fn perfect_scores() {
    let metrics = Metrics::binary(&[0.0, 0.0, 1.0], &[0, 0, 1], 0.5).unwrap();
    for key in ["accuracy", "balanced_accuracy", "precision", "recall", "f1", "mcc", "roc_auc", "pr_auc"] {
        assert_eq!(metrics.get(key), Some(1.0), "{key}");
    }
    assert_eq!((metrics.brier, metrics.calibration_error), (Some(0.0), Some(0.0)));
    assert!(metrics.log_loss.unwrap() < 1e-6);
}

#[test]
fn a_confident_mistake_is_finite() {
    // M.log_loss([0, 1, 1], np.array([0, 1, 0], dtype=np.float32)), computed there in single precision
    close(Sweep::new(&[0.0, 1.0, 0.0], &[0, 1, 1]).unwrap().log_loss(), 5.314_128_4, 1e-5);
}

#[test]
fn one_class_leaves_figures_undefined() {
    let negatives = Metrics::binary(&[0.2, 0.6], &[0, 0], 0.5).unwrap();
    assert_eq!((negatives.accuracy, negatives.false_positive_rate), (Some(0.5), Some(0.5)));
    for key in ["recall", "balanced_accuracy", "mcc", "roc_auc", "pr_auc", "precision_at_80_recall"] {
        assert_eq!(negatives.get(key), None, "{key}");
    }
    let positives = Metrics::binary(&[0.2, 0.6], &[1, 1], 0.5).unwrap();
    assert_eq!((positives.pr_auc, positives.roc_auc, positives.false_positive_rate), (Some(1.0), None, None));
}

#[test]
fn no_rows_leave_everything_undefined() {
    let metrics = Metrics::binary(&[], &[], 0.5).unwrap();
    let defined: Vec<&str> = METRICS.iter().filter(|i| (i.read)(&metrics).is_some()).map(|i| i.key).collect();
    assert_eq!(defined, ["n", "positives", "threshold"]);
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let refused = |scores: &[f32], labels: &[u32]| Metrics::binary(scores, labels, 0.5).unwrap_err();
    assert_eq!(refused(&[0.1, f32::NAN], &[0, 1]), MeasureError::NotFinite { row: 1 });
    assert_eq!(refused(&[1.5], &[1]), MeasureError::NotAProbability { row: 0, value: 1.5 });
    assert_eq!(refused(&[0.5], &[2]), MeasureError::UnknownClass { row: 0, label: 2, classes: 2 });
    assert_eq!(refused(&[0.5], &[]), MeasureError::Lengths { scores: 1, labels: 0 });
    assert_eq!(Metrics::binary(&[], &[], f32::NAN).unwrap_err(), MeasureError::ThresholdNotFinite);
}

#[test]
fn a_score_on_the_threshold_is_positive() {
    let matrix = Sweep::new(&[0.5, 0.499], &[1, 1]).unwrap().confusion(0.5);
    assert_eq!((matrix.at(1, 1), matrix.at(1, 0)), (1, 1));
}

#[test]
fn confusion_matrix_reads_by_actual_then_predicted() {
    let matrix = ConfusionMatrix::of(&[0, 1, 1, 1], &[0, 0, 0, 1], 2).unwrap();
    assert_eq!(matrix.counts, [1, 2, 0, 1]);
    assert_eq!((matrix.total(), matrix.actual(0), matrix.predicted(1)), (4, 3, 3));
    assert_eq!(matrix.row_share(0, 1), Some(2.0 / 3.0));
    assert_eq!(matrix.at(5, 0), 0);
    assert_eq!(ConfusionMatrix::new(2).accuracy(), None);
}

#[test]
fn every_field_is_described_under_its_own_name() {
    let fields = serde_json::to_value(Metrics::default()).unwrap();
    let fields: Vec<&String> = fields.as_object().unwrap().keys().collect();
    assert_eq!(fields.len(), METRICS.len());
    for key in fields {
        let json = format!("{{\"{key}\": 0.25}}");
        let metrics: Metrics = serde_json::from_str(&json).unwrap();
        assert_eq!(metrics.get(key), Some(0.25), "{key}");
        assert!(metric(key).unwrap().explanation.ends_with('.'));
    }
    assert_eq!(Metrics::default().get("beauty"), None);
}
