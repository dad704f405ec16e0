//! A queue as a file: CSV, and tasks that Label Studio takes and gives back.

use std::process::Command;

use domain::Scope;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{Client, Organisation, TestApp, grey};

const EXPORT: &str = "/api/v1/labeling/queues/meters/export";

struct World {
    app: TestApp,
    acme: Organisation,
    ada: Client,
    readings: Vec<String>,
}

/// Three readings by a version; one is corrected, one nobody can read, one waits.
async fn prepared() -> World {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.reading_model(&app.desk, "meters").await;
    let predict = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let mut readings = Vec::new();
    for number in 0..3 {
        let path = format!("/api/v1/models/meters/readings?source==m{number}");
        let read = predict.post_bytes(&path, "image/png", grey(number)).await.expect_json(201);
        readings.push(read["id"].as_str().unwrap().to_owned());
    }
    let (ada, lena) = (app.with_session(acme.admin.id).await, app.with_session(acme.labeler.id).await);
    for said in [json!({ "text": "42", "seconds": 2.5 }), json!({ "unreadable": true })] {
        let given = lena.post("/api/v1/labeling/queues/meters/leases", json!({})).await.expect_json(200);
        lena.post(&format!("/api/v1/labeling/tasks/{}/annotations", given["task"]), said).await.expect(204);
    }
    World { app, acme, ada, readings }
}

#[tokio::test]
async fn corrections_are_lines_of_a_csv() {
    let world = prepared().await;
    let export = world.ada.get(EXPORT).await.expect(200);
    assert!(export.header("content-type").starts_with("text/csv"));
    let mut reader = csv::Reader::from_reader(export.text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cell = |name: &str| &lines[0][header.iter().position(|known| known == name).unwrap()];
    assert_eq!(lines.len(), 1, "what is settled");
    assert_eq!((cell("prediction"), cell("text"), cell("seconds")), (world.readings[0].as_str(), "42", "2.5"));
    assert_eq!(cell("source"), "'=m0", "a formula is made harmless");
    assert_eq!(cell("by"), format!("person:{}", world.acme.labeler.id));
    let lines = async |query: &str| world.ada.get(&format!("{EXPORT}{query}")).await.expect(200).text.lines().count();
    assert_eq!((lines("?state=unreadable").await, lines("?format=csv&state=open").await), (2, 2));
    world.ada.get(&format!("{EXPORT}?state=done")).await.expect(422);
    world.ada.get(&format!("{EXPORT}?format=xml")).await.expect(422);
    world.ada.get("/api/v1/labeling/queues/plates/export").await.expect(404);
}

#[tokio::test]
async fn tasks_go_to_label_studio_and_come_back() {
    let world = prepared().await;
    let tasks = world.ada.get(&format!("{EXPORT}?format=label-studio")).await.expect(200);
    let image = format!("http://{}/api/v1/predictions/{}/image", world.app.address, world.readings[0]);
    assert_eq!(tasks.json().as_array().unwrap().len(), 1);
    let task = &tasks.json()[0];
    assert_eq!((&task["data"]["image"], &task["data"]["source"]), (&json!(image), &json!("=m0")));
    assert_eq!(task["predictions"], json!([]), "no version read it");
    let annotation = &task["annotations"][0];
    assert_eq!((&annotation["lead_time"], &annotation["was_cancelled"]), (&json!(2.5), &json!(false)));
    let written = &annotation["result"][1];
    assert_eq!((&written["type"], &written["value"]["text"]), (&json!("textarea"), &json!(["42"])));
    assert_eq!((&written["original_width"], &written["original_height"]), (&json!(12), &json!(8)));
    assert_eq!(annotation["result"][0]["id"], written["id"], "one region");
    let unreadable = world.ada.get(&format!("{EXPORT}?format=label-studio&state=unreadable")).await.expect_json(200);
    assert_eq!(unreadable[0]["annotations"][0]["was_cancelled"], true);
    assert_eq!(world.ada.get(&format!("{EXPORT}?format=label-studio&state=flagged")).await.expect_json(200), json!([]));

    let mut foreign = task.clone();
    foreign["data"]["image"] = json!("http://elsewhere/a.png");
    let path = "/api/v1/datasets?name=corrections";
    let made = world.ada.post(path, json!([task, foreign, unreadable[0]])).await.expect_json(201);
    assert_eq!((&made["rows"], &made["left_out"]["rows"]), (&json!(1), &json!(2)));
    let named = made["left_out"]["named"].as_array().unwrap();
    assert!(named[0].as_str().unwrap().starts_with("http://elsewhere/a.png: "), "{named:?}");
    let zip = world.ada.get(&format!("/api/v1/datasets/{}/images.zip", made["id"])).await.expect(200).bytes;
    let again = world.ada.post_bytes("/api/v1/datasets?name=again.zip", "application/zip", zip).await.expect_json(201);
    assert_eq!(again["id"], made["id"]);
    world.ada.post(path, json!([foreign])).await.expect(422);
    world.ada.post(path, json!({})).await.expect(422);
}

/// Label Studio's own package reads what is exported; where it is not installed there is nothing to ask.
#[tokio::test]
async fn label_studio_itself_accepts_the_tasks() {
    let python = |words: &[&str]| Command::new("python3").args(words).output();
    if !python(&["-c", "import label_studio_sdk"]).is_ok_and(|asked| asked.status.success()) {
        eprintln!("skipped: python3 has no label_studio_sdk");
        return;
    }
    let world = prepared().await;
    let mut tasks = Vec::new();
    for state in ["settled", "unreadable", "open"] {
        let part = world.ada.get(&format!("{EXPORT}?format=label-studio&state={state}")).await.expect_json(200);
        tasks.extend(part.as_array().unwrap().clone());
    }
    // as a version would have read it: in the same regions
    let mut result = tasks[0]["annotations"][0]["result"].clone();
    result[1]["value"]["text"] = json!(["43"]);
    tasks[0]["predictions"] = json!([{ "model_version": "3", "score": 0.61, "result": result }]);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("tasks.json");
    std::fs::write(&file, Value::Array(tasks).to_string()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/label_studio.py");
    let checked = python(&[script, file.to_str().unwrap()]).unwrap();
    let (told, wrong) = (String::from_utf8_lossy(&checked.stdout), String::from_utf8_lossy(&checked.stderr));
    assert!(checked.status.success(), "{told}{wrong}");
    assert_eq!(told.trim(), "3 tasks, 2 annotations, 1 predictions: 42");
}
