//! Load: single predictions, durably logged, beside a bare axum echo of the same body on the same machine in the same
//! run. Prints ratios, because absolute figures say more about the machine than about the program.
//!
//! Needs `wrk` (Debian: `apt-get install wrk`). Run with `cargo bench -p server --bench load`.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use simulate::claims::{FIRST_DAY, claims};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const VERDICT: &str = env!("CARGO_BIN_EXE_verdict");
const ROUNDS: usize = 5;
const SECONDS: u32 = 5;
const CONNECTIONS: u32 = 32;

fn main() -> Result<()> {
    if std::env::args().any(|arg| arg == "echo") {
        return echo();
    }
    let folder = std::env::temp_dir().join(format!("verdict-load-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = bench(&folder);
    fs::remove_dir_all(&folder)?;
    result
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
    let head = format!(
        "POST /api/v1/models/claims/runs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let status = ask(verdict.port, &(head + &body)).ok_or("the server does not answer")?;
    if status.contains(" 201 ") { Ok(()) } else { Err(format!("no training: {status}").into()) }
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
    let of = |figure: &dyn Fn(&(Load, Load)) -> f64| median(pairs.iter().map(figure).collect());
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
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

fn make_key(folder: &Path, scopes: &str) -> Result<String> {
    let made = run(folder, &["key", "create", "--name", "bench", "--scopes", scopes, "--json"])?;
    let made: serde_json::Value = serde_json::from_str(&made)?;
    Ok(made["secret"].as_str().ok_or("no secret")?.to_owned())
}

fn write_bodies(single: &Path, thousand: &Path) -> Result<()> {
    let rows: Vec<_> = claims(5, 1_000, FIRST_DAY, 40.0).iter().map(|claim| claim.row()).collect();
    fs::write(single, serde_json::json!({ "row": rows[0] }).to_string())?;
    Ok(fs::write(thousand, serde_json::json!({ "rows": rows }).to_string())?)
}

fn verdict_command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(VERDICT);
    command.args(arguments).arg("--data-dir").arg(folder.join("data")).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Result<String> {
    let output = verdict_command(folder, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).output()?;
    if !output.status.success() {
        return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// A server process; it ends with this value.
struct Server {
    process: Child,
    port: u16,
    first_answer: Duration,
}

impl Server {
    fn start(folder: &Path, program: &str, arguments: &[&str]) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let listen = format!("127.0.0.1:{port}");
        let begun = Instant::now();
        let mut command = Command::new(program);
        command.args(arguments).args(["--listen", &listen]).arg("--data-dir").arg(folder.join("data"));
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut server = Self { process, port, first_answer: Duration::ZERO };
        while ask(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").is_none() {
            if begun.elapsed() > Duration::from_secs(20) || server.process.try_wait()?.is_some() {
                return Err(format!("{program} did not come up").into());
            }
            thread::sleep(Duration::from_millis(2));
        }
        server.first_answer = begun.elapsed();
        Ok(server)
    }

    fn resident_megabytes(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse::<f64>()? / 1e3)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing can be done about a process that is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The first line of the answer to a request.
fn ask(port: u16, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    line.starts_with("HTTP/1.1").then_some(line)
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
