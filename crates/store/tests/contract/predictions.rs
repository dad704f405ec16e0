use domain::model::Model;
use domain::prediction::Prediction;
use domain::time::{HOUR, SECOND};
use domain::{PredictionId, Timestamp};
use futures::TryStreamExt;
use store::{Agreement, Error, PredictionFilter};

use crate::support::{NOW, World, prediction, truth};

crate::on_both!(
    what_was_written_comes_back,
    pages_are_complete_and_without_repetition,
    filters_find_what_a_scan_finds,
    a_search_goes_on_where_it_stopped,
    hours_count_every_prediction,
);

/// `n` predictions, one a second, with scores and decisions that vary; every third has an outcome, half of them right.
async fn asked(world: &World, model: &Model, n: i64) -> Vec<Prediction> {
    let make = |i: i64| {
        let mut made = prediction(model, NOW.plus(i * SECOND), (i * 37 % 100) as f64 / 100.0);
        made.version = (i % 4 != 0).then_some(i % 4);
        made.latency_micros = 50 + i;
        made
    };
    let made: Vec<_> = (0..n).map(make).collect();
    world.store.insert_predictions(&made).await.unwrap();
    let truths: Vec<_> = made
        .iter()
        .step_by(3)
        .enumerate()
        .map(|(i, p)| truth(p, if i % 2 == 0 { &p.decision } else { "other" }, NOW))
        .collect();
    world.store.insert_outcomes(model.tenant, &truths, None).await.unwrap();
    made
}

async fn what_was_written_comes_back(world: &World) {
    let model = world.model("fraud").await;
    let mut made = prediction(&model, NOW, 0.25);
    made.confidence = None;
    made.version = Some(3);
    made.probabilities = "[0.75,0.25]".into();
    world.store.insert_predictions(std::slice::from_ref(&made)).await.unwrap();
    let found = world.store.prediction(world.us(), made.id).await.unwrap().unwrap();
    assert_eq!((found.prediction, found.outcome), (made.clone(), None));
    let again = world.store.insert_predictions(std::slice::from_ref(&made)).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
    // Every size of statement, and all or nothing.
    for rows in [1, 2, 31, 127, 128, 129, 300] {
        let at = |i: i64| prediction(&model, NOW.plus(i), 0.5);
        let mut batch: Vec<_> = (0..rows).map(at).collect();
        world.store.insert_predictions(&batch).await.unwrap();
        for p in &mut batch {
            p.id = PredictionId::new(NOW, crate::support::random());
        }
        batch.push(made.clone());
        assert!(world.store.insert_predictions(&batch).await.is_err());
        assert!(world.store.prediction(world.us(), batch[0].id).await.unwrap().is_none());
    }
}

async fn every_page(world: &World, filter: &PredictionFilter, limit: u32) -> Vec<PredictionId> {
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = world.store.predictions(world.us(), filter, cursor.as_ref(), limit).await.unwrap();
        seen.extend(page.items.iter().map(|item| item.prediction.id));
        assert!(page.items.len() <= limit as usize);
        cursor = page.next;
        if cursor.is_none() {
            return seen;
        }
    }
}

async fn pages_are_complete_and_without_repetition(world: &World) {
    let (model, other) = (world.model("fraud").await, world.model("other").await);
    let made = asked(world, &model, 333).await;
    let others = asked(world, &other, 10).await;
    let newest_first: Vec<_> = made.iter().rev().map(|p| p.id).collect();
    let of_model = PredictionFilter { model: Some(model.id), ..PredictionFilter::default() };
    for limit in [1, 7, 111, 200] {
        assert_eq!(every_page(world, &of_model, limit).await, newest_first);
    }
    let all = every_page(world, &PredictionFilter::default(), 50).await;
    assert_eq!(all.len(), made.len() + others.len());
    assert!(all.windows(2).all(|pair| pair[0] > pair[1]));
    let exported: Vec<_> = world.store.export_predictions(world.us(), of_model).try_concat().await.unwrap();
    assert_eq!(exported.iter().map(|item| item.prediction.id).collect::<Vec<_>>(), newest_first);
    assert_eq!(exported.iter().filter(|item| item.outcome.is_some()).count(), 111);
}

