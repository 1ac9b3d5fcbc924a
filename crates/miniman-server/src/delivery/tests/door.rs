//! The handshake, through the whole router: who gets in, and who stays in.

use axum::Router;
use axum::body::Body;
use http::{Request, Response, StatusCode};
use tower::ServiceExt as _;

use super::*;
use crate::Peer;
use crate::delivery::SOCKETS_PER_USER_MAX;
use crate::testing::{HOST, ORIGIN, text};
use miniman_store::app::Role;

const HANDSHAKE: &str = "/socket.io/?EIO=4&transport=polling";

struct Door {
    router: Router,
    headers: Vec<(&'static str, String)>,
    /// Where requests come from; from nowhere that is counted if not told.
    peer: Option<Peer>,
}

impl Door {
    fn new(server: &TestServer, headers: Vec<(&'static str, String)>) -> Self {
        Self { router: crate::router(server.state.clone()), headers, peer: None }
    }

    fn at(&mut self, address: &str) {
        self.peer = Some(Peer(format!("{address}:4000").parse().unwrap()));
    }

    async fn send(&self, method: &str, uri: &str, body: &str) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(uri).header("host", HOST);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(peer) = self.peer {
            request = request.extension(peer);
        }
        self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap()
    }

    /// Asks for a session's change to a WebSocket.
    async fn upgrade(&self, session: &str) -> StatusCode {
        let uri = session.replace("transport=polling", "transport=websocket");
        let mut request = Request::builder().uri(uri).header("host", HOST);
        request = request.header("connection", "upgrade").header("upgrade", "websocket");
        request = request
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
    }

    /// Opens a session: the URI of its polls.
    async fn open(&self) -> String {
        let open = text(self.send("GET", HANDSHAKE, "").await).await;
        let open: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
        format!("{HANDSHAKE}&sid={}", open["sid"].as_str().unwrap())
    }

