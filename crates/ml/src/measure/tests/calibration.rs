use super::{LABELS, SCORES, close, rows};
use crate::measure::calibration::{Isotonic, Logistic};
use crate::measure::{Calibrator, MeasureError, Metrics, Sweep, Temperature, fit_calibrator};

/// What a model trained with `weight` on the positives says instead of `p`.
fn inflated(p: f32, weight: f32) -> f32 {
    p * weight / (p * weight + 1.0 - p)
}

fn applied(calibrator: &Calibrator, scores: &[f32]) -> Vec<f32> {
    let mut scores = scores.to_vec();
    calibrator.apply_all(&mut scores);
    scores
}

#[test]
fn logistic_agrees_with_scipy() {
    let fitted = Logistic::fit(&Sweep::new(&SCORES, &LABELS).unwrap()).unwrap();
    // t = np.where(Y == 1, 9 / 10, 1 / 14); x = np.log(S / (1 - S))
    // minimize(lambda w: (np.logaddexp(0, w[0]*x + w[1]) - t * (w[0]*x + w[1])).mean(), [1, 0], options=dict(gtol=1e-12)).x
    close(Some(fitted.slope), 0.671_797_170, 1e-6);
    close(Some(fitted.intercept), -0.215_931_529, 1e-6);
}

#[test]
fn isotonic_blocks_agree_with_scikit_learn() {
    let fitted = Isotonic::fit(&Sweep::new(&SCORES, &LABELS).unwrap()).unwrap();
    // IsotonicRegression().fit(S, Y).predict(S), its distinct values
    let expected = [0.0, 2.0 / 7.0, 0.5, 0.6, 1.0];
    assert_eq!(fitted.shares.len(), expected.len());
    fitted.shares.iter().zip(expected).for_each(|(&share, expected)| close(Some(share), expected, 1e-12));
    assert!(fitted.scores.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn inflated_scores_are_brought_back() {
    let (_, labels) = rows(20_000, |score| score * score);
    let scores: Vec<f32> = (0..20_000).map(|row| inflated(super::spread(row).powi(2), 20.0)).collect();
    let calibrator = fit_calibrator(&scores, &labels, 1).unwrap();
    assert!(matches!(calibrator, Calibrator::Logistic(_)), "the simplest map that fits: {calibrator:?}");
    let before = Metrics::binary(&scores, &labels, 0.5).unwrap();
    let after = Metrics::binary(&applied(&calibrator, &scores), &labels, 0.5).unwrap();
    assert!(before.calibration_error.unwrap() > 0.2 && after.calibration_error.unwrap() < 0.02);
    close(after.roc_auc, before.roc_auc.unwrap(), 1e-6);
    close(after.pr_auc, before.pr_auc.unwrap(), 1e-5);
}

#[test]
fn a_crooked_curve_needs_the_isotonic_map_and_keeps_the_ranking() {
    let steps = |score: f32| {
        if score < 0.3 {
            0.05
        } else if score < 0.6 {
            0.45
        } else {
            0.55
        }
    };
    let (scores, labels) = rows(20_000, steps);
    let calibrator = fit_calibrator(&scores, &labels, 1).unwrap();
    assert!(matches!(calibrator, Calibrator::Isotonic(_)), "{calibrator:?}");
    let before = Metrics::binary(&scores, &labels, 0.5).unwrap();
    let after = Metrics::binary(&applied(&calibrator, &scores), &labels, 0.5).unwrap();
    assert!(after.calibration_error.unwrap() < 0.02 && after.log_loss < before.log_loss);
    close(after.roc_auc, before.roc_auc.unwrap(), 1e-6);
}

#[test]
fn every_map_increases_and_stays_a_probability() {
    let (scores, labels) = rows(5000, |score| score * score);
    let sweep = Sweep::new(&scores, &labels).unwrap();
    let logistic = Calibrator::Logistic(Logistic::fit(&sweep).unwrap());
    let isotonic = Calibrator::Isotonic(Isotonic::fit(&sweep).unwrap());
    for calibrator in [logistic, isotonic] {
        let mapped: Vec<f32> = (0..=1000).map(|i| calibrator.apply(i as f32 / 1000.0)).collect();
        assert!(mapped.windows(2).all(|pair| pair[0] < pair[1]), "{calibrator:?}");
        assert!(mapped[0] >= 0.0 && mapped[1000] <= 1.0);
    }
}

#[test]
fn good_scores_and_few_rows_are_left_alone() {
    let (scores, labels) = rows(20_000, |score| score);
    assert_eq!(fit_calibrator(&scores, &labels, 1).unwrap(), Calibrator::Identity);
    assert_eq!(fit_calibrator(&SCORES, &LABELS, 1).unwrap(), Calibrator::Identity);
    assert_eq!(fit_calibrator(&[], &[], 1).unwrap(), Calibrator::Identity);
    // Higher scores mean fewer positives: no increasing map can help.
    let (scores, labels) = rows(5000, |score| 1.0 - score);
    let calibrator = fit_calibrator(&scores, &labels, 1).unwrap();
    assert!(calibrator.apply(0.2) < calibrator.apply(0.8));
    assert_eq!(fit_calibrator(&[f32::NAN], &[1], 1).unwrap_err(), MeasureError::NotFinite { row: 0 });
}

#[test]
fn calibrators_survive_json() {
    let sweep = Sweep::new(&SCORES, &LABELS).unwrap();
    for calibrator in [
        Calibrator::Identity,
        Calibrator::Logistic(Logistic::fit(&sweep).unwrap()),
        Calibrator::Isotonic(Isotonic::fit(&sweep).unwrap()),
    ] {
        let json = serde_json::to_string(&calibrator).unwrap();
        assert_eq!(applied(&serde_json::from_str(&json).unwrap(), &SCORES), applied(&calibrator, &SCORES), "{json}");
    }
    assert_eq!(serde_json::to_string(&Calibrator::Identity).unwrap(), r#"{"method":"identity"}"#);
}

#[test]
fn temperature_agrees_with_scipy() {
    #[rustfmt::skip]
    let shares = [
        0.7, 0.2, 0.1,    0.1, 0.8, 0.1,   0.2, 0.3, 0.5,   0.5, 0.25, 0.25,   0.3, 0.4, 0.3,
        0.1, 0.1, 0.8,    0.6, 0.3, 0.1,   0.25, 0.5, 0.25, 0.2, 0.2, 0.6,     0.4, 0.35, 0.25,
    ];
    let fitted = Temperature::fit(&shares, &[0, 1, 2, 1, 1, 2, 0, 0, 1, 2], 3).unwrap();
    // z = np.log(P) / T; -(z - np.log(np.exp(z).sum(1, keepdims=True)))[np.arange(10), L].mean()
    // minimize_scalar(nll, bounds=(0.05, 20), method="bounded", options=dict(xatol=1e-10)).x
    close(Some(fitted.temperature), 0.838_655_924, 1e-5);
    let mut row = [0.7, 0.2, 0.1];
    fitted.apply(&mut row);
    assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6 && row[0] > 0.7 && row[1] > row[2]);
}

#[test]
fn temperature_one_changes_nothing() {
    let mut row = [0.7, 0.3, 0.0];
    Temperature { temperature: 1.0 }.apply(&mut row);
    assert!((row[0] - 0.7).abs() < 1e-6 && (row[1] - 0.3).abs() < 1e-6 && row[2] < 1e-6);
    assert_eq!(Temperature::fit(&[], &[], 3).unwrap().temperature, 1.0);
}
