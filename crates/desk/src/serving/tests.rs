//! What is kept in memory, and what has to go.

use domain::time::SECOND;
use domain::{Actor, Timestamp};

use super::Source;
use super::memory::LEAST;
use crate::Desk;
use crate::retraining::tests::Office;
use crate::testing::{Hands, desk_of, parts};

const HOMES: &str = r#"{"task": "regression", "target": "price", "columns": [{"name": "area", "kind": "numeric"}]}"#;

async fn model(desk: &Desk, actor: &Actor, name: &str) {
    let draft = domain::specification::Draft::from_json(HOMES).unwrap();
    desk.models().create(actor, name, draft, None).await.unwrap();
}

#[tokio::test]
async fn what_was_asked_for_the_longest_ago_goes_first_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(Timestamp(1_000 * SECOND));
    let mut parts = parts(folder.path(), hands.clone()).await;
    // three quarters of it are for what serves: two models without a version
    parts.limits.model_memory = LEAST * 8 / 3;
    let desk = desk_of(parts);
    let tenant = desk.tenants().named_or_first(None).await.unwrap().id;
    let actor = Actor::operator(tenant);
    let known = |name: &str| desk.inner.serving.known(tenant, name).is_some();
    for name in ["a", "b"] {
        model(&desk, &actor, name).await;
        desk.served(tenant, name).await.unwrap();
        hands.go_on(2 * SECOND);
    }
    desk.served(tenant, "a").await.unwrap();
    hands.go_on(2 * SECOND);
    model(&desk, &actor, "c").await;
    desk.served(tenant, "c").await.unwrap();
    assert_eq!(["a", "b", "c"].map(known), [true, false, true]);
    desk.served(tenant, "b").await.unwrap();
    assert_eq!(["a", "b", "c"].map(known), [false, true, true]);
    let memory = desk.inner.serving.memory().await;
    assert_eq!((memory.champions.bytes, memory.champions.most, memory.let_go), (2 * LEAST, 2 * LEAST, 2));
    assert_eq!((memory.champions.hits, memory.champions.misses), (1, 4));
}

#[tokio::test]
async fn answers_are_counted_for_their_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let desk = crate::testing::desk(folder.path()).await;
    let tenant = desk.tenants().named_or_first(None).await.unwrap().id;
    let actor = Actor::operator(tenant);
    model(&desk, &actor, "homes").await;
    let served = desk.served(tenant, "homes").await.unwrap();
    served.counts.answered(served.source(), 3, 100);
    desk.refresh(tenant, served.model.id).await.unwrap();
    desk.served(tenant, "homes").await.unwrap().counts.answered(Source::Kept, 1, 100);
    let counted = desk.inner.serving.counted(tenant);
    assert_eq!((counted[0].model.as_str(), counted[0].sources, counted[0].micros), ("homes", [0, 1, 3], 200));
    assert!(desk.inner.serving.counted(domain::TenantId(tenant.0 + 1)).is_empty());
}

#[tokio::test]
async fn what_was_loaded_too_long_takes_no_later_deployments_place() {
    let office = Office::new("").await;
    let (desk, tenant) = (&office.desk, office.actor.tenant);
    office.retrain(None).await;
    while desk.training().work_once("one").await.unwrap() {}
    let before = desk.model(tenant, "model").await.unwrap();
    desk.versions().promote(&office.actor, "model", 1, "the first", true).await.unwrap();
    // As a request does that looked before the promotion, and comes to an end after it.
    let served = desk.serve_from(before, None).await.unwrap();
    assert_eq!((served.version, desk.served(tenant, "model").await.unwrap().version), (Some(1), Some(1)));
}
