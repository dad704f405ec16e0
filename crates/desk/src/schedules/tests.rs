use domain::model::DeploymentKind;
use domain::schedule::{Job, JobState, LEASE};
use domain::time::{DAY, HOUR, MINUTE};
use domain::{Actor, KeyId, Role, Scope, Who};

use super::*;
use crate::readings::tests::{MONDAY, Meters, rules};
use crate::training::Options;

async fn find(meters: &Meters, job: Job) -> Scheduled {
    let all = meters.desk.schedules().list(&meters.actor, None).await.unwrap();
    all.into_iter().find(|one| one.job.job == job).unwrap()
}

/// A model of rows that is trained again every day at noon, by the clocks of Berlin.
async fn with_daily_training(meters: &Meters) {
    let (desk, actor) = (&meters.desk, &meters.actor);
    let rows: String = (0..60).map(|i| format!("{},{}\n", i % 7, if i % 3 == 0 { "yes" } else { "no" })).collect();
    let dataset = desk.datasets().import(actor, "rows.csv", format!("x,y\n{rows}").into_bytes()).await.unwrap();
    let toml = r#"
        task = "binary"
        target = "y"
        classes = ["no", "yes"]
        columns = [{ name = "x", kind = "numeric" }]
        estimator = { kind = "logistic" }
        schedule = { retrain = "0 12 * * *" }
    "#;
    let draft = domain::specification::Draft::from_toml(toml).unwrap();
    desk.models().create(actor, "rows", draft, Some(dataset.id)).await.unwrap();
}

#[tokio::test]
async fn what_is_declared_is_listed_with_its_next_time() {
    let meters = Meters::new(rules()).await;
    with_daily_training(&meters).await;
    let all = meters.desk.schedules().list(&meters.actor, None).await.unwrap();
    let shown: Vec<_> =
        all.iter().map(|one| (one.model.as_deref(), one.job.job, one.job.next_at.since(MONDAY))).collect();
    // Monday 01:00 in Berlin
    let expected = [
        (None, Job::CheckTriggers, HOUR),
        (None, Job::CleanUp, 2 * HOUR + 15 * MINUTE),
        (None, Job::Observe, 5 * HOUR + 5 * MINUTE),
        (None, Job::Verify, 2 * HOUR + 45 * MINUTE),
        (Some("meters"), Job::Select, 6 * DAY + HOUR),
        (Some("rows"), Job::Retrain, 11 * HOUR),
    ];
    assert_eq!(shown, expected);
    let of_rows = meters.desk.schedules().list(&meters.actor, Some("rows")).await.unwrap();
    assert_eq!(of_rows.len(), 1);
}

#[tokio::test]
async fn a_training_is_asked_for_once_whoever_dies_in_between() {
    let meters = Meters::new(rules()).await;
    with_daily_training(&meters).await;
    let (schedules, store) = (meters.desk.schedules(), meters.desk.store());
    schedules.tick("one").await.unwrap();
    meters.clock.go_on(3 * DAY);
    assert_eq!(
        schedules.tick("one").await.unwrap(),
        5,
        "missed times are one: triggers, clean-up, observation, verification, training"
    );
    // A worker asks for the run and dies before it says so.
    let claimed = loop {
        let claimed = store.claim_job("doomed", meters.desk.now()).await.unwrap().unwrap();
        if claimed.job == Job::Retrain {
            break claimed;
        }
    };
    schedules.carry_out(&claimed).await.unwrap();
    meters.clock.go_on(LEASE + 1);
    meters.look_at_the_clock().await;
    let runs = meters.desk.training().list(&meters.actor, None, None, None, 10).await.unwrap();
    assert_eq!((runs.len(), runs[0].created_by.as_str()), (1, "worker"));
    let last = find(&meters, Job::Retrain).await.job.last.unwrap();
    assert_eq!((last.state, last.attempts, last.message.as_str()), (JobState::Succeeded, 2, "run 1 was asked for"));
    // and the next day another
    meters.clock.go_on(DAY);
    meters.look_at_the_clock().await;
    assert_eq!(meters.desk.training().list(&meters.actor, None, None, None, 10).await.unwrap().len(), 2);
}

