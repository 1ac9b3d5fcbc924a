//! The session cookie, and nothing else about cookies.
//!
//! Cookies ignore ports, so a container that is published on the same host can read ours and plant its own. `__Host-`
//! and `Secure` on TLS keep it from planting; where that is not possible, two cookies of our name are refused rather
//! than one of them picked.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

use crate::accounts::Secret;

/// How this server's session cookie is called and marked.
#[derive(Debug, Clone)]
pub(crate) struct SessionCookie {
    secure: bool,
    /// The base path, empty for the root.
    base: Arc<str>,
}

/// The cookie came more than once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Duplicate;

impl SessionCookie {
    pub(crate) fn new(secure: bool, base: &str) -> Self {
        Self { secure, base: base.into() }
    }

    /// Browsers take `__Host-` with the root's path only; `__Secure-` keeps a plain page from planting one too.
    fn name(&self) -> &'static str {
        match (self.secure, self.base.is_empty()) {
            (true, true) => "__Host-miniman_session",
            (true, false) => "__Secure-miniman_session",
            (false, _) => "miniman_session",
        }
    }

    /// `Set-Cookie` for a new session that ends that much later.
    pub(crate) fn set(&self, secret: &Secret, lifetime: Duration) -> HeaderValue {
        self.header(&secret.text(), lifetime.as_secs())
    }

    /// `Set-Cookie` that takes the cookie away.
    pub(crate) fn clear(&self) -> HeaderValue {
        self.header("", 0)
    }

    fn header(&self, value: &str, max_age_s: u64) -> HeaderValue {
        let name = self.name();
        let secure = if self.secure { "; Secure" } else { "" };
        let path = if self.base.is_empty() { "/" } else { &self.base };
        HeaderValue::try_from(format!(
            "{name}={value}; HttpOnly; SameSite=Lax; Path={path}; Max-Age={max_age_s}{secure}"
        ))
        .expect("base64url, plain path segments and constants are valid in a header")
    }

    /// The session's secret, if the cookie came, exactly once.
    pub(crate) fn read<'h>(&self, headers: &'h HeaderMap) -> Result<Option<&'h str>, Duplicate> {
        let mut found = None;
        for value in headers.get_all(header::COOKIE) {
            // Other cookies of this host may hold bytes that are no text; ours is ASCII.
            for pair in value.as_bytes().split(|byte| *byte == b';') {
                let pair = pair.trim_ascii();
                let Some(value) =
                    pair.strip_prefix(self.name().as_bytes()).and_then(|rest| rest.strip_prefix(b"="))
                else {
                    continue;
                };
                let value = std::str::from_utf8(value).unwrap_or_default();
                if found.replace(value).is_some() {
                    return Err(Duplicate);
                }
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONTH: Duration = Duration::from_secs(2_592_000);

    fn headers(cookies: &[&'static str]) -> HeaderMap {
        cookies.iter().map(|cookie| (header::COOKIE, HeaderValue::from_static(cookie))).collect()
    }

    #[test]
    fn the_cookie_is_http_only_lax_and_for_the_whole_site() {
        let cookie = SessionCookie::new(false, "").set(&Secret::random(), MONTH);
        let text = cookie.to_str().unwrap();
        assert!(text.starts_with("miniman_session="), "{text}");
        assert!(text.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000"), "{text}");
    }

    #[test]
    fn on_tls_the_cookie_is_secure_and_bound_to_the_host() {
        let cookie = SessionCookie::new(true, "").set(&Secret::random(), MONTH);
        let text = cookie.to_str().unwrap();
        assert!(text.starts_with("__Host-miniman_session="), "{text}");
        assert!(text.ends_with("; Secure"), "{text}");
        assert!(!text.contains("Domain"), "{text}");
    }

    #[test]
    fn below_a_path_the_cookie_is_for_that_path_alone() {
        let cookie = SessionCookie::new(true, "/logs").set(&Secret::random(), MONTH);
        let text = cookie.to_str().unwrap();
        assert!(text.starts_with("__Secure-miniman_session="), "{text}");
        assert!(text.contains("; Path=/logs;") && text.ends_with("; Secure"), "{text}");
    }

    #[test]
    fn our_cookie_is_found_among_others() {
        let cookie = SessionCookie::new(false, "");
        assert_eq!(cookie.read(&headers(&["a=b; miniman_session=x;c=d"])), Ok(Some("x")));
        assert_eq!(cookie.read(&headers(&["a=b", "miniman_session=x"])), Ok(Some("x")));
        assert_eq!(cookie.read(&headers(&["xminiman_session=x; miniman_session2=y"])), Ok(None));
    }

    #[test]
    fn duplicate_cookies_are_refused() {
        let cookie = SessionCookie::new(false, "");
        assert_eq!(cookie.read(&headers(&["miniman_session=x; miniman_session=x"])), Err(Duplicate));
        assert_eq!(cookie.read(&headers(&["miniman_session=x", "miniman_session=y"])), Err(Duplicate));
    }

    #[test]
    fn on_tls_a_cookie_without_the_prefix_counts_for_nothing() {
        assert_eq!(SessionCookie::new(true, "").read(&headers(&["miniman_session=planted"])), Ok(None));
    }
}
