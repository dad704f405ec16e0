//! Runs that no hand asked for, and what becomes of their versions.

use domain::model::Model;
use domain::retraining::{Check, Fate, Finding, Standing, Trigger};
use domain::run::{LEASE, Run, RunState};
use domain::time::MINUTE;
use futures::future::join_all;
use store::{CheckRecord, Error, Move, NewChallenger, NewRun};

use crate::models::promotion;
use crate::support::{NOW, World, event, new_dataset, new_run, new_version, prediction, specification, truth};

crate::on_both!(
    a_trigger_asks_for_no_run_beside_another,
    a_run_is_given_its_examples_by_its_holder,
    a_run_is_put_off_and_comes_back,
    tenants_are_served_in_turn,
    a_version_is_settled_once,
    a_decision_that_was_left_is_taken_up,
    a_decision_for_another_champion_is_refused_whole,
    a_decision_by_rules_of_before_is_refused,
    a_first_version_that_somebody_took_out_is_not_put_back,
    a_challenger_that_serves_is_none_any_more,
    the_newest_check_is_kept,
    labels_are_counted_from_when_they_came,
);

async fn triggered(world: &World, policy: Standing) -> Result<Run, Error> {
    let model = match world.store.model_by_name(world.us(), "fraud").await.unwrap() {
        Some(model) => model,
        None => world.model("fraud").await,
    };
    let dataset = world.dataset(&model).await;
    let new = NewRun {
        dataset: None,
        days: Some(90),
        trigger: Trigger::Metric,
        saw: "f1 fell".into(),
        policy,
        ..new_run(&model, &dataset)
    };
    world.store.create_run(world.us(), &new, NOW, &event(world.us(), "run.requested")).await
}

/// A run whose version waits for a decision.
async fn undecided(world: &World, policy: Standing) -> Run {
    let (us, store) = (world.us(), &world.store);
    let run = triggered(world, policy).await.unwrap();
    store.claim_this_run(us, run.id, "one", NOW).await.unwrap().unwrap();
    let (new, made) = (new_dataset(Some(run.model)), event(us, "dataset.created"));
    let dataset = store.create_dataset(us, &new, NOW, &made).await.unwrap();
    store.give_run(us, run.id, "one", dataset.id).await.unwrap();
    store.finish_run(us, run.id, "one", &new_version(), NOW, |_| event(us, "version.made")).await.unwrap();
    store.run(us, run.id).await.unwrap().unwrap()
}

fn fate(standing: Standing) -> Fate {
    Fate { standing, reason: "it is better".into() }
}

async fn settle(world: &World, run: &Run, expected: Option<i64>) -> Result<bool, Error> {
    let model = world.store.model(world.us(), run.model).await.unwrap().unwrap();
    settle_by(world, &model, run, expected).await
}

/// As if it had been decided on when the model was as `judged`.
async fn settle_by(world: &World, judged: &Model, run: &Run, expected: Option<i64>) -> Result<bool, Error> {
    let new = promotion(judged, run.version, expected);
    let step = Move::Deploy { new, specification: judged.specification_number };
    let events = [event(world.us(), "version.promoted")];
    world.store.settle_run(world.us(), run.id, &fate(Standing::Champion), &step, NOW, &events).await
}

async fn a_trigger_asks_for_no_run_beside_another(world: &World) {
    let first = triggered(world, Standing::Challenger).await.unwrap();
    assert_eq!((first.trigger, first.saw.as_str(), first.days), (Trigger::Metric, "f1 fell", Some(90)));
    assert_eq!((first.dataset, first.policy, first.became), (None, Standing::Challenger, None));
    assert!(matches!(triggered(world, Standing::Challenger).await, Err(Error::Conflict(_))));
    assert!(world.store.is_learning(world.us(), first.model).await.unwrap());
    let newest = world.store.last_triggered(world.us(), first.model).await.unwrap();
    assert_eq!(newest.unwrap().id, first.id);
    assert_eq!(world.store.last_triggered(world.them(), first.model).await.unwrap(), None);
    // A hand may ask all the same.
    let model = world.store.model(world.us(), first.model).await.unwrap().unwrap();
    let dataset = world.dataset(&model).await;
    assert_eq!(world.run(&model, &dataset).await.state, RunState::Queued);
}

async fn a_run_is_given_its_examples_by_its_holder(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let run = triggered(world, Standing::Challenger).await.unwrap();
    let model = store.model(us, run.model).await.unwrap().unwrap();
    let dataset = world.dataset(&model).await;
    assert!(matches!(store.give_run(us, run.id, "one", dataset.id).await, Err(Error::Conflict(_))));
    store.claim_run("one", NOW).await.unwrap().unwrap();
    assert_eq!(store.give_run(us, run.id, "one", dataset.id).await.unwrap().dataset, Some(dataset.id));
    assert!(matches!(store.give_run(us, run.id, "two", dataset.id).await, Err(Error::Conflict(_))));
    assert!(store.give_run(world.them(), run.id, "one", dataset.id).await.is_err());
}

