//! Inputs with little or nothing in them.

use super::*;
use crate::trees::random::{self, RandomParameters};

fn both(x: &Features, y: &Target, weights: Option<&[f32]>) -> [Result<Vec<f32>, TrainError>; 2] {
    let boosting = BoostedParameters { rounds: 5, ..Default::default() };
    let growing = RandomParameters { trees: 5, ..Default::default() };
    [
        boosted::fit(x, y, weights, None, &boosting, 1, &mut go_on).map(|fit| fit.forest.predict(x)),
        random::fit(x, y, weights, &growing, 1, &mut go_on).map(|forest| forest.predict(x)),
    ]
}

fn fields(x: &Features, y: &Target, weights: Option<&[f32]>) -> [&'static str; 2] {
    both(x, y, weights).map(|result| field(result.map(drop)))
}

#[test]
fn nothing_to_learn_from_is_refused() {
    assert_eq!(both(&numbers(&[&[]]), &binary(&[]), None), [Err(TrainError::NoRows), Err(TrainError::NoRows)]);
    let one_class = both(&numbers(&[&[1.0, 2.0]]), &binary(&[1, 1]), None);
    assert_eq!(one_class, [Err(TrainError::OneClass), Err(TrainError::OneClass)]);
    let weighted_out = both(&numbers(&[&[1.0, 2.0]]), &binary(&[0, 1]), Some(&[0.0, 1.0]));
    assert_eq!(weighted_out, [Err(TrainError::OneClass), Err(TrainError::OneClass)]);
}

#[test]
fn inputs_that_do_not_fit_together_are_named() {
    let x = numbers(&[&[1.0, 2.0]]);
    assert_eq!(fields(&x, &binary(&[1]), None), ["target"; 2]);
    assert_eq!(fields(&x, &binary(&[1, 2]), None), ["target"; 2]);
    assert_eq!(fields(&x, &Target::Values(vec![1.0, f32::NAN]), None), ["target"; 2]);
    assert_eq!(fields(&x, &binary(&[1, 0]), Some(&[1.0])), ["weights"; 2]);
    assert_eq!(fields(&x, &binary(&[1, 0]), Some(&[1.0, -1.0])), ["weights"; 2]);
    assert_eq!(fields(&x, &binary(&[1, 0]), Some(&[0.0, 0.0])), ["weights"; 2]);
    assert_eq!(fields(&Features { rows: 2, columns: vec![] }, &binary(&[1, 0]), None), ["features"; 2]);
}

#[test]
fn one_row_is_its_own_mean() {
    for result in both(&numbers(&[&[3.0]]), &Target::Values(vec![42.0]), None) {
        assert_eq!(result.unwrap(), [42.0]);
    }
}

#[test]
fn columns_that_say_nothing_do_no_harm() {
    let rows = 40;
    let x = features(
        vec![
            (0, vec![5.0; rows]),
            (0, vec![f32::NAN; rows]),
            (0, vec![f32::INFINITY; rows]),
            (3, vec![f32::NAN; rows]),
            (0, vec![]),
            (0, (0..rows).map(|row| row as f32).collect()),
        ]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .collect(),
    );
    let labels: Vec<u32> = (0..rows as u32).map(|row| row / 20).collect();
    for result in both(&x, &binary(&labels), None) {
        let predictions = result.unwrap();
        assert!(predictions[0] < 0.5 && predictions[rows - 1] > 0.5);
    }
}

#[test]
fn infinities_are_very_large_numbers() {
    let ends = [f32::NEG_INFINITY, f32::INFINITY];
    let column: Vec<f32> = (0..40).map(|row| if row % 4 < 2 { ends[row % 2] } else { (row % 2) as f32 }).collect();
    let labels: Vec<u32> = (0..40).map(|row| row % 2).collect();
    for result in both(&numbers(&[&column]), &binary(&labels), None) {
        let predictions = result.unwrap();
        for (row, prediction) in predictions.into_iter().enumerate() {
            assert_eq!(prediction > 0.5, row % 2 == 1, "row {row}");
        }
    }
}

#[test]
fn extreme_numbers_stay_finite() {
    let column = [f32::MAX, f32::MIN, f32::MIN_POSITIVE, -0.0, 0.0, 1e-45, 1.0, 2.0];
    let y = Target::Values(vec![1e20, -1e20, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    for result in both(&numbers(&[&column]), &y, None) {
        assert!(result.unwrap().iter().all(|value| value.is_finite()));
    }
}

#[test]
fn a_constant_target_needs_no_split() {
    for result in both(&numbers(&[&[1.0, 2.0, 3.0]]), &Target::Values(vec![7.0; 3]), None) {
        assert_eq!(result.unwrap(), [7.0; 3]);
    }
}

#[test]
fn a_class_without_rows_gets_little() {
    let x = numbers(&[&[1.0, 2.0, 3.0, 4.0]]);
    let y = Target::Classes { labels: vec![0, 0, 2, 2], classes: 3 };
    for result in both(&x, &y, None) {
        assert!(result.unwrap().chunks(3).all(|p| p[1] < 0.01));
    }
}
