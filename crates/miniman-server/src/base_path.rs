//! Serving below a path, for proxies that give MiniMan one instead of a host name.
//!
//! The path is taken off before anything else looks at a request, so that routes, gate and setup know the root alone.
//! What goes out and names a path of ours puts it back: redirects, the cookie's `Path`, the page's own links.

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use http::Uri;
use http::uri::PathAndQuery;
use tower::ServiceExt as _;

use crate::problem::Problem;

/// The routes below `base`, which has no slash at its end; as they are when it is empty.
pub(crate) fn mount(routes: Router, base: &str) -> Router {
    if base.is_empty() {
        return routes;
    }
    let base = base.to_owned();
    Router::new().fallback(move |request: Request| below(routes, base, request))
}

async fn below(routes: Router, base: String, mut request: Request) -> Response {
    let Some(uri) = strip(request.uri(), &base) else {
        return match request.uri().path() {
            // Probes are set up beside the proxy, and know the listener alone.
            "/healthz" | "/readyz" => routes.oneshot(request).await.into_response(),
            "/" => Redirect::to(&format!("{base}/")).into_response(),
            _ => Problem::not_found("route").into_response(),
        };
    };
    *request.uri_mut() = uri;
    routes.oneshot(request).await.into_response()
}

/// The address without the base; `None` when it is not below it.
fn strip(uri: &Uri, base: &str) -> Option<Uri> {
    let path_and_query = uri.path_and_query()?.as_str();
    let rest = path_and_query.strip_prefix(base)?;
    let rest = match rest.as_bytes().first() {
        Some(b'/') => rest.to_owned(),
        None | Some(b'?') => format!("/{rest}"),
        Some(_) => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(rest).ok()?);
    Uri::from_parts(parts).ok()
}

/// A base path as it is kept: one slash at its start, none at its end, plain segments.
///
/// # Errors
/// Anything that would have to be escaped in an address, a cookie or the page.
pub fn parse_base_path(text: &str) -> Result<String, InvalidBasePath> {
    let trimmed = text.trim_matches('/');
    if trimmed.is_empty() {
        return Ok(String::new());
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let sound = trimmed.split('/').all(|segment| {
        !segment.is_empty() && segment.bytes().all(plain) && !segment.bytes().all(|byte| byte == b'.')
    });
    if sound && text.starts_with('/') { Ok(format!("/{trimmed}")) } else { Err(InvalidBasePath) }
}

/// Not a path that MiniMan can be served below.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a base path starts with a slash and has segments of A-Z a-z 0-9 - _ . alone, as in /logs")]
pub struct InvalidBasePath;

#[cfg(test)]
mod tests {
    use http::{StatusCode, header};

    use super::*;
    use crate::config::ServerConfig;
    use crate::testing::{TestServer, get, post, text};

    fn strip_path(path: &str) -> Option<String> {
        strip(&path.parse().unwrap(), "/logs").map(|uri| uri.to_string())
    }

    #[test]
    fn the_base_is_taken_off_whole_segments() {
        assert_eq!(strip_path("/logs/api/v1/me?x=1").as_deref(), Some("/api/v1/me?x=1"));
        assert_eq!(strip_path("/logs").as_deref(), Some("/"));
        assert_eq!(strip_path("/logs?q=a").as_deref(), Some("/?q=a"));
        assert_eq!(strip_path("/logs/logs").as_deref(), Some("/logs"));
        assert_eq!(strip_path("/logsx/api"), None);
        assert_eq!(strip_path("/api/v1/me"), None);
    }

    #[test]
    fn a_base_path_is_plain_segments() {
        for (text, path) in
            [("/logs", "/logs"), ("/logs/", "/logs"), ("/a/b.c", "/a/b.c"), ("/", ""), ("", "")]
        {
            assert_eq!(parse_base_path(text).as_deref(), Ok(path), "{text}");
        }
        for text in ["logs", "/a//b", "/..", "/a b", "/a\"b", "/<a>", "/a;b", "/%2e"] {
            assert_eq!(parse_base_path(text), Err(InvalidBasePath), "{text}");
        }
    }

    fn below_logs() -> ServerConfig {
        ServerConfig { base_path: "/logs".to_owned(), ..ServerConfig::default() }
    }

    #[tokio::test]
    async fn everything_answers_below_the_base_and_nothing_beside_it() {
        let server = TestServer::set_up_with(below_logs());
        for path in ["/logs/healthz", "/healthz", "/logs/", "/logs", "/logs/first.js", "/logs/operations"] {
            assert_eq!(server.send(get(path).empty()).await.status(), StatusCode::OK, "{path}");
        }
        assert_eq!(server.send(get("/logs/api/v1/me").empty()).await.status(), StatusCode::UNAUTHORIZED);
        for path in ["/api/v1/me", "/socket.io/", "/operations", "/first.js"] {
            assert_eq!(server.send(get(path).empty()).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let root = server.send(get("/").empty()).await;
        assert_eq!(root.headers()[header::LOCATION], "/logs/");
    }

    #[tokio::test]
    async fn redirects_and_the_page_name_the_base() {
        let fresh = TestServer::with(below_logs());
        assert_eq!(fresh.send(get("/logs/").empty()).await.headers()[header::LOCATION], "/logs/setup");
        let server = TestServer::set_up_with(below_logs());
        let act = post("/logs/docker/containers/start/web").header("accept", "text/html").empty();
        assert_eq!(server.send(act).await.headers()[header::LOCATION], "/logs/login");
        let page = text(server.send(get("/logs/").empty()).await).await;
        assert!(!page.contains("=\"/first.js"), "{page}");
    }

    #[tokio::test]
    async fn the_cookie_is_for_the_base_alone() {
        let server = TestServer::set_up_with(below_logs());
        let body = serde_json::json!({ "username": "ada", "password": crate::testing::PASSWORD });
        let login = server.send(post("/logs/api/v1/login").json(&body)).await;
        let cookie = login.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with("miniman_session=") && cookie.contains("; Path=/logs;"), "{cookie}");
    }
}
