//! Data sets: the same bytes are the same set; what is wrong with a file is said.

use domain::Scope;
use futures::future::join_all;
use serde_json::json;

use super::support::{Organisation, TestApp};

#[tokio::test]
async fn the_same_bytes_are_the_same_data_set() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let write = app.with_key(&acme.key(&app.desk, Scope::Write).await);
    let csv = "a,b\n1,x\n2,y\n";
    let first = write.post_text("/api/v1/datasets?name=one.csv", "text/csv", csv).await.expect_json(201);
    let again = write.post_text("/api/v1/datasets?name=two.csv", "text/csv; charset=utf-8", csv).await.expect_json(201);
    assert_eq!((&first["id"], &first["rows"]), (&again["id"], &json!(2)));
    let shown = write.get(&format!("/api/v1/datasets/{}", first["id"])).await.expect_json(200);
    assert_eq!(shown["sha256"], first["sha256"]);
    let sent = (0..6).map(|_| write.post_text("/api/v1/datasets?name=six.csv", "text/csv", "a,b\n3,x\n4,y\n"));
    let at_once: Vec<_> = join_all(sent).await.into_iter().map(|sent| sent.expect_json(201)["id"].clone()).collect();
    assert!(at_once.iter().all(|id| *id == at_once[0]), "{at_once:?}");
}

#[tokio::test]
async fn what_is_no_data_set_is_refused_with_a_reason() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let write = app.with_key(&acme.key(&app.desk, Scope::Write).await);
    write.post_text("/api/v1/datasets?name=x", "text/plain", "a\n1\n").await.expect(415);
    write.post_text("/api/v1/datasets?name=x", "text/csv", "").await.expect(422);
    write.post_text("/api/v1/datasets?name=", "text/csv", "a\n1\n").await.expect(422);
    let nameless = write.post_text("/api/v1/datasets", "text/csv", "a\n1\n").await.expect(422);
    assert_eq!(nameless.wrong_fields()[0].0, "name");
    let long = format!("a\n{}", "1\n".repeat(3 << 20));
    write.post_text("/api/v1/datasets?name=x", "text/csv", long).await.expect(413);
    let good = write.post_text("/api/v1/datasets?name=x", "text/csv", "a,b\n1,x\n2,y\n").await.expect_json(201);
    let path = format!("/api/v1/datasets/{}/proposal", good["id"]);
    let refused = write.post(&path, json!({ "target": "c" })).await.expect(422);
    assert_eq!(refused.wrong_fields()[0].0, "target");
    write.post(&path, json!({ "target": "b", "time": "a", "group": "a" })).await.expect(422);
}
