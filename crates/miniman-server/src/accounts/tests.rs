//! Accounts over HTTP and as streams see them, on a real database that a second process writes to as well.

use http::StatusCode;
use miniman_store::app::{AppError, OwnRole, Permission, Permissions, Role};
use serde_json::json;

use super::offline::{Given, TokenRequest};
use super::*;
use crate::testing::{ORIGIN, PASSWORD, TestServer, code, eventually, get, post, text};

fn bearer_headers(token: &str) -> HeaderMap {
    let value = format!("Bearer {token}").parse().unwrap();
    HeaderMap::from_iter([(header::AUTHORIZATION, value)])
}

fn ci(given: Given<'_>) -> TokenRequest<'_> {
    TokenRequest { name: "ci", given, expires: None }
}

fn setup_token(server: &TestServer) -> String {
    let link = offline::create_setup_link(&server.command_line(), &server.clock, ORIGIN).unwrap();
    link.strip_prefix("http://127.0.0.1:5647/setup#").unwrap().to_owned()
}

fn setup_body(token: &str, username: &str) -> serde_json::Value {
    json!({ "token": token, "username": username, "password": PASSWORD })
}

#[tokio::test]
async fn the_setup_link_makes_the_admin_and_logs_them_in() {
    let server = TestServer::fresh();
    let token = setup_token(&server);
    assert!(server.state.accounts.setup_needed());
    let response = server.send(post("/api/v1/setup").json(&setup_body(&token, "ada"))).await;
    assert_eq!(response.status(), StatusCode::OK);
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    let me: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    let all: Vec<_> = crate::Permission::ALL.into_iter().map(crate::Permission::as_str).collect();
    assert_eq!((&me["permissions"], &me["scopes"]), (&json!(all), &json!([])));
    assert!(!server.state.accounts.setup_needed());
    let cookie = cookie.split(';').next().unwrap();
    let again = server.send(get("/api/v1/me").header("cookie", cookie).empty()).await;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text(again).await).unwrap(), me);
}

#[tokio::test]
async fn two_setups_at_once_make_one_admin() {
    let server = TestServer::fresh();
    let token = setup_token(&server);
    let (one, other) = tokio::join!(
        server.send(post("/api/v1/setup").json(&setup_body(&token, "ada"))),
        server.send(post("/api/v1/setup").json(&setup_body(&token, "eve"))),
    );
    let won = [one.status(), other.status()].iter().filter(|status| status.is_success()).count();
    assert_eq!(won, 1, "{} {}", one.status(), other.status());
    assert_eq!(server.store.users().unwrap().len(), 1);
}

#[tokio::test]
async fn the_setup_link_ends_after_an_hour_and_with_a_newer_one() {
    let server = TestServer::fresh();
    let old = setup_token(&server);
    let new = setup_token(&server);
    let response = server.send(post("/api/v1/setup").json(&setup_body(&old, "ada"))).await;
    assert_eq!(code(response).await, "forbidden");
    server.clock.advance(offline::SETUP_LINK_LIFETIME);
    let response = server.send(post("/api/v1/setup").json(&setup_body(&new, "ada"))).await;
    assert_eq!(code(response).await, "forbidden");
    assert!(server.store.users().unwrap().is_empty());
}