/// One organisation, and one model of another, were made where their time zones were known.
#[tokio::test]
async fn what_is_not_understood_holds_up_nothing_else() {
    let meters = Meters::new(rules()).await;
    with_daily_training(&meters).await;
    let (desk, actor, now) = (&meters.desk, &meters.actor, meters.desk.now());
    let new = store::NewTenant { slug: "mars".into(), name: "Mars".into(), time_zone: "Mars/Olympus".into() };
    let event = |id| Event::new(&Actor::operator(id), now, "tenant.created", format!("tenant:{id}"));
    let mars = desk.store().create_tenant(&new, now, event).await.unwrap();
    desk.schedules().tick("one").await.unwrap();
    meters.clock.go_on(DAY);
    let five = "triggers, clean-up, observation, verification, training";
    assert_eq!(desk.schedules().tick("one").await.unwrap(), 5, "{five}");
    assert!(desk.schedules().list(&Actor::operator(mars.id), None).await.unwrap().is_empty());

    let model = desk.model(actor.tenant, "rows").await.unwrap();
    let mut recipe = serde_json::to_value(&model.specification).unwrap();
    recipe["schedule"]["time_zone"] = "Europe/Atlantis".into();
    let recipe = serde_json::from_value(recipe).unwrap();
    let specified = Event::new(actor, now, "model.specified", "model:rows");
    desk.store().add_specification(actor.tenant, model.id, &recipe, None, &specified).await.unwrap();
    let listed = desk.schedules().list(actor, None).await.unwrap();
    assert_eq!((listed.len(), listed.iter().any(|one| one.job.job == Job::Retrain)), (5, false));
}

#[tokio::test]
async fn a_job_that_cannot_now_waits_and_a_run_that_cannot_says_why() {
    let meters = Meters::new(rules()).await;
    with_daily_training(&meters).await;
    let (desk, actor) = (&meters.desk, &meters.actor);
    // nothing to learn from
    let draft = domain::specification::Draft {
        schedule: domain::schedule::Timetable { retrain: Some(String::from("0 12 * * *")), ..Default::default() },
        ..domain::attendance::specification()
    };
    desk.models().create(actor, "fraud", draft, None).await.unwrap();
    for _ in 0..desk.limits().open_runs {
        desk.training().start(actor, "rows", Options::default()).await.unwrap();
    }
    desk.schedules().tick("one").await.unwrap();
    meters.clock.go_on(12 * HOUR);
    meters.look_at_the_clock().await;
    let last = async |model: &str| desk.schedules().list(actor, Some(model)).await.unwrap().remove(0).job.last.unwrap();
    let waits = last("rows").await;
    assert_eq!((waits.state, waits.message.as_str()), (JobState::Waiting, "20 runs are waiting already"));
    desk.training().cancel(actor, domain::RunId(1)).await.unwrap();
    desk.training().cancel(actor, domain::RunId(2)).await.unwrap();
    meters.clock.go_on(2 * MINUTE);
    meters.look_at_the_clock().await;
    assert_eq!(last("rows").await.state, JobState::Succeeded);
    // The run says that there is nothing to learn from, when it is taken up.
    assert_eq!(last("fraud").await.state, JobState::Succeeded);
    while desk.training().work_once("trainer").await.unwrap() {}
    let failed = desk.training().list(actor, None, Some(domain::run::RunState::Failed), None, 9).await.unwrap();
    assert!(failed[0].message.starts_with("`fraud` has nothing to learn from"), "{}", failed[0].message);
}

#[tokio::test]
async fn paused_asked_for_and_resumed_are_written_down() {
    let meters = Meters::new(rules()).await;
    let (admin, schedules) = (meters.admin().await, meters.desk.schedules());
    let id = find(&meters, Job::Verify).await.job.id;
    let paused = schedules.pause(&admin, id).await.unwrap();
    assert_eq!(paused.job.paused.map(|(_, by)| by), Some(admin.label()));
    meters.clock.go_on(DAY);
    meters.look_at_the_clock().await;
    assert_eq!(find(&meters, Job::Verify).await.job.last, None);
    let asked = schedules.run_now(&admin, id).await.unwrap();
    assert!(matches!(schedules.run_now(&admin, id).await, Err(Error::Conflict(_))), "it waits already");
    meters.look_at_the_clock().await;
    let runs = schedules.runs(&admin, id, None, 10).await.unwrap();
    assert_eq!((runs.len(), runs[0].id, runs[0].state), (1, asked.id, JobState::Succeeded));
    assert!(runs[0].message.starts_with("nothing was changed: "), "{}", runs[0].message);
    let resumed = schedules.resume(&admin, id).await.unwrap();
    assert!(resumed.job.paused.is_none() && resumed.job.next_at > meters.desk.now());
    let said = meters.desk.audit().list(&admin, Some("schedule"), None, 10).await.unwrap();
    let said: Vec<_> = said.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(said, ["schedule.resumed", "schedule.asked", "schedule.paused"]);
}

