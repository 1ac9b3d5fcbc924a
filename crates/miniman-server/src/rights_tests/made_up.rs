//! Heads, queries and frames that are made up of words that mean something to somebody, asked through the whole router.

use axum::body::Body;
use http::Request;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{ask, by_token, shop};
use crate::testing::{HOST, TestServer, text};

/// Header names that somebody here looks at, and addresses that everybody may ask for or nobody without credentials.
const HEADERS: [&str; 12] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-type",
    "cookie",
    "if-none-match",
    "origin",
    "referer",
    "upgrade",
    "x-forwarded-for",
    "x-forwarded-host",
];
const CLOSED: [&str; 4] = ["/api/v1/me", "/api/v1/logs", "/metrics", "/docker/containers/stop/web"];
const OPEN: [&str; 3] = ["/", "/healthz", "/socket.io/?EIO=4&transport=polling"];

const ASKED_BY_QUERY: [&str; 5] =
    ["/api/v1/logs", "/api/v1/logs/histogram", "/api/v1/marks", "/api/v1/operations", "/api/v1/audit"];
const PARAMETERS: [&str; 18] = [
    "container",
    "stack",
    "query",
    "severity",
    "since",
    "until",
    "after",
    "before",
    "order",
    "limit",
    "tail",
    "context",
    "groups",
    "format",
    "buckets",
    "iostream",
    "download",
    "compress",
];
const VALUES: [&str; 31] = [
    "web-1",
    "shop",
    "1:0",
    "2:-1",
    "-1",
    "0",
    "15m",
    "1h30m",
    "2026-11-21T14:02:07Z",
    "error",
    ">=",
    "desc",
    "first",
    "csv",
    "true",
    "gzip",
    "/",
    "(",
    ")",
    "-",
    " OR ",
    "level:",
    "\"",
    "\\",
    "9223372036854775807",
    ",",
    "[",
    "{1000}",
    "*",
    "\u{0}",
    "é",
];

/// The same inputs in every run: what is new is looked for by the fuzz targets.
fn inputs() -> TestRunner {
    let config = Config { cases: 512, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Words that mean something to a header, with anything between them.
fn header_value() -> impl Strategy<Value = Vec<u8>> {
    let word = select(vec![
        "Bearer ",
        "mm_",
        "miniman_session=",
        "; ",
        ",",
        "gzip;q=",
        "0.0",
        "text/html",
        "*/*",
        "http://",
        "https://",
        "127.0.0.1",
        ":5647",
        "/docker/logs/",
        "//",
        "websocket",
        "null",
        "[::1]",
        "\"",
        "W/",
    ]);
    let part = prop_oneof![
        3 => word.prop_map(|word| word.as_bytes().to_vec()),
        1 => vec(prop_oneof![0x20_u8..0x7f, 0x80_u8..=0xff], 0..8),
    ];
    vec(part, 0..6).prop_map(|parts| parts.concat())
}

#[test]
fn no_head_makes_the_server_fail_or_lets_in_whom_nobody_knows() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let entered = runtime.enter();
    let server = TestServer::set_up();
    drop(entered);
    let addresses = || select([&CLOSED[..], &OPEN[..]].concat());
    let heads = (addresses(), any::<bool>(), vec((select(HEADERS.to_vec()), header_value()), 0..6));
    let asked = inputs().run(&heads, |(address, post, headers)| {
        let mut request =
            Request::builder().method(if post { "POST" } else { "GET" }).uri(address).header("host", HOST);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = runtime.block_on(server.send(request.body(Body::empty()).unwrap()));
        let status = response.status().as_u16();
        prop_assert!(status < 500, "{status}");
        prop_assert!(status >= 300 || OPEN.contains(&address), "{status}");
        let location = response.headers().get("location").map_or("/", |location| location.to_str().unwrap());
        prop_assert!(location.starts_with('/') && !location.starts_with("//"), "{location}");
        Ok(())
    });
    asked.unwrap();
}

#[test]
fn no_query_string_makes_the_server_fail() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let shop = runtime.block_on(shop());
    let admin = by_token(&shop, "ada");
    let routes = select(ASKED_BY_QUERY.to_vec());
    let (name, word) = (select(PARAMETERS.to_vec()), select(VALUES.to_vec()));
    let value = vec(word, 0..4).prop_map(|words| words.concat());
    let queries = (routes, vec((name, value), 0..5));
    let asked = inputs().run(&queries, |(route, pairs)| {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let status =
            runtime.block_on(ask(&shop, &admin, "GET", &format!("{route}?{query}"), "")).status().as_u16();
        prop_assert!(matches!(status, 200 | 400 | 404 | 409), "{status}");
        Ok(())
    });
    asked.unwrap();
}

#[test]
fn nothing_that_a_socket_posts_makes_the_server_fail() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let entered = runtime.enter();
    let server = TestServer::set_up();
    // One, for it holds the sessions.
    let router = crate::router(server.state.clone());
    drop(entered);
    let send = |method: &str, address: &str, body: String| {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header("host", HOST)
            .body(Body::from(body))
            .unwrap();
        runtime.block_on(async {
            let response = router.clone().oneshot(request).await.unwrap();
            (response.status().as_u16(), text(response).await)
        })
    };
    let token = server.token("ada");
    let word = select(vec![
        "4",
        "2",
        "40",
        "41",
        "42",
        "43",
        "45",
        "1",
        "3",
        "5",
        "6",
        "-",
        "[",
        "]",
        "{",
        "}",
        "\"join\"",
        "\"room\"",
        ":",
        ",",
        "\"r\"",
        "\"stream_container_logs\"",
        "\"log_ack\"",
        "{\"_placeholder\":true,\"num\":0}",
        "/admin,",
        "9",
        "\u{1e}",
        "bAAAA",
        "null",
        "é",
    ]);
    let frames = vec(word, 0..12).prop_map(|words| words.concat());
    let asked = inputs().run(&frames, |frames| {
        let (status, open) = send("GET", OPEN[2], String::new());
        prop_assert_eq!(status, 200, "a session that ended gives its place back");
        let open: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
        let session = format!("{}&sid={}", OPEN[2], open["sid"].as_str().unwrap());
        prop_assert_eq!(send("POST", &session, format!("40{{\"token\":\"{token}\"}}")).0, 200);
        let (status, answer) = send("POST", &session, frames);
        prop_assert!(matches!(status, 200 | 400), "{} {}", status, answer);
        if status == 200 {
            // Closed by what was posted, or by this.
            let (status, _) = send("POST", &session, "1".to_owned());
            prop_assert!(matches!(status, 200 | 400), "{}", status);
        }
        Ok(())
    });
    asked.unwrap();
}
