//! The WebSocket transport: the handshake, the upgrade of a polling session, and the loop that carries a session.
//!
//! The loop pulls from the outbox only when everything it took before is in the kernel's hands: that is the whole
//! of backpressure. One pull gathers what is ready, so a reader that is behind gets many packets a write, and one
//! that keeps up gets each at once.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderValue, StatusCode, header, request};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message as WsMessage, error::Error as WsError};
use tokio_util::sync::PollSender;

use super::engine::{Engine, RequestError, Service};
use super::engine_packet::{EnginePacket, InvalidPacket, Message, Outgoing, decode_text};
use super::session::Transport;
use super::{CloseReason, Session};

/// Bytes of packets taken at once: what a ping waits behind on our side, and what a stalled reader costs.
const PULL_BYTES: usize = 64 * 1024;
/// Pulls and messages handled before other tasks get their turn.
const STEPS_PER_TURN: usize = 32;
/// How long a closing client may take to read the last packets.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(2);
/// Clients say little: a selection, an acknowledgement.
const READ_BUFFER_BYTES: usize = 8 * 1024;

type Socket<I, T> = WebSocketStream<Metered<I, T>>;
type Connection = TokioIo<Upgraded>;

/// Checks that a request is a WebSocket handshake.
pub(super) fn check_handshake(head: &request::Parts) -> Result<&HeaderValue, RequestError> {
    let lists = |name: header::HeaderName, token: &str| {
        head.headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(|item| item.trim().eq_ignore_ascii_case(token)))
    };
    let version = head.headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let upgradable = head.extensions.get::<OnUpgrade>().is_some();
    if !lists(header::CONNECTION, "upgrade")
        || !lists(header::UPGRADE, "websocket")
        || !version
        || !upgradable
    {
        return Err(RequestError::BadRequest);
    }
    head.headers.get(header::SEC_WEBSOCKET_KEY).ok_or(RequestError::BadRequest)
}

/// Carries a session over any connection, for tests that turn the clock.
#[cfg(test)]
pub(super) async fn carry_over<T>(io: impl AsyncRead + AsyncWrite + Unpin, session: Arc<Session<T>>) {
    let socket = speak(io, &session).await;
    Carrier::new(socket, session).run().await;
}

/// Accepts a WebSocket that starts a session.
pub(super) fn carry<S: Service>(
    engine: &Engine<S>,
    session: Arc<Session<S::Ticket>>,
    head: &request::Parts,
) -> Result<Response, RequestError> {
    accept(engine, head, session, |socket, session| Box::pin(Carrier::new(socket, session).run()))
}

/// Accepts a WebSocket that wants to take over a polling session.
pub(super) fn upgrade<S: Service>(
    engine: &Engine<S>,
    session: Arc<Session<S::Ticket>>,
    head: &request::Parts,
) -> Result<Response, RequestError> {
    if session.closed.is_cancelled() {
        return Err(RequestError::UnknownSession);
    }
    accept(engine, head, session, |socket, session| Box::pin(take_over(socket, session)))
}

type Carrying = Pin<Box<dyn Future<Output = ()> + Send>>;

fn accept<S: Service>(
    engine: &Engine<S>,
    head: &request::Parts,
    session: Arc<Session<S::Ticket>>,
    then: impl FnOnce(Socket<Connection, S::Ticket>, Arc<Session<S::Ticket>>) -> Carrying + Send + 'static,
) -> Result<Response, RequestError> {
    let key = check_handshake(head)?;
    let accepted =
        HeaderValue::try_from(derive_accept_key(key.as_bytes())).expect("base64 is a header value");
    let upgrade = head.extensions.get::<OnUpgrade>().cloned().ok_or(RequestError::BadRequest)?;
    engine.tasks.spawn(async move {
        let Ok(upgraded) = upgrade.await else {
            if *session.transport.borrow() == Transport::WebSocket {
                session.close(CloseReason::TransportLost);
            }
            return;
        };
        let socket = speak(TokioIo::new(upgraded), &session).await;
        then(socket, session).await;
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accepted);
    Ok(response)
}

/// Speaks WebSocket, as its server, over a connection that has shaken hands.
async fn speak<I: AsyncRead + AsyncWrite + Unpin, T>(io: I, session: &Arc<Session<T>>) -> Socket<I, T> {
    let max_payload = session.options.max_payload;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        // Never written before the flush that ends a pull.
        .write_buffer_size(2 * PULL_BYTES)
        .max_message_size(Some(max_payload))
        .max_frame_size(Some(max_payload));
    let metered = Metered { io, session: Arc::clone(session) };
    WebSocketStream::from_raw_socket(metered, Role::Server, Some(config)).await
}

/// Probe, upgrade, carry. A probe that does not go through leaves the session where it was.
async fn take_over<T: Send + Sync + 'static>(mut socket: Socket<Connection, T>, session: Arc<Session<T>>) {
    if *session.transport.borrow() == Transport::Polling {
        let upgraded = tokio::select! {
            probed = tokio::time::timeout(session.options.upgrade_timeout, probe(&mut socket, &session)) => {
                matches!(probed, Ok(Ok(())))
            }
            () = session.closed.cancelled() => false,
        };
        if upgraded {
            Carrier::new(socket, session).run().await;
            return;
        }
    }
    farewell(&mut socket).await;
}

