//! Labeling over REST, as a page or a program of a labeler's own does it.

use domain::Scope;
use domain::labeling::{LEASE, UNDO};
use serde_json::{Value, json};

use super::support::{Client, Organisation, TestApp, grey};

const QUEUE: &str = "/api/v1/labeling/queues/meters";
const TASKS: &str = "/api/v1/labeling/tasks";

struct World {
    app: TestApp,
    acme: Organisation,
    /// An admin, and a labeler.
    ada: Client,
    lena: Client,
    /// Readings in the order in which they came.
    readings: Vec<String>,
}

/// A queue of so many tasks.
async fn prepared(tasks: u8) -> World {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.reading_model(&app.desk, "meters").await;
    let predict = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let mut readings = Vec::new();
    for number in 0..tasks {
        let path = format!("/api/v1/models/meters/readings?source=m{number}");
        let read = predict.post_bytes(&path, "image/png", grey(number)).await.expect_json(201);
        readings.push(read["id"].as_str().unwrap().to_owned());
    }
    let (ada, lena) = (app.with_session(acme.admin.id).await, app.with_session(acme.labeler.id).await);
    World { app, acme, ada, lena, readings }
}

async fn next(who: &Client) -> Value {
    who.post(&format!("{QUEUE}/leases"), json!({})).await.expect_json(200)
}

fn task(given: &Value) -> String {
    format!("{TASKS}/{}", given["task"])
}

impl World {
    async fn truth(&self, reading: &str) -> Value {
        self.ada.get(&format!("/api/v1/predictions/{reading}")).await.expect_json(200)["truth"].clone()
    }
}

#[tokio::test]
async fn a_labeler_answers_one_task_after_the_other() {
    let world = prepared(2).await;
    let given = next(&world.lena).await;
    assert_eq!((given["prediction"].as_str(), &given["source"]), (Some(world.readings[0].as_str()), &json!("m0")));
    world.lena.get(given["image"].as_str().unwrap()).await.expect(200);
    assert_eq!(next(&world.lena).await["task"], given["task"], "what they have already");
    let said = format!("{}/annotations", task(&given));
    for wrong in [json!({}), json!({ "text": "1", "unreadable": true }), json!({ "text": "12a" })] {
        assert_eq!(world.lena.post(&said, wrong).await.expect(422).wrong_fields()[0].0, "text");
    }
    let body = json!({ "text": "12", "seconds": 1.5 });
    world.lena.post(&said, body.clone()).await.expect(204);
    world.lena.post(&said, body).await.expect(204);
    assert_eq!(world.truth(&world.readings[0]).await, "12");
    let last = next(&world.lena).await;
    world.lena.post(&format!("{}/annotations", task(&last)), json!({ "unreadable": true })).await.expect(204);
    world.lena.post(&format!("{QUEUE}/leases"), json!({})).await.expect(204);
    world.lena.post("/api/v1/labeling/queues/plates/leases", json!({})).await.expect(404);
}

