use domain::model::Model;
use domain::prediction::OutcomeSource;
use domain::sync::{Advice, Entity, PlannedKind, Sync};
use domain::time::{DAY, HOUR};
use domain::{OutcomeId, Timestamp};
use futures::TryStreamExt;
use store::{
    DueSync, Error, NewOutcome, NewPlannedSync, NewSync, ObservedTruth, PlannedCount, PlannedFilter, ScoredSync,
    SyncGrouping, SyncSpan, SyncTally, UnscoredSyncs, Writer, WriterSettings,
};

use crate::support::{NOW, World, event, prediction, random};

crate::on_both!(
    syncs_are_counted_by_day_group_and_entity,
    predictions_are_counted_and_listed,
    what_came_of_a_warning_teaches_nothing,
);

fn sync(entity_type: &str, entity: &str, client: &str, person: &str, hours: i64) -> Sync {
    Sync {
        client: client.into(),
        person: person.into(),
        entity: Entity { entity_type: entity_type.into(), entity: entity.into() },
        fields: vec!["total".into()],
        last_sync: None,
        at: NOW.plus(hours * HOUR),
    }
}

/// Records syncs, each with the score of its prediction and what is said of its conflict.
async fn record(world: &World, model: &Model, syncs: &[(Sync, f64, Option<bool>)]) {
    let new = |(i, (sync, _, conflict)): (usize, &(Sync, f64, Option<bool>))| NewSync {
        client_id: format!("{i}"),
        digest: format!("{i}"),
        sync: sync.clone(),
        received_at: NOW,
        conflict: *conflict,
        actor: "key:1 app".into(),
    };
    let sent: Vec<NewSync> = syncs.iter().enumerate().map(new).collect();
    let scoring = async |unscored: UnscoredSyncs| {
        let score = |(place, _): &(usize, _)| ScoredSync {
            prediction: prediction(model, NOW, syncs[*place].1),
            threshold: 0.5,
            advice: Advice::FetchFirst,
        };
        Ok(unscored.events.iter().map(score).collect())
    };
    world.store.record_syncs::<Error, _>(model.tenant, &sent, scoring).await.unwrap();
}

fn span(entity_type: Option<&str>) -> SyncSpan<'_> {
    SyncSpan { from: NOW.plus(-100 * HOUR), until: NOW.plus(HOUR), settled: NOW.plus(-DAY), entity_type }
}

fn tally(syncs: i64, settled: i64, conflicts: i64) -> SyncTally {
    SyncTally { syncs, settled, conflicts }
}

/// It is 2025-10-09T08:53:20Z, day 20,370. The sync of 30 hours ago was on day 20,369 at 02:53:20.
async fn syncs_are_counted_by_day_group_and_entity(world: &World) {
    let (us, store) = (world.us(), &world.store);
    assert!(!store.has_syncs(us).await.unwrap());
    assert_eq!(store.sync_tally(us, span(None)).await.unwrap(), SyncTally::default());
    let syncs = [
        (sync("order", "o1", "c1", "ada", -30), 0.5, Some(true)),
        (sync("order", "o1", "c2", "bob", -50), 0.5, Some(true)),
        (sync("order", "o1", "c1", "ada", -51), 0.5, None),
        (sync("note", "n1", "c1", "ada", -75), 0.5, Some(false)),
        (sync("order", "o2", "c2", "eve", -2), 0.5, Some(true)),
        (sync("order", "o2", "c2", "eve", -200), 0.5, Some(true)),
    ];
    record(world, &world.model("conflict").await, &syncs).await;
    record(world, &world.model_of(world.them(), "conflict").await, &syncs[..1]).await;

    assert!(store.has_syncs(us).await.unwrap());
    assert_eq!(store.sync_tally(us, span(None)).await.unwrap(), tally(5, 4, 2));
    assert_eq!(store.sync_tally(us, span(Some("note"))).await.unwrap(), tally(1, 1, 0));
    let groups = async |by, entity_type, most| {
        let groups = store.sync_groups(us, span(entity_type), by, most).await.unwrap();
        groups.into_iter().map(|group| (group.name, group.tally)).collect::<Vec<_>>()
    };
    let types = [(String::from("order"), tally(4, 3, 2)), (String::from("note"), tally(1, 1, 0))];
    assert_eq!(groups(SyncGrouping::EntityType, None, 9).await, types);
    assert_eq!(groups(SyncGrouping::EntityType, None, 1).await, types[..1]);
    let clients = [(String::from("c1"), tally(2, 2, 1)), (String::from("c2"), tally(2, 1, 1))];
    assert_eq!(groups(SyncGrouping::Client, Some("order"), 9).await, clients);
    let worst = store.worst_entities(us, span(None), 9).await.unwrap();
    let [worst] = worst.as_slice() else { panic!("{worst:?}") };
    assert_eq!((worst.entity.as_str(), worst.tally, worst.editors), ("o1", tally(3, 3, 2), 2));
    assert!(store.worst_entities(us, span(Some("note")), 9).await.unwrap().is_empty());

    let days = async |offsets: &[(Timestamp, i64)]| {
        let days = store.sync_days(us, span(None), offsets).await.unwrap();
        days.into_iter().map(|day| (day.day - 20_370, day.tally)).collect::<Vec<_>>()
    };
    let first = tally(1, 1, 0);
    let by_utc = [(-3, first), (-2, tally(2, 2, 1)), (-1, tally(1, 1, 1)), (0, tally(1, 0, 0))];
    assert_eq!(days(&[(span(None).from, 0)]).await, by_utc);
    let three_hours_behind = (span(None).from, -3 * 3_600);
    assert_eq!(days(&[three_hours_behind]).await, [(-3, first), (-2, tally(3, 3, 2)), (0, tally(1, 0, 0))]);
    assert_eq!(days(&[three_hours_behind, (NOW.plus(-48 * HOUR), 0)]).await, by_utc);
}

