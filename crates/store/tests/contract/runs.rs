use std::collections::BTreeSet;

use domain::run::{LEASE, MAX_ATTEMPTS, RunState};
use futures::future::join_all;
use store::{Error, Heartbeat, RunFilter};

use crate::support::{NOW, World, event, new_version};

crate::on_both!(
    each_run_is_claimed_once,
    a_named_run_is_claimed_and_no_other,
    a_silent_holder_loses_its_run,
    a_run_that_kills_its_holders_is_given_up,
    a_run_makes_one_version,
    numbers_are_given_out_in_line,
    cancelling,
    checkpoints_of_runs_that_are_over_are_found,
    logs_and_lists,
);

async fn each_run_is_claimed_once(world: &World) {
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    let mut queued = BTreeSet::new();
    for _ in 0..5 {
        queued.insert(world.run(&model, &dataset).await.id);
    }
    let owners: Vec<_> = (0..10).map(|i| format!("worker {i}")).collect();
    let claims = join_all(owners.iter().map(|owner| world.store.claim_run(owner, NOW))).await;
    let claimed: Vec<_> = claims.into_iter().filter_map(Result::unwrap).collect();
    assert!(claimed.iter().all(|run| run.state == RunState::Running && run.attempts == 1));
    assert_eq!(claimed.len(), 5);
    assert_eq!(claimed.iter().map(|run| run.id).collect::<BTreeSet<_>>(), queued);
    let counts = world.store.run_counts(world.us()).await.unwrap();
    assert_eq!((counts.queued, counts.running), (0, 5));
}

async fn a_named_run_is_claimed_and_no_other(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    let first = world.run(&model, &dataset).await;
    let second = world.run(&model, &dataset).await;
    assert_eq!(store.claim_this_run(world.them(), second.id, "one", NOW).await.unwrap(), None);
    let claimed = store.claim_this_run(us, second.id, "one", NOW).await.unwrap().unwrap();
    assert_eq!((claimed.id, claimed.state), (second.id, RunState::Running));
    assert_eq!(store.claim_this_run(us, second.id, "two", NOW).await.unwrap(), None);
    assert_eq!(store.claim_run("two", NOW).await.unwrap().unwrap().id, first.id);
    let late = NOW.plus(LEASE + 1);
    assert_eq!(store.claim_this_run(us, second.id, "two", late).await.unwrap().unwrap().attempts, 2);
}

async fn a_silent_holder_loses_its_run(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    let run = world.run(&model, &dataset).await;
    assert!(store.claim_run("one", NOW).await.unwrap().is_some());
    let beat = store.heartbeat(us, run.id, "one", 0.5, "training", NOW.plus(LEASE)).await.unwrap();
    assert_eq!(beat, Heartbeat::Continue);
    assert_eq!(store.claim_run("two", NOW.plus(LEASE + 1)).await.unwrap(), None);
    let taken = store.claim_run("two", NOW.plus(2 * LEASE + 1)).await.unwrap().unwrap();
    assert_eq!((taken.id, taken.attempts, taken.started_at), (run.id, 2, Some(NOW)));
    let late = NOW.plus(2 * LEASE + 2);
    assert_eq!(store.heartbeat(us, run.id, "one", 0.6, "training", late).await.unwrap(), Heartbeat::Lost);
    let made = event(us, "version.made");
    let finished = store.finish_run(us, run.id, "one", &new_version(), late, |_| made.clone()).await;
    assert!(matches!(finished, Err(Error::Conflict(_))));
    let failed = store.fail_run(us, run.id, "one", "no", late, &event(us, "run.failed")).await;
    assert!(matches!(failed, Err(Error::Conflict(_))));
    let failed = store.fail_run(us, run.id, "two", "too few rows", late, &event(us, "run.failed")).await.unwrap();
    assert_eq!((failed.state, failed.message.as_str()), (RunState::Failed, "too few rows"));
}

async fn a_run_that_kills_its_holders_is_given_up(world: &World) {
    let store = &world.store;
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    let run = world.run(&model, &dataset).await;
    let mut now = NOW;
    for attempt in 1..=MAX_ATTEMPTS {
        assert_eq!(store.claim_run("doomed", now).await.unwrap().unwrap().attempts, attempt);
        now = now.plus(LEASE + 1);
    }
    assert_eq!(store.claim_run("next", now).await.unwrap(), None);
    let over = store.run(world.us(), run.id).await.unwrap().unwrap();
    assert_eq!((over.state, over.finished_at), (RunState::Failed, Some(now)));
    assert!(over.message.contains("given up"));
    let newest = store.audit(world.us(), None, None, 1).await.unwrap().items.remove(0);
    assert_eq!((newest.actor.as_str(), newest.action.as_str()), ("worker", "run.failed"));
    assert_eq!(newest.subject, format!("run:{}", run.id));
    // One that goes back in good order loses no attempt.
    let other = world.run(&model, &dataset).await;
    for _ in 0..5 {
        assert_eq!(store.claim_run("polite", now).await.unwrap().unwrap().attempts, 1);
        store.release_run(world.us(), other.id, "polite").await.unwrap();
    }
}

