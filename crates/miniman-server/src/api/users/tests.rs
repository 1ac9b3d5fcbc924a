//! Users over the API: what each change does at once, and who may make it.

use http::StatusCode;
use serde_json::{Value, json};

use crate::accounts::CONFIRMED_FOR;
use crate::principal::Role;
use crate::testing::{ORIGIN, PASSWORD, TestServer, code, delete, eventually, get, post, put, text};

async fn json_of(response: http::Response<axum::body::Body>) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

struct Admin {
    server: TestServer,
    bearer: String,
}

impl Admin {
    fn start() -> Self {
        let server = TestServer::set_up();
        let bearer = format!("Bearer {}", server.token("ada"));
        Self { server, bearer }
    }

    async fn add(&self, name: &str, role: &str) -> i64 {
        let body = json!({ "name": name, "password": PASSWORD, "role": role });
        let request = post("/api/v1/users").header("authorization", &self.bearer).json(&body);
        let response = self.server.send(request).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        json_of(response).await["id"].as_i64().unwrap()
    }

    async fn change(&self, id: i64, body: &Value) -> http::Response<axum::body::Body> {
        let request = put(&format!("/api/v1/users/{id}")).header("authorization", &self.bearer);
        self.server.send(request.json(body)).await
    }

    async fn remove(&self, id: i64) -> http::Response<axum::body::Body> {
        let request = delete(&format!("/api/v1/users/{id}")).header("authorization", &self.bearer);
        self.server.send(request.empty()).await
    }

    async fn status_of(&self, name: &str, value: &str) -> StatusCode {
        self.server.send(get("/api/v1/me").header(name, value).empty()).await.status()
    }
}

