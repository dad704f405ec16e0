//! Syncs: each recorded once, advised upon before, observed after.

use domain::Scope;
use serde_json::{Value, json};

use super::support::{Client, Organisation, TestApp};

const EVENTS: &str = "/api/v1/sync-events";
const PREDICTIONS: &str = "/api/v1/models/conflict/predictions";

struct World {
    app: TestApp,
    send: Client,
    read: Client,
}

async fn prepared() -> World {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let send = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    World { app, send, read }
}

fn sync(client_id: &str, person: &str, at: &str) -> Value {
    json!({ "client_id": client_id, "client": "tablet-3", "person": person, "entity_type": "order", "entity": "4711",
        "fields": ["total", "address"], "last_sync": "2025-03-01T05:00:00Z", "at": at })
}

fn with(mut sync: Value, field: &str, value: Value) -> Value {
    sync[field] = value;
    sync
}

const MORNING: &str = "2025-03-02T08:00:00+01:00";

#[tokio::test]
async fn a_sync_is_recorded_once_and_each_word_on_its_conflict_is_kept() {
    let World { app: _app, send, read } = prepared().await;
    let first = send.post(EVENTS, json!({ "event": sync("a", "ada", MORNING) })).await.expect(201);
    let answer = first.json();
    assert_eq!((&answer["conflict"], &answer["amended"]), (&Value::Null, &json!(false)));
    let said = with(sync(" a ", "ada", MORNING), "conflict", json!(true));
    let amended = send.post(EVENTS, json!({ "event": said })).await.expect_json(200);
    assert_eq!(
        (&amended["event"], &amended["conflict"], &amended["amended"]),
        (&answer["event"], &json!(true), &json!(true))
    );
    let again = send.post(EVENTS, json!({ "event": said })).await.expect_json(200);
    assert_eq!(again["amended"], false);
    let other = send.post(EVENTS, json!({ "event": sync("a", "bob", MORNING) })).await.expect(409);
    assert!(other.json()["detail"].as_str().unwrap().contains("client_id"));
    let held = read.get(first.header("location")).await.expect_json(200);
    assert_eq!((&held["fields"], &held["at"]), (&json!(["address", "total"]), &json!("2025-03-02T07:00:00Z")));
    assert_eq!((&held["words"][0]["conflict"], held["words"].as_array().unwrap().len()), (&json!(true), 1));
    let logged = read.get(&format!("/api/v1/predictions/{}", answer["prediction"].as_str().unwrap())).await;
    assert_eq!(logged.expect_json(200)["row"]["hours_since_last_sync"], 26.0);
}

#[tokio::test]
async fn no_key_overrules_a_person() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let (key, admin) = (acme.key(&app.desk, Scope::Admin).await, app.with_session(acme.admin.id).await);
    let key = app.with_key(&key);
    let said = |conflict: bool| json!({ "event": with(sync("a", "ada", MORNING), "conflict", json!(conflict)) });
    key.post(EVENTS, said(false)).await.expect(201);
    let event = admin.post(EVENTS, said(true)).await.expect_json(200)["event"].clone();
    let refused = key.post(EVENTS, said(false)).await.expect(409);
    assert!(refused.json()["detail"].as_str().unwrap().contains("only a person"), "{}", refused.text);
    let among = json!({ "events": [said(false)["event"], sync("b", "ada", MORNING)] });
    let among = key.post(EVENTS, among).await.expect_json(200);
    assert_eq!((&among["items"][0]["status"], &among["items"][1]["status"]), (&json!(409), &json!(201)));
    let kept = key.get(&format!("{EVENTS}/{event}")).await.expect_json(200);
    assert_eq!((&kept["conflict"], kept["words"].as_array().unwrap().len()), (&json!(true), 2));
    admin.post(EVENTS, said(false)).await.expect(200);
}

