use super::*;
use crate::trees::boosted::StopOn;

fn small() -> BoostedParameters {
    BoostedParameters { rounds: 30, max_depth: 4, learning_rate: 0.2, ..Default::default() }
}

#[test]
fn training_loss_falls_round_by_round() {
    let (x, y) = mixed(1, 800, 2);
    let mut last = f64::INFINITY;
    for rounds in 1..15 {
        let loss = log_loss(&boost(&x, &y, &BoostedParameters { rounds, ..small() }).forest.predict(&x), &y);
        assert!(loss < last, "round {rounds}: {loss} after {last}");
        last = loss;
    }
}

#[test]
fn the_number_of_threads_does_not_show() {
    for classes in [2, 4] {
        let (x, y) = mixed(2, 9_000, classes);
        let parameters =
            BoostedParameters { rounds: 6, row_share: 0.8, column_share: 0.8, node_column_share: 0.7, ..small() };
        let fit =
            |threads| in_pool(threads, || boosted::fit(&x, &y, None, Some((&x, &y, None)), &parameters, 3, &mut go_on));
        assert_eq!(fit(1), fit(2));
        assert_eq!(fit(1), fit(3));
    }
}

#[test]
fn another_seed_draws_other_rows() {
    let (x, y) = mixed(3, 500, 2);
    let parameters = BoostedParameters { row_share: 0.5, ..small() };
    let fit = |seed| boosted::fit(&x, &y, None, None, &parameters, seed, &mut go_on).unwrap();
    assert_ne!(fit(1), fit(2));
}

#[test]
fn early_stopping_keeps_the_best_round() {
    // labels that are half noise, so that long training must overfit
    let (x, y) = mixed(4, 600, 2);
    let (held_x, held_y) = mixed(5, 600, 2);
    for stop_on in [StopOn::Loss, StopOn::AveragePrecision] {
        let parameters = BoostedParameters {
            rounds: 400,
            max_depth: 8,
            learning_rate: 0.5,
            min_child_weight: 0.1,
            rounds_without_improvement: Some(10),
            stop_on,
            ..Default::default()
        };
        let fit = boosted::fit(&x, &y, None, Some((&held_x, &held_y, None)), &parameters, 1, &mut go_on).unwrap();
        assert_eq!(fit.history.len(), fit.rounds + 10);
        assert_eq!(fit.forest.trees(), fit.history.len());
        let best = fit.history[fit.rounds - 1];
        let is_best = |&figure: &f64| if stop_on == StopOn::Loss { best <= figure } else { best >= figure };
        assert!(fit.history.iter().all(is_best));
        if stop_on == StopOn::Loss {
            let forest = fit.forest.truncated(fit.rounds);
            assert!((log_loss(&forest.predict(&held_x), &held_y) - best).abs() < 1e-5);
        }
    }
}

#[test]
fn positive_weight_raises_the_probabilities() {
    let (x, y) = mixed(6, 600, 2);
    let mean = |positive_weight| {
        let predictions = boost(&x, &y, &BoostedParameters { positive_weight, ..small() }).forest.predict(&x);
        predictions.iter().sum::<f32>() / 600.0
    };
    assert!(mean(5.0) > mean(1.0) + 0.05);
    assert!(mean(0.2) < mean(1.0) - 0.05);
}

#[test]
fn several_classes_are_told_apart() {
    let (x, y) = mixed(7, 1_500, 4);
    let forest = boost(&x, &y, &small()).forest;
    assert_eq!((forest.outputs(), forest.trees()), (4, 120));
    let Target::Classes { labels, .. } = &y else { panic!() };
    let predictions = forest.predict(&x);
    let rows = predictions.chunks(4).zip(labels);
    let hits = rows.clone().filter(|(p, label)| p.iter().all(|&other| other <= p[**label as usize])).count();
    assert!(hits > 1_250, "{hits} of 1500");
    assert!(rows.into_iter().all(|(p, _)| (p.iter().sum::<f32>() - 1.0).abs() < 1e-5));
}

#[test]
fn leaf_wise_growth_respects_its_limits() {
    let (x, y) = mixed(8, 2_000, 2);
    let parameters = BoostedParameters { max_leaves: Some(7), max_depth: 20, ..small() };
    let fit = boost(&x, &y, &parameters);
    assert_eq!(fit.forest.nodes.len(), 30 * 13);
    let level = boost(&x, &y, &BoostedParameters { max_depth: 3, rounds: 30, ..small() });
    // more freedom with about as many leaves fits the training data at least about as well
    assert!(log_loss(&fit.forest.predict(&x), &y) < log_loss(&level.forest.predict(&x), &y) + 0.02);
}

#[test]
fn a_truncated_forest_is_that_of_fewer_rounds() {
    let (x, y) = mixed(10, 500, 3);
    let boosted = |rounds| boost(&x, &y, &BoostedParameters { rounds, ..small() }).forest;
    assert_eq!(boosted(9).truncated(4 * 3), boosted(4));
    assert_eq!(boosted(4).truncated(100), boosted(4));
}

#[test]
fn breaking_the_report_cancels() {
    let (x, y) = mixed(10, 200, 2);
    let mut calls = 0;
    let mut report = |_: f32, _: &str| {
        calls += 1;
        if calls == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    assert_eq!(boosted::fit(&x, &y, None, None, &small(), 1, &mut report), Err(TrainError::Cancelled));
    assert_eq!(calls, 4);
}

#[test]
fn progress_ends_at_one() {
    let (x, y) = mixed(11, 200, 2);
    let mut shares = Vec::new();
    let mut report = |share: f32, _: &str| {
        shares.push(share);
        ControlFlow::Continue(())
    };
    boosted::fit(&x, &y, None, None, &small(), 1, &mut report).unwrap();
    assert!(shares.is_sorted());
    assert_eq!(shares.last(), Some(&1.0));
}

#[test]
fn parameters_out_of_range_are_named() {
    let wrong = |change: fn(&mut BoostedParameters)| {
        let mut parameters = BoostedParameters::default();
        change(&mut parameters);
        field(parameters.validate())
    };
    assert_eq!(wrong(|p| p.rounds = 0), "rounds");
    assert_eq!(wrong(|p| p.learning_rate = f32::NAN), "learning_rate");
    assert_eq!(wrong(|p| p.max_depth = 65), "max_depth");
    assert_eq!(wrong(|p| p.max_leaves = Some(1)), "max_leaves");
    assert_eq!(wrong(|p| p.lambda = -1.0), "lambda");
    assert_eq!(wrong(|p| p.max_bins = 256), "max_bins");
    assert_eq!(wrong(|p| p.row_share = 0.0), "row_share");
    assert_eq!(wrong(|p| p.positive_weight = f32::INFINITY), "positive_weight");
    assert!(serde_json::from_str::<BoostedParameters>(r#"{"depth":3}"#).is_err());
    let partial: BoostedParameters = serde_json::from_str(r#"{"max_depth":3}"#).unwrap();
    assert_eq!(partial, BoostedParameters { max_depth: 3, ..Default::default() });
}
