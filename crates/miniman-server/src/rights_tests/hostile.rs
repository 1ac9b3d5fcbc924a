//! Input that means harm, asked through the whole router.

use std::io::Write as _;

use axum::body::Body;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request;
use miniman_log::Severity;
use miniman_store::app::Role;
use serde_json::{Value, json};

use super::{ask, by_token, shop};
use crate::api::testing::{Fixture, SECOND, START, batch, log};
use crate::testing::{HOST, PASSWORD, TestServer, code, text};

/// What a client's library does not let through, percent-encoded for addresses.
const NUL: &str = "a%00b";

fn document() -> Value {
    serde_json::from_str(&crate::api::openapi_json()).unwrap()
}

/// Every method of every route that is documented, with its description.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    });
    methods.collect()
}

/// A body as it is documented, with a NUL in every text of it.
fn body_with_nul(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return body_with_nul(document, document.pointer(name.trim_start_matches('#')).unwrap());
    }
    let is = |kind: &str| {
        schema["type"] == kind || schema["type"].as_array().is_some_and(|types| types.contains(&json!(kind)))
    };
    if is("object") {
        let fields = schema["properties"].as_object().unwrap().iter();
        return fields.map(|(name, field)| (name.clone(), body_with_nul(document, field))).collect();
    }
    match () {
        () if is("array") => json!([body_with_nul(document, &schema["items"])]),
        () if is("boolean") => json!(false),
        () if is("integer") => json!(1),
        () => json!("a\u{0}b"),
    }
}

