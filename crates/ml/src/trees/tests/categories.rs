use super::*;

fn stump() -> BoostedParameters {
    BoostedParameters {
        rounds: 1,
        learning_rate: 1.0,
        max_depth: 1,
        min_child_weight: 0.0,
        min_category_weight: 0.0,
        category_smoothing: 0.0,
        category_lambda: 0.0,
        ..Default::default()
    }
}

/// Six categories of ten rows; the odd ones hold 10, the even ones 0.
fn six() -> (Features, Target) {
    let codes: Vec<f32> = (0..60).map(|row| (row % 6) as f32).collect();
    let values = codes.iter().map(|code| code % 2.0 * 10.0).collect();
    (features(vec![(6, codes)]), Target::Values(values))
}

#[test]
fn one_split_parts_categories_without_order() {
    let (x, y) = six();
    let forest = boost(&x, &y, &stump()).forest;
    assert_eq!(forest.nodes.len(), 3);
    assert!([0b10_1010, 0b01_0101].contains(&(forest.nodes[0].test & 0b11_1111)));
    // 30 rows of slope ±5 on each side: ∓150/31
    let predictions = forest.predict(&x);
    for (row, prediction) in predictions.iter().enumerate() {
        let by_hand = 5.0 + if row % 2 == 1 { 150.0 / 31.0 } else { -150.0 / 31.0 };
        assert!((prediction - by_hand).abs() < 1e-4);
    }
}

#[test]
fn few_categories_are_tried_one_against_the_rest() {
    let codes: Vec<f32> = (0..40).map(|row| (row % 4) as f32).collect();
    let values = codes.iter().map(|&code| if code == 2.0 { 8.0 } else { 0.0 }).collect();
    let x = features(vec![(4, codes)]);
    let predictions = boost(&x, &Target::Values(values), &stump()).forest.predict(&x);
    assert!(predictions[2] > 6.0 && predictions[0] < 1.0 && predictions[1] < 1.0 && predictions[3] < 1.0);
}

#[test]
fn rare_unseen_and_missing_categories_go_together() {
    let (mut x, y) = six();
    // categories 4 and 5 become rare: a single row each
    for (row, code) in x.columns[0].values.iter_mut().enumerate() {
        if *code > 3.0 && row > 5 {
            *code -= 4.0;
        }
    }
    x.columns[0].kind = FeatureKind::Categorical { categories: 8 };
    let forest =
        boost(&x, &y, &BoostedParameters { min_category_weight: 5.0, one_vs_rest_categories: 0, ..stump() }).forest;
    let predict = |code: f32| {
        let mut out = [0.0];
        forest.predict_row(&[code], &mut out);
        out[0]
    };
    for code in [5.0, 6.0, 7.0, 8.0, 1e9, -1.0, 0.5, f32::NAN, f32::INFINITY] {
        assert_eq!(predict(4.0), predict(code), "{code}");
    }
}

#[test]
fn more_categories_than_bins_are_pooled() {
    let rows = 6_000;
    let codes: Vec<f32> = uniform(1, rows).into_iter().map(|v| (v * v * 1000.0).floor()).collect();
    let values = codes.iter().map(|code| code % 2.0).collect();
    let x = features(vec![(1000, codes)]);
    let parameters = BoostedParameters { rounds: 20, learning_rate: 0.5, ..Default::default() };
    let fit = boost(&x, &Target::Values(values), &parameters);
    let predictions = fit.forest.predict(&x);
    // the most frequent codes have a bin of their own
    let right = |row: &usize| (predictions[*row] > 0.5) == (x.columns[0].values[*row] % 2.0 == 1.0);
    let frequent: Vec<usize> = (0..rows).filter(|&row| x.columns[0].values[row] < 50.0).collect();
    assert!(frequent.iter().filter(|row| right(row)).count() * 10 > frequent.len() * 9);
}