async fn a_run_is_put_off_and_comes_back(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let run = triggered(world, Standing::Challenger).await.unwrap();
    store.claim_run("one", NOW).await.unwrap().unwrap();
    let until = NOW.plus(MINUTE);
    store.put_off_run(us, run.id, "one", "the disk is full", until, NOW).await.unwrap();
    assert!(matches!(store.put_off_run(us, run.id, "one", "", until, NOW).await, Err(Error::Conflict(_))));
    assert_eq!(store.claim_run("two", until.plus(-1)).await.unwrap(), None);
    assert_eq!(store.claim_this_run(us, run.id, "two", until.plus(-1)).await.unwrap(), None);
    let waiting = store.run(us, run.id).await.unwrap().unwrap();
    assert_eq!((waiting.state, waiting.retries, waiting.not_before), (RunState::Queued, 1, until));
    assert_eq!(waiting.message, "the disk is full");
    assert_eq!(store.log_after(us, run.id, 0).await.unwrap()[0].line, "the disk is full");
    let again = store.claim_run("two", until).await.unwrap().unwrap();
    assert_eq!((again.id, again.attempts), (run.id, 1));
}

async fn tenants_are_served_in_turn(world: &World) {
    let ours = world.model("fraud").await;
    let theirs = world.model_of(world.them(), "fraud").await;
    let (our_data, their_data) = (world.dataset(&ours).await, world.dataset(&theirs).await);
    for _ in 0..4 {
        world.run(&ours, &our_data).await;
    }
    for _ in 0..2 {
        world.run(&theirs, &their_data).await;
    }
    let mut order = Vec::new();
    for turn in 0..6 {
        let now = NOW.plus(turn);
        let run = world.store.claim_run("one", now).await.unwrap().unwrap();
        order.push(run.tenant == world.us());
        let done = event(run.tenant, "run.failed");
        world.store.fail_run(run.tenant, run.id, "one", "done", now, &done).await.unwrap();
    }
    assert_eq!(order, [true, false, true, false, true, true], "one after the other");
    // Whoever has one at work comes after whoever has none, though it was served longer ago.
    world.run(&ours, &our_data).await;
    world.run(&ours, &our_data).await;
    assert_eq!(world.store.claim_run("one", NOW.plus(7)).await.unwrap().unwrap().tenant, world.us());
    world.run(&theirs, &their_data).await;
    assert_eq!(world.store.claim_run("two", NOW.plus(8)).await.unwrap().unwrap().tenant, world.them());
}

async fn a_version_is_settled_once(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let run = undecided(world, Standing::Champion).await;
    assert_eq!((run.state, run.version, run.became), (RunState::Succeeded, Some(1), None));
    let settled = join_all((0..4).map(|_| settle(world, &run, None))).await;
    assert_eq!(settled.into_iter().filter(|settled| matches!(settled, Ok(true))).count(), 1);
    assert!(!settle(world, &run, None).await.unwrap());
    assert_eq!(store.deployments(us, run.model).await.unwrap().len(), 1);
    let over = store.run(us, run.id).await.unwrap().unwrap();
    assert_eq!((over.became, over.because.as_str()), (Some(Standing::Champion), "it is better"));
    // A candidate needs no decision.
    let candidate = undecided(world, Standing::Candidate).await;
    assert_eq!(candidate.became, Some(Standing::Candidate));
}

async fn a_decision_that_was_left_is_taken_up(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let run = undecided(world, Standing::Challenger).await;
    assert_eq!(store.take_undecided(NOW.plus(LEASE - 1)).await.unwrap(), None, "its worker decides");
    let late = NOW.plus(LEASE);
    let taken = join_all((0..3).map(|_| store.take_undecided(late))).await;
    let taken: Vec<_> = taken.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(taken.iter().map(|taken| taken.id).collect::<Vec<_>>(), [run.id]);
    store.hold_undecided(us, run.id, late.plus(LEASE / 2)).await.unwrap();
    assert_eq!(store.take_undecided(late.plus(LEASE)).await.unwrap(), None, "it is held for longer");
    store.hold_undecided(world.them(), run.id, late.plus(LEASE)).await.unwrap();
    assert_eq!(store.take_undecided(late.plus(2 * LEASE)).await.unwrap().unwrap().id, run.id, "and once more");
    let settled = store.settle_run(us, run.id, &fate(Standing::Candidate), &Move::None, late, &[]).await;
    assert!(settled.unwrap());
    assert_eq!(store.take_undecided(late.plus(9 * LEASE)).await.unwrap(), None);
}

async fn a_decision_for_another_champion_is_refused_whole(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let run = undecided(world, Standing::Champion).await;
    assert!(matches!(settle(world, &run, Some(7)).await, Err(Error::Conflict(_))));
    assert_eq!(store.run(us, run.id).await.unwrap().unwrap().became, None);
    assert!(store.deployments(us, run.model).await.unwrap().is_empty());
    assert!(settle(world, &run, None).await.unwrap());
}

