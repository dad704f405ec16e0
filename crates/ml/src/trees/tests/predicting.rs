use super::*;
use crate::trees::Forest;
use crate::trees::random::{self, RandomParameters};

fn forests(classes: u32) -> (Features, Vec<Forest>) {
    let (x, y) = mixed(20, 333, classes);
    let parameters = BoostedParameters { rounds: 21, max_depth: 5, ..Default::default() };
    let growing = RandomParameters { trees: 21, ..Default::default() };
    let random = random::fit(&x, &y, None, &growing, 1, &mut go_on).unwrap();
    let values = random::fit(&x, &values_of(&y), None, &growing, 1, &mut go_on).unwrap();
    (x.clone(), vec![boost(&x, &y, &parameters).forest, boost(&x, &values_of(&y), &parameters).forest, random, values])
}

#[test]
fn a_batch_gives_the_bits_of_single_rows() {
    for classes in [2, 3] {
        let (x, forests) = forests(classes);
        for forest in forests {
            let batch = forest.predict(&x);
            let (mut row, mut out) = (vec![0.0; forest.features()], vec![0.0; forest.outputs()]);
            for (at, expected) in batch.chunks(forest.outputs()).enumerate() {
                x.copy_row(at, &mut row);
                forest.predict_row(&row, &mut out);
                assert_eq!(out, expected);
            }
        }
    }
}

#[test]
fn no_rows_predict_nothing() {
    let (x, forests) = forests(2);
    forests.iter().for_each(|forest| assert!(forest.predict(&x.select(&[])).is_empty()));
}

#[test]
fn training_scores_are_the_forests_scores() {
    // validation scores are kept up to date tree by tree on bins; the forest works on values
    let (x, y) = mixed(21, 700, 2);
    for row_share in [1.0, 0.6] {
        let parameters = BoostedParameters { rounds: 12, row_share, ..Default::default() };
        let fit = boosted::fit(&x, &y, None, Some((&x, &y, None)), &parameters, 1, &mut go_on).unwrap();
        let loss = log_loss(&fit.forest.predict(&x), &y);
        assert!((loss - fit.history[11]).abs() < 1e-5);
    }
}
