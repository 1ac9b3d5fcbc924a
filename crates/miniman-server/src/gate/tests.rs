//! What every route has around it, asked through the whole router.

use http::StatusCode;
use serde_json::json;

use super::*;
use crate::config::ServerConfig;
use crate::testing::{ORIGIN, PASSWORD, TestServer, code, get, post, text};
use http::Request;

#[tokio::test]
async fn until_an_admin_exists_nothing_but_the_setup_answers() {
    let server = TestServer::fresh();
    for path in ["/", "/login", "/docker/logs/1/web", "/anything"] {
        let response = server.send(get(path).empty()).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        assert_eq!(response.headers()["location"], "/setup");
    }
    for path in ["/api/v1/me", "/api/v1/containers", "/api/openapi.json", "/socket.io/?EIO=4", "/metrics"] {
        assert_eq!(code(server.send(get(path).empty()).await).await, "setup_required", "{path}");
    }
    for path in
        ["/api/v1/login", "/docker/containers/stop/web", "/socket.io/?EIO=4", "/setup", "/api/v1/setup/"]
    {
        let response = server.send(post(path).json(&json!({ "username": "a", "password": "b" }))).await;
        assert_eq!(code(response).await, "setup_required", "{path}");
    }
    for path in ["/setup", "/healthz", "/readyz"] {
        assert_eq!(server.send(get(path).empty()).await.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn health_answers_everyone_with_constant_bodies() {
    for server in [TestServer::fresh(), TestServer::set_up()] {
        for path in ["/healthz", "/readyz"] {
            assert_eq!(text(server.send(get(path).empty()).await).await, "ok\n");
        }
    }
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_misdirected_on_every_route() {
    let server = TestServer::set_up();
    for path in ["/", "/api/v1/me", "/healthz", "/socket.io/?EIO=4", "/api/v1/setup"] {
        let request = Request::get(path).header("host", "evil.example:5647").body(Body::empty()).unwrap();
        let response = server.send(request).await;
        assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST, "{path}");
        assert_eq!(code(response).await, "misdirected");
    }
}

#[tokio::test]
async fn a_foreign_page_can_neither_write_nor_open_a_socket_with_our_cookie() {
    let server = TestServer::set_up();
    let cookie = server.cookie("ada").await;
    for origin in ["http://evil.example", "http://127.0.0.1:8080", "null"] {
        let write = post("/api/v1/logout").header("cookie", &cookie).header("origin", origin);
        assert_eq!(code(server.send(write.empty()).await).await, "forbidden", "{origin}");
        let socket = get("/socket.io/?EIO=4&transport=websocket")
            .header("cookie", &cookie)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("origin", origin);
        assert_eq!(code(server.send(socket.empty()).await).await, "forbidden", "{origin}");
    }
    let missing = post("/api/v1/logout").header("cookie", &cookie);
    assert_eq!(code(server.send(missing.empty()).await).await, "forbidden");
    let me = get("/api/v1/me").header("cookie", &cookie);
    assert_eq!(server.send(me.empty()).await.status(), StatusCode::OK, "the session goes on");
}

#[tokio::test]
async fn a_foreign_origin_is_refused_even_with_a_token() {
    let server = TestServer::set_up();
    let token = format!("Bearer {}", server.token("ada"));
    let request = |origin| get("/api/v1/me").header("authorization", &token).header("origin", origin).empty();
    assert_eq!(code(server.send(request("http://evil.example")).await).await, "forbidden");
    assert_eq!(code(server.send(request("null")).await).await, "forbidden");
    assert_eq!(server.send(request(ORIGIN)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server = TestServer::set_up();
    let misdirected = Request::get("/").header("host", "evil.example").body(Body::empty()).unwrap();
    let requests = [
        get("/").empty(),
        get("/api/v1/me").empty(),
        get("/api/v1/nothing").empty(),
        get("/healthz").empty(),
        post("/api/v1/logout").header("origin", "null").empty(),
        misdirected,
    ];
    for request in requests {
        let uri = request.uri().clone();
        let response = server.send(request).await;
        let header = |name: &str| response.headers().get(name).map_or("", |value| value.to_str().unwrap());
        assert_eq!(header("referrer-policy"), "same-origin", "{uri}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{uri}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{uri}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{uri}");
        assert!(header("permissions-policy").contains("camera=()"), "{uri}");
        let csp = header("content-security-policy");
        assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'"), "{uri}: {csp}");
        let scripts = csp.split(';').find(|part| part.trim().starts_with("script-src")).unwrap_or_default();
        assert!(!scripts.contains("unsafe"), "{uri}: {csp}");
    }
}

#[tokio::test]
async fn api_answers_are_never_stored() {
    let server = TestServer::set_up();
    for path in ["/api/v1/me", "/api/v1/nothing", "/healthz"] {
        assert_eq!(server.send(get(path).empty()).await.headers()["cache-control"], "no-store", "{path}");
    }
}

#[tokio::test]
async fn a_body_beyond_the_bound_is_refused() {
    let server = TestServer::set_up();
    let body = json!({ "username": "ada", "password": "x".repeat(EXTRACTED_BODY_BYTES_MAX) });
    assert_eq!(code(server.send(post("/api/v1/login").json(&body)).await).await, "too_large");
}

/// Of a body whose bytes come so far apart: how long it is waited for.
async fn waited_for(pause: Duration) -> Duration {
    let server = TestServer::set_up();
    let bytes = futures_util::stream::unfold((), move |()| async move {
        tokio::time::sleep(pause).await;
        Some((Ok::<_, std::convert::Infallible>(" "), ()))
    });
    let request = post("/api/v1/login").header("content-type", "application/json");
    let request = request.body(Body::from_stream(bytes));
    let begun = tokio::time::Instant::now();
    assert_eq!(server.send(request).await.status(), StatusCode::BAD_REQUEST);
    begun.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_body_that_pauses_or_trickles_is_not_waited_for() {
    let slack = Duration::from_secs(1);
    assert!(waited_for(Duration::from_secs(3600)).await < BODY_STALL_MAX + slack);
    assert!(waited_for(Duration::from_secs(5)).await < BODY_TIME_MAX + slack);
}

#[tokio::test]
async fn what_is_not_the_json_asked_for_is_a_bad_request() {
    let server = TestServer::set_up();
    for body in [json!([]), json!({ "username": "ada" }), json!({ "username": 1, "password": PASSWORD })] {
        assert_eq!(code(server.send(post("/api/v1/login").json(&body)).await).await, "bad_request", "{body}");
    }
}

#[tokio::test]
async fn an_unknown_route_of_the_api_is_a_problem_and_a_wrong_method_too() {
    let server = TestServer::set_up();
    assert_eq!(code(server.send(get("/api/v1/nothing").empty()).await).await, "not_found");
    assert_eq!(code(server.send(get("/api/v1/logout").empty()).await).await, "method_not_allowed");
    assert_eq!(
        code(server.send(get("/docker/containers/stop/web").empty()).await).await,
        "method_not_allowed"
    );
}

#[tokio::test]
async fn a_visitor_whom_the_proxy_let_in_by_plain_http_is_sent_to_tls() {
    let config =
        ServerConfig { public_url: Some("https://logs.example.com".to_owned()), ..ServerConfig::default() };
    let server = TestServer::set_up_with(config);
    let visit = |request: http::Request<Body>, proto: &str| {
        let mut request = request;
        request.extensions_mut().insert(crate::forwarded::FromProxy { unix: true });
        request.headers_mut().insert("x-forwarded-proto", proto.parse().unwrap());
        request.headers_mut().insert("x-forwarded-host", "logs.example.com".parse().unwrap());
        request
    };
    let moved = server.send(visit(get("/logs?container=web").empty(), "http")).await;
    assert_eq!(moved.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(moved.headers()["location"], "https://logs.example.com/logs?container=web");
    let login = server.send(visit(post("/api/v1/login").empty(), "http")).await;
    assert_eq!(login.status(), StatusCode::FORBIDDEN);
    assert_eq!(server.send(visit(get("/healthz").empty(), "https")).await.status(), StatusCode::OK);
    // From anybody else the header says nothing.
    let claimed = server.send(get("/healthz").header("x-forwarded-proto", "http").empty()).await;
    assert_eq!(claimed.status(), StatusCode::OK);
}