async fn a_run_makes_one_version(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    let run = world.run(&model, &dataset).await;
    store.claim_run("one", NOW).await.unwrap();
    let new = new_version();
    let made = event(us, "version.made");
    let finish = || store.finish_run(us, run.id, "one", &new, NOW, |_| made.clone());
    let results = join_all((0..4).map(|_| finish())).await;
    let first = results[0].as_ref().unwrap().clone();
    assert!(results.iter().all(|result| result.as_ref().unwrap() == &first));
    assert_eq!(finish().await.unwrap(), first);
    assert_eq!(store.versions(us, model.id).await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(store.version(us, model.id, 1).await.unwrap(), Some(first));
    let over = store.run(us, run.id).await.unwrap().unwrap();
    assert_eq!((over.state, over.version, over.progress), (RunState::Succeeded, Some(1), 1.0));
    // Tenant, model, data set, run, and one version.
    assert_eq!(world.verify_audit(us).await, 5);
}

async fn numbers_are_given_out_in_line(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    let mut runs = Vec::new();
    for _ in 0..6 {
        world.run(&model, &dataset).await;
        runs.push(store.claim_run("one", NOW).await.unwrap().unwrap().id);
    }
    let new = new_version();
    let made = event(us, "version.made");
    let finished = runs.iter().map(|run| store.finish_run(us, *run, "one", &new, NOW, |_| made.clone()));
    let mut numbers: Vec<_> = join_all(finished).await.into_iter().map(|version| version.unwrap().number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
}

async fn cancelling(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    let cancelled = event(us, "run.cancelled");
    let waiting = world.run(&model, &dataset).await;
    let ended = store.request_cancel(us, waiting.id, NOW, &cancelled).await.unwrap();
    assert_eq!((ended.state, ended.finished_at), (RunState::Cancelled, Some(NOW)));
    assert!(matches!(store.request_cancel(us, waiting.id, NOW, &cancelled).await, Err(Error::Conflict(_))));

    let working = world.run(&model, &dataset).await;
    store.claim_run("one", NOW).await.unwrap();
    let asked = store.request_cancel(us, working.id, NOW, &cancelled).await.unwrap();
    assert_eq!((asked.state, asked.cancel_requested), (RunState::Running, true));
    let beat = store.heartbeat(us, working.id, "one", 0.1, "", NOW).await.unwrap();
    assert_eq!(beat, Heartbeat::CancelRequested);
    let ended = store.finish_cancelled_run(us, working.id, "one", NOW, &cancelled).await.unwrap();
    assert_eq!(ended.state, RunState::Cancelled);

    let orphan = world.run(&model, &dataset).await;
    store.claim_run("one", NOW).await.unwrap();
    store.request_cancel(us, orphan.id, NOW, &cancelled).await.unwrap();
    assert_eq!(store.claim_run("two", NOW.plus(LEASE + 1)).await.unwrap(), None);
    assert_eq!(store.run(us, orphan.id).await.unwrap().unwrap().state, RunState::Cancelled);
}

async fn checkpoints_of_runs_that_are_over_are_found(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("meters").await;
    let dataset = world.dataset(&model).await;
    let (first, second) = (world.run(&model, &dataset).await.id, world.run(&model, &dataset).await.id);
    for run in [first, second] {
        store.claim_this_run(us, run, "one", NOW).await.unwrap();
        assert!(store.note_checkpoint(us, run, "one").await.unwrap());
    }
    assert!(!store.note_checkpoint(us, first, "two").await.unwrap(), "not its holder");
    assert!(!store.note_checkpoint(world.them(), first, "one").await.unwrap());
    let left = async || store.left_checkpoints(us).await.unwrap().into_iter().map(|run| run.id).collect::<Vec<_>>();
    assert!(store.left_checkpoints(world.them()).await.unwrap().is_empty());
    assert!(left().await.is_empty());
    store.release_run(us, first, "one").await.unwrap();
    store.request_cancel(us, first, NOW, &event(us, "run.cancelled")).await.unwrap();
    store.fail_run(us, second, "one", "no", NOW, &event(us, "run.failed")).await.unwrap();
    assert_eq!(left().await, [first, second]);
    store.forget_checkpoint(us, first).await.unwrap();
    store.forget_checkpoint(world.them(), second).await.unwrap();
    assert_eq!(left().await, [second]);
}

async fn logs_and_lists(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let (one, two) = (world.model("one").await, world.model("two").await);
    let (for_one, for_two) = (world.dataset(&one).await, world.dataset(&two).await);
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(world.run(&one, &for_one).await);
        made.push(world.run(&two, &for_two).await);
    }
    let first = store.runs(us, RunFilter::default(), None, 6).await.unwrap();
    let second = store.runs(us, RunFilter::default(), first.next.as_ref(), 6).await.unwrap();
    assert_eq!(second.next, None);
    let all: Vec<_> = first.items.into_iter().chain(second.items).rev().collect();
    assert_eq!(all, made);
    let claimed = store.claim_run("one", NOW).await.unwrap().unwrap();
    let running = RunFilter { model: Some(one.id), state: Some(RunState::Running) };
    assert_eq!(store.runs(us, running, None, 6).await.unwrap().items, std::slice::from_ref(&claimed));
    let two = ["epoch 1".into(), "epoch 2".into()];
    let written = join_all((0..3).map(|_| store.append_log(us, claimed.id, &two, NOW))).await;
    assert!(written.iter().all(Result::is_ok));
    let log = store.log_after(us, claimed.id, 0).await.unwrap();
    let said: Vec<_> = log.iter().map(|line| (line.sequence, line.line.as_str())).collect();
    assert_eq!(said[..3], [(1, "epoch 1"), (2, "epoch 2"), (3, "epoch 1")]);
    assert_eq!(store.log_after(us, claimed.id, 3).await.unwrap().len(), 3);
}
