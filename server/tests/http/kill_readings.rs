//! `kill -9` while people label, and while a model learns to read: what was said is there once, and what was begun ends.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use desk::training::Options;
use domain::run::{self, RunState};
use domain::{Role, labeling};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{Client, Organisation, Process, TestApp, corners, eventually, grey, make_corner_model, person};

const LEASES: &str = "/api/v1/labeling/queues/meters/leases";
const READINGS: u8 = 60;
const LABELERS: usize = 4;

/// Asks for one task after the other and answers it until the server is gone; gives the answers that were acknowledged.
async fn label(who: Client, count: Arc<AtomicUsize>) -> Vec<(i64, String)> {
    let mut acknowledged = Vec::new();
    loop {
        let lease = who.request("POST", LEASES).json(&json!({})).send().await;
        let Ok(given) = lease else { break };
        let Ok(given) = given.json::<Value>().await else { break };
        let task = given["task"].as_i64().unwrap();
        let text = (task % 1_000).to_string();
        let said = who.request("POST", &format!("/api/v1/labeling/tasks/{task}/annotations"));
        match said.json(&json!({ "text": text, "seconds": 1.0 })).send().await {
            Ok(answer) if answer.status() == 204 => acknowledged.push((task, text)),
            _ => break,
        }
        count.fetch_add(1, Ordering::Relaxed);
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn corrections_survive_a_kill_and_no_task_is_stuck() {
    let folder = Arc::new(TempDir::new().unwrap());
    let app = TestApp::spawn_on(&folder, |_| ()).await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.reading_model(&app.desk, "meters").await;
    let admin = app.with_session(acme.admin.id).await;
    for number in 0..READINGS {
        admin.post_bytes("/api/v1/models/meters/readings", "image/png", grey(number)).await.expect(201);
    }
    let mut cookies = Vec::new();
    for number in 0..LABELERS {
        let one = person(&app.desk, &acme.actor, &format!("l{number}@acme.example"), Role::Labeler).await;
        cookies.push(app.session(one.id, 0, app.desk.now().0).await);
    }
    app.stop().await;

    let mut acknowledged = HashMap::new();
    for enough in [8, 13] {
        let mut process = Process::serve(folder.path());
        let count = Arc::new(AtomicUsize::new(0));
        let labeling = cookies.iter().map(|cookie| Client::new(process.address).cookie(cookie));
        let labeling: Vec<_> = labeling.map(|who| tokio::spawn(label(who, Arc::clone(&count)))).collect();
        eventually("answers are acknowledged", async || count.load(Ordering::Relaxed) >= enough).await;
        process.kill();
        for one in labeling {
            for (task, text) in one.await.unwrap() {
                assert!(acknowledged.insert(task, text).is_none(), "task {task} was given after it was answered");
            }
        }
    }

    let app = TestApp::spawn_on(&folder, |_| ()).await;
    let (ada, newcomer) = (app.with_session(acme.admin.id).await, app.with_session(acme.labeler.id).await);
    let task = async |id: &i64| ada.get(&format!("/api/v1/labeling/tasks/{id}")).await.expect_json(200);
    for (id, text) in &acknowledged {
        let shown = task(id).await;
        assert_eq!((shown["task"]["state"].as_str(), shown["task"]["text"].as_str()), (Some("settled"), Some(&**text)));
    }
    app.clock.pass(labeling::LEASE);
    while let Some(given) = {
        let reply = newcomer.post(LEASES, json!({})).await;
        (reply.status == 200).then(|| reply.json())
    } {
        let path = format!("/api/v1/labeling/tasks/{}/annotations", given["task"]);
        newcomer.post(&path, json!({ "text": "7" })).await.expect(204);
    }
    let all = ada.get("/api/v1/labeling/tasks?limit=200").await.expect_json(200);
    let all = all["items"].as_array().unwrap();
    assert_eq!(all.len(), usize::from(READINGS));
    for one in all {
        let shown = task(&one["id"].as_i64().unwrap()).await;
        assert_eq!(shown["task"]["state"], "settled", "{shown}");
        assert_eq!(shown["history"].as_array().unwrap().len(), 1, "said once: {shown}");
        let reading = format!("/api/v1/predictions/{}", one["prediction"].as_str().unwrap());
        let outcomes = ada.get(&reading).await.expect_json(200)["outcomes"].clone();
        assert_eq!(outcomes.as_array().unwrap().len(), 1, "one truth: {outcomes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_training_goes_on_from_its_checkpoint_to_the_same_version() {
    let folder = Arc::new(TempDir::new().unwrap());
    let app = TestApp::spawn_on(&folder, |_| ()).await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let parameters = json!({ "epochs": 80, "width": 0.25, "distortion": 0 });
    make_corner_model(&app.desk, &acme.actor, "corner", corners(0..100, |number| number % 4), parameters).await;
    let training = app.desk.training();
    let whole = training.start(&acme.actor, "corner", Options::default()).await.unwrap();
    assert!(training.work_once("one").await.unwrap());
    let options = Options { dataset: whole.dataset, ..Options::default() };
    let killed = training.start(&acme.actor, "corner", options).await.unwrap();
    app.stop().await;

    let artifacts = folder.path().join("artifacts");
    let place = format!("tenants/{}/models/{}/versions/{}/checkpoint", killed.tenant, killed.model, killed.id);
    let checkpoint = artifacts.join(place);
    let mut process = Process::serve(folder.path());
    eventually("the first epoch is kept", async || Path::exists(&checkpoint)).await;
    process.kill();

    let app = TestApp::spawn_on(&folder, |_| ()).await;
    let training = app.desk.training();
    assert_eq!(training.get(&acme.actor, killed.id).await.unwrap().state, RunState::Running);
    assert!(!training.work_once("two").await.unwrap(), "its worker may still be alive");
    app.clock.pass(run::LEASE);
    assert!(training.work_once("two").await.unwrap());
    let over = training.get(&acme.actor, killed.id).await.unwrap();
    assert_eq!((over.state, over.attempts, over.version), (RunState::Succeeded, 2, Some(2)), "{}", over.message);
    let log = training.log(&acme.actor, killed.id, 0).await.unwrap();
    assert!(log.iter().any(|line| line.line.contains("going on from the checkpoint")), "{log:?}");
    assert!(!checkpoint.exists());
    let versions = app.desk.models().get(&acme.actor, "corner").await.unwrap().versions;
    for file in ["reader.json", "reader.safetensors", "doubtful.json", "evaluation.json"] {
        let [goes_on, is_whole] = [0, 1].map(|at: usize| versions[at].manifest.artifacts[file].clone());
        assert_eq!(goes_on, is_whole, "{file}, as if it had never been killed");
    }
}