    /// Connects with this `auth`: the answer.
    async fn connect(&self, auth: &str) -> (String, String) {
        let session = self.open().await;
        assert_eq!(self.send("POST", &session, &format!("40{auth}")).await.status(), StatusCode::OK);
        let answer = text(self.send("GET", &session, "").await).await;
        (session, answer)
    }
}

#[tokio::test]
async fn nobody_connects_without_a_right_one() {
    let server = TestServer::set_up();
    let door = Door::new(&server, Vec::new());
    for (auth, message) in [
        ("", "log in, or send an API token"),
        ("{\"token\":null}", "log in, or send an API token"),
        ("{\"token\":\"mm_wrong\"}", "the session or token is not valid any more"),
        ("{\"token\":5}", "the session or token is not valid any more"),
    ] {
        let (_, answer) = door.connect(auth).await;
        let error = serde_json::json!({"data": {"code": "unauthenticated"}, "message": message});
        assert_eq!(answer, format!("44{error}"));
    }
    let (_, answer) = door.connect(&format!("{{\"token\":\"{}\"}}", server.token("ada"))).await;
    assert!(answer.starts_with("40{\"sid\":"), "{answer}");
}

#[tokio::test]
async fn a_bad_token_never_falls_back_to_the_cookie() {
    let server = TestServer::set_up();
    let headers = vec![("cookie", server.cookie("ada").await), ("origin", ORIGIN.to_owned())];
    let door = Door::new(&server, headers);
    let (_, answer) = door.connect("{\"token\":\"mm_wrong\"}").await;
    assert!(answer.starts_with("44"), "{answer}");
    let (_, answer) = door.connect("").await;
    assert!(answer.starts_with("40{\"sid\":"), "{answer}");
}

#[tokio::test]
async fn a_session_that_began_with_a_cookie_needs_it_at_every_request() {
    let server = TestServer::set_up();
    let headers = vec![("cookie", server.cookie("ada").await), ("origin", ORIGIN.to_owned())];
    let mut door = Door::new(&server, headers);
    let (session, answer) = door.connect("").await;
    assert!(answer.starts_with("40{\"sid\":"), "{answer}");
    for headers in [
        Vec::new(),
        vec![("cookie", server.cookie("ada").await), ("origin", ORIGIN.to_owned())],
        vec![("authorization", format!("Bearer {}", server.token("ada")))],
    ] {
        let before = std::mem::replace(&mut door.headers, headers);
        assert_eq!(door.send("POST", &session, "3").await.status(), StatusCode::FORBIDDEN);
        assert_eq!(door.send("GET", &session, "").await.status(), StatusCode::FORBIDDEN);
        assert_eq!(door.upgrade(&session).await, StatusCode::FORBIDDEN);
        door.headers = before;
    }
    assert_eq!(door.send("POST", &session, "3").await.status(), StatusCode::OK, "the session is unharmed");
}

#[tokio::test]
async fn a_foreign_page_can_not_take_over_a_session_whose_id_it_knows() {
    let server = TestServer::set_up();
    let cookie = ("cookie", server.cookie("ada").await);
    let mut door = Door::new(&server, vec![cookie.clone(), ("origin", ORIGIN.to_owned())]);
    let (session, answer) = door.connect("").await;
    assert!(answer.starts_with("40{\"sid\":"), "{answer}");
    // The browser adds the cookie by itself, and tells whose page it is.
    for origin in ["http://evil.example", "http://127.0.0.1:8080", "null"] {
        door.headers = vec![cookie.clone(), ("origin", origin.to_owned())];
        assert_eq!(door.upgrade(&session).await, StatusCode::FORBIDDEN, "{origin}");
        assert_eq!(door.send("POST", &session, "3").await.status(), StatusCode::FORBIDDEN, "{origin}");
        assert_eq!(door.send("GET", &session, "").await.status(), StatusCode::FORBIDDEN, "{origin}");
    }
    door.headers = vec![cookie.clone()];
    assert_eq!(door.upgrade(&session).await, StatusCode::FORBIDDEN, "an upgrade says where it comes from");
    door.headers.push(("origin", ORIGIN.to_owned()));
    assert_eq!(door.send("POST", &session, "3").await.status(), StatusCode::OK, "the session is unharmed");
}

fn auth(server: &TestServer, user: &str) -> String {
    format!("{{\"token\":\"{}\"}}", server.token(user))
}

#[tokio::test]
async fn a_users_sockets_are_bounded_and_one_that_ends_makes_room() {
    let server = TestServer::set_up();
    server.add_user("vera", Role::Viewer);
    let door = Door::new(&server, Vec::new());
    let (ada, vera) = (auth(&server, "ada"), auth(&server, "vera"));
    let mut sessions = Vec::new();
    for _ in 0..SOCKETS_PER_USER_MAX {
        let (session, answer) = door.connect(&ada).await;
        assert!(answer.starts_with("40"), "{answer}");
        sessions.push(session);
    }
    let (_, refused) = door.connect(&ada).await;
    assert!(refused.starts_with("44") && refused.contains("\"code\":\"throttled\""), "{refused}");
    assert!(door.connect(&vera).await.1.starts_with("40"), "others come in");
    door.send("POST", &sessions[0], "1").await;
    let again = tokio::time::timeout(std::time::Duration::from_secs(30), async {
        while door.connect(&ada).await.1.starts_with("44") {}
    });
    again.await.expect("the place of the one that left");
}

#[tokio::test]
async fn an_address_has_its_share_of_all_sockets_whoever_they_are_of() {
    let server = TestServer::set_up();
    let mut door = Door::new(&server, Vec::new());
    door.at("192.0.2.1");
    let max = crate::socket_io::Options::default().sessions_max / 8;
    for number in 0..max.div_ceil(SOCKETS_PER_USER_MAX) {
        let user = format!("user{number}");
        server.add_user(&user, Role::Viewer);
        let auth = auth(&server, &user);
        for _ in 0..SOCKETS_PER_USER_MAX {
            assert!(door.connect(&auth).await.1.starts_with("40"));
        }
    }
    assert_eq!(door.send("GET", HANDSHAKE, "").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    door.at("192.0.2.2");
    assert!(door.connect(&auth(&server, "ada")).await.1.starts_with("40"), "others come in");
}

#[tokio::test]
async fn only_the_main_namespace_exists() {
    let server = TestServer::set_up();
    let door = Door::new(&server, Vec::new());
    let session = door.open().await;
    door.send("POST", &session, "40/admin,").await;
    let answer = text(door.send("GET", &session, "").await).await;
    assert_eq!(answer, "44/admin,{\"message\":\"Invalid namespace\"}");
}
