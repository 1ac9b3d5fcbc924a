//! Which web page a request comes from.
//!
//! Browsers send the cookie with requests that other sites cause. So what changes something, or opens a socket, must
//! carry our own exact `Origin` when it carries a cookie. A foreign or `null` origin is refused whatever it carries:
//! no page but ours has a reason to speak to us.

use http::request::Parts;
use http::{Method, header};

use crate::config::ServerConfig;
use crate::problem::{Code, Problem};

/// Checks the request's `Origin` against `authority`, the checked `Host` of the same request.
///
/// A missing one is taken for reading (browsers send none with a same-origin GET), with a bearer token, and without
/// any cookie or login at a proxy: then nothing is in it that another site could not send by itself.
///
/// # Errors
/// Forbidden.
pub(crate) fn check(parts: &Parts, authority: &str, config: &ServerConfig) -> Result<(), Problem> {
    let mut origins = parts.headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) if is_ours(origin.as_bytes(), authority, config) => Ok(()),
        (Some(_), _) => Err(Problem::new(Code::Forbidden, "the request comes from another site")),
        (None, _) => {
            let harmless = is_read(parts)
                || parts.headers.contains_key(header::AUTHORIZATION)
                || !is_ambient(parts, config);
            if harmless { Ok(()) } else { Err(Problem::new(Code::Forbidden, "the Origin is missing")) }
        }
    }
}

/// Carries what a browser sends by itself, whoever made it send the request: cookies, or a proxy's login.
fn is_ambient(parts: &Parts, config: &ServerConfig) -> bool {
    parts.headers.contains_key(header::COOKIE)
        || config.forward_auth.as_ref().is_some_and(|forward| forward.names_somebody(parts))
}

/// Only asks: no upgrade to a socket, no change.
fn is_read(parts: &Parts) -> bool {
    matches!(parts.method, Method::GET | Method::HEAD) && !parts.headers.contains_key(header::UPGRADE)
}

/// The page's origin is where it was loaded from: the host that this very request names, or the public address.
fn is_ours(origin: &[u8], authority: &str, config: &ServerConfig) -> bool {
    if let Some(public) = &config.public_url
        && origin == public.as_bytes()
    {
        return true;
    }
    // Behind a TLS proxy every page has an https origin; a plain one is then an attacker's on the wire.
    let scheme: &[u8] = if config.is_https() { b"https://" } else { b"http://" };
    origin.strip_prefix(scheme).is_some_and(|host| host.eq_ignore_ascii_case(authority.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORITY: &str = "127.0.0.1:5647";

    fn check_with(method: Method, headers: &[(&str, &str)], public_url: Option<&str>) -> bool {
        let config = ServerConfig { public_url: public_url.map(str::to_owned), ..ServerConfig::default() };
        let mut request = http::Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        check(&parts, AUTHORITY, &config).is_ok()
    }

    const COOKIE: (&str, &str) = ("cookie", "miniman_session=x");
    const TOKEN: (&str, &str) = ("authorization", "Bearer mm_x");
    const OURS: (&str, &str) = ("origin", "http://127.0.0.1:5647");

    #[test]
    fn a_write_by_cookie_needs_our_exact_origin() {
        assert!(check_with(Method::POST, &[COOKIE, OURS], None));
        assert!(!check_with(Method::POST, &[COOKIE], None));
        for origin in [
            "http://127.0.0.1:8080",
            "http://127.0.0.1",
            "https://127.0.0.1:5647",
            "http://127.0.0.1:56470",
            "http://evil.example",
            "null",
            "",
        ] {
            assert!(!check_with(Method::POST, &[COOKIE, ("origin", origin)], None), "{origin}");
        }
    }

    #[test]
    fn a_socket_by_cookie_needs_our_exact_origin() {
        let upgrade = ("upgrade", "websocket");
        assert!(check_with(Method::GET, &[COOKIE, upgrade, OURS], None));
        assert!(!check_with(Method::GET, &[COOKIE, upgrade], None));
        assert!(
            check_with(Method::GET, &[upgrade], None),
            "a stock client with auth: {{token}} sends neither"
        );
    }

    #[test]
    fn a_read_may_lack_an_origin() {
        assert!(check_with(Method::GET, &[COOKIE], None));
        assert!(check_with(Method::HEAD, &[COOKIE], None));
    }

    #[test]
    fn a_foreign_or_null_origin_is_refused_even_with_a_token() {
        for origin in ["http://evil.example", "null"] {
            assert!(!check_with(Method::GET, &[TOKEN, ("origin", origin)], None));
            assert!(!check_with(Method::POST, &[TOKEN, ("origin", origin)], None));
        }
        assert!(check_with(Method::POST, &[TOKEN], None));
    }

    #[test]
    fn two_origins_are_refused() {
        assert!(!check_with(Method::GET, &[OURS, OURS], None));
    }

    #[test]
    fn the_public_address_is_our_origin_and_then_plain_http_is_not() {
        let public = Some("https://logs.example.com");
        assert!(check_with(Method::POST, &[COOKIE, ("origin", "https://logs.example.com")], public));
        assert!(!check_with(Method::POST, &[COOKIE, ("origin", "http://logs.example.com")], public));
        assert!(!check_with(Method::POST, &[COOKIE, OURS], public));
    }
}
