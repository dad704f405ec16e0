//! Attendance events: each recorded once, whatever is sent how often.

use domain::{Actor, Scope};
use serde_json::{Value, json};

use super::support::{Client, Organisation, TestApp, attendance, event, far_event, make_case, verdict};

struct World {
    app: TestApp,
    actor: Actor,
    send: Client,
    read: Client,
}

async fn prepared() -> World {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    attendance(&app.desk, &acme.actor).await;
    let send = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    World { app, actor: acme.actor, send, read }
}

const MORNING: &str = "2025-03-02T08:03:00+01:00";

fn one(event: Value) -> Value {
    json!({ "event": event })
}

#[tokio::test]
async fn an_event_is_recorded_once_and_contradicted_by_another_under_its_key() {
    let World { app: _app, send, read, .. } = prepared().await;
    let first = send.post("/api/v1/events", one(far_event("a", "e-1", MORNING))).await.expect(201);
    let answer = first.json();
    assert!(answer["score"].as_f64().unwrap() > 0.5 && answer["case"].is_i64(), "{answer}");
    let again = send.post("/api/v1/events", one(far_event(" a ", "e-1", MORNING))).await.expect_json(200);
    for name in ["event", "prediction", "score", "case", "client_id"] {
        assert_eq!(again[name], answer[name], "{name}");
    }
    let other = send.post("/api/v1/events", one(event("a", "e-2", MORNING))).await.expect(409);
    assert!(other.json()["detail"].as_str().unwrap().contains("client_id"));
    let held = read.get(first.header("location")).await.expect_json(200);
    assert_eq!((&held["prediction"], &held["at"]), (&answer["prediction"], &json!("2025-03-02T07:03:00Z")));
    assert!((held["drift_meters"].as_f64().unwrap() - 10_007.0).abs() < 10.0, "{held}");
    let logged = read.get(&format!("/api/v1/predictions/{}", answer["prediction"].as_str().unwrap())).await;
    assert_eq!(logged.expect_json(200)["row"]["gps_drift_meters"], held["drift_meters"]);
    let all = read.get("/api/v1/events").await.expect_json(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn of_many_events_each_is_answered_by_itself() {
    let World { app: _app, send, .. } = prepared().await;
    send.post("/api/v1/events", one(event("known", "e-1", MORNING))).await.expect(201);
    let events = json!({ "events": [
        event("new", "e-1", "2025-03-02T17:00:00+01:00"),
        event("known", "e-1", MORNING),
        event("known", "e-2", MORNING),
        event("new", "e-1", "2025-03-02T17:00:00+01:00"),
    ] });
    let answer = send.post("/api/v1/events", events).await.expect_json(200);
    let items = answer["items"].as_array().unwrap();
    let statuses: Vec<u64> = items.iter().map(|item| item["status"].as_u64().unwrap()).collect();
    assert_eq!((statuses, &answer["recorded"]), (vec![201, 200, 409, 200], &json!(1)));
    assert!(items[2]["detail"].is_string() && items[1]["event"] == items[2]["event"]);
}

#[tokio::test]
async fn wrong_fields_are_named_as_they_were_sent() {
    let World { app: _app, send, read, .. } = prepared().await;
    let with = |field: &str, value: Value| {
        let mut odd = event("x", "e-1", MORNING);
        odd[field] = value;
        odd
    };
    let odd = [
        ("at", json!("yesterday")),
        ("at", json!("1999-01-01T00:00:00Z")),
        ("at", Value::Null),
        ("employee", json!("nobody")),
        ("employee", json!("no\0body")),
        ("kind", Value::Null),
        ("site", json!("nowhere")),
        ("kind", json!("lunch")),
        ("client_id", json!("")),
        ("latitude", json!(91)),
        ("latitude", json!("48.2")),
        ("longitude", Value::Null),
        ("face_confidence", json!(1.5)),
        ("scheduled_at", json!("2025-04-02T08:00:00Z")),
        ("mood", json!("good")),
    ];
    for (field, value) in odd {
        let alone = send.post("/api/v1/events", one(with(field, value.clone()))).await.expect(422).wrong_fields();
        assert_eq!(alone[0].0, format!("event.{field}"), "{value}");
        let among = json!({ "events": [event("fine", "e-1", MORNING), with(field, value.clone())] });
        let among = send.post("/api/v1/events", among).await.expect(422).wrong_fields();
        assert_eq!(among[0].0, format!("events[1].{field}"), "{value}");
    }
    assert_eq!(read.get("/api/v1/events").await.expect_json(200)["items"], json!([]), "nothing is recorded by halves");
    let fine = event("fine", "e-1", MORNING);
    for (field, body) in [("event", json!({})), ("events", json!({ "event": fine, "events": [fine] }))] {
        assert_eq!(send.post("/api/v1/events", body).await.expect(422).wrong_fields()[0].0, field);
    }
    assert_eq!(send.post("/api/v1/events", json!({ "events": [] })).await.expect(422).wrong_fields()[0].0, "events");
    let short = json!({ "client_id": "x", "employee": "e-1", "kind": "check_in", "at": MORNING });
    send.post("/api/v1/events", json!({ "events": vec![short; 10_001] })).await.expect(413);
}

#[tokio::test]
async fn events_are_found_by_what_they_are_and_only_by_their_own() {
    let World { app, send, read, .. } = prepared().await;
    let case = make_case(&send, "far", "e-1", "2025-03-02T07:00:00Z").await;
    for (key, employee, day) in [("b", "e-1", 3), ("c", "e-2", 4), ("d", "e-2", 5)] {
        let at = format!("2025-03-{day:02}T07:00:00Z");
        send.post("/api/v1/events", one(event(key, employee, &at))).await.expect(201);
    }
    let keys = async |query: &str| {
        let page = read.get(&format!("/api/v1/events{query}")).await.expect_json(200);
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["client_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let e_1 = read.get(&format!("/api/v1/events/{}", case["event"])).await.expect_json(200)["employee"].clone();
    assert_eq!(keys("").await, ["d", "c", "b", "far"]);
    assert_eq!(keys(&format!("?employee={e_1}")).await, ["b", "far"]);
    assert_eq!(keys(&format!("?case={}", case["case"])).await, ["far"]);
    assert_eq!(keys("?from=2025-03-03&until=2025-03-05").await, ["c", "b"]);
    assert_eq!(keys("?site=999").await, [""; 0]);
    let first = read.get("/api/v1/events?limit=3").await.expect_json(200);
    assert_eq!(keys(&format!("?cursor={}", first["next"].as_str().unwrap())).await, ["far"]);
    for (query, field) in [("?from=x", "from"), ("?cursor=!", "cursor"), ("?colour=1", "colour")] {
        let refused = read.get(&format!("/api/v1/events{query}")).await.expect(422);
        assert_eq!(refused.wrong_fields()[0].0, field);
    }
    let other = Organisation::make(&app.desk, "other").await;
    let stranger = app.with_key(&other.key(&app.desk, Scope::Read).await);
    stranger.get(&format!("/api/v1/events/{}", case["event"])).await.expect(404);
    assert_eq!(stranger.get("/api/v1/events").await.expect_json(200)["items"], json!([]));
    read.post("/api/v1/events", one(event("x", "e-1", MORNING))).await.expect(403);
    send.get("/api/v1/events").await.expect(403);
}

#[tokio::test]
async fn a_known_truth_is_an_outcome_and_needs_that_right() {
    let World { app, actor, send, read } = prepared().await;
    let mut known = far_event("a", "e-1", MORNING);
    known["fraud"] = json!(true);
    let (_, secret) = app.desk.keys().create(&actor, "writer", &[Scope::Write], None).await.unwrap();
    app.with_key(&secret).post("/api/v1/events", one(known.clone())).await.expect(403);
    let answer = send.post("/api/v1/events", one(known)).await.expect_json(201);
    assert!(answer["case"].is_null(), "what is known needs no look: {answer}");
    let logged = read.get(&format!("/api/v1/predictions/{}", answer["prediction"].as_str().unwrap())).await;
    assert_eq!(logged.expect_json(200)["truth"], "yes");
}

#[tokio::test]
async fn a_file_of_events_is_taken_once() {
    let World { app: _app, send, .. } = prepared().await;
    let head = "client_id,employee,kind,at,latitude,longitude\n";
    let import =
        async |lines: &str| send.post_text("/api/v1/events/import", "text/csv", format!("{head}{lines}")).await;
    let two = "a,e-1,check_in,2025-03-02T07:00:00Z,48.2,16.3\nb,e-1,check_out,2025-03-02T15:00:00Z,,\n";
    let counts = |recorded, repeated, contradicted: Value| json!({ "recorded": recorded, "repeated": repeated, "contradicted": contradicted });
    assert_eq!(import(two).await.expect_json(200), counts(2, 0, json!([])));
    assert_eq!(import(two).await.expect_json(200), counts(0, 2, json!([])));
    let other = "a,e-2,check_in,2025-03-02T07:00:00Z,48.2,16.3\nc,e-2,check_in,2025-03-02T07:00:00Z,,\n";
    assert_eq!(import(other).await.expect_json(200), counts(1, 0, json!(["a"])));
    let mut same = event("exact", "e-1", "2025-03-03T07:00:00Z");
    (same["latitude"], same["longitude"]) = (json!(-23.446809548885454), json!(-46.48650839882709));
    same.as_object_mut().unwrap().remove("face_confidence");
    send.post("/api/v1/events", one(same)).await.expect(201);
    let same = "exact,e-1,check_in,2025-03-03T07:00:00Z,-23.446809548885454,-46.48650839882709\n";
    assert_eq!(import(same).await.expect_json(200), counts(0, 1, json!([])), "it is read to the last digit");
    let wrong = import("d,e-1,check_in,2025-03-02T07:00:00Z,,\ne,e-1,check_in,never,,\n").await.expect(422);
    assert_eq!(wrong.wrong_fields()[0].0, "line 3.at");
    send.post("/api/v1/events/import", json!({})).await.expect(415);
}

#[tokio::test]
async fn features_come_out_of_the_history_again_however_late_events_came() {
    let World { app, .. } = prepared().await;
    let file = app.settings.data_dir.join("events.csv");
    let command = |words: &[&str]| verdict(&app.settings.data_dir, words);
    for late in [false, true] {
        let mut csv = String::from("client_id,employee,kind,at,scheduled_at,latitude,longitude,face_confidence\n");
        for hour in (0..400).filter(|hour| (hour % 7 == 3) == late) {
            let (kind, employee) = (["check_in", "check_out"][hour % 2], hour % 3 + 1);
            let at =
                format!("2025-{:02}-{:02}T{:02}:{:02}:00Z", hour / 112 + 1, hour / 4 % 28 + 1, hour % 4 * 6, hour % 60);
            let north = 48.2082 + 0.000_37 * (hour % 11) as f64;
            csv += &format!("{hour},e-{employee},{kind},{at},,{north},16.3738,0.{}\n", 40 + hour % 59);
        }
        std::fs::write(&file, csv).unwrap();
        let imported = command(&["events", "import", file.to_str().unwrap(), "--tenant", "acme", "--json"]).json();
        assert_eq!((&imported["repeated"], &imported["contradicted"]), (&json!(0), &json!([])));
    }
    let again = command(&["events", "import", file.to_str().unwrap(), "--json"]).json();
    assert_eq!(again["recorded"], 0);
    let found = command(&["events", "recompute", "--json"]).json();
    assert_eq!((&found["events"], &found["different"]), (&json!(400), &json!(0)));
    assert!(command(&["events", "recompute"]).stdout().starts_with("400 events recomputed in "));
    assert_eq!(command(&["events", "import", "nowhere.csv"]).code(), 1);
}
