//! The audit over the API, and that no secret gets into anything that is kept.

use http::StatusCode;
use serde_json::{Value, json};

use crate::testing::{ORIGIN, PASSWORD, TestServer, code, get, post, put, text};

const NEW_PASSWORD: &str = "battery staple 1";
const RESET_PASSWORD: &str = "tr0ub4dor and 3";
const MISTYPED: &str = "hunter2-in-the-name-field";

async fn rows(server: &TestServer, bearer: &str, query: &str) -> Vec<String> {
    let request = get(&format!("/api/v1/audit{query}")).header("authorization", bearer);
    let answer: Value = serde_json::from_str(&text(server.send(request.empty()).await).await).unwrap();
    let row = |row: &Value| {
        let field = |name: &str| row[name].as_str().unwrap().to_owned();
        format!("{} {} {} {}", field("who"), field("action"), field("target"), field("outcome"))
    };
    answer["rows"].as_array().unwrap().iter().map(row).collect()
}

#[tokio::test]
async fn rows_are_filtered_and_paged_newest_first() {
    let server = TestServer::set_up();
    let bearer = format!("Bearer {}", server.token("ada"));
    server.cookie("ada").await;
    let wrong = json!({ "username": "ada", "password": "wrong horse" });
    server.send(post("/api/v1/login").json(&wrong)).await;
    let all = [
        "ada login  refused",
        "ada login  succeeded",
        "command line token.create test succeeded",
        "command line user.add ada succeeded",
    ];
    assert_eq!(rows(&server, &bearer, "").await, all);
    assert_eq!(rows(&server, &bearer, "?limit=2&before=4").await, all[1..3]);
    assert_eq!(rows(&server, &bearer, "?action=token").await, all[2..3]);
    assert_eq!(rows(&server, &bearer, "?outcome=refused").await, all[..1]);
    assert_eq!(rows(&server, &bearer, "?text=COMMAND").await, all[2..]);
    assert!(rows(&server, &bearer, "?until=1h").await.is_empty());
    for wrong in ["?outcome=maybe", "?limit=0", "?since=never", "?who=ada"] {
        let request = get(&format!("/api/v1/audit{wrong}")).header("authorization", &bearer);
        assert_eq!(code(server.send(request.empty()).await).await, "bad_request", "{wrong}");
    }
}

#[tokio::test]
async fn no_password_and_no_token_is_in_any_byte_of_the_data_directory() {
    let server = TestServer::set_up();
    let cookie = server.cookie("ada").await;
    let by_ada =
        |request: crate::testing::RequestTo| request.header("cookie", &cookie).header("origin", ORIGIN);
    let send = async |request, expected: StatusCode| {
        let answer = server.send(request).await;
        let status = answer.status();
        let text = text(answer).await;
        assert_eq!(status, expected, "{text}");
        serde_json::from_str::<Value>(&text).unwrap_or_default()
    };
    let user = json!({ "name": "grace", "password": PASSWORD, "role": "viewer" });
    let grace = send(by_ada(post("/api/v1/users")).json(&user), StatusCode::CREATED).await;
    let path = format!("/api/v1/users/{}", grace["id"]);
    send(by_ada(put(&path)).json(&json!({ "password": RESET_PASSWORD })), StatusCode::OK).await;
    let token = json!({ "name": "ci", "role": "viewer", "expires": "30d" });
    let made = send(by_ada(post("/api/v1/tokens")).json(&token), StatusCode::CREATED).await;
    let change = json!({ "password": PASSWORD, "new_password": NEW_PASSWORD });
    send(by_ada(post("/api/v1/me/password")).json(&change), StatusCode::NO_CONTENT).await;
    let confirm = json!({ "password": NEW_PASSWORD });
    send(by_ada(post("/api/v1/me/confirm")).json(&confirm), StatusCode::NO_CONTENT).await;
    let mistyped = json!({ "username": MISTYPED, "password": "x" });
    send(post("/api/v1/login").json(&mistyped), StatusCode::UNAUTHORIZED).await;

    assert_eq!(server.store.check_audit().unwrap().broken, None);
    let secret = made["secret"].as_str().unwrap().strip_prefix("mm_").unwrap();
    let session = cookie.split_once('=').unwrap().1;
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(server.dir.path()).unwrap() {
        // No secret holds a zero, and `logs.ballast` nothing else.
        bytes.extend(std::fs::read(file.unwrap().path()).unwrap().into_iter().filter(|byte| *byte != 0));
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("user.password") && holds("token.create"), "the search itself works");
    for secret in [PASSWORD, NEW_PASSWORD, RESET_PASSWORD, MISTYPED, secret, session] {
        assert!(!holds(secret), "{secret}");
    }
}
