//! The endpoint: which request belongs to which session, and the protocol's errors.
//!
//! Rules and codes are Engine.IO 4's; a session is found by an id of 128 random bits that is never logged.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header, request};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Peer;

use super::burst::write_json;
use super::engine_packet::Outgoing;
use super::session::{SessionPlaces, Transport};
use super::{CloseReason, Incoming, Options, Session, polling, websocket};
use crate::peer::AddressKey;
use crate::places::{Places, fair_share};

/// The upper layer: what is done with a session's messages.
pub trait Service: Send + Sync + 'static {
    /// What admission found out about a client; kept with its session.
    type Ticket: Send + Sync + 'static;

    /// Asked before a session is opened.
    fn open(&self, request: Incoming<'_>) -> impl Future<Output = Result<Self::Ticket, Refusal>> + Send;

    /// Asked again for every poll, post and upgrade of a session.
    fn readmit(
        &self,
        ticket: &Self::Ticket,
        request: Incoming<'_>,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// Serves one session until it is over; the session is closed when this returns.
    fn run(&self, session: Arc<Session<Self::Ticket>>) -> impl Future<Output = ()> + Send;
}

/// A request that is not let in: 403 with this text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub message: String,
}

/// What a request can be refused for, as the protocol numbers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RequestError {
    UnknownTransport,
    UnknownSession,
    BadMethod,
    BadRequest,
    PayloadTooLarge,
    Refused(Refusal),
    UnsupportedVersion,
    Full,
}

/// One endpoint and its sessions.
pub struct Engine<S: Service> {
    pub(super) options: Arc<Options>,
    pub(super) service: S,
    pub(super) tasks: TaskTracker,
    shutdown: CancellationToken,
    sessions: Mutex<HashMap<String, Arc<Session<S::Ticket>>>>,
    /// Of sessions.
    addresses: Arc<Places<AddressKey>>,
    /// Of sessions that have not joined a namespace yet.
    unconnected: Arc<Places<AddressKey>>,
}

/// The query parameters that mean something.
#[derive(Debug, Default, Clone, Copy)]
struct Query<'a> {
    version: Option<&'a str>,
    transport: Option<&'a str>,
    sid: Option<&'a str>,
    jsonp: bool,
}

impl<'a> Query<'a> {
    fn parse(text: &'a str) -> Self {
        let mut query = Self::default();
        for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "EIO" => query.version = Some(value),
                "transport" => query.transport = Some(value),
                "sid" => query.sid = Some(value),
                "j" => query.jsonp = true,
                _ => {}
            }
        }
        query
    }
}

