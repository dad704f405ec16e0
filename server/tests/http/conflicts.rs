//! Figures of conflicts, by REST and as a page.

use domain::time::HOUR;
use domain::{Clock, Scope};
use serde_json::{Value, json};

use super::support::{Organisation, TestApp};

const FIGURES: &str = "/api/v1/conflicts";

#[tokio::test]
async fn before_the_first_sync_there_is_nothing_but_the_next_step() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    let figures = read.get(FIGURES).await.expect_json(200);
    assert_eq!(
        (&figures["all"]["syncs"], &figures["all"]["rate"], &figures["avoided"]),
        (&json!(0), &Value::Null, &Value::Null)
    );
    assert_eq!(figures["by_day"].as_array().unwrap().len(), 30);
    let supervisor = app.with_session(acme.supervisor.id).await.header("accept", "text/html");
    let empty = supervisor.get("/conflicts").await.expect(200);
    assert!(empty.text.contains("No syncs yet") && empty.text.contains("/api/v1/sync-events"), "{}", empty.text);
    let list = supervisor.get("/conflicts/predictions").await.expect(200);
    assert!(list.text.contains("No such predictions"));
    let labeler = app.with_session(acme.labeler.id).await.header("accept", "text/html");
    for path in ["/conflicts", "/conflicts/predictions"] {
        labeler.get(path).await.expect(403);
    }
}

#[tokio::test]
async fn a_wrong_period_is_named() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    for (query, field) in [
        ("days=400", "days"),
        ("days=7&from=2026-03-01", "days"),
        ("from=2026-03-01", "until"),
        ("from=soon&until=2026-03-01", "from"),
        ("from=2026-03-02&until=2026-03-01", "until"),
        ("from=2025-01-01&until=2026-03-01", "until"),
        ("from=9999-12-31&until=9999-12-31", "from"),
        ("from=9998-12-31&until=9999-12-31", "until"),
        ("from=-009999-01-01&until=-009999-01-01", "from"),
    ] {
        let wrong = read.get(&format!("{FIGURES}?{query}")).await.expect(422).wrong_fields();
        assert_eq!(wrong[0].0, field, "{query}");
    }
    let span = read.get(&format!("{FIGURES}?from=2026-03-01&until=2026-03-02")).await.expect_json(200);
    assert_eq!(span["by_day"][1]["date"], "2026-03-02");
    let page = app.with_session(acme.admin.id).await.header("accept", "text/html");
    for (query, reason) in [
        ("from=soon&until=2026-03-01", "a day as 2026-03-01 is needed"),
        ("from=9999-12-31&until=9999-12-31", "a day from 2000 to 9998 is needed"),
    ] {
        let usual = page.get(&format!("/conflicts?{query}")).await.expect(422);
        assert!(usual.text.contains(reason) && usual.text.contains("last 30 days"), "{}", usual.text);
    }
}

/// A sync so many hours ago, whose conflict is known.
fn sync(app: &TestApp, number: usize, hours: i64, conflict: bool) -> Value {
    json!({ "client_id": format!("s{number}"), "client": "tablet-3", "person": "ada", "entity_type": "order",
        "entity": format!("o{number}"), "fields": ["total"], "at": app.clock.now().plus(-hours * HOUR).rfc3339(),
        "conflict": conflict })
}

/// Eight syncs, two of them conflicts, and one of which nobody knows yet; then two that a client asks about.
#[tokio::test]
async fn what_was_sent_asked_and_observed_is_counted() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let send = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    let mut events: Vec<Value> = (0..8).map(|number| sync(&app, number, 30, number < 2)).collect();
    events.push(sync(&app, 8, 1, true));
    send.post("/api/v1/sync-events", json!({ "events": events })).await.expect(200);
    let planned = json!({ "client": "tablet-9", "person": "bob", "entity_type": "order", "entity": "o8",
        "fields": ["total"], "last_sync": app.clock.now().plus(-9 * HOUR).rfc3339() });
    let asked = send.post("/api/v1/models/conflict/predictions", json!({ "syncs": [planned, planned] })).await;
    let asked = asked.expect_json(200);
    app.desk.syncs().observe_due().await.unwrap();
    let figures = read.get(FIGURES).await.expect_json(200);
    assert_eq!(figures["all"]["rate"]["value"], 0.25);
    assert_eq!((&figures["all"]["syncs"], &figures["all"]["settled"]), (&json!(9), &json!(8)));
    assert_eq!(figures["coverage"], json!({ "predictions": 11, "asked": 2, "observed": 8, "young": 3 }));
    let matrix = figures["matrix"].as_object().unwrap().values().map(|n| n.as_i64().unwrap());
    assert_eq!(matrix.sum::<i64>(), 8);
    assert_eq!(figures["worst"].as_array().unwrap().len(), 2);
    let other = read.get(&format!("{FIGURES}?entity_type=note")).await.expect_json(200);
    assert_eq!((&other["all"]["syncs"], &other["by_entity_type"][0]["name"]), (&json!(0), &json!("order")));

    let supervisor = app.with_session(acme.supervisor.id).await.header("accept", "text/html");
    let page = supervisor.get("/conflicts").await.expect(200);
    assert!(page.text.contains("25.0\u{a0}% of 8\u{a0}syncs conflicted"), "{}", page.text);
    let list = supervisor.get("/conflicts/predictions?asked=no&conflict=yes").await.expect(200);
    assert_eq!(list.text.matches("/predictions/0").count(), 2, "{}", list.text);

    app.clock.pass(26 * HOUR);
    app.desk.syncs().observe_due().await.unwrap();
    let warned = asked["syncs"].as_array().unwrap().iter().filter(|sync| sync["advice"] != "sync_now").count();
    let figures = read.get(FIGURES).await.expect_json(200);
    assert_eq!((&figures["all"]["settled"], &figures["coverage"]["observed"]), (&json!(9), &json!(11)));
    assert_eq!((warned, &figures["avoided"]["warned"]), (2, &json!(2)));
}
