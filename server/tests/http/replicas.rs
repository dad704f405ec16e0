//! Two servers on one PostgreSQL and one place for artifacts. Needs `VERDICT_TEST_POSTGRES`; without it the test says that
//! it is skipped.

use domain::Scope;
use serde_json::{Value, json};

use super::support::{Database, Organisation, TestApp, claims_row, eventually};

const PATH: &str = "/api/v1/models/claims/predictions";

#[tokio::test]
async fn a_promotion_takes_effect_on_the_other_replica() {
    let Some(database) = Database::fresh().await else {
        eprintln!("skipped: VERDICT_TEST_POSTGRES names no PostgreSQL");
        return;
    };
    let url = database.url.clone();
    let first = TestApp::spawn_with(|settings| settings.database_url = url).await;
    let (url, place) = (database.url.clone(), first.settings.artifacts.clone());
    let second = TestApp::spawn_with(|settings| (settings.database_url, settings.artifacts) = (url, place)).await;

    let acme = Organisation::make(&first.desk, "acme").await;
    acme.model(&first.desk, "claims").await;
    acme.train(&first.desk, "claims").await;
    let secret = acme.key(&first.desk, Scope::Admin).await;
    let (here, there) = (first.with_key(&secret), second.with_key(&secret));
    let before = there.post(PATH, json!({ "row": claims_row() })).await.expect_json(200);
    assert_eq!(before["version"], Value::Null);

    let promotion = json!({ "version": 1, "reason": "first", "despite_gates": true });
    here.post("/api/v1/models/claims/promotions", promotion).await.expect(201);
    let served = async || there.post(PATH, json!({ "row": claims_row() })).await.expect_json(200)["version"] == 1;
    eventually("the other replica serves the version", served).await;
    let asked = here.post(PATH, json!({ "row": claims_row() })).await.expect_json(200);
    let outcome = format!("/api/v1/predictions/{}/outcome", asked["id"].as_str().unwrap());
    there.post(&outcome, json!({ "truth": "no" })).await.expect(201);
    here.post(&outcome, json!({ "truth": "no" })).await.expect(409);
    let export = there.get("/api/v1/models/claims/predictions.csv?outcome=known").await.expect(200);
    assert_eq!(export.text.lines().count(), 2);
}