async fn a_decision_by_rules_of_before_is_refused(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let run = undecided(world, Standing::Champion).await;
    let judged = store.model(us, run.model).await.unwrap().unwrap();
    let declared = event(us, "specification.declared");
    store.add_specification(us, run.model, &specification(), None, &declared).await.unwrap();
    assert!(matches!(settle_by(world, &judged, &run, None).await, Err(Error::Conflict(_))));
    assert_eq!(store.run(us, run.id).await.unwrap().unwrap().became, None);
    assert!(settle(world, &run, None).await.unwrap());
}

async fn a_first_version_that_somebody_took_out_is_not_put_back(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let run = undecided(world, Standing::Champion).await;
    let model = store.model(us, run.model).await.unwrap().unwrap();
    store.deploy(us, &promotion(&model, run.version, None), NOW, &event(us, "version.promoted")).await.unwrap();
    store.deploy(us, &promotion(&model, None, run.version), NOW, &event(us, "model.heuristic_used")).await.unwrap();
    assert!(matches!(settle(world, &run, None).await, Err(Error::Conflict(_))));
    assert_eq!(store.newest_deployment(us, run.model).await.unwrap().unwrap().version, None);
}

async fn a_challenger_that_serves_is_none_any_more(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let run = undecided(world, Standing::Challenger).await;
    let challenger =
        NewChallenger { model: run.model, version: run.version, reason: "it is better".into(), actor: "worker".into() };
    let step = Move::Challenge(challenger.clone());
    let events = [event(us, "version.challenges")];
    assert!(store.settle_run(us, run.id, &fate(Standing::Challenger), &step, NOW, &events).await.unwrap());
    let newest = store.challengers(us, run.model).await.unwrap().remove(0);
    assert_eq!((newest.version, newest.reason.as_str(), newest.actor.as_str()), (Some(1), "it is better", "worker"));
    assert!(store.challengers(world.them(), run.model).await.unwrap().is_empty());
    let stranger = NewChallenger { version: Some(9), ..challenger };
    assert!(matches!(store.challenge(us, &stranger, NOW, &event(us, "no")).await, Err(Error::NotFound)));
    let model = store.model(us, run.model).await.unwrap().unwrap();
    store.deploy(us, &promotion(&model, Some(1), None), NOW, &event(us, "version.promoted")).await.unwrap();
    let all = store.challengers(us, run.model).await.unwrap();
    assert_eq!(all.iter().map(|record| record.version).collect::<Vec<_>>(), [None, Some(1)]);
}

async fn the_newest_check_is_kept(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    assert_eq!(store.newest_check(us, model.id).await.unwrap(), None);
    let finding = Finding { trigger: Trigger::Age, fires: true, saw: "31 days old".into() };
    let check = Check { findings: vec![finding], held_back: Some("it is learning".into()) };
    let first = CheckRecord { at: NOW, check, run: None };
    store.keep_check(us, model.id, &first).await.unwrap();
    assert_eq!(store.newest_check(us, model.id).await.unwrap(), Some(first.clone()));
    let dataset = world.dataset(&model).await;
    let run = world.run(&model, &dataset).await.id;
    let second = CheckRecord { at: NOW.plus(1), run: Some(run), ..first };
    store.keep_check(us, model.id, &second).await.unwrap();
    assert_eq!(store.newest_check(us, model.id).await.unwrap(), Some(second));
    assert_eq!(store.newest_check(world.them(), model.id).await.unwrap(), None);
}

async fn labels_are_counted_from_when_they_came(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let asked: Vec<_> = (0..3).map(|hour| prediction(&model, NOW.plus(hour), 0.5)).collect();
    store.insert_predictions(&asked).await.unwrap();
    let truths: Vec<_> = (0..).zip(&asked).map(|(day, asked)| truth(asked, "yes", NOW.plus(10 + day))).collect();
    store.insert_outcomes(us, &truths, None).await.unwrap();
    let since = async |tenant, micros| store.labels_since(tenant, model.id, NOW.plus(micros)).await.unwrap();
    assert_eq!((since(us, 0).await, since(us, 10).await, since(us, 12).await), (3, 2, 0));
    assert_eq!(since(world.them(), 0).await, 0);
    let (other, corrected) = (truth(&asked[0], "no", NOW.plus(20)), event(us, "outcome.corrected"));
    store.correct_outcome(us, &other, "looked again", &corrected).await.unwrap();
    assert_eq!((since(us, 0).await, since(us, 12).await), (3, 1), "another truth is a new label");
    let within = async |since: i64| {
        use futures::TryStreamExt;
        let since = Some(NOW.plus(since));
        store.labelled_within(us, model.id, since, NOW.plus(99)).try_concat().await.unwrap().len()
    };
    assert_eq!((within(0).await, within(1).await, within(3).await), (3, 2, 0));
}
