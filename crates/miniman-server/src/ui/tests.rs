//! The page as it is served, whatever page is built.

use http::StatusCode;

use super::*;
use crate::testing::{TestServer, get, post, text};

#[tokio::test]
async fn routes_of_the_page_answer_with_the_page() {
    let server = TestServer::set_up();
    for path in ["/", "/login", "/setup", "/docker/logs/1/0123456789ab"] {
        let response = server.send(get(path).empty()).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        assert!(text(response).await.contains("<!doctype html>"), "{path}");
    }
}

#[tokio::test]
async fn the_page_runs_scripts_from_its_own_files_only() {
    let server = TestServer::set_up();
    let response = server.send(get("/").empty()).await;
    let csp = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(csp.contains("script-src 'self';"), "{csp}");
    for script in text(response).await.split("<script").skip(1) {
        let (attributes, rest) = script.split_once('>').unwrap();
        assert!(attributes.contains("src="), "an inline script would not run");
        assert!(rest.starts_with("</script>"));
    }
}

#[tokio::test]
async fn what_the_browser_has_already_is_not_sent_again() {
    let server = TestServer::set_up();
    let first = server.send(get("/").empty()).await;
    let etag = first.headers()["etag"].to_str().unwrap().to_owned();
    let second = server.send(get("/").header("if-none-match", &format!("\"x\", {etag}")).empty()).await;
    assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(text(second).await, "");
}

#[tokio::test]
async fn a_compressed_copy_is_served_where_one_is_built() {
    let server = TestServer::set_up();
    let response = server.send(get("/").header("accept-encoding", "gzip, br").empty()).await;
    let expected = if Assets::get("index.html.br").is_some() { Some("br") } else { None };
    let encoding = response.headers().get("content-encoding").map(|value| value.to_str().unwrap());
    assert_eq!(encoding, expected);
    assert_eq!(response.headers()["vary"], "accept-encoding");
}

#[tokio::test]
async fn a_missing_asset_is_not_answered_by_the_page() {
    let server = TestServer::set_up();
    let response = server.send(get("/_app/immutable/gone.js").empty()).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nothing_beside_the_page_is_served() {
    let server = TestServer::set_up();
    for path in ["/../package.json", "/..%2fpackage.json", "//etc/passwd", "/_app/../../package.json"] {
        let body = text(server.send(get(path).empty()).await).await;
        assert!(!body.contains("devDependencies") && !body.contains("root:"), "{path}");
    }
}

#[tokio::test]
async fn a_page_is_only_read() {
    let server = TestServer::set_up();
    assert_eq!(server.send(post("/login").empty()).await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn only_hashed_names_are_cached_for_good() {
    assert_eq!(cache_control("_app/immutable/x.js"), "public, max-age=31536000, immutable");
    assert_eq!(cache_control("first.js"), "no-cache");
    assert_eq!(cache_control("index.html"), "no-cache");
}
