use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use domain::run::{LEASE, MAX_ATTEMPTS};
use store::Artifacts;
use vision::training::Checkpoints;

use super::*;
use crate::Desk;
use crate::models::Wish;
use crate::readings::tests::MONDAY;
use crate::retraining::tests::Office;
use crate::testing::{Hands, desk, desk_with};

async fn model(desk: &Desk, actor: &Actor) {
    let rows: String = (0..40).map(|i| format!("{},{}\n", i % 7, if i % 3 == 0 { "yes" } else { "no" })).collect();
    let dataset = desk.datasets().import(actor, "rows.csv", format!("x,y\n{rows}").into_bytes()).await.unwrap();
    let wish = Wish { target: String::from("y"), positive: None, split: None, drop: Vec::new() };
    let draft = desk.models().propose(actor, dataset.id, wish).await.unwrap().draft;
    desk.models().create(actor, "model", draft, Some(dataset.id)).await.unwrap();
}

/// Leaves `worker` with a run that it has just taken up, as the end of its process does.
async fn break_off(desk: &Desk, worker: &str) {
    let training = desk.training();
    let mut work = pin!(training.work_once(worker));
    let holds = poll_fn(|context| {
        assert!(work.as_mut().poll(context).is_pending());
        if desk.inner.workshop.held().contains_key(worker) { Poll::Ready(()) } else { Poll::Pending }
    });
    holds.await;
}

#[tokio::test]
async fn a_worker_lets_go_of_its_own_run_only() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path()).await;
    let actor = Actor::operator(desk.tenants().create("acme", "Acme", "UTC").await.unwrap().id);
    model(&desk, &actor).await;
    let training = desk.training();
    let first = training.start(&actor, "model", Options::default()).await.unwrap().id;
    let second = training.start(&actor, "model", Options::default()).await.unwrap().id;
    break_off(&desk, "one").await;
    break_off(&desk, "two").await;
    let states = async || {
        let (first, second) = (training.get(&actor, first).await, training.get(&actor, second).await);
        (first.unwrap().state, second.unwrap().state)
    };
    assert_eq!(states().await, (RunState::Running, RunState::Running));
    training.let_go("one").await.unwrap();
    assert_eq!(states().await, (RunState::Queued, RunState::Running));
    training.let_go("one").await.unwrap();
    assert_eq!(states().await, (RunState::Queued, RunState::Running));
    training.let_go("two").await.unwrap();
    assert_eq!(states().await, (RunState::Queued, RunState::Queued));
}

/// Writes the checkpoint of a run that `worker` holds, as its training does.
async fn write_checkpoint(desk: &Desk, run: &Run, worker: &str) {
    let mut checkpoints = Work { desk, run, worker, claimed_at: desk.now() }.checkpoints().await;
    tokio::task::spawn_blocking(move || checkpoints.save(vec![7; 9])).await.unwrap();
}

async fn has_checkpoint(desk: &Desk, run: &Run) -> bool {
    let key = Artifacts::version_key(run.tenant, run.model, run.id, "checkpoint");
    desk.inner.artifacts.get(&key).await.unwrap().is_some()
}

#[tokio::test]
async fn a_checkpoint_goes_with_its_run_however_that_ends() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Hands::at(MONDAY));
    let desk = desk_with(folder.path(), clock.clone()).await;
    let actor = Actor::operator(desk.tenants().create("acme", "Acme", "UTC").await.unwrap().id);
    model(&desk, &actor).await;
    let training = desk.training();
    let start = async || training.start(&actor, "model", Options::default()).await.unwrap();

    let cancelled = start().await;
    break_off(&desk, "one").await;
    write_checkpoint(&desk, &cancelled, "another").await;
    assert!(!has_checkpoint(&desk, &cancelled).await, "written by one who has lost the run");
    write_checkpoint(&desk, &cancelled, "one").await;
    training.let_go("one").await.unwrap();
    assert!(has_checkpoint(&desk, &cancelled).await);
    training.cancel(&actor, cancelled.id).await.unwrap();
    assert!(!has_checkpoint(&desk, &cancelled).await);

    let given_up = start().await;
    for attempt in 0..MAX_ATTEMPTS {
        let worker = format!("doomed {attempt}");
        break_off(&desk, &worker).await;
        write_checkpoint(&desk, &given_up, &worker).await;
        clock.go_on(LEASE + 1);
    }
    let next = start().await;
    break_off(&desk, "two").await;
    write_checkpoint(&desk, &next, "two").await;
    assert_eq!(training.get(&actor, given_up.id).await.unwrap().state, RunState::Failed);
    assert!(has_checkpoint(&desk, &given_up).await, "nobody was there to take it away");
    assert_eq!(training.delete_left_checkpoints(actor.tenant).await.unwrap(), 1);
    assert_eq!((has_checkpoint(&desk, &given_up).await, has_checkpoint(&desk, &next).await), (false, true));
}