#[tokio::test]
async fn a_nul_in_any_input_is_refused_or_found_nowhere_and_kept_by_nobody() {
    let shop = shop().await;
    let who = [("cookie", shop.server.cookie("ada").await)];
    let document = document();
    let mut asked = 0;
    // It takes no input, and would end the session that asks.
    for (method, path, operation) in operations(&document).into_iter().filter(|of| of.1 != "/api/v1/logout") {
        let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of = |place: &str| {
            let names = parameters.iter().filter(|parameter| parameter["in"] == place);
            names.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let put = |value: &str| {
            of("path").iter().fold(path.clone(), |path, name| path.replace(&format!("{{{name}}}"), value))
        };
        let mut addresses = vec![put(NUL)];
        // Each by itself: the first that is refused would hide the others.
        addresses.extend(of("query").iter().map(|name| format!("{}?{name}={NUL}", put("web-1"))));
        if !of("query").is_empty() {
            addresses.push(format!("{}?{NUL}=1", put("web-1")));
        }
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let body =
            if schema.is_null() { String::new() } else { body_with_nul(&document, schema).to_string() };
        for address in addresses.iter().filter(|address| address.contains(NUL) || !body.is_empty()) {
            let status = ask(&shop, &who, &method, address, &body).await.status().as_u16();
            // Some look at no query string: what only asks may answer then.
            let refused = (300..500).contains(&status) || (method == "GET" && status == 200);
            assert!(refused, "{method} {address}: {status}");
            asked += 1;
        }
    }
    assert!(asked > 90, "the document has lost its parameters: {asked}");
    for path in ["users", "roles", "tokens", "searches", "hide-rules", "containers", "operations", "sessions"]
    {
        let list = shop.ok(&format!("/api/v1/{path}")).await;
        assert!(!list.contains("\\u0000") && !list.contains('\0'), "{path}: {list}");
    }
}

#[tokio::test]
async fn names_that_lead_elsewhere_are_names_of_nothing() {
    let shop = shop().await;
    let names = [
        "..",
        "../..",
        "../../etc/passwd",
        "../users",
        "./web-1",
        "web-1/../db-1",
        "web-1/",
        "//web-1",
        "web-1\\..\\db-1",
        "....//web-1",
        "web-1/json",
        "web-1?x",
        "web-1#x",
        "%2e%2e",
        "web-1\r\nX: y",
        " web-1",
        "*",
        "web-?",
    ];
    let encoded = |name: &str| name.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let routes = [
        ("GET", "/api/v1/containers/{}"),
        ("GET", "/api/v1/containers/{}/details"),
        ("POST", "/api/v1/containers/{}/restart"),
        ("DELETE", "/api/v1/containers/{}"),
        ("POST", "/docker/containers/restart/{}"),
        ("GET", "/api/v1/logs?container={}"),
        ("GET", "/api/v1/logs?stack={}"),
        ("GET", "/api/v1/logs/histogram?service={}"),
        ("DELETE", "/api/v1/roles/{}"),
    ];
    let admin = by_token(&shop, "ada");
    for name in names {
        for (method, route) in routes {
            let path = route.replace("{}", &encoded(name));
            let response = ask(&shop, &admin, method, &path, "").await;
            assert_eq!(response.status(), 404, "{method} {route} of {name:?}");
            assert!(response.headers().get("x").is_none());
        }
        // As it is typed: what a proxy or a library has made of it already.
        for path in [format!("/_app/{}", encoded(name)), format!("/{}", encoded(name))] {
            let body = text(ask(&shop, &[], "GET", &path, "").await).await;
            assert!(!body.contains("root:"), "{path}");
        }
    }
    assert!(
        shop.server.store.operations(None, 10).unwrap().iter().all(|operation| operation.action == "stop")
    );
}

#[tokio::test]
async fn a_regex_that_would_grow_or_go_back_forever_is_refused_or_read_once() {
    let shop = shop().await;
    let encoded = |query: &str| form_urlencoded::byte_serialize(query.as_bytes()).collect::<String>();
    for bomb in ["/(a{1000}){1000}/", "/((a{100}){100}){100}/", "/(\\w{200}){200}/", "/a{99999999}/"] {
        for route in ["/api/v1/logs", "/api/v1/logs/histogram"] {
            let refused = shop.refused(&format!("{route}?query={}", encoded(bomb))).await;
            assert_eq!(refused, (400, "bad_request".to_owned()), "{bomb}");
        }
        let rule = json!({ "service": "web", "stack": "shop", "query": bomb, "everyone": false }).to_string();
        let response = ask(&shop, &by_token(&shop, "ada"), "POST", "/api/v1/hide-rules", &rule).await;
        assert_eq!(code(response).await, "bad_request", "{bomb}");
    }
    // Steps of a backtracking engine on such a line: 2^1,000 and more. It would not be done before this test is given up.
    let long = Fixture::with(|logs| {
        let line = (START, Severity::INFO, "a".repeat(100_000));
        log(logs, 'a', "web-1", None).append(&batch([line]), None).unwrap();
    });
    let long = long.await;
    for bomb in ["/^(a+)+$x/", "/(a|a)*b/", "/(.*a){30}b/", "/(a?){50}a{50}b/"] {
        let rows = long.ok(&format!("/api/v1/logs?format=text&query={}", encoded(bomb))).await;
        assert_eq!(rows, "", "{bomb}");
    }
}

#[tokio::test]
async fn a_packed_body_is_not_unpacked() {
    let server = TestServer::set_up();
    let login = json!({ "username": "ada", "password": PASSWORD }).to_string();
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(login.as_bytes()).unwrap();
    bomb.write_all(&vec![b' '; 8 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 32 << 10, "small enough to be read: {}", bomb.len());
    let post = |body: Vec<u8>| {
        let request =
            Request::post("/api/v1/login").header("host", HOST).header("content-type", "application/json");
        request.header("content-encoding", "gzip").body(Body::from(body)).unwrap()
    };
    assert_eq!(code(server.send(post(bomb)).await).await, "bad_request");
}

#[tokio::test]
async fn nothing_that_a_container_is_called_becomes_a_header() {
    let shop = Fixture::with(|logs| {
        let name = "we\"b\r\nset-cookie: a=b; path=/../x";
        let line = (START, Severity::INFO, "hello".to_owned());
        log(logs, 'a', name, Some(("sh\r\nop", "w\u{0}b"))).append(&batch([line]), None).unwrap();
    });
    let shop = shop.await;
    let id = "a".repeat(64);
    for query in [format!("container={id}"), "stack=sh%0D%0Aop".to_owned(), "service=w%00b".to_owned()] {
        for format in ["text", "ndjson", "json", "csv"] {
            let path = format!("/api/v1/logs?download=true&format={format}&{query}");
            let response = shop.get(&path).await;
            assert_eq!(response.status(), 200, "{path}");
            assert!(response.headers().get("set-cookie").is_none(), "{path}");
            let name = response.headers()["content-disposition"].to_str().unwrap();
            let name = name.strip_prefix("attachment; filename=\"").and_then(|name| name.strip_suffix('"'));
            let safe =
                |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
            assert!(name.is_some_and(safe), "{path}: {name:?}");
        }
    }
    // Refused, because it is gone; with that name in the address the answer has no header of its making either.
    let act = "/docker/containers/stop/we%22b%0D%0Aset-cookie:%20a=b;%20path=%2F..%2Fx";
    let response = ask(&shop, &by_token(&shop, "ada"), "POST", act, "").await;
    assert_eq!(response.status(), 409);
    assert!(response.headers().get("set-cookie").is_none());
}

#[tokio::test]
async fn a_reused_name_inherits_nothing_of_the_old_log() {
    let shop = Fixture::with(|logs| {
        let line = |text: &str, at: i64| (START + at * SECOND, Severity::INFO, text.to_owned());
        let old = log(logs, 'a', "web-1", Some(("payments", "web")));
        old.append(&batch([line("card", 0), line("secret", 1)]), None).unwrap();
        let new = log(logs, 'b', "web-1", Some(("shop", "web")));
        new.append(&batch([line("hello", 2)]), None).unwrap();
    });
    let shop = shop.await;
    shop.server.add_scoped_user("scott", Role::Viewer, &["local/stack:shop"]);
    shop.server.add_scoped_user("paula", Role::Viewer, &["local/stack:payments"]);
    let lines = async |user: &str, query: &str| {
        let path = format!("/api/v1/logs?format=text&{query}");
        text(ask(&shop, &by_token(&shop, user), "GET", &path, "").await).await
    };
    for query in
        ["container=web-1", "service=web", "", "after=1:0", "before=1:2", "query=secret%20OR%20hello"]
    {
        assert_eq!(lines("scott", query).await, "hello\n", "{query}");
    }
    assert_eq!(lines("paula", "container=web-1").await, "card\nsecret\n");
    let list = async |user: &str| {
        let path = "/api/v1/containers";
        let list = text(ask(&shop, &by_token(&shop, user), "GET", path, "").await).await;
        let list: Value = serde_json::from_str(&list).unwrap();
        let containers = list["containers"].as_array().unwrap().iter();
        containers.map(|container| container["stack"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((list("scott").await, list("paula").await), (vec!["shop".into()], vec!["payments".into()]));
    let old = format!("/api/v1/containers/{}", "a".repeat(64));
    assert_eq!(ask(&shop, &by_token(&shop, "scott"), "GET", &old, "").await.status(), 404);
}

#[tokio::test]
async fn a_cursor_over_many_logs_gives_nothing_of_those_out_of_sight_and_says_so_by_nothing() {
    let shop = shop().await;
    let scott = by_token(&shop, "scott");
    let answer = async |path: &str| {
        let response = ask(&shop, &scott, "GET", path, "").await;
        (response.status().as_u16(), text(response).await)
    };
    // Log 1 is theirs, 2 and 3 are not, 4 and 99 are nobody's: positions in any of them change nothing.
    for route in [
        "/api/v1/logs?format=ndjson",
        "/api/v1/logs?format=json&order=desc",
        "/api/v1/logs/histogram?buckets=10",
    ] {
        for bound in ["after", "before"] {
            let plain = answer(&format!("{route}&{bound}=1:3")).await;
            assert_eq!(plain.0, 200, "{route}");
            for forged in ["1:3,2:0", "2:1,1:3,3:0", "1:3,4:0", "1:3,99:9223372036854775807", "1:3,2:-5"] {
                assert_eq!(
                    answer(&format!("{route}&{bound}={forged}")).await,
                    plain,
                    "{route} {bound} {forged}"
                );
            }
        }
    }
    // One that is none is refused before anything is looked up, whosever logs it names.
    for bad in ["2:x", "2", ":", "99999999999:0"] {
        let foreign = answer(&format!("/api/v1/logs?after={bad}")).await;
        assert_eq!(foreign.0, 400, "{bad}");
    }
}
