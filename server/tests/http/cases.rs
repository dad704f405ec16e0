//! Cases as people decide them.

use domain::Scope;
use domain::case::LEASE;
use serde_json::{Value, json};

use super::support::{Client, Organisation, TestApp, attendance, event, far_event, make_case};

struct World {
    app: TestApp,
    acme: Organisation,
    send: Client,
    ada: Client,
    sami: Client,
}

async fn prepared() -> World {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    attendance(&app.desk, &acme.actor).await;
    let send = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let (ada, sami) = (app.with_session(acme.admin.id).await, app.with_session(acme.supervisor.id).await);
    World { app, acme, send, ada, sami }
}

impl World {
    /// A case of its own; gives its address, and the event's answer.
    async fn case(&self, day: u32) -> (String, Value) {
        let made = make_case(&self.send, &format!("far-{day}"), "e-1", &format!("2025-03-{day:02}T07:00:00Z")).await;
        (format!("/api/v1/cases/{}", made["case"]), made)
    }
}

const NOTHING: &str = "false_positive";

fn verdict(word: &str) -> Value {
    json!({ "verdict": word })
}

#[tokio::test]
async fn a_verdict_is_the_outcome_of_every_prediction_of_the_case() {
    let world = prepared().await;
    let (path, first) = world.case(2).await;
    let second = far_event("later", "e-1", "2025-03-02T15:00:00Z");
    let second = world.send.post("/api/v1/events", json!({ "event": second })).await.expect_json(201);
    assert_eq!(second["case"], first["case"], "it is the same episode");
    let decision = format!("{path}/verdict");
    let refused = world.sami.post(&decision, verdict("confirmed_risk")).await.expect(422);
    assert_eq!(refused.wrong_fields()[0].0, "note");
    let found = json!({ "verdict": "confirmed_risk", "note": "the phone was at home" });
    let decided = world.sami.post(&decision, found).await.expect(201);
    assert_eq!(decided.header("location"), path);
    assert_eq!((&decided.json()["state"], &decided.json()["verdict"]), (&json!("decided"), &json!("confirmed_risk")));
    let truths = async |truth: &str, records: usize| {
        for event in [&first, &second] {
            let path = format!("/api/v1/predictions/{}", event["prediction"].as_str().unwrap());
            let logged = world.sami.get(&path).await.expect_json(200);
            assert_eq!(logged["truth"], truth);
            assert_eq!(logged["outcomes"].as_array().unwrap().len(), records);
        }
    };
    truths("yes", 1).await;
    let outcome = format!("/api/v1/predictions/{}/outcome/corrections", first["prediction"].as_str().unwrap());
    world.send.post(&outcome, json!({ "truth": "no", "reason": "a program says so" })).await.expect(409);
    truths("yes", 1).await;
    let correction = format!("{path}/verdict/corrections");
    world.sami.post(&correction, json!({ "verdict": NOTHING, "reason": " " })).await.expect(422);
    let same = json!({ "verdict": "confirmed_risk", "reason": "once more" });
    world.sami.post(&correction, same).await.expect(409);
    let corrected = json!({ "verdict": NOTHING, "reason": "a clock was wrong" });
    assert_eq!(world.ada.post(&correction, corrected).await.expect_json(201)["verdict"], NOTHING);
    truths("no", 2).await;
    let shown = world.sami.get(&path).await.expect_json(200);
    let kinds: Vec<&str> = shown["steps"].as_array().unwrap().iter().map(|s| s["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["corrected", "decided", "joined", "opened"]);
    assert_eq!(shown["steps"][0]["note"], "a clock was wrong");
    assert_eq!(shown["events"].as_array().unwrap().len(), 2);
    assert_eq!((&shown["employee"]["reference"], &shown["site"]["reference"]), (&json!("e-1"), &json!("north")));
    assert!(shown["reasons"].is_null(), "the heuristic answered");
}

#[tokio::test]
async fn of_two_people_on_one_case_the_second_hears_of_the_first() {
    let world = prepared().await;
    let (path, _) = world.case(2).await;
    let (lease, decision) = (format!("{path}/lease"), format!("{path}/verdict"));
    let taken = world.ada.post(&lease, json!({})).await.expect_json(200);
    assert_eq!((&taken["state"], &taken["taken_by"]), (&json!("taken"), &json!(world.acme.admin.id.0)));
    for reply in [
        world.sami.post(&lease, json!({})).await,
        world.sami.post(&decision, verdict(NOTHING)).await,
        world.sami.delete(&lease).await,
    ] {
        let told = reply.expect(409).json()["detail"].as_str().unwrap().to_owned();
        assert!(told.starts_with("admin@acme.example has taken this case"), "{told}");
    }
    world.ada.delete(&lease).await.expect(204);
    world.ada.post(&lease, json!({})).await.expect(200);
    world.app.clock.pass(LEASE);
    assert_eq!(world.sami.get(&path).await.expect_json(200)["case"]["state"], "open", "the lease has run out");
    let decided = world.sami.post(&decision, verdict("valuable_alert")).await.expect_json(201);
    let late = world.ada.post(&decision, verdict(NOTHING)).await.expect(409).json();
    let (told, at) = (late["detail"].as_str().unwrap(), decided["decided_at"].as_str().unwrap());
    assert!(told.contains("valuable alert") && told.contains("supervisor@acme.example") && told.contains(at), "{told}");
    let shown = world.ada.get(&path).await.expect_json(200);
    assert_eq!(shown["case"], decided, "nothing is overwritten");
}

#[tokio::test]
async fn a_case_is_escalated_and_assigned() {
    let world = prepared().await;
    let (path, _) = world.case(2).await;
    let assign = async |person: i64| world.ada.post(&format!("{path}/assignment"), json!({ "person": person })).await;
    assert_eq!(assign(world.acme.labeler.id.0).await.expect(422).wrong_fields()[0].0, "person");
    let mine = world.acme.supervisor.id.0;
    assert_eq!(assign(mine).await.expect_json(201)["assignee"], mine);
    let escalation = format!("{path}/escalation");
    assert_eq!(world.sami.post(&escalation, json!({ "note": "" })).await.expect(422).wrong_fields()[0].0, "note");
    let escalated = world.sami.post(&escalation, json!({ "note": "my brother" })).await.expect_json(201);
    assert_eq!(escalated["state"], "escalated");
    world.sami.post(&format!("{path}/verdict"), verdict(NOTHING)).await.expect(409);
    world.ada.post(&format!("{path}/verdict"), verdict(NOTHING)).await.expect(201);
    for (query, count) in [
        (format!("?assignee={mine}"), 1),
        (String::from("?state=undecided&origin=threshold"), 0),
        (format!("?verdict={NOTHING}"), 1),
        (String::from("?verdict=confirmed_risk"), 0),
    ] {
        let page = world.sami.get(&format!("/api/v1/cases{query}")).await.expect_json(200);
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
    }
    for (query, field) in [("?state=lost", "state"), ("?verdict=maybe", "verdict"), ("?order=up", "order")] {
        let refused = world.sami.get(&format!("/api/v1/cases{query}")).await.expect(422);
        assert_eq!(refused.wrong_fields()[0].0, field);
    }
}

#[tokio::test]
async fn an_escalation_outlives_the_admin_who_takes_it() {
    let world = prepared().await;
    let (path, _) = world.case(2).await;
    let lease = format!("{path}/lease");
    world.sami.post(&format!("{path}/escalation"), json!({ "note": "my brother" })).await.expect(201);
    let state = async || {
        let case = world.sami.get(&path).await.expect_json(200)["case"].take();
        (case["state"].as_str().unwrap().to_owned(), case["escalated"].as_bool().unwrap())
    };
    let page = world.ada.clone().header("accept", "text/html");
    let page = async |path: &str| page.get(path).await.expect(200).text;
    for let_go in [true, false] {
        world.ada.post(&lease, json!({})).await.expect(200);
        assert_eq!(state().await, (String::from("taken"), true));
        let shown = page(path.strip_prefix("/api/v1").unwrap()).await;
        assert!(shown.contains("asks an admin") && shown.contains("my brother"));
        assert!(!shown.contains("value=\"escalate\""), "it is escalated already");
        assert!(page("/cases?state=escalated").await.contains("escalated, taken"));
        if let_go {
            world.ada.delete(&lease).await.expect(204);
        } else {
            world.app.clock.pass(LEASE);
        }
        assert_eq!(state().await, (String::from("escalated"), true));
        world.sami.post(&lease, json!({})).await.expect(409);
        world.sami.post(&format!("{path}/verdict"), verdict(NOTHING)).await.expect(409);
    }
    world.ada.post(&format!("{path}/verdict"), verdict(NOTHING)).await.expect(201);
    assert_eq!(state().await, (String::from("decided"), false));
}

#[tokio::test]
async fn a_verdict_is_about_the_events_that_were_seen() {
    let world = prepared().await;
    let (path, made) = world.case(2).await;
    let id = made["case"].as_i64().unwrap();
    let joins = far_event("later", "e-1", "2025-03-02T15:00:00Z");
    world.send.post("/api/v1/events", json!({ "event": joins })).await.expect(201);
    let grown = format!("another event has joined case {id}: look again");
    let seen = |events: i64| json!({ "verdict": NOTHING, "events": events });
    let told = world.sami.post(&format!("{path}/verdict"), seen(1)).await.expect(409).json();
    assert_eq!(told["detail"], grown);
    let many = |events: Value| json!({ "cases": [id], "events": events, "verdict": NOTHING, "reason": "x" });
    let answers = world.sami.post("/api/v1/cases/verdicts", many(json!([1]))).await.expect_json(200);
    assert_eq!((&answers["items"][0]["status"], &answers["items"][0]["detail"]), (&json!(409), &json!(grown)));
    let uneven = world.sami.post("/api/v1/cases/verdicts", many(json!([]))).await.expect(422);
    assert_eq!(uneven.wrong_fields()[0].0, "events");

    let browser = world.sami.clone().header("accept", "text/html");
    let shown = browser.get(&format!("/cases/{id}")).await.expect(200);
    assert!(shown.text.contains("name=\"events\" value=\"2\""));
    let case = id.to_string();
    let sent = [("case", case.as_str()), ("events", "1"), ("verdict", NOTHING), ("note", "the mast was down")];
    browser.post_form("/actions/decide_case", &sent).await.expect(302);
    let again = browser.get(&format!("/cases/{id}")).await.expect(200);
    assert!(again.text.contains("Another event has joined case") && again.text.contains("the mast was down"));
    let list = browser.get("/cases").await.expect(200);
    assert!(list.text.contains(&format!("value=\"{id}:2\"")));
    let ticked = format!("{id}:1");
    let sent = [("cases[]", ticked.as_str()), ("decision", NOTHING), ("reason", "x")];
    browser.post_form("/actions/decide_cases", &sent).await.expect(302);
    let said = browser.get("/cases").await.expect(200);
    assert!(said.text.contains(&format!("Case {id}: Another event has joined case {id}: look again.")));
    assert_eq!(world.sami.get(&path).await.expect_json(200)["case"]["state"], "open", "nothing is recorded");
    world.sami.post(&format!("{path}/verdict"), seen(2)).await.expect(201);
}

#[tokio::test]
async fn one_verdict_on_many_cases_is_answered_for_each() {
    let world = prepared().await;
    let mut ids = Vec::new();
    for day in 2..5 {
        ids.push(world.case(day).await.1["case"].as_i64().unwrap());
    }
    world.ada.post(&format!("/api/v1/cases/{}/lease", ids[1]), json!({})).await.expect(200);
    let list = json!({ "cases": [ids[0], ids[1], 999], "verdict": NOTHING, "reason": "the mast was down" });
    let answer = world.sami.post("/api/v1/cases/verdicts", list).await.expect_json(200);
    let statuses: Vec<u64> =
        answer["items"].as_array().unwrap().iter().map(|item| item["status"].as_u64().unwrap()).collect();
    assert_eq!((statuses, &answer["decided"]), (vec![201, 409, 404], &json!(1)));
    let without = json!({ "cases": [ids[2]], "verdict": NOTHING, "reason": "" });
    assert_eq!(world.sami.post("/api/v1/cases/verdicts", without).await.expect(422).wrong_fields()[0].0, "reason");
    let many = json!({ "cases": vec![1; 201], "verdict": NOTHING, "reason": "x" });
    world.sami.post("/api/v1/cases/verdicts", many).await.expect(413);
    let due = async |query: &str| {
        let page = world.sami.get(&format!("/api/v1/cases?origin=threshold{query}")).await.expect_json(200);
        (page["items"][0]["id"].as_i64().unwrap(), page["next"].clone())
    };
    assert_eq!((due("").await.0, due("&order=due_last").await.0), (ids[0], ids[2]));
    let (_, next) = due("&limit=1").await;
    assert_eq!(due(&format!("&limit=1&cursor={}", next.as_str().unwrap())).await.0, ids[1]);
}

#[tokio::test]
async fn only_people_on_our_own_pages_decide() {
    let world = prepared().await;
    let (path, made) = world.case(2).await;
    let decision = format!("{path}/verdict");
    let admin_key = world.app.with_key(&world.acme.key(&world.app.desk, Scope::Admin).await);
    admin_key.post(&decision, verdict(NOTHING)).await.expect(403);
    admin_key.get(&path).await.expect(200);
    let labeler = world.app.with_session(world.acme.labeler.id).await;
    labeler.post(&decision, verdict(NOTHING)).await.expect(403);
    labeler.get(&path).await.expect(403);
    let elsewhere = world.sami.clone().header("sec-fetch-site", "cross-site");
    elsewhere.post(&decision, verdict(NOTHING)).await.expect(403);
    let other = Organisation::make(&world.app.desk, "other").await;
    let stranger = world.app.with_session(other.admin.id).await;
    for verb in ["lease", "verdict", "escalation"] {
        let body = json!({ "lease": {}, "verdict": verdict(NOTHING), "escalation": { "note": "x" } })[verb].clone();
        stranger.post(&format!("{path}/{verb}"), body).await.expect(404);
    }
    let list = json!({ "cases": [made["case"]], "verdict": NOTHING, "reason": "x" });
    let answer = stranger.post("/api/v1/cases/verdicts", list).await.expect_json(200);
    assert_eq!(answer["items"][0]["status"], 404);
    assert_eq!(world.sami.get(&path).await.expect_json(200)["case"]["state"], "open");
}

#[tokio::test]
async fn a_snoozed_rule_makes_no_cases_until_it_is_woken() {
    let world = prepared().await;
    let (path, _) = world.case(2).await;
    let snooze = |days: i64| json!({ "rule": "location", "days": days, "reason": "works at the fair" });
    let snoozing = format!("{path}/snooze");
    assert_eq!(world.sami.post(&snoozing, snooze(91)).await.expect(422).wrong_fields()[0].0, "days");
    let made = world.sami.post(&snoozing, snooze(14)).await.expect_json(201);
    world.sami.post(&snoozing, snooze(14)).await.expect(409);
    assert_eq!(world.sami.get("/api/v1/snoozes").await.expect_json(200)["items"], json!([made]));
    let far = json!({ "event": far_event("quiet", "e-1", "2025-03-05T07:00:00Z") });
    assert!(world.send.post("/api/v1/events", far).await.expect_json(201)["case"].is_null());
    world.sami.delete(&format!("/api/v1/snoozes/{}", made["id"])).await.expect(204);
    assert_eq!(world.sami.get("/api/v1/snoozes").await.expect_json(200)["items"], json!([]));
    world.case(8).await;
}

#[tokio::test]
async fn decided_cases_are_exported_without_names_and_counted() {
    let world = prepared().await;
    for (day, word) in [(2, NOTHING), (3, "valuable_alert")] {
        let (path, _) = world.case(day).await;
        world.sami.post(&format!("{path}/verdict"), verdict(word)).await.expect(201);
    }
    world.case(4).await;
    world
        .send
        .post("/api/v1/events", json!({ "event": event("near", "e-2", "2025-03-02T07:00:00Z") }))
        .await
        .expect(201);
    let read = world.app.with_key(&world.acme.key(&world.app.desk, Scope::Read).await);
    let export = read.get("/api/v1/cases.csv").await.expect(200);
    assert!(export.header("content-type").starts_with("text/csv"));
    let mut reader = csv::Reader::from_reader(export.text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let column = |name: &str| header.iter().position(|known| known == name).unwrap();
    let of = |name: &str| lines.iter().map(|line| line[column(name)].to_owned()).collect::<Vec<_>>();
    assert_eq!(
        (of("verdict"), of("truth")),
        (vec![NOTHING.into(), "valuable_alert".into()], vec!["no".into(), "yes".into()])
    );
    assert!(of("decided_by").iter().all(|by| *by == format!("person:{}", world.acme.supervisor.id)));
    assert!(of("employee").iter().all(|id| id.parse::<i64>().is_ok()), "a number, not a reference");
    for name in ["Employee 1", "north", "acme.example"] {
        assert!(!export.text.contains(name), "{name}");
    }
    let figures = read.get("/api/v1/fraud?days=400").await.expect(422);
    assert_eq!(figures.wrong_fields()[0].0, "days");
    let figures = read.get("/api/v1/fraud").await.expect_json(200);
    assert_eq!(figures["verdicts"], json!({ "confirmed_risk": 0, "valuable_alert": 1, "false_positive": 1 }));
    assert_eq!((&figures["undecided"], &figures["precision"]["value"]), (&json!(1), &json!(0.5)));
    let by_score = figures["by_score"].as_array().unwrap().iter();
    assert_eq!(by_score.filter(|count| count["origin"] == "threshold").count(), 3);
}