#[tokio::test]
async fn a_user_is_added_listed_changed_and_removed() {
    let admin = Admin::start();
    let id = admin.add("grace", "viewer").await;
    admin.server.cookie("grace").await;
    let scope = json!({ "scope": ["local/stack:shop"], "role": "operator" });
    assert_eq!(admin.change(id, &scope).await.status(), StatusCode::OK);
    let list = admin.server.send(get("/api/v1/users").header("authorization", &admin.bearer).empty()).await;
    let list = json_of(list).await;
    let grace = &list["users"][1];
    assert_eq!((&grace["name"], &grace["role"]), (&json!("grace"), &json!("operator")));
    assert_eq!((&grace["scope"], &grace["disabled"]), (&json!(["local/stack:shop"]), &json!(false)));
    assert!(!list.to_string().contains("argon2"));
    assert_eq!(admin.change(id, &json!({ "scope": [] })).await.status(), StatusCode::OK);
    assert_eq!(admin.remove(id).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(admin.remove(id).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_a_deleted_user_had_ends_at_once_everywhere() {
    let admin = Admin::start();
    let id = admin.add("grace", "operator").await;
    let (cookie, token) = (admin.server.cookie("grace").await, admin.server.token("grace"));
    let bearer = format!("Bearer {token}");
    let accounts = &admin.server.state.accounts;
    let principal = accounts.authenticate_token(&token).await.unwrap();
    assert_eq!(admin.remove(id).await.status(), StatusCode::NO_CONTENT);
    assert!(!accounts.still_valid(&principal), "streams ask this before each batch");
    assert_eq!(admin.status_of("cookie", &cookie).await, StatusCode::UNAUTHORIZED);
    assert_eq!(admin.status_of("authorization", &bearer).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_the_command_line_removes_ends_by_itself() {
    let admin = Admin::start();
    admin.add("grace", "operator").await;
    let accounts = &admin.server.state.accounts;
    let principal = accounts.authenticate_token(&admin.server.token("grace")).await.unwrap();
    let (store, clock) = (admin.server.command_line(), &admin.server.clock);
    crate::accounts::offline::remove_user(&store, clock, "grace").unwrap();
    eventually("the token ends", || !accounts.still_valid(&principal)).await;
}

#[tokio::test]
async fn a_disabled_user_gets_in_by_nothing_and_comes_back_enabled() {
    let admin = Admin::start();
    let id = admin.add("grace", "viewer").await;
    let (cookie, token) = (admin.server.cookie("grace").await, admin.server.token("grace"));
    let bearer = format!("Bearer {token}");
    assert_eq!(admin.change(id, &json!({ "disabled": true })).await.status(), StatusCode::OK);
    assert_eq!(admin.status_of("cookie", &cookie).await, StatusCode::UNAUTHORIZED);
    assert_eq!(admin.status_of("authorization", &bearer).await, StatusCode::UNAUTHORIZED);
    let login = json!({ "username": "grace", "password": PASSWORD });
    let refused = admin.server.send(post("/api/v1/login").json(&login)).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(admin.change(id, &json!({ "disabled": false })).await.status(), StatusCode::OK);
    admin.server.cookie("grace").await;
    assert_eq!(admin.status_of("authorization", &bearer).await, StatusCode::OK, "tokens are kept meanwhile");
}

#[tokio::test]
async fn a_lowered_role_takes_from_its_tokens_at_once() {
    let admin = Admin::start();
    let id = admin.add("grace", "admin").await;
    let bearer = format!("Bearer {}", admin.server.token("grace"));
    let users = || admin.server.send(get("/api/v1/users").header("authorization", &bearer).empty());
    assert_eq!(users().await.status(), StatusCode::OK);
    assert_eq!(admin.change(id, &json!({ "role": "viewer" })).await.status(), StatusCode::OK);
    assert_eq!(users().await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_reset_password_is_the_only_one_that_works_and_ends_sessions() {
    let admin = Admin::start();
    let id = admin.add("grace", "viewer").await;
    let cookie = admin.server.cookie("grace").await;
    assert_eq!(admin.change(id, &json!({ "password": "short" })).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(admin.change(id, &json!({ "password": "battery staple" })).await.status(), StatusCode::OK);
    assert_eq!(admin.status_of("cookie", &cookie).await, StatusCode::UNAUTHORIZED);
    for (password, status) in [(PASSWORD, StatusCode::UNAUTHORIZED), ("battery staple", StatusCode::OK)] {
        let login = json!({ "username": "grace", "password": password });
        assert_eq!(admin.server.send(post("/api/v1/login").json(&login)).await.status(), status);
    }
}

#[tokio::test]
async fn the_last_admin_is_neither_removed_nor_lowered_nor_disabled() {
    let admin = Admin::start();
    let ada = admin.server.store.user_by_name("ada").unwrap().unwrap().id.0;
    for change in [json!({ "role": "viewer" }), json!({ "disabled": true })] {
        assert_eq!(code(admin.change(ada, &change).await).await, "conflict", "{change}");
    }
    assert_eq!(code(admin.remove(ada).await).await, "conflict");
    let second = admin.add("grace", "admin").await;
    assert_eq!(admin.change(second, &json!({ "disabled": true })).await.status(), StatusCode::OK);
    assert_eq!(code(admin.remove(ada).await).await, "conflict", "who may not log in is no admin");
    assert_eq!(admin.change(second, &json!({ "disabled": false })).await.status(), StatusCode::OK);
    assert_eq!(admin.remove(ada).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn only_who_manages_sees_or_changes_users() {
    let admin = Admin::start();
    for role in [Role::Viewer, Role::Operator] {
        let name = role.as_str().to_owned();
        admin.server.add_user(&name, role);
        let bearer = format!("Bearer {}", admin.server.token(&name));
        let body = json!({ "name": "eve", "password": PASSWORD, "role": "admin" });
        for request in [
            get("/api/v1/users").header("authorization", &bearer).empty(),
            post("/api/v1/users").header("authorization", &bearer).json(&body),
            put("/api/v1/users/1").header("authorization", &bearer).json(&json!({ "disabled": true })),
            delete("/api/v1/users/1").header("authorization", &bearer).empty(),
            get("/api/v1/audit").header("authorization", &bearer).empty(),
        ] {
            let (method, path) = (request.method().clone(), request.uri().clone());
            let answer = admin.server.send(request).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name} {method} {path}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_new_user_is_told() {
    let admin = Admin::start();
    admin.add("grace", "viewer").await;
    for (change, expected) in [
        (json!({ "name": "GRACE" }), "conflict"),
        (json!({ "name": "a b" }), "bad_request"),
        (json!({ "role": "king" }), "bad_request"),
        (json!({ "role": "No Role" }), "bad_request"),
        (json!({ "scope": ["shop"] }), "bad_request"),
        (json!({ "role": "admin", "scope": ["local/stack:shop"] }), "bad_request"),
        (json!({ "password": "short" }), "bad_request"),
        (json!({ "extra": 1 }), "bad_request"),
    ] {
        let mut body = json!({ "name": "eve", "password": PASSWORD, "role": "viewer" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let request = post("/api/v1/users").header("authorization", &admin.bearer).json(&body);
        assert_eq!(code(admin.server.send(request).await).await, expected, "{change}");
    }
}

#[tokio::test]
async fn ten_minutes_after_the_login_a_session_is_asked_for_its_password_again() {
    let server = TestServer::set_up();
    let cookie = server.cookie("ada").await;
    let with =
        |request: crate::testing::RequestTo| request.header("cookie", &cookie).header("origin", ORIGIN);
    let body = |name: &str| json!({ "name": name, "password": PASSWORD, "role": "viewer" });
    let fresh = server.send(with(post("/api/v1/users")).json(&body("one"))).await;
    assert_eq!(fresh.status(), StatusCode::CREATED);

    server.clock.advance(CONFIRMED_FOR);
    let limit = json!({ "limit": "7d" });
    for request in [
        with(post("/api/v1/users")).json(&body("two")),
        with(put("/api/v1/users/2")).json(&json!({ "disabled": true })),
        with(delete("/api/v1/users/2")).empty(),
        with(post("/api/v1/tokens")).json(&json!({ "name": "ci", "role": "viewer" })),
        with(delete("/api/v1/tokens/1")).empty(),
        with(put("/api/v1/settings/retention")).json(&limit),
        with(delete("/api/v1/settings/retention")).empty(),
    ] {
        let (method, path) = (request.method().clone(), request.uri().clone());
        let answer = server.send(request).await;
        assert_eq!(code(answer).await, "confirmation_required", "{method} {path}");
    }
    let looked = server.send(with(get("/api/v1/users")).empty()).await;
    assert_eq!(looked.status(), StatusCode::OK, "looking needs none");
    let dry = server.send(with(put("/api/v1/settings/retention?dry_run=true")).json(&limit)).await;
    assert_eq!(dry.status(), StatusCode::OK);

    let confirm =
        |password: &str| server.send(with(post("/api/v1/me/confirm")).json(&json!({ "password": password })));
    assert_eq!(code(confirm("wrong horse").await).await, "wrong_password");
    let still = server.send(with(post("/api/v1/users")).json(&body("two"))).await;
    assert_eq!(code(still).await, "confirmation_required");
    assert_eq!(confirm(PASSWORD).await.status(), StatusCode::NO_CONTENT);
    let confirmed = server.send(with(post("/api/v1/users")).json(&body("two"))).await;
    assert_eq!(confirmed.status(), StatusCode::CREATED);
}
