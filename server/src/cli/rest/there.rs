//! REST of a server.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Uri};
use reqwest::redirect::Policy;

use super::{Question, Refusal};
use crate::settings::{Key, WrongSetting, origin};

pub(super) struct There {
    http: reqwest::Client,
    /// `https://verdict.example.org`
    server: String,
    /// What the key is sent as; marked, so that nothing writes it down.
    authorization: Option<HeaderValue>,
}

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a server may be silent: as long as a server may be told to wait for one of its own answers.
const SILENCE: Duration = Duration::from_secs(3_600);

impl There {
    pub(super) fn new(server: &str, key: Option<&Key>) -> Result<Self, WrongSetting> {
        let server = origin("server", server)?;
        let authorization = key.map(authorization).transpose()?;
        // Fails only when the process has chosen one already, which is just as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A key is for the server that was named, and for no other that it points to.
        let client = reqwest::Client::builder().redirect(Policy::none());
        let http = client.connect_timeout(CONNECT).read_timeout(SILENCE).build();
        let http = http.map_err(|error| WrongSetting::new("server", cause(&error)))?;
        Ok(Self { http, server, authorization })
    }

    /// What whoever sits there should know before the key is sent.
    pub(super) fn warning(&self) -> Option<String> {
        let exposed = self.authorization.is_some() && self.server.starts_with("http://") && !is_loopback(&self.server);
        exposed.then(|| {
            let server = &self.server;
            format!("warning: the key goes to {server} unencrypted; whoever is on the way can read it. Use https.")
        })
    }

    pub(super) async fn ask(&self, question: Question) -> Result<Bytes, Refusal> {
        let mut request = self.http.request(question.method, format!("{}{}", self.server, question.path));
        if !question.media_type.is_empty() {
            request = request.header(CONTENT_TYPE, question.media_type);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let away = |error: reqwest::Error| Refusal::away(&self.server, &cause(&error));
        let answer = request.body(question.body).send().await.map_err(away)?;
        let (status, elsewhere) = (answer.status(), answer.headers().get(LOCATION).cloned());
        let body = answer.bytes().await.map_err(away)?;
        match elsewhere.as_ref().and_then(|address| address.to_str().ok()) {
            Some(address) if status.is_redirection() => {
                Err(Refusal::away(&self.server, &format!("it points to {address}; use that as --server")))
            }
            _ if status.is_success() => Ok(body),
            _ => Err(Refusal::received(status, &body)),
        }
    }
}

fn authorization(key: &Key) -> Result<HeaderValue, WrongSetting> {
    let value = HeaderValue::from_str(&format!("Bearer {}", key.secret()));
    let mut value = value.map_err(|_| WrongSetting::new("key", "holds characters that no key has"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The innermost reason, which is the one that helps: `Connection refused (os error 111)`.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Whether what is sent there stays on this machine.
fn is_loopback(server: &str) -> bool {
    let uri = server.parse::<Uri>().unwrap_or_default();
    let host = uri.host().unwrap_or("").trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        "vdt_secret".parse().unwrap()
    }

    #[test]
    fn a_key_that_leaves_the_machine_unencrypted_is_warned_of() {
        let warned = |server: &str| There::new(server, Some(&key())).unwrap().warning().is_some();
        let servers = ["http://127.0.0.1:3000", "http://[::1]:3000", "http://localhost", "https://example.org"];
        assert!(servers.into_iter().all(|server| !warned(server)));
        assert!(warned("http://example.org") && warned("http://127.0.0.1.example.org"));
        assert!(There::new("http://example.org", None).unwrap().warning().is_none());
    }

    #[test]
    fn an_address_that_is_none_is_a_wrong_setting() {
        for server in ["example.org", "ftp://example.org", "https://example.org/verdict", "https://me:pw@example.org"] {
            let wrong = There::new(server, None).err().unwrap();
            assert!(wrong.name == "server" && !wrong.to_string().contains("pw@"), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_never_written_down() {
        let written = format!("{:?} {:?}", key(), authorization(&key()).unwrap());
        assert!(!written.contains("secret"), "{written}");
        let wrong = There::new("https://example.org", Some(&"sec\nret".parse().unwrap())).err().unwrap();
        assert!(!wrong.to_string().contains("sec\n"), "{wrong}");
    }
}
