//! `kill -9` of either of two processes on one PostgreSQL while they do what is due: nothing is done twice, nothing is
//! lost, and one version serves. Needs `VERDICT_TEST_POSTGRES`; without it the test says that it is skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::audit::Event;
use domain::retraining::Trigger;
use domain::run::{self, RunState};
use domain::schedule::{Job, JobState, ScheduledJob, Timetable};
use domain::specification::{Draft, Estimator, EstimatorKind};
use domain::time::{MINUTE, SECOND};
use domain::{ScheduleId, Scope, Timestamp};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use store::Store;

use super::support::{Client, Database, Organisation, Process, TestApp, eventually};

const TENANTS: usize = 3;
const MODELS: usize = 5;

/// How often a process is killed; the full figure takes minutes.
fn kills() -> usize {
    std::env::var("VERDICT_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4)
}

/// What was made due, and what must have come of it.
struct World {
    store: Store,
    tenants: Vec<(Organisation, String)>,
    due: BTreeMap<ScheduleId, BTreeSet<Timestamp>>,
}

impl World {
    async fn make(app: &TestApp) -> Self {
        let mut tenants = Vec::new();
        for number in 0..TENANTS {
            let one = Organisation::make(&app.desk, &format!("tenant-{number}")).await;
            for model in 0..MODELS {
                make_model(app, &one, &format!("model-{model}")).await;
            }
            app.desk.schedules().list(&one.actor, None).await.unwrap();
            let secret = one.key(&app.desk, Scope::Admin).await;
            tenants.push((one, secret));
        }
        let store = Store::open(&store::Settings::new(&app.settings.database_url)).await.unwrap();
        Self { store, tenants, due: BTreeMap::new() }
    }

    async fn all(&self) -> Vec<(&Organisation, ScheduledJob)> {
        let mut all = Vec::new();
        for (tenant, _) in &self.tenants {
            let schedules = self.store.schedules(tenant.actor.tenant).await.unwrap();
            all.extend(schedules.into_iter().map(|schedule| (tenant, schedule)));
        }
        all
    }

    /// Sets back the next time of all that do nothing now, as if it had been missed.
    async fn make_due(&mut self, now: Timestamp) {
        let mut made = Vec::new();
        for (tenant, schedule) in self.all().await {
            let is_open = schedule.last.as_ref().is_some_and(|run| !run.state.is_over());
            if is_open || schedule.next_at <= now {
                continue;
            }
            let (id, at) = (schedule.id, now.plus(-MINUTE));
            let event = Event::new(&tenant.actor, now, "schedule.resumed", format!("schedule:{id}"));
            let tenant = tenant.actor.tenant;
            self.store.pause_schedule(tenant, id, "test", now, &event).await.unwrap();
            self.store.resume_schedule(tenant, id, at, &event).await.unwrap();
            made.push((id, at));
        }
        for (id, at) in made {
            assert!(self.due.entry(id).or_default().insert(at));
        }
    }

    /// Executions that are over.
    async fn done(&self) -> usize {
        let mut done = 0;
        for (tenant, schedule) in self.all().await {
            let runs = self.store.schedule_runs(tenant.actor.tenant, schedule.id, None, 200).await.unwrap();
            done += runs.items.iter().filter(|run| run.state.is_over()).count();
        }
        done
    }
}

async fn make_model(app: &TestApp, one: &Organisation, name: &str) {
    let rows: String = (0..80).map(|i| format!("{},{}\n", i % 9, if i % 3 == 0 { "yes" } else { "no" })).collect();
    let csv = format!("x,y\n{rows}").into_bytes();
    let dataset = app.desk.datasets().import(&one.actor, "rows.csv", csv).await.unwrap().id;
    let wish = desk::models::Wish { target: "y".into(), positive: None, split: None, drop: Vec::new() };
    let proposed = app.desk.models().propose(&one.actor, dataset, wish).await.unwrap().draft;
    let draft = Draft {
        estimator: Estimator { kind: EstimatorKind::Logistic, ..proposed.estimator },
        // far enough away that the clock itself asks for nothing while the test runs
        schedule: Timetable { retrain: Some("0 0 29 2 *".into()), ..Timetable::default() },
        ..proposed
    };
    app.desk.models().create(&one.actor, name, draft, Some(dataset)).await.unwrap();
}

/// Promotes the newest version by either process; somebody else may have been faster.
async fn promote(process: &Process, secret: &str, model: &str) {
    let client = Client::new(process.address).key(secret);
    let path = format!("/api/v1/models/{model}");
    let Ok(answer) = client.request("GET", &format!("{path}/versions")).send().await else { return };
    let Ok(versions) = answer.json::<serde_json::Value>().await else { return };
    let Some(newest) = versions["items"][0]["number"].as_i64() else { return };
    let promotion = json!({ "version": newest, "reason": "newest", "despite_gates": true });
    let _ = client.request("POST", &format!("{path}/promotions")).json(&promotion).send().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scheduled_work_is_done_once_whoever_is_killed() {
    let Some(database) = Database::fresh().await else {
        eprintln!("skipped: VERDICT_TEST_POSTGRES names no PostgreSQL");
        return;
    };
    let url = database.url.clone();
    let app = TestApp::spawn_with(|settings| settings.database_url = url).await;
    let mut world = World::make(&app).await;
    let serve = || Process::serve_on(&app.settings.data_dir, &database.url);
    let mut processes = [serve(), serve()];
    let mut rng = StdRng::seed_from_u64(50);
    for round in 0..kills() {
        world.make_due(app.desk.now()).await;
        let enough = world.done().await + rng.random_range(1..=4);
        eventually("jobs are done", async || world.done().await >= enough).await;
        let (_, secret) = &world.tenants[round % TENANTS];
        let model = format!("model-{}", round % MODELS);
        tokio::join!(promote(&processes[0], secret, &model), promote(&processes[1], secret, &model));
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..300))).await;
        let victim = rng.random_range(0..2);
        processes[victim].kill();
        processes[victim] = serve();
    }
    processes.iter_mut().for_each(Process::kill);
    finish(&app, &world).await;
    check(&app, &world).await;
}

