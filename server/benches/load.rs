//! Load: single predictions, durably logged, beside a bare axum echo of the same body on the same machine in the same
//! run. Prints ratios, because absolute figures say more about the machine than about the program.
//!
//! Needs `wrk` (Debian: `apt-get install wrk`). Run with `cargo bench -p server --bench load`.

mod harness;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use harness::{Client, Result, Server, VERDICT, in_folder, make_key, quantile, run};
use simulate::claims::{FIRST_DAY, claims};

const ROUNDS: usize = 5;
const SECONDS: u32 = 5;
const CONNECTIONS: u32 = 32;

fn main() -> Result<()> {
    if std::env::args().any(|arg| arg == "echo") {
        return echo();
    }
    in_folder("load", bench)
}

fn bench(folder: &Path) -> Result<()> {
    prepare(folder)?;
    let (key, training_key) = (make_key(folder, "predict")?, make_key(folder, "write")?);
    let single = folder.join("single.json");
    let thousand = folder.join("thousand.json");
    write_bodies(&single, &thousand)?;
    let verdict = Server::start(folder, VERDICT, &["serve"])?;
    let echo = Server::start(folder, std::env::current_exe()?.to_str().unwrap_or_default(), &["echo"])?;
    println!("resident when idle: {:.1} MB", verdict.resident_megabytes()?);
    println!("start to first answer: {:.0} ms", verdict.first_answer.as_secs_f64() * 1e3);

    let path = "/api/v1/models/claims/predictions";
    let quiet = pairs(&verdict, &echo, path, &single, &key, CONNECTIONS)?;
    print_pairs("one row, 32 connections", &quiet);
    let batch = pairs(&verdict, &echo, path, &thousand, &key, 1)?;
    print_pairs("1,000 rows in one request, 1 connection", &batch);

    for seed in 2..12 {
        start_training(&verdict, &training_key, seed)?;
    }
    // what is measured is the load beside fits, not beside the reading of the rows
    thread::sleep(Duration::from_secs(2));
    let busy = pairs(&verdict, &echo, path, &single, &key, CONNECTIONS)?;
    print_pairs("one row, 32 connections, while trainings run in the server", &busy);
    println!("resident after the load: {:.1} MB", verdict.resident_megabytes()?);
    Ok(())
}

/// Asks the server for a training; those that were asked for earlier run before it.
fn start_training(verdict: &Server, key: &str, seed: u32) -> Result<()> {
    let body = format!(r#"{{"estimator":"auto","seed":{seed}}}"#);
    Client::connect(verdict.port, key)?.post("/api/v1/models/claims/runs", &body).map(drop)
}

/// What one run of wrk said.
#[derive(Clone, Copy)]
struct Load {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    failed: u64,
}

/// Runs the two in turn, so that a drift of the machine's speed hits both.
fn pairs(
    verdict: &Server,
    echo: &Server,
    path: &str,
    body: &Path,
    key: &str,
    connections: u32,
) -> Result<Vec<(Load, Load)>> {
    (0..ROUNDS)
        .map(|_| Ok((wrk(verdict.port, path, body, key, connections)?, wrk(echo.port, path, body, key, connections)?)))
        .collect()
}

fn wrk(port: u16, path: &str, body: &Path, key: &str, connections: u32) -> Result<Load> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/post.lua");
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{connections}"), &format!("-d{SECONDS}s"), "--latency", "-s", script])
        .arg(format!("http://127.0.0.1:{port}{path}"))
        .env("BODY", body)
        .env("KEY", key)
        .output()
        .map_err(|error| format!("wrk cannot be started ({error}); install it first"))?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find_map(|line| line.strip_prefix("RESULT ")).ok_or("wrk gave no result")?;
    let numbers = line.split(' ').map(str::parse::<f64>).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(Load { per_second: numbers[0], p50_ms: numbers[1], p99_ms: numbers[2], failed: numbers[3] as u64 })
}

fn print_pairs(title: &str, pairs: &[(Load, Load)]) {
    let of = |figure: &dyn Fn(&(Load, Load)) -> f64| quantile(pairs.iter().map(figure).collect(), 0.5);
    println!("\n{title} ({ROUNDS} pairs of {SECONDS} s, medians)");
    println!(
        "  verdict  {:>9.0}/s  p50 {:>7.2} ms  p99 {:>7.2} ms",
        of(&|p| p.0.per_second),
        of(&|p| p.0.p50_ms),
        of(&|p| p.0.p99_ms)
    );
    println!(
        "  echo     {:>9.0}/s  p50 {:>7.2} ms  p99 {:>7.2} ms",
        of(&|p| p.1.per_second),
        of(&|p| p.1.p50_ms),
        of(&|p| p.1.p99_ms)
    );
    println!("  ratio    {:>8.1} % of the echo's throughput", 100.0 * of(&|p| p.0.per_second / p.1.per_second));
    let failed: u64 = pairs.iter().map(|pair| pair.0.failed).sum();
    println!("  failed requests: {failed}");
}

/// A model of boosted trees, promoted.
fn prepare(folder: &Path) -> Result<()> {
    let csv = folder.join("claims.csv");
    fs::write(&csv, simulate::claims::csv(1, 20_000))?;
    let csv = csv.to_string_lossy().into_owned();
    run(
        folder,
        &["models", "create", "claims", "--csv", &csv, "--target", "fraud", "--positive", "yes", "--time", "filed_at"],
    )?;
    run(folder, &["train", "claims", "--estimator", "boosted"])?;
    run(folder, &["promote", "claims", "1", "--reason", "bench"])?;
    Ok(())
}

fn write_bodies(single: &Path, thousand: &Path) -> Result<()> {
    let rows: Vec<_> = claims(5, 1_000, FIRST_DAY, 40.0).iter().map(|claim| claim.row()).collect();
    fs::write(single, serde_json::json!({ "row": rows[0] }).to_string())?;
    Ok(fs::write(thousand, serde_json::json!({ "rows": rows }).to_string())?)
}

/// The bare echo: reads the body, sends it back, and does nothing else.
fn echo() -> Result<()> {
    let listen = std::env::args().skip_while(|arg| arg != "--listen").nth(1).ok_or("no --listen")?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let router = Router::new()
            .route("/healthz", axum::routing::get(|| async { "ok" }))
            .fallback(post(|body: Bytes| async move { body }));
        axum::serve(tokio::net::TcpListener::bind(listen).await?, router).await?;
        Ok(())
    })
}
