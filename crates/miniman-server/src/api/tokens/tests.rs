//! Tokens and sessions over the API.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::principal::Role;
use crate::testing::{ORIGIN, PASSWORD, RequestTo, TestServer, code, delete, get, post, text};

/// A session in a browser.
struct Browser<'a> {
    server: &'a TestServer,
    cookie: String,
}

impl<'a> Browser<'a> {
    async fn of(server: &'a TestServer, name: &str) -> Self {
        Self { server, cookie: server.cookie(name).await }
    }

    fn with(&self, request: RequestTo) -> RequestTo {
        request.header("cookie", &self.cookie).header("origin", ORIGIN)
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.server.send(self.with(get(path)).empty()).await;
        serde_json::from_str(&text(answer).await).unwrap()
    }

    async fn create(&self, body: &Value) -> http::Response<axum::body::Body> {
        self.server.send(self.with(post("/api/v1/tokens")).json(body)).await
    }

    async fn created(&self, body: &Value) -> Value {
        let answer = self.create(body).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        serde_json::from_str(&text(answer).await).unwrap()
    }

    async fn is_in(&self) -> bool {
        self.server.send(self.with(get("/api/v1/me")).empty()).await.status() == StatusCode::OK
    }
}

async fn works(server: &TestServer, secret: &Value) -> bool {
    let bearer = format!("Bearer {}", secret.as_str().unwrap());
    let answer = server.send(get("/api/v1/me").header("authorization", &bearer).empty()).await;
    answer.status() == StatusCode::OK
}

