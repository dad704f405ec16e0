use std::collections::BTreeMap;

use domain::delay;
use domain::prediction::{OutcomeSource, Prediction};
use domain::score::bin;
use domain::time::{DAY, HOUR};
use futures::TryStreamExt;
use store::{DelayCell, Periods, PredictionFilter};

use crate::support::{NOW, World, event, prediction, truth};

crate::on_both!(
    rollups_agree_with_a_recount,
    delays_are_those_of_the_first_truths,
    values_and_texts_share_their_cells,
    every_outcome_says_where_it_came_from,
);

/// Predictions of four days, some hours apart, by two versions and the heuristic.
async fn history(world: &World) -> Vec<Prediction> {
    let model = world.model("fraud").await;
    let made = |i: i64| {
        let mut made = prediction(&model, NOW.plus(-i * DAY / 100), (i * 37 % 101) as f64 / 101.0);
        made.version = (i % 3 > 0).then_some(i % 3);
        made
    };
    let made: Vec<Prediction> = (0..400).map(made).collect();
    for part in made.chunks(70) {
        world.store.insert_predictions(part).await.unwrap();
    }
    made
}

type Key = (i64, Option<i64>, String, i64);

async fn rollups_agree_with_a_recount(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let made = history(world).await;
    let said = |i: usize| if i % 4 == 1 { "yes" } else { "no" };
    let truths: Vec<_> = (0..300).map(|i| truth(&made[i], said(i), NOW)).collect();
    store.insert_outcomes(us, &truths, None).await.unwrap();
    let corrected = event(us, "outcome.corrected");
    for i in (0..300).step_by(7) {
        let other = if said(i) == "yes" { "no" } else { "yes" };
        store.correct_outcome(us, &truth(&made[i], other, NOW), "looked again", &corrected).await.unwrap();
    }
    let periods = Periods { first: NOW.hour() - 3 * 24, end: NOW.hour() + 1, hours: 24 };
    let logged: Vec<_> = store.export_predictions(us, PredictionFilter::default()).try_concat().await.unwrap();
    let (mut scores, mut known) = (BTreeMap::<Key, (i64, f64)>::new(), BTreeMap::<(Key, String), (i64, f64)>::new());
    for one in logged.iter().filter(|one| one.prediction.at.hour() >= periods.first) {
        let p = &one.prediction;
        let key = ((p.at.hour() - periods.first) / 24, p.version, p.decision.clone(), bin(p.score, true));
        let cell = scores.entry(key.clone()).or_default();
        *cell = (cell.0 + 1, cell.1 + p.score);
        if let Some(outcome) = &one.outcome {
            let cell = known.entry((key, outcome.truth.clone())).or_default();
            *cell = (cell.0 + 1, cell.1 + p.score);
        }
    }
    let model = made[0].model;
    let cells = store.score_cells(us, model, None, periods).await.unwrap();
    let counted = cells.into_iter().map(|c| ((c.period, c.version, c.decision, c.bin), (c.predictions, c.score_sum)));
    agree(counted.collect(), &scores);
    let cells = store.truth_cells(us, model, None, periods).await.unwrap();
    let counted =
        cells.into_iter().map(|c| (((c.period, c.version, c.decision, c.bin), c.truth), (c.outcomes, c.score_sum)));
    agree(counted.collect(), &known);

    let of_one = store.score_cells(us, model, Some(2), Periods::one(NOW.plus(-9 * DAY), NOW)).await.unwrap();
    assert!(of_one.iter().all(|cell| (cell.period, cell.version) == (0, Some(2))));
    assert_eq!(of_one.iter().map(|cell| cell.predictions).sum::<i64>(), 133);
    let none = store.truth_cells(us, model, Some(0), Periods::one(NOW.plus(-9 * DAY), NOW)).await.unwrap();
    assert!(!none.is_empty() && none.iter().all(|cell| cell.version.is_none()));
    assert!(store.score_cells(world.them(), model, None, periods).await.unwrap().is_empty());
    assert!(store.truth_cells(world.them(), model, None, periods).await.unwrap().is_empty());
}

fn agree<K: Ord + std::fmt::Debug>(counted: BTreeMap<K, (i64, f64)>, expected: &BTreeMap<K, (i64, f64)>) {
    assert!(counted.keys().eq(expected.keys()), "{counted:?} instead of {expected:?}");
    for (key, (n, sum)) in expected {
        let (counted, counted_sum) = counted[key];
        assert!(counted == *n && (counted_sum - sum).abs() < 1e-9, "{key:?}");
    }
}

/// A truth that was corrected or taken back came when it first came.
async fn delays_are_those_of_the_first_truths(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let made = history(world).await;
    let late = [0, HOUR / 2, 5 * HOUR, 5 * HOUR, 90 * HOUR];
    let truths: Vec<_> = late.iter().zip(&made).map(|(late, p)| truth(p, "yes", p.at.plus(*late))).collect();
    store.insert_outcomes(us, &truths, None).await.unwrap();
    store.insert_outcomes(us, &[truth(&made[0], "yes", NOW.plus(DAY))], None).await.unwrap();
    let corrected = event(us, "outcome.corrected");
    store.correct_outcome(us, &truth(&made[1], "no", NOW.plus(DAY)), "late", &corrected).await.unwrap();
    let cells = store.delay_cells(us, made[0].model, NOW.plus(-2 * DAY), NOW).await.unwrap();
    let day = NOW.hour() / 24;
    let cell = |step, outcomes| DelayCell { day, step, outcomes };
    assert_eq!(cells, [cell(0, 2), cell(delay::step(5 * HOUR), 2), cell(delay::step(90 * HOUR), 1)]);
    assert!(store.delay_cells(world.them(), made[0].model, NOW.plus(-2 * DAY), NOW).await.unwrap().is_empty());
}

/// Every value of a regression would be a decision of its own.
async fn values_and_texts_share_their_cells(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("price").await;
    let price = |at: i64, score: f64| Prediction {
        decision: score.to_string(),
        confidence: None,
        ..prediction(&model, NOW.plus(at), score)
    };
    let asked = [price(0, 220.0), price(1, 221.0), price(2, -3.5), price(3, f64::MAX)];
    store.insert_predictions(&asked).await.unwrap();
    let cells = store.score_cells(us, model.id, None, Periods::one(NOW, NOW.plus(HOUR))).await.unwrap();
    let bins: Vec<_> = cells.iter().map(|cell| (cell.decision.as_str(), cell.bin, cell.predictions)).collect();
    let bin = |value: f64| bin(value, false);
    assert_eq!(bins, [("", bin(-3.5), 1), ("", bin(220.5), 2), ("", bin(f64::MAX), 1)]);
    assert!(cells.iter().all(|cell| cell.score_sum.is_finite()));
}

async fn every_outcome_says_where_it_came_from(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let made = history(world).await;
    let mut observed = truth(&made[0], "yes", NOW);
    observed.source = OutcomeSource::Observation;
    store.insert_outcomes(us, &[observed], None).await.unwrap();
    let mut corrected = truth(&made[0], "no", NOW);
    corrected.source = OutcomeSource::Correction;
    store.correct_outcome(us, &corrected, "looked again", &event(us, "outcome.corrected")).await.unwrap();
    let sources: Vec<_> = store.outcomes(us, made[0].id).await.unwrap().iter().map(|o| o.source).collect();
    assert_eq!(sources, [OutcomeSource::Observation, OutcomeSource::Correction]);
    let newest = store.prediction(us, made[0].id).await.unwrap().unwrap().outcome.unwrap();
    assert_eq!(newest.source, OutcomeSource::Correction);
}
