//! Who may look and change, what is refused, and what stays over a restart.

use http::StatusCode;
use miniman_store::app::Role;
use miniman_store::logs::LogRetention;
use serde_json::{Value, json};

use crate::api::testing::{Fixture, SECOND, START, batch, log};
use crate::config::ServerConfig;
use crate::retention::in_force;
use crate::testing::{ORIGIN, TestServer, code, get, put, text};

const PATH: &str = "/api/v1/settings/retention";

async fn change(server: &TestServer, query: &str, body: &Value) -> (StatusCode, Value) {
    let token = format!("Bearer {}", server.token("ada"));
    let request = put(&format!("{PATH}{query}")).header("authorization", &token);
    let response = server.send(request.json(body)).await;
    (response.status(), serde_json::from_str(&text(response).await).unwrap())
}

async fn changed(server: &TestServer, query: &str, limit: &str) -> Value {
    let (status, answer) = change(server, query, &json!({ "limit": limit })).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

#[tokio::test]
async fn what_is_kept_and_held_is_told_largest_first() {
    let shop = Fixture::shop().await;
    // The store goes by the real clock: any shorter age would take the lines one day.
    shop.server.state.hub.store().logs()[0].set_retention("3650d,500MB".parse().unwrap()).unwrap();
    let mut told = shop.json(PATH).await;
    let names: Vec<_> = told["logs"].as_array().unwrap().iter().map(|log| log["name"].clone()).collect();
    assert_eq!(names, ["web-1", "db-1", "lone"]);
    assert_eq!(told["limits"]["size"], json!({"limit": "2GiB", "bytes": 2_u64 << 30, "source": "default"}));
    assert_eq!(told["limits"]["age"], json!({"limit": null, "seconds": null, "source": "default"}));
    assert_eq!((&told["held"]["logs"], &told["held"]["records"]), (&json!(3), &json!(13)));
    assert_eq!(told["held"]["oldest"], "2026-11-21T13:47:07.000000000Z");
    assert!(told["disk"]["free_bytes"].as_u64().unwrap() > 0);
    assert_eq!(told["disk"]["reserve_bytes"], 256 << 20);
    // Depends on the commit that may or may not have been.
    told["logs"][0]["stored_bytes"] = json!(0);
    insta::assert_json_snapshot!(told["logs"][0]);
}

#[tokio::test]
async fn only_an_admin_looks_and_changes() {
    let server = TestServer::set_up();
    server.add_user("vic", Role::Viewer);
    server.add_user("olga", Role::Operator);
    let body = json!({"limit": "1GB"});
    for user in ["vic", "olga"] {
        let token = format!("Bearer {}", server.token(user));
        for request in [
            get(PATH).header("authorization", &token).empty(),
            put(PATH).header("authorization", &token).json(&body),
            put(PATH).header("authorization", &token).json(&json!({"limit": "nonsense"})),
            put(&format!("{PATH}?dry_run=true")).header("authorization", &token).json(&body),
            crate::testing::delete(PATH).header("authorization", &token).empty(),
        ] {
            assert_eq!(code(server.send(request).await).await, "forbidden", "{user}");
        }
    }
    assert_eq!(code(server.send(put(PATH).json(&body)).await).await, "unauthenticated");
    // By cookie it has to come from the page.
    let cookie = server.cookie("ada").await;
    let request = put(PATH).header("cookie", &cookie).header("origin", "http://evil.example");
    assert_eq!(code(server.send(request.json(&body)).await).await, "forbidden");
    assert_eq!(server.state.retention.limits().changed, None);
    let request = put(PATH).header("cookie", &cookie).header("origin", ORIGIN);
    assert_eq!(server.send(request.json(&body)).await.status(), StatusCode::OK);
    assert_eq!(server.state.retention.limits().changed.unwrap().who, "ada");
}

#[tokio::test]
async fn a_limit_holds_at_once_and_after_a_restart_until_it_is_taken_back() {
    let configured: Option<LogRetention> = Some("30d,5GB".parse().unwrap());
    let server = TestServer::set_up_with(ServerConfig { retention: configured, ..ServerConfig::default() });
    let store = server.state.hub.store();
    assert_eq!(store.retention().limits().to_string(), "30d,5GB");
    let answer = changed(&server, "", "9GB").await;
    assert_eq!(answer["applied"], true);
    assert_eq!(
        answer["limits"],
        json!({
            "limit": "9GB",
            "age": {"limit": null, "seconds": null, "source": "default"},
            "size": {"limit": "9GB", "bytes": 9_000_000_000_u64, "source": "setting"},
            "configured": "30d,5GB",
            "setting": {"limit": "9GB", "who": "ada (token test)", "at": "2026-11-21T14:02:07.000000000Z"},
        })
    );
    assert_eq!(store.retention().limits().to_string(), "9GB");
    let after_a_restart = || in_force(&server.command_line(), configured).unwrap().limits().to_string();
    assert_eq!(after_a_restart(), "9GB");
    // What would be is not what is.
    let answer = changed(&server, "?dry_run=true", "1d").await;
    assert_eq!((&answer["applied"], &answer["limits"]["limit"]), (&json!(false), &json!("1d,2GiB")));
    assert_eq!((store.retention().limits().to_string(), after_a_restart()), ("9GB".into(), "9GB".into()));
    let token = format!("Bearer {}", server.token("ada"));
    let request = crate::testing::delete(PATH).header("authorization", &token);
    let answer: Value = serde_json::from_str(&text(server.send(request.empty()).await).await).unwrap();
    assert_eq!(
        (&answer["limits"]["limit"], &answer["limits"]["size"]["source"]),
        (&json!("30d,5GB"), &json!("configuration"))
    );
    assert_eq!(answer["limits"]["setting"]["limit"], Value::Null);
    assert_eq!(
        (store.retention().limits().to_string(), after_a_restart()),
        ("30d,5GB".into(), "30d,5GB".into())
    );
    changed(&server, "", "9GB").await;
    let (status, answer) = change(&server, "", &json!({"limit": null})).await;
    assert_eq!((status, &answer["limits"]["limit"]), (StatusCode::OK, &json!("30d,5GB")));
}

#[tokio::test]
async fn a_limit_that_is_none_is_refused_with_what_is_allowed() {
    let server = TestServer::set_up();
    let check = async |query: &str, body: Value, expected: &str| {
        let (status, problem) = change(&server, query, &body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(expected), "{detail}");
    };
    check(
        "",
        json!({"limit": "10m"}),
        "\"10m\" could be minutes or megabytes; write min or MB; give it as in 30d,2GB",
    )
    .await;
    check("", json!({"limit": "forever"}), "is no age and no size; ages end in s, min, h, d or w").await;
    check("", json!({"limit": "0GB"}), "whole number above zero").await;
    check("", json!({"limit": "1GB,2GB"}), "one age and one size at most").await;
    check("", json!({"limit": ""}), "got an empty one").await;
    check("", json!({"limit": "9".repeat(101)}), "longer than 100 bytes").await;
    check("?dry=true", json!({"limit": "1GB"}), "unknown parameter \"dry\"").await;
    check("?dry_run=perhaps", json!({"limit": "1GB"}), "not true or false").await;
    let (status, problem) = change(&server, "", &json!({})).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::BAD_REQUEST, &json!("bad_request")),
        "absent is not null"
    );
    assert_eq!(change(&server, "", &json!({"limit": 5})).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(server.state.retention.limits().changed, None);
}

