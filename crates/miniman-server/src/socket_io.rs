//! Engine.IO 4 and Socket.IO 5 over hyper: what stock clients speak, with backpressure down to TCP.
//!
//! Two layers. The lower one (`engine`, `session`, `polling`, `websocket`) moves messages: sessions, heartbeats, long
//! polling, WebSocket and the upgrade between them. The upper one (`namespaces`, `packet`) gives messages meaning:
//! namespaces, events, acknowledgements, attachments. An [`Application`] is what a product writes; a [`Service`] is
//! the seam between the layers, where the echo server of the official suite sits too.
//!
//! Invariant: everything that goes to a client passes its [`Outbox`], which the transport *pulls* from when it has
//! written what it took before. Control packets go first, then the [`Source`]s in turn. Nothing is queued for a
//! client but a bounded number of control packets, so a slow reader costs what one pull holds and no more.
//!
//! What it deliberately does not do: Engine.IO 3, JSONP, compression, WebTransport, rooms, broadcasts (the application
//! knows who may see what), connection state recovery.

mod burst;
mod engine;
mod engine_packet;
mod heartbeat;
mod namespaces;
mod options;
mod outbox;
mod packet;
mod polling;
mod rate;
mod session;
mod websocket;

pub use burst::Burst;
pub(crate) use burst::write_json;
pub use engine::{Engine, Refusal, Service};
pub use engine_packet::{InvalidPacket, Message, decode_payload};
pub use namespaces::{Ack, Application, ConnectRefusal, Event, Socket, SocketIo};
pub use options::Options;
pub use outbox::{EmitError, Outbox, Source, SourceId};
pub use packet::{ATTACHMENTS_MAX, Packet, PacketKind};
pub use session::{CloseReason, Session};

/// What a request says about its sender: the head of a poll, a post, a handshake or an upgrade.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    pub head: &'a http::request::Parts,
    /// The connection's other end; `None` when the listener does not tell.
    pub peer: Option<crate::Peer>,
}

#[cfg(test)]
mod tests;
