//! What REST answers when it does not do what was asked, as one sentence and one exit code.

use http::StatusCode;
use serde::Deserialize;

use crate::api::problem::Problem;
use crate::cli::output::Exit;

/// A request that was not done.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{detail}")]
pub(in crate::cli) struct Refusal {
    status: StatusCode,
    detail: String,
}

/// A problem as a server sends it.
#[derive(Deserialize)]
struct Sent {
    detail: String,
    request_id: String,
}

impl Refusal {
    /// A problem of this process: here sits whoever can mend it, so its cause is told.
    pub(super) fn of(problem: &Problem) -> Self {
        let detail = match problem.cause() {
            Some(cause) => format!("internal error: {cause}"),
            None => problem.detail().to_owned(),
        };
        Self { status: problem.status(), detail }
    }

    /// What a server answered.
    pub(super) fn received(status: StatusCode, body: &[u8]) -> Self {
        let detail = match serde_json::from_slice::<Sent>(body) {
            Ok(sent) if status.is_server_error() => format!("{} (request {})", sent.detail, sent.request_id),
            Ok(sent) if status == StatusCode::UNAUTHORIZED => format!("{}; see --key", sent.detail),
            Ok(sent) => sent.detail,
            // Not from a server of ours: perhaps from a proxy in front of it.
            Err(_) => format!("the server answered {status}"),
        };
        Self { status, detail }
    }

    /// Nobody answers there.
    pub(super) fn away(server: &str, reason: &str) -> Self {
        let detail = format!("the server {server} does not answer: {reason}");
        Self { status: StatusCode::SERVICE_UNAVAILABLE, detail }
    }

    /// An answer that is something else than the command knows.
    pub(super) fn unreadable(error: &serde_json::Error) -> Self {
        let detail =
            format!("the answer cannot be read; is this another version of Verdict, or another server? {error}");
        Self { status: StatusCode::BAD_GATEWAY, detail }
    }

    /// Whether the same request may succeed later.
    pub(in crate::cli) fn is_passing(&self) -> bool {
        self.exit() == Exit::Busy
    }

    /// The code that the command ends with; the same as when the desk itself refuses.
    pub(in crate::cli) fn exit(&self) -> Exit {
        match self.status {
            StatusCode::NOT_FOUND => Exit::NotFound,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Exit::Busy,
            status if status.is_client_error() => Exit::Refused,
            _ => Exit::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_ends_the_command_as_the_same_refusal_of_the_desk_does() {
        let exit = |status: u16| Refusal::received(StatusCode::from_u16(status).unwrap(), b"<html>").exit();
        let statuses = [404, 401, 403, 409, 413, 415, 422, 503, 504, 500, 502, 301];
        let exits = statuses.map(|status| exit(status) as u8);
        assert_eq!(exits, [3, 4, 4, 4, 4, 4, 4, 5, 5, 1, 1, 1]);
    }

    #[test]
    fn a_problem_is_told_in_its_own_words() {
        let sent = br#"{ "detail": "there is no model `x`", "request_id": "r1", "status": 404 }"#;
        assert_eq!(Refusal::received(StatusCode::NOT_FOUND, sent).to_string(), "there is no model `x`");
        let broken = Refusal::received(StatusCode::INTERNAL_SERVER_ERROR, sent).to_string();
        assert!(broken.ends_with("(request r1)"), "{broken}");
    }
}
