//! How good a model is in service: measured by outcomes, expected by its scores, and only where truths have come.

use domain::Scope;
use domain::retraining::{DriftRule, Rules};
use domain::specification::Draft;
use domain::time::{DAY, HOUR};
use serde_json::{Value, json};
use simulate::claims::{Claim, FIRST_DAY, claims};

use super::support::{Client, Organisation, TestApp, claims_row};

const PATH: &str = "/api/v1/models/claims/quality";

fn row(claim: &Claim) -> Value {
    let mut row = claim.row();
    row.remove("filed_at");
    Value::Object(row)
}

async fn ask(client: &Client, rows: &[Value]) -> Vec<Value> {
    let answer = client.post("/api/v1/models/claims/predictions", json!({ "rows": rows })).await.expect_json(200);
    answer["predictions"].as_array().unwrap().clone()
}

/// A version that serves, and 200 claims whose truth came forty hours later.
async fn prepared() -> (TestApp, Organisation, Client, u64) {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let (_, version) = acme.train(&app.desk, "claims").await;
    app.desk.versions().promote(&acme.actor, "claims", version, "the first", true).await.unwrap();
    let admin = app.with_key(&acme.key(&app.desk, Scope::Admin).await);
    let judged = claims(12, 200, FIRST_DAY, 40.0);
    let answers = ask(&admin, &judged.iter().map(row).collect::<Vec<_>>()).await;
    let truths = answers.iter().zip(&judged);
    let truths: Vec<Value> =
        truths.map(|(answer, claim)| json!({ "prediction": answer["id"], "truth": claim.truth() })).collect();
    app.clock.pass(40 * HOUR);
    let recorded = admin.post("/api/v1/outcomes", json!(truths)).await.expect_json(200);
    assert_eq!(recorded["recorded"], 200);
    let right = answers.iter().zip(&judged).filter(|(answer, claim)| answer["decision"] == claim.truth()).count();
    (app, acme, admin, right as u64)
}

#[tokio::test]
async fn a_version_is_measured_by_the_truths_that_have_come() {
    let (app, _, admin, right) = prepared().await;
    app.clock.pass(20 * DAY);
    let same = vec![claims_row(); 100];
    ask(&admin, &same).await;
    let quality = admin.get(&format!("{PATH}?version=1&days=30")).await.expect_json(200);
    let whole = &quality["whole"];
    assert_eq!((&whole["predictions"], &whole["known"], &whole["coverage"]), (&json!(200), &json!(200), &json!(1.0)));
    let accuracy = &whole["measured"]["accuracy"];
    assert!((accuracy["value"].as_f64().unwrap() - right as f64 / 200.0).abs() < 1e-9, "{accuracy}");
    assert!(
        accuracy["low"].as_f64() < accuracy["value"].as_f64() && accuracy["value"].as_f64() < accuracy["high"].as_f64()
    );
    let counted: u64 = whole["confusion"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!((counted, &whole["expected"]["predictions"]), (200, &json!(200)));
    assert!(whole["expected"]["accuracy"]["value"].as_f64().unwrap() > 0.5);
    assert_eq!(quality["coming"], 1, "nothing is known of the newest day yet");
    let newest = quality["periods"].as_array().unwrap().last().unwrap();
    assert_eq!((&newest["settled"], &newest["figures"]["predictions"]), (&json!(false), &json!(100)));
    assert_eq!(quality["delays"]["n"], 200);
    assert!(quality["delays"]["half_within_hours"].as_f64().unwrap() > 40.0);
    assert_eq!(quality["versions"][0]["version"], 1);
}

#[tokio::test]
async fn scores_that_are_spread_otherwise_have_drifted() {
    let (app, acme, admin, _) = prepared().await;
    let drift = async |query: &str| admin.get(&format!("{PATH}{query}")).await.expect_json(200)["drift"].clone();
    let at_first = drift("").await;
    assert_eq!((&at_first["version"], &at_first["is_drift"]), (&json!(1), &json!(false)), "{at_first}");
    ask(&admin, &vec![claims_row(); 2_000]).await;
    let later = drift("?version=1&days=7").await;
    assert_eq!((&later["is_drift"], &later["current"]), (&json!(true), &json!(2_200)), "{later}");
    assert!(later["distance"].as_f64().unwrap() > 0.3 && later["p_value"].as_f64().unwrap() < 1e-6);
    let revisions = app.desk.models().revisions(&acme.actor, "claims").await.unwrap();
    let draft = Draft::from_json(&serde_json::to_string(&revisions[0].specification).unwrap()).unwrap();
    let rules = Rules { drift: DriftRule { p: 0.01, distance: 0.99 }, ..Rules::default() };
    let draft = Draft { retraining: Some(rules), ..draft };
    app.desk.models().specify(&acme.actor, "claims", draft, None).await.unwrap();
    assert_eq!(drift("?version=1&days=7").await["is_drift"], false, "by the model's own rules");
    assert_eq!(drift("?version=0").await, Value::Null, "the heuristic was never evaluated");
    let (verbs, now) = (app.desk.quality(), app.desk.now());
    let long_ago = verbs.score_drift(&acme.actor, "claims", 1, now.plus(-90 * DAY), now.plus(-60 * DAY)).await;
    assert_eq!(long_ago.unwrap(), None);
}

#[tokio::test]
async fn quality_is_asked_for_within_bounds() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    let empty = read.get(PATH).await.expect_json(200);
    assert_eq!((&empty["whole"]["predictions"], &empty["drift"]), (&json!(0), &Value::Null));
    read.get(&format!("{PATH}?version=9")).await.expect(404);
    assert_eq!(read.get(&format!("{PATH}?days=0")).await.expect(422).wrong_fields()[0].0, "days");
    read.get(&format!("{PATH}?days=367")).await.expect(422);
    read.get(&format!("{PATH}?since=1")).await.expect(422);
    let other = Organisation::make(&app.desk, "other").await;
    app.with_key(&other.key(&app.desk, Scope::Read).await).get(PATH).await.expect(404);
    let page = app.with_session(acme.supervisor.id).await;
    page.get("/models/claims/quality").await.expect(200);
    page.get("/models/claims/quality?version=9").await.expect(404);
}
