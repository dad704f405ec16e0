//! `kill -9` under load: whatever was acknowledged is there, exactly once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::drain::{logged, prepare};
use super::support::{Client, Process, claims_row, eventually};

/// How often the server is killed; the full figure takes a while.
fn kills() -> usize {
    std::env::var("VERDICT_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(3)
}

#[derive(Default)]
struct Acknowledged {
    predictions: Vec<String>,
    outcomes: Vec<String>,
}

async fn ask_and_report(client: Client, count: Arc<AtomicUsize>) -> Acknowledged {
    let mut done = Acknowledged::default();
    loop {
        let Some(answer) =
            post(&client, "/api/v1/models/claims/predictions", json!({ "row": claims_row() }), 200).await
        else {
            break;
        };
        let id = answer["id"].as_str().unwrap().to_owned();
        done.predictions.push(id.clone());
        let reported = post(&client, &format!("/api/v1/predictions/{id}/outcome"), json!({ "truth": "no" }), 201).await;
        if reported.is_none() {
            break;
        }
        done.outcomes.push(id);
        count.fetch_add(1, Ordering::Relaxed);
    }
    done
}

async fn post(client: &Client, path: &str, body: Value, status: u16) -> Option<Value> {
    let response = client.request("POST", path).json(&body).send().await.ok()?;
    if response.status().as_u16() != status {
        return None;
    }
    response.json().await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_or_doubled() {
    let folder = TempDir::new().unwrap();
    let secret = prepare(&folder);
    let (mut predictions, mut outcomes) = (Vec::new(), Vec::new());
    for round in 0..kills() {
        let mut process = Process::serve(folder.path());
        let client = Client::new(process.address).key(&secret);
        let count = Arc::new(AtomicUsize::new(0));
        let asking: Vec<_> = (0..8).map(|_| tokio::spawn(ask_and_report(client.clone(), Arc::clone(&count)))).collect();
        // Each time somewhere else in the writer's round.
        let enough = 20 + 7 * (round % 9);
        eventually("outcomes are acknowledged", async || count.load(Ordering::Relaxed) >= enough).await;
        process.kill();
        for one in asking {
            let done = one.await.unwrap();
            predictions.extend(done.predictions);
            outcomes.extend(done.outcomes);
        }
    }

    let process = Process::serve(folder.path());
    let client = Client::new(process.address).key(&secret);
    let there = logged(&client).await;
    let mut times: HashMap<&str, usize> = HashMap::new();
    there.iter().for_each(|id| *times.entry(id).or_default() += 1);
    assert!(times.values().all(|n| *n == 1), "a prediction is there twice");
    assert!(predictions.iter().all(|id| times.contains_key(id.as_str())), "an acknowledged prediction is lost");
    let known: HashSet<String> = with_outcome(&client).await;
    for id in &outcomes {
        assert!(known.contains(id), "an acknowledged outcome is lost: {id}");
    }
    for id in outcomes.iter().step_by(outcomes.len() / 20 + 1) {
        let record = client.get(&format!("/api/v1/predictions/{id}")).await.expect_json(200);
        assert_eq!(record["outcomes"].as_array().unwrap().len(), 1, "an outcome is there twice: {id}");
    }
}

async fn with_outcome(client: &Client) -> HashSet<String> {
    let export = client.get("/api/v1/models/claims/predictions.csv?outcome=known").await.expect(200);
    csv::Reader::from_reader(export.text.as_bytes()).records().map(|line| line.unwrap()[0].to_owned()).collect()
}
