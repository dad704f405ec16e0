//! What benchmarks over HTTP need: the command line, a server process, and clients that keep their connection.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) const VERDICT: &str = env!("CARGO_BIN_EXE_verdict");

/// Does `bench` in a temporary folder.
pub(crate) fn in_folder(name: &str, bench: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("verdict-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = bench(&folder);
    fs::remove_dir_all(&folder)?;
    result
}

/// Runs a command of Verdict to its end; gives what it printed.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(VERDICT).args(arguments).arg("--data-dir").arg(folder.join("data")).output()?;
    if !output.status.success() {
        return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The secret of a new key with these scopes.
pub(crate) fn make_key(folder: &Path, scopes: &str) -> Result<String> {
    let made = run(folder, &["key", "create", "--name", "bench", "--scopes", scopes, "--json"])?;
    let made: serde_json::Value = serde_json::from_str(&made)?;
    Ok(made["secret"].as_str().ok_or("no secret")?.to_owned())
}

/// The value below which `share` of `values` lie.
pub(crate) fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() as f64 * share) as usize).min(values.len() - 1)]
}

/// A server process; it ends with this value.
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
    pub(crate) first_answer: Duration,
}

impl Server {
    pub(crate) fn start(folder: &Path, program: &str, arguments: &[&str]) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let listen = format!("127.0.0.1:{port}");
        let begun = Instant::now();
        let mut command = Command::new(program);
        command.args(arguments).args(["--listen", &listen]).arg("--data-dir").arg(folder.join("data"));
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut server = Self { process, port, first_answer: Duration::ZERO };
        while Client::connect(port, "").and_then(|mut client| client.ask("GET", "/healthz", "")).is_err() {
            if begun.elapsed() > Duration::from_secs(20) || server.process.try_wait()?.is_some() {
                return Err(format!("{program} did not come up").into());
            }
            thread::sleep(Duration::from_millis(2));
        }
        server.first_answer = begun.elapsed();
        Ok(server)
    }

    pub(crate) fn resident_megabytes(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse::<f64>()? / 1e3)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing can be done about a process that is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One connection, with a key.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    key: String,
}

impl Client {
    pub(crate) fn connect(port: u16, key: &str) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), key: key.to_owned() })
    }

    /// Posts JSON; gives the answer, which must be a good one.
    pub(crate) fn post(&mut self, path: &str, body: &str) -> Result<String> {
        let (status, answer) = self.ask("POST", path, body)?;
        if status.contains(" 20") { Ok(answer) } else { Err(format!("{path}: {status} {answer}").into()) }
    }

    /// The first line of the answer, and its body.
    fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<(String, String)> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.key,
            body.len()
        );
        self.stream.get_mut().write_all((head + body).as_bytes())?;
        let status = self.line()?;
        let mut length = 0;
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer)?;
        Ok((status, String::from_utf8(answer)?))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(line.trim_end().to_owned())
    }
}
