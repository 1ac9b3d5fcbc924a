//! What is put on record, and what never is.

use http::StatusCode;
use miniman_store::app::{AuditFilter, Role};
use serde_json::json;

use super::*;
use crate::testing::{ORIGIN, PASSWORD, TestServer, get, post, put};

/// `who action target outcome`, oldest first, without what set the test up.
fn on_record(server: &TestServer) -> Vec<String> {
    let mut rows = server.store.audit(&AuditFilter::default(), 100).unwrap();
    rows.retain(|row| row.who != "command line");
    let line = |row: &AuditRow| format!("{}|{}|{}|{}", row.who, row.action, row.target, row.outcome.as_str());
    rows.iter().rev().map(line).collect()
}

async fn log_in(server: &TestServer, username: &str, password: &str) -> StatusCode {
    let body = json!({ "username": username, "password": password });
    server.send(post("/api/v1/login").json(&body)).await.status()
}

#[tokio::test]
async fn logins_and_their_refusals_are_on_record_without_what_strangers_typed() {
    let server = TestServer::set_up();
    assert_eq!(log_in(&server, "hunter2", PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(log_in(&server, "ADA", "wrong horse").await, StatusCode::UNAUTHORIZED);
    let cookie = server.cookie("ada").await;
    let logout = post("/api/v1/logout").header("cookie", &cookie).header("origin", ORIGIN);
    server.send(logout.empty()).await;
    assert_eq!(
        on_record(&server),
        ["(unknown)|login||refused", "ada|login||refused", "ada|login||succeeded", "ada|logout||succeeded"]
    );
    assert_eq!(server.store.check_audit().unwrap().broken, None);
}

#[tokio::test]
async fn what_somebody_has_no_right_to_is_on_record_and_what_nobody_asked_for_is_not() {
    let server = TestServer::set_up();
    server.add_user("vic", Role::Viewer);
    let cookie = server.cookie("vic").await;
    server.send(get("/api/v1/settings/retention?x=secret").header("cookie", &cookie).empty()).await;
    let foreign = post("/api/v1/logout").header("cookie", &cookie).header("origin", "http://evil.example");
    server.send(foreign.empty()).await;
    server.send(post("/api/v1/logout").header("origin", "http://evil.example").empty()).await;
    server.send(get("/api/v1/settings/retention").empty()).await;
    assert_eq!(
        on_record(&server),
        [
            "vic|login||succeeded",
            "vic|request|GET /api/v1/settings/retention|refused",
            "vic|request|POST /api/v1/logout|refused",
        ]
    );
}

#[tokio::test]
async fn a_flood_of_refusals_is_counted_and_does_not_push_out_what_is_on_record() {
    let server = TestServer::set_up();
    for _ in 0..50 {
        let by = Actor::unknown(Peer::of(&http::Extensions::new()));
        let event = AuditEvent::new(by, AuditAction::Login).outcome(AuditOutcome::Refused);
        server.state.audit.record(event).await.unwrap();
    }
    // A machine that takes minutes for this writes one more in each.
    assert!((20..25).contains(&on_record(&server).len()));
}

#[tokio::test]
async fn a_changed_setting_is_on_record_with_what_it_is_now_and_a_dry_run_is_not() {
    let server = TestServer::set_up();
    let bearer = format!("Bearer {}", server.token("ada"));
    for path in ["/api/v1/settings/retention?dry_run=true", "/api/v1/settings/retention"] {
        let request = put(path).header("authorization", &bearer).json(&json!({ "limit": "7d,1GB" }));
        assert_eq!(server.send(request).await.status(), StatusCode::OK);
    }
    let rows = server.store.audit(&AuditFilter::default(), 100).unwrap();
    let changes: Vec<_> = rows.iter().filter(|row| row.action == "setting.change").collect();
    assert_eq!(changes.len(), 1);
    let change = changes[0];
    assert_eq!(
        (change.who.as_str(), change.target.as_str(), change.detail.as_str()),
        ("ada (token test)", "retention", "1w,1GB")
    );
}

#[tokio::test]
async fn fields_are_cut_to_their_bound_and_to_one_line() {
    let server = TestServer::set_up();
    let event =
        AuditEvent::new(Actor::command_line(), AuditAction::Login).on("ä".repeat(400)).detail("a\nb\u{1b}c");
    server.state.audit.record(event).await.unwrap();
    let row = server.store.audit(&AuditFilter::default(), 1).unwrap().remove(0);
    assert_eq!((row.target.len(), row.detail.as_str()), (FIELD_BYTES_MAX, "a b c"));
}

#[tokio::test]
async fn old_rows_go_at_the_start() {
    let server = TestServer::set_up();
    server.cookie("ada").await;
    assert_eq!(on_record(&server).len(), 1);
    server.clock.advance(RETENTION_DEFAULT + Duration::from_secs(1));
    server.state.audit.inner.take_old().unwrap();
    assert!(on_record(&server).is_empty());
}
