//! A viewer who sees `web-1` alone: whatever they try, `db-1` and `lone` are not there.

use serde_json::Value;

use super::{ask, by_token, shop};
use crate::api::testing::Fixture;
use crate::testing::{PASSWORD, get, post, text};

async fn answer(shop: &Fixture, user: &str, method: &str, path: &str) -> (u16, String) {
    let response = ask(shop, &by_token(shop, user), method, path, "").await;
    (response.status().as_u16(), text(response).await)
}

async fn seen(shop: &Fixture, user: &str, path: &str) -> Value {
    let (status, body) = answer(shop, user, "GET", path).await;
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn a_foreign_container_answers_as_an_absent_one_by_every_name_and_route() {
    let shop = shop().await;
    let (foreign_id, absent_id) = ("b".repeat(64), "d".repeat(64));
    let names = [("db-1", "nope"), (&foreign_id, &absent_id), ("bbbbbbbb", "dddddddd"), ("/db-1", "/nope")];
    let routes = [
        ("GET", "/api/v1/containers/{}"),
        ("GET", "/api/v1/containers/{}/details"),
        ("POST", "/api/v1/containers/{}/restart"),
        ("DELETE", "/api/v1/containers/{}"),
        ("POST", "/docker/containers/stop/{}"),
        ("GET", "/api/v1/logs?container={}"),
        ("GET", "/api/v1/logs?container=web-1&container={}"),
        ("GET", "/api/v1/logs?download=true&container={}"),
        ("GET", "/api/v1/logs?follow=true&container={}"),
        ("GET", "/api/v1/logs?query=db&container={}"),
        ("GET", "/api/v1/logs/histogram?container={}"),
        ("GET", "/api/v1/marks?container={}"),
    ];
    for (foreign, absent) in names {
        for (method, route) in routes {
            let put = |name: &str| route.replace("{}", &name.replace('/', "%2F"));
            let of_foreign = answer(&shop, "scott", method, &put(foreign)).await;
            assert_eq!(of_foreign, answer(&shop, "scott", method, &put(absent)).await, "{route} {foreign}");
            assert_eq!(of_foreign.0, 404, "{route} {foreign}");
        }
    }
    for (foreign, absent) in [
        ("/api/v1/logs?service=db", "/api/v1/logs?service=nope"),
        ("/api/v1/operations/1", "/api/v1/operations/99"),
    ] {
        let of_foreign = answer(&shop, "scott", "GET", foreign).await;
        assert_eq!(of_foreign, answer(&shop, "scott", "GET", absent).await, "{foreign}");
        assert_eq!(of_foreign.0, 404, "{foreign}");
    }
}

#[tokio::test]
async fn lists_name_and_count_what_is_in_scope_alone() {
    let shop = shop().await;
    for path in [
        "/api/v1/containers",
        "/api/v1/stacks",
        "/api/v1/operations",
        "/api/v1/marks",
        "/api/v1/logs?format=text",
        "/api/v1/hide-rules",
        "/metrics",
    ] {
        let (status, body) = answer(&shop, "scott", "GET", path).await;
        assert_eq!(status, 200, "{path}");
        for foreign in ["db-1", "db 1", "\"db\"", "lone", &"b".repeat(12), &"c".repeat(12)] {
            assert!(!body.contains(foreign), "{path} tells of {foreign}: {body}");
        }
    }
    let metrics = answer(&shop, "scott", "GET", "/metrics").await.1;
    assert!(metrics.contains("web-1") && !metrics.contains("miniman_store_"), "{metrics}");
    let operations = seen(&shop, "scott", "/api/v1/operations?limit=1").await;
    assert_eq!(operations["operations"][0]["id"], 2, "a page is filled from what is in scope");
}

#[tokio::test]
async fn a_scope_is_tried_on_what_the_asker_sees_and_by_label_only_by_who_sees_labels() {
    let shop = shop().await;
    let names = async |user: &str, scope: &str| {
        let list = seen(&shop, user, &format!("/api/v1/containers?{scope}")).await;
        let list = list["containers"].as_array().unwrap().clone();
        let mut names: Vec<_> =
            list.iter().map(|container| container["name"].as_str().unwrap().to_owned()).collect();
        names.sort_unstable();
        names.join(" ")
    };
    assert_eq!(names("vera", "scope=local/stack:shop").await, "db-1 web-1");
    assert_eq!(names("vera", "scope=local/name:l*&scope=*/stack:shop/service:web").await, "lone web-1");
    assert_eq!(names("scott", "scope=local/stack:shop").await, "web-1");
    assert_eq!(names("ada", "scope=local/label:team=*").await, "");
    let by_label = "/api/v1/containers?scope=local/label:team=a*";
    assert_eq!(answer(&shop, "vera", "GET", by_label).await.0, 403);
    assert_eq!(answer(&shop, "vera", "GET", "/api/v1/containers?scope=shop").await.0, 400);
}

#[tokio::test]
async fn searches_and_histograms_count_what_is_in_scope_alone() {
    let shop = shop().await;
    // What somebody with a limited sight sees of everything is what everybody sees of that part.
    for (everything, part) in [
        ("/api/v1/logs/histogram", "/api/v1/logs/histogram?container=web-1"),
        ("/api/v1/marks", "/api/v1/marks?container=web-1"),
        ("/api/v1/logs?stack=shop&format=ndjson", "/api/v1/logs?container=web-1&format=ndjson"),
    ] {
        let theirs = answer(&shop, "scott", "GET", everything).await;
        assert_eq!(theirs, answer(&shop, "vera", "GET", part).await, "{everything}");
    }
    let summary = async |user: &str, path: &str| {
        let mut page = seen(&shop, user, path).await;
        page["summary"]["elapsed_ms"] = Value::Null;
        page
    };
    let theirs = summary("scott", "/api/v1/logs?query=db&format=json").await;
    assert_eq!(theirs, summary("vera", "/api/v1/logs?query=db&container=web-1&format=json").await);
    assert_eq!(theirs["summary"]["matched"], 0);
}

#[tokio::test]
async fn a_forged_cursor_is_a_position_and_no_right() {
    let shop = shop().await;
    let plain = answer(&shop, "scott", "GET", "/api/v1/logs?format=ndjson").await;
    for forged in ["2:0", "2:0,3:0", "999:0"] {
        for bound in ["after", "before"] {
            let path = format!("/api/v1/logs?format=ndjson&{bound}={forged}");
            assert_eq!(answer(&shop, "scott", "GET", &path).await, plain, "{path}");
        }
    }
}

#[tokio::test]
async fn a_token_in_the_url_is_no_token() {
    let shop = shop().await;
    let token = shop.server.token("ada");
    for name in ["token", "access_token", "auth", "api_key"] {
        let response = shop.server.send(get(&format!("/api/v1/me?{name}={token}")).empty()).await;
        assert_eq!(response.status(), 401, "{name}");
    }
}

#[tokio::test]
async fn a_login_never_takes_over_the_session_that_a_cookie_names() {
    let shop = shop().await;
    let planted = shop.server.cookie("vera").await;
    let body = serde_json::json!({ "username": "ada", "password": PASSWORD });
    let login = post("/api/v1/login").header("cookie", &planted).header("origin", crate::testing::ORIGIN);
    let response = shop.server.send(login.json(&body)).await;
    assert_eq!(response.status(), 200);
    let given = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert_ne!(given, planted);
    let who = async |cookie: &str| {
        let me = text(shop.server.send(get("/api/v1/me").header("cookie", cookie).empty()).await).await;
        serde_json::from_str::<Value>(&me).unwrap()["username"].clone()
    };
    assert_eq!((who(&planted).await, who(&given).await), ("vera".into(), "ada".into()));
}