#[tokio::test]
async fn what_was_said_can_be_taken_back_and_corrected_but_not_forgotten() {
    let world = prepared(1).await;
    let given = next(&world.lena).await;
    let path = task(&given);
    world.lena.post(&format!("{path}/annotations"), json!({ "text": "1", "seconds": 2.0 })).await.expect(204);
    world.ada.delete(&format!("{path}/annotations/last")).await.expect(409);
    world.lena.delete(&format!("{path}/annotations/last")).await.expect(204);
    assert_eq!(world.truth(&world.readings[0]).await, Value::Null);
    world.lena.post(&format!("{path}/annotations"), json!({ "text": "2" })).await.expect(204);
    let correction = format!("{path}/corrections");
    world.lena.post(&correction, json!({ "text": "3" })).await.expect(422);
    world.lena.post(&correction, json!({ "text": "2", "reason": "x" })).await.expect(409);
    world.lena.post(&correction, json!({ "text": "3", "reason": "a smudge" })).await.expect(204);
    assert_eq!(world.truth(&world.readings[0]).await, "3");
    let shown = world.ada.get(&path).await.expect_json(200);
    assert_eq!((&shown["task"]["state"], &shown["task"]["text"]), (&json!("settled"), &json!("3")));
    let acts: Vec<&str> =
        shown["history"].as_array().unwrap().iter().map(|line| line["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["read", "withdrawn", "read", "corrected"]);
    assert_eq!(shown["history"][0]["seconds"], 2.0);
    assert_eq!(shown["history"][3]["person"], world.acme.labeler.id.0);
    assert_eq!(shown["history"][3]["note"], "a smudge");
    world.lena.get(&path).await.expect(403);
}

#[tokio::test]
async fn two_people_never_have_the_same_task() {
    let world = prepared(2).await;
    let (mine, hers) = (next(&world.lena).await, next(&world.ada).await);
    assert_ne!(mine["task"], hers["task"]);
    let told = world.ada.post(&format!("{}/annotations", task(&mine)), json!({ "text": "1" })).await.expect(409);
    assert!(told.text.contains("labeler@acme.example has this task"), "{}", told.text);
    world.ada.post(&format!("{}/lease", task(&mine)), json!({})).await.expect(409);
    let queue = world.ada.get("/api/v1/labeling/queues").await.expect_json(200)["items"][0].clone();
    assert_eq!((&queue["name"], &queue["open"]), (&json!("meters"), &json!(2)));
    assert_eq!(queue["at_work"].as_array().unwrap().len(), 2);
    world.lena.delete(&format!("{}/lease?skip=true", task(&mine))).await.expect(204);
    world.ada.delete(&format!("{}/lease", task(&hers))).await.expect(204);
    assert_eq!(next(&world.lena).await["task"], hers["task"], "what was passed over comes last");
    let until = world.lena.post(&format!("{}/lease", task(&hers)), json!({})).await.expect_json(200)["until"].clone();
    world.app.clock.pass(LEASE);
    assert_eq!(next(&world.ada).await["task"], hers["task"], "the lease has run out at {until}");
}

#[tokio::test]
async fn what_was_refused_of_one_task_stands_in_no_other() {
    let world = prepared(2).await;
    let given = next(&world.lena).await["task"].to_string();
    let lena = world.app.with_session(world.acme.labeler.id).await.header("accept", "text/html");
    let after_refusal = async |query: &str| {
        let typed = [("task", given.as_str()), ("queue", "meters"), ("text", "9-9")];
        lena.post_form("/actions/label", &typed).await.expect(302);
        lena.get(&format!("/label/meters?{query}={given}")).await.expect(200).text
    };
    let says = |page: &str| (page.contains(r#"value="9-9""#), page.contains("It does say so"));
    assert_eq!(says(&after_refusal("task").await), (true, true));
    assert_eq!(says(&after_refusal("besides").await), (false, false));
}

#[tokio::test]
async fn a_page_takes_back_what_is_fresh() {
    let world = prepared(2).await;
    let given = next(&world.lena).await;
    world.lena.post(&format!("{}/annotations", task(&given)), json!({ "text": "12" })).await.expect(204);
    let offers = async || {
        let lena = world.app.with_session(world.acme.labeler.id).await.header("accept", "text/html");
        lena.get("/label/meters").await.expect(200).text.contains("/actions/label_again")
    };
    assert!(offers().await);
    world.app.clock.pass(UNDO);
    assert!(!offers().await);
    world.app.clock.pass(1);
    world.lena.delete(&format!("{}/annotations/last", task(&given))).await.expect(409);
}

#[tokio::test]
async fn admins_list_tasks_and_measure_by_them() {
    let world = prepared(3).await;
    let first = next(&world.lena).await;
    world.lena.post(&format!("{}/annotations", task(&first)), json!({ "text": "7" })).await.expect(204);
    let flagged = next(&world.lena).await;
    world.lena.post(&format!("{}/flags", task(&flagged)), json!({ "note": " " })).await.expect(422);
    world.lena.post(&format!("{}/flags", task(&flagged)), json!({ "note": "no meter" })).await.expect(204);
    let list = async |query: &str| world.ada.get(&format!("{TASKS}{query}")).await.expect_json(200);
    let page = list("?queue=meters&limit=2").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    let rest = list(&format!("?queue=meters&limit=2&cursor={}", page["next"].as_str().unwrap())).await;
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&first["task"], &Value::Null));
    assert_eq!(list("?state=flagged&origin=limit").await["items"][0]["id"], flagged["task"]);
    world.ada.get(&format!("{TASKS}?state=done")).await.expect(422);
    world.ada.get(&format!("{TASKS}?queue=plates")).await.expect(404);
    world.ada.put(&format!("{}/gold", task(&flagged))).await.expect(409);
    world.ada.put(&format!("{}/gold", task(&first))).await.expect(204);
    world.ada.put(&format!("{}/gold", task(&first))).await.expect(409);
    let gold = list("?gold=true").await["items"].clone();
    assert_eq!((gold.as_array().unwrap().len(), &gold[0]["gold"]), (1, &json!("7")));
    let path = format!("{TASKS}/{}/gold", gold[0]["id"]);
    world.lena.delete(&path).await.expect(403);
    world.ada.delete(&path).await.expect(204);
    world.ada.delete(&path).await.expect(409);
}

#[tokio::test]
async fn figures_agreement_and_selections_are_for_admins() {
    let world = prepared(2).await;
    let given = next(&world.lena).await;
    world.lena.post(&format!("{}/annotations", task(&given)), json!({ "text": "7", "seconds": 4.0 })).await.expect(204);
    let figures = world.ada.get(&format!("{QUEUE}/figures?days=7")).await.expect_json(200);
    assert_eq!(figures["paces"][0], json!({ "person": world.acme.labeler.id.0, "read": 1, "median_seconds": 4.0 }));
    assert_eq!((&figures["backlog"][0]["tasks"], &figures["backlog"][0]["origin"]), (&json!(1), &json!("limit")));
    assert_eq!(figures["captured"][0]["readings"], 2);
    let agreement = world.ada.get(&format!("{QUEUE}/agreement")).await.expect_json(200);
    assert_eq!(agreement["pairs"], json!({ "n": 0, "exact": 0, "cer": null, "kappa": null }));
    for (path, days) in [("figures", -5), ("figures", 367), ("agreement", -5), ("agreement", 0)] {
        let wrong = world.ada.get(&format!("{QUEUE}/{path}?days={days}")).await.expect(422);
        assert_eq!(wrong.wrong_fields()[0].0, "days");
    }
    let path = "/api/v1/models/meters/selections";
    world.ada.get(&format!("{path}/newest")).await.expect(404);
    let wrong = world.ada.post(path, json!({ "count": 0 })).await.expect(422);
    assert_eq!(wrong.wrong_fields()[0].0, "count");
    let made = world.ada.post(path, json!({ "count": 5 })).await.expect_json(201);
    assert_eq!((&made["asked"], &made["pool"], &made["chosen"]), (&json!(5), &json!(0), &json!(0)), "all have tasks");
    assert_eq!(world.ada.get(&format!("{path}/newest")).await.expect_json(200), made);
    for path in [format!("{QUEUE}/figures"), format!("{QUEUE}/agreement"), format!("{path}/newest")] {
        world.lena.get(&path).await.expect(403);
    }
}

#[tokio::test]
async fn pages_say_what_becomes_of_a_reading_and_what_can_be_undone() {
    let world = prepared(2).await;
    let supervisor = world.app.with_session(world.acme.supervisor.id).await;
    let page = async |who: &Client| who.get(&format!("/predictions/{}", world.readings[0])).await.expect(200).text;
    let link = "href=\"/label/meters?task=";
    assert!(page(&world.ada).await.contains(link));
    let told = page(&supervisor).await;
    assert!(told.contains("waits in the queue") && !told.contains(link), "{told}");
    for said in [json!({ "unreadable": true }), json!({ "text": "12" })] {
        let given = next(&world.lena).await;
        world.lena.post(&format!("{}/annotations", task(&given)), said).await.expect(204);
    }
    for who in [&world.ada, &supervisor] {
        assert!(page(who).await.contains("people have looked at it"), "nobody could read it");
    }
    let queue = world.lena.get("/label/meters").await.expect(200).text;
    assert!(queue.contains("aria-label=\"Undo: take 12 back\"") && queue.contains(">undo</button>"), "{queue}");
}

#[tokio::test]
async fn no_program_labels() {
    let world = prepared(1).await;
    let key = world.app.with_key(&world.acme.key(&world.app.desk, Scope::Admin).await);
    key.get("/api/v1/labeling/queues").await.expect(403);
    key.post(&format!("{QUEUE}/leases"), json!({})).await.expect(403);
    let id = key.get(TASKS).await.expect_json(200)["items"][0]["id"].clone();
    key.post(&format!("{TASKS}/{id}/annotations"), json!({ "text": "1" })).await.expect(403);
    key.get(&format!("{TASKS}/{id}")).await.expect(200);
}
