//! People over REST, and what ends their sessions.

use serde_json::json;

use super::support::{Organisation, TestApp};

#[tokio::test]
async fn locking_somebody_out_ends_their_sessions() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin = app.with_session(acme.admin.id).await;
    let supervisor = app.with_session(acme.supervisor.id).await;
    supervisor.get("/api/v1/models").await.expect(200);
    let path = format!("/api/v1/people/{}", acme.supervisor.id);
    admin.post(&format!("{path}/access"), json!({ "enabled": false })).await.expect(204);
    supervisor.get("/api/v1/models").await.expect(401);
    admin.post(&format!("{path}/access"), json!({ "enabled": true })).await.expect(204);
    supervisor.get("/api/v1/models").await.expect(401);
}

#[tokio::test]
async fn a_new_password_or_role_ends_sessions_too() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin = app.with_session(acme.admin.id).await;
    for (person, path, body) in [
        (&acme.supervisor, "password", json!({ "password": "another good password" })),
        (&acme.labeler, "role", json!({ "role": "supervisor" })),
    ] {
        let theirs = app.with_session(person.id).await;
        theirs.get("/api/v1/openapi.json").await.expect(200);
        admin.post(&format!("/api/v1/people/{}/{path}", person.id), body).await.expect(204);
        theirs.get("/api/v1/openapi.json").await.expect(401);
    }
}

#[tokio::test]
async fn the_last_admin_stays_and_wrong_fields_are_named() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin = app.with_session(acme.admin.id).await;
    let path = format!("/api/v1/people/{}", acme.admin.id);
    admin.post(&format!("{path}/role"), json!({ "role": "labeler" })).await.expect(409);
    admin.post(&format!("{path}/access"), json!({ "enabled": false })).await.expect(409);
    let new = json!({ "email": "x", "name": "", "role": "admin", "password": "short" });
    let refused = admin.post("/api/v1/people", new).await.expect(422);
    let fields: Vec<String> = refused.wrong_fields().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["email", "name", "password"]);
    let taken = json!({ "email": acme.labeler.email, "name": "x", "role": "admin", "password": "a long password" });
    assert_eq!(admin.post("/api/v1/people", taken).await.expect(422).wrong_fields()[0].0, "email");
    admin.post("/api/v1/people/999/role", json!({ "role": "labeler" })).await.expect(404);
}

#[tokio::test]
async fn people_are_listed_by_name() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let list = app.with_session(acme.admin.id).await.get("/api/v1/people").await.expect_json(200);
    let names: Vec<&str> = list["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["admin@acme.example", "labeler@acme.example", "supervisor@acme.example"]);
}
