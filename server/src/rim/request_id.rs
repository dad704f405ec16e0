//! A name for every request, in the answer, in problems and in the log.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries it.
pub const HEADER: HeaderName = HeaderName::from_static(app::viewer::REQUEST_ID);

/// One request's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The name that the sender (a proxy, say) gave, if it is a plain short word; else a fresh one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        match headers.get(HEADER) {
            Some(given) if is_plain(given.as_bytes()) => Self(given.clone()),
            _ => Self::fresh(),
        }
    }

    /// For the response.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// A number drawn once for the process, and a count: unique, and cheap on every request.
    fn fresh() -> Self {
        static PROCESS: OnceLock<u64> = OnceLock::new();
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let process = PROCESS.get_or_init(rand::random);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let text = format!("{process:016x}-{count:x}");
        Self(HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("-")))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or("-"))
    }
}

fn is_plain(word: &[u8]) -> bool {
    (1..=64).contains(&word.len()) && word.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_given_name_is_kept_and_anything_else_is_replaced() {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_static("abc-1.2_3"));
        assert_eq!(RequestId::of(&headers).to_string(), "abc-1.2_3");
        headers.insert(HEADER, HeaderValue::from_static("a b"));
        assert_ne!(RequestId::of(&headers).to_string(), "a b");
        assert_ne!(RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
    }
}
