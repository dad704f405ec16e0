use std::slice::from_ref;

use domain::TenantId;
use futures::future::join_all;
use store::{Error, PredictionFilter, Recording, WriteError, Writer, WriterSettings};

use crate::support::{NOW, World, prediction, truth};

crate::on_both!(
    callers_share_transactions,
    an_outcome_may_follow_at_once,
    a_full_queue_refuses_at_once,
    draining_loses_nothing,
    a_refused_row_fails_its_caller_only,
);

async fn callers_share_transactions(world: &World) {
    let model = world.model("fraud").await;
    let writer = Writer::start(world.store.clone(), WriterSettings::default());
    let calls = (0..500).map(|i| writer.submit(vec![prediction(&model, NOW.plus(i), 0.5)]));
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    let (transactions, rows) = writer.written();
    assert_eq!(rows, 500);
    assert!(transactions < 100, "{transactions} transactions");
    assert_eq!(writer.queued(), 0);
    let filter = PredictionFilter { model: Some(model.id), ..PredictionFilter::default() };
    let page = world.store.predictions(world.us(), &filter, None, 200).await.unwrap();
    assert_eq!(page.items.len(), 200);
}

async fn an_outcome_may_follow_at_once(world: &World) {
    let (model, other) = (world.model("fraud").await, world.model_of(world.them(), "fraud").await);
    let writer = Writer::start(world.store.clone(), WriterSettings::default());
    let asked: Vec<_> =
        (0..50).map(|i| prediction(if i % 2 == 0 { &model } else { &other }, NOW.plus(i), 0.5)).collect();
    let calls = asked.iter().map(async |p| {
        let prediction = writer.submit(vec![p.clone()]);
        let outcome = writer.record_outcomes(p.tenant, vec![truth(p, "yes", NOW)]);
        let (prediction, outcome) = tokio::join!(prediction, outcome);
        prediction.unwrap();
        outcome.unwrap()
    });
    let recorded = join_all(calls).await;
    let answers = asked.iter().zip(&recorded);
    for (asked, answer) in answers {
        assert!(matches!(&answer[..], [Recording::Recorded(outcome)] if outcome.prediction == asked.id), "{answer:?}");
    }
    let again = writer.record_outcomes(model.tenant, vec![truth(&asked[0], "no", NOW)]).await.unwrap();
    assert!(matches!(&again[..], [Recording::Contradicted(_)]));
}

async fn a_full_queue_refuses_at_once(world: &World) {
    let model = world.model("fraud").await;
    let writer = Writer::start(world.store.clone(), WriterSettings { capacity: 10, most_rows: 4 });
    let calls = (0..100).map(|i| writer.submit(vec![prediction(&model, NOW.plus(i), 0.5)]));
    let results = join_all(calls).await;
    let written = results.iter().filter(|result| result.is_ok()).count();
    assert!((10..100).contains(&written), "{written}");
    assert!(results.iter().all(|result| matches!(result, Ok(()) | Err(WriteError::Full))));
    assert_eq!(writer.written().1, written as u64);
    assert_eq!(writer.queued(), 0);
    let too_many = (0..11).map(|i| prediction(&model, NOW.plus(200 + i), 0.5)).collect();
    assert!(matches!(writer.submit(too_many).await, Err(WriteError::Full)));
    assert!(writer.submit(vec![prediction(&model, NOW.plus(300), 0.5)]).await.is_ok());
}

async fn draining_loses_nothing(world: &World) {
    let model = world.model("fraud").await;
    let writer = Writer::start(world.store.clone(), WriterSettings { capacity: 1_000, most_rows: 16 });
    let calls: Vec<_> = (0..300)
        .map(|i| {
            let (writer, row) = (writer.clone(), prediction(&model, NOW.plus(i), 0.5));
            tokio::spawn(async move { writer.submit(vec![row]).await })
        })
        .collect();
    while writer.queued() == 0 {
        tokio::task::yield_now().await;
    }
    writer.drain().await;
    assert_eq!(writer.queued(), 0);
    let mut written = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(()) => written += 1,
            Err(error) => assert!(matches!(error, WriteError::Closed), "{error}"),
        }
    }
    assert_eq!(writer.written().1, written);
    assert!(matches!(writer.submit(vec![prediction(&model, NOW, 0.5)]).await, Err(WriteError::Closed)));
    writer.drain().await;
}

async fn a_refused_row_fails_its_caller_only(world: &World) {
    let model = world.model("fraud").await;
    let writer = Writer::start(world.store.clone(), WriterSettings::default());
    let there = prediction(&model, NOW, 0.5);
    world.store.insert_predictions(from_ref(&there)).await.unwrap();
    let mut forged = prediction(&model, NOW, 0.5);
    forged.tenant = TenantId(99_999);
    let mut calls: Vec<_> = (0..30).map(|i| vec![prediction(&model, NOW.plus(i), 0.5)]).collect();
    // Neither row of this call is to be written.
    let innocent = prediction(&model, NOW, 0.5);
    calls[10] = vec![innocent.clone(), there.clone()];
    calls[20] = vec![forged];
    let results = join_all(calls.into_iter().map(|rows| writer.submit(rows))).await;
    for (i, result) in results.iter().enumerate() {
        match i {
            10 => assert!(matches!(result, Err(WriteError::Failed(Error::Conflict(_)))), "{result:?}"),
            20 => assert!(matches!(result, Err(WriteError::Failed(Error::NotFound))), "{result:?}"),
            _ => assert!(result.is_ok(), "{i}: {result:?}"),
        }
    }
    assert!(world.store.prediction(world.us(), innocent.id).await.unwrap().is_none());
    let volume = world.store.hourly_volume(world.us(), innocent.model, NOW, NOW.plus(1)).await.unwrap();
    assert_eq!(volume[0].predictions, 29, "28 of the calls, and the one that was there");
}
