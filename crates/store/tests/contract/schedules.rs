use domain::schedule::{Job, JobState, LEASE, MAX_ATTEMPTS, Planned, SCHEDULER_LEASE, ScheduledJob};
use domain::time::{DAY, HOUR};
use domain::{ModelId, TenantId, Timestamp};
use futures::future::join_all;
use store::{Claimed, DueSchedule, Error, Leadership, Planning};

use crate::support::{NOW, World, event};

crate::on_both!(
    one_looks_at_the_clock,
    a_due_time_is_answered_once,
    times_that_were_missed_are_one,
    what_is_paused_is_not_due,
    what_waits_to_begin_is_held_by_a_pause,
    a_job_is_claimed_once_and_again_when_its_holder_falls_silent,
    what_fails_for_now_is_tried_again_but_not_for_ever,
    tenants_take_turns,
    declarations_follow_the_specification,
    history_is_bounded,
    a_run_is_made_once_for_an_occasion,
);

fn planning(job: Job, model: Option<ModelId>, expression: &str, next_at: Timestamp) -> Planning {
    let planned = Planned { job, expression: expression.into(), time_zone: "Europe/Berlin".into() };
    Planning { model, planned, next_at }
}

/// A tenant's clean-up, due an hour after now.
async fn clean_up(world: &World, tenant: TenantId) -> ScheduledJob {
    let all = [planning(Job::CleanUp, None, "15 3 * * *", NOW.plus(HOUR))];
    world.store.declare_schedules(tenant, &all).await.unwrap();
    world.store.schedules(tenant).await.unwrap().remove(0)
}

async fn lead(world: &World, owner: &str, now: Timestamp) -> Leadership {
    world.store.lead(owner, now).await.unwrap().unwrap()
}

/// What is due an hour after now, to be claimed by somebody.
async fn begun(world: &World, tenant: TenantId) -> DueSchedule {
    clean_up(world, tenant).await;
    let (store, at) = (&world.store, NOW.plus(HOUR));
    let leader = lead(world, "one", at).await;
    let due = store.all_due_schedules(at).await.unwrap().into_iter().find(|due| due.tenant == tenant).unwrap();
    store.begin_due_run(leader, &due, at.plus(DAY), at).await.unwrap().unwrap();
    due
}

async fn claim(world: &World, owner: &str, now: Timestamp) -> Option<Claimed> {
    world.store.claim_job(owner, now).await.unwrap()
}

async fn one_looks_at_the_clock(world: &World) {
    let store = &world.store;
    let owners: Vec<_> = (0..6).map(|i| format!("process {i}")).collect();
    let leaders = join_all(owners.iter().map(|owner| store.lead(owner, NOW))).await;
    let leading: Vec<_> = leaders.into_iter().zip(&owners).filter(|(led, _)| led.as_ref().unwrap().is_some()).collect();
    assert_eq!(leading.len(), 1);
    let (first, owner) = (leading[0].0.as_ref().unwrap().unwrap(), leading[0].1);
    assert_eq!(store.lead("another", NOW.plus(SCHEDULER_LEASE)).await.unwrap(), None);
    assert_eq!(lead(world, owner, NOW.plus(SCHEDULER_LEASE)).await, first, "renewed");
    let silent = NOW.plus(2 * SCHEDULER_LEASE + 1);
    assert_eq!(lead(world, "another", silent).await.term, first.term + 1);
    assert_eq!(store.lead(owner, silent).await.unwrap(), None);
    store.stop_leading(owner).await.unwrap();
    assert_eq!(store.lead(owner, silent).await.unwrap(), None, "not its own to give away");
    store.stop_leading("another").await.unwrap();
    assert_eq!(lead(world, owner, silent).await.term, first.term + 2);
}

