//! Checks of the network.

use std::ops::ControlFlow;

use super::inputs::{Cell, Encoding, cells};
use super::layout::{Layout, Shape};
use super::loss::{Rows, joint_loss, members_loss};
use super::weights::Weights;
use super::*;
use crate::features::{Feature, FeatureKind, Features, Target, Unit};
use crate::linear::{self, ClassWeight, LinearParameters, Task, TrainError};

fn numeric(values: Vec<f32>) -> Feature {
    Feature { name: "number".into(), kind: FeatureKind::Numeric, values }
}

fn categorical(categories: u32, values: Vec<f32>) -> Feature {
    Feature { name: "category".into(), kind: FeatureKind::Categorical { categories }, values }
}

fn table(columns: Vec<Feature>) -> Features {
    Features { rows: columns[0].values.len(), columns }
}

fn go_on(_: f32, _: &str) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Numbers with and without missing values and a category; the label needs two of them together.
fn mixed(rows: usize) -> (Features, Vec<u32>) {
    let a: Vec<f32> = (0..rows).map(|i| (i * 37 % 101) as f32).collect();
    let b: Vec<f32> = (0..rows).map(|i| if i % 9 == 0 { f32::NAN } else { (i * 53 % 97) as f32 }).collect();
    let c: Vec<f32> = (0..rows).map(|i| (i * 29 % 4) as f32).collect();
    let labels = (0..rows).map(|i| u32::from((a[i] > 50.0) != (c[i] > 1.0)) + u32::from(b[i] > 80.0)).collect();
    (table(vec![numeric(a), numeric(b), categorical(4, c)]), labels)
}

fn binary(labels: &[u32]) -> Target {
    Target::Classes { labels: labels.iter().map(|&label| label.min(1)).collect(), classes: 2 }
}

fn targets_of_each_task(labels: &[u32]) -> [Target; 3] {
    let values = labels.iter().enumerate().map(|(i, &label)| 100.0 * label as f32 + (i % 5) as f32).collect();
    [binary(labels), Target::Classes { labels: labels.to_vec(), classes: 3 }, Target::Values(values)]
}

fn small() -> NetworkParameters {
    NetworkParameters {
        members: 4,
        width: 16,
        embedding: 4,
        bins: 8,
        batch_rows: 64,
        max_epochs: 4,
        ..Default::default()
    }
}

fn fitted(x: &Features, y: &Target, params: &NetworkParameters) -> Network {
    fit(x, y, None, None, params, 3, &mut go_on).unwrap().network
}

#[test]
fn the_gradient_is_that_of_finite_differences() {
    let (x, labels) = mixed(90);
    for y in targets_of_each_task(&labels) {
        let task = Task::of(&y);
        let encodings: Vec<_> = x.columns.iter().map(|c| Encoding::fit(c, 5, 1)).collect();
        let shape = Shape { members: 2, width: 4, depth: 2, embedding: 2, outputs: task.outputs() };
        let layout = Layout::new(shape, &encodings);
        let mut flat = layout.initial(&mut random::stream(5, 0));
        // Away from the start, where all pieces are zero and all later scalings one.
        flat.iter_mut().enumerate().for_each(|(i, w)| *w += ((i * 31 % 17) as f32 - 8.0) / 40.0);
        let rows = Rows {
            cells: cells(&encodings, &x, 0..x.rows),
            targets: linear::targets(&y)
                .into_iter()
                .map(|t| if task == Task::Regression { t / 100.0 } else { t })
                .collect(),
            weights: (0..x.rows).map(|i| 0.5 + (i % 3) as f32).collect(),
        };
        let loss = |flat: &[f32]| {
            let weights = Weights::new(&layout, flat).unwrap();
            members_loss(&layout, task, &weights, &rows, 0.3, |shard| random::stream(7, shard as u64)).unwrap()
        };
        let gradient = loss(&flat).1;
        for (index, exact) in gradient.into_iter().enumerate() {
            const STEP: f32 = 2e-3;
            let mut moved = flat.clone();
            moved[index] = flat[index] + STEP;
            let above = loss(&moved).0;
            moved[index] = flat[index] - STEP;
            let slope = (above - loss(&moved).0) / f64::from(2.0 * STEP);
            let gap = (f64::from(exact) - slope).abs();
            assert!(gap < 5e-4 + 0.02 * slope.abs(), "{task:?} weight {index}: {exact} is not {slope}");
        }
    }
}