/// The work on a run that one worker has just taken up.
async fn taken_up<'a>(office: &'a Office, run: &'a mut Run) -> Work<'a> {
    let (store, now) = (office.desk.store(), office.desk.now());
    *run = store.claim_this_run(run.tenant, run.id, "one", now).await.unwrap().unwrap();
    Work { desk: &office.desk, run, worker: "one", claimed_at: now }
}

#[tokio::test]
async fn what_becomes_of_a_version_is_decided_once_although_its_worker_died_before() {
    let office = Office::new("policy = \"champion\"").await;
    let (desk, mut run) = (&office.desk, office.retrain(None).await);
    let made = taken_up(&office, &mut run).await.make(&std::sync::Arc::default()).await.ok().unwrap();
    let event = |_: &_| Event::new(&Actor::worker(run.tenant), desk.now(), "version.trained", "model:model");
    desk.store().finish_run(run.tenant, run.id, "one", &made, desk.now(), event).await.unwrap();
    let deployments = async || desk.models().get(&office.actor, "model").await.unwrap().deployments.len();
    assert!(!desk.retraining().settle_left().await.unwrap(), "the worker may still decide");
    assert_eq!(deployments().await, 0);
    office.clock.go_on(LEASE);
    assert!(desk.retraining().settle_left().await.unwrap());
    assert_eq!(deployments().await, 1);
    assert!(!desk.retraining().settle_left().await.unwrap());
    let run = desk.training().get(&office.actor, run.id).await.unwrap();
    desk.settle(&run).await.unwrap();
    assert_eq!(deployments().await, 1, "once, however often it is decided");
    assert_eq!(desk.audit().verify(&office.actor).await.unwrap().broken, None);
}

#[tokio::test]
async fn a_mistake_in_the_program_fails_a_run_and_its_worker_goes_on() {
    let office = Office::new("").await;
    let (desk, broken, whole) = (&office.desk, office.retrain(None).await, office.retrain(None).await);
    // Two looks at the clock take a run up; the third is the run's own.
    office.clock.break_at(3);
    while desk.training().work_once("one").await.unwrap() {}
    let broken = desk.training().get(&office.actor, broken.id).await.unwrap();
    assert_eq!((broken.state, broken.version), (RunState::Failed, None));
    assert!(broken.message.contains("a mistake in the program"), "{}", broken.message);
    assert_eq!(desk.training().get(&office.actor, whole.id).await.unwrap().state, RunState::Succeeded);
    office.clock.break_at(1);
    assert!(desk.training().work_once("one").await.is_err(), "and where no run can be blamed the worker lives too");
    assert!(!desk.training().work_once("one").await.unwrap());
}

#[tokio::test]
async fn a_mistake_while_a_version_is_judged_keeps_it_a_challenger() {
    let office = Office::new("policy = \"champion\"").await;
    let (desk, mut run) = (&office.desk, office.retrain(None).await);
    let made = taken_up(&office, &mut run).await.make(&std::sync::Arc::default()).await.ok().unwrap();
    let event = |_: &_| Event::new(&Actor::worker(run.tenant), desk.now(), "version.trained", "model:model");
    desk.store().finish_run(run.tenant, run.id, "one", &made, desk.now(), event).await.unwrap();
    office.clock.go_on(LEASE);
    // The first look takes the decision up; the second is made while the version is read.
    office.clock.break_at(2);
    assert!(desk.retraining().settle_left().await.unwrap());
    let run = desk.training().get(&office.actor, run.id).await.unwrap();
    assert_eq!(run.became, Some(Standing::Challenger));
    assert!(run.because.contains("a mistake in the program"), "{}", run.because);
}

#[tokio::test]
async fn a_training_that_takes_too_long_is_ended_with_a_sentence() {
    let office = Office::new("").await;
    let mut run = office.retrain(None).await;
    let work = taken_up(&office, &mut run).await;
    let limit = office.desk.limits().training_minutes * domain::time::MINUTE;
    assert!(work.overdue(work.claimed_at.plus(limit)).is_none());
    let ended = work.overdue(work.claimed_at.plus(limit + 1)).unwrap().to_string();
    assert!(ended.contains("longer than the 240 minutes"), "{ended}");
}
