//! What is kept of answers, and what a process says of itself.

use std::sync::Arc;

use desk::predictions::Row;
use desk::{Desk, SystemClock};
use domain::Scope;
use domain::specification::Draft;
use domain::time::SECOND;
use serde_json::{Value, json};

use super::support::{Client, Organisation, TestApp, claims_row};

const ASK: &str = "/api/v1/models/claims/predictions";

/// A champion whose answers are kept for a minute, and a second version that might take its place.
async fn prepared() -> (TestApp, Organisation, Client) {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    for _ in 0..2 {
        acme.train(&app.desk, "claims").await;
    }
    let revisions = app.desk.models().revisions(&acme.actor, "claims").await.unwrap();
    let draft = Draft::from_json(&serde_json::to_string(&revisions[0].specification).unwrap()).unwrap();
    let draft = Draft { cache_seconds: Some(60), ..draft };
    app.desk.models().specify(&acme.actor, "claims", draft, None).await.unwrap();
    app.desk.versions().promote(&acme.actor, "claims", 1, "first", true).await.unwrap();
    let predict = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    (app, acme, predict)
}

async fn asked(client: &Client, body: Value) -> Value {
    client.post(ASK, body).await.expect_json(200)
}

fn cached(answer: &Value) -> bool {
    answer["cached"] == true
}

#[tokio::test]
async fn a_kept_answer_is_a_prediction_of_its_own_until_its_time_is_over() {
    let (app, _, predict) = prepared().await;
    let first = asked(&predict, json!({ "row": claims_row() })).await;
    let mut same = claims_row();
    same["policy_age_days"] = json!(12.0);
    same["region"] = json!(" north");
    let second = asked(&predict, json!({ "row": same })).await;
    assert_eq!((cached(&first), cached(&second)), (false, true));
    assert_ne!(first["id"], second["id"]);
    assert_eq!((&first["score"], &first["route"]), (&second["score"], &second["route"]));
    let mut other = claims_row();
    other["amount"] = json!(5_200.75);
    assert!(!cached(&asked(&predict, json!({ "row": other })).await));
    // without reasons it is no answer to who wants them
    let explained = json!({ "row": claims_row(), "contributions": true });
    let (first, second) = (asked(&predict, explained.clone()).await, asked(&predict, explained).await);
    assert_eq!((cached(&first), cached(&second)), (false, true));
    assert_eq!(first["explanation"], second["explanation"]);
    app.clock.pass(60 * SECOND);
    assert!(!cached(&asked(&predict, json!({ "row": claims_row() })).await));
    let log = app.desk.predictions();
    let filter = desk::predictions::PredictionFilter::default();
    let actor = domain::Actor::operator(app.desk.tenants().named_or_first(Some("acme")).await.unwrap().id);
    assert_eq!(log.list(&actor, Some("claims"), &filter, None, 50).await.unwrap().predictions.len(), 6);
}

#[tokio::test]
async fn a_deployment_empties_what_is_kept_also_one_of_another_process() {
    let (app, acme, predict) = prepared().await;
    let kept = async || cached(&asked(&predict, json!({ "row": claims_row() })).await);
    assert_eq!((kept().await, kept().await), (false, true));
    let promote = async |desk: &Desk, version| {
        desk.versions().promote(&acme.actor, "claims", version, "for the test", true).await.unwrap();
    };
    promote(&app.desk, 2).await;
    promote(&app.desk, 1).await;
    assert_eq!((kept().await, kept().await), (false, true), "version 1 again, and nothing is left of before");

    let other = server::application::open(&app.settings, Arc::new(SystemClock), true).await.unwrap().desk;
    other.load_champions().await.unwrap();
    let there = async || {
        let row = Row { text: claims_row().to_string(), fields: claims_row().as_object().unwrap().clone() };
        let predicted = other.predictions().predict(&acme.actor, "claims", vec![row], false).await.unwrap();
        (predicted[0].version, predicted[0].kept)
    };
    assert_eq!([there().await, there().await], [(Some(1), false), (Some(1), true)]);
    promote(&app.desk, 2).await;
    other.follow_changes().await.unwrap();
    assert_eq!([there().await, there().await], [(Some(2), false), (Some(2), true)]);
    let off = Draft::from_json(
        &serde_json::to_string(&app.desk.models().revisions(&acme.actor, "claims").await.unwrap()[1].specification)
            .unwrap(),
    );
    app.desk.models().specify(&acme.actor, "claims", off.unwrap(), None).await.unwrap();
    other.follow_changes().await.unwrap();
    assert_eq!([there().await, there().await], [(Some(2), false), (Some(2), false)], "it is off again");
}

#[tokio::test]
async fn metrics_count_what_was_asked_and_name_nobody_else() {
    let (app, acme, predict) = prepared().await;
    for _ in 0..3 {
        asked(&predict, json!({ "row": claims_row() })).await;
    }
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    let reply = read.get("/metrics").await.expect(200);
    let text = &reply.text;
    for line in [
        r#"verdict_predictions_total{model="claims",source="champion"} 1"#,
        r#"verdict_predictions_total{model="claims",source="cache"} 2"#,
        r#"verdict_request_duration_seconds_count{model="claims"} 3"#,
        r#"verdict_request_duration_seconds_bucket{le="+Inf",model="claims"} 3"#,
        r#"verdict_cache_hits_total{cache="answers"} 2"#,
        r#"verdict_cache_misses_total{cache="answers"} 1"#,
        r#"verdict_cache_entries{cache="answers"} 1"#,
        r#"verdict_feature_circuit{state="closed"} 1"#,
        "verdict_queued_rows 0",
        r#"verdict_runs{state="queued"} 0"#,
        "# EOF",
    ] {
        assert!(text.lines().any(|said| said == line), "{line} is not in\n{text}");
    }
    let other = Organisation::make(&app.desk, "other").await;
    let theirs = app.with_key(&other.key(&app.desk, Scope::Read).await).get("/metrics").await.expect(200);
    assert!(!theirs.text.contains("claims"), "{}", theirs.text);
    app.anonymous().get("/metrics").await.expect(401);
}
