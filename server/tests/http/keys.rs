//! API keys: shown once, scoped, revoked, expired.

use domain::{Role, Scope};
use serde_json::json;

use super::support::{Client, Organisation, TestApp, claims_row, person};

#[tokio::test]
async fn a_key_is_shown_once_and_opens_until_it_is_revoked() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin = app.with_session(acme.admin.id).await;
    let made = admin.post("/api/v1/keys", json!({ "name": "till", "scopes": ["read"] })).await.expect_json(201);
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("vdt_") && secret.starts_with(made["prefix"].as_str().unwrap()));
    let list = admin.get("/api/v1/keys").await.expect(200);
    assert!(!list.text.contains(secret), "the secret is not shown again");

    let till = app.with_key(secret);
    till.get("/api/v1/models").await.expect(200);
    app.anonymous().header("x-api-key", secret).get("/api/v1/models").await.expect(200);
    admin.delete(&format!("/api/v1/keys/{}", made["id"])).await.expect(204);
    let refused = till.get("/api/v1/models").await.expect(401);
    assert!(refused.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn a_key_opens_only_what_its_scopes_allow() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    let refused = read.post("/api/v1/models/claims/predictions", json!({ "row": claims_row() })).await.expect(403);
    assert_eq!(refused.json()["detail"], "this needs the right to ask for predictions");
    let predict = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    predict.get("/api/v1/models").await.expect(403);
}

#[tokio::test]
async fn a_key_outlives_neither_its_maker_nor_their_rights() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let ada = person(&app.desk, &acme.actor, "ada@acme.example", Role::Admin).await;
    let made = async |client: &Client, body| client.post("/api/v1/keys", body).await.expect_json(201);
    let day = json!({ "name": "day", "scopes": ["admin"], "expires_in_days": 1 });
    let parent = made(&app.with_session(ada.id).await, day).await;
    let parent_key = app.with_key(parent["secret"].as_str().unwrap());
    for wish in [json!(null), json!(90)] {
        let child = made(&parent_key, json!({ "name": "x", "scopes": ["read"], "expires_in_days": wish })).await;
        assert_eq!(child["expires_at"], parent["expires_at"]);
    }
    let child = made(&parent_key, json!({ "name": "child", "scopes": ["admin"] })).await;
    let child = app.with_key(child["secret"].as_str().unwrap());
    child.get("/api/v1/people").await.expect(200);

    app.desk.people().set_role(&acme.actor, ada.id, Role::Supervisor).await.unwrap();
    for key in [&parent_key, &child] {
        key.get("/api/v1/people").await.expect(403);
        key.get("/api/v1/models").await.expect(200);
    }
    app.desk.people().set_disabled(&acme.actor, ada.id, true).await.unwrap();
    for key in [&parent_key, &child] {
        key.get("/api/v1/models").await.expect(401);
    }
    let operators = app.with_key(&acme.key(&app.desk, Scope::Admin).await);
    operators.get("/api/v1/people").await.expect(200);
}

#[tokio::test]
async fn what_is_no_key_opens_nothing_also_beside_a_good_session() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    for secret in ["vdt_0000", "", "x", &"v".repeat(500)] {
        app.with_key(secret).get("/api/v1/models").await.expect(401);
    }
    let admin = app.with_session(acme.admin.id).await;
    admin.get("/api/v1/models").await.expect(200);
    admin.key("vdt_0000").get("/api/v1/models").await.expect(401);
}

#[tokio::test]
async fn a_wrong_key_request_names_its_fields() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin = app.with_session(acme.admin.id).await;
    for (body, field) in [
        (json!({ "name": "", "scopes": ["read"] }), "name"),
        (json!({ "name": "x", "scopes": [] }), "scopes"),
        (json!({ "name": "x", "scopes": ["fly"] }), "scopes[0]"),
        (json!({ "name": "x", "scopes": ["read"], "expires_in_days": 0 }), "expires_in_days"),
        (json!({ "name": "x" }), "scopes"),
        (json!({ "name": "x", "scopes": ["read"], "colour": 1 }), "colour"),
    ] {
        let refused = admin.post("/api/v1/keys", body).await.expect(422);
        assert_eq!(refused.wrong_fields()[0].0, field, "{}", refused.text);
    }
}
