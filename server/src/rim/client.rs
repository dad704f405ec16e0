//! Where a request came from: its peer or, if that is a proxy of ours, whom the proxy heard.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::HeaderMap;

use crate::settings::Network;

/// The header to which each proxy appends the address it was asked from.
const FORWARDED: &str = "x-forwarded-for";

/// The client's address; none only where no connection is known.
pub(super) fn address(request: &Request, proxies: &[Network]) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>()?.0.ip().to_canonical();
    Some(behind(peer, request.headers(), proxies))
}

/// Read from its end, the header is true as long as the one who wrote is a proxy of ours; what stands before the first
/// stranger, that stranger may have made up.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let heard = headers.get_all(FORWARDED).iter().rev().flat_map(|value| value.to_str().unwrap_or("?").rsplit(','));
    let mut client = peer;
    for word in heard {
        if !proxies.iter().any(|proxy| proxy.contains(client)) {
            break;
        }
        let Some(before) = read(word.trim()) else { break };
        client = before;
    }
    client
}

/// Some proxies write the port too.
fn read(word: &str) -> Option<IpAddr> {
    let address = word.parse::<IpAddr>().or_else(|_| word.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED, line.parse().unwrap());
        }
        let proxies: Vec<Network> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        behind(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn a_stranger_names_nobody() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn a_proxy_of_ours_names_the_client_and_nobody_before_it_does() {
        let ours = ["10.0.0.0/8"];
        assert_eq!(client("10.0.0.1", &["203.0.113.9"], &ours), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 203.0.113.9"], &ours), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"], &ours), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "203.0.113.9:4711"], &ours), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["nonsense"], &ours), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[], &ours), "10.0.0.1");
    }
}
