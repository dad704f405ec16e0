//! What happens to every request before and after its handler, in one pass: an id, the client's address, the same-origin
//! check, a time limit, security headers, problems written out, one line in the log.

pub mod caller;
mod client;
pub mod face;
pub mod headers;
mod heard;
pub mod origin;
pub mod panics;
pub mod request_id;
pub mod session;
mod trace;

use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{FromRef, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use tokio_util::sync::CancellationToken;

pub(crate) use caller::Operator;
pub use caller::{Caller, Credentials};
pub use heard::Heard;

use crate::api::problem::{self, Problem};
use crate::settings::Network;
use app::viewer::ClientAddress;
use face::Face;
use request_id::RequestId;

/// What every handler can ask for.
#[derive(Clone)]
pub struct Shared(Arc<Parts>);

/// Behind one pointer, because every layer of the router clones its state for every request.
pub struct Parts {
    /// The verbs.
    pub desk: Desk,
    /// How requests are let in.
    pub rules: Rules,
    /// Cancelled when the process is to end.
    pub shutdown: CancellationToken,
}

impl Shared {
    /// Shares `parts`.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Shared {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<Shared> for Desk {
    fn from_ref(shared: &Shared) -> Self {
        shared.desk.clone()
    }
}

impl FromRef<Shared> for CancellationToken {
    fn from_ref(shared: &Shared) -> Self {
        shared.shutdown.clone()
    }
}

/// How requests are let in.
#[derive(Clone, Debug)]
pub struct Rules {
    /// `https://verdict.example.org`: where browsers find this server, if it was said.
    pub public_origin: Option<String>,
    /// Whether browsers reach it by TLS only.
    pub https: bool,
    /// Proxies whose word about the client's address counts.
    pub trusted_proxies: Vec<Network>,
    /// Largest body of a JSON request, in bytes.
    pub body_bytes: usize,
    /// Longest time without a part of the body, and from its last one until the head of an answer.
    pub timeout: Duration,
    /// Longest life of a session, in microseconds.
    pub session_micros: i64,
}

/// The rim itself; the outermost layer of the router.
pub async fn rim(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let line = trace::Line::of(&request);
    let id = RequestId::of(request.headers());
    let face = Face::of(&request);
    // What the sender called it is replaced, so that pages and handlers read the name that is logged.
    request.headers_mut().insert(request_id::HEADER, id.header());
    if let Some(address) = client::address(&request, &shared.rules.trusted_proxies) {
        request.extensions_mut().insert(ClientAddress(address));
    }
    let answered = match origin::check(&request, &shared.rules) {
        Ok(()) => handle(request, next, &shared.rules).await,
        Err(problem) => problem.into_response(),
    };
    let mut response = problem::write_out(answered, &id, &face);
    headers::protect(response.headers_mut(), &shared.rules, face == Face::Rest);
    response.headers_mut().insert(request_id::HEADER, id.header());
    line.log(&id, response.status(), started.elapsed());
    response
}

/// A handler's time begins anew with each part of the body that has come, and whenever it says so: a long upload may be
/// slow, but not silent.
async fn handle(request: Request, next: Next, rules: &Rules) -> Response {
    let heard = Heard::now();
    let mut request = request.map(|body| Body::new(heard.listen(body)));
    request.extensions_mut().insert(heard.clone());
    tokio::select! {
        response = next.run(request) => response,
        () = heard.silent_for(rules.timeout) => Problem::timeout().into_response(),
    }
}