/// Does what is left, when the leases of the killed have run out.
async fn finish(app: &TestApp, world: &World) {
    let (schedules, training) = (app.desk.schedules(), app.desk.training());
    // more than once: what is taken up now may have been put off, or may ask for a training
    for _ in 0..12 {
        app.clock.pass(run::LEASE + 5 * MINUTE + SECOND);
        schedules.tick("last").await.unwrap();
        while schedules.work_once("last").await.unwrap() {}
        while training.work_once("last").await.unwrap() {}
    }
    for (_, schedule) in world.all().await {
        assert!(schedule.last.is_none_or(|run| run.state.is_over()));
    }
}

async fn check(app: &TestApp, world: &World) {
    let (mut executions, mut trainings, mut given_up) = (0, 0, 0);
    for (tenant, schedule) in world.all().await {
        let runs = world.store.schedule_runs(tenant.actor.tenant, schedule.id, None, 200).await.unwrap().items;
        let answered: Vec<Timestamp> = runs.iter().map(|run| run.due_at).collect();
        let due = world.due.get(&schedule.id).cloned().unwrap_or_default();
        for at in &due {
            let times = answered.iter().filter(|answered| *answered == at).count();
            assert_eq!(times, 1, "{:?} of schedule {} due at {at:?}: {runs:?}", schedule.job, schedule.id);
        }
        assert!(runs.iter().all(|run| run.state == JobState::Succeeded), "{runs:?}");
        executions += runs.len();
        if schedule.job != Job::Retrain {
            continue;
        }
        let model = schedule.model.unwrap();
        let asked = app.desk.training().list(&tenant.actor, Some(model), None, None, 200).await.unwrap();
        let by_the_clock = asked.iter().filter(|run| run.trigger == Trigger::Schedule).count();
        assert_eq!(by_the_clock, runs.len(), "each execution asks for one training");
        trainings += asked.len();
        given_up += asked.iter().filter(|run| run.state != RunState::Succeeded).count();
        for run in &asked {
            let is_given_up = run.state == RunState::Failed && run.message.starts_with("given up");
            assert!(run.state == RunState::Succeeded || is_given_up, "{run:?}");
        }
        let versions: BTreeSet<i64> = asked.iter().filter_map(|run| run.version).collect();
        let made = world.store.versions(tenant.actor.tenant, model).await.unwrap();
        assert_eq!(made.len(), versions.len(), "one version of each training");
        let mut serves = None;
        for deployment in world.store.deployments(tenant.actor.tenant, model).await.unwrap().iter().rev() {
            assert_eq!(deployment.previous, serves, "each champion follows the one that served: {deployment:?}");
            serves = deployment.version;
        }
    }
    eprintln!(
        "{} kills: {executions} executions, {trainings} trainings, of which {given_up} were killed too often",
        kills()
    );
    assert!(executions >= kills());
}
