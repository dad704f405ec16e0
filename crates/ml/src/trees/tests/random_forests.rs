use super::*;
use crate::trees::Forest;
use crate::trees::random::{self, MaxFeatures, RandomParameters};

fn grow(x: &Features, y: &Target, parameters: &RandomParameters) -> Forest {
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
    let forest = grow(&x, &binary(&[0, 0, 1, 0, 1, 1]), &RandomParameters { max_depth: 1, ..single() });
    assert_eq!(forest.predict(&x), [0.0, 0.0, 0.75, 0.75, 0.75, 0.75]);
}

#[test]
fn regression_leaves_hold_means() {
    let x = numbers(&[&[1.0, 2.0, 3.0, f32::NAN]]);
    let forest =
        grow(&x, &Target::Values(vec![10.0, 12.0, 30.0, 32.0]), &RandomParameters { max_depth: 1, ..single() });
    assert_eq!(forest.predict(&x), [11.0, 11.0, 31.0, 31.0]);
}

#[test]
fn a_full_tree_knows_its_rows() {
    for classes in [2, 5] {
        let (x, y) = mixed(30, 300, classes);
        let Target::Classes { labels, .. } = &y else { panic!() };
        let forest = grow(&x, &y, &single());
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
fn the_number_of_threads_does_not_show() {
    for classes in [2, 3] {
        let (x, y) = mixed(33, 400, classes);
        let parameters = RandomParameters { trees: 9, ..Default::default() };
        let fit = |threads| in_pool(threads, || grow(&x, &y, &parameters));
        assert_eq!(fit(1), fit(2));
    }
}

#[test]
fn min_leaf_counts_rows() {
    let (x, y) = mixed(34, 300, 2);
    let forest = grow(&x, &y, &RandomParameters { min_leaf: 20, ..single() });
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
        let predictions = grow(&x, &binary(&labels), &parameters).predict(&x);
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
