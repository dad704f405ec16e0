//! Files that commands bring to a server.

use domain::Scope;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Ready;
use crate::support::{Organisation, TestApp, corner, verdict_at};

#[tokio::test]
async fn truths_are_brought_once_and_what_is_wrong_is_named_by_line_and_column() {
    let ready = Ready::make().await;
    let (first, second) = (ready.ask().await, ready.ask().await);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("truths.csv").display().to_string();
    let rows = format!(
        "prediction,truth\n{first},yes\n{second},perhaps\n0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11,no\n{second},no\n{second}\n{first},no\n"
    );
    std::fs::write(&file, rows).unwrap();
    let words = ["outcomes", "import", file.as_str()];
    let brought = ready.there(&words).await;
    assert_eq!(brought.code(), 4, "{}", brought.stderr());
    for told in [
        "2 truths recorded",
        "line 3, truth: is none of",
        "line 4, prediction: there is no",
        "line 6, truth: is missing",
    ] {
        assert!(brought.stdout().contains(told), "{told}: {}", brought.stdout());
    }
    let reported = ready.app.with_key(&ready.key).get(&format!("/api/v1/predictions/{first}")).await.expect_json(200);
    assert_eq!(reported["outcomes"][0]["source"], "feedback", "it was not known when the prediction was made");
    let again = ready.here(&[words.as_slice(), &["--json"]].concat()).await;
    assert_eq!(again.code(), 4);
    let again: Value = serde_json::from_str(&again.stdout()).unwrap();
    assert_eq!((&again["recorded"], &again["known"]), (&json!(0), &json!(2)));
    let wrong: Vec<_> = again["wrong"].as_array().unwrap().iter().map(|row| (&row["line"], &row["column"])).collect();
    let (truth, prediction) = (json!("truth"), json!("prediction"));
    let lines = [3, 4, 6, 7].map(|line| json!(line));
    assert_eq!(wrong, [(&lines[0], &truth), (&lines[1], &prediction), (&lines[2], &truth), (&lines[3], &truth)]);
    std::fs::write(&file, format!("prediction;truth\n{first};yes\n")).unwrap();
    assert_eq!(ready.there(&words).await.code(), 0, "a file that holds nothing new is done");
    std::fs::write(&file, "prediction;label\n").unwrap();
    let refused = ready.there(&words).await;
    assert!(refused.code() == 4 && refused.stderr().contains("no column `truth`"), "{}", refused.stderr());
}

#[tokio::test]
async fn rows_are_measured_and_answered_by_a_server() {
    let ready = Ready::make().await;
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(file("judge.csv"), simulate::claims::csv(2, 300)).unwrap();
    let words = ["evaluate", "claims", "--csv", &file("judge.csv")];
    let (here, there) = (ready.here(&words).await, ready.there(&words).await);
    assert_eq!((here.code(), here.stdout()), (0, there.stdout()));
    let json = [words.as_slice(), &["--version", "1", "--json"]].concat();
    let (here, there) = (ready.here(&json).await.json(), ready.there(&json).await.json());
    assert_eq!(here, there);
    assert_eq!((&there["n"], &there["version"]), (&json!(300), &json!(1)));
    assert_eq!(ready.there(&["evaluate", "claims", "--csv", &file("judge.csv"), "--version", "9"]).await.code(), 3);

    let words = ["predict", "claims", "--csv", &file("judge.csv"), "--out", &file("out.csv")];
    let answered = ready.there(&words).await;
    assert!(answered.code() == 0 && answered.stderr().contains("log of predictions"), "{}", answered.stderr());
    let mut rows = csv::Reader::from_path(file("out.csv")).unwrap();
    let added = ["score", "decision", "confidence", "version", "prediction"];
    assert!(rows.headers().unwrap().iter().rev().take(5).eq(added.into_iter().rev()));
    let ids: Vec<String> = rows.records().map(|row| row.unwrap().iter().next_back().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 300);
    let logged = ready.app.with_key(&ready.key).get(&format!("/api/v1/predictions/{}", ids[299])).await;
    assert_eq!(logged.expect_json(200)["model"], "claims");
    let scored = ready.there(&[words.as_slice(), &["--version", "1"]].concat()).await;
    assert!(scored.code() == 2 && scored.stderr().contains("--version"), "{}", scored.stderr());
    std::fs::write(file("judge.csv"), "amount,region\nmuch,north\n").unwrap();
    let wrong = ready.there(&words).await;
    assert!(wrong.code() == 4 && wrong.stderr().contains("line 2.amount"), "{}", wrong.stderr());
}

#[tokio::test]
async fn images_and_events_are_brought_to_a_server() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.reading_model(&app.desk, "meters").await;
    let key = acme.key(&app.desk, Scope::Admin).await;
    let there = async |words: &[&str]| verdict_at(app.address, &key, words).await;
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(file("one.png"), corner(3)).unwrap();
    let read = there(&["read", "meters", &file("one.png"), "--source", "left", "--json"]).await;
    assert!(read.stderr().contains("log of predictions"), "{}", read.stderr());
    let read = read.json();
    let logged = app.with_key(&key).get(&format!("/api/v1/predictions/{}", read[0]["id"].as_str().unwrap())).await;
    assert_eq!(logged.expect_json(200)["model"], "meters");
    std::fs::write(file("no.png"), "no image").unwrap();
    let refused = there(&["read", "meters", &file("no.png")]).await;
    assert!(refused.code() == 4 && refused.stderr().contains("no.png"), "{}", refused.stderr());

    std::fs::write(file("events.csv"), "client_id,employee\n1,nobody\n").unwrap();
    let wrong = there(&["events", "import", &file("events.csv")]).await;
    assert!(wrong.code() == 4 && wrong.stderr().contains("kind"), "{}", wrong.stderr());
    assert_eq!(there(&["events", "recompute"]).await.code(), 2);
}
