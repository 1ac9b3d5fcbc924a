//! Logins at a real provider.

use axum::body::Body;
use http::{StatusCode, header};
use miniman_store::app::Role;
use miniman_testkit::oidc::{CLIENT_ID, CLIENT_SECRET, OidcProvider, Told};
use serde_json::Value;

use crate::accounts::GroupRoles;
use crate::config::{OidcConfig, ServerConfig};
use crate::testing::{HOST, ORIGIN, TestServer, get, post, text};

const CALLBACK: &str = "/api/v1/oidc/callback";

/// A provider, and a server that knows it.
struct Rig {
    provider: OidcProvider,
    server: TestServer,
}

/// A login that has come as far as the provider's answer.
struct Departed {
    /// The cookie that MiniMan gave the browser.
    cookie: String,
    /// Where the provider sends it, from MiniMan's root on.
    back: String,
}

impl Rig {
    fn start(told: Told) -> Self {
        let origin = format!("http://{HOST}");
        let provider = OidcProvider::start(told, &format!("{origin}{CALLBACK}")).unwrap();
        let config = ServerConfig {
            oidc: Some(oidc(provider.issuer())),
            group_roles: GroupRoles(vec![
                ("ops".to_owned(), Role::Operator),
                ("staff".to_owned(), Role::Viewer),
            ]),
            ..ServerConfig::default()
        };
        Self { server: TestServer::set_up_with(config), provider }
    }

    async fn depart(&self, next: &str, user: &str) -> Departed {
        self.depart_by(&format!("/api/v1/oidc/login?next={next}"), user).await
    }

    async fn depart_by(&self, login: &str, user: &str) -> Departed {
        self.depart_with(login, &[], user).await
    }

    /// A browser that changes the address it was sent to.
    async fn depart_with(&self, login: &str, changes: &[(&str, &str)], user: &str) -> Departed {
        let response = self.server.send(get(login).empty()).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let cookie = cookies(&response).remove(0);
        let (mut start, issuer) = (location(&response), self.provider.issuer());
        for (from, to) in changes {
            assert!(start.contains(from), "{from} is not in {start}");
            start = start.replace(from, to);
        }
        assert!(start.starts_with(issuer), "{start}");
        for part in ["code_challenge_method=S256", "nonce=", "state=", "scope=openid+profile+groups"] {
            assert!(start.contains(part), "{part} is not in {start}");
        }
        let back = self.provider.log_in(&start, user).unwrap();
        let back =
            back.strip_prefix(&format!("http://{HOST}")).unwrap_or_else(|| panic!("{back}")).to_owned();
        Departed { cookie, back }
    }

    async fn arrive(&self, departed: &Departed) -> http::Response<Body> {
        self.server.send(get(&departed.back).header("cookie", &departed.cookie).empty()).await
    }

    async fn log_in(&self, user: &str) -> http::Response<Body> {
        let departed = self.depart("/logs?container=web", user).await;
        self.arrive(&departed).await
    }

    async fn me(&self, response: &http::Response<Body>) -> Value {
        let cookies = cookies(response);
        let session = cookies.iter().find(|cookie| cookie.starts_with("miniman_session=")).unwrap();
        let me = self.server.send(get("/api/v1/me").header("cookie", session).empty()).await;
        serde_json::from_str(&text(me).await).unwrap()
    }
}

fn oidc(issuer: &str) -> OidcConfig {
    OidcConfig {
        issuer: issuer.to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        scopes: vec!["profile".to_owned(), "groups".to_owned()],
        groups_claim: "groups".to_owned(),
    }
}