#[tokio::test]
async fn a_mistake_in_the_program_fails_a_job_and_its_worker_goes_on() {
    let meters = Meters::new(rules()).await;
    let (schedules, id) = (meters.desk.schedules(), find(&meters, Job::CleanUp).await.job.id);
    schedules.run_now(&meters.actor, id).await.unwrap();
    // One look at the clock takes the job up; the second is the job's own, or that of its lease.
    meters.clock.break_at(2);
    assert!(schedules.work_once("one").await.unwrap());
    let broken = find(&meters, Job::CleanUp).await.job.last.unwrap();
    assert_eq!(broken.state, JobState::Failed);
    assert!(broken.message.contains("a mistake in the program"), "{}", broken.message);
    schedules.run_now(&meters.actor, id).await.unwrap();
    assert!(schedules.work_once("one").await.unwrap());
    assert_eq!(find(&meters, Job::CleanUp).await.job.last.unwrap().state, JobState::Succeeded);
}

#[tokio::test]
async fn verification_names_what_is_not_as_it_was_written() {
    let meters = Meters::new(rules()).await;
    with_daily_training(&meters).await;
    let (desk, actor) = (&meters.desk, &meters.actor);
    let run = desk.training().start(actor, "rows", Options::default()).await.unwrap();
    assert!(desk.training().work_once("trainer").await.unwrap());
    let made = desk.versions().promote(actor, "rows", 1, "for the test", true).await.unwrap();
    assert_eq!(made.kind, DeploymentKind::Promotion);
    let id = find(&meters, Job::Verify).await.job.id;
    let verify = async || {
        desk.schedules().run_now(actor, id).await.unwrap();
        meters.look_at_the_clock().await;
        find(&meters, Job::Verify).await.job.last.unwrap()
    };
    assert!(verify().await.message.ends_with("champions (1)"));
    let model = desk.model(actor.tenant, "rows").await.unwrap();
    let key = store::Artifacts::version_key(actor.tenant, model.id, run.id, crate::training::EVALUATION);
    desk.inner.artifacts.put(&key, b"{}".to_vec()).await.unwrap();
    let found = verify().await;
    assert_eq!(found.state, JobState::Failed);
    assert!(
        found.message.starts_with("champion of `rows`: ") && found.message.contains("evaluation.json"),
        "{}",
        found.message
    );
}

#[tokio::test]
async fn each_verb_needs_its_right() {
    let meters = Meters::new(rules()).await;
    let schedules = meters.desk.schedules();
    let (labeler, supervisor) =
        (meters.person("Lea", Role::Labeler).await, meters.person("Sami", Role::Supervisor).await);
    let id = find(&meters, Job::CleanUp).await.job.id;
    assert!(matches!(schedules.list(&labeler, None).await, Err(Error::Refused(_))));
    assert_eq!(schedules.list(&supervisor, None).await.unwrap().len(), 5);
    for job in [Job::CleanUp, Job::Select] {
        let id = find(&meters, job).await.job.id;
        assert!(matches!(schedules.pause(&supervisor, id).await, Err(Error::Refused(_))));
        assert!(matches!(schedules.resume(&supervisor, id).await, Err(Error::Refused(_))));
        assert!(matches!(schedules.run_now(&supervisor, id).await, Err(Error::Refused(_))));
    }
    // A key that may train changes a model's training, and nothing of the whole organisation's.
    with_daily_training(&meters).await;
    let who = Who::Key { id: KeyId(1), name: String::from("trainer"), scopes: vec![Scope::Write], maker: None };
    let trainer = Actor { who, ..meters.actor.clone() };
    for one in schedules.list(&trainer, None).await.unwrap() {
        let (id, may) = (one.job.id, one.job.job == Job::Retrain);
        assert_eq!(one.may_be_changed_by(&trainer), may, "{:?}", one.job.job);
        let (paused, resumed) = (schedules.pause(&trainer, id).await, schedules.resume(&trainer, id).await);
        let asked = schedules.run_now(&trainer, id).await.map(drop);
        for done in [paused.map(drop), resumed.map(drop), asked] {
            assert!(
                if may { done.is_ok() } else { matches!(done, Err(Error::Refused(_))) },
                "{:?}: {done:?}",
                one.job.job
            );
        }
    }
    let others = Actor::operator(meters.desk.tenants().create("other", "Other", "UTC").await.unwrap().id);
    assert!(matches!(schedules.get(&others, id).await, Err(Error::NotFound(_))));
    assert!(matches!(schedules.pause(&others, id).await, Err(Error::NotFound(_))));
    assert!(matches!(schedules.runs(&others, id, None, 5).await, Err(Error::NotFound(_))));
    assert!(matches!(schedules.list(&others, Some("meters")).await, Err(Error::NotFound(_))));
}
