//! What a proxy's word is worth, and whose.

use http::StatusCode;
use miniman_store::app::Role;
use serde_json::Value;

use super::*;
use crate::accounts::GroupRoles;
use crate::config::ServerConfig;
use crate::testing::{ORIGIN, RequestTo, TestServer, get, post, text};

const SECRET: &str = "a secret of thirty-two characters";

fn config() -> ServerConfig {
    ServerConfig {
        forward_auth: Some(ForwardAuth {
            user_header: HeaderName::from_static("remote-user"),
            groups_header: HeaderName::from_static("remote-groups"),
            secret: Some(ProxySecret(SECRET.to_owned())),
        }),
        group_roles: GroupRoles(vec![("ops".to_owned(), Role::Operator), ("staff".to_owned(), Role::Viewer)]),
        ..ServerConfig::default()
    }
}

/// As the accept loop marks what comes from a named proxy.
fn through(request: RequestTo, proxy: Option<FromProxy>) -> http::Request<axum::body::Body> {
    let mut request = request.empty();
    if let Some(proxy) = proxy {
        request.extensions_mut().insert(proxy);
    }
    request
}

const TCP: Option<FromProxy> = Some(FromProxy { unix: false });
const UNIX: Option<FromProxy> = Some(FromProxy { unix: true });

async fn me(server: &TestServer, request: RequestTo, proxy: Option<FromProxy>) -> Option<(String, String)> {
    let answer = server.send(through(request, proxy)).await;
    if answer.status() != StatusCode::OK {
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        return None;
    }
    let me: Value = serde_json::from_str(&text(answer).await).unwrap();
    Some((me["username"].as_str().unwrap().to_owned(), me["role"].as_str().unwrap().to_owned()))
}

fn as_ada(groups: &str) -> RequestTo {
    get("/api/v1/me").header("remote-user", "ada").header("remote-groups", groups)
}

#[tokio::test]
async fn a_proxy_is_believed_by_its_socket_or_by_its_secret_and_nobody_else_is() {
    let server = TestServer::set_up_with(config());
    let ada = Some(("proxy:ada".to_owned(), "operator".to_owned()));
    assert_eq!(me(&server, as_ada("staff,ops"), UNIX).await, ada);
    assert_eq!(me(&server, as_ada("ops").header("x-miniman-proxy-secret", SECRET), TCP).await, ada);
    assert_eq!(me(&server, as_ada("ops"), TCP).await, None, "no secret");
    assert_eq!(me(&server, as_ada("ops").header("x-miniman-proxy-secret", "x"), TCP).await, None);
    let twice = as_ada("ops").header("x-miniman-proxy-secret", SECRET).header("x-miniman-proxy-secret", "x");
    assert_eq!(me(&server, twice, TCP).await, None, "one is the visitor's");
    assert_eq!(me(&server, as_ada("ops").header("x-miniman-proxy-secret", SECRET), None).await, None);
    assert_eq!(me(&server, as_ada("ops").header("remote-user", "root"), UNIX).await, None, "two users");
}

#[tokio::test]
async fn without_a_group_that_was_named_there_is_no_role() {
    let server = TestServer::set_up_with(config());
    for groups in ["", "admins", "opsy", "op,s"] {
        assert_eq!(me(&server, as_ada(groups), UNIX).await, None, "{groups}");
    }
    assert_eq!(me(&server, as_ada("x|staff"), UNIX).await.unwrap().1, "viewer");
}

#[tokio::test]
async fn a_proxys_user_is_never_a_local_one() {
    let server = TestServer::set_up_with(config());
    // The admin is called ada too.
    let (name, role) = me(&server, as_ada("staff"), UNIX).await.unwrap();
    assert_eq!((name.as_str(), role.as_str()), ("proxy:ada", "viewer"));
    for password in ["", crate::testing::PASSWORD] {
        let body = serde_json::json!({ "username": "proxy:ada", "password": password });
        let login = server.send(post("/api/v1/login").json(&body)).await;
        assert_eq!(login.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn another_group_ends_what_the_one_before_allowed() {
    let server = TestServer::set_up_with(config());
    let (mut parts, _) = through(as_ada("ops"), UNIX).into_parts();
    let before = server.state.accounts.identify(&parts).await.unwrap();
    assert!(server.state.accounts.still_valid(&before));
    parts.headers.insert("remote-groups", "staff".parse().unwrap());
    let after = server.state.accounts.identify(&parts).await.unwrap();
    assert!(!server.state.accounts.still_valid(&before), "an open view ends");
    assert_eq!((after.user_id, after.role.as_str()), (before.user_id, "viewer"));
    server.clock.advance(crate::accounts::external::EXTERNAL_LIFETIME);
    assert!(!server.state.accounts.still_valid(&after), "its word ends by the clock");
}

#[tokio::test]
async fn another_site_cannot_write_with_the_proxys_login() {
    let server = TestServer::set_up_with(config());
    let logout = || post("/api/v1/logout").header("remote-user", "ada").header("remote-groups", "ops");
    let foreign = server.send(through(logout(), UNIX)).await;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN, "no Origin");
    let ours = server.send(through(logout().header("origin", ORIGIN), UNIX)).await;
    assert_eq!(ours.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_name_that_is_no_name_is_shown_as_one() {
    let server = TestServer::set_up_with(config());
    let odd = get("/api/v1/me").header("remote-user", "a b/<i>:c").header("remote-groups", "ops");
    assert_eq!(me(&server, odd, UNIX).await.unwrap().0, "proxy:a_b__i__c");
    let long = get("/api/v1/me").header("remote-user", &"x".repeat(256)).header("remote-groups", "ops");
    assert_eq!(me(&server, long, UNIX).await, None);
}