async fn a_due_time_is_answered_once(world: &World) {
    let (us, store, at) = (world.us(), &world.store, NOW.plus(HOUR));
    let schedule = clean_up(world, us).await;
    let leader = lead(world, "one", at).await;
    assert!(store.all_due_schedules(at.plus(-1)).await.unwrap().is_empty());
    let due = store.all_due_schedules(at).await.unwrap().remove(0);
    assert_eq!((due.tenant, due.id, due.due_at), (us, schedule.id, at));
    let stale = Leadership { term: leader.term - 1 };
    assert_eq!(store.begin_due_run(stale, &due, at.plus(DAY), at).await.unwrap(), None);
    let next = at.plus(DAY);
    let begun = join_all((0..5).map(|_| store.begin_due_run(leader, &due, next, at))).await;
    let begun: Vec<_> = begun.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(begun.len(), 1);
    assert_eq!((begun[0].state, begun[0].due_at, begun[0].asked_by.as_deref()), (JobState::Waiting, at, None));
    let after = store.schedule(us, schedule.id).await.unwrap().unwrap();
    assert_eq!((after.next_at, after.last), (next, Some(begun[0].clone())));
    // asked for meanwhile, it does not begin twice
    let asked = store.ask_for_schedule(us, schedule.id, "person:1 Ada", at, &event(us, "schedule.asked")).await;
    assert!(matches!(asked, Err(Error::Conflict(_))));
}

async fn times_that_were_missed_are_one(world: &World) {
    let (us, store) = (world.us(), &world.store);
    clean_up(world, us).await;
    let late = NOW.plus(30 * DAY);
    let leader = lead(world, "one", late).await;
    let due = store.all_due_schedules(late).await.unwrap();
    assert_eq!(due.len(), 1);
    store.begin_due_run(leader, &due[0], late.plus(HOUR), late).await.unwrap().unwrap();
    assert!(store.all_due_schedules(late).await.unwrap().is_empty());
    // due again while the first is not over: it waits for that, and is then done once
    let later = late.plus(5 * DAY);
    assert!(store.all_due_schedules(later).await.unwrap().is_empty());
    let claimed = claim(world, "worker", later).await.unwrap();
    assert!(store.end_job(us, claimed.run.id, "worker", JobState::Succeeded, "", later).await.unwrap());
    let due = store.all_due_schedules(later).await.unwrap();
    assert_eq!(due.iter().map(|due| due.due_at).collect::<Vec<_>>(), [late.plus(HOUR)]);
}

async fn what_is_paused_is_not_due(world: &World) {
    let (us, store, at) = (world.us(), &world.store, NOW.plus(HOUR));
    let id = clean_up(world, us).await.id;
    let (paused, resumed, asked) =
        (event(us, "schedule.paused"), event(us, "schedule.resumed"), event(us, "schedule.asked"));
    let leader = lead(world, "one", at).await;
    let due = store.all_due_schedules(at).await.unwrap().remove(0);
    store.pause_schedule(us, id, "person:1 Ada", NOW, &paused).await.unwrap();
    assert!(matches!(store.pause_schedule(us, id, "person:2 Bo", NOW, &paused).await, Err(Error::Conflict(_))));
    assert!(store.all_due_schedules(at).await.unwrap().is_empty());
    assert_eq!(store.begin_due_run(leader, &due, at.plus(DAY), at).await.unwrap(), None, "paused meanwhile");
    let shown = store.schedule(us, id).await.unwrap().unwrap();
    assert_eq!(shown.paused, Some((NOW, String::from("person:1 Ada"))));
    let run = store.ask_for_schedule(us, id, "person:1 Ada", at, &asked).await.unwrap();
    assert_eq!(run.asked_by.as_deref(), Some("person:1 Ada"));
    assert_eq!(claim(world, "worker", at).await.unwrap().run.id, run.id);
    store.end_job(us, run.id, "worker", JobState::Succeeded, "done", at).await.unwrap();
    store.resume_schedule(us, id, at.plus(DAY), &resumed).await.unwrap();
    assert!(matches!(store.resume_schedule(us, id, at, &resumed).await, Err(Error::Conflict(_))));
    assert!(store.all_due_schedules(at).await.unwrap().is_empty(), "what was missed is not made up for");
    assert_eq!(store.all_due_schedules(at.plus(DAY)).await.unwrap().len(), 1);
    // another tenant's is not there
    let theirs = event(world.them(), "schedule.paused");
    assert!(matches!(store.pause_schedule(world.them(), id, "x", NOW, &theirs).await, Err(Error::NotFound)));
    assert!(matches!(store.resume_schedule(world.them(), id, NOW, &theirs).await, Err(Error::NotFound)));
    assert!(matches!(store.ask_for_schedule(world.them(), id, "x", NOW, &theirs).await, Err(Error::NotFound)));
    assert_eq!(store.schedule(world.them(), id).await.unwrap(), None);
    assert!(store.schedule_runs(world.them(), id, None, 10).await.unwrap().items.is_empty());
}