#[tokio::test]
async fn a_refused_name_or_password_leaves_the_setup_link_working() {
    let server = TestServer::fresh();
    let token = setup_token(&server);
    for (username, password) in
        [("", PASSWORD), ("a b", PASSWORD), ("ada", "short"), ("ada", &"x".repeat(1025))]
    {
        let body = json!({ "token": token, "username": username, "password": password });
        assert_eq!(code(server.send(post("/api/v1/setup").json(&body)).await).await, "bad_request");
    }
    let response = server.send(post("/api/v1/setup").json(&setup_body(&token, "ada"))).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_get_the_same_answer() {
    let server = TestServer::set_up();
    let mut answers = Vec::new();
    for (username, password) in [("ada", "wrong horse"), ("nobody", PASSWORD)] {
        let body = json!({ "username": username, "password": password });
        let response = server.send(post("/api/v1/login").json(&body)).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(response.headers().get(header::SET_COOKIE).is_none());
        answers.push(text(response).await);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn logging_out_ends_the_session_at_once() {
    let server = TestServer::set_up();
    let cookie = server.cookie("ada").await;
    let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);
    let principal = server.state.accounts.authenticate(&headers).await.unwrap();
    let response =
        server.send(post("/api/v1/logout").header("cookie", &cookie).header("origin", ORIGIN).empty()).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(response.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert!(!server.state.accounts.still_valid(&principal));
    let me = server.send(get("/api/v1/me").header("cookie", &cookie).empty()).await;
    assert_eq!(code(me).await, "unauthenticated");
}

#[tokio::test]
async fn a_session_ends_thirty_days_after_login_however_much_it_is_used() {
    let server = TestServer::set_up();
    let cookie = server.cookie("ada").await;
    let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);
    let accounts = &server.state.accounts;
    for _ in 0..29 {
        server.clock.advance(Duration::from_secs(24 * 3600));
        assert!(accounts.authenticate(&headers).await.is_ok());
    }
    let principal = accounts.authenticate(&headers).await.unwrap();
    server.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(accounts.authenticate(&headers).await.err(), Some(AuthError::Invalid));
    assert!(!accounts.still_valid(&principal), "an open view ends with it");
}

#[tokio::test]
async fn a_token_that_the_command_line_made_works_at_once() {
    let server = TestServer::set_up();
    let token = server.token("ada");
    assert!(token.starts_with("mm_"));
    let principal = server.state.accounts.authenticate(&bearer_headers(&token)).await.unwrap();
    assert_eq!((principal.who().as_str(), principal.role), ("ada (token test)", Role::Admin));
}

#[tokio::test]
async fn a_bad_token_never_falls_back_to_the_cookie() {
    let server = TestServer::set_up();
    let cookie = server.cookie("ada").await;
    let good = server.token("ada");
    let mut wrong = good.clone();
    wrong.replace_range(10..11, if &good[10..11] == "A" { "B" } else { "A" });
    for authorization in
        [format!("Bearer {wrong}"), "Bearer ".to_owned(), "Basic YWRhOmFkYQ==".to_owned(), String::new()]
    {
        let request = get("/api/v1/me").header("cookie", &cookie).header("authorization", &authorization);
        assert_eq!(server.send(request.empty()).await.status(), StatusCode::UNAUTHORIZED, "{authorization}");
    }
    let twice = get("/api/v1/me")
        .header("cookie", &cookie)
        .header("authorization", &format!("Bearer {good}"))
        .header("authorization", &format!("Bearer {good}"));
    assert_eq!(server.send(twice.empty()).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn duplicate_session_cookies_are_refused_even_when_both_are_good() {
    let server = TestServer::set_up();
    let cookie = server.cookie("ada").await;
    let request = get("/api/v1/me").header("cookie", &format!("{cookie}; {cookie}"));
    assert_eq!(code(server.send(request.empty()).await).await, "unauthenticated");
}

#[tokio::test]
async fn the_database_holds_no_secret_in_the_clear() {
    let server = TestServer::set_up();
    let cookie = server.cookie("ada").await;
    let token = server.token("ada");
    let mut stored = Vec::new();
    for file in ["miniman.db", "miniman.db-wal"] {
        stored.extend(std::fs::read(server.dir.path().join(file)).unwrap());
    }
    let holds = |text: &str| memchr_find(&stored, text.as_bytes());
    assert!(holds("$argon2id$v=19$m=19456,t=2,p=1$"), "the search itself works");
    assert!(!holds(cookie.split_once('=').unwrap().1));
    assert!(!holds(token.strip_prefix("mm_").unwrap()));
    assert!(!holds(PASSWORD));
}

fn memchr_find(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn what_another_process_revokes_ends_by_itself() {
    let server = TestServer::set_up();
    server.add_user("grace", Role::Operator);
    let accounts = &server.state.accounts;
    let principal = accounts.authenticate_token(&server.token("grace")).await.unwrap();
    assert!(accounts.still_valid(&principal));
    let command_line = server.command_line();
    let token = command_line.tokens().unwrap().pop().unwrap();
    command_line.remove_token(token.id).unwrap();
    // Looked at every 400 ms; how soon that is on a busy machine is no test's business.
    eventually("the token is revoked", || !accounts.still_valid(&principal)).await;
}

#[tokio::test]
async fn a_change_of_rights_ends_what_was_granted_before_and_wakes_who_waits() {
    let server = TestServer::set_up();
    server.add_user("grace", Role::Operator);
    let accounts = &server.state.accounts;
    let token = server.token("grace");
    let principal = accounts.authenticate_token(&token).await.unwrap();
    let mut changed = accounts.rights_changed();
    changed.mark_unchanged();
    let grace = server.store.user_by_name("grace").unwrap().unwrap();
    server.command_line().set_role(grace.id, &Role::Viewer, None).unwrap();
    changed.changed().await.unwrap();
    assert!(!accounts.still_valid(&principal));
    let now = accounts.authenticate_token(&token).await.unwrap();
    assert_eq!(now.role, Role::Viewer, "a token has at most its owner's present role");
}

#[tokio::test]
async fn a_password_file_is_read_without_its_line_end_and_with_bounds() {
    let server = TestServer::fresh();
    let path = server.dir.path().join("password");
    for (content, expected) in [
        ("correct horse\n", "correct horse"),
        ("correct horse\r\n", "correct horse"),
        (" a b \n\n", " a b \n"),
    ] {
        std::fs::write(&path, content).unwrap();
        assert_eq!(offline::read_password_file(&path).unwrap(), expected);
    }
    for content in [vec![b'x'; 1025], vec![b'x'; 1 << 20], vec![0xff]] {
        std::fs::write(&path, content).unwrap();
        assert!(matches!(
            offline::read_password_file(&path),
            Err(offline::OfflineError::PasswordFileText { .. })
        ));
    }
}

#[tokio::test]
async fn the_first_admin_comes_from_a_file_and_a_later_change_of_it_changes_nothing() {
    let server = TestServer::fresh();
    let path = server.dir.path().join("password");
    std::fs::write(&path, format!("{PASSWORD}\n")).unwrap();
    let make =
        |name| offline::create_first_admin(&server.command_line(), &server.clock, name, &path).unwrap();
    assert!(make("ada").is_some());
    std::fs::write(&path, "another password").unwrap();
    assert!(make("ada").is_none());
    eventually("the server sees the admin", || !server.state.accounts.setup_needed()).await;
    server.cookie("ada").await;
}

#[tokio::test]
async fn read_only_takes_the_right_to_act_from_everyone() {
    let server = TestServer::set_up_with(ServerConfig { read_only: true, ..ServerConfig::default() });
    let cookie = server.cookie("ada").await;
    let me = text(server.send(get("/api/v1/me").header("cookie", &cookie).empty()).await).await;
    let me: serde_json::Value = serde_json::from_str(&me).unwrap();
    assert_eq!(me["permissions"], json!(["see_logs", "see_details", "see_environment", "export", "manage"]));
}

#[tokio::test]
async fn another_set_of_permissions_ends_what_was_granted_under_the_old_one() {
    let server = TestServer::set_up();
    let role = |permissions: &[Permission]| OwnRole {
        name: "reader".into(),
        permissions: permissions.iter().copied().collect(),
    };
    server.store.add_role(&role(&[Permission::SeeLogs, Permission::Act])).unwrap();
    server.add_user("grace", Role::Own("reader".into()));
    let accounts = &server.state.accounts;
    let token = server.token("grace");
    let principal = accounts.authenticate_token(&token).await.unwrap();
    assert_eq!(principal.permissions, [Permission::SeeLogs, Permission::Act].into_iter().collect());
    server.store.change_role(&role(&[Permission::SeeLogs])).unwrap();
    accounts.reload_now();
    assert!(!accounts.still_valid(&principal));
    let now = accounts.authenticate_token(&token).await.unwrap();
    assert_eq!(now.permissions, [Permission::SeeLogs].into_iter().collect());
}

#[tokio::test]
async fn a_token_has_what_its_role_and_its_owners_both_allow_and_sees_what_both_scopes_include() {
    let server = TestServer::set_up();
    server.add_scoped_user("grace", Role::Operator, &["local/stack:shop"]);
    let scope = ["local/name:web-*".to_owned()];
    let given = Given { role: &Role::Viewer, scope: &scope };
    let store = server.command_line();
    let token = offline::create_token(&store, &server.clock, Some("grace"), ci(given)).unwrap();
    let principal = server.state.accounts.authenticate_token(&token).await.unwrap();
    assert!(!principal.permissions.contains(Permission::Act));
    assert_eq!(principal.sight.texts(), [["local/stack:shop"], ["local/name:web-*"]]);
    let owner = server.state.accounts.authenticate_token(&server.token("grace")).await.unwrap();
    assert!(owner.permissions.contains(Permission::Act));
    let above = Given { role: &Role::Admin, scope: &[] };
    let refused = offline::create_token(&store, &server.clock, Some("grace"), ci(above));
    assert!(matches!(refused, Err(offline::OfflineError::Store(AppError::RoleAboveOwner))));
}

#[tokio::test]
async fn who_sees_only_a_part_manages_nothing() {
    let server = TestServer::set_up();
    let part = ["local/name:web".to_owned()];
    let given = Given { role: &Role::Admin, scope: &part };
    let refused = offline::create_token(&server.command_line(), &server.clock, Some("ada"), ci(given));
    assert!(matches!(refused, Err(offline::OfflineError::Store(AppError::ScopeOfManager))));
    // A token of the whole role whose owner was limited since.
    let half = OwnRole { name: "half".into(), permissions: [Permission::SeeLogs].into_iter().collect() };
    server.store.add_role(&half).unwrap();
    server.add_user("grace", Role::Own("half".into()));
    let given = Given { role: &Role::Own("half".into()), scope: &part };
    let store = server.command_line();
    let token = offline::create_token(&store, &server.clock, Some("grace"), ci(given)).unwrap();
    server.store.change_role(&OwnRole { permissions: Permissions::all(), ..half }).unwrap();
    server.state.accounts.reload_now();
    let principal = server.state.accounts.authenticate_token(&token).await.unwrap();
    assert_eq!(principal.permissions, Permissions::all().without(Permission::Manage));
}