#[tokio::test]
async fn a_token_is_shown_once_works_and_is_gone_when_revoked() {
    let server = TestServer::set_up();
    let ada = Browser::of(&server, "ada").await;
    let made = ada.created(&json!({ "name": "ci", "role": "viewer", "scope": ["local/stack:shop"] })).await;
    assert!(made["secret"].as_str().unwrap().starts_with("mm_"));
    assert!(works(&server, &made["secret"]).await);
    let list = ada.get("/api/v1/tokens").await;
    assert_eq!(list["tokens"][0]["scope"], json!(["local/stack:shop"]));
    assert_eq!(list["tokens"][0]["last_used_at"], Value::Null, "coarse: written once a minute");
    assert!(!list.to_string().contains("mm_"));
    let path = format!("/api/v1/tokens/{}", made["token"]["id"]);
    let revoked = server.send(ada.with(delete(&path)).empty()).await;
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    assert!(!works(&server, &made["secret"]).await);
    assert_eq!(server.send(ada.with(delete(&path)).empty()).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_token_ends_when_it_expires_and_streams_with_it() {
    let server = TestServer::set_up();
    let ada = Browser::of(&server, "ada").await;
    for expires in ["yesterday", "2020-01-01T00:00:00Z", "0s", "-1d", ""] {
        let answer = ada.create(&json!({ "name": "ci", "role": "viewer", "expires": expires })).await;
        assert_eq!(code(answer).await, "bad_request", "{expires}");
    }
    let made = ada.created(&json!({ "name": "ci", "role": "viewer", "expires": "1h" })).await;
    assert_eq!(made["token"]["expires_at"], "2026-11-21T15:02:07.000000000Z");
    let secret = made["secret"].as_str().unwrap();
    let principal = server.state.accounts.authenticate_token(secret).await.unwrap();
    server.clock.advance(Duration::from_secs(3_599));
    assert!(works(&server, &made["secret"]).await);
    assert!(server.state.accounts.still_valid(&principal));
    server.clock.advance(Duration::from_secs(1));
    assert!(!works(&server, &made["secret"]).await);
    assert!(!server.state.accounts.still_valid(&principal));
}

#[tokio::test]
async fn nobody_makes_a_token_that_may_more_than_they_may() {
    let server = TestServer::set_up();
    server.add_user("grace", Role::Operator);
    let grace = Browser::of(&server, "grace").await;
    assert_eq!(code(grace.create(&json!({ "name": "x", "role": "admin" })).await).await, "bad_request");
    grace.created(&json!({ "name": "x", "role": "operator" })).await;
    let bearer = format!("Bearer {}", server.token("ada"));
    let by_token = post("/api/v1/tokens").header("authorization", &bearer);
    let by_token = server.send(by_token.json(&json!({ "name": "x", "role": "viewer" }))).await;
    assert_eq!(code(by_token).await, "forbidden", "a token would outlive itself");
}

#[tokio::test]
async fn ones_own_tokens_are_listed_and_revoked_and_others_only_by_who_manages() {
    let server = TestServer::set_up();
    server.add_user("grace", Role::Operator);
    let (ada, grace) = (Browser::of(&server, "ada").await, Browser::of(&server, "grace").await);
    let adas = ada.created(&json!({ "name": "a", "role": "admin" })).await;
    let graces = grace.created(&json!({ "name": "g", "role": "viewer" })).await;
    let names = |list: &Value| {
        let tokens = list["tokens"].as_array().unwrap().iter();
        tokens.map(|token| (token["name"].clone(), token["mine"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(names(&grace.get("/api/v1/tokens").await), [(json!("g"), json!(true))]);
    let all = [(json!("a"), json!(true)), (json!("g"), json!(false))];
    assert_eq!(names(&ada.get("/api/v1/tokens").await), all);
    let foreign = format!("/api/v1/tokens/{}", adas["token"]["id"]);
    assert_eq!(server.send(grace.with(delete(&foreign)).empty()).await.status(), StatusCode::NOT_FOUND);
    let theirs = format!("/api/v1/tokens/{}", graces["token"]["id"]);
    assert_eq!(server.send(ada.with(delete(&theirs)).empty()).await.status(), StatusCode::NO_CONTENT);
    assert!(!works(&server, &graces["secret"]).await);
}

#[tokio::test]
async fn tokens_of_a_user_are_bounded() {
    let server = TestServer::set_up();
    for _ in 0..100 {
        server.token("ada");
    }
    let ada = Browser::of(&server, "ada").await;
    assert_eq!(code(ada.create(&json!({ "name": "x", "role": "viewer" })).await).await, "conflict");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_or_all_others() {
    let server = TestServer::set_up();
    server.add_user("grace", Role::Admin);
    let (here, there) = (Browser::of(&server, "ada").await, Browser::of(&server, "ada").await);
    let foreign = Browser::of(&server, "grace").await;
    let sessions = here.get("/api/v1/sessions").await["sessions"].clone();
    let of = |current: bool| {
        let sessions = sessions.as_array().unwrap();
        sessions.iter().find(|session| session["current"] == current).unwrap()["id"].clone()
    };
    assert_eq!(sessions.as_array().unwrap().len(), 2, "not the other user's");
    let end = |browser: &Browser<'_>, id: &Value| {
        server.send(browser.with(delete(&format!("/api/v1/sessions/{id}"))).empty())
    };
    assert_eq!(end(&foreign, &of(false)).await.status(), StatusCode::NOT_FOUND);
    assert!(there.is_in().await);
    assert_eq!(end(&here, &of(false)).await.status(), StatusCode::NO_CONTENT);
    assert!(!there.is_in().await);
    let third = Browser::of(&server, "ada").await;
    let ended = server.send(third.with(delete("/api/v1/sessions")).empty()).await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert!(third.is_in().await && foreign.is_in().await);
    assert!(!here.is_in().await);
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_keeps_this_one_and_tokens() {
    let server = TestServer::set_up();
    let (here, there) = (Browser::of(&server, "ada").await, Browser::of(&server, "ada").await);
    let token = json!(server.token("ada"));
    let change = |old: &str, new: &str| {
        let body = json!({ "password": old, "new_password": new });
        server.send(here.with(post("/api/v1/me/password")).json(&body))
    };
    assert_eq!(code(change("wrong horse", "battery staple").await).await, "wrong_password");
    assert_eq!(code(change(PASSWORD, "short").await).await, "bad_request");
    assert!(there.is_in().await);
    assert_eq!(change(PASSWORD, "battery staple").await.status(), StatusCode::NO_CONTENT);
    assert!(here.is_in().await && works(&server, &token).await);
    assert!(!there.is_in().await);
    for (password, status) in [(PASSWORD, StatusCode::UNAUTHORIZED), ("battery staple", StatusCode::OK)] {
        let login = json!({ "username": "ada", "password": password });
        assert_eq!(server.send(post("/api/v1/login").json(&login)).await.status(), status);
    }
}

#[tokio::test]
async fn a_session_lives_as_long_as_is_configured() {
    let lifetime = Some(Duration::from_secs(3_600));
    let config = crate::ServerConfig { session_lifetime: lifetime, ..crate::ServerConfig::default() };
    let server = TestServer::set_up_with(config);
    let ada = Browser::of(&server, "ada").await;
    server.clock.advance(Duration::from_secs(3_599));
    assert!(ada.is_in().await);
    server.clock.advance(Duration::from_secs(1));
    assert!(!ada.is_in().await);
}

#[tokio::test]
async fn who_does_not_see_labels_can_not_read_them_by_a_tokens_scope() {
    let server = TestServer::set_up();
    server.add_user("vera", Role::Viewer);
    let body = json!({ "name": "ci", "role": "viewer", "scope": ["local/label:team=a*"] });
    let vera = Browser::of(&server, "vera").await;
    assert_eq!(code(vera.create(&body).await).await, "forbidden");
    let ada = Browser::of(&server, "ada").await;
    ada.created(&body).await;
}
