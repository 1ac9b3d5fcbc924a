//! Who may make, see and remove rules, and what a view leaves out by them.

use http::StatusCode;
use miniman_log::Timestamp;
use miniman_store::app::{HIDE_RULES_MAX, NewHideRule, Role};
use serde_json::{Value, json};

use crate::api::testing::Fixture;
use crate::testing::{TestServer, code, delete, get, post, text};

const PATH: &str = "/api/v1/hide-rules";

async fn add(server: &TestServer, who: &str, body: Value) -> (StatusCode, Value) {
    let token = format!("Bearer {}", server.token(who));
    let response = server.send(post(PATH).header("authorization", &token).json(&body)).await;
    (response.status(), serde_json::from_str(&text(response).await).unwrap())
}

async fn queries(server: &TestServer, who: &str) -> Vec<String> {
    let token = format!("Bearer {}", server.token(who));
    let answer = text(server.send(get(PATH).header("authorization", &token).empty()).await).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let rules = answer["rules"].as_array().unwrap().iter();
    rules.map(|rule| rule["query"].as_str().unwrap().to_owned()).collect()
}

async fn remove(server: &TestServer, who: &str, id: &Value) -> StatusCode {
    let token = format!("Bearer {}", server.token(who));
    let request = delete(&format!("{PATH}/{id}")).header("authorization", &token);
    server.send(request.empty()).await.status()
}

fn web(query: &str, everyone: bool) -> Value {
    json!({"stack": "shop", "service": "web", "query": query, "everyone": everyone})
}

#[tokio::test]
async fn a_rule_is_its_makers_or_everyones() {
    let shop = Fixture::shop().await;
    let server = &shop.server;
    server.add_user("vic", Role::Viewer);
    let (status, mine) = add(server, "vic", web("web 1", false)).await;
    assert_eq!(status, StatusCode::CREATED, "{mine}");
    assert_eq!(
        (&mine["for"], &mine["who"], &mine["removable"]),
        (&json!("me"), &json!("vic (token test)"), &json!(true))
    );
    let (status, refused) = add(server, "vic", web("web 2", true)).await;
    assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!("forbidden")));
    let (status, all) = add(server, "ada", web("web 3", true)).await;
    assert_eq!((status, &all["for"]), (StatusCode::CREATED, &json!("everyone")));

    assert_eq!(queries(server, "vic").await, ["web 1", "web 3"]);
    assert_eq!(queries(server, "ada").await, ["web 3"]);
    // Another's own rule looks as if there were none.
    assert_eq!(remove(server, "ada", &mine["id"]).await, StatusCode::NOT_FOUND);
    assert_eq!(remove(server, "vic", &all["id"]).await, StatusCode::FORBIDDEN);
    assert_eq!(remove(server, "vic", &mine["id"]).await, StatusCode::NO_CONTENT);
    assert_eq!(remove(server, "vic", &mine["id"]).await, StatusCode::NOT_FOUND);
    assert_eq!(remove(server, "ada", &all["id"]).await, StatusCode::NO_CONTENT);
    assert_eq!(queries(server, "vic").await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_rule_that_is_none_is_refused_with_what_to_do() {
    let shop = Fixture::shop().await;
    let check = async |body: Value, status: u16, expected: &str| {
        let (answered, problem) = add(&shop.server, "ada", body).await;
        assert_eq!(answered.as_u16(), status, "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(expected), "{detail}");
    };
    check(web("", false), 400, "would hide every line").await;
    check(web("(a", false), 400, "this parenthesis is not closed (at character 1)").await;
    check(web(&"x".repeat(1_025), false), 400, "longer than 1024 bytes").await;
    check(json!({"service": "web", "query": "x", "evryone": true}), 400, "evryone").await;
    shop.server.add_user("vic", Role::Viewer);
    let (status, problem) = add(&shop.server, "vic", json!({"service": "web", "query": "x"})).await;
    assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("not_found")), "of no stack");
    let ada = shop.server.state.store.users().unwrap().into_iter().find(|user| user.name == "ada").unwrap();
    for _ in 0..HIDE_RULES_MAX {
        let rule = NewHideRule { user_id: Some(ada.id), stack: None, service: "web", query: "x", who: "ada" };
        shop.server.state.store.add_hide_rule(rule, Timestamp(0)).unwrap();
    }
    check(web("one more", false), 409, "100 hide rules already").await;
    assert_eq!(add(&shop.server, "vic", web("mine", false)).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn a_view_leaves_hidden_lines_out_only_when_it_asks() {
    let shop = Fixture::shop().await;
    add(&shop.server, "ada", web("/web [0-7]/", false)).await;
    let view = async |query: &str| {
        let answer = shop.ok(&format!("/api/v1/logs?stack=shop&format=text{query}")).await;
        let lines = answer.lines().filter(|line| !line.starts_with("--- "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(view("&hide=true").await, ["db 1", "db 2", "db 3", "web 8", "web 9"]);
    assert_eq!(view("").await.len(), 13);
    // What is counted are lines that are shown.
    assert_eq!(view("&hide=true&tail=3").await, ["db 3", "web 8", "web 9"]);
    assert_eq!(view("&hide=true&order=desc&limit=2").await, ["web 9", "web 8"]);
    assert_eq!(view("&hide=true&service=web&query=web&limit=1&order=desc").await, ["web 9"]);
    assert_eq!(view("&query=%22web+7%22&order=desc&limit=1").await, ["web 7"], "a search finds it");
    // Of the other services nothing is hidden.
    assert_eq!(shop.ok("/api/v1/logs?service=db&hide=true&format=text").await.lines().count(), 3);
    let refused = code(shop.server.send(get(PATH).empty()).await).await;
    assert_eq!(refused, "unauthenticated");
}
