//! Asking a model, and the log of what was answered.

use domain::Scope;
use serde_json::{Value, json};

use super::support::{Client, Organisation, TestApp, claims_row};

const PATH: &str = "/api/v1/models/claims/predictions";

async fn prepared() -> (TestApp, Client, Client) {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let predict = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    (app, predict, read)
}

fn row_with(name: &str, value: Value) -> Value {
    let mut row = claims_row();
    row[name] = value;
    json!({ "row": row })
}

#[tokio::test]
async fn one_row_is_answered_and_logged_as_it_was_sent() {
    let (_app, predict, read) = prepared().await;
    let answer = predict.post(PATH, json!({ "row": claims_row() })).await.expect_json(200);
    assert_eq!((&answer["route"], &answer["version"]), (&json!("heuristic"), &Value::Null));
    let score = answer["score"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&score));
    let id = answer["id"].as_str().unwrap();
    let logged = read.get(&format!("/api/v1/predictions/{id}")).await.expect_json(200);
    assert_eq!(logged["row"], claims_row());
    assert_eq!(logged["model"], "claims");
    assert_eq!(logged["by"].as_str().unwrap().split(' ').nth(1), Some("predict"));
}

#[tokio::test]
async fn rows_are_answered_in_their_order() {
    let (_app, predict, read) = prepared().await;
    let rows: Vec<Value> = (0..50).map(|i| row_with("amount", json!(i))["row"].clone()).collect();
    let answer = predict.post(PATH, json!({ "rows": rows })).await.expect_json(200);
    let answers = answer["predictions"].as_array().unwrap();
    assert_eq!(answers.len(), 50);
    for (i, answer) in answers.iter().enumerate().step_by(17) {
        let logged = read.get(&format!("/api/v1/predictions/{}", answer["id"].as_str().unwrap())).await;
        assert_eq!(logged.expect_json(200)["row"]["amount"], json!(i));
    }
}

#[tokio::test]
async fn every_wrong_field_is_named_with_its_reason() {
    let (_app, predict, read) = prepared().await;
    let mut missing = claims_row();
    missing.as_object_mut().unwrap().remove("amount");
    for (body, field, word) in [
        (row_with("colour", json!("red")), "row.colour", "no such input"),
        (json!({ "row": missing }), "row.amount", "missing"),
        (row_with("amount", json!("much")), "row.amount", "number"),
        (row_with("witness", json!([])), "row.witness", "list"),
        (row_with("fraud", json!("yes")), "row.fraud", "predicts"),
        (json!({ "rows": [claims_row(), { "region": "north" }] }), "rows[1].amount", "missing"),
    ] {
        let refused = predict.post(PATH, body).await.expect(422);
        let fields = refused.wrong_fields();
        let found = fields.iter().find(|(name, _)| name == field);
        assert!(found.is_some_and(|(_, reason)| reason.contains(word)), "{field}: {fields:?}");
    }
    let list = read.get("/api/v1/predictions").await.expect_json(200);
    assert_eq!(list["items"], json!([]), "a refused request leaves nothing behind");
}

#[tokio::test]
async fn more_rows_are_answered_than_explained() {
    let (_app, predict, _) = prepared().await;
    let rows = vec![claims_row(); 1_001];
    let refused = predict.post(PATH, json!({ "rows": rows, "contributions": true })).await.expect(422);
    let (field, reason) = refused.wrong_fields().remove(0);
    assert!(field == "contributions" && reason.contains("1000"), "{field}: {reason}");
    predict.post(PATH, json!({ "rows": rows })).await.expect(200);
}

