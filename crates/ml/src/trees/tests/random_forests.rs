use super::*;
use crate::trees::random::{self, MaxFeatures, RandomFit, RandomParameters};

fn grow(x: &Features, y: &Target, parameters: &RandomParameters) -> RandomFit {
    random::fit(x, y, None, parameters, 5, &mut go_on).unwrap()
}

/// One tree on all rows and features.
fn single() -> RandomParameters {
    RandomParameters { trees: 1, bootstrap: false, max_features: MaxFeatures::All, ..Default::default() }
}

#[test]
fn gini_of_one_split_by_hand() {
    // root: weight 6 less impurity is (3² + 3²)/6 = 3; split 2|4 at 2.5: 2²/2 + (1² + 3²)/4 = 4.5; gain 1.5
    let x = numbers(&[&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]);
    let fit = grow(&x, &binary(&[0, 0, 1, 0, 1, 1]), &RandomParameters { max_depth: 1, ..single() });
    assert!((fit.importance[0] - 1.5).abs() < 1e-9);
    assert_eq!(fit.forest.predict(&x), [0.0, 0.0, 0.75, 0.75, 0.75, 0.75]);
    assert!(fit.out_of_bag.iter().all(|p| p.is_nan()));
}

#[test]
fn regression_leaves_hold_means() {
    let x = numbers(&[&[1.0, 2.0, 3.0, f32::NAN]]);
    let fit = grow(&x, &Target::Values(vec![10.0, 12.0, 30.0, 32.0]), &RandomParameters { max_depth: 1, ..single() });
    assert_eq!(fit.forest.predict(&x), [11.0, 11.0, 31.0, 31.0]);
}

#[test]
fn a_full_tree_knows_its_rows() {
    for classes in [2, 5] {
        let (x, y) = mixed(30, 300, classes);
        let Target::Classes { labels, .. } = &y else { panic!() };
        let forest = grow(&x, &y, &single()).forest;
        let predictions = forest.predict(&x);
        for (p, &label) in predictions.chunks(forest.outputs()).zip(labels) {
            assert_eq!(
                if classes == 2 { (p[0] > 0.5) as u32 } else { u32::from(p[label as usize] == 1.0) * label },
                label
            );
        }
    }
}

#[test]
fn out_of_bag_rows_predict_like_new_ones() {
    let (x, y) = mixed(31, 1_500, 2);
    let (new_x, new_y) = mixed(32, 1_500, 2);
    let fit = grow(&x, &y, &RandomParameters { trees: 60, min_leaf: 3, ..Default::default() });
    let clamp = |p: Vec<f32>| p.into_iter().map(|p| p.clamp(0.001, 0.999)).collect::<Vec<_>>();
    let out_of_bag = log_loss(&clamp(fit.out_of_bag), &y);
    let new = log_loss(&clamp(fit.forest.predict(&new_x)), &new_y);
    let seen = log_loss(&clamp(fit.forest.predict(&x)), &y);
    assert!((out_of_bag - new).abs() < 0.05, "{out_of_bag} and {new}");
    assert!(seen < 0.8 * out_of_bag);
}

#[test]
fn the_number_of_threads_does_not_show() {
    for classes in [2, 3] {
        let (x, y) = mixed(33, 400, classes);
        let parameters = RandomParameters { trees: 9, ..Default::default() };
        let fit = |threads| in_pool(threads, || grow(&x, &y, &parameters));
        let (one, two) = (fit(1), fit(2));
        assert_eq!(one.forest, two.forest);
        assert_eq!(one.importance, two.importance);
        let bits = |fit: &RandomFit| fit.out_of_bag.iter().map(|p| p.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&one), bits(&two));
    }
}

#[test]
fn min_leaf_counts_rows() {
    let (x, y) = mixed(34, 300, 2);
    let forest = grow(&x, &y, &RandomParameters { min_leaf: 20, ..single() }).forest;
    let leaves = forest.nodes.iter().zip(&forest.cover).filter(|(node, _)| node.is_leaf());
    assert!(leaves.into_iter().all(|(_, &cover)| cover >= 20.0));
}

#[test]
fn class_weights_raise_the_rare_class() {
    let (x, _) = mixed(35, 600, 2);
    let labels: Vec<u32> =
        uniform(36, 600).iter().zip(&x.columns[1].values).map(|(a, b)| u32::from(a * b > 0.7)).collect();
    let base = RandomParameters { trees: 20, min_leaf: 10, ..Default::default() };
    let mean = |parameters: RandomParameters| {
        let predictions = grow(&x, &binary(&labels), &parameters).forest.predict(&x);
        predictions.iter().sum::<f32>() / 600.0
    };
    let plain = mean(base.clone());
    assert!(mean(RandomParameters { balanced: true, ..base.clone() }) > plain + 0.05);
    assert!(mean(RandomParameters { positive_weight: 5.0, ..base }) > plain + 0.05);
}

#[test]
fn breaking_the_report_cancels() {
    let (x, y) = mixed(37, 300, 2);
    for threads in [1, 2] {
        let result = in_pool(threads, || {
            let mut report =
                |share: f32, _: &str| if share > 0.3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
            random::fit(&x, &y, None, &RandomParameters::default(), 1, &mut report)
        });
        assert!(matches!(result, Err(TrainError::Cancelled)));
    }
}

#[test]
fn parameters_out_of_range_are_named() {
    let wrong = |parameters: RandomParameters| field(parameters.validate());
    assert_eq!(wrong(RandomParameters { trees: 0, ..Default::default() }), "trees");
    assert_eq!(wrong(RandomParameters { min_leaf: 0, ..Default::default() }), "min_leaf");
    assert_eq!(wrong(RandomParameters { max_features: MaxFeatures::Share(0.0), ..Default::default() }), "max_features");
}
