//! Predictions while the feature store does not answer.

use std::future::ready;
use std::time::Duration;

use domain::Actor;
use domain::circuit::{FAILURES, State};
use domain::specification::Draft;
use serde_json::json;

use super::{FeatureDraft, FeatureUseStatus};
use crate::error::Error;
use crate::predictions::Row;
use crate::testing;

const HOMES: &str = r#"{"task": "regression", "target": "price", "features": {"set": "homes"}, "columns": [
    {"name": "area", "kind": "numeric"}, {"name": "rooms", "kind": "numeric", "optional": true}]}"#;

#[tokio::test]
async fn a_row_stands_for_itself_while_the_store_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let desk = testing::desk(folder.path()).await;
    let actor = Actor::operator(desk.tenants().named_or_first(None).await.unwrap().id);
    desk.models().create(&actor, "homes", Draft::from_json(HOMES).unwrap(), None).await.unwrap();
    let features = json!({"rooms": 3}).as_object().unwrap().clone();
    let draft = FeatureDraft {
        entity: String::from("a"),
        at: desk.now(),
        computed_at: None,
        fresh_for_seconds: None,
        features,
        problem: None,
    };
    desk.features().record(&actor, "homes", vec![draft]).await.unwrap();
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
        desk.inner.features.ask(|| desk.now(), Duration::ZERO, away).await;
    }
    let lookups = desk.service().figures(&actor).await.unwrap().lookups;
    assert_eq!(lookups.state, State::Open);
    assert_eq!(ask().await, (FeatureUseStatus::Unavailable.as_str(), String::from(r#"{"area":50}"#)));
    assert_eq!(desk.service().figures(&actor).await.unwrap().lookups.skipped, lookups.skipped + 1);
}