#[test]
fn xor_is_learnt_where_a_linear_model_cannot() {
    let side = |bit: usize| (0..400).map(|i| ((i >> bit) & 1) as f32 + (i % 7) as f32 / 100.0).collect();
    let x = table(vec![numeric(side(0)), numeric(side(1))]);
    let y = binary(&(0..400).map(|i| (i ^ (i >> 1)) & 1).collect::<Vec<u32>>());
    let params = NetworkParameters { max_epochs: 60, ..small() };
    let network = fitted(&x, &y, &params);
    assert!(network.predict_row(&[1.0, 0.0]).unwrap()[0] > 0.95);
    assert!(network.predict_row(&[1.0, 1.0]).unwrap()[0] < 0.05);
    let linear = linear::fit(&x, &y, None, &LinearParameters::default(), 0, &mut go_on).unwrap();
    assert!((linear.predict_row(&[1.0, 0.0])[0] - 0.5).abs() < 0.2);
}

#[test]
fn several_classes_and_values_are_learnt() {
    let (x, labels) = mixed(600);
    let [_, classes, values] = targets_of_each_task(&labels);
    let params = NetworkParameters { max_epochs: 60, ..small() };
    let answers = fitted(&x, &classes, &params).predict(&x).unwrap();
    let right = answers.chunks_exact(3).zip(&labels).filter(|(p, l)| p.iter().all(|other| *other <= p[**l as usize]));
    assert!(right.count() > 550);
    assert!(answers.chunks_exact(3).all(|p| (p.iter().sum::<f32>() - 1.0).abs() < 1e-5));
    let Target::Values(truth) = &values else { unreachable!() };
    let guesses = fitted(&x, &values, &params).predict(&x).unwrap();
    let error = guesses.iter().zip(truth).map(|(g, t)| (g - t).powi(2)).sum::<f32>() / 600.0;
    assert!(error < 300.0, "mean squared error {error} of a variance of some 3000");
}

#[test]
fn seed_decides_and_threads_do_not() {
    let (x, labels) = mixed(500);
    let y = binary(&labels);
    let params = NetworkParameters { batch_rows: 200, ..small() };
    let with = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let fitted = pool.install(|| fit(&x, &y, None, None, &params, seed, &mut go_on).unwrap());
        fitted.network.to_safetensors().unwrap()
    };
    assert_eq!(with(1, 3), with(2, 3));
    assert_ne!(with(1, 3), with(1, 4));
}

#[test]
fn rows_one_by_one_and_all_at_once_agree() {
    let (x, labels) = mixed(200);
    let network = fitted(&x, &binary(&labels), &small());
    let mut row = [0.0; 3];
    for (index, all) in network.predict(&x).unwrap().into_iter().enumerate() {
        x.copy_row(index, &mut row);
        assert!((network.predict_row(&row).unwrap()[0] - all).abs() < 1e-5);
    }
}

#[test]
fn training_keeps_the_best_epoch() {
    let (x, labels) = mixed(300);
    let y = binary(&labels);
    let (judge_x, judge_y) = (x.select(&[0, 1, 2, 3, 4, 5, 6, 7]), y.select(&[0, 1, 2, 3, 4, 5, 6, 7]));
    let params = NetworkParameters { learning_rate: 0.05, patience: 2, max_epochs: 50, ..small() };
    let fitted = fit(&x, &y, None, Some((&judge_x, &judge_y, None)), &params, 1, &mut go_on).unwrap();
    let lowest = fitted.epochs.iter().map(|e| e.validation_loss).fold(f64::INFINITY, f64::min);
    assert_eq!(fitted.epochs[fitted.best].validation_loss, lowest);
    let rows = Rows {
        cells: cells(&fitted.network.encodings, &judge_x, 0..8),
        targets: linear::targets(&judge_y),
        weights: vec![1.0; 8],
    };
    let weights = Weights::new(&fitted.network.layout, &fitted.network.flat).unwrap();
    assert_eq!(joint_loss(&fitted.network.layout, Task::Binary, &weights, &rows).unwrap(), lowest);
}

#[test]
fn class_weights_raise_the_probability_of_their_class() {
    let x = table(vec![numeric((0..300).map(|i| (i * 37 % 101) as f32).collect())]);
    let y = binary(&(0..300).map(|i| u32::from(i % 4 == 0)).collect::<Vec<u32>>());
    let mean = |class_weight| {
        let params = NetworkParameters { class_weight, learning_rate: 0.02, ..small() };
        fitted(&x, &y, &params).predict(&x).unwrap().iter().sum::<f32>() / 300.0
    };
    // One row in four; with three times the weight it is one half.
    assert!((mean(ClassWeight::Equal) - 0.25).abs() < 0.1);
    assert!((mean(ClassWeight::Given(vec![1.0, 3.0])) - 0.5).abs() < 0.1);
    assert!((mean(ClassWeight::Balanced) - 0.5).abs() < 0.1);
}

