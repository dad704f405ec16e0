//! A request that changes something must come from our own pages, or from no browser at all.

use axum::extract::Request;
use http::header::{COOKIE, HOST, ORIGIN};
use http::{HeaderMap, Method};

use super::Rules;
use crate::api::problem::Problem;

/// Refuses a state-changing request that another site's page sent with our visitor's cookie.
///
/// Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`. A client that says neither is no
/// browser; it is let through unless it brings cookies.
///
/// # Errors
/// A problem with status 403.
pub fn check(request: &Request, rules: &Rules) -> Result<(), Problem> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || comes_from_us(request.headers(), rules) { Ok(()) } else { Err(Problem::cross_site()) }
}

fn comes_from_us(headers: &HeaderMap, rules: &Rules) -> bool {
    let word = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (word("sec-fetch-site"), word(ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => is_ours(origin, word(HOST.as_str()), rules),
        (None, None) => !headers.contains_key(COOKIE),
    }
}

fn is_ours(origin: &str, host: Option<&str>, rules: &Rules) -> bool {
    match &rules.public_origin {
        Some(public) => origin.eq_ignore_ascii_case(public),
        None => {
            let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            authority.is_some() && authority.map(str::to_ascii_lowercase) == host.map(str::to_ascii_lowercase)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::Body;

    use super::*;

    fn passes(method: &str, public: Option<&str>, headers: &[(&str, &str)]) -> bool {
        let rules = Rules {
            public_origin: public.map(str::to_owned),
            https: false,
            trusted_proxies: Vec::new(),
            body_bytes: 1,
            timeout: Duration::ZERO,
            session_micros: 0,
        };
        let mut request = Request::builder().method(method).uri("/").header("host", "desk.example:3000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(Body::empty()).unwrap(), &rules).is_ok()
    }

    #[test]
    fn reading_is_free() {
        assert!(passes("GET", None, &[("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn what_the_browser_says_decides() {
        assert!(passes("POST", None, &[("sec-fetch-site", "same-origin"), ("cookie", "a=b")]));
        assert!(passes("POST", None, &[("sec-fetch-site", "none")]));
        assert!(!passes("POST", None, &[("sec-fetch-site", "cross-site")]));
        assert!(!passes("POST", None, &[("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn an_older_browser_says_its_origin() {
        assert!(passes("POST", None, &[("origin", "http://desk.example:3000")]));
        assert!(!passes("POST", None, &[("origin", "http://desk.example")]));
        assert!(!passes("POST", None, &[("origin", "null")]));
        assert!(passes("POST", Some("https://public.example"), &[("origin", "https://public.example")]));
        assert!(!passes("POST", Some("https://public.example"), &[("origin", "http://desk.example:3000")]));
    }

    #[test]
    fn a_program_without_cookies_passes_and_one_with_cookies_does_not() {
        assert!(passes("POST", None, &[]));
        assert!(!passes("DELETE", None, &[("cookie", "verdict=1")]));
    }
}