async fn observe(world: &World) {
    let us = world.us();
    let truth = |due: &DueSync| ObservedTruth {
        outcome: NewOutcome {
            id: OutcomeId::new(NOW, random()),
            prediction: due.prediction,
            truth: if due.seen { "yes".into() } else { "no".into() },
            at: NOW,
            actor: "worker".into(),
            source: OutcomeSource::Observation,
        },
        reason: String::new(),
        event: event(us, "outcome.corrected"),
    };
    world.store.observe_syncs(us, NOW, 100, truth).await.unwrap();
}

async fn predictions_are_counted_and_listed(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("conflict").await;
    let syncs = [
        (sync("order", "o1", "c1", "ada", -30), 0.91, Some(true)),
        (sync("order", "o2", "c1", "ada", -40), 0.3, None),
        (sync("order", "o3", "c1", "ada", -2), 0.05, Some(true)),
    ];
    record(world, &model, &syncs).await;
    let asked = NewPlannedSync {
        prediction: prediction(&model, NOW, 0.75),
        kind: PlannedKind::Asked,
        sync: sync("order", "o4", "c9", "bob", -28),
        threshold: 0.5,
        advice: Advice::FetchFirst,
    };
    Writer::start(store.clone(), WriterSettings::default()).submit_planned(vec![asked]).await.unwrap();
    observe(world).await;

    let count = |bin, is_asked, is_settled, observed, scores: f64| PlannedCount {
        bin,
        is_asked,
        is_alarm: scores >= 0.5,
        observed,
        is_settled,
        predictions: 1,
        scores,
    };
    let counts = [
        count(0, false, false, None, 0.05),
        count(3, false, true, Some(false), 0.3),
        count(7, true, true, Some(false), 0.75),
        count(9, false, true, Some(true), 0.91),
    ];
    assert_eq!(store.planned_counts(us, span(None)).await.unwrap(), counts);
    assert!(store.planned_counts(us, span(Some("note"))).await.unwrap().is_empty());
    assert!(store.planned_counts(world.them(), span(None)).await.unwrap().is_empty());

    let list = async |filter: PlannedFilter| {
        let page = store.planned_syncs(us, &filter, None, 9).await.unwrap();
        page.items.into_iter().map(|planned| planned.sync.entity.entity).collect::<Vec<_>>().join(" ")
    };
    let all = PlannedFilter::default();
    assert_eq!(list(all.clone()).await, "o3 o4 o1 o2");
    for (filter, found) in [
        (PlannedFilter { kind: Some(PlannedKind::Asked), ..all.clone() }, "o4"),
        (PlannedFilter { is_alarm: Some(true), ..all.clone() }, "o4 o1"),
        (PlannedFilter { is_alarm: Some(false), observed: Some(false), ..all.clone() }, "o2"),
        (PlannedFilter { observed: Some(true), ..all.clone() }, "o1"),
        (PlannedFilter { client: Some("c1".into()), from: Some(NOW.plus(-30 * HOUR)), ..all.clone() }, "o3 o1"),
        (PlannedFilter { until: Some(NOW.plus(-30 * HOUR)), entity_type: Some("order".into()), ..all.clone() }, "o2"),
        (PlannedFilter { entity_type: Some("order".into()), entity: Some("o1".into()), ..all.clone() }, "o1"),
        (PlannedFilter { entity_type: Some("note".into()), ..all.clone() }, ""),
    ] {
        assert_eq!(list(filter).await, found);
    }
    let first = store.planned_syncs(us, &all, None, 3).await.unwrap();
    let second = store.planned_syncs(us, &all, first.next.as_ref(), 3).await.unwrap();
    assert_eq!((first.items.len(), second.items.len(), second.next), (3, 1, None));
    assert_eq!(second.items[0].sync, syncs[1].0);
    assert!(store.planned_syncs(world.them(), &all, None, 9).await.unwrap().items.is_empty());
}

/// What came with a sync was told to nobody before, whatever its score. Of what was asked for, one was a warning.
async fn what_came_of_a_warning_teaches_nothing(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("conflict").await;
    record(world, &model, &[(sync("order", "o1", "c1", "ada", -30), 0.91, Some(true))]).await;
    let asked = |score: f64, advice: Advice| NewPlannedSync {
        prediction: prediction(&model, NOW, score),
        kind: PlannedKind::Asked,
        sync: sync("order", "o2", "c1", "bob", -28),
        threshold: 0.5,
        advice,
    };
    let asked = vec![asked(0.75, Advice::AskToMerge), asked(0.25, Advice::SyncNow)];
    Writer::start(store.clone(), WriterSettings::default()).submit_planned(asked).await.unwrap();
    observe(world).await;
    let rows = store.labelled(us, model.id, NOW).try_concat().await.unwrap();
    let mut truths: Vec<&str> = rows.iter().map(|row| row.truth.as_str()).collect();
    truths.sort_unstable();
    assert_eq!(truths, ["no", "yes"]);
}