#[tokio::test]
async fn of_many_syncs_each_is_answered_by_itself() {
    let World { app: _app, send, .. } = prepared().await;
    let events = json!({ "events": [
        sync("new", "ada", MORNING),
        sync("new", "ada", MORNING),
        sync("new", "bob", MORNING),
        sync("other", "bob", MORNING),
    ] });
    let answer = send.post(EVENTS, events).await.expect_json(200);
    let statuses: Vec<&Value> = answer["items"].as_array().unwrap().iter().map(|item| &item["status"]).collect();
    assert_eq!((statuses, &answer["recorded"]), (vec![&json!(201), &json!(200), &json!(409), &json!(201)], &json!(2)));
}

#[tokio::test]
async fn wrong_fields_are_named_and_nothing_is_recorded() {
    let World { app: _app, send, read } = prepared().await;
    for (field, value, named) in [
        ("client_id", json!(""), "client_id"),
        ("person", json!("a\u{7}b"), "person"),
        ("entity", json!("x".repeat(101)), "entity"),
        ("fields", json!(["a", ""]), "fields[1]"),
        ("fields", json!(vec!["a"; 201]), "fields"),
        ("fields", json!("a"), "fields"),
        ("at", json!("yesterday"), "at"),
        ("last_sync", json!("2025-03-03T00:00:00Z"), "last_sync"),
        ("conflict", json!("yes"), "conflict"),
        ("colour", json!("red"), "colour"),
    ] {
        let wrong = with(sync("x", "ada", MORNING), field, value);
        let alone = send.post(EVENTS, json!({ "event": wrong })).await.expect(422).wrong_fields();
        assert_eq!(alone[0].0, format!("event.{named}"));
        let among = json!({ "events": [sync("fine", "ada", MORNING), wrong] });
        let among = send.post(EVENTS, among).await.expect(422).wrong_fields();
        assert_eq!(among[0].0, format!("events[1].{named}"));
    }
    assert_eq!(read.get(EVENTS).await.expect_json(200)["items"], json!([]));
    for (body, field) in [
        (json!({}), "event"),
        (json!({ "event": sync("a", "a", MORNING), "events": [] }), "events"),
        (json!({ "events": [] }), "events"),
    ] {
        assert_eq!(send.post(EVENTS, body).await.expect(422).wrong_fields()[0].0, field);
    }
    send.post(EVENTS, json!({ "events": vec![sync("a", "a", MORNING); 10_001] })).await.expect(413);
}

#[tokio::test]
async fn syncs_are_found_by_what_they_are_and_only_by_their_own() {
    let World { app, send, read } = prepared().await;
    for (i, person) in ["ada", "bob", "ada"].iter().enumerate() {
        let at = format!("2025-03-0{}T08:00:00Z", i + 2);
        send.post(EVENTS, json!({ "event": sync(&format!("s{i}"), person, &at) })).await.expect(201);
    }
    let keys = async |query: &str| {
        let page = read.get(&format!("{EVENTS}{query}")).await.expect_json(200);
        let keys: Vec<String> =
            page["items"].as_array().unwrap().iter().map(|item| item["client_id"].as_str().unwrap().into()).collect();
        (keys.join(" "), page["next"].as_str().map(str::to_owned))
    };
    assert_eq!(keys("").await.0, "s2 s1 s0");
    assert_eq!(keys("?person=ada").await.0, "s2 s0");
    assert_eq!(keys("?entity=4711&entity_type=order&until=2025-03-03T00:00:00Z").await.0, "s0");
    assert_eq!(keys("?client=phone").await.0, "");
    let (first, next) = keys("?limit=2").await;
    assert_eq!((first.as_str(), keys(&format!("?limit=2&cursor={}", next.unwrap())).await.0.as_str()), ("s2 s1", "s0"));
    for query in ["?cursor=x", "?from=yesterday", "?colour=red"] {
        read.get(&format!("{EVENTS}{query}")).await.expect(422);
    }
    let other = Organisation::make(&app.desk, "other").await;
    let stranger = app.with_key(&other.key(&app.desk, Scope::Admin).await);
    assert_eq!(stranger.get(EVENTS).await.expect_json(200)["items"], json!([]));
    stranger.get(&format!("{EVENTS}/1")).await.expect(404);
    send.get(EVENTS).await.expect(403);
    read.post(EVENTS, json!({ "event": sync("x", "ada", MORNING) })).await.expect(403);
}

