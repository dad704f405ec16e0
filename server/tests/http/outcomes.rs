//! What turned out to be true: once, corrected by a new record, or many at a time.

use domain::Scope;
use serde_json::json;

use super::support::{Client, Organisation, TestApp, claims_row};

async fn prepared() -> (TestApp, Client, Client, String) {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let predict = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    let id = ask(&predict).await;
    (app, predict, read, id)
}

async fn ask(predict: &Client) -> String {
    let answer = predict.post("/api/v1/models/claims/predictions", json!({ "row": claims_row() })).await;
    answer.expect_json(200)["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_truth_is_recorded_once_and_corrected_by_a_new_record() {
    let (_app, predict, read, id) = prepared().await;
    let (first, correction) =
        (format!("/api/v1/predictions/{id}/outcome"), format!("/api/v1/predictions/{id}/outcome/corrections"));
    predict.post(&correction, json!({ "truth": "no", "reason": "too early" })).await.expect(409);
    let recorded = predict.post(&first, json!({ "truth": "yes" })).await.expect(201);
    assert_eq!(recorded.header("location"), format!("/api/v1/predictions/{id}"));
    assert_eq!(recorded.json()["sequence"], 1);
    predict.post(&first, json!({ "truth": "no" })).await.expect(409);
    predict.post(&correction, json!({ "truth": "no" })).await.expect(422);
    predict.post(&correction, json!({ "truth": "no", "reason": " " })).await.expect(422);
    let corrected = predict.post(&correction, json!({ "truth": "no", "reason": "withdrawn" })).await.expect_json(201);
    assert_eq!((&corrected["sequence"], &corrected["reason"]), (&json!(2), &json!("withdrawn")));
    let logged = read.get(&format!("/api/v1/predictions/{id}")).await.expect_json(200);
    assert_eq!(logged["truth"], "no");
    let truths: Vec<_> = logged["outcomes"].as_array().unwrap().iter().map(|o| o["truth"].clone()).collect();
    assert_eq!(truths, ["yes", "no"]);
}

#[tokio::test]
async fn a_truth_that_the_model_cannot_have_is_refused() {
    let (_app, predict, _, id) = prepared().await;
    let path = format!("/api/v1/predictions/{id}/outcome");
    for truth in [json!("perhaps"), json!(null), json!({}), json!("")] {
        let refused = predict.post(&path, json!({ "truth": truth })).await.expect(422);
        assert_eq!(refused.wrong_fields()[0].0, "truth");
    }
    predict.post(&path, json!({ "truth": "yes", "extra": 1 })).await.expect(422);
    predict.post("/api/v1/predictions/none/outcome", json!({ "truth": "yes" })).await.expect(404);
    let other = "/api/v1/predictions/0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11/outcome";
    predict.post(other, json!({ "truth": "yes" })).await.expect(404);
}

#[tokio::test]
async fn a_number_is_true_within_bounds_and_can_be_corrected() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin = app.with_key(&acme.key(&app.desk, Scope::Admin).await);
    let homes = json!({ "task": "regression", "target": "price", "columns": [{ "name": "area", "kind": "numeric" }] });
    admin.post("/api/v1/models", json!({ "name": "homes", "specification": homes })).await.expect(201);
    let asked = admin.post("/api/v1/models/homes/predictions", json!({ "row": { "area": 80 } })).await.expect_json(200);
    let path = format!("/api/v1/predictions/{}/outcome", asked["id"].as_str().unwrap());
    for truth in [json!("1e200"), json!(-1e101), json!("inf"), json!("NaN")] {
        let refused = admin.post(&path, json!({ "truth": truth })).await.expect(422);
        assert_eq!(refused.wrong_fields()[0].0, "truth", "{truth}");
    }
    admin.post(&path, json!({ "truth": 1e100 })).await.expect(201);
    let correction = json!({ "truth": 250_000, "reason": "misread" });
    admin.post(&format!("{path}/corrections"), correction).await.expect(201);
}

#[tokio::test]
async fn a_batch_answers_each_item_by_itself() {
    let (_app, predict, _, first) = prepared().await;
    let second = ask(&predict).await;
    let batch = json!([
        { "prediction": first, "truth": "yes" },
        { "prediction": second, "truth": "perhaps" },
        { "prediction": "none", "truth": "yes" },
        { "prediction": second, "truth": "no" },
    ]);
    let answer = predict.post("/api/v1/outcomes", batch).await.expect_json(200);
    let statuses: Vec<_> = answer["items"].as_array().unwrap().iter().map(|i| i["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 422, 404, 201]);
    assert_eq!(answer["recorded"], 2);
    let again = json!([{ "prediction": first, "truth": "no" }, { "prediction": first, "truth": "yes" }]);
    let again = predict.post("/api/v1/outcomes", again).await.expect_json(200);
    assert_eq!((&again["items"][0]["status"], &again["items"][1]["status"]), (&409.into(), &200.into()));
    assert_eq!(again["recorded"], 0, "the same truth again is known, another one is not taken");
    let many = vec![json!({ "prediction": "x", "truth": 1 }); 10_001];
    predict.post("/api/v1/outcomes", json!(many)).await.expect(413);
}