async fn what_waits_to_begin_is_held_by_a_pause(world: &World) {
    let (us, store, at) = (world.us(), &world.store, NOW.plus(HOUR));
    let id = begun(world, us).await.id;
    let [paused, resumed, asked] =
        ["schedule.paused", "schedule.resumed", "schedule.asked"].map(|action| event(us, action));
    store.pause_schedule(us, id, "person:1 Ada", at, &paused).await.unwrap();
    assert_eq!(claim(world, "worker", at).await, None);
    assert!(store.schedule(us, id).await.unwrap().unwrap().may_be_asked_for());
    let run = store.ask_for_schedule(us, id, "person:1 Ada", at, &asked).await.unwrap();
    assert_eq!((run.due_at, run.asked_by.as_deref()), (at, Some("person:1 Ada")), "the one that waited");
    assert!(!store.schedule(us, id).await.unwrap().unwrap().may_be_asked_for());
    assert!(matches!(store.ask_for_schedule(us, id, "person:2 Bo", at, &asked).await, Err(Error::Conflict(_))));
    assert_eq!(claim(world, "worker", at).await.unwrap().run.id, run.id);
    store.end_job(us, run.id, "worker", JobState::Succeeded, "done", at).await.unwrap();
    store.resume_schedule(us, id, at.plus(DAY), &resumed).await.unwrap();

    let at = at.plus(DAY);
    let leader = lead(world, "one", at).await;
    let due = store.all_due_schedules(at).await.unwrap().remove(0);
    store.begin_due_run(leader, &due, at.plus(DAY), at).await.unwrap().unwrap();
    store.pause_schedule(us, id, "person:1 Ada", at, &paused).await.unwrap();
    assert_eq!(claim(world, "worker", at).await, None);
    store.resume_schedule(us, id, at.plus(DAY), &resumed).await.unwrap();
    let claimed = claim(world, "worker", at).await.unwrap();
    store.pause_schedule(us, id, "person:1 Ada", at, &paused).await.unwrap();
    assert!(!store.schedule(us, id).await.unwrap().unwrap().may_be_asked_for());
    let silent = at.plus(LEASE + 1);
    assert_eq!(claim(world, "another", silent).await.unwrap().run.id, claimed.run.id, "what is under way goes on");
}

