//! Rights that are withdrawn while something is open: a WebSocket, a poll, an answer that follows and an export end, at
//! once when this process withdraws them, and within a second when another one does, or the clock.
//!
//! The clock is paused: what passes on it is what the server waits for by design, however busy the machine is. It never
//! goes on by itself while a blocking thread is at work, such as that of an export whose client reads nothing.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use futures_util::{SinkExt, StreamExt};
use http::Request;
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use miniman_log::Severity;
use miniman_store::app::{OwnRole, Permission, Role};
use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tower::ServiceExt as _;

use super::{ask, broken_off};
use crate::api::testing::{Fixture, SECOND, START, batch, log};
use crate::testing::{HOST, ORIGIN, text};

/// What the contract says.
const WITHIN: Duration = Duration::from_secs(1);

type Who = Vec<(&'static str, String)>;

/// Everything that one asker has open.
struct Open {
    socket: WebSocketStream<DuplexStream>,
    poll: JoinHandle<()>,
    follow: Body,
    /// Encoded, and not read.
    export: Body,
}

/// How rights may end, other than by the clock.
#[derive(Debug, Clone, Copy)]
enum Way {
    Disabled,
    OtherRole,
    OtherScope,
    OtherPassword,
    Removed,
    RoleAllowsLess,
    SessionEnded,
    TokenRevoked,
}

/// A shop with `big`, which no client takes at once, and `vera`, whose own role is `reader`.
async fn shop() -> Fixture {
    let shop = Fixture::with(|logs| {
        let small = log(logs, 'a', "small", None);
        small.append(&batch([(START, Severity::INFO, "a line".to_owned())]), None).unwrap();
        let line = |number: i64| (START + number * SECOND, Severity::INFO, "x".repeat(4_000));
        log(logs, 'b', "big", None).append(&batch((0..1_000).map(line)), None).unwrap();
    })
    .await;
    let permissions = [Permission::SeeLogs, Permission::Export].into_iter().collect();
    shop.server.store.add_role(&OwnRole { name: "reader".into(), permissions }).unwrap();
    shop.server.add_user("vera", Role::Own("reader".into()));
    shop
}

fn by_token(shop: &Fixture) -> Who {
    super::by_token(shop, "vera")
}

async fn by_cookie(shop: &Fixture) -> Who {
    vec![("cookie", shop.server.cookie("vera").await)]
}

fn request(method: &str, uri: &str, who: &Who, body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(uri);
    request = request.header("host", HOST).header("origin", ORIGIN);
    for (name, value) in who {
        request = request.header(*name, value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

impl Open {
    async fn all(shop: &Fixture, who: &Who) -> Self {
        let router = crate::router(shop.server.state.clone());
        Self {
            socket: websocket(shop, router.clone(), who).await,
            poll: poll(shop, router.clone(), who).await,
            follow: answer(&router, "/api/v1/logs?container=small&follow=true", who).await,
            export: answer(&router, "/api/v1/logs?container=small&download=true", who).await,
        }
    }

    /// Waits until all of it has ended, and gives how long that took.
    async fn ended(self) -> Duration {
        let begun = Instant::now();
        let Self { mut socket, poll, follow, export } = self;
        while let Some(Ok(_)) = socket.next().await {}
        poll.await.unwrap();
        broken_off(follow).await;
        let ended = begun.elapsed();
        assert_eq!(broken_off(export).await, 0, "what was encoded before is not given out either");
        ended
    }
}

async fn answer(router: &Router, path: &str, who: &Who) -> Body {
    let answer = router.clone().oneshot(request("GET", path, who, "")).await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.into_body()
}

/// A socket that has connected, over a connection in memory.
async fn websocket(shop: &Fixture, router: Router, who: &Who) -> WebSocketStream<DuplexStream> {
    let (ours, theirs) = tokio::io::duplex(64 << 10);
    let service = TowerToHyperService::new(
        router.map_request(|request: Request<hyper::body::Incoming>| request.map(Body::new)),
    );
    shop.server.state.tasks.spawn(async move {
        let builder = hyper::server::conn::http1::Builder::new();
        builder.serve_connection(TokioIo::new(theirs), service).with_upgrades().await
    });
    let url = format!("ws://{HOST}/socket.io/?EIO=4&transport=websocket");
    let mut upgrade = url.into_client_request().unwrap();
    upgrade.headers_mut().insert("origin", ORIGIN.parse().unwrap());
    for (name, value) in who {
        upgrade.headers_mut().insert(*name, value.parse().unwrap());
    }
    let (mut socket, _) = tokio_tungstenite::client_async(upgrade, ours).await.unwrap();
    socket.send(Message::text("40")).await.unwrap();
    loop {
        let message = socket.next().await.expect("a socket that is open").unwrap();
        if message.to_text().unwrap().starts_with("40") {
            return socket;
        }
    }
}

/// A client that polls, until it is disconnected or refused.
async fn poll(shop: &Fixture, router: Router, who: &Who) -> JoinHandle<()> {
    const HANDSHAKE: &str = "/socket.io/?EIO=4&transport=polling";
    let who = who.clone();
    let send = async move |method: &str, uri: &str, body: &str| {
        let answer = router.clone().oneshot(request(method, uri, &who, body)).await.unwrap();
        (answer.status().as_u16(), text(answer).await)
    };
    let (_, open) = send("GET", HANDSHAKE, "").await;
    let open: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
    let session = format!("{HANDSHAKE}&sid={}", open["sid"].as_str().unwrap());
    assert_eq!(send("POST", &session, "40").await.0, 200);
    let (_, connected) = send("GET", &session, "").await;
    assert!(connected.starts_with("40"), "{connected}");
    shop.server.state.tasks.spawn(async move {
        loop {
            let (status, told) = send("GET", &session, "").await;
            // A poll that was under way is told; one that comes later is refused.
            if status == 403 || told.ends_with("41\u{1e}1") {
                return;
            }
            assert!(told.starts_with("42[\"containers_changed\""), "{status} {told}");
        }
    })
}

impl Way {
    const OF_SESSIONS: [Self; 7] = [
        Self::Disabled,
        Self::OtherRole,
        Self::OtherScope,
        Self::OtherPassword,
        Self::Removed,
        Self::RoleAllowsLess,
        Self::SessionEnded,
    ];
    const OF_TOKENS: [Self; 6] = [
        Self::Disabled,
        Self::OtherRole,
        Self::OtherScope,
        Self::Removed,
        Self::RoleAllowsLess,
        Self::TokenRevoked,
    ];

    /// As an admin does it, or `vera` from another browser.
    async fn take(self, shop: &Fixture) {
        let store = &shop.server.store;
        let vera = store.user_by_name("vera").unwrap().unwrap().id.0;
        let user = format!("/api/v1/users/{vera}");
        let (method, path, body) = match self {
            Self::Disabled => ("PUT", user, json!({"disabled": true})),
            Self::OtherRole => ("PUT", user, json!({"role": "operator"})),
            Self::OtherScope => ("PUT", user, json!({"scope": ["local/name:big"]})),
            Self::OtherPassword => ("PUT", user, json!({"password": "battery staple"})),
            Self::Removed => ("DELETE", user, Value::Null),
            Self::RoleAllowsLess => {
                ("PUT", "/api/v1/roles/reader".to_owned(), json!({"permissions": ["see_logs"]}))
            }
            Self::SessionEnded => ("DELETE", "/api/v1/sessions".to_owned(), Value::Null),
            Self::TokenRevoked => {
                let tokens = store.tokens().unwrap();
                let of_vera = tokens.iter().find(|token| token.user_id.0 == vera).unwrap();
                ("DELETE", format!("/api/v1/tokens/{}", of_vera.id.0), Value::Null)
            }
        };
        let by = match self {
            Self::SessionEnded => by_cookie(shop).await,
            _ => super::by_token(shop, "ada"),
        };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = ask(shop, &by, method, &path, &body).await;
        assert!(answer.status().is_success(), "{self:?}: {}", text(answer).await);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_session_has_open_ends_at_once_when_its_rights_do() {
    for way in Way::OF_SESSIONS {
        let shop = shop().await;
        let open = Open::all(&shop, &by_cookie(&shop).await).await;
        way.take(&shop).await;
        assert_eq!(open.ended().await, Duration::ZERO, "{way:?} waits for nothing");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_token_has_open_ends_at_once_when_its_rights_do() {
    for way in Way::OF_TOKENS {
        let shop = shop().await;
        let open = Open::all(&shop, &by_token(&shop)).await;
        way.take(&shop).await;
        assert_eq!(open.ended().await, Duration::ZERO, "{way:?} waits for nothing");
    }
}

#[tokio::test(start_paused = true)]
async fn an_export_that_nobody_reads_ends_with_the_rights_to_it() {
    let shop = shop().await;
    let router = crate::router(shop.server.state.clone());
    let mut export = answer(&router, "/api/v1/logs?container=big&download=true", &by_token(&shop)).await;
    export.frame().await.unwrap().unwrap();
    Way::TokenRevoked.take(&shop).await;
    assert_eq!(broken_off(export).await, 0, "not a byte more");
}

#[tokio::test(start_paused = true)]
async fn what_another_process_or_the_clock_ends_has_ended_within_a_second() {
    type End = fn(&Fixture);
    let ends: [(&str, End); 4] = [
        ("a user is removed", |shop| {
            let vera = shop.server.store.user_by_name("vera").unwrap().unwrap();
            shop.server.command_line().remove_user(vera.id).unwrap();
        }),
        ("sessions are removed", |shop| {
            let (store, now) = (shop.server.command_line(), shop.server.clock.now());
            for session in store.sessions(now).unwrap() {
                store.remove_session(session.id).unwrap();
            }
        }),
        ("a role allows less", |shop| {
            let permissions = [Permission::SeeLogs].into_iter().collect();
            let role = OwnRole { name: "reader".into(), permissions };
            shop.server.command_line().change_role(&role).unwrap();
        }),
        ("the session's time is over", |shop| {
            shop.server.clock.advance(crate::accounts::SESSION_LIFETIME_DEFAULT);
        }),
    ];
    for (what, end) in ends {
        let shop = shop().await;
        let open = Open::all(&shop, &by_cookie(&shop).await).await;
        end(&shop);
        let took = open.ended().await;
        assert!(took <= WITHIN, "{what}: {took:?}");
    }
}
