use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use super::*;
use crate::Desk;
use crate::models::Wish;
use crate::testing::desk;

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
