//! Thirteen weeks of one desk: what is asked, what becomes known, and what the desk does about it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use desk::predictions::{Reported, Row};
use desk::training::Options;
use desk::{Desk, Limits, Parts};
use domain::model::Deployment;
use domain::retraining::{Standing, Trigger};
use domain::run::Run;
use domain::specification::Draft;
use domain::time::{DAY, HOUR};
use domain::{Actor, Clock, Timestamp};
use serde_json::Value;
use store::{Artifacts, ObjectStoreOptions, Settings, Store, Writer, WriterSettings};

use crate::world::{SPECIFICATION, START, World, history, truth};

pub(crate) const WEEKS: usize = 13;
const MODEL: &str = "late-orders";
const SEED: u64 = 9;
/// When something happens, or triggers are looked at.
const HOURS: [i64; 6] = [0, 2, 3, 6, 12, 18];

/// What happened.
pub(crate) struct Story {
    /// F1 of all answers of each week, by what turned out to be true.
    pub(crate) weeks: Vec<f64>,
    /// Every training that no hand asked for.
    pub(crate) runs: Vec<Happening>,
    /// Who served, the newest first.
    pub(crate) deployments: Vec<Deployment>,
}

/// A training, and the day of it.
pub(crate) struct Happening {
    pub(crate) day: usize,
    pub(crate) run: Run,
}

/// Stands until it is moved.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// The quarter of a desk whose versions may come as far as `policy` by themselves.
pub(crate) async fn told(policy: Standing) -> Story {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Hands(AtomicI64::new(START.0)));
    let desk = open(folder.path(), Arc::clone(&clock) as Arc<dyn Clock>).await;
    let actor = Actor::operator(desk.tenants().create("acme", "Acme", "UTC").await.unwrap().id);
    let mut office = Office { desk, actor, world: World::new(SEED), unknown: Vec::new(), counted: [0; 3] };
    office.open(policy).await;
    let mut weeks = Vec::new();
    for day in 0..WEEKS * 7 {
        for hour in HOURS {
            clock.0.store(START.plus(day as i64 * DAY + hour * HOUR).0, Ordering::Relaxed);
            office.hour(day, hour).await;
        }
        if day % 7 == 6 {
            let [hits, alarms, misses] = std::mem::take(&mut office.counted).map(f64::from);
            weeks.push(2.0 * hits / (2.0 * hits + alarms + misses));
        }
    }
    office.close(weeks).await
}

async fn open(folder: &Path, clock: Arc<dyn Clock>) -> Desk {
    let store = Store::open(&Settings::new(folder.join("desk.db").display().to_string())).await.unwrap();
    let artifacts = Artifacts::open(&folder.display().to_string(), &ObjectStoreOptions::default()).unwrap();
    let writer = Writer::start(store.clone(), WriterSettings::default());
    let limits = Limits::default();
    Desk::new(Parts { store, artifacts, writer, clock, limits, training_threads: 1, trainings_yield: false }).unwrap()
}

/// Those who ask, and those who report what was true.
struct Office {
    desk: Desk,
    actor: Actor,
    world: World,
    /// Truths that are still to be reported, and the day of that.
    unknown: Vec<(usize, Reported)>,
    /// Late orders foreseen, false alarms, late orders missed.
    counted: [u32; 3],
}

impl Office {
    /// Learns from the weeks before; a person puts the first version into service.
    async fn open(&mut self, policy: Standing) {
        let csv = history(&mut self.world).into_bytes();
        let dataset = self.desk.datasets().import(&self.actor, "orders.csv", csv).await.unwrap();
        let mut draft = Draft::from_toml(SPECIFICATION).unwrap();
        draft.retraining.as_mut().unwrap().policy = policy;
        self.desk.models().create(&self.actor, MODEL, draft, Some(dataset.id)).await.unwrap();
        self.desk.training().start(&self.actor, MODEL, Options::default()).await.unwrap();
        self.work().await;
        self.desk.versions().promote(&self.actor, MODEL, 1, "the first", false).await.unwrap();
    }

    async fn hour(&mut self, day: usize, hour: i64) {
        if hour % 6 == 0 {
            self.ask(day, hour).await;
        }
        if hour == 2 {
            self.report(day).await;
        }
        if (day % 7, hour) == (0, 3) && day > 0 {
            self.desk.retraining().retrain(&self.actor, MODEL, None, Trigger::Schedule).await.unwrap();
        }
        self.desk.retraining().check_all(self.actor.tenant).await.unwrap();
        self.work().await;
    }

    async fn work(&self) {
        while self.desk.training().work_once("worker").await.unwrap() {}
    }

    async fn ask(&mut self, day: usize, hour: i64) {
        let orders = self.world.portion(day as i64, hour);
        let row =
            |fields: serde_json::Map<String, Value>| Row { text: Value::from(fields.clone()).to_string(), fields };
        let rows = orders.iter().map(|order| row(order.row.clone())).collect();
        let answers = self.desk.predictions().predict(&self.actor, MODEL, rows, false).await.unwrap();
        for (order, answer) in orders.iter().zip(answers) {
            match (answer.answer.decision == "yes", order.late) {
                (true, true) => self.counted[0] += 1,
                (true, false) => self.counted[1] += 1,
                (false, true) => self.counted[2] += 1,
                (false, false) => {}
            }
            let reported = Reported { prediction: answer.id.to_string(), truth: truth(order.late).into() };
            self.unknown.push((day + order.known_after, reported));
        }
    }

    async fn report(&mut self, day: usize) {
        let (known, unknown) = std::mem::take(&mut self.unknown).into_iter().partition(|(due, _)| *due <= day);
        self.unknown = unknown;
        let known: Vec<Reported> = Vec::into_iter(known).map(|(_, reported)| reported).collect();
        let recorded = self.desk.predictions().record_outcomes(&self.actor, &known).await.unwrap();
        assert!(recorded.iter().all(Result::is_ok));
    }

    async fn close(self, weeks: Vec<f64>) -> Story {
        let verified = self.desk.audit().verify(&self.actor).await.unwrap();
        assert_eq!(verified.broken, None);
        let detail = self.desk.models().get(&self.actor, MODEL).await.unwrap();
        let mut runs = self.desk.training().list(&self.actor, None, None, None, 200).await.unwrap();
        runs.retain(|run| run.trigger != Trigger::Hand);
        runs.reverse();
        let day = |run: &Run| (run.created_at.since(START) / DAY) as usize;
        let runs = runs.into_iter().map(|run| Happening { day: day(&run), run }).collect();
        Story { weeks, runs, deployments: detail.deployments }
    }
}
