//! How many single rows a second the writer makes durable on SQLite with `synchronous = FULL`, from 32 callers at once.
//! The disk's flush is the floor: `VERDICT_BENCH_FOLDER` names a folder on another disk.

// A benchmark that cannot be set up has nothing better to do than to stop.
#![allow(clippy::expect_used)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use domain::audit::Event;
use domain::model::Model;
use domain::prediction::{Prediction, Route};
use domain::specification::Draft;
use domain::{Actor, PredictionId, Timestamp};
use futures::future::join_all;
use serde_json::json;
use store::{NewModel, NewTenant, Settings, Store, Writer, WriterSettings};
use tokio::runtime::{Builder, Runtime};

const NOW: Timestamp = Timestamp(1_760_000_000_000_000);

fn main_bench(c: &mut Criterion) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let folder = match std::env::var("VERDICT_BENCH_FOLDER") {
        Ok(place) => tempfile::tempdir_in(place),
        Err(_) => tempfile::tempdir(),
    };
    let folder = folder.expect("a folder");
    let path = folder.path().join("desk.db").display().to_string();
    let (store, model) = runtime.block_on(open(&path));
    let mut group = c.benchmark_group("writer");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    for callers in [32_u64, 256] {
        let writer = runtime.block_on(async { Writer::start(store.clone(), WriterSettings::default()) });
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::new("single rows", callers), |b| {
            b.iter_custom(|rows| submit(&runtime, &writer, &model, callers, rows.max(callers)));
        });
        let (transactions, rows) = writer.written();
        eprintln!("{callers} callers: {:.1} rows a transaction", rows as f64 / transactions as f64);
    }
    let writer = runtime.block_on(async { Writer::start(store.clone(), WriterSettings::default()) });
    group.throughput(Throughput::Elements(1_000));
    group.bench_function("batches of 1,000", |b| {
        b.iter(|| runtime.block_on(writer.submit((0..1_000).map(|_| row(&model)).collect())).expect("written"));
    });
    group.finish();
}

/// Submits `rows` single rows from `callers` tasks, each of which waits for its answer before it goes on.
fn submit(runtime: &Runtime, writer: &Writer, model: &Model, callers: u64, rows: u64) -> Duration {
    let each = rows.div_ceil(callers);
    let began = Instant::now();
    runtime.block_on(async {
        let calls = (0..callers).map(|_| {
            let (writer, model) = (writer.clone(), model.clone());
            tokio::spawn(async move {
                for _ in 0..each {
                    writer.submit(vec![row(&model)]).await.expect("written");
                }
            })
        });
        join_all(calls).await;
    });
    // As long as the asked number of rows would have taken.
    began.elapsed().mul_f64(rows as f64 / (each * callers) as f64)
}

async fn open(path: &str) -> (Store, Model) {
    let store = Store::open(&Settings::new(path)).await.expect("a store");
    let new = NewTenant { slug: "bench".into(), name: "Bench".into(), time_zone: "UTC".into() };
    let event = |tenant| Event::new(&Actor::operator(tenant), NOW, "bench.made", "bench");
    let tenant = store.create_tenant(&new, NOW, event).await.expect("a tenant").id;
    let draft = json!({"task": "binary", "target": "fraud", "classes": ["no", "yes"],
        "columns": [{"name": "amount", "kind": "numeric"}]});
    let specification = Draft::from_json(&draft.to_string()).expect("a draft").validate().expect("a specification");
    let new = NewModel { name: "fraud".into(), specification, dataset: None, created_by: "bench".into() };
    let model = store.create_model(tenant, &new, NOW, &[event(tenant)]).await.expect("a model");
    (store, model)
}

/// A row of the size that a dozen features make.
fn row(model: &Model) -> Prediction {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let at = NOW.plus(i64::try_from(next).unwrap_or(0) * 30);
    let mut random = [0; 10];
    random[2..].copy_from_slice(&next.to_be_bytes());
    Prediction {
        id: PredictionId::new(at, random),
        tenant: model.tenant,
        model: model.id,
        version: Some(1),
        route: Route::Champion,
        at,
        features: String::from(
            r#"{"hour_of_day":8,"day_of_week":1,"is_weekend":false,"is_holiday":false,"gps_drift_meters":12.4,"location_consistency_score":0.97,"check_in_frequency_zscore":0.31,"late_arrival_rate":0.02,"weekend_work_frequency":0.0,"face_recognition_confidence":0.993,"biometric_mismatch_count_30d":0,"time_since_last_event":41872}"#,
        ),
        score: 0.25,
        decision: String::from("no"),
        confidence: Some(0.75),
        probabilities: String::new(),
        latency_micros: 80 + (next % 64) as i64,
        actor: String::from("key:1 till"),
    }
}

criterion_group!(benches, main_bench);
criterion_main!(benches);
