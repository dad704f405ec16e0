//! REST for commands: of a server, or of the data directory without any server. A command asks the same of either and is
//! answered the same, so it has one body, one JSON and one way to fail.

mod here;
mod refusal;
mod there;

use std::time::Duration;

use axum::body::Bytes;
use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::output::Output;
use super::place::Place;
use crate::settings::{ServerArgs, WrongSetting};
use here::Here;
pub(super) use refusal::Refusal;
use there::There;

/// Whoever answers a command.
pub(super) struct Rest {
    pub(super) output: Output,
    side: Side,
}

enum Side {
    Here(Box<Here>),
    There(There),
}

/// What is asked.
struct Question {
    method: Method,
    /// With its query.
    path: String,
    media_type: &'static str,
    body: Bytes,
}

impl Rest {
    /// The data directory.
    pub(super) fn here(place: Place) -> Self {
        Self { output: place.output, side: Side::Here(Box::new(Here::new(place))) }
    }

    /// A server.
    pub(super) fn there(server: &str, args: &ServerArgs, output: Output) -> Result<Self, WrongSetting> {
        let there = There::new(server, args.key.as_ref())?;
        if let Some(warning) = there.warning() {
            output.remark(&warning);
        }
        Ok(Self { output, side: Side::There(there) })
    }

    /// The data directory, if it is one: for what is not done by REST.
    pub(super) fn place(&self) -> Option<&Place> {
        match &self.side {
            Side::Here(here) => Some(&here.place),
            Side::There(_) => None,
        }
    }

    /// The data directory, for `command`, which works on nothing else.
    pub(super) fn only_here(&self, command: &str) -> Result<&Place, WrongSetting> {
        self.place().ok_or_else(|| only_here(command))
    }

    /// How long to wait before what goes on is looked at again.
    pub(super) fn pause(&self) -> Duration {
        match &self.side {
            Side::Here(_) => Duration::from_millis(200),
            Side::There(_) => Duration::from_secs(1),
        }
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.ask(Question { method: Method::GET, path: path.to_owned(), media_type: "", body: Bytes::new() }).await
    }

    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> anyhow::Result<T> {
        let body = Bytes::from(serde_json::to_vec(body)?);
        self.ask(Question { method: Method::POST, path: path.to_owned(), media_type: "application/json", body }).await
    }

    /// Sends a file as the body itself.
    pub(super) async fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        media_type: &'static str,
        file: Vec<u8>,
    ) -> anyhow::Result<T> {
        self.ask(Question { method: Method::POST, path: path.to_owned(), media_type, body: file.into() }).await
    }

    async fn ask<T: DeserializeOwned>(&self, question: Question) -> anyhow::Result<T> {
        let body = match &self.side {
            Side::Here(here) => here.ask(question).await?,
            Side::There(there) => there.ask(question).await?,
        };
        // An answer without a body is none.
        let body: &[u8] = if body.is_empty() { b"null" } else { &body };
        serde_json::from_slice(body).map_err(|error| Refusal::unreadable(&error).into())
    }

    pub(super) async fn close(&self) {
        if let Side::Here(here) = &self.side {
            here.place.close().await;
        }
    }
}

/// Says that `command` works on a data directory only.
pub(super) fn only_here(command: &str) -> WrongSetting {
    let reason = format!("`verdict {command}` works on the data directory; leave --server (VERDICT_SERVER) out");
    WrongSetting::new("server", reason)
}

/// A word as a part of an address or of its query.
pub(super) fn escaped(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let escape = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    word.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_part_of_an_address() {
        assert_eq!(escaped("meter-1_a.b~"), "meter-1_a.b~");
        assert_eq!(escaped("../a?b&ü"), "..%2Fa%3Fb%26%C3%BC");
    }
}