#[test]
fn contributions_add_up_and_ignore_what_does_not_matter() {
    let (mut x, labels) = mixed(400);
    x.columns.push(numeric(vec![1.0; 400]));
    for (y, output) in targets_of_each_task(&labels).into_iter().zip([0, 2, 0]) {
        let network = fitted(&x, &y, &NetworkParameters { max_epochs: 15, ..small() });
        let row = [90.0, f32::NAN, 3.0, 1.0];
        let why = network.contributions(&row, output).unwrap();
        let answer = network.predict_row(&row).unwrap()[output];
        let (score, unit) = match y {
            Target::Values(_) => (answer, Unit::Value),
            Target::Classes { .. } => ((answer / (1.0 - answer)).ln(), Unit::LogOdds),
        };
        assert_eq!(why.unit, unit);
        assert!((why.base + why.values.iter().sum::<f32>() - score).abs() < 1e-3 * score.abs().max(1.0));
        assert_eq!(why.values[3], 0.0);
        assert_eq!(why, network.contributions(&row, output).unwrap());
    }
}

#[test]
fn two_features_share_as_shapley_worked_by_hand() {
    let (x, labels) = mixed(300);
    let x = Features { rows: x.rows, columns: vec![x.columns[0].clone(), x.columns[2].clone()] };
    let network = fitted(&x, &binary(&labels), &small());
    let typical: Vec<Cell> = network.encodings.iter().map(Encoding::typical).collect();
    let own = network.row_cells(&[99.0, 3.0]);
    let score = |a: Cell, b: Cell| {
        let p = f64::from(network.answer(&[a, b]).unwrap()[0]);
        (p / (1.0 - p)).ln()
    };
    let (none, both) = (score(typical[0], typical[1]), score(own[0], own[1]));
    let (first, second) = (score(own[0], typical[1]), score(typical[0], own[1]));
    let by_hand = (first - none + both - second) / 2.0;
    let why = network.contributions(&[99.0, 3.0], 0).unwrap();
    assert!((f64::from(why.values[0]) - by_hand).abs() < 1e-5);
}

#[test]
fn numbers_find_their_place_by_rank() {
    let feature = numeric((0..=100).map(|i| (i * i) as f32).collect());
    let encoding = Encoding::fit(&feature, 4, 1);
    let Encoding::Numeric { edges, .. } = &encoding else { panic!("{encoding:?}") };
    assert_eq!(edges.len(), 5);
    // The median has normal score 0 and is the third edge.
    assert!(edges[2].abs() < 1e-5);
    let place = |value| encoding.cell(value);
    assert_eq!((place(-5.0).slot, place(-5.0).fraction), (0, 0.0));
    assert_eq!((place(1e9).slot, place(1e9).fraction), (3, 1.0));
    // The 60th percentile: score 0.2533 between 0 and 0.6745, in the third piece.
    assert_eq!(place(3600.0).slot, 2);
    assert!((place(3600.0).fraction - 0.2533 / 0.6745).abs() < 0.02);
    // No missing value was seen, so a missing one is at the median.
    assert_eq!(place(f32::NAN), place(2500.0));
}

#[test]
fn rare_unknown_and_missing_categories_share_a_slot() {
    let encoding = Encoding::fit(&categorical(4, vec![0.0, 0.0, 2.0, 2.0, 2.0, 3.0]), 8, 2);
    let slots = [0.0, 2.0, 3.0, 1.0, f32::NAN, 17.0].map(|value| encoding.cell(value).slot);
    assert_eq!(slots, [0, 1, 2, 2, 2, 2]);
    assert_eq!(encoding.typical().slot, 1);
}

#[test]
fn bytes_come_back_as_the_same_network() {
    let (x, labels) = mixed(200);
    for y in targets_of_each_task(&labels) {
        let network = fitted(&x, &y, &NetworkParameters { max_epochs: 2, ..small() });
        let bytes = network.to_safetensors().unwrap();
        let back = Network::from_safetensors(&bytes).unwrap();
        assert_eq!(back.predict(&x).unwrap(), network.predict(&x).unwrap());
        assert_eq!(back.to_safetensors().unwrap(), bytes);
    }
}

