//! The audit log over REST.

use super::support::{Organisation, TestApp};

#[tokio::test]
async fn what_was_done_is_there_page_by_page_and_verifies() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.named_key(&app.desk, "till", domain::Scope::Predict).await;
    acme.model(&app.desk, "claims").await;
    let admin = app.with_session(acme.admin.id).await;
    let first = admin.get("/api/v1/audit?limit=2").await.expect_json(200);
    let next = first["next"].as_str().unwrap();
    let second = admin.get(&format!("/api/v1/audit?limit=2&cursor={next}")).await.expect_json(200);
    let sequence = |page: &serde_json::Value, i: usize| page["items"][i]["sequence"].as_i64().unwrap();
    assert_eq!(sequence(&first, 1) - 1, sequence(&second, 0));
    assert_eq!(second["items"][0]["hash"], first["items"][1]["previous_hash"]);
    let found = admin.get("/api/v1/audit/verification").await.expect_json(200);
    assert_eq!((&found["intact"], found["entries"].as_i64()), (&true.into(), Some(sequence(&first, 0))));
    let models = admin.get("/api/v1/audit?subject=model:claims").await.expect_json(200);
    let oldest = models["items"].as_array().unwrap().last().unwrap();
    assert_eq!(oldest["action"], "model.created");
    for (about, found) in [("model:cla", 2), ("tenant.", 1), ("key.created", 1), ("person:", 3), ("odel:", 0)] {
        let page = admin.get(&format!("/api/v1/audit?subject={about}")).await.expect_json(200);
        assert_eq!(page["items"].as_array().unwrap().len(), found, "{about}: {page}");
    }
    let keys = admin.get("/api/v1/audit?subject=key.").await.expect_json(200);
    assert_eq!((&keys["items"][0]["subject"], &keys["items"][0]["detail"]["name"]), (&"key:1".into(), &"till".into()));
}