#[tokio::test]
async fn numbers_that_are_not_finite_are_refused() {
    let (_app, predict, _) = prepared().await;
    let body = json!({ "row": claims_row() }).to_string();
    let huge = body.replace("5200.5", "1e999");
    let refused = predict.post_text(PATH, "application/json", huge).await.expect(422);
    assert_eq!(refused.wrong_fields()[0].0, "row.amount");
    let nan = body.replace("5200.5", "NaN");
    predict.post_text(PATH, "application/json", nan).await.expect(400);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_apart_from_one_that_says_something_wrong() {
    let (_app, predict, _) = prepared().await;
    for (media_type, body, status) in [
        ("application/json", "{\"row\": ", 400),
        ("application/json", "", 400),
        ("application/json", "[]", 422),
        ("application/json", "{\"rows\": []}", 422),
        ("application/json", "{\"row\": {}, \"speed\": 1}", 422),
        ("text/plain", "{\"row\": {}}", 415),
        ("application/json; charset=utf-8", "{}", 422),
    ] {
        let refused = predict.post_text(PATH, media_type, body).await;
        assert_eq!(refused.status, status, "{media_type} {body}: {}", refused.text);
        assert_eq!(refused.header("content-type"), "application/problem+json");
        assert_eq!(refused.json()["request_id"], refused.header("x-request-id"));
    }
}

#[tokio::test]
async fn more_than_fits_is_too_large() {
    let (_app, predict, _) = prepared().await;
    let rows = vec![json!({}); 10_001];
    predict.post(PATH, json!({ "rows": rows })).await.expect(413);
    let long = json!({ "row": { "region": "x".repeat(2 << 20) } });
    predict.post(PATH, long).await.expect(413);
}

#[tokio::test]
async fn a_text_that_no_database_keeps_is_refused_where_it_enters() {
    let (_app, predict, read) = prepared().await;
    let mut row = claims_row();
    row["region"] = json!("no\0rth");
    let refused = predict.post(PATH, json!({ "row": row })).await.expect(422);
    assert_eq!(refused.wrong_fields()[0].0, "row.region");
    let id = predict.post(PATH, json!({ "row": claims_row() })).await.expect_json(200)["id"].clone();
    let correction = format!("/api/v1/predictions/{}/outcome/corrections", id.as_str().unwrap());
    let refused = predict.post(&correction, json!({ "truth": "no", "reason": "a\0b" })).await.expect(422);
    assert_eq!(refused.wrong_fields()[0].0, "reason");
    read.get("/api/v1/predictions?decision=a%00b").await.expect(422);
    read.get("/api/v1/models/a%00b").await.expect(404);
}

#[tokio::test]
async fn an_unknown_model_is_not_there() {
    let (_app, predict, _) = prepared().await;
    let missing = predict.post("/api/v1/models/other/predictions", json!({ "row": {} })).await.expect(404);
    assert_eq!(missing.json()["type"], "urn:verdict:not-found");
}

#[tokio::test]
async fn the_champion_answers_and_explains() {
    let (app, predict, read) = prepared().await;
    let acme = domain::Actor::operator(app.desk.tenants().named(Some("acme")).await.unwrap().id);
    let options = desk::training::Options {
        estimator: Some(domain::specification::EstimatorKind::Logistic),
        ..Default::default()
    };
    app.desk.training().start(&acme, "claims", options).await.unwrap();
    assert!(app.desk.training().work_once("test").await.unwrap());
    app.desk.versions().promote(&acme, "claims", 1, "for the test", true).await.unwrap();

    let asked = json!({ "row": claims_row(), "contributions": true });
    let answer = predict.post(PATH, asked).await.expect_json(200);
    assert_eq!((&answer["route"], &answer["version"]), (&json!("champion"), &json!(1)));
    let explanation = &answer["explanation"];
    let shares = explanation["contributions"].as_array().unwrap();
    let sum: f64 = shares.iter().map(|share| share["value"].as_f64().unwrap()).sum();
    let difference = explanation["base"].as_f64().unwrap() + sum - explanation["score"].as_f64().unwrap();
    assert!(difference.abs() < 1e-3, "{explanation}");
    let logged = read.get(&format!("/api/v1/predictions/{}", answer["id"].as_str().unwrap())).await.expect_json(200);
    assert_eq!(logged["explanation"]["contributions"][0]["column"], shares[0]["column"]);
}

#[tokio::test]
async fn pages_of_the_log_follow_one_another_without_gap_or_repetition() {
    let (_app, predict, read) = prepared().await;
    for _ in 0..5 {
        predict.post(PATH, json!({ "rows": vec![claims_row(); 5] })).await.expect(200);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = read.get(&format!("/api/v1/predictions?limit=7{cursor}")).await.expect_json(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once");
}

#[tokio::test]
async fn the_log_is_filtered_and_a_wrong_word_in_the_query_is_named() {
    let (_app, predict, read) = prepared().await;
    let answer = predict.post(PATH, json!({ "row": claims_row() })).await.expect_json(200);
    let decision = answer["decision"].as_str().unwrap();
    for (query, expected) in [
        (format!("model=claims&decision={decision}"), 1),
        (String::from("decision=never"), 0),
        (String::from("version=0"), 1),
        (String::from("version=7"), 0),
        (String::from("outcome=known"), 0),
        (String::from("outcome=unknown"), 1),
        (String::from("min_score=0&max_score=1"), 1),
        (String::from("from=2020-01-01"), 1),
        (String::from("to=2020-01-01T00:00:00Z"), 0),
    ] {
        let page = read.get(&format!("/api/v1/predictions?{query}")).await.expect_json(200);
        assert_eq!(page["items"].as_array().unwrap().len(), expected, "{query}");
    }
    for (query, field) in [
        ("limit=many", "limit"),
        ("colour=red", "colour"),
        ("outcome=perhaps", "outcome"),
        ("from=yesterday", "from"),
        ("min_score=NaN", "min_score"),
        ("cursor=zzz", "cursor"),
    ] {
        let refused = read.get(&format!("/api/v1/predictions?{query}")).await.expect(422);
        assert_eq!(refused.wrong_fields()[0].0, field, "{}", refused.text);
    }
    read.get("/api/v1/predictions?model=other").await.expect(404);
}
