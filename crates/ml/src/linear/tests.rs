//! Checks of the linear estimator against hand-worked numbers and scikit-learn.

use std::ops::ControlFlow;

use super::*;
use crate::features::{Feature, FeatureKind};

pub(crate) fn numeric(name: &str, values: Vec<f32>) -> Feature {
    Feature { name: name.into(), kind: FeatureKind::Numeric, values }
}

fn categorical(categories: u32, values: Vec<f32>) -> Feature {
    Feature { name: "category".into(), kind: FeatureKind::Categorical { categories }, values }
}

fn table(columns: Vec<Feature>) -> Features {
    Features { rows: columns[0].values.len(), columns }
}

fn classes(labels: &[u32], classes: u32) -> Target {
    Target::Classes { labels: labels.to_vec(), classes }
}

fn go_on(_: f32, _: &str) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn fitted(x: &Features, y: &Target, params: &LinearParameters) -> Linear {
    fit(x, y, None, params, 0, &mut go_on).unwrap()
}

fn close(got: &[f32], wanted: &[f32], within: f32) {
    assert_eq!(got.len(), wanted.len());
    for (g, w) in got.iter().zip(wanted) {
        assert!((g - w).abs() <= within, "{got:?} is not {wanted:?}");
    }
}

/// The twelve rows of the comparisons: a = 1..12, b = 7·a mod 5.
fn twelve() -> Features {
    let a: Vec<f32> = (1..=12).map(|i| i as f32).collect();
    let b = (1..=12).map(|i| (7 * i % 5) as f32).collect();
    table(vec![numeric("a", a), numeric("b", b)])
}

const BINARY: [u32; 12] = [0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1];
const THREE: [u32; 12] = [0, 0, 1, 0, 1, 1, 2, 1, 2, 2, 1, 2];

fn precise() -> LinearParameters {
    LinearParameters { tolerance: 1e-7, ..LinearParameters::default() }
}

// Made with scikit-learn 1.9.1 on the twelve rows above: StandardScaler, then LogisticRegression(C=1, tol=1e-12,
// max_iter=10000), for WEIGHTED with class_weight={0: 1, 1: 3}, and Ridge(alpha=1) on a²/10 − b; `coef_.T` and `intercept_`.
const SKLEARN_BINARY: ([f32; 2], [f32; 1]) = ([0.769418, -0.006987], [-0.000204]);
const SKLEARN_WEIGHTED: ([f32; 2], [f32; 1]) = ([0.898240, -0.189093], [1.04408]);
const SKLEARN_THREE: ([f32; 6], [f32; 3]) =
    ([-1.048762, 0.139973, 0.908789, 0.481844, -0.711636, 0.229792], [-0.557527, 0.457565, 0.099962]);
const SKLEARN_RIDGE: ([f32; 2], [f32; 1]) = ([4.136605, -1.035146], [3.25]);

#[test]
fn logistic_coefficients_are_those_of_scikit_learn() {
    let model = fitted(&twelve(), &classes(&BINARY, 2), &precise());
    close(&model.coefficients, &SKLEARN_BINARY.0, 2e-4);
    close(&model.base, &SKLEARN_BINARY.1, 2e-4);
}

#[test]
fn softmax_coefficients_are_those_of_scikit_learn() {
    let model = fitted(&twelve(), &classes(&THREE, 3), &precise());
    close(&model.coefficients, &SKLEARN_THREE.0, 5e-4);
    close(&model.base, &SKLEARN_THREE.1, 5e-4);
}

#[test]
fn ridge_coefficients_are_those_of_scikit_learn() {
    let y = Target::Values((1..=12).map(|i| (i * i) as f32 / 10.0 - (7 * i % 5) as f32).collect());
    let model = fitted(&twelve(), &y, &precise());
    close(&model.coefficients, &SKLEARN_RIDGE.0, 1e-4);
    close(&model.base, &SKLEARN_RIDGE.1, 1e-4);
}

#[test]
fn class_weights_are_those_of_scikit_learn() {
    let params = LinearParameters { class_weight: ClassWeight::Given(vec![1.0, 3.0]), ..precise() };
    let model = fitted(&twelve(), &classes(&BINARY, 2), &params);
    close(&model.coefficients, &SKLEARN_WEIGHTED.0, 2e-4);
    close(&model.base, &SKLEARN_WEIGHTED.1, 2e-4);
}