impl<S: Service> Engine<S> {
    /// `shutdown` closes every session; their tasks run in `tasks`.
    pub fn new(service: S, options: Options, tasks: TaskTracker, shutdown: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            options: Arc::new(options),
            service,
            tasks,
            shutdown,
            sessions: Mutex::default(),
            addresses: Arc::default(),
            unconnected: Arc::default(),
        })
    }

    /// Routes of the endpoint. The accept loop tells the [`Peer`] by an extension; connections must be served with
    /// upgrades.
    pub fn router<R: Clone + Send + Sync + 'static>(self: &Arc<Self>) -> Router<R> {
        let engine = Arc::clone(self);
        let serve = any(move |request: request::Request<Body>| {
            let engine = Arc::clone(&engine);
            async move { engine.serve(request).await }
        });
        let path = self.options.path.clone();
        let bare = path.trim_end_matches('/').to_owned();
        Router::new().route(&path, serve.clone()).route(&bare, serve)
    }

    pub fn service(&self) -> &S {
        &self.service
    }

    pub fn session_count(&self) -> usize {
        self.sessions().len()
    }

    async fn serve(self: Arc<Self>, request: request::Request<Body>) -> Response {
        let cors = self.options.cors;
        let mut response = if cors && request.method() == Method::OPTIONS {
            answer(StatusCode::NO_CONTENT, "text/plain", Bytes::new())
        } else {
            self.dispatch(request).await.unwrap_or_else(|error| error.response())
        };
        if cors {
            let headers = response.headers_mut();
            let any = HeaderValue::from_static("*");
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any.clone());
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, any.clone());
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, any);
        }
        response
    }

    async fn dispatch(self: Arc<Self>, request: request::Request<Body>) -> Result<Response, RequestError> {
        let (head, body) = request.into_parts();
        let query = Query::parse(head.uri.query().unwrap_or_default());
        let wanted = match query.transport {
            Some("polling") if !query.jsonp => Transport::Polling,
            Some("websocket") => Transport::WebSocket,
            _ => return Err(RequestError::UnknownTransport),
        };
        let peer = head.extensions.get::<Peer>().copied();
        let incoming = Incoming { head: &head, peer };
        let Some(sid) = query.sid else {
            if head.method != Method::GET {
                return Err(RequestError::BadMethod);
            }
            if query.version != Some("4") {
                return Err(RequestError::UnsupportedVersion);
            }
            return self.open(incoming, wanted).await;
        };
        let session = self.sessions().get(sid).cloned().ok_or(RequestError::UnknownSession)?;
        self.service.readmit(&session.ticket, incoming).await.map_err(RequestError::Refused)?;
        session.check_deadline();
        match (wanted, &head.method) {
            (Transport::WebSocket, &Method::GET) => websocket::upgrade(&self, session, &head),
            (Transport::Polling, &Method::GET) => polling::poll(&session).await,
            (Transport::Polling, &Method::POST) => polling::post(&session, &head, body).await,
            _ => Err(RequestError::BadRequest),
        }
    }

    async fn open(
        self: Arc<Self>,
        incoming: Incoming<'_>,
        wanted: Transport,
    ) -> Result<Response, RequestError> {
        if wanted == Transport::WebSocket {
            websocket::check_handshake(incoming.head)?;
        }
        let ticket = self.service.open(incoming).await.map_err(RequestError::Refused)?;
        let places = match incoming.peer {
            Some(peer) => Some(self.places_of(peer).ok_or(RequestError::Full)?),
            None => None,
        };
        let options = Arc::clone(&self.options);
        let session = Arc::new(Session::new(random_id(), ticket, incoming.peer, wanted, places, options));
        let open = self.open_packet(&session.sid, wanted);
        if wanted == Transport::WebSocket {
            session.outbox.try_push(vec![Outgoing::Text(open)]).expect("a new outbox has room");
            self.register(&session)?;
            return websocket::carry(&self, session, incoming.head);
        }
        self.register(&session)?;
        Ok(answer(StatusCode::OK, "text/plain; charset=UTF-8", open))
    }

    /// `None` when the address has too many sessions.
    fn places_of(&self, peer: Peer) -> Option<SessionPlaces> {
        let free = self.options.sessions_max.saturating_sub(self.session_count() + 1);
        let of_address = self.addresses.enter(peer.key(), fair_share(free))?;
        let unconnected = self.unconnected.enter(peer.key(), self.options.unconnected_per_address_max)?;
        Some(SessionPlaces { of_address, unconnected })
    }

    fn register(self: &Arc<Self>, session: &Arc<Session<S::Ticket>>) -> Result<(), RequestError> {
        let mut sessions = self.sessions();
        if sessions.len() >= self.options.sessions_max || self.shutdown.is_cancelled() {
            return Err(RequestError::Full);
        }
        sessions.insert(session.sid.clone(), Arc::clone(session));
        drop(sessions);
        self.tasks.spawn(Arc::clone(self).live(Arc::clone(session)));
        Ok(())
    }

    /// A session's task: the upper layer and the heartbeat, then the farewell.
    async fn live(self: Arc<Self>, session: Arc<Session<S::Ticket>>) {
        let serve = async {
            self.service.run(Arc::clone(&session)).await;
            session.close(CloseReason::Server);
        };
        let watch = async {
            tokio::select! {
                () = session.keep_alive() => {}
                () = session.closed.cancelled() => {}
                () = self.shutdown.cancelled() => session.close(CloseReason::Server),
            }
        };
        tokio::join!(serve, watch);
        session.linger().await;
        self.sessions().remove(&session.sid);
    }

    fn open_packet(&self, sid: &str, transport: Transport) -> Bytes {
        let upgrades: &[&str] = if transport == Transport::Polling { &["websocket"] } else { &[] };
        let mut packet = b"0".to_vec();
        let handshake = serde_json::json!({
            "sid": sid,
            "upgrades": upgrades,
            "pingInterval": self.options.ping_interval.as_millis() as u64,
            "pingTimeout": self.options.ping_timeout.as_millis() as u64,
            "maxPayload": self.options.max_payload,
        });
        write_json(&mut packet, &handshake);
        packet.into()
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Arc<Session<S::Ticket>>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 128 bits from the system, as URL-safe text.
pub(super) fn random_id() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the system has random bytes once it is up");
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl RequestError {
    fn response(&self) -> Response {
        let (status, code, message) = match self {
            Self::UnknownTransport => (StatusCode::BAD_REQUEST, 0, "Transport unknown"),
            Self::UnknownSession => (StatusCode::BAD_REQUEST, 1, "Session ID unknown"),
            Self::BadMethod => (StatusCode::BAD_REQUEST, 2, "Bad handshake method"),
            Self::BadRequest => (StatusCode::BAD_REQUEST, 3, "Bad request"),
            Self::PayloadTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, 3, "Payload too large"),
            Self::Refused(refusal) => (StatusCode::FORBIDDEN, 4, refusal.message.as_str()),
            Self::UnsupportedVersion => (StatusCode::BAD_REQUEST, 5, "Unsupported protocol version"),
            Self::Full => (StatusCode::SERVICE_UNAVAILABLE, 3, "Too many sessions"),
        };
        let body = serde_json::json!({ "code": code, "message": message });
        answer(status, "application/json", body.to_string())
    }
}
