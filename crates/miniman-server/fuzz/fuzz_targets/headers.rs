#![no_main]

mod site;

use axum::body::Body;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use libfuzzer_sys::fuzz_target;

/// What somebody here looks at.
const NAMES: [&str; 16] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "if-none-match",
    "origin",
    "range",
    "referer",
    "upgrade",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
];

const ROUTES: [&str; 6] = [
    "/",
    "/api/v1/logs?container=web-1",
    "/api/v1/me",
    "/docker/containers/stop/web-1",
    "/socket.io/?EIO=4&transport=websocket",
    "/metrics",
];

fuzz_target!(|input: (u8, bool, bool, Vec<(u8, &[u8])>)| {
    let (route, post, by_token, headers) = input;
    let site = site::site();
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = ROUTES[usize::from(route) % ROUTES.len()].parse().unwrap();
    *request.method_mut() = if post { Method::POST } else { Method::GET };
    request.headers_mut().insert("host", HeaderValue::from_static("localhost"));
    for (name, value) in headers {
        let Ok(value) = HeaderValue::from_bytes(value) else { return };
        let name = HeaderName::from_static(NAMES[usize::from(name) % NAMES.len()]);
        if name == "host" {
            request.headers_mut().insert(name, value);
        } else {
            request.headers_mut().append(name, value);
        }
    }
    let is_open = matches!(request.uri().path(), "/" | "/socket.io/");
    if by_token {
        request.headers_mut().append("authorization", HeaderValue::try_from(&site.bearer).unwrap());
    }
    let status = site.check(request);
    assert!(by_token || is_open || status != Some(StatusCode::OK), "nobody has logged in");
});
