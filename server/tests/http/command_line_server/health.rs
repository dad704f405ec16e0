//! How a server and a data directory do.

use desk::training::Options;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Ready;
use crate::support::{verdict, verdict_at};

#[tokio::test]
async fn the_status_is_one_screen() {
    let ready = Ready::make().await;
    let run = ready.app.desk.training().start(&ready.acme.actor, "claims", Options::default()).await.unwrap();
    ready.ask().await;
    let here = ready.here(&["status", "--json"]).await.json();
    let mut there = ready.there(&["status", "--json"]).await.json();
    there["at"] = here["at"].clone();
    assert_eq!(here, there);
    assert_eq!((&there["organisation"]["slug"], &there["open_runs"][0]["id"]), (&json!("acme"), &json!(run.id.0)));
    let model = &there["models"][0];
    assert_eq!((&model["champion"], &model["versions"], &model["predictions"]), (&Value::Null, &json!(1), &json!(1)));
    let shown = ready.there(&["status"]).await.stdout();
    for told in ["acme", "claims", "heuristic", "1 open, 0 failed", "images wait"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
}

#[tokio::test]
async fn each_part_is_looked_at() {
    let ready = Ready::make().await;
    let parts = ["database", "tables", "champions", "writer", "artifacts", "disk"];
    ready.app.desk.versions().promote(&ready.acme.actor, "claims", 1, "first", true).await.unwrap();
    let names = |found: &Value| -> Vec<String> {
        found["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap().to_owned()).collect()
    };
    for found in [ready.here(&["health", "--json"]).await, ready.there(&["health", "--json"]).await] {
        let found: Value = serde_json::from_str(&found.stdout()).unwrap();
        assert_eq!(names(&found), parts);
        assert!(found["checks"][2]["says"].as_str().unwrap().starts_with("1 serve"), "{found}");
    }
    // Not a byte of the champion may be another.
    let versions = ready.app.settings.data_dir.join("artifacts");
    let weights = walk(&versions).into_iter().find(|path| path.to_string_lossy().contains("/versions/")).unwrap();
    std::fs::write(&weights, "something else").unwrap();
    for found in [ready.here(&["health"]).await, ready.there(&["health"]).await] {
        assert_eq!(found.code(), 1, "{}", found.stderr());
        assert!(found.stdout().contains("fail") && found.stdout().contains("`claims`"), "{}", found.stdout());
    }
    ready.app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_ill() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away = verdict_at(free, "vdt_x", &["health", "--json"]).await;
    assert_eq!(away.code(), 1);
    let found: Value = serde_json::from_str(&away.stdout()).unwrap();
    assert_eq!((&found["healthy"], &found["checks"][0]["name"]), (&json!(false), &json!("server")));
    let folder = TempDir::new().unwrap();
    std::fs::write(
        folder.path().join("verdict.db"),
        "this is no database, and it is longer than a header of one. ".repeat(9),
    )
    .unwrap();
    let broken = verdict(folder.path(), &["health"]);
    assert_eq!(broken.code(), 1, "{}", broken.stderr());
    assert!(broken.stdout().contains("database") && broken.stdout().contains("fail"), "{}", broken.stdout());
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