async fn filters_find_what_a_scan_finds(world: &World) {
    let model = world.model("fraud").await;
    let made = asked(world, &model, 400).await;
    let logged = world.store.export_predictions(world.us(), PredictionFilter::default());
    let logged: Vec<_> = logged.try_concat().await.unwrap();
    assert_eq!(logged.len(), made.len());
    let of_model = PredictionFilter { model: Some(model.id), ..PredictionFilter::default() };
    let filters = [
        PredictionFilter { version: Some(0), ..of_model.clone() },
        PredictionFilter { version: Some(2), decision: Some("yes".into()), ..of_model.clone() },
        PredictionFilter { min_score: Some(0.2), max_score: Some(0.3), ..of_model.clone() },
        PredictionFilter { has_outcome: Some(false), decision: Some("no".into()), ..of_model.clone() },
        PredictionFilter { has_outcome: Some(true), min_score: Some(0.9), ..of_model.clone() },
        PredictionFilter { truth: Some("other".into()), version: Some(1), ..of_model.clone() },
        PredictionFilter { truth: Some("other".into()), decision: Some("yes".into()), ..of_model.clone() },
        PredictionFilter { agreement: Some(Agreement::Right), ..of_model.clone() },
        PredictionFilter { agreement: Some(Agreement::Wrong), max_score: Some(0.5), ..of_model.clone() },
        PredictionFilter { agreement: Some(Agreement::Wrong), ..PredictionFilter::default() },
        PredictionFilter { has_outcome: Some(false), ..PredictionFilter::default() },
        PredictionFilter { truth: Some("yes".into()), has_outcome: Some(true), ..PredictionFilter::default() },
        PredictionFilter {
            from: Some(NOW.plus(100 * SECOND)),
            until: Some(NOW.plus(200 * SECOND)),
            decision: Some("yes".into()),
            ..of_model.clone()
        },
        PredictionFilter { from: Some(NOW.plus(100 * SECOND)), has_outcome: Some(true), ..of_model },
    ];
    for filter in filters {
        let fits = |item: &&store::LoggedPrediction| {
            let (p, truth) = (&item.prediction, item.outcome.as_ref().map(|o| o.truth.as_str()));
            filter.version.is_none_or(|version| p.version.unwrap_or(0) == version)
                && filter.decision.as_ref().is_none_or(|decision| p.decision == *decision)
                && filter.has_outcome.is_none_or(|has| truth.is_some() == has)
                && filter.truth.as_ref().is_none_or(|wanted| truth == Some(wanted))
                && filter.agreement.is_none_or(|agreement| {
                    truth.is_some_and(|truth| (truth == p.decision) == (agreement == Agreement::Right))
                })
                && filter.min_score.is_none_or(|min| p.score >= min)
                && filter.max_score.is_none_or(|max| p.score <= max)
                && filter.from.is_none_or(|from| p.at >= from)
                && filter.until.is_none_or(|until| p.at < until)
        };
        let expected: Vec<_> = logged.iter().filter(fits).map(|item| item.prediction.id).collect();
        assert!(!expected.is_empty() && expected.len() < logged.len(), "{filter:?} tells nothing");
        assert_eq!(every_page(world, &filter, 9).await, expected, "{filter:?}");
    }
}

async fn a_search_goes_on_where_it_stopped(world: &World) {
    let model = world.model("fraud").await;
    let rare = prediction(&model, NOW.plus(-SECOND), 0.99);
    world.store.insert_predictions(std::slice::from_ref(&rare)).await.unwrap();
    for part in 0..20 {
        let common = |i: i64| prediction(&model, NOW.plus(part * 2_000 + i), 0.1);
        let batch: Vec<_> = (0..2_000).map(common).collect();
        world.store.insert_predictions(&batch).await.unwrap();
    }
    let filter = PredictionFilter { model: Some(model.id), min_score: Some(0.9), ..PredictionFilter::default() };
    let first = world.store.predictions(world.us(), &filter, None, 10).await.unwrap();
    assert!(first.items.is_empty() && first.next.is_some(), "it stops after a bounded number of rows");
    let second = world.store.predictions(world.us(), &filter, first.next.as_ref(), 10).await.unwrap();
    assert_eq!((second.items.len(), second.next), (1, None));
    assert_eq!(second.items[0].prediction, rare);
}

async fn hours_count_every_prediction(world: &World) {
    let model = world.model("fraud").await;
    let hour = Timestamp(NOW.hour() * HOUR);
    let mut all = Vec::new();
    for i in 0..100 {
        let mut made = prediction(&model, hour.plus(-i * HOUR / 10), 0.3);
        made.version = (i % 2 == 0).then_some(1);
        made.latency_micros = 100 + i;
        all.push(made);
    }
    for part in all.chunks(13) {
        world.store.insert_predictions(part).await.unwrap();
    }
    let (from, until) = (hour.plus(-24 * HOUR), hour.plus(HOUR));
    let volume = world.store.hourly_volume(world.us(), model.id, from, until).await.unwrap();
    assert_eq!(volume.iter().map(|v| v.predictions).sum::<i64>(), 100);
    for cell in &volume {
        let counted = all.iter().filter(|p| p.at.hour() == cell.hour && p.version == cell.version).count();
        assert_eq!(cell.predictions, counted as i64);
    }
    let day = &world.store.model_days(world.us(), hour).await.unwrap()[0];
    assert_eq!((day.predictions, day.hours[23], day.hours[22]), (100, 1, 10));
    let champion = world.store.latency(world.us(), model.id, 1, from, until).await.unwrap().unwrap();
    assert_eq!((champion.predictions, champion.max, champion.mean), (50, 198, 149.0));
    assert!((champion.p95 / 193.0 - 1.0).abs() < 0.2 && champion.p50 < champion.p95, "{champion:?}");
}
