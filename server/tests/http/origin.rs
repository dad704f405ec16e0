//! A page of another site cannot act with our visitor's session.

use serde_json::json;

use super::support::{Organisation, TestApp};

#[tokio::test]
async fn only_our_own_pages_change_something_with_a_session() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin = app.with_session(acme.admin.id).await;
    let key = json!({ "name": "till", "scopes": ["read"] });
    for site in ["cross-site", "same-site"] {
        let other = admin.clone().header("sec-fetch-site", site);
        assert_eq!(other.post("/api/v1/keys", key.clone()).await.expect(403).json()["type"], "urn:verdict:cross-site");
        other.get("/api/v1/keys").await.expect(200);
    }
    let older = admin.clone().without("sec-fetch-site");
    older.clone().header("origin", "https://evil.example").post("/api/v1/keys", key.clone()).await.expect(403);
    older.clone().header("origin", "null").post("/api/v1/keys", key.clone()).await.expect(403);
    older.post("/api/v1/keys", key.clone()).await.expect(403);
    older.header("origin", format!("http://{}", app.address)).post("/api/v1/keys", key.clone()).await.expect(201);
    admin.post("/api/v1/keys", key).await.expect(201);
}

#[tokio::test]
async fn behind_a_public_address_that_address_counts() {
    let public = "https://verdict.example.org";
    let app = TestApp::spawn_with(|settings| settings.public_origin = Some(public.into())).await;
    let outcome = json!([]);
    let client = app.anonymous();
    client.clone().header("origin", public).post("/api/v1/outcomes", outcome.clone()).await.expect(401);
    let here = format!("http://{}", app.address);
    client.header("origin", here).post("/api/v1/outcomes", outcome).await.expect(403);
}
