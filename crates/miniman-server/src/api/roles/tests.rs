use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::api::testing::Fixture;
use crate::testing::{HOST, ORIGIN, text};

async fn ask(shop: &Fixture, user: &str, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", HOST)
        .header("origin", ORIGIN)
        .header("authorization", format!("Bearer {}", shop.server.token(user)))
        .header("content-type", "application/json");
    let request = request.body(body.to_string().into()).unwrap();
    let response = shop.server.send(request).await;
    let status = response.status();
    (status, serde_json::from_str(&text(response).await).unwrap_or_default())
}

#[tokio::test]
async fn roles_are_made_changed_and_removed_by_who_manages() {
    let shop = Fixture::shop().await;
    let path = "/api/v1/roles";
    let body = json!({"name": "reader", "permissions": ["see_logs", "export"]});
    let (status, made) = ask(&shop, "ada", Method::POST, path, &body).await;
    let reader = json!({"name": "reader", "built_in": false, "permissions": ["see_logs", "export"]});
    assert_eq!((status, &made), (StatusCode::CREATED, &reader));
    assert_eq!(shop.json(path).await["roles"][3], reader);
    assert_eq!(ask(&shop, "ada", Method::POST, path, &body).await.0, StatusCode::CONFLICT);
    let one = "/api/v1/roles/reader";
    let (status, changed) = ask(&shop, "ada", Method::PUT, one, &json!({"permissions": ["see_logs"]})).await;
    assert_eq!((status, &changed["permissions"]), (StatusCode::OK, &json!(["see_logs"])));
    shop.server.add_user("vera", miniman_store::app::Role::Own("reader".into()));
    assert_eq!(ask(&shop, "ada", Method::DELETE, one, &json!(null)).await.0, StatusCode::CONFLICT);
    let vera = shop.server.store.user_by_name("vera").unwrap().unwrap();
    shop.server.store.remove_user(vera.id).unwrap();
    assert_eq!(ask(&shop, "ada", Method::DELETE, one, &json!(null)).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ask(&shop, "ada", Method::DELETE, one, &json!(null)).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn built_in_roles_stay_as_they_are_and_names_have_a_form() {
    let shop = Fixture::shop().await;
    let change = json!({"permissions": []});
    for (method, path, body) in [
        (Method::PUT, "/api/v1/roles/viewer", &change),
        (Method::DELETE, "/api/v1/roles/admin", &change),
        (Method::POST, "/api/v1/roles", &json!({"name": "Two Words", "permissions": []})),
        (Method::POST, "/api/v1/roles", &json!({"name": "x", "permissions": ["fly"]})),
        (Method::POST, "/api/v1/roles", &json!({"name": "x", "permissions": [], "more": 1})),
    ] {
        assert_eq!(ask(&shop, "ada", method, path, body).await.0, StatusCode::BAD_REQUEST, "{path} {body}");
    }
    for name in ["nobody", "No%20Name", "..%2f"] {
        let path = format!("/api/v1/roles/{name}");
        assert_eq!(ask(&shop, "ada", Method::PUT, &path, &change).await.0, StatusCode::NOT_FOUND, "{name}");
    }
}

#[tokio::test]
async fn who_does_not_manage_sees_the_roles_they_may_give_and_changes_none() {
    let shop = Fixture::shop().await;
    shop.server.add_user("olga", miniman_store::app::Role::Operator);
    let (_, told) = ask(&shop, "olga", Method::GET, "/api/v1/roles", &json!(null)).await;
    let names: Vec<_> = told["roles"].as_array().unwrap().iter().map(|role| &role["name"]).collect();
    assert_eq!(names, ["viewer", "operator"]);
    let body = json!({"name": "boss", "permissions": ["manage"]});
    for (method, path) in [
        (Method::POST, "/api/v1/roles"),
        (Method::PUT, "/api/v1/roles/x"),
        (Method::DELETE, "/api/v1/roles/x"),
    ] {
        assert_eq!(ask(&shop, "olga", method, path, &body).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(shop.server.store.roles().unwrap().is_empty());
}
