//! Features of entities: what is known, what was known when, and how fresh it is.

use domain::Timestamp;
use domain::feature::FeatureRecord;
use domain::time::{DAY, HOUR};
use serde_json::json;
use store::{Error, SetFreshness};

use crate::support::{NOW, World};

crate::on_both!(
    what_came_late_was_not_known,
    the_same_moment_twice_stays_as_it_was,
    two_writers_of_the_same_add_it_once,
    the_newest_of_each_entity_are_listed,
    freshness_is_summed_up,
    features_stop_at_the_tenant,
    there_are_no_more_sets_than_possible,
);

fn record(entity: &str, at: Timestamp, computed_at: Timestamp, value: i64) -> FeatureRecord {
    FeatureRecord {
        entity: entity.into(),
        at,
        computed_at,
        fresh_until: at.plus(DAY),
        features: json!({"value": value, "it's \"odd\"": null}).as_object().unwrap().clone(),
        problem: String::new(),
    }
}

/// Computed as soon as it happened.
fn prompt(entity: &str, at: Timestamp, value: i64) -> FeatureRecord {
    record(entity, at, at, value)
}

async fn add(world: &World, set: &str, records: &[FeatureRecord]) -> u64 {
    world.store.record_features(world.us(), set, records, NOW, "key:1 pipeline").await.unwrap()
}

async fn known(world: &World, asked: &[(&str, Timestamp)]) -> Vec<Option<i64>> {
    let found = world.store.features_known_at(world.us(), "sync", asked).await.unwrap();
    found.iter().map(|record| record.as_ref().map(|record| record.features["value"].as_i64().unwrap())).collect()
}

async fn what_came_late_was_not_known(world: &World) {
    let late = record("a", NOW.plus(-2 * HOUR), NOW, 2);
    let records =
        [prompt("a", NOW.plus(-3 * HOUR), 1), late.clone(), prompt("a", NOW.plus(-HOUR), 3), prompt("b", NOW, 4)];
    assert_eq!(add(world, "sync", &records).await, 4);
    let asked = [-4 * HOUR, -3 * HOUR, -2 * HOUR, -HOUR - 1, -HOUR, 0].map(|ago| ("a", NOW.plus(ago)));
    assert_eq!(known(world, &asked).await, [None, Some(1), Some(1), Some(1), Some(3), Some(3)]);
    let mixed = [("b", NOW), ("none", NOW), ("a", NOW), ("b", NOW.plus(-1)), ("a", NOW)];
    assert_eq!(known(world, &mixed).await, [Some(4), None, Some(3), None, Some(3)]);
    // with the prompt ones out of the way the late one is what is known, from when it came on
    add(world, "sync", &[prompt("c", NOW.plus(-3 * HOUR), 1), FeatureRecord { entity: "c".into(), ..late }]).await;
    assert_eq!(known(world, &[("c", NOW.plus(-1)), ("c", NOW)]).await, [Some(1), Some(2)]);
    assert!(world.store.features_known_at(world.us(), "other", &[("a", NOW)]).await.unwrap()[0].is_none());
    let many: Vec<_> = (0..2_500).map(|i| (if i % 2 == 0 { "a" } else { "b" }, NOW)).collect();
    let expected: Vec<_> = (0..2_500).map(|i| Some(if i % 2 == 0 { 3 } else { 4 })).collect();
    assert_eq!(known(world, &many).await, expected);
}

async fn the_same_moment_twice_stays_as_it_was(world: &World) {
    let first = [prompt("a", NOW, 1), prompt("b", NOW, 1)];
    assert_eq!(add(world, "sync", &first).await, 2);
    assert_eq!(add(world, "sync", &first).await, 0);
    let again = [prompt("a", NOW, 9), prompt("a", NOW.plus(1), 2), prompt("a", NOW.plus(1), 8)];
    assert_eq!(add(world, "sync", &again).await, 1);
    assert_eq!(known(world, &[("a", NOW), ("a", NOW.plus(1))]).await, [Some(1), Some(2)]);
    let raw = world.raw("UPDATE feature_values SET features = '{}'").await.unwrap_err().to_string();
    assert!(raw.contains("append-only"), "{raw}");
}