#[test]
fn without_features_that_tell_anything_the_share_of_the_class_is_predicted() {
    let x = table(vec![numeric("constant", vec![3.0; 4]), numeric("missing", vec![f32::NAN; 4])]);
    let model = fitted(&x, &classes(&[1, 0, 1, 1], 2), &precise());
    close(&model.predict_row(&[3.0, f32::NAN]), &[0.75], 1e-5);
}

#[test]
fn balancing_moves_the_average_row_to_one_half() {
    let x = table(vec![numeric("constant", vec![3.0; 4])]);
    let params = LinearParameters { class_weight: ClassWeight::Balanced, ..precise() };
    close(&fitted(&x, &classes(&[1, 0, 1, 1], 2), &params).predict_row(&[3.0]), &[0.5], 1e-5);
}

#[test]
fn row_weights_count_like_repeated_rows() {
    let x = table(vec![numeric("a", vec![0.0, 1.0, 2.0, 3.0])]);
    let y = classes(&[0, 1, 0, 1], 2);
    let params = LinearParameters { l2: 0.0, ..precise() };
    let weighted = fit(&x, &y, Some(&[2.0, 1.0, 1.0, 2.0]), &params, 0, &mut go_on).unwrap();
    let rows = [0, 0, 1, 2, 3, 3];
    let repeated = fitted(&x.select(&rows), &y.select(&rows), &params);
    close(&weighted.predict(&x), &repeated.predict(&x), 1e-3);
}

/// Numbers, a heavy tail, missing values, categories with a rare one.
fn mixed() -> (Features, Target) {
    let n = 200_u32;
    let a = (0..n).map(|i| if i % 7 == 0 { f32::NAN } else { (i * 37 % 101) as f32 }).collect();
    let heavy = (0..n).map(|i| ((i * 53 % 97) as f32 / 8.0).exp()).collect();
    let category = (0..n).map(|i| if i == 11 { 3.0 } else { (i % 3) as f32 });
    let category = category.enumerate().map(|(i, c)| if i % 31 == 0 { f32::NAN } else { c }).collect();
    let labels: Vec<u32> = (0..n).map(|i| u32::from(i * 37 % 101 + 20 * (i % 3) > 60)).collect();
    (table(vec![numeric("a", a), numeric("heavy", heavy), categorical(5, category)]), classes(&labels, 2))
}

#[test]
fn contributions_add_up_to_the_log_odds_and_vanish_for_the_average() {
    let (x, y) = mixed();
    let model = fitted(&x, &y, &LinearParameters::default());
    let mut mean = [0.0_f64; 3];
    let mut row = [0.0; 3];
    for index in 0..x.rows {
        x.copy_row(index, &mut row);
        let why = model.contributions(&row, 0);
        let score = why.base + why.values.iter().sum::<f32>();
        close(&[1.0 / (1.0 + (-score).exp())], &model.predict_row(&row), 1e-5);
        why.values.iter().zip(&mut mean).for_each(|(v, m)| *m += f64::from(*v) / x.rows as f64);
    }
    assert!(mean.iter().all(|m| m.abs() < 1e-4), "{mean:?}");
}

#[test]
fn heavy_tails_also_enter_on_a_logarithmic_scale_and_other_numbers_do_not() {
    let (x, y) = mixed();
    let model = fitted(&x, &y, &LinearParameters::default());
    let logarithmic = |f: usize| matches!(model.encodings[f], design::Encoding::Numeric { logarithmic: Some(_), .. });
    assert!(!logarithmic(0) && logarithmic(1));
}

#[test]
fn unseen_infinite_and_absent_values_are_missing() {
    let (x, y) = mixed();
    let model = fitted(&x, &y, &LinearParameters::default());
    let missing = model.predict_row(&[f32::NAN, 1.0, f32::NAN]);
    assert_eq!(missing, model.predict_row(&[f32::INFINITY, 1.0, -1.0]));
    assert_eq!(missing, model.predict_row(&[f32::NAN, 1.0]));
    assert!(model.predict_row(&[f32::MAX, f32::MIN, 1e30])[0].is_finite());
}

#[test]
fn rows_one_by_one_and_all_at_once_agree() {
    let (x, y) = mixed();
    let model = fitted(&x, &y, &LinearParameters::default());
    let mut row = [0.0; 3];
    for (index, all) in model.predict(&x).into_iter().enumerate() {
        x.copy_row(index, &mut row);
        assert_eq!(model.predict_row(&row), [all]);
    }
}