fn location(response: &http::Response<Body>) -> String {
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

fn cookies(response: &http::Response<Body>) -> Vec<String> {
    let values = response.headers().get_all(header::SET_COOKIE).into_iter();
    values.map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_login_at_the_provider_gives_the_groups_role_for_twelve_hours_and_leads_on() {
    for told in [Told::InToken, Told::ByUserInfo] {
        let rig = Rig::start(told);
        let response = rig.log_in("sub-ada").await;
        assert_eq!(location(&response), "/logs?container=web");
        let me = rig.me(&response).await;
        // The local admin is called ada too.
        assert_eq!((&me["username"], &me["role"]), (&"oidc:ada".into(), &"operator".into()));
        assert_eq!(me["session_expires_at"], "2026-11-22T02:02:07.000000000Z");
    }
}

#[tokio::test]
async fn who_has_no_password_confirms_by_logging_in_anew() {
    let rig = Rig::start(Told::InToken);
    let session = |response: &http::Response<Body>| cookies(response).remove(1);
    let may_change = async |session: &str| {
        let token = serde_json::json!({ "name": "ci", "role": "viewer" });
        let request = post("/api/v1/tokens").header("cookie", session).header("origin", ORIGIN);
        rig.server.send(request.json(&token)).await.status() == StatusCode::CREATED
    };
    let first = session(&rig.log_in("sub-ada").await);
    assert!(may_change(&first).await);
    rig.server.clock.advance(crate::accounts::CONFIRMED_FOR);
    assert!(!may_change(&first).await);
    let login = "/api/v1/oidc/login?again=true&next=/settings/tokens";
    let off = location(&rig.server.send(get(login).empty()).await);
    assert!(off.contains("prompt=login") && off.contains("max_age=0"), "{off}");
    let response = rig.arrive(&rig.depart_by(login, "sub-ada").await).await;
    assert_eq!(location(&response), "/settings/tokens");
    assert!(may_change(&session(&response)).await);
}

#[tokio::test]
async fn a_login_of_long_ago_confirms_nothing_whatever_the_browser_made_of_the_request() {
    let rig = Rig::start(Told::InToken);
    let login = "/api/v1/oidc/login?again=true&next=/settings/tokens";
    // The provider says when the login was, or does not say it.
    for age in ["max_age=99999", "ui_locales=en"] {
        let changes = [("prompt=login", "claims_locales=en"), ("max_age=0", age)];
        let response = rig.arrive(&rig.depart_with(login, &changes, "sub-ada@3600").await).await;
        assert_eq!(location(&response), "/login?error=not_again", "{age}");
        assert!(cookies(&response).is_empty());
    }
    // Who does not confirm may have been in for long.
    let response = rig.log_in("sub-ada@3600").await;
    assert_eq!(location(&response), "/logs?container=web");
}

#[tokio::test]
async fn the_subject_says_who_it_is_and_not_the_name() {
    let rig = Rig::start(Told::InToken);
    let first = rig.log_in("sub-ada").await;
    let other = rig.log_in("sub-ada-2").await;
    let me = rig.me(&other).await;
    assert_eq!((&me["username"], &me["role"]), (&"oidc:ada~2".into(), &"viewer".into()));
    assert_eq!(rig.me(&first).await["username"], "oidc:ada");
    assert_eq!(rig.me(&rig.log_in("sub-ada").await).await["username"], "oidc:ada");
}

#[tokio::test]
async fn who_is_in_no_group_with_a_role_or_said_no_is_told_on_the_login_page() {
    let rig = Rig::start(Told::InToken);
    // Her e-mail address is somebody else's name.
    for (user, told) in [("sub-eve", "no_role"), ("nobody", "refused")] {
        let response = rig.log_in(user).await;
        assert_eq!(location(&response), format!("/login?error={told}"));
        assert!(cookies(&response).is_empty());
    }
    assert!(rig.server.store.users().unwrap().iter().all(|user| user.identity.is_none()));
}

#[tokio::test]
async fn the_way_back_works_once_in_the_same_browser_with_the_same_state() {
    let rig = Rig::start(Told::InToken);
    let refused = async |departed: &Departed| {
        let response = rig.arrive(departed).await;
        assert!(cookies(&response).is_empty());
        assert_eq!(location(&response), "/login?error=expired");
    };
    let departed = rig.depart("/", "sub-ada").await;
    // Another site leads a browser that has begun a login of its own to the attacker's way back.
    let victim = rig.depart("/", "sub-ada").await;
    refused(&Departed { cookie: victim.cookie, back: departed.back.clone() }).await;
    refused(&Departed { cookie: "a=b".to_owned(), back: departed.back.clone() }).await;
    let twice = format!("{}; {}", departed.cookie, departed.cookie);
    refused(&Departed { cookie: twice, back: departed.back.clone() }).await;
    assert_eq!(location(&rig.arrive(&departed).await), "/");
    refused(&departed).await;
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let rig = Rig::start(Told::InToken);
    for next in ["https://evil.example/", "//evil.example", "/%5Cevil.example", "/%09/evil.example"] {
        let departed = rig.depart(next, "sub-ada").await;
        assert_eq!(location(&rig.arrive(&departed).await), "/", "{next}");
    }
}

#[tokio::test]
async fn a_code_that_the_provider_did_not_give_is_refused() {
    let rig = Rig::start(Told::InToken);
    let mut departed = rig.depart("/", "sub-ada").await;
    let (before, rest) = departed.back.split_once("code=").unwrap();
    let rest = rest.split_once('&').map_or("", |(_, rest)| rest);
    departed.back = format!("{before}code=made-up&{rest}");
    assert_eq!(location(&rig.arrive(&departed).await), "/login?error=unreachable");
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_and_the_way_in_by_password_stays() {
    // Nothing listens on the discard port.
    let config = ServerConfig { oidc: Some(oidc("http://127.0.0.1:9")), ..ServerConfig::default() };
    let server = TestServer::set_up_with(config);
    let response = server.send(get("/api/v1/oidc/login").empty()).await;
    assert_eq!(location(&response), "/login?error=unreachable");
    let ways = text(server.send(get("/api/v1/login").empty()).await).await;
    assert_eq!(ways, r#"{"oidc":true}"#);
    server.cookie("ada").await;
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_route() {
    let server = TestServer::set_up();
    for path in ["/api/v1/oidc/login", CALLBACK] {
        assert_eq!(server.send(get(path).empty()).await.status(), StatusCode::NOT_FOUND);
    }
    let ways = text(server.send(get("/api/v1/login").empty()).await).await;
    assert_eq!(ways, r#"{"oidc":false}"#);
}
