//! The binary itself, for what only a process of its own can show.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// Runs `verdict` to its end on a data directory.
pub struct Verdict(pub Output);

/// Runs `verdict` with these words on `data_dir`.
pub fn verdict(data_dir: &Path, words: &[&str]) -> Verdict {
    Verdict(command(data_dir, words).output().unwrap())
}

impl Verdict {
    pub fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    pub fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    /// Stdout, which must be JSON and nothing else, of a run that went well.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.code(), 0, "{}{}", self.stdout(), self.stderr());
        serde_json::from_str(&self.stdout()).unwrap_or_else(|error| panic!("{error}: {}", self.stdout()))
    }
}

/// Runs `verdict` with these words against a server that the test itself runs.
pub async fn verdict_at(server: SocketAddr, key: &str, words: &[&str]) -> Verdict {
    // What lies in the data directory that is named must not matter.
    let mut command = command(Path::new("/nowhere"), words);
    command.env("VERDICT_SERVER", format!("http://{server}")).env("VERDICT_KEY", key);
    tokio::task::spawn_blocking(move || Verdict(command.output().unwrap())).await.unwrap()
}

/// Starts `verdict` with these words against a server, and waits until it has written a line to stderr.
pub async fn start_at(server: SocketAddr, key: &str, words: &[&str]) -> (Child, String) {
    let mut command = command(Path::new("/nowhere"), words);
    command.env("VERDICT_SERVER", format!("http://{server}")).env("VERDICT_KEY", key);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let start = move || {
        let mut child = command.spawn().unwrap();
        let line = BufReader::new(child.stderr.take().unwrap()).lines().next().unwrap().unwrap();
        (child, line)
    };
    tokio::task::spawn_blocking(start).await.unwrap()
}

fn command(data_dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verdict"));
    command.args(words).args(["--data-dir".as_ref(), data_dir.as_os_str()]);
    for name in ["VERDICT_DATA_DIR", "VERDICT_SERVER", "VERDICT_KEY", "VERDICT_TENANT"] {
        command.env_remove(name);
    }
    command
}

/// `verdict serve` in a process of its own.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// The link that makes the first admin, if it printed one.
    pub setup_link: Option<String>,
}

impl Process {
    /// Starts it on a free port and waits until it serves.
    pub fn serve(data_dir: &Path) -> Self {
        Self::start(command(data_dir, &["serve"]))
    }

    /// The same on a database of its own.
    pub fn serve_on(data_dir: &Path, database_url: &str) -> Self {
        Self::start(command(data_dir, &["serve", "--database-url", database_url]))
    }

    fn start(mut command: Command) -> Self {
        command.args(["--listen", "127.0.0.1:0", "--log", "warn"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut setup_link = None;
        let address = loop {
            let line = lines.next().unwrap().unwrap();
            eprintln!("{line}");
            if let Some(address) = line.strip_prefix("Verdict serves on http://") {
                break address.parse().unwrap();
            }
            setup_link = line.trim().starts_with("http").then(|| line.trim().to_owned()).or(setup_link);
        };
        // Somebody must go on reading, or the process would block on a full pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("{line}")));
        Self { child, address, setup_link }
    }

    /// SIGKILL: no destructor runs, nothing is flushed.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits for its end; gives its exit code.
    pub fn wait(&mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