async fn a_job_is_claimed_once_and_again_when_its_holder_falls_silent(world: &World) {
    let (us, store, at) = (world.us(), &world.store, NOW.plus(HOUR));
    begun(world, us).await;
    let owners: Vec<_> = (0..6).map(|i| format!("worker {i}")).collect();
    let claims = join_all(owners.iter().map(|owner| store.claim_job(owner, at))).await;
    let claims: Vec<_> = claims.into_iter().zip(&owners).filter_map(|(c, owner)| Some((c.unwrap()?, owner))).collect();
    assert_eq!(claims.len(), 1);
    let (first, owner) = &claims[0];
    assert_eq!((first.tenant, first.job, first.model, first.run.attempts), (us, Job::CleanUp, None, 1));
    let id = first.run.id;
    assert!(store.renew_job(us, id, owner, at.plus(LEASE)).await.unwrap());
    assert_eq!(claim(world, "next", at.plus(2 * LEASE - 1)).await, None);
    let silent = at.plus(2 * LEASE);
    let second = claim(world, "next", silent).await.unwrap();
    assert_eq!((second.run.id, second.run.attempts, second.run.began_at), (id, 2, Some(at)));
    assert!(!store.renew_job(us, id, owner, silent).await.unwrap());
    assert!(!store.end_job(us, id, owner, JobState::Succeeded, "", silent).await.unwrap());
    assert!(!store.end_job(world.them(), id, "next", JobState::Succeeded, "", silent).await.unwrap());
    store.let_go_of_jobs("next", silent).await.unwrap();
    assert_eq!(claim(world, "third", silent).await.unwrap().run.attempts, 2, "in good order: it does not count");
    assert!(store.end_job(us, id, "third", JobState::Failed, "no disk", silent).await.unwrap());
    assert_eq!(claim(world, "fourth", silent.plus(DAY)).await, None);
    let over = store.schedules(us).await.unwrap().remove(0).last.unwrap();
    assert_eq!((over.state, over.message.as_str(), over.ended_at), (JobState::Failed, "no disk", Some(silent)));
}

async fn what_fails_for_now_is_tried_again_but_not_for_ever(world: &World) {
    let (us, store) = (world.us(), &world.store);
    begun(world, us).await;
    let mut now = NOW.plus(HOUR);
    for attempt in 1..=MAX_ATTEMPTS {
        let claimed = claim(world, "worker", now).await.unwrap();
        assert_eq!(claimed.run.attempts, attempt);
        store.put_off_job(us, claimed.run.id, "worker", "busy", now.plus(HOUR)).await.unwrap();
        assert_eq!(claim(world, "worker", now.plus(HOUR - 1)).await, None);
        now = now.plus(HOUR);
    }
    assert_eq!(claim(world, "worker", now).await, None);
    assert_eq!((store.give_up_jobs(now).await.unwrap(), store.give_up_jobs(now).await.unwrap()), (1, 0));
    let over = store.schedules(us).await.unwrap().remove(0).last.unwrap();
    assert_eq!((over.state, over.message.as_str()), (JobState::Failed, "busy"));
}

async fn tenants_take_turns(world: &World) {
    let (us, them, store, at) = (world.us(), world.them(), &world.store, NOW.plus(HOUR));
    let mut all = vec![planning(Job::CleanUp, None, "15 3 * * *", at)];
    for name in ["a", "b", "c"] {
        all.push(planning(Job::Retrain, Some(world.model(name).await.id), "0 3 * * 1", at));
    }
    store.declare_schedules(us, &all).await.unwrap();
    store.declare_schedules(them, &all[..1]).await.unwrap();
    let leader = lead(world, "one", at).await;
    for due in store.all_due_schedules(at).await.unwrap() {
        store.begin_due_run(leader, &due, at.plus(DAY), at).await.unwrap().unwrap();
    }
    let mut order = Vec::new();
    for turn in 0..5 {
        order.push(claim(world, &format!("worker {turn}"), at.plus(turn + 1)).await.unwrap().tenant);
    }
    assert_eq!(order, [us, them, us, us, us]);
}

