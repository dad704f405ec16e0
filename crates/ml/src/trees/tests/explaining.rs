//! Contributions against the definition of Shapley values.

use super::*;
use crate::features::Unit;
use crate::trees::Forest;
use crate::trees::random::{self, RandomParameters};

/// The score when only the features in `known` (a bit set) are known: others average over both children by cover.
fn expectation(forest: &Forest, row: &[f32], known: usize, output: usize) -> f64 {
    fn walk(forest: &Forest, at: u32, row: &[f32], known: usize, output: usize) -> f64 {
        let node = forest.nodes[at as usize];
        if node.is_leaf() {
            let within = if forest.width > 1 { output } else { 0 };
            return f64::from(forest.values[forest.leaves[at as usize] as usize * forest.width + within]);
        }
        let below = |child: u32| walk(forest, node.left + child, row, known, output);
        if known >> node.feature & 1 == 1 {
            return below(node.goes_right(forest.cells(row)[node.feature as usize]));
        }
        let cover = |child: u32| f64::from(forest.cover[(node.left + child) as usize]);
        (cover(0) * below(0) + cover(1) * below(1)) / (cover(0) + cover(1))
    }
    let serves = |tree: &usize| forest.width > 1 || forest.tree_output[*tree] as usize == output;
    let trees = (0..forest.trees()).filter(serves);
    let sum: f64 = trees.map(|tree| walk(forest, forest.roots[tree], row, known, output)).sum();
    sum * f64::from(forest.scale()) + f64::from(forest.base[output])
}

/// Shapley's definition: mean effect of a feature over all orders of getting to know the features.
fn shapley(forest: &Forest, row: &[f32], output: usize) -> Vec<f64> {
    let features = forest.features();
    let factorial = |n: usize| (1..=n).product::<usize>() as f64;
    let value: Vec<f64> = (0..1 << features).map(|known| expectation(forest, row, known, output)).collect();
    let share = |feature: usize| {
        let without = (0..1_usize << features).filter(|known| known >> feature & 1 == 0);
        let effects = without.map(|known| {
            let size = known.count_ones() as usize;
            let weight = factorial(size) * factorial(features - size - 1) / factorial(features);
            weight * (value[known | 1 << feature] - value[known])
        });
        effects.sum()
    };
    (0..features).map(share).collect()
}

/// Boosted and random forests for classes and values, each with the unit of its contributions.
fn forests(classes: u32) -> (Features, Vec<(Forest, Unit)>) {
    let (x, y) = mixed(50 + u64::from(classes), 250, classes);
    let parameters = BoostedParameters {
        rounds: 4,
        max_depth: 6,
        min_child_weight: 0.0,
        min_category_weight: 0.0,
        one_vs_rest_categories: 2,
        ..Default::default()
    };
    let growing = RandomParameters { trees: 4, ..Default::default() };
    let grow = |y: &Target| random::fit(&x, y, None, &growing, 1, &mut go_on).unwrap();
    let forests = vec![
        (boost(&x, &y, &parameters).forest, Unit::LogOdds),
        (boost(&x, &values_of(&y), &parameters).forest, Unit::Value),
        (grow(&y), Unit::Probability),
        (grow(&values_of(&y)), Unit::Value),
    ];
    (x, forests)
}

fn each_case(check: impl Fn(&Forest, Unit, &[f32], usize)) {
    for classes in [2, 3] {
        let (x, forests) = forests(classes);
        let mut row = [0.0; 4];
        for (forest, unit) in &forests {
            for at in 0..12 {
                x.copy_row(at, &mut row);
                (0..forest.outputs()).for_each(|output| check(forest, *unit, &row, output));
            }
            (0..forest.outputs()).for_each(|output| check(forest, *unit, &[f32::NAN; 4], output));
        }
    }
}

#[test]
fn contributions_are_shapley_values() {
    each_case(|forest, unit, row, output| {
        let contributions = forest.contributions(row, output);
        assert_eq!(contributions.unit, unit);
        assert!((f64::from(contributions.base) - expectation(forest, row, 0, output)).abs() < 1e-4);
        for (ours, theirs) in contributions.values.iter().zip(shapley(forest, row, output)) {
            assert!((f64::from(*ours) - theirs).abs() < 1e-5, "{ours} is not {theirs}");
        }
    });
}

#[test]
fn contributions_add_up_to_the_score() {
    each_case(|forest, _, row, output| {
        let contributions = forest.contributions(row, output);
        let mut scores = vec![0.0; forest.outputs()];
        forest.score_row(row, &mut scores);
        let sum = contributions.base + contributions.values.iter().sum::<f32>();
        assert!((sum - scores[output]).abs() < 1e-4);
    });
}

#[test]
fn deep_trees_add_up_too() {
    let values = uniform(60, 3_000);
    let x = numbers(&[&values[..1_000], &values[1_000..2_000]]);
    let growing = RandomParameters { trees: 3, ..Default::default() };
    let forest = random::fit(&x, &Target::Values(values[2_000..].to_vec()), None, &growing, 1, &mut go_on).unwrap();
    for row in 0..50 {
        let row = [x.columns[0].values[row], x.columns[1].values[row]];
        let contributions = forest.contributions(&row, 0);
        let mut score = [0.0];
        forest.predict_row(&row, &mut score);
        assert!((contributions.base + contributions.values.iter().sum::<f32>() - score[0]).abs() < 1e-4);
    }
}

#[test]
fn the_base_is_the_mean_training_score() {
    let (x, y) = mixed(61, 400, 2);
    let forest = boost(&x, &y, &BoostedParameters { rounds: 20, ..Default::default() }).forest;
    let mean = forest.scores(&x).iter().sum::<f32>() / 400.0;
    assert!((forest.contributions(&[0.0; 4], 0).base - mean).abs() < 1e-4);
}
