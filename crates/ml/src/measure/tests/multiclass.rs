use super::close;
use crate::features::Target;
use crate::measure::{MeasureError, Metrics, Scored};

#[rustfmt::skip]
const PROBABILITIES: [f32; 30] = [
    0.7, 0.2, 0.1,    0.1, 0.8, 0.1,   0.2, 0.3, 0.5,   0.5, 0.25, 0.25,   0.3, 0.4, 0.3,
    0.1, 0.1, 0.8,    0.6, 0.3, 0.1,   0.25, 0.5, 0.25, 0.2, 0.2, 0.6,     0.4, 0.35, 0.25,
];
const LABELS: [u32; 10] = [0, 1, 2, 1, 1, 2, 0, 0, 1, 2];

#[test]
fn figures_agree_with_scikit_learn() {
    let metrics = Metrics::multiclass(&PROBABILITIES, &LABELS, 3).unwrap();
    let p = 1e-12;
    // c = P.argmax(1); M = sklearn.metrics
    close(metrics.accuracy, 0.6, p); // M.accuracy_score(L, c)
    close(metrics.balanced_accuracy, 0.611_111_111_111_111, p); // M.balanced_accuracy_score(L, c)
    close(metrics.precision, 0.611_111_111_111_111, p); // M.precision_score(L, c, average="macro")
    close(metrics.recall, 0.611_111_111_111_111, p); // M.recall_score(L, c, average="macro")
    close(metrics.f1, 0.603_174_603_174_603_1, p); // M.f1_score(L, c, average="macro")
    close(metrics.mcc, 0.409_090_909_090_909_1, p); // M.matthews_corrcoef(L, c)
    // np.mean([M.roc_auc_score(L == k, P[:, k]) for k in range(3)]): multi_class="ovr" insists on rows that add up to 1
    // exactly, and scaling them breaks the ties
    close(metrics.roc_auc, 0.756_944_444_444_444_3, p);
    close(metrics.pr_auc, 0.722_222_222_222_222_2, p); // M.average_precision_score(np.eye(3)[L], P, average="macro")
    close(metrics.log_loss, 0.869_154_649_624_984, 1e-7); // M.log_loss(L, P), which scales rows to 1
    close(metrics.brier, 0.507_500_002_980_232_6, p); // ((P - np.eye(3)[L]) ** 2).sum(1).mean()
    assert_eq!((metrics.positives, metrics.precision_at_80_recall, metrics.threshold), (None, None, None));
}

#[test]
fn a_class_predicted_but_never_there_counts_as_in_scikit_learn() {
    let labels = [0, 1, 0, 1, 1, 0, 0, 0, 1, 1]; // L2
    let metrics = Metrics::multiclass(&PROBABILITIES, &labels, 3).unwrap();
    close(metrics.precision, 0.388_888_888_888_888_84, 1e-12); // M.precision_score(L2, c, average="macro")
    close(metrics.recall, 0.266_666_666_666_666_66, 1e-12); // M.recall_score(L2, c, average="macro")
    close(metrics.f1, 0.314_814_814_814_814_8, 1e-12); // M.f1_score(L2, c, average="macro")
    close(metrics.balanced_accuracy, 0.4, 1e-12); // M.balanced_accuracy_score(L2, c)
    close(metrics.mcc, 0.087_038_827_977_848_93, 1e-12); // M.matthews_corrcoef(L2, c)
}

#[test]
fn calibration_error_of_the_top_class_by_hand() {
    // Two rows: sure and right (0.9), half sure and wrong (0.5, the first of two equal classes). Each its own bin.
    let metrics = Metrics::multiclass(&[0.9, 0.1, 0.0, 0.0, 0.5, 0.5], &[0, 2], 3).unwrap();
    close(metrics.calibration_error, (0.1 + 0.5) / 2.0, 1e-7);
}

#[test]
fn confusion_of_three_classes() {
    let target = Target::Classes { labels: LABELS.to_vec(), classes: 3 };
    let matrix = Scored::new(&target, &PROBABILITIES, 0.5).confusion().unwrap().unwrap();
    // M.confusion_matrix(L, c).ravel()
    assert_eq!(matrix.counts, [2, 1, 0, 1, 2, 1, 1, 0, 2]);
}

#[test]
fn shapes_and_distributions_are_checked() {
    let refused = |shares: &[f32], labels: &[u32]| Metrics::multiclass(shares, labels, 3).unwrap_err();
    assert_eq!(refused(&[0.5, 0.5, 0.5], &[0]), MeasureError::NotADistribution { row: 0, sum: 1.5 });
    assert_eq!(refused(&[0.5, 0.5, 0.0], &[3]), MeasureError::UnknownClass { row: 0, label: 3, classes: 3 });
    assert_eq!(refused(&[0.5, 0.5, 0.0, 1.0], &[0]), MeasureError::Lengths { scores: 2, labels: 1 });
    assert!(matches!(refused(&[0.5, 0.5], &[0]), MeasureError::NotADistribution { row: 0, .. }));
    assert_eq!(refused(&[f32::NAN, 0.5, 0.5], &[0]), MeasureError::NotFinite { row: 0 });
    assert_eq!(Metrics::multiclass(&[], &[], 1).unwrap_err(), MeasureError::TooFewClasses { classes: 1 });
    let empty = Metrics::multiclass(&[], &[], 3).unwrap();
    assert_eq!((empty.n, empty.accuracy, empty.log_loss, empty.brier), (Some(0.0), None, None, None));
}