#[tokio::test]
async fn a_change_tells_what_it_takes() {
    let fixture = Fixture::with(|logs| {
        let log = log(logs, 'a', "web", None);
        let mut noise = 1_u64;
        for line in 0..12_000 {
            // A multiplicative generator: what compresses well would make a block of it all.
            let mut word = || {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                format!("{noise:016x}")
            };
            let body: String = std::iter::repeat_with(&mut word).take(8).collect();
            let time = START + line * SECOND / 100;
            log.append(&batch([(time, miniman_log::Severity::INFO, body)]), None).unwrap();
        }
        logs.commit().unwrap();
    })
    .await;
    let takes = changed(&fixture.server, "?dry_run=true", "1kB").await["takes"].clone();
    assert!(takes["records"].as_u64().unwrap() > 1_000, "{takes}");
    assert_eq!(takes["logs"], 1);
    assert_eq!(changed(&fixture.server, "?dry_run=true", "1GB").await["takes"]["records"], 0);
    assert_eq!(changed(&fixture.server, "", "1kB").await["takes"], takes);
    let store = fixture.server.state.hub.store();
    let all = || store.stats().taken.records >= takes["records"].as_u64().unwrap();
    crate::testing::eventually("retention takes what was told", all).await;
    let told = fixture.json(PATH).await;
    assert!(told["taken"]["records"].as_u64() >= takes["records"].as_u64(), "{told}");
}