/// The same records from two sides at once, from the first to the last and from the last to the first.
async fn two_writers_of_the_same_add_it_once(world: &World) {
    add(world, "sync", &[prompt("first", NOW, 0)]).await;
    for round in 0..5 {
        let there: Vec<_> = (0..500).map(|i| prompt(&format!("e{i:03}"), NOW.plus(round), 1)).collect();
        let back: Vec<_> = there.iter().rev().cloned().collect();
        let (one, other) = tokio::join!(add(world, "sync", &there), add(world, "sync", &back));
        assert_eq!(one + other, 500);
    }
}

async fn the_newest_of_each_entity_are_listed(world: &World) {
    let records = [prompt("b", NOW, 2), prompt("a", NOW, 1), prompt("c", NOW.plus(-HOUR), 3)];
    add(world, "sync", &records).await;
    add(world, "sync", &[prompt("b", NOW.plus(-HOUR), 7), prompt("c", NOW, 4)]).await;
    let list = async |after, limit| {
        let found = world.store.newest_features(world.us(), "sync", after, limit).await.unwrap();
        found.into_iter().map(|r| (r.entity.clone(), r.features["value"].as_i64().unwrap())).collect::<Vec<_>>()
    };
    let of = |entity: &str, value| (entity.to_owned(), value);
    assert_eq!(list(None, 2).await, [of("a", 1), of("b", 2)]);
    assert_eq!(list(Some("b"), 2).await, [of("c", 4)]);
}

async fn freshness_is_summed_up(world: &World) {
    let failed = FeatureRecord { features: serde_json::Map::new(), problem: "timeout".into(), ..prompt("f", NOW, 0) };
    let records = [prompt("fresh", NOW.plus(-HOUR), 1), prompt("stale", NOW.plus(-DAY - 1), 1), failed];
    add(world, "sync", &records).await;
    add(world, "again", &[prompt("x", NOW.plus(-HOUR), 1)]).await;
    let set = |set: &str, entities, newest, stale, failed| SetFreshness {
        set: set.into(),
        entities,
        newest: Some(newest),
        stale,
        failed,
    };
    let found = world.store.feature_sets(world.us(), NOW).await.unwrap();
    assert_eq!(found, [set("again", 1, NOW.plus(-HOUR), 0, 0), set("sync", 3, NOW, 1, 1)]);
    let later = world.store.feature_sets(world.us(), NOW.plus(2 * DAY)).await.unwrap();
    assert_eq!((later[1].stale, later[1].failed), (2, 1));
}

async fn features_stop_at_the_tenant(world: &World) {
    add(world, "sync", &[prompt("a", NOW, 1)]).await;
    let (them, store) = (world.them(), &world.store);
    assert_eq!(store.features_known_at(them, "sync", &[("a", NOW)]).await.unwrap(), [None]);
    assert!(store.newest_features(them, "sync", None, 9).await.unwrap().is_empty());
    assert!(store.feature_sets(them, NOW).await.unwrap().is_empty());
    assert!(!store.has_feature_set(them, "sync").await.unwrap());
    assert!(store.has_feature_set(world.us(), "sync").await.unwrap());
    assert_eq!(store.record_features(them, "sync", &[prompt("a", NOW, 5)], NOW, "eve").await.unwrap(), 1);
    assert_eq!(known(world, &[("a", NOW)]).await, [Some(1)]);
}

async fn there_are_no_more_sets_than_possible(world: &World) {
    for i in 0..100 {
        add(world, &format!("set-{i}"), &[prompt("a", NOW, 1)]).await;
    }
    let (us, store) = (world.us(), &world.store);
    let more = store.record_features(us, "one-more", &[prompt("a", NOW, 1)], NOW, "x").await;
    assert!(matches!(more, Err(Error::Conflict(_))));
    assert!(!store.has_feature_set(us, "one-more").await.unwrap());
    assert_eq!(add(world, "set-7", &[prompt("b", NOW, 1)]).await, 1);
}
