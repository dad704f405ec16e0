//! Single splits against hand-worked figures.

use super::*;
use crate::trees::forest::MISSING_LEFT;

/// One round, one split, no shrinkage.
fn stump() -> BoostedParameters {
    BoostedParameters { rounds: 1, learning_rate: 1.0, max_depth: 1, min_child_weight: 0.0, ..Default::default() }
}

fn close(a: f32, b: f32) {
    assert!((a - b).abs() < 1e-5, "{a} is not {b}");
}

#[test]
fn squared_error_splits_at_the_hand_worked_place() {
    // mean 4; slopes (prediction − value) 3, 2, −2, −3; curvature 1 each; lambda 1.
    // cut after 2 rows: 5²/3 + 5²/3 − 0²/5 = 16.667; after 1: 9/2 + 9/4 = 6.75; after 3: the same 6.75
    let x = numbers(&[&[1.0, 2.0, 3.0, 4.0]]);
    let fit = boost(&x, &Target::Values(vec![1.0, 2.0, 6.0, 7.0]), &stump());
    assert_eq!(fit.forest.nodes.len(), 3);
    close(f32::from_bits(fit.forest.nodes[0].test as u32), 2.5);
    // leaf values −G/(H + 1) = ∓5/3
    let predictions = fit.forest.predict(&x);
    for (prediction, by_hand) in
        predictions.iter().zip([4.0 - 5.0 / 3.0, 4.0 - 5.0 / 3.0, 4.0 + 5.0 / 3.0, 4.0 + 5.0 / 3.0])
    {
        close(*prediction, by_hand);
    }
    assert_eq!(fit.forest.cover, [4.0, 2.0, 2.0]);
}

#[test]
fn logistic_leaf_follows_slope_and_curvature() {
    // two of four positive: base 0, p = ½; slopes ½, ½, −½, −½; curvature ¼ each; lambda 1.
    // gain 1²/1.5 + 1²/1.5 = 4/3, leaves ∓1/1.5 = ∓2/3
    let x = numbers(&[&[0.0, 1.0, 5.0, 9.0]]);
    let fit = boost(&x, &binary(&[0, 0, 1, 1]), &stump());
    let mut score = [0.0];
    fit.forest.score_row(&[0.0], &mut score);
    close(score[0], -2.0 / 3.0);
    fit.forest.predict_row(&[9.0], &mut score);
    close(score[0], 1.0 / (1.0 + (-2.0_f32 / 3.0).exp()));
}

#[test]
fn weights_count_like_repeated_rows() {
    let x = numbers(&[&[1.0, 2.0, 3.0]]);
    let y = Target::Values(vec![0.0, 3.0, 9.0]);
    let weighted = boosted::fit(&x, &y, Some(&[2.0, 1.0, 3.0]), None, &stump(), 1, &mut go_on).unwrap().forest;
    let rows = [0, 0, 1, 2, 2, 2];
    let repeated = boost(&x.select(&rows), &y.select(&rows), &stump()).forest;
    weighted.predict(&x).into_iter().zip(repeated.predict(&x)).for_each(|(a, b)| close(a, b));
}

#[test]
fn alpha_shrinks_the_slope() {
    // as above with alpha 1: G = ±5 → ±4, leaves ∓4/3, gain 2 · 16/3
    let x = numbers(&[&[1.0, 2.0, 3.0, 4.0]]);
    let parameters = BoostedParameters { alpha: 1.0, ..stump() };
    let fit = boost(&x, &Target::Values(vec![1.0, 2.0, 6.0, 7.0]), &parameters);
    close(fit.forest.predict(&x)[0], 4.0 - 4.0 / 3.0);
}

#[test]
fn gamma_above_the_gain_leaves_the_root_whole() {
    let x = numbers(&[&[1.0, 2.0, 3.0, 4.0]]);
    let y = Target::Values(vec![1.0, 2.0, 6.0, 7.0]);
    assert_eq!(boost(&x, &y, &BoostedParameters { gamma: 17.0, ..stump() }).forest.nodes.len(), 1);
    assert_eq!(boost(&x, &y, &BoostedParameters { gamma: 16.0, ..stump() }).forest.nodes.len(), 3);
}

#[test]
fn missing_values_learn_their_side() {
    let gaps = f32::NAN;
    let x = numbers(&[&[1.0, 2.0, 3.0, 4.0, gaps, gaps]]);
    let right = boost(&x, &binary(&[0, 0, 1, 1, 1, 1]), &stump()).forest;
    assert_eq!(right.nodes[0].test & MISSING_LEFT, 0);
    let left = boost(&x, &binary(&[0, 0, 1, 1, 0, 0]), &stump()).forest;
    assert_eq!(left.nodes[0].test & MISSING_LEFT, MISSING_LEFT);
    let mut out = [0.0];
    left.predict_row(&[gaps], &mut out);
    assert!(out[0] < 0.5);
}

#[test]
fn absence_alone_can_be_the_split() {
    let x = numbers(&[&[1.0, 1.0, 1.0, f32::NAN, f32::NAN]]);
    let forest = boost(&x, &binary(&[0, 0, 0, 1, 1]), &stump()).forest;
    let predictions = forest.predict(&x);
    assert!(predictions[0] < 0.5 && predictions[4] > 0.5);
}

#[test]
fn a_gap_unseen_in_training_goes_with_most_rows() {
    let x = numbers(&[&[1.0, 2.0, 3.0, 9.0]]);
    let forest = boost(&x, &Target::Values(vec![1.0, 1.0, 1.0, 5.0]), &stump()).forest;
    let (mut gap, mut low) = ([0.0], [0.0]);
    forest.predict_row(&[f32::NAN], &mut gap);
    forest.predict_row(&[1.0], &mut low);
    assert_eq!(gap, low);
}