#[test]
fn damaged_bytes_are_refused() {
    let (x, labels) = mixed(200);
    let bytes = fitted(&x, &binary(&labels), &NetworkParameters { max_epochs: 1, ..small() }).to_safetensors().unwrap();
    for end in [0, 7, 8, 100, bytes.len() - 1] {
        assert!(Network::from_safetensors(&bytes[..end]).is_err());
    }
    let mut forged = bytes.clone();
    forged[bytes.len() - 4..].copy_from_slice(&f32::INFINITY.to_le_bytes());
    assert!(Network::from_safetensors(&forged).is_err());
    // Same length each time, so the file stays well formed.
    for (from, to) in [("binary", "binarz"), ("network/1", "linear//1"), (r#"members\":4"#, r#"members\":0"#)] {
        let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).expect(from);
        let mut forged = bytes.clone();
        forged[at..at + to.len()].copy_from_slice(to.as_bytes());
        assert!(Network::from_safetensors(&forged).is_err(), "{to}");
    }
}

#[test]
fn cancelling_stops_within_an_epoch() {
    let (x, labels) = mixed(400);
    let params = NetworkParameters { batch_rows: 4, ..small() };
    let mut calls = 0;
    let refused = fit(&x, &binary(&labels), None, None, &params, 0, &mut |share, _| {
        calls += 1;
        assert!(share < 0.25);
        ControlFlow::Break(())
    });
    assert!(matches!(refused, Err(TrainError::Cancelled(_))));
    assert_eq!(calls, 1);
}

#[test]
fn poor_data_is_refused_or_survived() {
    let constant = table(vec![numeric(vec![1.0; 6]), numeric(vec![f32::NAN; 6])]);
    let attempt = |x: &Features, y: &Target| fit(x, y, None, None, &small(), 0, &mut go_on);
    let alternating = binary(&[0, 1, 0, 1, 0, 1]);
    assert!(matches!(attempt(&constant, &alternating), Err(TrainError::Invalid { field: "features", .. })));
    assert!(matches!(attempt(&constant, &binary(&[1; 6])), Err(TrainError::OneClass)));
    assert!(matches!(attempt(&constant.select(&[]), &binary(&[])), Err(TrainError::NoRows)));
    let half_missing = table(vec![numeric(vec![f32::NAN, 1.0, f32::NEG_INFINITY, 1.0, f32::NAN, 1.0])]);
    let network = attempt(&half_missing, &alternating).unwrap().network;
    assert_eq!(network.predict_row(&[f32::NAN]).unwrap(), network.predict_row(&[f32::INFINITY]).unwrap());
    assert_eq!(network.predict_row(&[]).unwrap(), network.predict_row(&[f32::NAN]).unwrap());
    assert!(network.predict(&half_missing.select(&[])).unwrap().is_empty());
    let same = Target::Values(vec![5.0; 6]);
    let network = attempt(&half_missing, &same).unwrap().network;
    assert!(network.predict_row(&[1.0]).unwrap()[0].is_finite());
}

#[test]
fn wrong_settings_are_named() {
    let named = |params: NetworkParameters| match params.validate() {
        Err(TrainError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(named(NetworkParameters { members: 0, ..small() }), "members");
    assert_eq!(named(NetworkParameters { dropout: f32::NAN, ..small() }), "dropout");
    assert_eq!(named(NetworkParameters { learning_rate: -1.0, ..small() }), "learning_rate");
    assert_eq!(named(NetworkParameters { holdout: 0.9, ..small() }), "holdout");
    assert!(serde_json::from_str::<NetworkParameters>(r#"{"layers": 2}"#).is_err());
}

#[test]
fn a_loss_that_is_no_number_is_an_error() {
    let (x, labels) = mixed(200);
    let params = NetworkParameters { learning_rate: 1.0, members: 1, max_epochs: 2, ..small() };
    let y = Target::Values(labels.iter().map(|&label| label as f32).collect());
    let huge = vec![f32::MAX / 1e3; 200];
    let refused = fit(&x, &y, Some(&huge), None, &params, 0, &mut go_on);
    assert!(matches!(refused, Err(TrainError::Invalid { .. })));
}

#[test]
fn normal_scores_are_those_of_the_tables() {
    for (share, score) in [(0.5, 0.0), (0.841_345, 1.0), (0.975, 1.959_964), (0.001, -3.090_232)] {
        assert!((ranks::normal_score(share) - score).abs() < 1e-4);
    }
}
