//! Every route that is registered, asked as everyone: what is not in the table fails.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use miniman_store::app::Role;
use serde_json::Value;

use super::{ask, by_token, shop};

/// Nobody, a viewer, a viewer who sees `web-1` alone, an operator, an admin, an expired session, a deleted user's token.
type Statuses = [u16; 7];

/// Open to everyone.
const OPEN: Statuses = [200; 7];
/// For everyone who is logged in.
const LOGGED_IN: Statuses = [401, 200, 200, 200, 200, 401, 401];
/// About `db-1`.
const SEEING: Statuses = [401, 200, 404, 200, 200, 401, 401];
/// An action on `db-1`, which is gone: 409 says that it would have been done.
const ACTING: Statuses = [401, 403, 404, 409, 409, 401, 401];
/// For sessions alone: everyone here asks by token.
const BY_SESSION: Statuses = [401, 403, 403, 403, 403, 401, 401];
/// Not there, for whoever may look.
const ABSENT: Statuses = [401, 404, 404, 404, 404, 401, 401];
/// A body that is none, to a route for everyone: it is refused before anything is looked at.
const NO_BODY: Statuses = [400; 7];

/// What who manages gets.
const fn managing(status: u16) -> Statuses {
    [401, 403, 403, 403, status, 401, 401]
}

/// Method, route as it is registered, how it is asked, body, and what each gets.
const ROUTES: &[(&str, &str, &str, &str, Statuses)] = &[
    ("GET", "/api/openapi.json", "", "", OPEN),
    ("GET", "/healthz", "", "", OPEN),
    ("GET", "/readyz", "", "", OPEN),
    ("GET", "/metrics", "", "", LOGGED_IN),
    ("POST", "/api/v1/setup", "", "{}", NO_BODY),
    ("POST", "/api/v1/login", "", "{}", NO_BODY),
    ("GET", "/api/v1/login", "", "", OPEN),
    // No provider is configured here.
    ("GET", "/api/v1/oidc/login", "", "", [404; 7]),
    ("GET", "/api/v1/oidc/callback", "", "", [404; 7]),
    ("POST", "/api/v1/logout", "", "", [401, 204, 204, 204, 204, 401, 401]),
    ("GET", "/api/v1/me", "", "", LOGGED_IN),
    ("GET", "/api/v1/logs", "/api/v1/logs?container=db-1", "", SEEING),
    ("GET", "/api/v1/logs/histogram", "/api/v1/logs/histogram?container=db-1", "", SEEING),
    ("GET", "/api/v1/marks", "/api/v1/marks?container=db-1", "", SEEING),
    ("GET", "/api/v1/containers", "", "", LOGGED_IN),
    ("GET", "/api/v1/containers/stats", "", "", LOGGED_IN),
    ("GET", "/api/v1/containers/{id}", "/api/v1/containers/db-1", "", SEEING),
    (
        "GET",
        "/api/v1/containers/{id}/details",
        "/api/v1/containers/db-1/details",
        "",
        [401, 409, 404, 409, 409, 401, 401],
    ),
    ("DELETE", "/api/v1/containers/{id}", "/api/v1/containers/db-1", "", [401, 403, 404, 403, 409, 401, 401]),
    ("POST", "/api/v1/containers/{id}/{action}", "/api/v1/containers/db-1/restart", "", ACTING),
    ("GET", "/api/v1/stacks", "", "", LOGGED_IN),
    ("POST", "/api/v1/stacks/{id}/{action}", "/api/v1/stacks/99/restart", "", ABSENT),
    (
        "POST",
        "/api/v1/stacks/{id}/services/{service}/{action}",
        "/api/v1/stacks/99/services/db/stop",
        "",
        ABSENT,
    ),
    ("GET", "/api/v1/operations", "", "", LOGGED_IN),
    ("GET", "/api/v1/operations/{id}", "/api/v1/operations/1", "", SEEING),
    ("POST", "/api/v1/me/confirm", "", "{\"password\":\"x\"}", BY_SESSION),
    (
        "POST",
        "/api/v1/me/password",
        "",
        "{\"password\":\"x\",\"new_password\":\"battery staple\"}",
        BY_SESSION,
    ),
    ("GET", "/api/v1/users", "", "", managing(200)),
    ("POST", "/api/v1/users", "", "{}", managing(400)),
    ("PUT", "/api/v1/users/{id}", "/api/v1/users/999", "{}", managing(404)),
    ("DELETE", "/api/v1/users/{id}", "/api/v1/users/999", "", managing(404)),
    ("GET", "/api/v1/tokens", "", "", LOGGED_IN),
    ("POST", "/api/v1/tokens", "", "{\"name\":\"ci\",\"role\":\"viewer\"}", BY_SESSION),
    ("DELETE", "/api/v1/tokens/{id}", "/api/v1/tokens/999", "", ABSENT),
    ("GET", "/api/v1/sessions", "", "", LOGGED_IN),
    ("DELETE", "/api/v1/sessions", "", "", BY_SESSION),
    ("DELETE", "/api/v1/sessions/{id}", "/api/v1/sessions/999", "", ABSENT),
    ("GET", "/api/v1/audit", "", "", managing(200)),
    ("GET", "/api/v1/searches", "", "", LOGGED_IN),
    ("POST", "/api/v1/searches", "", "{}", [401, 400, 400, 400, 400, 401, 401]),
    ("DELETE", "/api/v1/searches/{id}", "/api/v1/searches/999", "", ABSENT),
    ("GET", "/api/v1/roles", "", "", LOGGED_IN),
    ("POST", "/api/v1/roles", "", "{}", managing(400)),
    ("PUT", "/api/v1/roles/{name}", "/api/v1/roles/nobody", "{\"permissions\":[]}", managing(404)),
    ("DELETE", "/api/v1/roles/{name}", "/api/v1/roles/nobody", "", managing(404)),
    ("GET", "/api/v1/settings/retention", "", "", managing(200)),
    ("PUT", "/api/v1/settings/retention", "", "{\"limit\":5}", managing(400)),
    ("DELETE", "/api/v1/settings/retention", "/api/v1/settings/retention?dry_run=true", "", managing(200)),
    ("GET", "/api/v1/hide-rules", "", "", LOGGED_IN),
    (
        "POST",
        "/api/v1/hide-rules",
        "",
        "{\"stack\":\"shop\",\"service\":\"db\",\"query\":\"x\",\"everyone\":true}",
        managing(201),
    ),
    ("DELETE", "/api/v1/hide-rules/{id}", "/api/v1/hide-rules/999", "", ABSENT),
];

