//! When there is more than the server takes.

use std::time::Duration;

use domain::Scope;
use serde_json::json;

use super::support::{Organisation, TestApp, claims_row};

#[tokio::test]
async fn a_full_log_is_said_at_once_with_when_to_come_back() {
    let app = TestApp::spawn_with(|settings| settings.queue_capacity = 4).await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let predict = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let path = "/api/v1/models/claims/predictions";
    let refused = predict.post(path, json!({ "rows": vec![claims_row(); 5] })).await.expect(503);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(refused.json()["type"], "urn:verdict:unavailable");
    predict.post(path, json!({ "row": claims_row() })).await.expect(200);
}

#[tokio::test]
async fn a_request_that_never_ends_is_given_up() {
    let app = TestApp::spawn_with(|settings| settings.timeout = Duration::from_millis(300)).await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let write = app.with_key(&acme.key(&app.desk, Scope::Write).await);
    let never = reqwest::Body::wrap_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let request = write.request("POST", "/api/v1/datasets?name=x").header("content-type", "text/csv").body(never);
    assert_eq!(write.send(request).await.expect(504).json()["type"], "urn:verdict:timeout");
}

#[tokio::test]
async fn slow_senders_of_files_to_measure_on_hold_up_nobody() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    let path = "/api/v1/models/claims/evaluations";
    let slow = |_| {
        let never = reqwest::Body::wrap_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
        let request = read.request("POST", &format!("{path}?version=1"));
        read.send(request.header("content-type", "text/csv").body(never))
    };
    tokio::select! {
        biased;
        replies = futures::future::join_all((0..2).map(slow)) => panic!("they never end: {replies:?}"),
        // Nobody has trained it, which is said at once.
        reply = read.post_text(path, "text/csv", "x,y\n1,no\n") => drop(reply.expect(404)),
    }
}
