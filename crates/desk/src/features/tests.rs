//! Predictions while the feature store does not answer, and features beside the rows of a file.

use std::collections::HashSet;
use std::future::ready;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::Actor;
use domain::circuit::{FAILURES, State};
use domain::specification::Draft;
use domain::time::{DAY, HOUR};
use serde_json::{Value, json};

use super::{FeatureDraft, FeatureUseStatus};
use crate::datasets::Join;
use crate::error::Error;
use crate::predictions::Row;
use crate::{Desk, testing};

const HOMES: &str = r#"{"task": "regression", "target": "price", "features": {"set": "homes"}, "columns": [
    {"name": "area", "kind": "numeric"}, {"name": "rooms", "kind": "numeric", "optional": true}]}"#;

async fn prepared(folder: &Path) -> (Desk, Actor) {
    let desk = testing::desk(folder).await;
    let actor = Actor::operator(desk.tenants().named_or_first(None).await.unwrap().id);
    desk.models().create(&actor, "homes", Draft::from_json(HOMES).unwrap(), None).await.unwrap();
    desk.features().record(&actor, "homes", vec![draft(&desk, "a", json!({"rooms": 3}))]).await.unwrap();
    (desk, actor)
}

fn draft(desk: &Desk, entity: &str, features: Value) -> FeatureDraft {
    FeatureDraft {
        entity: String::from(entity),
        at: desk.now(),
        computed_at: None,
        fresh_for_seconds: None,
        features: features.as_object().unwrap().clone(),
        problem: None,
    }
}

#[tokio::test]
async fn what_is_known_counts_from_when_it_came_however_far_a_clock_is_ahead() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, actor) = prepared(folder.path()).await;
    let record = async |ahead: i64| {
        let at = desk.now().plus(-DAY);
        let computed_at = Some(desk.now().plus(ahead));
        let draft = FeatureDraft { at, computed_at, ..draft(&desk, "late", json!({"rooms": 4})) };
        desk.features().record(&actor, "homes", vec![draft]).await
    };
    let Err(Error::Invalid(wrong)) = record(DAY + HOUR).await else { panic!("a day and an hour are too far") };
    assert_eq!(wrong[0].field, "records[0].computed_at");
    record(HOUR).await.unwrap();
    let (known, _) = desk.features().known(&actor, "homes", "late", None).await.unwrap();
    assert!(known.computed_at <= desk.now());
}

#[tokio::test]
async fn rows_take_no_more_from_the_store_than_fits_into_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, actor) = prepared(folder.path()).await;
    let features = json!({"town": "x".repeat(4_000), "unused": "x".repeat(4_000)});
    desk.features().record(&actor, "homes", vec![draft(&desk, "large", features)]).await.unwrap();
    let asked = vec![("large", desk.now()); 4_500];
    let known = async |wanted: &'static str| {
        desk.wanted_features(actor.tenant, "homes", &asked, &HashSet::from([wanted])).await.unwrap()
    };
    assert!(matches!(known("town").await, Err(Error::TooLarge(_))));
    let found = known("rooms").await.unwrap();
    assert!(found.iter().all(|record| record.as_ref().is_some_and(|record| record.features.is_empty())));
}

#[tokio::test]
async fn features_are_put_beside_the_rows_of_one_file_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, actor) = prepared(folder.path()).await;
    let rows: String = (0..1_201).map(|row| format!("{},2999-01-01,{row}\n", ["a", "b"][row % 2])).collect();
    let import = async || {
        let join = Join { set: "homes".into(), entity: "home".into(), time: "asked".into() };
        let csv = format!("home,asked,price\n{rows}").into_bytes();
        desk.datasets().import_with_features(&actor, "homes.csv", csv, join).await
    };
    let held = Arc::clone(&desk.inner.joining).try_acquire_owned().unwrap();
    assert!(matches!(import().await, Err(Error::Unavailable { .. })));
    drop(held);
    let made = import().await.unwrap();
    let joined = desk.datasets().preview(&actor, made.id, 2_000).await.unwrap();
    assert_eq!(joined.header, ["home", "asked", "price", "rooms"]);
    let expected = |row: usize| ["a,2999-01-01,", "b,2999-01-01,"][row % 2].to_owned() + &row.to_string();
    for (row, cells) in joined.rows.iter().enumerate() {
        assert_eq!(cells.join(","), expected(row) + [",3", ","][row % 2]);
    }
    assert_eq!(joined.rows.len(), 1_201);
}

#[tokio::test]
async fn a_row_stands_for_itself_while_the_store_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, actor) = prepared(folder.path()).await;
    let ask = async || {
        let fields = json!({"area": 50}).as_object().unwrap().clone();
        let row = Row { text: json!(fields).to_string(), fields };
        let entities = [Some(String::from("a"))];
        let one = desk.predictions().predict_of(&actor, "homes", vec![row], &entities, false).await.unwrap().remove(0);
        let logged = desk.predictions().get(&actor, one.id).await.unwrap().prediction.features;
        (one.features.unwrap().status.as_str(), logged)
    };
    assert_eq!(ask().await, ("fresh", String::from(r#"{"area":50,"rooms":3}"#)));
    for _ in 0..FAILURES {
        let away = ready(Err::<(), _>(Error::internal("away")));
        desk.inner.features.ask(actor.tenant, || desk.now(), Duration::ZERO, away).await;
    }
    let lookups = desk.service().figures(&actor).await.unwrap().lookups;
    assert_eq!(lookups.state, State::Open);
    assert_eq!(ask().await, (FeatureUseStatus::Unavailable.as_str(), String::from(r#"{"area":50}"#)));
    assert_eq!(desk.service().figures(&actor).await.unwrap().lookups.skipped, lookups.skipped + 1);
}