#[tokio::test]
async fn a_planned_sync_is_answered_with_advice_beside_plain_rows() {
    let World { app: _app, send, read } = prepared().await;
    send.post(EVENTS, json!({ "event": with(sync("a", "ada", MORNING), "conflict", json!(false)) })).await.expect(201);
    let plan = |person: &str| {
        json!({ "client": "phone-9", "person": person, "entity_type": "order", "entity": "4711",
        "fields": ["total"], "last_sync": "2025-03-01T05:00:00Z" })
    };
    let answer = send.post(PREDICTIONS, json!({ "syncs": [plan("bob"), plan("ada")] })).await.expect_json(200);
    let [bob, ada] = answer["syncs"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    // Ada's edits lie too long ago to be seen.
    assert_eq!(
        (&bob["advice"], &bob["route"], &ada["advice"]),
        (&json!("sync_now"), &json!("heuristic"), &json!("sync_now"))
    );
    assert_eq!((&bob["features"]["field_overlap"], &bob["threshold"]), (&json!(0.0), &json!(0.5)));
    let logged = read.get(&format!("/api/v1/predictions/{}", bob["id"].as_str().unwrap())).await.expect_json(200);
    assert_eq!((&logged["score"], &logged["decision"]), (&bob["score"], &bob["decision"]));
    let row = json!({ "concurrent_editors": 2, "hours_since_last_sync": null, "conflict_rate_30d": 0.1,
        "entity_edits_24h": 3, "field_overlap": 0.75 });
    let plain = send.post(PREDICTIONS, json!({ "row": row })).await.expect_json(200);
    assert_eq!((&plain["score"], &plain["decision"]), (&json!(0.8), &json!("yes")));

    let wrong = with(plan("bob"), "person", json!(" "));
    for (body, field) in [
        (json!({ "syncs": [plan("bob"), wrong] }), "syncs[1].person"),
        (json!({ "syncs": [with(plan("bob"), "at", json!(MORNING))] }), "syncs[0].at"),
        (json!({ "syncs": [] }), "syncs"),
        (json!({ "syncs": [plan("bob")], "row": row }), "row"),
    ] {
        assert_eq!(send.post(PREDICTIONS, body).await.expect(422).wrong_fields()[0].0, field);
    }
    send.post(PREDICTIONS, json!({ "syncs": vec![plan("bob"); 1_001] })).await.expect(413);
    read.post(PREDICTIONS, json!({ "syncs": [plan("bob")] })).await.expect(403);
}

#[tokio::test]
async fn what_is_observed_is_the_outcome_and_late_words_correct_it() {
    let World { app, send, read } = prepared().await;
    let first = send.post(EVENTS, json!({ "event": sync("a", "ada", MORNING) })).await.expect_json(201);
    let seen = app.desk.syncs().observe_due().await.unwrap();
    assert_eq!((seen.recorded, seen.corrected), (1, 0));
    let truths = async || {
        let logged = read.get(&format!("/api/v1/predictions/{}", first["prediction"].as_str().unwrap())).await;
        let outcomes = logged.expect_json(200)["outcomes"].clone();
        let told = |one: &Value| format!("{} {} {}", one["truth"], one["by"], one["reason"]).replace('"', "");
        outcomes.as_array().unwrap().iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(truths().await, ["no worker "]);
    let late = with(sync("b", "bob", "2025-03-02T20:00:00+01:00"), "conflict", json!(true));
    send.post(EVENTS, json!({ "event": late })).await.expect(201);
    assert_eq!(truths().await, ["no worker ", "yes worker what was said later of sync event b"]);
}
