use std::collections::BTreeMap;

use domain::prediction::Prediction;
use domain::time::{HOUR, SECOND};
use futures::TryStreamExt;
use futures::future::{join, join_all};
use store::{Error, NewOutcome, Recording};

use crate::support::{NOW, World, counted, event, prediction, truth};

crate::on_both!(
    the_first_truth_stays_until_it_is_corrected,
    no_key_overrules_a_person,
    concurrent_reports_record_one,
    counts_agree_with_a_recount,
    errors_of_a_regression_add_up,
    labelled_rows_are_those_known_at_the_bound,
);

async fn the_first_truth_stays_until_it_is_corrected(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let asked = prediction(&model, NOW, 0.9);
    store.insert_predictions(std::slice::from_ref(&asked)).await.unwrap();
    let (first, same, other) = (truth(&asked, "yes", NOW), truth(&asked, "yes", NOW), truth(&asked, "no", NOW));
    let unknown = truth(&prediction(&model, NOW, 0.1), "no", NOW);
    let reports = [first.clone(), same.clone(), other.clone(), unknown.clone()];
    let imported = event(us, "outcomes.imported");
    let recordings = store.insert_outcomes(us, &reports, Some(&imported)).await.unwrap();
    let [Recording::Recorded(recorded), Recording::Repeated(held), Recording::Contradicted(against), none] =
        recordings.as_slice()
    else {
        panic!("{recordings:?}")
    };
    assert_eq!((held, against, none), (recorded, recorded, &Recording::NoPrediction));
    let later = store.insert_outcomes(us, &[same, other.clone()], None).await.unwrap();
    assert_eq!(later, [Recording::Repeated(recorded.clone()), Recording::Contradicted(recorded.clone())]);
    assert!(matches!(later[0].clone().into_result(), Err(Error::Conflict(_))));

    let corrected = event(us, "outcome.corrected");
    let repeated = store.correct_outcome(us, &truth(&asked, "yes", NOW), "typo", &corrected).await;
    assert!(matches!(repeated, Err(Error::Conflict(_))));
    assert!(matches!(store.correct_outcome(us, &unknown, "typo", &corrected).await, Err(Error::NotFound)));
    let second = store.correct_outcome(us, &other, "typo", &corrected).await.unwrap();
    assert_eq!((second.sequence, second.reason.as_str()), (2, "typo"));
    assert_eq!(store.outcomes(us, asked.id).await.unwrap(), [recorded.clone(), second.clone()]);
    assert_eq!(store.prediction(us, asked.id).await.unwrap().unwrap().outcome, Some(second));
}

/// A person and a program correct the same truth at once: the person's word stands, whichever came first.
async fn no_key_overrules_a_person(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let asked = prediction(&model, NOW, 0.9);
    store.insert_predictions(std::slice::from_ref(&asked)).await.unwrap();
    store.insert_outcomes(us, &[truth(&asked, "yes", NOW)], None).await.unwrap();
    let person = NewOutcome { actor: "person:1 Sami".into(), ..truth(&asked, "no", NOW) };
    let (key, corrected) = (truth(&asked, "maybe", NOW), event(us, "outcome.corrected"));
    let by_person = store.correct_outcome(us, &person, "seen", &corrected);
    let (by_person, _) = join(by_person, store.correct_outcome(us, &key, "computed", &corrected)).await;
    assert!(by_person.is_ok(), "{by_person:?}");
    let told = store.outcomes(us, asked.id).await.unwrap();
    assert_eq!(told.last().map(|last| last.actor.as_str()), Some("person:1 Sami"));
    let refused = store.correct_outcome(us, &truth(&asked, "yes", NOW), "computed", &corrected).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(store.outcomes(us, asked.id).await.unwrap(), told);
    let again = NewOutcome { actor: "person:2 Rana".into(), ..truth(&asked, "yes", NOW) };
    assert!(store.correct_outcome(us, &again, "looked again", &corrected).await.is_ok());
}

async fn concurrent_reports_record_one(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let asked: Vec<_> = (0..20).map(|i| prediction(&model, NOW.plus(i), 0.9)).collect();
    store.insert_predictions(&asked).await.unwrap();
    let batch = |i: usize| {
        let mut batch: Vec<_> = asked.iter().map(|p| truth(p, "yes", NOW)).collect();
        batch.rotate_left(i);
        batch
    };
    let batches: Vec<_> = (0..8).map(batch).collect();
    let results = join_all(batches.iter().map(|batch| store.insert_outcomes(us, batch, None))).await;
    let recorded = results.into_iter().flat_map(Result::unwrap).filter(|r| matches!(r, Recording::Recorded(_)));
    assert_eq!(recorded.count(), 20);
    let counted = counted(world, model.id, NOW).await;
    assert_eq!(counted.values().map(|(outcomes, ..)| outcomes).sum::<i64>(), 20);
}