async fn declarations_follow_the_specification(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await.id;
    let (later, latest) = (NOW.plus(HOUR), NOW.plus(2 * HOUR));
    let tenants = planning(Job::Verify, None, "45 3 * * *", later);
    let monday = planning(Job::Retrain, Some(model), "0 3 * * 1", later);
    store.declare_schedules(us, &[tenants.clone(), monday.clone()]).await.unwrap();
    let shown = store.schedules(us).await.unwrap();
    assert_eq!(
        shown.iter().map(|s| (s.job, s.model)).collect::<Vec<_>>(),
        [(Job::Verify, None), (Job::Retrain, Some(model))]
    );
    assert!(store.schedules(world.them()).await.unwrap().is_empty());
    let retraining = shown[1].id;
    store.pause_schedule(us, retraining, "person:1 Ada", NOW, &event(us, "schedule.paused")).await.unwrap();
    // the same again changes nothing
    let again = [Planning { next_at: latest, ..tenants.clone() }, Planning { next_at: latest, ..monday.clone() }];
    store.declare_schedules(us, &again).await.unwrap();
    assert!(store.schedules(us).await.unwrap().iter().all(|s| s.next_at == later));
    // another time does, and what was paused stays so
    let tuesday = planning(Job::Retrain, Some(model), "0 3 * * 2", latest);
    store.declare_schedules(us, &[tenants.clone(), tuesday]).await.unwrap();
    let moved = store.schedule(us, retraining).await.unwrap().unwrap();
    assert_eq!((moved.expression.as_str(), moved.next_at, moved.paused.is_some()), ("0 3 * * 2", latest, true));
    // what is no longer declared is not there, until it is again
    store.declare_schedules(us, std::slice::from_ref(&tenants)).await.unwrap();
    assert_eq!(store.schedules(us).await.unwrap().len(), 1);
    assert_eq!(store.schedule(us, retraining).await.unwrap(), None);
    store.declare_schedules(us, &[tenants, monday]).await.unwrap();
    assert_eq!(store.schedule(us, retraining).await.unwrap().unwrap().next_at, later);
    // another tenant's model has no place here
    let strange = planning(Job::Retrain, Some(model), "0 3 * * 1", later);
    assert!(matches!(store.declare_schedules(world.them(), &[strange]).await, Err(Error::NotFound)));
}

async fn history_is_bounded(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let id = clean_up(world, us).await.id;
    for day in 0..4 {
        let at = NOW.plus(day * DAY);
        let run = store.ask_for_schedule(us, id, "person:1 Ada", at, &event(us, "schedule.asked")).await.unwrap();
        claim(world, "worker", at).await.unwrap();
        store.end_job(us, run.id, "worker", JobState::Succeeded, "", at).await.unwrap();
    }
    let all = store.schedule_runs(us, id, None, 3).await.unwrap();
    assert_eq!(all.items.len(), 3);
    assert_eq!(store.schedule_runs(us, id, all.next.as_ref(), 3).await.unwrap().items.len(), 1);
    assert_eq!(store.forget_schedule_runs(world.them(), NOW.plus(10 * DAY)).await.unwrap(), 0);
    assert_eq!(store.forget_schedule_runs(us, NOW.plus(2 * DAY)).await.unwrap(), 2);
    assert_eq!(store.forget_schedule_runs(us, NOW.plus(10 * DAY)).await.unwrap(), 1, "the newest stays");
    assert!(store.schedule(us, id).await.unwrap().unwrap().last.is_some());
}

async fn a_run_is_made_once_for_an_occasion(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    let new = store::NewRun { occasion: Some("schedule-run:1".into()), ..crate::support::new_run(&model, &dataset) };
    let asked = event(us, "run.requested");
    let made = join_all((0..4).map(|_| store.create_run(us, &new, NOW, &asked))).await;
    let made: Vec<_> = made.into_iter().map(|run| run.unwrap().id).collect();
    assert!(made.iter().all(|id| *id == made[0]), "{made:?}");
    let other = store::NewRun { occasion: Some("schedule-run:2".into()), ..new };
    assert_ne!(store.create_run(us, &other, NOW, &asked).await.unwrap().id, made[0]);
    assert_eq!(store.run_counts(us).await.unwrap().queued, 2);
}