#[test]
fn threads_do_not_change_the_fit() {
    let (x, y) = mixed();
    let rows: Vec<usize> = (0..6000).map(|i| i % x.rows).collect();
    let (x, y) = (x.select(&rows), y.select(&rows));
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fitted(&x, &y, &LinearParameters::default()).to_safetensors().unwrap())
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn bytes_come_back_as_the_same_model() {
    let (x, y) = mixed();
    let model = fitted(&x, &y, &LinearParameters::default());
    let bytes = model.to_safetensors().unwrap();
    let back = Linear::from_safetensors(&bytes).unwrap();
    assert_eq!(back.predict(&x), model.predict(&x));
    assert_eq!(back.to_safetensors().unwrap(), bytes);
}

#[test]
fn damaged_bytes_are_refused() {
    let (x, y) = mixed();
    let mut bytes = fitted(&x, &y, &LinearParameters::default()).to_safetensors().unwrap();
    for end in [0, 7, 8, 100, bytes.len() - 1] {
        assert!(Linear::from_safetensors(&bytes[..end]).is_err());
    }
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(Linear::from_safetensors(&bytes).is_err());
}

#[test]
fn contradictions_in_the_header_are_refused() {
    let (x, y) = mixed();
    let bytes = fitted(&x, &y, &LinearParameters::default()).to_safetensors().unwrap();
    // Same length each time, so the file stays well formed.
    for (from, to) in
        [("binary", "binarz"), ("linear/1", "linear/2"), (r#"other\":3"#, r#"other\":9"#), ("means", "beans")]
    {
        let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).expect(from);
        let mut forged = bytes.clone();
        forged[at..at + to.len()].copy_from_slice(to.as_bytes());
        assert!(Linear::from_safetensors(&forged).is_err(), "{to}");
    }
}

#[test]
fn cancelling_stops_at_once() {
    let (x, y) = mixed();
    let mut calls = 0;
    let refused = fit(&x, &y, None, &LinearParameters::default(), 0, &mut |_, _| {
        calls += 1;
        ControlFlow::Break(())
    });
    assert!(matches!(refused, Err(TrainError::Cancelled(_))));
    assert_eq!(calls, 1);
}

#[test]
fn unusable_inputs_are_named() {
    let x = twelve();
    let y = classes(&BINARY, 2);
    let params = LinearParameters::default();
    let error =
        |x: &Features, y: &Target, w: Option<&[f32]>, p: &LinearParameters| fit(x, y, w, p, 0, &mut go_on).err();
    let field = |error| match error {
        Some(TrainError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert!(matches!(error(&x, &classes(&[1; 12], 2), None, &params), Some(TrainError::OneClass)));
    assert!(matches!(error(&x.select(&[]), &classes(&[], 2), None, &params), Some(TrainError::NoRows)));
    assert!(matches!(error(&x, &y, Some(&[0.0; 12]), &params), Some(TrainError::NoRows)));
    assert_eq!(field(error(&x, &classes(&[0], 2), None, &params)), "target");
    assert_eq!(field(error(&x, &classes(&[2; 12], 2), None, &params)), "target");
    assert_eq!(field(error(&x, &Target::Values(vec![f32::NAN; 12]), None, &params)), "target");
    assert_eq!(field(error(&x, &y, Some(&[1.0]), &params)), "weights");
    assert_eq!(field(error(&Features { rows: 12, columns: vec![] }, &y, None, &params)), "features");
    assert_eq!(field(error(&x, &y, None, &LinearParameters { l2: -1.0, ..params.clone() })), "l2");
    let given = LinearParameters { class_weight: ClassWeight::Given(vec![1.0]), ..params };
    assert_eq!(field(error(&x, &y, None, &given)), "class_weight");
}

#[test]
fn one_row_of_a_value_is_predicted_as_it_is() {
    let model = fitted(&table(vec![numeric("a", vec![1.0])]), &Target::Values(vec![7.0]), &LinearParameters::default());
    close(&model.predict_row(&[100.0]), &[7.0], 1e-5);
}

#[test]
fn unknown_settings_are_refused() {
    assert!(serde_json::from_str::<LinearParameters>(r#"{"l2": 2.0, "class_weight": "balanced"}"#).is_ok());
    assert!(serde_json::from_str::<LinearParameters>(r#"{"l3": 2.0}"#).is_err());
}
