//! Features of entities: kept, read as they were known, put beside the rows of a data set, and taken by predictions.

use domain::Scope;
use serde_json::{Value, json};

use super::support::{Client, Organisation, TestApp};

const FEATURES: &str = "/api/v1/features";
const ASK: &str = "/api/v1/models/homes/predictions";

struct World {
    _app: TestApp,
    write: Client,
    read: Client,
    predict: Client,
}

async fn prepared() -> World {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let with = async |scope| app.with_key(&acme.key(&app.desk, scope).await);
    let (write, read, predict) = (with(Scope::Write).await, with(Scope::Read).await, with(Scope::Predict).await);
    World { _app: app, write, read, predict }
}

fn record(entity: &str, at: &str, rooms: i64) -> Value {
    json!({ "entity": entity, "at": at, "computed_at": at, "features": { "rooms": rooms, "town": "Ulm" } })
}

async fn keep(world: &World, records: Vec<Value>) -> Value {
    world.write.post(FEATURES, json!({ "set": "homes", "records": records })).await.expect_json(200)
}

/// A model whose rows may leave their rooms to the feature set.
async fn homes(world: &World) {
    let specification = json!({ "task": "regression", "target": "price", "features": { "set": "homes" }, "columns": [
        { "name": "area", "kind": "numeric" }, { "name": "rooms", "kind": "numeric" },
        { "name": "floor", "kind": "numeric", "optional": true } ] });
    world.write.post("/api/v1/models", json!({ "name": "homes", "specification": specification })).await.expect(201);
}

