//! A store with two tenants in it, on a database of its own.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use domain::audit::{Event, Verifier};
use domain::dataset::{Dataset, DatasetSource};
use domain::manifest::Manifest;
use domain::model::{Model, VersionSummary};
use domain::person::Tenant;
use domain::prediction::{OutcomeSource, Prediction, Route};
use domain::retraining::{Standing, Trigger};
use domain::run::Run;
use domain::specification::Draft;
use domain::time::HOUR;
use domain::{Actor, ModelId, OutcomeId, PredictionId, Specification, TenantId, Timestamp};
use futures::TryStreamExt;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::{NewDataset, NewModel, NewOutcome, NewRun, NewTenant, NewVersion, Periods, Settings, Store};

pub(crate) const NOW: Timestamp = Timestamp(1_760_000_000_000_000);

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) ours: Tenant,
    pub(crate) theirs: Tenant,
    pub(crate) url: String,
    folder: Option<tempfile::TempDir>,
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("desk.db").display().to_string();
        Self { folder: Some(folder), ..Self::at(url).await }
    }

    /// None where no PostgreSQL is given.
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(admin) = std::env::var("VERDICT_TEST_POSTGRES") else {
            eprintln!("skipped: VERDICT_TEST_POSTGRES names no server (see .ci/with-postgres)");
            return None;
        };
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("verdict_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        run_as_admin(&admin, format!("CREATE DATABASE {name}")).await;
        let (server, options) = admin.split_once('?').unwrap_or((&admin, ""));
        let (server, _) = server.rsplit_once('/').unwrap();
        Some(Self::at(format!("{server}/{name}?{options}")).await)
    }

    async fn at(url: String) -> Self {
        let store = Store::open(&Settings::new(&url)).await.unwrap();
        let ours = tenant(&store, "ours").await;
        let theirs = tenant(&store, "theirs").await;
        Self { store, ours, theirs, url, folder: None }
    }

    pub(crate) async fn finish(self) {
        for tenant in [&self.ours, &self.theirs] {
            self.verify_audit(tenant.id).await;
        }
        self.store.close().await;
        if self.folder.is_none() {
            let name = self.url.split(['?']).next().unwrap().rsplit('/').next().unwrap();
            let admin = std::env::var("VERDICT_TEST_POSTGRES").unwrap();
            run_as_admin(&admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    /// Runs a statement behind the store's back.
    pub(crate) async fn raw(&self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.folder.is_some() {
            let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite://{}", self.url)).await?;
            sqlx::raw_sql(sql).execute(&mut connection).await?;
        } else {
            let mut connection = PgConnection::connect(&self.url).await?;
            sqlx::raw_sql(sql).execute(&mut connection).await?;
        }
        Ok(())
    }

    pub(crate) fn us(&self) -> TenantId {
        self.ours.id
    }

    pub(crate) fn them(&self) -> TenantId {
        self.theirs.id
    }

    pub(crate) async fn model(&self, name: &str) -> Model {
        self.model_of(self.us(), name).await
    }

    pub(crate) async fn model_of(&self, tenant: TenantId, name: &str) -> Model {
        let events = [event(tenant, "model.created")];
        self.store.create_model(tenant, &new_model(name), NOW, &events).await.unwrap()
    }

    pub(crate) async fn dataset(&self, model: &Model) -> Dataset {
        let new = new_dataset(Some(model.id));
        self.store.create_dataset(model.tenant, &new, NOW, &event(model.tenant, "dataset.created")).await.unwrap()
    }

    pub(crate) async fn run(&self, model: &Model, dataset: &Dataset) -> Run {
        let new = new_run(model, dataset);
        self.store.create_run(model.tenant, &new, NOW, &event(model.tenant, "run.created")).await.unwrap()
    }

    /// Trains a version at once.
    pub(crate) async fn version(&self, model: &Model, dataset: &Dataset) -> i64 {
        let run = self.run(model, dataset).await;
        let claim = self.store.claim_run("trainer", NOW).await.unwrap();
        assert_eq!(claim.unwrap().id, run.id);
        let event = |_: &_| event(model.tenant, "version.made");
        let finished = self.store.finish_run(model.tenant, run.id, "trainer", &new_version(), NOW, event).await;
        finished.unwrap().number
    }

    pub(crate) async fn verify_audit(&self, tenant: TenantId) -> i64 {
        let mut verifier = Verifier::new(tenant, self.store.audit_head(tenant).await.unwrap());
        let mut entries = std::pin::pin!(self.store.audit_in_order(tenant));
        while let Some(entry) = entries.try_next().await.unwrap() {
            verifier.check(&entry).unwrap();
        }
        verifier.finish().unwrap();
        verifier.head().0
    }
}

async fn tenant(store: &Store, slug: &str) -> Tenant {
    let new = NewTenant { slug: slug.into(), name: slug.to_uppercase(), time_zone: "Europe/Berlin".into() };
    store.create_tenant(&new, NOW, |id| event(id, "tenant.created")).await.unwrap()
}

async fn run_as_admin(url: &str, sql: String) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}

pub(crate) fn event(tenant: TenantId, action: &'static str) -> Event {
    Event::new(&Actor::operator(tenant), NOW, action, "test:1").with(json!({"why": "a test"}))
}

/// By version, decision and truth: how many, and the sums of the absolute and of the squared errors.
pub(crate) type Counted = BTreeMap<(Option<i64>, String, String), (i64, f64, f64)>;

/// What is counted of the truths about a model's predictions from `from` on, whatever their scores were.
pub(crate) async fn counted(world: &World, model: ModelId, from: Timestamp) -> Counted {
    let periods = Periods::one(from, NOW.plus(HOUR));
    let mut counted = Counted::new();
    for cell in world.store.truth_cells(world.us(), model, None, periods).await.unwrap() {
        let sums = counted.entry((cell.version, cell.decision, cell.truth)).or_default();
        *sums = (sums.0 + cell.outcomes, sums.1 + cell.absolute_error, sums.2 + cell.squared_error);
    }
    counted
}

pub(crate) fn specification() -> Specification {
    let draft = json!({
        "task": "binary", "target": "fraud", "classes": ["no", "yes"],
        "columns": [{"name": "amount", "kind": "numeric"}]
    });
    Draft::from_json(&draft.to_string()).unwrap().validate().unwrap()
}

pub(crate) fn new_model(name: &str) -> NewModel {
    NewModel { name: name.into(), specification: specification(), dataset: None, created_by: "operator".into() }
}

pub(crate) fn new_dataset(model: Option<ModelId>) -> NewDataset {
    static NEXT: AtomicI64 = AtomicI64::new(0);
    NewDataset {
        model,
        name: "claims.csv".into(),
        source: DatasetSource::Import,
        sha256: format!("{:064x}", NEXT.fetch_add(1, Ordering::Relaxed)),
        bytes: 10,
        rows: 2,
        outcome_rows: 0,
        verdict_rows: 0,
        columns: json!([{"name": "amount"}]),
        created_by: "operator".into(),
    }
}

pub(crate) fn new_run(model: &Model, dataset: &Dataset) -> NewRun {
    NewRun {
        model: model.id,
        specification_number: 1,
        dataset: Some(dataset.id),
        days: None,
        estimator: None,
        seed: 7,
        created_by: "operator".into(),
        trigger: Trigger::Hand,
        saw: String::new(),
        policy: Standing::Candidate,
        occasion: None,
    }
}

pub(crate) fn new_version() -> NewVersion {
    let manifest = Manifest {
        format: 1,
        artifacts: Manifest::artifacts_of([("model.safetensors", b"abc".as_slice())]),
        dataset_sha256: "d".into(),
        specification_sha256: "s".into(),
        seed: 7,
        code_version: "0.1.0".into(),
    };
    NewVersion { manifest, summary: VersionSummary { estimator: "forest".into(), ..VersionSummary::default() } }
}

/// Ids that differ and sort as they are made.
pub(crate) fn random() -> [u8; 10] {
    static NEXT: AtomicI64 = AtomicI64::new(1);
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

pub(crate) fn prediction(model: &Model, at: Timestamp, score: f64) -> Prediction {
    Prediction {
        id: PredictionId::new(at, random()),
        tenant: model.tenant,
        model: model.id,
        version: None,
        route: Route::Heuristic,
        at,
        features: json!({"amount": score * 100.0, "note": "it's \"quoted\" — ü"}).to_string(),
        score,
        decision: if score >= 0.5 { "yes".into() } else { "no".into() },
        confidence: Some(score.max(1.0 - score)),
        probabilities: String::new(),
        latency_micros: 120,
        actor: "key:1 till".into(),
    }
}

pub(crate) fn truth(prediction: &Prediction, truth: &str, at: Timestamp) -> NewOutcome {
    NewOutcome {
        id: OutcomeId::new(at, random()),
        prediction: prediction.id,
        truth: truth.into(),
        at,
        actor: "key:1 till".into(),
        source: OutcomeSource::Feedback,
    }
}

/// One test on each database.
#[macro_export]
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let world = $crate::support::World::sqlite().await;
                super::$test(&world).await;
                world.finish().await;
            }
        )+}
        mod postgres {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let Some(world) = $crate::support::World::postgres().await else { return };
                super::$test(&world).await;
                world.finish().await;
            }
        )+}
    };
}