/// Only a session that polls can be taken over, and by one WebSocket at a time.
async fn probe<T>(socket: &mut Socket<Connection, T>, session: &Session<T>) -> Result<(), InvalidPacket> {
    let mut transport = session.transport.subscribe();
    let first = tokio::select! {
        biased;
        packet = next_packet(socket) => packet?,
        // Another WebSocket was first: this one waits for nothing.
        _ = transport.wait_for(|now| *now != Transport::Polling) => return Err(InvalidPacket),
    };
    if first != (EnginePacket::Ping { probe: true }) {
        return Err(InvalidPacket);
    }
    // Before the answer: a client that has it may poll, and must then get nothing.
    let probing = Probing::start(session).ok_or(InvalidPacket)?;
    socket.send(WsMessage::text("3probe")).await.map_err(|_| InvalidPacket)?;
    match next_packet(socket).await? {
        EnginePacket::Upgrade => {
            probing.upgraded();
            Ok(())
        }
        _ => Err(InvalidPacket),
    }
}

/// A probe under way; the session polls again when it is dropped before the upgrade.
struct Probing<'a, T> {
    session: &'a Session<T>,
}

impl<'a, T> Probing<'a, T> {
    fn start(session: &'a Session<T>) -> Option<Self> {
        let started =
            session.transport.send_if_modified(|now| switch(now, Transport::Polling, Transport::Probing));
        started.then_some(Self { session })
    }

    fn upgraded(self) {
        self.session.transport.send_replace(Transport::WebSocket);
    }
}

impl<T> Drop for Probing<'_, T> {
    fn drop(&mut self) {
        self.session.transport.send_if_modified(|now| switch(now, Transport::Probing, Transport::Polling));
    }
}

fn switch(now: &mut Transport, from: Transport, to: Transport) -> bool {
    let switches = *now == from;
    if switches {
        *now = to;
    }
    switches
}

async fn next_packet<T>(socket: &mut Socket<Connection, T>) -> Result<EnginePacket, InvalidPacket> {
    loop {
        match socket.next().await {
            Some(Ok(WsMessage::Text(text))) => return decode_text(&text),
            Some(Ok(WsMessage::Ping(_) | WsMessage::Pong(_))) => {}
            _ => return Err(InvalidPacket),
        }
    }
}

/// Says goodbye and waits for the same, for a while.
async fn farewell<I: AsyncRead + AsyncWrite + Unpin, T>(socket: &mut Socket<I, T>) {
    let goodbye = async {
        if socket.close(None).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    };
    drop(tokio::time::timeout(FAREWELL_TIMEOUT, goodbye).await);
}

/// Carries a session over one WebSocket.
struct Carrier<I, T> {
    socket: Socket<I, T>,
    session: Arc<Session<T>>,
    inbound: PollSender<Message>,
    /// Something was taken that the kernel does not have yet.
    unflushed: bool,
    /// The outbox has given its last.
    finished: bool,
}

impl<I: AsyncRead + AsyncWrite + Unpin, T> Carrier<I, T> {
    fn new(socket: Socket<I, T>, session: Arc<Session<T>>) -> Self {
        let inbound = PollSender::new(session.inbound.clone());
        Self { socket, session, inbound, unflushed: false, finished: false }
    }

