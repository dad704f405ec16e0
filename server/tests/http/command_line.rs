//! The command line on a data directory of its own, with no server running, and against one that means no good.

use std::ops::Range;

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{corner, corners, verdict, verdict_at};

const FIGURES: [&str; 11] =
    ["n", "roc_auc", "pr_auc", "f1", "precision", "recall", "log_loss", "brier", "accuracy", "threshold", "confusion"];

#[test]
fn a_model_goes_from_csv_to_answers() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let file = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(file("learn.csv"), simulate::claims::csv(1, 900)).unwrap();
    std::fs::write(file("judge.csv"), simulate::claims::csv(2, 300)).unwrap();

    let created = verdict(
        &data,
        &[
            "models",
            "create",
            "claims",
            "--csv",
            &file("learn.csv"),
            "--target",
            "fraud",
            "--positive",
            "yes",
            "--time",
            "filed_at",
            "--json",
        ],
    )
    .json();
    assert_eq!(created["specification"]["split"]["by"], "time");
    let early = verdict(&data, &["evaluate", "claims", "--csv", &file("judge.csv")]);
    assert_eq!(early.code(), 3, "there is no version yet: {}", early.stderr());

    let trained = verdict(&data, &["train", "claims", "--estimator", "logistic", "--seed", "3", "--json"]);
    assert_eq!(trained.json()["version"], 1);
    assert!(trained.stderr().contains("verdict promote claims 1"), "{}", trained.stderr());
    let figures = verdict(&data, &["evaluate", "claims", "--csv", &file("judge.csv"), "--json"]).json();
    for key in FIGURES {
        assert!(!figures[key].is_null(), "{key}: {figures}");
    }
    assert_eq!(figures["n"], 300);
    let counts: u64 = figures["confusion"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(counts, 300);

    verdict(&data, &["predict", "claims", "--csv", &file("judge.csv"), "--out", &file("out.csv"), "--json"]).json();
    let mut answered = csv::Reader::from_path(file("out.csv")).unwrap();
    assert!(answered.headers().unwrap().iter().rev().take(4).eq(["version", "confidence", "decision", "score"]));
    assert_eq!(answered.records().count(), 300);

    // The same rows as another program writes them: separated by semicolons, behind a byte order mark.
    let semicolons = std::fs::read_to_string(file("judge.csv")).unwrap().replace(',', ";");
    std::fs::write(file("judge-2.csv"), format!("\u{feff}{semicolons}")).unwrap();
    verdict(&data, &["predict", "claims", "--csv", &file("judge-2.csv"), "--out", &file("out-2.csv"), "--json"]).json();
    let plain = std::fs::read_to_string(file("out.csv")).unwrap();
    assert_eq!(std::fs::read_to_string(file("out-2.csv")).unwrap(), plain.replace(',', ";"));

    let promoted = verdict(&data, &["promote", "claims", "1", "--reason", "the only one", "--json"]).json();
    assert_eq!((&promoted["version"], &promoted["previous"]), (&Value::from(1), &Value::Null));
    let back = verdict(&data, &["rollback", "claims", "--reason", "to see it"]);
    assert!(back.stdout().contains("the heuristic serves now"), "{}", back.stdout());
    assert_eq!(verdict(&data, &["promote", "claims", "1", "--reason", " "]).code(), 4);
    assert_eq!(verdict(&data, &["promote", "claims", "9", "--reason", "x"]).code(), 3);
    let listed = verdict(&data, &["models", "list", "--json"]).json();
    assert_eq!(listed[0]["versions"], 1);
    assert!(verdict(&data, &["models", "show", "claims"]).stdout().contains("ESTIMATOR"));
    let audited = verdict(&data, &["audit", "verify", "--json"]).json();
    assert_eq!(audited["intact"], true);
}

const CORNERS: &str = r#"
    task = "text_recognition"
    target = "text"
    reading = { characters = "0123", min_length = 1, max_length = 1, number = { wrap = 4 } }
    estimator = { parameters = { epochs = 40, width = 0.25, distortion = 0, cross_fit = true } }
"#;