async fn counts_agree_with_a_recount(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let mut asked = Vec::new();
    for i in 0..300_i64 {
        let mut made = prediction(&model, NOW.plus(-i * 60 * SECOND), (i * 31 % 100) as f64 / 100.0);
        made.version = Some(1 + i % 2);
        asked.push(made);
    }
    store.insert_predictions(&asked).await.unwrap();
    let said = |i: usize| if i.is_multiple_of(3) { "yes" } else { "no" };
    let truths: Vec<_> = asked.iter().enumerate().map(|(i, p)| truth(p, said(i), NOW)).collect();
    store.insert_outcomes(us, &truths, None).await.unwrap();
    let mut held: Vec<&str> = (0..300).map(said).collect();
    let corrected = event(us, "outcome.corrected");
    for i in (0..300).step_by(10) {
        held[i] = if held[i] == "yes" { "no" } else { "yes" };
        store.correct_outcome(us, &truth(&asked[i], held[i], NOW), "looked again", &corrected).await.unwrap();
    }
    let from = NOW.plus(-2 * HOUR);
    let recounted = |from_hour: i64| {
        let mut cells: BTreeMap<(Option<i64>, String, String), i64> = BTreeMap::new();
        for (p, truth) in asked.iter().zip(&held).filter(|(p, _)| p.at.hour() >= from_hour) {
            *cells.entry((p.version, p.decision.clone(), String::from(*truth))).or_default() += 1;
        }
        cells
    };
    for from in [from, NOW.plus(-100 * HOUR)] {
        let cells = counted(world, model.id, from).await.into_iter().map(|(key, (outcomes, ..))| (key, outcomes));
        assert_eq!(cells.collect::<BTreeMap<_, _>>(), recounted(from.hour()));
    }
    assert_eq!(store.model_days(us, NOW).await.unwrap()[0].predictions, 300);
}

async fn errors_of_a_regression_add_up(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("price").await;
    let price = |at: i64, score: f64| Prediction {
        decision: score.to_string(),
        confidence: None,
        ..prediction(&model, NOW.plus(at), score)
    };
    let asked = [price(0, 10.0), price(1, 20.0)];
    store.insert_predictions(&asked).await.unwrap();
    let truths = [truth(&asked[0], "13", NOW), truth(&asked[1], "15.5", NOW)];
    store.insert_outcomes(us, &truths, None).await.unwrap();
    let both = async || Vec::from_iter(counted(world, model.id, NOW).await.into_values());
    assert_eq!(both().await, [(2, 7.5, 29.25)]);
    let corrected = event(us, "outcome.corrected");
    store.correct_outcome(us, &truth(&asked[1], "20", NOW), "misread", &corrected).await.unwrap();
    assert_eq!(both().await, [(2, 3.0, 9.0)]);
    for enormous in ["1e308", "-1e308", "20"] {
        store.correct_outcome(us, &truth(&asked[1], enormous, NOW), "misread", &corrected).await.unwrap();
        assert!(both().await[0].2.is_finite(), "{enormous}");
    }
}

async fn labelled_rows_are_those_known_at_the_bound(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let asked: Vec<_> = (0..2_500).map(|i| prediction(&model, NOW.plus(i * 1_000), 0.9)).collect();
    store.insert_predictions(&asked).await.unwrap();
    let truths: Vec<_> = asked.iter().enumerate().map(|(i, p)| truth(p, "yes", NOW.plus(i as i64))).collect();
    store.insert_outcomes(us, &truths, None).await.unwrap();
    let corrected = event(us, "outcome.corrected");
    store.correct_outcome(us, &truth(&asked[3], "no", NOW.plus(9_000)), "late", &corrected).await.unwrap();
    let at = async |bound: i64| -> Vec<_> { store.labelled(us, model.id, NOW.plus(bound)).try_concat().await.unwrap() };
    let early = at(1_999).await;
    assert_eq!((early.len(), early[3].truth.as_str()), (2_000, "yes"));
    assert_eq!(early[7].features, asked[7].features);
    let late = at(9_000).await;
    assert_eq!((late.len(), late[3].truth.as_str()), (2_500, "no"));
}
