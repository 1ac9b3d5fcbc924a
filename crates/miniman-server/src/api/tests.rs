//! The other routes, asked through the whole router.

use miniman_log::Severity;
use serde_json::{Value, json};

use super::testing::{Fixture, log};
use crate::testing::{ORIGIN, code, get, post};

#[tokio::test]
async fn containers_are_described_with_their_logs() {
    let shop = Fixture::shop().await;
    let all = shop.json("/api/v1/containers").await;
    let names: Vec<_> =
        all["containers"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["db-1", "web-1", "lone"]);
    assert_eq!(all["engines"], json!([]));
    let mut web = shop.json("/api/v1/containers/web-1").await;
    // Depends on the commit that may or may not have been.
    web["log"]["stored_bytes"] = json!(0);
    insta::assert_json_snapshot!(web);
    assert_eq!(shop.json("/api/v1/containers/lone").await["log"]["first"], Value::Null);
}

#[tokio::test]
async fn stacks_list_their_services() {
    let shop = Fixture::shop().await;
    let stacks = shop.json("/api/v1/stacks").await;
    let [web, db] = ["a", "b"].map(|digit| digit.repeat(64));
    let services = json!([{"name": "db", "containers": [db]}, {"name": "web", "containers": [web]}]);
    let shop = json!({"id": 1, "name": "shop", "engine": "local", "services": services, "containers": 0, "running": 0});
    assert_eq!(stacks, json!({ "stacks": [shop] }));
}

#[tokio::test]
async fn marks_are_told_in_words_and_at_their_place() {
    let shop = Fixture::shop().await;
    let marks = shop.json("/api/v1/marks?container=web-1").await;
    assert_eq!(
        marks["marks"][0],
        json!({
            "container_id": "a".repeat(64),
            "name": "web-1",
            "after": "1:13",
            "timestamp": "2026-11-21T13:47:27.000000000Z",
            "kind": "exited",
            "text": "web-1 exited 137 (out of memory)",
            "detail": {"exit_code": 137, "oom_killed": true},
        })
    );
    assert_eq!(shop.json("/api/v1/marks?stack=shop").await["marks"].as_array().unwrap().len(), 1);
    assert_eq!(shop.json("/api/v1/marks?container=db-1").await, json!({"marks": []}));
    assert_eq!(shop.json("/api/v1/marks?since=1m").await, json!({"marks": []}));
    assert_eq!(shop.refused("/api/v1/marks?container=nobody").await, (404, "not_found".into()));
}

#[tokio::test]
async fn errors_of_the_last_minutes_are_counted() {
    let shop = Fixture::shop().await;
    // The lines are from 15 minutes before now, and the window is whole minutes.
    assert_eq!(shop.json("/api/v1/containers/web-1").await["log"]["errors_15m"], 0);
    let fresh = Fixture::with(|logs| {
        let log = log(logs, 'a', "web", None);
        let severities = [Severity::ERROR, Severity::INFO, Severity::FATAL];
        let now = super::testing::START + 890 * super::testing::SECOND;
        log.append(&super::testing::batch(severities.map(|severity| (now, severity, String::new()))), None)
            .unwrap();
    })
    .await;
    let counted =
        async || fresh.json("/api/v1/containers").await["containers"][0]["log"]["errors_15m"].clone();
    for _ in 0..2 {
        assert_eq!(counted().await, 2);
    }
    let log = fresh.server.state.hub.store().logs().remove(0);
    let older = super::testing::START + 880 * super::testing::SECOND;
    log.prepend(super::testing::batch([(older, Severity::ERROR, String::new())]), None).unwrap();
    assert_eq!(counted().await, 3, "history that comes later counts too");
    let last = fresh.json("/api/v1/containers/web").await["log"]["last_error"]["cursor"].clone();
    assert_eq!(last, "1:2", "what came last is the last error still");
}

#[tokio::test]
async fn the_last_error_is_known_however_long_ago_it_was() {
    let old = Fixture::with(|logs| {
        let log = log(logs, 'a', "web", None);
        let day = 86_400 * super::testing::SECOND;
        let line = |index: i64, severity| {
            (super::testing::START - 9 * day + index, severity, format!("line {index}"))
        };
        log.append(&super::testing::batch([line(0, Severity::ERROR), line(1, Severity::FATAL)]), None)
            .unwrap();
        log.append(&super::testing::batch((2..500).map(|index| line(index, Severity::INFO))), None).unwrap();
        super::testing::log(logs, 'b', "calm", None);
    })
    .await;
    let web = old.json("/api/v1/containers/web").await["log"].clone();
    assert_eq!((&web["errors"], &web["errors_15m"]), (&json!(2), &json!(0)));
    assert_eq!((&web["last_error"]["cursor"], &web["last_error"]["text"]), (&json!("1:1"), &json!("line 1")));
    assert_eq!(old.json("/api/v1/containers/calm").await["log"]["last_error"], Value::Null);
}

