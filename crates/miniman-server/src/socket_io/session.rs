//! One Engine.IO session: its transport, its inbound messages, its end.
//!
//! The session outlives the requests that make it up. Transports feed `inbound` in the order in which the client
//! sent, waiting while the upper layer is behind, and pull from the outbox.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Peer;

use super::engine_packet::{EnginePacket, InvalidPacket, Message, Outgoing};
use super::heartbeat::Heartbeat;
use super::{EmitError, Options, Outbox};
use crate::peer::AddressKey;
use crate::places::Place;

/// Messages of a client that wait for the upper layer; further ones wait in the client's TCP connection.
/// 32 × 100 KB (the product's largest payload) ≈ 3 MB at worst, in practice a few KB.
const INBOUND_MESSAGES_MAX: usize = 32;

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The client said so.
    Client,
    /// The server said so: the upper layer ended, or the server stops.
    Server,
    PingTimeout,
    /// What the client sent is not the protocol, or two requests overlapped that must not.
    Protocol,
    TransportLost,
}

impl CloseReason {
    /// Whether a polling client that has no poll under way may still fetch what was said last.
    pub(super) fn lingers(self) -> bool {
        matches!(self, Self::Client | Self::Server)
    }
}

/// What carries a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Polling,
    /// A WebSocket has asked to take over; polls are answered with nothing.
    Probing,
    WebSocket,
}

/// One client, as the upper layer holds it. `T` is the ticket that admission gave.
pub struct Session<T> {
    pub(super) sid: String,
    pub(super) ticket: T,
    pub(super) peer: Option<Peer>,
    pub(super) options: std::sync::Arc<Options>,
    pub(super) outbox: Outbox,
    pub(super) heartbeat: Heartbeat,
    pub(super) transport: watch::Sender<Transport>,
    pub(super) inbound: mpsc::Sender<Message>,
    received: Mutex<mpsc::Receiver<Message>>,
    pub(super) polling: AtomicBool,
    pub(super) posting: AtomicBool,
    opened: Instant,
    reason: OnceLock<CloseReason>,
    pub(super) closed: CancellationToken,
    /// A poll has carried the end to the client.
    pub(super) farewell: CancellationToken,
    waiting: std::sync::Mutex<Option<Place<AddressKey>>>,
    _of_address: Option<Place<AddressKey>>,
}

/// What a session takes of what its address may have.
pub(super) struct SessionPlaces {
    /// As long as the session is open.
    pub(super) of_address: Place<AddressKey>,
    /// Until the client has shown who it is.
    pub(super) unconnected: Place<AddressKey>,
}

impl<T> Session<T> {
    pub(super) fn new(
        sid: String,
        ticket: T,
        peer: Option<Peer>,
        transport: Transport,
        places: Option<SessionPlaces>,
        options: std::sync::Arc<Options>,
    ) -> Self {
        let (inbound, received) = mpsc::channel(INBOUND_MESSAGES_MAX);
        let (of_address, unconnected) = places.map(|places| (places.of_address, places.unconnected)).unzip();
        Self {
            sid,
            ticket,
            peer,
            options,
            outbox: Outbox::new(),
            heartbeat: Heartbeat::default(),
            transport: watch::Sender::new(transport),
            inbound,
            received: Mutex::new(received),
            polling: AtomicBool::new(false),
            posting: AtomicBool::new(false),
            opened: Instant::now(),
            reason: OnceLock::new(),
            closed: CancellationToken::new(),
            farewell: CancellationToken::new(),
            waiting: std::sync::Mutex::new(unconnected),
            _of_address: of_address,
        }
    }

    pub fn ticket(&self) -> &T {
        &self.ticket
    }

    pub fn peer(&self) -> Option<Peer> {
        self.peer
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Cancelled when the session is over.
    pub fn closed(&self) -> &CancellationToken {
        &self.closed
    }

    /// The client's next message, in the order sent; `None` when the session is over.
    pub async fn receive(&self) -> Option<Message> {
        let mut received = self.received.lock().await;
        tokio::select! {
            biased;
            // What a client sent before it left is still handled.
            message = received.recv() => message,
            () = self.closed.cancelled() => received.try_recv().ok(),
        }
    }

    /// Sends one message, waiting for room.
    ///
    /// # Errors
    /// When the session is over.
    pub async fn send(&self, message: Message) -> Result<(), EmitError> {
        self.outbox.push(vec![Outgoing::from(message)]).await
    }

    /// Ends the session; what is queued still goes out.
    pub fn close(&self, reason: CloseReason) {
        if self.reason.set(reason).is_ok() {
            tracing::debug!(?reason, "session closed");
        }
        self.outbox.close();
        self.closed.cancel();
    }

    pub fn close_reason(&self) -> Option<CloseReason> {
        self.reason.get().copied()
    }

    /// The client has shown who it is: it no longer counts against its address.
    pub fn admitted(&self) {
        let place = self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        drop(place);
    }

    /// Pings until the client does not answer.
    pub(super) async fn keep_alive(&self) {
        let Options { ping_interval, ping_timeout, .. } = *self.options;
        self.heartbeat.run(self.opened, ping_interval, ping_timeout, || self.outbox.ping()).await;
        self.close(CloseReason::PingTimeout);
    }

    /// Ends the session when its deadline is over: a request may come before the timer had its turn.
    pub(super) fn check_deadline(&self) {
        if self.heartbeat.expired(Instant::now(), self.options.ping_timeout) {
            self.close(CloseReason::PingTimeout);
        }
    }

    /// Handles a packet that either transport brought; gives back what the upper layer must get.
    pub(super) fn accept(&self, packet: EnginePacket) -> Result<Option<Message>, InvalidPacket> {
        match packet {
            EnginePacket::Message(message) => return Ok(Some(message)),
            EnginePacket::Pong => self.heartbeat.pong(),
            EnginePacket::Close => self.close(CloseReason::Client),
            EnginePacket::Noop => {}
            EnginePacket::Ping { .. } | EnginePacket::Upgrade => return Err(InvalidPacket),
        }
        Ok(None)
    }

    /// Marks a request of a kind that must not overlap; `None` when one is under way.
    pub(super) fn enter<'a>(&'a self, busy: &'a AtomicBool) -> Option<Busy<'a>> {
        (!busy.swap(true, Ordering::AcqRel)).then_some(Busy { busy })
    }

    /// Waits until a polling client has fetched the end, for a while.
    pub(super) async fn linger(&self) {
        let lingers = self.close_reason().is_some_and(CloseReason::lingers);
        if lingers && *self.transport.borrow() != Transport::WebSocket {
            let patience = self.options.ping_timeout.min(LINGER_MAX);
            drop(tokio::time::timeout(patience, self.farewell.cancelled()).await);
        }
    }
}

/// Longer than a client's pause between two polls, shorter than anyone would notice.
const LINGER_MAX: Duration = Duration::from_secs(2);

/// A request under way; over when dropped.
pub(super) struct Busy<'a> {
    busy: &'a AtomicBool,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.busy.store(false, Ordering::Release);
    }
}