/// The seed's, which are in no document.
const SEED: [&str; 3] = ["start", "stop", "restart"];

#[tokio::test]
async fn every_route_gives_everyone_what_is_theirs() {
    let shop = shop().await;
    let expired = shop.server.cookie("vera").await;
    shop.server.clock.advance(Duration::from_secs(31 * 24 * 3600));
    shop.server.add_user("dora", Role::Admin);
    let deleted = by_token(&shop, "dora");
    shop.server.store.remove_user(shop.server.store.user_by_name("dora").unwrap().unwrap().id).unwrap();
    shop.server.state.accounts.reload_now();
    let known = |user| by_token(&shop, user);
    let askers = [
        ("nobody", Vec::new()),
        ("viewer", known("vera")),
        ("scoped viewer", known("scott")),
        ("operator", known("olga")),
        ("admin", known("ada")),
        ("expired session", vec![("cookie", expired)]),
        ("token of a deleted user", deleted),
    ];
    let seed = SEED.map(|action| format!("/docker/containers/{action}/db-1"));
    let seed = seed.iter().map(|path| ("POST", path.as_str(), "", "", ACTING));
    for (method, route, asked, body, expected) in ROUTES.iter().copied().chain(seed) {
        let path = if asked.is_empty() { route } else { asked };
        for ((name, who), expected) in askers.iter().zip(expected) {
            let status = ask(&shop, who, method, path, body).await.status().as_u16();
            assert_eq!(status, expected, "{method} {path} as {name}");
        }
    }
}

#[test]
fn every_route_that_is_registered_is_in_the_table() {
    let document: Value = serde_json::from_str(&crate::api::openapi_json()).unwrap();
    let mut registered = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let methods = methods.as_object().unwrap().keys().filter(|key| key.len() <= 6);
        registered.extend(methods.map(|method| (method.to_uppercase(), path.clone())));
    }
    let listed: BTreeSet<_> =
        ROUTES.iter().map(|(method, route, ..)| ((*method).to_owned(), (*route).to_owned())).collect();
    assert_eq!(registered, listed, "list it in ROUTES, with what everyone is to get");
    // What is mounted by hand is described by hand, but for the seed's routes and the sockets' own.
    let documented: BTreeSet<_> = listed.iter().map(|(_, route)| route.as_str()).collect();
    for path in mounted_by_hand(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let seed = path.starts_with("/docker/containers/");
        assert!(seed || documented.contains(path.as_str()), "{path} is in no document and not in the table");
    }
}

/// Paths in `.route("…")`, in all sources but tests.
fn mounted_by_hand(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            found.extend(mounted_by_hand(&path));
        } else if !path.to_string_lossy().contains("tests") {
            let source = std::fs::read_to_string(&path).unwrap_or_default();
            let routes = source.split(".route(\"").skip(1);
            found.extend(routes.filter_map(|rest| rest.split_once('"')).map(|(route, _)| route.to_owned()));
        }
    }
    found
}
