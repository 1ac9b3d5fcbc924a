//! What a proxy says about the visitor that it speaks for, believed only of a proxy that was named.
//!
//! A request comes from a proxy when its connection does: from an address of `--trusted-proxy`, exactly, or over the
//! unix socket, which the file system guards. From anybody else the headers mean nothing.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use http::{HeaderMap, HeaderName, Request};

use crate::config::ServerConfig;
use crate::peer::Peer;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hop {
    Tcp(SocketAddr),
    /// The unix socket: a proxy on this machine.
    Unix,
}

/// Marks a request whose connection is a proxy's that was named.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FromProxy {
    /// It came by the unix socket, which only the proxy may open.
    pub(crate) unix: bool,
}

impl Hop {
    /// Whether this end speaks for others.
    pub(crate) fn is_proxy(self, config: &ServerConfig) -> bool {
        match self {
            Self::Tcp(address) => is_named(address.ip(), config),
            Self::Unix => true,
        }
    }

    /// Where limits count when nobody else is named.
    pub(crate) fn address(self) -> SocketAddr {
        match self {
            Self::Tcp(address) => address,
            Self::Unix => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        }
    }
}

/// Puts the visitor's [`Peer`] into the request, and [`FromProxy`] when a named proxy sends it.
pub(crate) fn tell<B>(request: &mut Request<B>, hop: Hop, config: &ServerConfig) {
    let mut peer = Peer(hop.address());
    if hop.is_proxy(config) {
        if let Some(ip) = visitor(request.headers(), config) {
            peer = Peer(SocketAddr::new(ip, 0));
        }
        request.extensions_mut().insert(FromProxy { unix: hop == Hop::Unix });
    }
    request.extensions_mut().insert(peer);
}

/// The host that the visitor asked for, as a named proxy tells it.
pub(crate) fn host(parts: &http::request::Parts) -> Option<&str> {
    believed(parts, &FORWARDED_HOST)
}

/// The scheme that the visitor asked by, as a named proxy tells it.
pub(crate) fn proto(parts: &http::request::Parts) -> Option<&str> {
    believed(parts, &FORWARDED_PROTO)
}

/// One header of a named proxy; several, or a list, say nothing.
fn believed<'a>(parts: &'a http::request::Parts, name: &HeaderName) -> Option<&'a str> {
    parts.extensions.get::<FromProxy>()?;
    let mut values = parts.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().filter(|text| !text.contains(',')),
        _ => None,
    }
}

/// The rightmost address that is no named proxy's: what stands left of it is the visitor's own claim.
fn visitor(headers: &HeaderMap, config: &ServerConfig) -> Option<IpAddr> {
    let mut found = None;
    let values: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    for value in values.into_iter().rev() {
        for hop in value.to_str().ok()?.rsplit(',') {
            let Some(ip) = address(hop.trim()) else { return found };
            found = Some(ip);
            if !is_named(ip, config) {
                return found;
            }
        }
    }
    found
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

fn is_named(ip: IpAddr, config: &ServerConfig) -> bool {
    config.trusted_proxies.contains(&ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrive(hop: Hop, forwarded: &[&str]) -> (String, bool) {
        let config = ServerConfig {
            trusted_proxies: vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
            ..ServerConfig::default()
        };
        let mut request = Request::new(());
        for value in forwarded {
            request.headers_mut().append(FORWARDED_FOR, value.parse().unwrap());
        }
        tell(&mut request, hop, &config);
        let from_proxy = request.extensions().get::<FromProxy>().is_some();
        (Peer::of(request.extensions()).0.ip().to_string(), from_proxy)
    }

    fn tcp(ip: &str) -> Hop {
        Hop::Tcp(SocketAddr::new(ip.parse().unwrap(), 4))
    }

    #[test]
    fn the_visitor_is_the_rightmost_that_is_no_named_proxy() {
        for (forwarded, visitor) in [
            (&["203.0.113.7"][..], "203.0.113.7"),
            (&["198.51.100.9, 203.0.113.7"], "203.0.113.7"),
            (&["198.51.100.9, 203.0.113.7, 192.0.2.1"], "203.0.113.7"),
            (&["198.51.100.9", "203.0.113.7,2001:db8::1"], "203.0.113.7"),
            (&["203.0.113.7:1234"], "203.0.113.7"),
            (&["[2001:db8:1::7]:1234"], "2001:db8:1::7"),
            (&["2001:db8:1::7"], "2001:db8:1::7"),
            (&["192.0.2.1"], "192.0.2.1"),
            (&["203.0.113.7, unknown"], "192.0.2.1"),
            (&[""], "192.0.2.1"),
            (&[], "192.0.2.1"),
        ] {
            assert_eq!(arrive(tcp("192.0.2.1"), forwarded), (visitor.to_owned(), true), "{forwarded:?}");
        }
    }

    #[test]
    fn only_an_exact_address_is_a_proxy() {
        for ip in ["192.0.2.2", "192.0.2.10", "2001:db8::2", "127.0.0.1"] {
            assert_eq!(arrive(tcp(ip), &["203.0.113.7"]), (ip.to_owned(), false));
        }
        assert_eq!(arrive(tcp("::ffff:192.0.2.1"), &["203.0.113.7"]), ("203.0.113.7".to_owned(), true));
    }

    #[test]
    fn the_unix_socket_is_a_proxys() {
        assert_eq!(arrive(Hop::Unix, &["203.0.113.7"]), ("203.0.113.7".to_owned(), true));
        assert_eq!(arrive(Hop::Unix, &[]), ("127.0.0.1".to_owned(), true));
    }

    #[test]
    fn host_and_proto_are_believed_of_a_proxy_only_and_once_only() {
        let request = |values: &[&str], from_proxy: bool| {
            let mut request = Request::new(());
            for value in values {
                request.headers_mut().append(FORWARDED_HOST, value.parse().unwrap());
                request.headers_mut().append(FORWARDED_PROTO, value.parse().unwrap());
            }
            if from_proxy {
                request.extensions_mut().insert(FromProxy { unix: false });
            }
            request.into_parts().0
        };
        assert_eq!(host(&request(&["a"], true)), Some("a"));
        assert_eq!(proto(&request(&["a"], true)), Some("a"));
        assert_eq!(host(&request(&["a"], false)), None);
        assert_eq!(host(&request(&["a", "b"], true)), None);
        assert_eq!(host(&request(&["a, b"], true)), None);
    }
}
