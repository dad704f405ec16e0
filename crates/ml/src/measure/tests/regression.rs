use super::close;
use crate::features::Target;
use crate::measure::{Baseline, MeasureError, Metrics};

#[test]
fn figures_agree_with_scikit_learn() {
    let metrics = Metrics::regression(&[2.5, 0.0, 2.0, 8.0, 4.0], &[3.0, -0.5, 2.0, 7.0, 4.2]).unwrap();
    close(metrics.r2, 0.949_660_043_669_539_5, 1e-12); // r2_score(a, p)
    close(metrics.mae, 0.439_999_961_853_027_37, 1e-12); // mean_absolute_error(a, p)
    close(metrics.rmse, 0.554_977_463_273_256, 1e-12); // mean_squared_error(a, p) ** 0.5
    assert_eq!((metrics.n, metrics.accuracy), (Some(5.0), None));
}

#[test]
fn a_constant_target_explains_nothing() {
    let metrics = Metrics::regression(&[1.0, 2.0], &[3.0, 3.0]).unwrap();
    assert_eq!((metrics.r2, metrics.mae), (None, Some(1.5)));
    let empty = Metrics::regression(&[], &[]).unwrap();
    assert_eq!((empty.n, empty.mae, empty.rmse), (Some(0.0), None, None));
    assert_eq!(Metrics::regression(&[f32::NAN], &[0.0]).unwrap_err(), MeasureError::NotFinite { row: 0 });
}

#[test]
fn the_mean_is_the_baseline_of_regression() {
    let baseline = Baseline::fit(&Target::Values(vec![1.0, 2.0, 6.0])).unwrap();
    assert_eq!(baseline, Baseline::Mean { value: 3.0 });
    let metrics = baseline.metrics(&Target::Values(vec![2.0, 4.0])).unwrap();
    assert_eq!((metrics.mae, metrics.r2), (Some(1.0), Some(0.0)));
}

#[test]
fn the_prior_is_the_baseline_of_classes() {
    let target = Target::Classes { labels: vec![0, 0, 0, 1], classes: 2 };
    let baseline = Baseline::fit(&target).unwrap();
    assert_eq!(baseline.predict(2), [0.25, 0.25]);
    let metrics = baseline.metrics(&target).unwrap();
    assert_eq!((metrics.accuracy, metrics.roc_auc, metrics.pr_auc), (Some(0.75), Some(0.5), Some(0.25)));
    // −(3 ln 0.75 + ln 0.25) / 4
    close(metrics.log_loss, 0.562_335_144_618_808_3, 1e-12);

    let three = Target::Classes { labels: vec![2, 2, 1, 0], classes: 3 };
    let baseline = Baseline::fit(&three).unwrap();
    assert_eq!(baseline.predict(2), [0.25, 0.25, 0.5, 0.25, 0.25, 0.5]);
    assert_eq!(baseline.metrics(&three).unwrap().accuracy, Some(0.5));
    assert_eq!(baseline.metrics(&target).unwrap_err(), MeasureError::NotComparable);
}

#[test]
fn a_baseline_needs_rows_and_survives_json() {
    assert_eq!(Baseline::fit(&Target::Values(vec![])).unwrap_err(), MeasureError::Empty);
    let json = serde_json::to_string(&Baseline::Mean { value: 3.0 }).unwrap();
    assert_eq!(json, r#"{"kind":"mean","value":3.0}"#);
    assert_eq!(serde_json::from_str::<Baseline>(&json).unwrap(), Baseline::Mean { value: 3.0 });
}
