//! Attendance with a million events stored: how long requests of many events, scores, features and the recomputation of
//! the whole history take, beside the aims.
//!
//! `cargo bench -p server --bench attendance`; `-- 50000` stores fewer. The database is SQLite in a temporary folder, or
//! the empty one that `VERDICT_DATABASE_URL` names.

mod harness;

use std::fs;
use std::future::ready;
use std::path::Path;
use std::thread;
use std::time::Instant;

use desk::SystemClock;
use domain::attendance::{History, specification};
use domain::time::DAY;
use domain::{Clock, EventId, Timestamp};
use harness::{Client, Result, Server, VERDICT, in_folder, make_key, quantile, run};
use serde_json::{Value, json};
use simulate::attendance::{Event, Plan, World};
use store::{NewEvent, Settings, Store, Unscored};

const EVENTS: usize = 1_000_000;
const EMPLOYEES: usize = 3_000;
/// Events of a request, and such requests after the history.
const TOGETHER: usize = 10_000;
const REQUESTS: usize = 5;
/// Events sent one by one at each number of clients.
const SINGLES: usize = 2_000;
const CLIENTS: [usize; 3] = [1, 4, 16];

fn main() -> Result<()> {
    let stored = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(EVENTS);
    in_folder("attendance", |folder| bench(folder, stored))
}

fn bench(folder: &Path, stored: usize) -> Result<()> {
    learn(folder)?;
    let world = world(stored + REQUESTS * TOGETHER + CLIENTS.len() * SINGLES);
    let key = make_key(folder, "write")?;
    let server = Server::start(folder, VERDICT, &["serve"])?;
    let mut client = Client::connect(server.port, &key)?;
    settle(&mut client, &world)?;
    let (history, rest) = world.events.split_at(stored);
    let began = Instant::now();
    send_together(&mut client, &world, history)?;
    println!("{stored} events stored in {:.0} s", began.elapsed().as_secs_f64());

    let (together, singles) = rest.split_at(REQUESTS * TOGETHER);
    let seconds = send_together(&mut client, &world, together)?;
    let (median, max) = (quantile(seconds.clone(), 0.5), quantile(seconds, 1.0));
    println!("{TOGETHER} events in one request: median {median:.2} s, max {max:.2} s (aim: 2 s)");
    for (clients, events) in CLIENTS.into_iter().zip(singles.chunks(SINGLES)) {
        send_singly(&server, &key, &world, events, clients)?;
    }
    println!("resident: {:.0} MB", server.resident_megabytes()?);
    drop(server);
    features(folder, &world, singles)?;
    let done: Value = serde_json::from_str(&run(folder, &["events", "recompute", "--json"])?)?;
    println!("recompute (aim: 60 s): {done}");
    Ok(())
}

/// The fraud model as it ships, learnt from another company, promoted.
fn learn(folder: &Path) -> Result<()> {
    let (csv, recipe) = (folder.join("attendance.csv"), folder.join("fraud.json"));
    let table = simulate::attendance::world(1).csv();
    // everything was looked at, so every row stands for itself
    let weighed = |(at, line): (usize, &str)| format!("{line},{}\n", if at == 0 { "weight" } else { "1" });
    fs::write(&csv, table.lines().enumerate().map(weighed).collect::<String>())?;
    fs::write(&recipe, serde_json::to_string(&specification())?)?;
    let (csv, recipe) = (csv.to_string_lossy(), recipe.to_string_lossy());
    run(folder, &["models", "create", "fraud", "--csv", &csv, "--spec", &recipe])?;
    print!("{}", run(folder, &["train", "fraud"])?);
    run(folder, &["promote", "fraud", "1", "--reason", "bench"])?;
    Ok(())
}

/// A company whose last `events` until now these are.
fn world(events: usize) -> World {
    let now = SystemClock.now();
    // two events on five days of the week, less absences
    let days = (events / EMPLOYEES) as u32 + 14;
    let first_day = Timestamp((now.0.div_euclid(DAY) - i64::from(days) + 1) * DAY);
    let mut world = Plan { seed: 2, first_day, days, employees: EMPLOYEES }.world();
    world.events.retain(|event| event.received_at <= now && event.at <= now);
    world.events.drain(..world.events.len() - events);
    world
}

fn settle(client: &mut Client, world: &World) -> Result<()> {
    for site in &world.sites {
        let site = json!({ "reference": site.reference, "name": site.name, "latitude": site.position.latitude,
            "longitude": site.position.longitude, "time_zone": site.time_zone });
        client.post("/api/v1/sites", &site.to_string())?;
    }
    let employee = |employee: &simulate::attendance::Employee| {
        let site = &world.sites[employee.site].reference;
        json!({ "reference": employee.reference, "name": employee.name, "site": site })
    };
    let employees: Vec<Value> = world.employees.iter().map(employee).collect();
    client.post("/api/v1/employees", &json!({ "employees": employees }).to_string()).map(drop)
}