#[tokio::test]
async fn what_is_sent_twice_is_kept_once_and_read_as_it_was_known() {
    let world = prepared().await;
    let records = vec![record("a", "2025-03-01", 2), record("a", "2025-03-03", 3), record("b", "2025-03-02", 4)];
    assert_eq!(keep(&world, records.clone()).await, json!({ "recorded": 3, "known": 0 }));
    assert_eq!(keep(&world, records).await, json!({ "recorded": 0, "known": 3 }));
    let late = json!({ "entity": "a", "at": "2025-03-02", "computed_at": "2025-03-04", "features": { "rooms": 9 } });
    keep(&world, vec![late]).await;

    let rooms = async |query: &str| {
        let reply = world.read.get(&format!("{FEATURES}/homes/a{query}")).await;
        if reply.status == 404 { Value::Null } else { reply.expect_json(200)["features"]["rooms"].clone() }
    };
    let known = [rooms("").await, rooms("?as_of=2025-03-02T12:00:00Z").await, rooms("?as_of=2025-02-28").await];
    assert_eq!(known, [json!(3), json!(2), Value::Null]);
    world.read.get(&format!("{FEATURES}/homes/a?as_of=soon")).await.expect(422);
    let page = world.read.get(&format!("{FEATURES}/homes?limit=1")).await.expect_json(200);
    assert_eq!((&page["items"][0]["entity"], &page["next"]), (&json!("a"), &json!("a")));
    let rest = world.read.get(&format!("{FEATURES}/homes?after=a&limit=1")).await.expect_json(200);
    assert_eq!((&rest["items"][0]["entity"], rest.get("next")), (&json!("b"), None));
    let sets = world.read.get(FEATURES).await.expect_json(200);
    assert_eq!(
        (&sets["items"][0]["set"], &sets["items"][0]["entities"], &sets["items"][0]["stale"]),
        (&json!("homes"), &json!(2), &json!(2))
    );
    world.read.get(&format!("{FEATURES}/none")).await.expect(404);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_kept() {
    let world = prepared().await;
    let good = || record("x", "2025-03-01", 1);
    let body = |record: Value| json!({ "set": "homes", "records": [good(), record] });
    for (sent, field) in [
        (json!({ "set": "No!", "records": [good()] }), "set"),
        (json!({ "set": "homes", "records": [] }), "records"),
        (body(json!({ "entity": "", "at": "2025-03-01", "features": { "a": 1 } })), "records[1].entity"),
        (body(json!({ "entity": "x", "at": "soon", "features": { "a": 1 } })), "records[1].at"),
        (body(json!({ "entity": "x", "at": "2999-01-01", "features": { "a": 1 } })), "records[1].at"),
        (body(json!({ "entity": "x", "at": "2025-03-01", "features": { "a": [1] } })), "records[1].features"),
        (body(json!({ "entity": "x", "at": "2025-03-01" })), "records[1].features"),
        (body(json!({ "entity": "x", "at": "2025-03-01", "features": { "a": 1 }, "colour": 1 })), "records[1].colour"),
    ] {
        let reply = world.write.post(FEATURES, sent).await;
        let problem = reply.expect_json(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let twice = r#"{"set": "homes", "records": [{"entity": "x", "at": "2025-03-01", "features": {"n": 1, "n": 2}}]}"#;
    let reply = world.write.post_text(FEATURES, "application/json", twice).await.expect(422);
    assert_eq!(reply.wrong_fields(), [(String::from("records[0].features.n"), String::from("is there twice"))]);
    assert_eq!(world.read.get(FEATURES).await.expect_json(200)["items"], json!([]));
    let many: Vec<Value> = (0..10_001).map(|_| json!({ "entity": "x", "at": "2025-03-01" })).collect();
    world.write.post(FEATURES, json!({ "set": "homes", "records": many })).await.expect(413);
}

#[tokio::test]
async fn a_prediction_takes_what_its_row_does_not_name() {
    let world = prepared().await;
    homes(&world).await;
    let failed = json!({ "entity": "broken", "at": "2025-03-01", "problem": "timeout" });
    keep(&world, vec![record("a", "2025-03-01", 3), failed]).await;
    let ask = async |body: Value| world.predict.post(ASK, body).await;
    let answer = ask(json!({ "row": { "area": 50 }, "entity": "a" })).await.expect_json(200);
    assert_eq!(answer["features"], json!({ "status": "stale", "at": "2025-03-01T00:00:00Z" }));
    let logged = world.read.get(&format!("/api/v1/predictions/{}", answer["id"].as_str().unwrap())).await;
    assert_eq!(logged.expect_json(200)["row"], json!({ "area": 50, "rooms": 3 }), "the log has what was answered from");

    let rows = json!({ "rows": [{ "area": 1, "rooms": 7 }, { "area": 2 }, { "area": 3, "rooms": 1 }, { "area": 4, "rooms": 1 }],
        "entities": ["a", "a", null, "nobody"] });
    let answers = ask(rows).await.expect_json(200);
    let status: Vec<_> =
        answers["predictions"].as_array().unwrap().iter().map(|one| one["features"]["status"].clone()).collect();
    assert_eq!(status, [json!("stale"), json!("stale"), Value::Null, json!("unknown")]);

    for (body, field) in [
        (json!({ "row": { "area": 1 }, "entity": "nobody" }), "row.rooms"),
        (json!({ "row": { "area": 1 }, "entity": "broken" }), "row.rooms"),
        (json!({ "rows": [{ "area": 1 }, { "area": 1 }], "entities": ["a"] }), "entities"),
        (json!({ "row": { "area": 1 }, "entity": "a\u{0}" }), "entity"),
    ] {
        let problem = ask(body).await.expect_json(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn an_entity_means_nothing_to_a_model_without_a_set() {
    let world = prepared().await;
    let specification =
        json!({ "task": "regression", "target": "price", "columns": [{ "name": "area", "kind": "numeric" }] });
    world.write.post("/api/v1/models", json!({ "name": "homes", "specification": specification })).await.expect(201);
    let problem = world.predict.post(ASK, json!({ "row": { "area": 1 }, "entity": "a" })).await.expect_json(422);
    assert_eq!(problem["errors"][0]["field"], "entity");
}

#[tokio::test]
async fn a_data_set_learns_from_what_was_known_at_each_row() {
    let world = prepared().await;
    let late = json!({ "entity": "a", "at": "2025-03-02", "computed_at": "2025-03-09", "features": { "rooms": 9 } });
    keep(&world, vec![record("a", "2025-03-01", 2), late]).await;
    let csv = "home,asked,price\na,2025-03-05,10\na,2025-03-10,20\na,2025-02-01,30\nb,2025-03-05,40\n";
    let import = async |query: &str| {
        world.write.post_text(&format!("/api/v1/datasets?name=homes{query}"), "text/csv", csv).await
    };
    let made = import("&features=homes&entity=home&time=asked").await.expect_json(201);
    assert_eq!(made["rows"], 4);
    let names: Vec<_> = made["columns"].as_array().unwrap().iter().map(|column| column["name"].clone()).collect();
    assert_eq!(names, ["home", "asked", "price", "rooms", "town"]);
    let rooms = &made["columns"][3];
    assert_eq!(rooms["missing"], 2, "neither before anything was known nor of an unknown home: {rooms}");
    for (query, field) in [
        ("&features=homes", "features"),
        ("&features=none&entity=home&time=asked", "features"),
        ("&features=homes&entity=house&time=asked", "entity"),
        ("&features=homes&entity=home&time=price", "time"),
    ] {
        let problem = import(query).await.expect_json(422);
        assert_eq!(problem["errors"][0]["field"], field, "{query}: {problem}");
    }
}