#[tokio::test]
async fn an_action_is_authorized_before_anything_else() {
    let shop = Fixture::shop().await;
    shop.server.add_user("vic", miniman_store::app::Role::Viewer);
    let viewer = format!("Bearer {}", shop.server.token("vic"));
    let admin = format!("Bearer {}", shop.server.token("ada"));
    let check = async |token: &str, path: &str, expected: &str| {
        let request = post(path).header("authorization", token).header("origin", ORIGIN);
        assert_eq!(code(shop.server.send(request.empty()).await).await, expected, "{path}");
    };
    check(&viewer, "/api/v1/containers/web-1/restart", "forbidden").await;
    check(&admin, "/api/v1/containers/web-1/restart", "conflict").await;
    check(&admin, "/api/v1/containers/nobody/restart", "not_found").await;
    check(&admin, "/api/v1/containers/web-1/explode", "not_found").await;
    check(&admin, "/api/v1/containers/web-1/remove", "not_found").await;
    // All its containers are gone: there is nothing to act on.
    check(&admin, "/api/v1/stacks/1/stop", "not_found").await;
    check(&admin, "/api/v1/stacks/9/stop", "not_found").await;
    check(&admin, "/api/v1/stacks/1/services/web/stop", "not_found").await;
    assert_eq!(shop.json("/api/v1/operations").await, json!({"operations": []}));
}

#[tokio::test]
async fn operations_are_listed_newest_first_with_what_became_of_them() {
    let shop = Fixture::shop().await;
    let store = &shop.server.store;
    for (action, error) in [("stop", None), ("restart", Some("no such process"))] {
        let target = miniman_store::app::NewTarget {
            engine: "local".into(),
            container_id: "a".repeat(64),
            name: "web-1".into(),
        };
        let now = shop.server.clock.now();
        let operation = store.begin_operation("ada", action, &[target], now).unwrap();
        store.finish_target(operation.id, 0, error, now).unwrap();
        store.finish_operation(operation.id, now).unwrap();
    }
    let listed = shop.json("/api/v1/operations").await;
    assert_eq!(listed["operations"].as_array().unwrap().len(), 2);
    insta::assert_json_snapshot!(listed["operations"][0]);
    assert_eq!(shop.json("/api/v1/operations/2").await, listed["operations"][0]);
    assert_eq!(shop.json("/api/v1/operations?before=2").await["operations"][0]["action"], "stop");
    assert_eq!(shop.json("/api/v1/operations?limit=1").await["operations"].as_array().unwrap().len(), 1);
    assert_eq!(shop.refused("/api/v1/operations/9").await, (404, "not_found".into()));
    assert_eq!(shop.refused("/api/v1/operations/x").await, (404, "not_found".into()));
    assert_eq!(shop.refused("/api/v1/operations?limit=0").await, (400, "bad_request".into()));
}

#[tokio::test]
async fn metrics_tell_of_logs_store_and_requests_to_those_who_are_logged_in() {
    let shop = Fixture::shop().await;
    let metrics = shop.ok("/metrics").await;
    let labels = r#"{engine="local",stack="shop",service="web",container="web-1",id="aaaaaaaaaaaa"}"#;
    for expected in [
        format!("miniman_log_records{labels} 10"),
        format!("miniman_log_missed_records{labels} 4"),
        "miniman_store_failing 0".to_owned(),
    ] {
        assert!(metrics.contains(&expected), "{expected}\n{metrics}");
    }
    assert_eq!(code(shop.server.send(get("/metrics").empty()).await).await, "unauthenticated");
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status() {
    use tower::ServiceExt as _;
    let shop = Fixture::shop().await;
    // One router keeps counting; the fixture makes a new one a request.
    let router = crate::router(shop.server.state.clone());
    let token = format!("Bearer {}", shop.server.token("ada"));
    let ask = |path: &str| router.clone().oneshot(get(path).header("authorization", &token).empty());
    ask("/api/v1/containers/web-1").await.unwrap();
    ask("/api/v1/containers/nobody").await.unwrap();
    let metrics = crate::testing::text(ask("/metrics").await.unwrap()).await;
    for status in [200, 404] {
        let expected = format!(
            r#"miniman_http_requests_total{{route="/api/v1/containers/{{id}}",method="GET",status="{status}"}} 1"#
        );
        assert!(metrics.contains(&expected), "{expected}\n{metrics}");
    }
}

#[tokio::test]
async fn the_document_is_served() {
    let shop = Fixture::shop().await;
    let document = shop.json("/api/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/v1/logs"]["get"].is_object());
}
