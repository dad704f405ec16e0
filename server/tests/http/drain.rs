//! SIGTERM: what was accepted is finished, and nothing that was acknowledged is lost.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use serde_json::{Value, json};
use server::api::health;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::support::{Client, Process, TestApp, claims_row, eventually, verdict};

/// A data directory with a model and a key that may do everything.
pub fn prepare(folder: &TempDir) -> String {
    let csv = folder.path().join("claims.csv");
    std::fs::write(&csv, simulate::claims::csv(5, 400)).unwrap();
    let made =
        ["models", "create", "claims", "--csv", csv.to_str().unwrap(), "--target", "fraud", "--drop", "filed_at"];
    let made = verdict(folder.path(), &made);
    assert_eq!(made.code(), 0, "{}", made.stderr());
    let key = verdict(folder.path(), &["key", "create", "--name", "load", "--scopes", "admin", "--json"]).json();
    key["secret"].as_str().unwrap().to_owned()
}

/// Asks until the server is gone; gives the ids that were acknowledged, and counts them all along.
async fn load(client: Client, count: Arc<AtomicUsize>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    loop {
        let request = client.request("POST", "/api/v1/models/claims/predictions").json(&json!({ "row": claims_row() }));
        let Ok(response) = request.send().await else { break };
        if response.status() != 200 {
            break;
        }
        let Ok(answer) = response.json::<Value>().await else { break };
        acknowledged.push(answer["id"].as_str().unwrap().to_owned());
        count.fetch_add(1, Ordering::Relaxed);
    }
    acknowledged
}

/// Every id in the log.
pub async fn logged(client: &Client) -> Vec<String> {
    let export = client.get("/api/v1/models/claims/predictions.csv").await.expect(200);
    csv::Reader::from_reader(export.text.as_bytes()).records().map(|line| line.unwrap()[0].to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_server_has_kept_every_acknowledged_prediction() {
    let folder = TempDir::new().unwrap();
    let secret = prepare(&folder);
    let mut process = Process::serve(folder.path());
    let client = Client::new(process.address).key(&secret);
    let count = Arc::new(AtomicUsize::new(0));
    let asking: Vec<_> = (0..8).map(|_| tokio::spawn(load(client.clone(), Arc::clone(&count)))).collect();
    eventually("predictions are acknowledged", async || count.load(Ordering::Relaxed) >= 50).await;
    process.terminate();
    let mut acknowledged = Vec::new();
    for one in asking {
        acknowledged.extend(one.await.unwrap());
    }
    let code = tokio::task::spawn_blocking(move || process.wait()).await.unwrap();
    assert_eq!(code, 0);

    let again = Process::serve(folder.path());
    let there = logged(&Client::new(again.address).key(&secret)).await;
    let distinct: HashSet<&String> = there.iter().collect();
    assert_eq!(distinct.len(), there.len());
    assert!(acknowledged.iter().all(|id| distinct.contains(id)));
}

#[tokio::test]
async fn a_server_that_is_ending_says_that_it_is_not_ready() {
    let app = TestApp::spawn().await;
    app.anonymous().get("/healthz").await.expect(200);
    app.anonymous().get("/readyz").await.expect(200);
    // No new connection is accepted by then, so the handler is asked itself.
    let (desk, shutdown) = (app.desk.clone(), CancellationToken::new());
    shutdown.cancel();
    let refused = health::ready(State(desk), State(shutdown)).await.unwrap_err();
    assert_eq!(refused.status(), 503);
    app.stop().await;
}