    async fn run(mut self) {
        let session = Arc::clone(&self.session);
        let overdue = async {
            session.closed.cancelled().await;
            tokio::time::sleep(FAREWELL_TIMEOUT).await;
        };
        tokio::select! {
            reason = poll_fn(|cx| self.poll(cx)) => session.close(reason),
            () = overdue => {}
        }
        farewell(&mut self.socket).await;
    }

    /// Ready when the session is over on this side.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<CloseReason> {
        let more_out = match self.poll_out(cx) {
            Ok(more) => more,
            Err(_) => return Poll::Ready(CloseReason::TransportLost),
        };
        if self.finished && !self.unflushed {
            return Poll::Ready(CloseReason::Server);
        }
        match self.poll_in(cx) {
            Ok(more_in) => {
                if more_in || more_out {
                    cx.waker().wake_by_ref();
                }
                Poll::Pending
            }
            Err(reason) => Poll::Ready(reason),
        }
    }

    /// Pulls and flushes until there is nothing or the kernel is full; true when the turn is over before that.
    fn poll_out(&mut self, cx: &mut Context<'_>) -> Result<bool, WsError> {
        for _ in 0..STEPS_PER_TURN {
            if self.unflushed {
                match self.socket.poll_flush_unpin(cx)? {
                    Poll::Ready(()) => self.unflushed = false,
                    Poll::Pending => return Ok(false),
                }
            }
            if self.finished {
                return Ok(false);
            }
            let mut failed = None;
            let socket = &mut self.socket;
            let pulled = self.session.outbox.poll_pull(cx, PULL_BYTES, &mut |packet| {
                if let Err(error) = socket.start_send_unpin(frame(packet)) {
                    failed.get_or_insert(error);
                }
            });
            if let Some(error) = failed {
                return Err(error);
            }
            let Poll::Ready(pulled) = pulled else { return Ok(false) };
            self.finished = pulled.finished;
            self.unflushed = true;
        }
        Ok(true)
    }

    /// Reads while the upper layer has room; true when the turn is over before the socket is empty.
    fn poll_in(&mut self, cx: &mut Context<'_>) -> Result<bool, CloseReason> {
        for _ in 0..STEPS_PER_TURN {
            match self.inbound.poll_reserve(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return Err(CloseReason::Server),
                Poll::Pending => return Ok(false),
            }
            let message = match self.socket.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(message))) => message,
                Poll::Ready(Some(Err(WsError::Io(_) | WsError::ConnectionClosed)) | None) => {
                    return Err(CloseReason::TransportLost);
                }
                Poll::Ready(Some(Err(_))) => return Err(CloseReason::Protocol),
                Poll::Pending => return Ok(false),
            };
            if let Some(message) = self.read(message)? {
                drop(self.inbound.send_item(message));
            }
        }
        Ok(true)
    }

    fn read(&mut self, message: WsMessage) -> Result<Option<Message>, CloseReason> {
        let packet = match message {
            WsMessage::Text(text) => decode_text(&text).map_err(|_| CloseReason::Protocol)?,
            WsMessage::Binary(bytes) => EnginePacket::Message(Message::Binary(bytes)),
            WsMessage::Close(_) => return Err(CloseReason::TransportLost),
            WsMessage::Ping(_) => {
                // The answer is queued by the library and waits for a flush.
                self.unflushed = true;
                return Ok(None);
            }
            WsMessage::Pong(_) | WsMessage::Frame(_) => return Ok(None),
        };
        self.session.accept(packet).map_err(|_| CloseReason::Protocol)
    }
}

/// A frame of a packet. What goes out as text is JSON that we wrote, or a text that was checked on its way in.
fn frame(packet: Outgoing) -> WsMessage {
    match packet {
        Outgoing::Text(bytes) => WsMessage::Frame(Frame::message(bytes, OpCode::Data(Data::Text), true)),
        Outgoing::Binary(bytes) => WsMessage::Binary(bytes),
    }
}

/// The connection, telling the heartbeat what the client's side takes.
struct Metered<I, T> {
    io: I,
    session: Arc<Session<T>>,
}

impl<I: AsyncRead + Unpin, T> AsyncRead for Metered<I, T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl<I: AsyncWrite + Unpin, T> AsyncWrite for Metered<I, T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.session.heartbeat.took(count);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
