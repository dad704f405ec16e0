//! Which version answers when a gate, a broken artifact or another process has a say in it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use desk::predictions::Row;
use desk::{Desk, Error};
use domain::gate::Gate;
use domain::prediction::Route;
use domain::specification::{ColumnKind, Draft};
use domain::time::SECOND;
use domain::{Clock, Timestamp};

use super::support::{Organisation, TestApp, claims_row};

/// Goes on when it is told to.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

async fn route(desk: &Desk, acme: &Organisation) -> Route {
    let row = claims_row();
    let row = Row { text: row.to_string(), fields: row.as_object().unwrap().clone() };
    desk.predictions().predict(&acme.actor, "claims", vec![row], false).await.unwrap()[0].route
}

/// The specification in force, as somebody would send it again.
async fn draft(desk: &Desk, acme: &Organisation) -> Draft {
    let revisions = desk.models().revisions(&acme.actor, "claims").await.unwrap();
    Draft::from_json(&serde_json::to_string(&revisions[0].specification).unwrap()).unwrap()
}

#[tokio::test]
async fn a_gate_against_the_champion_compares_before_it_lets_anybody_pass() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let gate = Gate { metric: "roc_auc".into(), at_least: None, at_most: None, better_than_champion_by: Some(0.9) };
    let draft = Draft { gates: vec![gate], ..draft(&app.desk, &acme).await };
    app.desk.models().specify(&acme.actor, "claims", draft, None).await.unwrap();
    // Both before there is a champion, so no training compares them.
    let (first, second) = (acme.train(&app.desk, "claims").await.1, acme.train(&app.desk, "claims").await.1);
    let versions = app.desk.versions();
    versions.promote(&acme.actor, "claims", first, "the first has nobody to beat", false).await.unwrap();
    let seen = versions.get(&acme.actor, "claims", second).await.unwrap();
    assert!(!seen.gates[0].verdict.passed, "{}", seen.gates[0].verdict.reason);
    let promoted = versions.promote(&acme.actor, "claims", second, "for the test", false).await;
    let Err(Error::Conflict(reason)) = promoted else { panic!("the gate is open") };
    assert!(reason.contains("better by 0.0000, 0.9000 is asked"), "{reason}");
}

#[tokio::test]
async fn a_refused_champion_answers_again_once_its_artifacts_are_restored() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let (run, number) = acme.train(&app.desk, "claims").await;
    app.desk.versions().promote(&acme.actor, "claims", number, "for the test", true).await.unwrap();
    let file = PathBuf::from(&app.settings.artifacts)
        .join(format!("tenants/{}/models/1/versions/{run}/evaluation.json", acme.actor.tenant));
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, "{}").unwrap();

    let clock = Arc::new(Hand(AtomicI64::new(app.desk.now().0)));
    let desk = server::application::open(&app.settings, Arc::clone(&clock) as Arc<dyn Clock>, true).await.unwrap().desk;
    desk.load_champions().await.unwrap();
    assert_eq!(route(&desk, &acme).await, Route::Heuristic);
    std::fs::write(&file, whole).unwrap();
    desk.retry_refused().await.unwrap();
    assert_eq!(route(&desk, &acme).await, Route::Heuristic, "not before its time has come");
    clock.0.fetch_add(60 * SECOND, Ordering::Relaxed);
    desk.retry_refused().await.unwrap();
    assert_eq!(route(&desk, &acme).await, Route::Champion);
}

#[tokio::test]
async fn another_process_reads_rows_by_the_newest_specification() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let clock = Arc::new(desk::SystemClock);
    let other = server::application::open(&app.settings, clock, true).await.unwrap().desk;
    let before = other.predictions().inputs(&acme.actor, "claims").await.unwrap();
    assert!(before.iter().any(|column| column.kind == ColumnKind::Boolean));

    let mut next = draft(&app.desk, &acme).await;
    next.columns.retain(|column| column.kind != ColumnKind::Boolean);
    app.desk.models().specify(&acme.actor, "claims", next, None).await.unwrap();
    other.follow_changes().await.unwrap();
    let after = other.predictions().inputs(&acme.actor, "claims").await.unwrap();
    assert!(after.len() < before.len());
    assert!(after.iter().all(|column| column.kind != ColumnKind::Boolean));
}
