use domain::{audit::Event, prediction::*, specification::Draft, *};
use std::time::Instant;
use store::*;
#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&Settings::new(
        std::env::var("PROBE_URL").unwrap_or(dir.path().join("d.db").display().to_string()),
    ))
    .await
    .unwrap();
    let now = Timestamp(1_760_000_000_000_000);
    let ev = |t| Event::new(&Actor::operator(t), now, "x.y", "z");
    let t = store
        .create_tenant(&NewTenant { slug: "a".into(), name: "a".into(), time_zone: "UTC".into() }, now, ev)
        .await
        .unwrap()
        .id;
    let spec = Draft::from_json(
        r#"{"task":"binary","target":"fraud","classes":["no","yes"],"columns":[{"name":"amount","kind":"numeric"}]}"#,
    )
    .unwrap()
    .validate()
    .unwrap();
    let m = store
        .create_model(t, &NewModel { name: "fraud".into(), specification: spec, created_by: "a".into() }, now, &ev(t))
        .await
        .unwrap();
    let n: i64 = std::env::var("ROWS").ok().and_then(|r| r.parse().ok()).unwrap_or(1_000_000);
    let began = Instant::now();
    let mut all = Vec::new();
    for b in 0..n / 2000 {
        let batch: Vec<_> = (0..2000)
            .map(|i| {
                let k = b * 2000 + i;
                let at = now.plus(k * 50_000);
                let mut r = [0u8; 10];
                r[2..].copy_from_slice(&k.to_be_bytes());
                let s = ((k * 7919) % 10007) as f64 / 10007.0;
                Prediction {
                    id: PredictionId::new(at, r),
                    tenant: t,
                    model: m.id,
                    version: Some(1 + k * 3 / n),
                    route: Route::Champion,
                    at,
                    features: format!("{{\"amount\":{s},\"pad\":\"{}\"}}", "x".repeat(250)),
                    score: s,
                    decision: if s > 0.99 { "yes" } else { "no" }.into(),
                    confidence: Some(s),
                    probabilities: String::new(),
                    latency_micros: 100 + k % 50,
                    actor: "key:1 till".into(),
                }
            })
            .collect();
        store.insert_predictions(&batch).await.unwrap();
        if b % 10 == 0 {
            all.extend(batch.iter().map(|p| NewOutcome {
                id: OutcomeId(p.id.0),
                prediction: p.id,
                truth: if p.score > 0.985 { "yes" } else { "no" }.into(),
                at: p.at,
                actor: "a".into(),
            }));
        }
        if all.len() >= 10_000 {
            store.insert_outcomes(t, &all, None).await.unwrap();
            all.clear();
        }
    }
    println!("loaded {n} in {:?}", began.elapsed());
    let d = PredictionFilter { model: Some(m.id), ..Default::default() };
    let fs = [
        ("plain", d.clone()),
        ("all models", PredictionFilter::default()),
        ("version 1 (oldest third)", PredictionFilter { version: Some(1), ..d.clone() }),
        ("decision yes 1%", PredictionFilter { decision: Some("yes".into()), ..d.clone() }),
        ("score>0.9999", PredictionFilter { min_score: Some(0.9999), ..d.clone() }),
        ("never", PredictionFilter { decision: Some("zz".into()), ..d.clone() }),
        ("never, all models", PredictionFilter { decision: Some("zz".into()), ..Default::default() }),
        ("no outcome", PredictionFilter { has_outcome: Some(false), ..d.clone() }),
        ("no outcome yes", PredictionFilter { has_outcome: Some(false), decision: Some("yes".into()), ..d.clone() }),
        ("has outcome", PredictionFilter { has_outcome: Some(true), ..d.clone() }),
        ("wrong", PredictionFilter { agreement: Some(Agreement::Wrong), ..d.clone() }),
        ("cell no/yes", PredictionFilter { decision: Some("no".into()), truth: Some("yes".into()), ..d.clone() }),
        ("cell never", PredictionFilter { decision: Some("yes".into()), truth: Some("no".into()), ..d.clone() }),
        ("outcome+score never", PredictionFilter { has_outcome: Some(true), min_score: Some(2.0), ..d.clone() }),
        ("has outcome, yes",PredictionFilter{has_outcome:Some(true),decision:Some("yes".into()),..d.clone()}),("truth never",PredictionFilter{truth:Some("zz".into()),..d.clone()}),("wrong, all models", PredictionFilter { agreement: Some(Agreement::Wrong), ..Default::default() }),
        (
            "time range middle",
            PredictionFilter {
                from: Some(now.plus(n * 20_000)),
                until: Some(now.plus(n * 25_000)),
                decision: Some("yes".into()),
                ..d.clone()
            },
        ),
    ];
    for (name, f) in &fs {
        let mut best = u128::MAX;
        let mut first = 0;
        let mut got = 0;
        let mut more = false;
        for i in 0..5 {
            let b = Instant::now();
            let p = store.predictions(t, f, None, 200).await.unwrap();
            let e = b.elapsed().as_micros();
            if i == 0 {
                first = e;
            }
            best = best.min(e);
            got = p.items.len();
            more = p.next.is_some();
        }
        println!("{name:28} first {first:>7} us  best {best:>7} us  rows {got} more {more}");
    }
    let b = Instant::now();
    store.model_days(t, now.plus(n * 50_000)).await.unwrap();
    println!("model_days {:?}", b.elapsed());
    let b = Instant::now();
    store.outcome_cells(t, m.id, now, now.plus(n * 50_000)).await.unwrap();
    println!("cells {:?}", b.elapsed());
    let rss = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", rss.lines().find(|l| l.starts_with("VmRSS")).unwrap());
}