fn body(world: &World, event: &Event) -> Value {
    json!({ "client_id": event.client_id, "employee": world.employees[event.employee].reference,
        "site": world.sites[event.site].reference, "kind": event.kind, "at": event.at.rfc3339(),
        "scheduled_at": event.scheduled_at.map(Timestamp::rfc3339),
        "latitude": event.position.map(|position| position.latitude),
        "longitude": event.position.map(|position| position.longitude), "face_confidence": event.face_confidence })
}

/// Sends many events in each request; gives the seconds of each, and prints how many events came before people.
fn send_together(client: &mut Client, world: &World, events: &[Event]) -> Result<Vec<f64>> {
    let (mut seconds, mut doubtful) = (Vec::new(), 0);
    for part in events.chunks(TOGETHER) {
        let bodies: Vec<Value> = part.iter().map(|event| body(world, event)).collect();
        let request = json!({ "events": bodies }).to_string();
        let began = Instant::now();
        let answer = client.post("/api/v1/events", &request)?;
        seconds.push(began.elapsed().as_secs_f64());
        doubtful += answer.matches("\"case\":").count();
    }
    println!("in cases: {:.1} % of {} events", 100.0 * doubtful as f64 / events.len() as f64, events.len());
    Ok(seconds)
}

/// Each client sends its share of the events, the next as soon as the last is answered.
fn send_singly(server: &Server, key: &str, world: &World, events: &[Event], clients: usize) -> Result<()> {
    let began = Instant::now();
    let sent: Vec<Result<Vec<f64>>> = thread::scope(|scope| {
        let parts = events.chunks(events.len().div_ceil(clients));
        let threads: Vec<_> = parts.map(|part| scope.spawn(|| send_each(server.port, key, world, part))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a client panicked".into()))).collect()
    });
    let rate = events.len() as f64 / began.elapsed().as_secs_f64();
    let millis: Vec<f64> = sent.into_iter().collect::<Result<Vec<_>>>()?.concat();
    let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|share| quantile(millis.clone(), share));
    println!(
        "one event, {clients:>2} clients: p50 {p50:.2} ms, p95 {p95:.2} ms (aim: 5 ms), p99 {p99:.2} ms, {rate:.0}/s"
    );
    Ok(())
}

fn send_each(port: u16, key: &str, world: &World, events: &[Event]) -> Result<Vec<f64>> {
    let mut client = Client::connect(port, key)?;
    let send = |event| {
        let request = json!({ "event": body(world, event) }).to_string();
        let began = Instant::now();
        client.post("/api/v1/events", &request)?;
        Ok(began.elapsed().as_secs_f64() * 1e3)
    };
    events.iter().map(send).collect()
}

/// From an event to its twelve features, with the lock that is taken for it and the history that is read; the event is
/// not recorded then.
#[tokio::main]
async fn features(folder: &Path, world: &World, events: &[Event]) -> Result<()> {
    let embedded = || folder.join("data/verdict.db").to_string_lossy().into_owned();
    let store =
        Store::open(&Settings::new(std::env::var("VERDICT_DATABASE_URL").unwrap_or_else(|_| embedded()))).await?;
    let tenant = store.all_tenants().await?.first().ok_or("no tenant")?.id;
    let mut millis = Vec::new();
    for event in events {
        let employee = &world.employees[event.employee].reference;
        let employee = store.employees_by_reference(tenant, &[employee]).await?.pop().ok_or("no employee")?;
        let new = asked(event, &employee)?;
        let (began, mut took) = (Instant::now(), 0.0);
        let look = |unscored: Unscored| {
            let history = unscored.histories.get(&employee.id).cloned().unwrap_or_default();
            let features = History::new(history).features(&new.moment(EventId(i64::MAX)));
            took = began.elapsed().as_secs_f64() * 1e3;
            ready(Err::<Vec<_>, Box<dyn std::error::Error + Send + Sync>>(format!("{features:?}").into()))
        };
        if store.record_events(tenant, std::slice::from_ref(&new), look).await.is_ok() {
            return Err("an event was known already".into());
        }
        millis.push(took);
    }
    let [p50, p95] = [0.5, 0.95].map(|share| quantile(millis.clone(), share));
    println!("features of one event: median {p50:.2} ms (aim: 1 ms), p95 {p95:.2} ms");
    Ok(())
}

fn asked(event: &Event, employee: &domain::attendance::Employee) -> Result<NewEvent> {
    Ok(NewEvent {
        client_id: format!("{}-again", event.client_id),
        digest: String::new(),
        employee: employee.id,
        site: employee.site.ok_or("no site")?,
        kind: event.kind,
        at: event.at,
        received_at: event.received_at,
        scheduled_at: event.scheduled_at,
        position: event.position,
        face_confidence: event.face_confidence,
        offset_seconds: 0,
        drift_meters: None,
        holiday: false,
    })
}
