//! The command line against a server, beside the same commands on the server's own data directory.

mod files;
mod health;

use std::net::SocketAddr;

use desk::training::Options;
use domain::Scope;
use domain::run::RunState;
use domain::specification::EstimatorKind;
use serde_json::{Value, json};

use super::support::{Organisation, TestApp, Verdict, claims_row, eventually, start_at, verdict, verdict_at};

/// A server with a trained model, and who may ask there.
struct Ready {
    app: TestApp,
    acme: Organisation,
    key: String,
}

impl Ready {
    async fn make() -> Self {
        let app = TestApp::spawn().await;
        let acme = Organisation::make(&app.desk, "acme").await;
        acme.model(&app.desk, "claims").await;
        acme.train(&app.desk, "claims").await;
        let key = acme.key(&app.desk, Scope::Admin).await;
        Self { app, acme, key }
    }

    async fn there(&self, words: &[&str]) -> Verdict {
        verdict_at(self.app.address, &self.key, words).await
    }

    /// The same on the data directory, while the server runs on it.
    async fn here(&self, words: &[&str]) -> Verdict {
        let (folder, words) = (self.app.settings.data_dir.clone(), words.iter().map(ToString::to_string));
        let words: Vec<String> = words.collect();
        let run = move || verdict(&folder, &words.iter().map(String::as_str).collect::<Vec<_>>());
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    async fn ask(&self) -> String {
        let client = self.app.with_key(&self.key);
        let answer = client.post("/api/v1/models/claims/predictions", json!({ "row": claims_row() })).await;
        answer.expect_json(200)["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_server_answers_as_the_data_directory_does() {
    let ready = Ready::make().await;
    let questions: [&[&str]; 6] = [
        &["models", "list"],
        &["models", "show", "claims"],
        &["runs", "list"],
        &["runs", "list", "--model", "claims", "--state", "succeeded", "--limit", "1"],
        &["runs", "show", "1"],
        &["runs", "follow", "1"],
    ];
    for words in questions {
        let (here, there) = (ready.here(words).await, ready.there(words).await);
        assert_eq!((here.code(), here.stdout()), (there.code(), there.stdout()), "{words:?}");
        let json = [words, &["--json"]].concat();
        assert_eq!(ready.here(&json).await.json(), ready.there(&json).await.json(), "{words:?}");
    }
    let shown = ready.there(&["runs", "show", "1"]).await.stdout();
    assert!(shown.contains("`claims` succeeded: version 1"), "{shown}");
    let run = ready.there(&["runs", "show", "1", "--json"]).await.json();
    assert_eq!((&run["model"], &run["state"]), (&json!("claims"), &json!("succeeded")));
    assert!(!run["log"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_refused_is_refused_alike() {
    let ready = Ready::make().await;
    let questions: [(&[&str], i32); 8] = [
        (&["models", "show", "none"], 3),
        (&["models", "show", "../keys"], 3),
        (&["runs", "show", "99"], 3),
        (&["runs", "cancel", "1"], 4),
        (&["runs", "list", "--model", "none"], 3),
        (&["promote", "claims", "1", "--reason", " "], 4),
        (&["promote", "claims", "9", "--reason", "x"], 3),
        (&["train", "none"], 3),
    ];
    for (words, code) in questions {
        let (here, there) = (ready.here(words).await, ready.there(words).await);
        assert_eq!((here.code(), here.stderr()), (code, there.stderr()), "{words:?}");
        assert_eq!((there.code(), there.stdout().as_str()), (code, ""), "{words:?}");
    }
}

#[tokio::test]
async fn a_version_is_trained_promoted_and_rolled_back_from_afar() {
    let app = TestApp::spawn_with(|settings| settings.workers = 1).await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let key = acme.key(&app.desk, Scope::Admin).await;
    let there = async |words: &[&str]| verdict_at(app.address, &key, words).await;
    let trained = there(&["train", "claims", "--estimator", "logistic", "--seed", "3", "--json"]).await;
    assert!(trained.stderr().contains("verdict promote claims 1"), "{}", trained.stderr());
    let trained = trained.json();
    assert_eq!((&trained["version"], &trained["state"]), (&json!(1), &json!("succeeded")));
    assert!(trained["summary"]["metrics"]["roc_auc"].is_f64(), "{trained}");
    let promoted = there(&["promote", "claims", "1", "--reason", "the only one", "--json"]).await.json();
    assert_eq!((&promoted["version"], &promoted["previous"]), (&json!(1), &Value::Null));
    let back = there(&["rollback", "claims", "--reason", "to see it"]).await;
    assert!(back.stdout().contains("the heuristic serves now"), "{}", back.stdout());
}

#[tokio::test]
async fn whoever_stops_following_does_not_stop_the_run() {
    let ready = Ready::make().await;
    let waits = async || {
        let run = ready.app.desk.training().start(&ready.acme.actor, "claims", Options::default()).await.unwrap();
        run.id.to_string()
    };
    let run = waits().await;
    let (mut following, said) = start_at(ready.app.address, &ready.key, &["runs", "follow", &run]).await;
    assert!(said.contains("Ctrl-C"), "{said}");
    let pid = rustix::process::Pid::from_child(&following);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let ended = tokio::task::spawn_blocking(move || following.wait().unwrap()).await.unwrap();
    assert_eq!(ended.code(), Some(130));
    let shown = ready.there(&["runs", "show", &run, "--json"]).await.json();
    assert_eq!((&shown["state"], &shown["cancel_requested"]), (&json!("queued"), &json!(false)));

    let cancelled = ready.there(&["runs", "cancel", &run]).await;
    assert!(cancelled.code() == 0 && cancelled.stdout().contains("is cancelled"), "{}", cancelled.stdout());
    assert_eq!(ready.there(&["runs", "follow", &run]).await.code(), 4);
    let another = waits().await;
    assert_eq!(ready.here(&["runs", "cancel", &another, "--json"]).await.json()["state"], "cancelled");
    assert_eq!(ready.here(&["runs", "follow", &another]).await.code(), 4);
}

#[tokio::test]
async fn a_server_that_does_not_let_us_in_says_why() {
    let ready = Ready::make().await;
    let at = |server: SocketAddr, key: &'static str| verdict_at(server, key, &["models", "list"]);
    let unknown = at(ready.app.address, "vdt_a-secret-that-opens-nothing").await;
    assert_eq!(unknown.code(), 4);
    assert!(unknown.stderr().contains("unknown, revoked or expired"), "{}", unknown.stderr());
    assert!(!unknown.stderr().contains("vdt_"), "no secret is written down: {}", unknown.stderr());
    let reads = ready.acme.key(&ready.app.desk, Scope::Read).await;
    let refused = verdict_at(ready.app.address, &reads, &["train", "claims"]).await;
    assert!(refused.code() == 4 && refused.stderr().contains("train"), "{}", refused.stderr());

    // A port that was free a moment ago, and that nobody listens on.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away = at(free, "vdt_x").await;
    assert_eq!(away.code(), 5);
    assert!(away.stderr().contains("does not answer"), "{}", away.stderr());
}

#[tokio::test]
async fn what_works_on_the_data_directory_only_says_so() {
    let nobody: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let commands: [&[&str]; 6] = [
        &["serve"],
        &["demo"],
        &["audit", "verify"],
        &["key", "create", "--name", "x", "--scopes", "read"],
        &["user", "add", "--email", "a@b.example", "--name", "A", "--role", "admin"],
        &["models", "list", "--tenant", "acme"],
    ];
    for words in commands {
        let refused = verdict_at(nobody, "vdt_x", words).await;
        assert_eq!((refused.code(), refused.stdout().as_str()), (2, ""), "{words:?}");
        assert!(refused.stderr().contains("leave --"), "{words:?}: {}", refused.stderr());
    }
}

#[tokio::test]
async fn a_run_that_a_server_works_on_is_followed_from_its_data_directory() {
    let app = TestApp::spawn_with(|settings| settings.workers = 1).await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let quickest = Options { estimator: Some(EstimatorKind::Logistic), ..Options::default() };
    let run = app.desk.training().start(&acme.actor, "claims", quickest).await.unwrap();
    let (folder, id) = (app.settings.data_dir.clone(), run.id.to_string());
    let followed = tokio::task::spawn_blocking(move || verdict(&folder, &["runs", "follow", &id])).await.unwrap();
    assert_eq!(followed.code(), 0, "{}", followed.stderr());
    assert!(followed.stdout().contains("succeeded: version 1"), "{}", followed.stdout());
    let over = async || app.desk.training().get(&acme.actor, run.id).await.unwrap().state == RunState::Succeeded;
    eventually("it is over", over).await;
}

#[tokio::test]
async fn what_the_clock_does_is_listed_held_up_and_asked_for() {
    let ready = Ready::make().await;
    let words = ["schedules", "list", "--json"];
    let (here, there) = (ready.here(&words).await.json(), ready.there(&words).await.json());
    assert_eq!(here, there);
    let verify = there.as_array().unwrap().iter().find(|one| one["job"] == "verify").unwrap();
    let id = verify["id"].to_string();
    let paused = ready.there(&["schedules", "pause", &id]).await;
    assert!(paused.code() == 0 && paused.stdout().contains("(verify) is paused"), "{}", paused.stderr());
    assert_eq!(ready.here(&["schedules", "pause", &id]).await.code(), 4, "it is paused already");
    assert!(ready.here(&["status"]).await.stdout().contains("1 paused, next"));
    let resumed = ready.here(&["schedules", "resume", &id, "--json"]).await.json();
    assert_eq!(resumed["paused_at"], Value::Null);
    let asked = ready.there(&["schedules", "run", &id]).await;
    assert!(asked.code() == 0 && asked.stdout().contains("is waiting"), "{}", asked.stderr());
    let list = ready.there(&["schedules", "list"]).await.stdout();
    assert!(list.contains("45 3 * * *") && list.contains("verify"), "{list}");
    assert_eq!(ready.there(&["schedules", "run", "99"]).await.code(), 3);
    assert_eq!(ready.there(&["schedules", "list", "--model", "none"]).await.code(), 3);
}

#[tokio::test]
async fn models_learn_again_now_all_at_once_or_by_the_clock() {
    let ready = Ready::make().await;
    let admin = ready.app.with_key(&ready.key);
    let mut recipe = admin.get("/api/v1/models/claims").await.expect_json(200)["specification"].take();
    recipe["estimator"]["kind"] = json!("logistic");
    admin.post("/api/v1/models/claims/specifications", recipe).await.expect(201);
    let learnt = ready.here(&["retrain", "claims", "--json"]).await.json();
    assert_eq!((&learnt["state"], &learnt["version"]), (&json!("succeeded"), &json!(2)));
    assert!(learnt["became"].is_string() && learnt["because"].is_string(), "{learnt}");

    let nothing = ready.there(&["train", "--all"]).await;
    assert!(nothing.code() == 0 && nothing.stdout().contains("anything new"), "{}", nothing.stderr());
    let outcome = format!("/api/v1/predictions/{}/outcome", ready.ask().await);
    admin.post(&outcome, json!({ "truth": "yes" })).await.expect(201);
    let all = ready.here(&["train", "--all", "--json"]).await.json();
    assert_eq!(
        (&all[0]["model"], &all[0]["state"], &all[0]["version"]),
        (&json!("claims"), &json!("succeeded"), &json!(3))
    );
    assert_eq!(ready.here(&["train", "claims", "--all"]).await.code(), 2);
    assert_eq!(ready.here(&["train"]).await.code(), 2);

    let weekly = ["retrain", "claims", "--days", "90", "--schedule", "0 3 * * 1"];
    let planned = ready.there(&[weekly.as_slice(), &["--json"]].concat()).await.json();
    assert_eq!((&planned["job"], &planned["expression"]), (&json!("retrain"), &json!("0 3 * * 1")));
    let shown = ready.here(&["models", "show", "claims", "--json"]).await.json();
    assert_eq!(shown["specification"]["retraining"]["days"], 90);
    assert!(ready.here(&weekly).await.stdout().contains("learns again by `0 3 * * 1`"));
    let wrong = ready.there(&["retrain", "claims", "--schedule", "on mondays"]).await;
    assert!(wrong.code() == 4 && wrong.stderr().contains("schedule.retrain"), "{}", wrong.stderr());
}
