//! Trainings: asked for, followed, stopped.

use desk::training::Options;
use domain::Scope;
use serde_json::json;

use super::support::{Organisation, TestApp, eventually};

#[tokio::test]
async fn a_run_that_waits_is_cancelled_at_once() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let write = app.with_key(&acme.key(&app.desk, Scope::Write).await);
    let run = write.post("/api/v1/models/claims/runs", json!({})).await.expect_json(201);
    assert_eq!(run["state"], "queued");
    let path = format!("/api/v1/runs/{}", run["id"]);
    write.post(&format!("{path}/cancellation"), json!({})).await.expect(202);
    assert_eq!(write.get(&path).await.expect_json(200)["state"], "cancelled");
    write.post(&format!("{path}/cancellation"), json!({})).await.expect(409);
    let refused = write.post("/api/v1/models/claims/runs", json!({ "estimator": "oracle" })).await.expect(422);
    assert_eq!(refused.wrong_fields()[0].0, "estimator");
    let list = write.get("/api/v1/runs?model=claims&state=cancelled").await.expect_json(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    write.get("/api/v1/runs?state=sleeping").await.expect(422);
    write.get("/api/v1/runs/99").await.expect(404);
    write.get("/api/v1/runs/x").await.expect(404);
}

#[tokio::test]
async fn a_batch_names_each_model_once_and_not_too_many() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let write = app.with_key(&acme.key(&app.desk, Scope::Write).await);
    let many: Vec<String> = (0..1_001).map(|i| format!("m{i}")).collect();
    for (models, field) in [(json!(["claims", "a", "b", "a", "claims"]), "models[3]"), (json!(many), "models")] {
        let refused = write.post("/api/v1/runs", json!({ "models": models })).await.expect(422);
        assert_eq!(refused.wrong_fields()[0].0, field);
    }
    assert_eq!(write.get("/api/v1/runs").await.expect_json(200)["items"], json!([]));
    let asked = write.post("/api/v1/runs", json!({ "models": many[..1_000] })).await.expect_json(200);
    assert_eq!(asked["items"].as_array().unwrap().len(), 1_000, "of each it is said that there is none");
}

#[tokio::test]
async fn who_is_locked_out_hears_no_more() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let run = app.desk.training().start(&acme.actor, "claims", Options::default()).await.unwrap();
    let watcher = app.with_session(acme.supervisor.id).await;
    // The run waits for a worker, and none ever comes: only the lost right ends the events.
    let mut events = watcher.request("GET", &format!("/runs/{}/events", run.id)).send().await.unwrap();
    assert_eq!(events.status(), 200);
    let first = events.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"event: run"), "{first:?}");
    app.desk.people().set_disabled(&acme.actor, acme.supervisor.id, true).await.unwrap();
    let rest = events.text().await.unwrap();
    assert!(!rest.contains("event: done"), "{rest}");
}

#[tokio::test]
async fn only_so_many_follow_runs_at_once() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let run = app.desk.training().start(&acme.actor, "claims", Options::default()).await.unwrap();
    let watcher = app.with_session(acme.supervisor.id).await;
    let follow = || watcher.request("GET", &format!("/runs/{}/events", run.id)).send();
    let mut open = Vec::new();
    let refused = loop {
        let events = follow().await.unwrap();
        if events.status() != 200 {
            break events;
        }
        open.push(events);
        assert!(open.len() <= 64);
    };
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (503, "10"));
    drop(open);
    eventually("a closed stream leaves its place", async || follow().await.unwrap().status() == 200).await;
}

#[tokio::test]
async fn a_page_hears_of_progress_until_the_end() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let (run, _) = acme.train(&app.desk, "claims").await;
    let admin = app.with_session(acme.admin.id).await;
    let events = admin.clone().header("accept-encoding", "gzip").get(&format!("/runs/{run}/events")).await.expect(200);
    assert_eq!(events.header("content-type"), "text/event-stream");
    assert_eq!(events.header("content-encoding"), "", "events are not held back by compression");
    assert!(events.text.contains("event: line") && events.text.contains("event: run"), "{}", events.text);
    assert!(events.text.contains("event: done\ndata: succeeded"), "{}", events.text);
    let log = admin.get(&format!("/api/v1/runs/{run}/log")).await.expect_json(200);
    let last = log["items"].as_array().unwrap().last().unwrap()["sequence"].as_i64().unwrap();
    let resumed = admin.clone().header("last-event-id", last.to_string()).get(&format!("/runs/{run}/events")).await;
    assert!(!resumed.text.contains("event: line"), "lines that were seen are not sent again");
    app.anonymous().get(&format!("/runs/{run}/events")).await.expect(401);
    admin.get("/runs/99/events").await.expect(404);
}
