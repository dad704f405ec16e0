//! Settings: flags, variables, file; a wrong one is refused by its name.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn run(words: &[&str], variables: &[(&str, &str)], data_dir: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verdict"));
    command.args(words).arg("--data-dir").arg(data_dir).envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn a_wrong_setting_is_refused_by_its_name_wherever_it_stands() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("other.toml");
    let cases: [(&[&str], &[(&str, &str)], &str, &str); 12] = [
        (&["--listen", "nowhere"], &[], "", "--listen"),
        (&[], &[("VERDICT_LISTEN", "nowhere")], "", "--listen"),
        (&["--workers", "99"], &[], "", "workers"),
        (&["--trusted-proxies", "10.0.0.0/8,proxy"], &[], "", "--trusted-proxies"),
        (&[], &[], "trusted_proxies = ['10.0.0.0/64']", "trusted_proxies"),
        (&["--queue-capacity", "9999"], &[], "", "queue_capacity"),
        (&["--public-url", "verdict.example"], &[], "", "public_url"),
        (&["--public-url", "https://verdict.example/path"], &[], "", "public_url"),
        (&["--log", "what=ever=else"], &[], "", "log"),
        (&[], &[], "lissten = '127.0.0.1:1'", "lissten"),
        (&[], &[], "session_days = 0", "session_days"),
        (&[], &[], "workers = 'two'", "workers"),
    ];
    for (words, variables, file, name) in cases {
        std::fs::write(&config, file).unwrap();
        let all = [&["serve", "--config", config.to_str().unwrap()], words].concat();
        let refused = run(&all, variables, folder.path());
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{words:?} {variables:?} {file}: {said}");
        assert!(said.contains(name), "{name} is not in: {said}");
    }
}

#[test]
fn a_file_that_was_named_must_be_there_and_a_password_is_not_repeated() {
    let folder = TempDir::new().unwrap();
    let refused = run(&["serve", "--config", "/nowhere/verdict.toml"], &[], folder.path());
    assert_eq!(refused.status.code(), Some(2));
    let refused = run(&["models", "list", "--database-url", "postgres://u:hunter2@[/x"], &[], folder.path());
    assert_ne!(refused.status.code(), Some(0));
    assert!(!String::from_utf8_lossy(&refused.stderr).contains("hunter2"));
}

#[test]
fn help_explains_every_setting() {
    let help = Command::new(env!("CARGO_BIN_EXE_verdict")).args(["serve", "--help"]).output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    for word in [
        "--data-dir",
        "--listen",
        "--database-url",
        "--artifacts",
        "--public-url",
        "--trusted-proxies",
        "--session-idle-minutes",
        "--session-days",
        "--training-threads",
        "--workers",
        "--queue-capacity",
        "--body-mib",
        "--log-format",
        "VERDICT_LISTEN",
    ] {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn flags_go_before_variables_and_variables_before_the_file() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("verdict.toml"), "workers = 70\nsession_days = 9").unwrap();
    let refused = run(&["serve"], &[], folder.path());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("70 is not between"), "the file is read");
    let refused = run(&["serve"], &[("VERDICT_WORKERS", "80")], folder.path());
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("80 is not between"),
        "the variable goes before the file"
    );
    let refused = run(&["serve", "--workers", "90"], &[("VERDICT_WORKERS", "80")], folder.path());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("90 is not between"), "the flag goes before all");
}
