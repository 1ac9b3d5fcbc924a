//! The `Host` allow-list: what stops DNS rebinding.
//!
//! A page of an attacker whose name is rebound to our address still sends that name. IP literals can't be rebound,
//! `localhost` is the browser's own; every other name must be configured.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::header;
use http::request::Parts;

use crate::config::ServerConfig;
use crate::forwarded;
use crate::problem::{Code, Problem};

/// The authority that the request is for, as sent: `127.0.0.1:5647`.
///
/// # Errors
/// No or several hosts: bad request. A name that is not on the list: misdirected.
pub(crate) fn check<'a>(parts: &'a Parts, config: &ServerConfig) -> Result<&'a str, Problem> {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    let authority = match (hosts.next(), hosts.next(), parts.uri.authority()) {
        (Some(host), None, None) => host.to_str().unwrap_or_default(),
        // `GET http://host/path`: the target's host is the one that counts, and they must not differ.
        (Some(host), None, Some(target)) if host.as_bytes() == target.as_str().as_bytes() => target.as_str(),
        _ => return Err(Problem::bad_request("exactly one Host is needed")),
    };
    // A named proxy knows what the visitor asked for; what it calls us itself may be anything.
    let authority = forwarded::host(parts).unwrap_or(authority);
    let name = name_of(authority).ok_or_else(|| Problem::bad_request("the Host is not a host"))?;
    if is_allowed(name, config) { Ok(authority) } else { Err(misdirected()) }
}

/// The host of an authority, without port and brackets.
fn name_of(authority: &str) -> Option<&str> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (name, port) = rest.split_once(']')?;
        return (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then_some(name);
    }
    match authority.split_once(':') {
        Some((name, port)) => (!name.is_empty() && is_port(port)).then_some(name),
        None => (!authority.is_empty()).then_some(authority),
    }
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

fn is_allowed(name: &str, config: &ServerConfig) -> bool {
    // The root's dot makes it the same name to DNS, and another name to a comparison.
    let name = name.strip_suffix('.').unwrap_or(name);
    name.parse::<Ipv4Addr>().is_ok()
        || name.parse::<Ipv6Addr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || config.allowed_hosts.iter().any(|allowed| name.eq_ignore_ascii_case(allowed))
        || public_host(config).is_some_and(|allowed| name.eq_ignore_ascii_case(allowed))
}

fn public_host(config: &ServerConfig) -> Option<&str> {
    let (_, authority) = config.public_url.as_deref()?.split_once("://")?;
    name_of(authority)
}

fn misdirected() -> Problem {
    Problem::new(
        Code::Misdirected,
        "MiniMan answers to IP addresses, localhost and the names given with --allowed-host or --public-url",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_host(host: &str) -> Result<(), Code> {
        let config = ServerConfig {
            allowed_hosts: vec!["logs.lan".to_owned()],
            public_url: Some("https://logs.example.com".to_owned()),
            ..ServerConfig::default()
        };
        let (parts, ()) = http::Request::get("/").header(header::HOST, host).body(()).unwrap().into_parts();
        check(&parts, &config).map(drop).map_err(|problem| problem.code())
    }

    #[test]
    fn ip_literals_localhost_and_configured_names_are_hosts() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:5647",
            "192.0.2.7:80",
            "[::1]:5647",
            "[2001:db8::1]",
            "localhost:5647",
            "LOCALHOST",
            "logs.lan",
            "Logs.Lan:5647",
            "logs.lan.",
            "logs.example.com",
        ] {
            assert_eq!(check_host(host), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_rebound_name_is_misdirected() {
        for host in [
            "evil.example",
            "evil.example:5647",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "2130706433",
        ] {
            assert_eq!(check_host(host), Err(Code::Misdirected), "{host}");
        }
    }

    #[test]
    fn what_is_no_host_is_a_bad_request() {
        for host in ["", ":5647", "[::1", "[::1]x", "127.0.0.1:99999", "a:b"] {
            assert_eq!(check_host(host), Err(Code::BadRequest), "{host}");
        }
    }

    #[test]
    fn no_host_two_hosts_and_a_differing_target_are_refused() {
        let config = ServerConfig::default();
        let requests = [
            http::Request::get("/").body(()),
            http::Request::get("/").header("host", "localhost").header("host", "localhost").body(()),
            http::Request::get("http://evil.example/").header("host", "localhost").body(()),
        ];
        for request in requests {
            let (parts, ()) = request.unwrap().into_parts();
            assert_eq!(check(&parts, &config).unwrap_err().code(), Code::BadRequest);
        }
    }
}
