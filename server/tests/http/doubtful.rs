//! Labels that a version contradicts, over REST.

use desk::training::Options;
use domain::Scope;
use serde_json::{Value, json};

use super::support::{Organisation, TestApp, corners, grey, make_corner_model};

const PATH: &str = "/api/v1/models/corner/versions/1/doubtful-labels";

#[tokio::test]
async fn doubtful_labels_are_listed_and_looked_at_again() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let is_wrong = |number: usize| number % 23 == 5;
    let zip = corners(0..160, |number| (number + 2 * usize::from(is_wrong(number))) % 4);
    let parameters = json!({ "epochs": 40, "width": 0.25, "distortion": 0, "cross_fit": true });
    make_corner_model(&app.desk, &acme.actor, "corner", zip, parameters).await;
    app.desk.training().start(&acme.actor, "corner", Options::default()).await.unwrap();
    assert!(app.desk.training().work_once("test").await.unwrap());

    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    let ada = app.with_session(acme.admin.id).await;
    let found = read.get(PATH).await.expect_json(200);
    assert_eq!((&found["judged"], &found["cross_fitted"]), (&json!(160), &json!(true)));
    let items = found["items"].as_array().unwrap();
    assert_eq!(found["doubtful"], items.len());
    let right = |item: &&Value| !is_wrong(item["row"].as_u64().unwrap() as usize);
    assert!(!items.is_empty() && !items.iter().any(|item| right(&item)), "{found}");
    read.get("/api/v1/models/corner/versions/2/doubtful-labels").await.expect(404);

    let image = json!({ "image": items[0]["image"] });
    let predict = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let planted =
        format!("/api/v1/models/corner/readings?client_id=doubtful-1-{}", items[0]["image"].as_str().unwrap());
    let planted = predict.post_bytes(&planted, "image/png", grey(1)).await.expect(422);
    assert_eq!(planted.wrong_fields()[0].0, "client_id");
    read.post(PATH, image.clone()).await.expect(403);
    let asked = ada.post(PATH, image.clone()).await.expect_json(201);
    assert_eq!(ada.post(PATH, image).await.expect_json(200), asked, "twice is once");
    assert_eq!((&asked["state"], &asked["text"]), (&json!("open"), &Value::Null));
    let task = ada.get(&format!("/api/v1/labeling/tasks/{}", asked["task"])).await.expect_json(200);
    let reason = task["task"]["reason"].as_str().unwrap();
    assert!(reason.contains(&format!("its label says {}", items[0]["label"].as_str().unwrap())), "{reason}");
    ada.post(PATH, json!({ "image": "ab" })).await.expect(404);
    assert_eq!(ada.post(PATH, json!({})).await.expect(422).wrong_fields()[0].0, "image");
}