#[test]
fn a_model_goes_from_images_to_readings() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let zip = |numbers: Range<usize>| {
        let mut zip = corners(numbers, |number| number % 4);
        zip.add("broken.png", "1", "left", b"no image").unwrap();
        zip.finish().unwrap()
    };
    for (name, bytes) in [("learn.zip", zip(0..120)), ("judge.zip", zip(120..150)), ("one.png", corner(3))] {
        std::fs::write(file(name), bytes).unwrap();
    }
    std::fs::write(file("corners.toml"), CORNERS).unwrap();

    let create = ["models", "create", "guessed", "--task", "ocr", "--zip", &file("learn.zip"), "--source", "--json"];
    let guessed = verdict(&data, &[create.as_slice(), &["--tolerance", "0", "--wrap", "4"]].concat());
    assert!(
        guessed.stderr().contains("broken.png") && guessed.stderr().contains("whole number"),
        "{}",
        guessed.stderr()
    );
    let guessed = guessed.json();
    assert_eq!((&guessed["rows"], &guessed["left_out"]["rows"]), (&Value::from(120), &Value::from(1)));
    let specification = &guessed["specification"];
    assert_eq!(
        (&specification["reading"]["characters"], &specification["split"]["column"]),
        (&"0123".into(), &"source".into())
    );
    assert_eq!(verdict(&data, &["evaluate", "guessed", "--zip", &file("judge.zip")]).code(), 3, "it is not trained");

    let create = ["models", "create", "corner", "--task", "ocr", "--zip", &file("learn.zip")];
    verdict(&data, &[create.as_slice(), &["--spec", &file("corners.toml"), "--json"]].concat()).json();
    let trained = verdict(&data, &["train", "corner", "--json"]).json();
    assert_eq!(trained["version"], 1);
    assert!(trained["summary"]["metrics"]["exact"].as_f64().unwrap() > 0.9, "{trained}");
    let figures = verdict(&data, &["evaluate", "corner", "--zip", &file("judge.zip"), "--json"]).json();
    assert_eq!(figures["n"], 30);
    for key in ["exact", "cer", "within_tolerance"] {
        assert!(figures[key].is_f64() && figures["by_source"]["left"][key].is_f64(), "{key}: {figures}");
    }
    assert!(figures["exact"].as_f64().unwrap() > 0.9, "{figures}");
    assert_eq!(
        figures["by_source"]["left"]["n"].as_u64().unwrap() + figures["by_source"]["right"]["n"].as_u64().unwrap(),
        30
    );

    let read = verdict(&data, &["read", "corner", &file("one.png"), "--json"]).json();
    assert_eq!((&read[0]["text"], &read[0]["version"]), (&"3".into(), &1.into()));
    let broken = verdict(&data, &["read", "corner", &file("one.png"), &file("corners.toml")]);
    assert_eq!(broken.code(), 4);
    assert!(broken.stdout().contains("one.png") && broken.stderr().contains("corners.toml"), "{}", broken.stderr());
    std::fs::write(file("rows.csv"), "x\n1\n").unwrap();
    let rows = verdict(&data, &["predict", "corner", "--csv", &file("rows.csv"), "--out", &file("out.csv")]);
    assert_eq!(rows.code(), 4);
    assert!(rows.stderr().contains("reads images"), "{}", rows.stderr());

    verdict(&data, &["promote", "corner", "1", "--reason", "the first", "--json"]).json();
    assert_eq!(verdict(&data, &["train", "corner", "--seed", "2", "--json"]).json()["version"], 2);
    assert!(verdict(&data, &["models", "show", "corner"]).stdout().contains("exact"));
}

#[test]
fn people_and_keys_are_made_and_secrets_shown_once() {
    let folder = TempDir::new().unwrap();
    let add = ["user", "add", "--email", "ada@acme.example", "--name", "Ada", "--role", "admin", "--json"];
    let made = verdict(folder.path(), &add).json();
    assert!(made["password"].as_str().unwrap().len() >= 20);
    let again = verdict(folder.path(), &add);
    assert_eq!(again.code(), 4, "{}", again.stderr());
    assert!(again.stderr().contains("email"));
    let key = verdict(folder.path(), &["key", "create", "--name", "till", "--scopes", "predict,read", "--json"]).json();
    assert!(key["secret"].as_str().unwrap().starts_with("vdt_"));
    assert_eq!(verdict(folder.path(), &["key", "create", "--name", "x", "--scopes", "fly"]).code(), 2);
    assert_eq!(verdict(folder.path(), &["models", "list", "--tenant", "nobody"]).code(), 3);
    assert_eq!(verdict(folder.path(), &["models", "show", "none"]).code(), 3);
}

#[test]
fn what_lies_in_the_data_directory_is_not_for_everybody() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    assert_eq!(verdict(&data, &["models", "list"]).code(), 0);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data) & 0o027, 0, "{:o}", mode(&data));
    assert_eq!(mode(&data.join("verdict.db")) & 0o027, 0);
}

#[test]
fn the_demo_is_not_for_the_whole_network() {
    let folder = TempDir::new().unwrap();
    let refused = verdict(folder.path(), &["demo", "--no-serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.code(), 4);
    assert!(refused.stderr().contains("--i-know"));
}

/// Whoever answers under the address gives no orders to the terminal of whoever asks.
#[tokio::test]
async fn what_a_server_says_is_shown_without_control_characters() {
    let said = "gone\u{1b}]0;mine\u{7}\u{9b}2J\r";
    let model = json!({ "name": said, "task": "binary", "target": "y", "specification_number": 1, "created_at": "",
        "created_by": "", "champion": null, "versions": 0, "problem": null });
    let models = Json(json!({ "items": [model] }));
    let problem = (StatusCode::NOT_FOUND, Json(json!({ "detail": said, "request_id": "r1" })));
    let list = move || async move { models };
    let router = Router::new().route("/api/v1/models", get(list)).fallback(move || async move { problem });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let is_plain = |text: &str| !text.contains(|letter: char| letter.is_control() && letter != '\n');
    let refused = verdict_at(address, "vdt_secret", &["models", "show", "x"]).await;
    let told = refused.stderr();
    assert!(refused.code() == 3 && told.contains("gone]0;mine2J") && is_plain(&told), "{told:?}");
    let listed = verdict_at(address, "vdt_secret", &["models", "list"]).await.stdout();
    assert!(listed.contains("gone]0;mine2J") && is_plain(&listed), "{listed:?}");
    let listed = verdict_at(address, "vdt_secret", &["models", "list", "--json"]).await;
    assert!(is_plain(&listed.stdout()), "{:?}", listed.stdout());
    assert_eq!(listed.json()[0]["name"], said);
}
