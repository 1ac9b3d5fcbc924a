//! Who may save, share, see and remove searches.

use http::StatusCode;
use miniman_log::Timestamp;
use miniman_store::app::{NewSearch, Role, SEARCHES_MAX};
use serde_json::{Value, json};

use crate::api::testing::Fixture;
use crate::testing::{TestServer, delete, get, post, text};

const PATH: &str = "/api/v1/searches";

async fn save(server: &TestServer, who: &str, body: Value) -> (StatusCode, Value) {
    let token = format!("Bearer {}", server.token(who));
    let response = server.send(post(PATH).header("authorization", &token).json(&body)).await;
    (response.status(), serde_json::from_str(&text(response).await).unwrap())
}

async fn names(server: &TestServer, who: &str) -> Vec<String> {
    let token = format!("Bearer {}", server.token(who));
    let answer = text(server.send(get(PATH).header("authorization", &token).empty()).await).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let searches = answer["searches"].as_array().unwrap().iter();
    searches.map(|search| search["name"].as_str().unwrap().to_owned()).collect()
}

async fn remove(server: &TestServer, who: &str, id: &Value) -> StatusCode {
    let token = format!("Bearer {}", server.token(who));
    server.send(delete(&format!("{PATH}/{id}")).header("authorization", &token).empty()).await.status()
}

#[tokio::test]
async fn a_search_is_its_makers_until_it_is_shared() {
    let shop = Fixture::shop().await;
    let server = &shop.server;
    server.add_user("vic", Role::Viewer);
    server.add_user("oz", Role::Operator);
    let errors = "stack=shop&filter=level%3Aerror";
    let (status, mine) = save(server, "vic", json!({"name": " Errors ", "query": errors})).await;
    assert_eq!(status, StatusCode::CREATED, "{mine}");
    assert_eq!(
        (&mine["name"], &mine["query"], &mine["mine"], &mine["removable"]),
        (&json!("Errors"), &json!(errors), &json!(true), &json!(true))
    );
    let shared = json!({"name": "all errors", "query": errors, "shared": true});
    assert_eq!(save(server, "vic", shared.clone()).await.0, StatusCode::FORBIDDEN);
    let (status, all) = save(server, "oz", shared.clone()).await;
    assert_eq!(status, StatusCode::CREATED, "{all}");
    assert_eq!(save(server, "oz", shared).await.0, StatusCode::CONFLICT, "the name is taken");

    assert_eq!(names(server, "vic").await, ["all errors", "Errors", "Errors of the shop"]);
    assert!(!names(server, "oz").await.contains(&"Errors".to_owned()));
    assert_eq!(remove(server, "oz", &mine["id"]).await, StatusCode::NOT_FOUND);
    assert_eq!(remove(server, "vic", &all["id"]).await, StatusCode::FORBIDDEN);
    assert_eq!(remove(server, "vic", &mine["id"]).await, StatusCode::NO_CONTENT);
    assert_eq!(remove(server, "ada", &all["id"]).await, StatusCode::NO_CONTENT);
    assert_eq!(names(server, "vic").await, ["Errors of the shop"]);
}

#[tokio::test]
async fn shared_names_are_told_to_those_who_see_them() {
    let shop = Fixture::shop().await;
    shop.server.add_user("vic", Role::Viewer);
    let gone = json!({"name": "gone", "query": "stack=elsewhere", "shared": true});
    assert_eq!(save(&shop.server, "ada", gone).await.0, StatusCode::CREATED);
    assert_eq!(names(&shop.server, "vic").await, ["Errors of the shop"]);
    assert!(names(&shop.server, "ada").await.contains(&"gone".to_owned()));
}

#[tokio::test]
async fn a_search_that_is_none_is_refused_with_what_to_do() {
    let shop = Fixture::shop().await;
    let check = async |body: Value, status: u16, expected: &str| {
        let (answered, problem) = save(&shop.server, "ada", body).await;
        assert_eq!(answered.as_u16(), status, "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(expected), "{detail}");
    };
    check(json!({"name": " ", "query": ""}), 400, "1 to 100 characters").await;
    check(json!({"name": "x".repeat(101), "query": ""}), 400, "1 to 100 characters").await;
    check(json!({"name": "x", "query": "filter=(a"}), 400, "filter: this parenthesis is not closed").await;
    check(json!({"name": "x", "query": "at=1:2"}), 400, "unknown parameter").await;
    check(json!({"name": "x", "query": format!("filter={}", "x".repeat(8_192))}), 400, "8192 bytes").await;
    let ada = shop.server.state.store.user_by_name("ada").unwrap().unwrap().id;
    for number in 1..SEARCHES_MAX {
        let name = number.to_string();
        let search = NewSearch { user_id: ada, name: &name, query: "", shared: false, who: "ada" };
        shop.server.state.store.add_search(search, Timestamp(0)).unwrap();
    }
    check(json!({"name": "one more", "query": ""}), 409, "remove one first").await;
}
