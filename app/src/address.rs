//! Addresses within the server, written so that any text can stand in them.

/// Percent-encodes what may not stand in a query (RFC 3986); a slash may.
#[must_use]
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => char::from(b).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// `path` with those parts of the query that say something.
#[must_use]
pub fn address(path: &str, parts: &[(&str, &str)]) -> String {
    let said = parts.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<String> = said.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// `path` with only what may stand in an HTTP header: anything else, a line break say, is percent-encoded.
#[must_use]
pub fn sendable(path: &str) -> String {
    let mut sendable = String::with_capacity(path.len());
    for b in path.bytes() {
        match b {
            b'!'..=b'~' if b != b'\\' => sendable.push(char::from(b)),
            other => sendable.push_str(&format!("%{other:02X}")),
        }
    }
    sendable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_only_what_was_asked() {
        assert_eq!(address("/runs", &[("model", ""), ("state", "")]), "/runs");
        assert_eq!(address("/runs", &[("model", "a b&c"), ("state", "")]), "/runs?model=a%20b%26c");
    }

    #[test]
    fn any_word_can_be_sent() {
        assert_eq!(sendable("/models/a\r\nb ä\\/try?x=%20"), "/models/a%0D%0Ab%20%C3%A4%5C/try?x=%20");
    }
}
