//! Namespaces, events and acknowledgements over a session's messages.
//!
//! Messages of one session are handled strictly one after another, in the order sent: an application never sees two
//! events of a client at once. What does not follow the protocol ends the session.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use super::engine::random_id;
use super::engine_packet::{InvalidPacket, Message, Outgoing};
use super::rate::MessageRate;
use super::{
    CloseReason, EmitError, Incoming, Outbox, Packet, PacketKind, Refusal, Service, Session, Source, SourceId,
};

/// Namespaces that one session may hold at once.
const NAMESPACES_MAX: usize = 8;

/// What a product does with its clients.
pub trait Application: Send + Sync + 'static {
    /// What admission found out; kept with the session.
    type Ticket: Send + Sync + 'static;
    /// What the application keeps for each connected socket.
    type Client: Send + 'static;

    /// Asked before a session is opened.
    fn open(&self, request: Incoming<'_>) -> impl Future<Output = Result<Self::Ticket, Refusal>> + Send;

    /// Asked again for every poll, post and upgrade.
    fn readmit(
        &self,
        ticket: &Self::Ticket,
        request: Incoming<'_>,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// A client asks for a namespace, with the `auth` it gave (`{}` when it gave none).
    fn connect(
        &self,
        ticket: &Self::Ticket,
        socket: &Socket,
        auth: Value,
    ) -> impl Future<Output = Result<Self::Client, ConnectRefusal>> + Send;

    /// The client has been told that it is connected.
    fn connected(&self, client: &mut Self::Client) -> impl Future<Output = ()> + Send {
        let _ = client;
        async {}
    }

    fn on_event(&self, client: &mut Self::Client, event: Event) -> impl Future<Output = ()> + Send;

    fn on_disconnect(&self, client: Self::Client) -> impl Future<Output = ()> + Send;
}

/// Why a namespace is refused; the client's library shows `message` as the error's.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectRefusal {
    pub message: String,
    pub data: Option<Value>,
}

impl ConnectRefusal {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), data: None }
    }

    /// What the official server says of a namespace that it does not have.
    pub fn invalid_namespace() -> Self {
        Self::new("Invalid namespace")
    }
}

/// An event of a client. Placeholders in `arguments` name `attachments`.
#[derive(Debug)]
pub struct Event {
    pub name: String,
    pub arguments: Vec<Value>,
    pub attachments: Vec<Bytes>,
    /// There when the client waits for an acknowledgement.
    pub ack: Option<Ack>,
}

impl Event {
    /// The first argument, as most events have one.
    pub fn argument(&self) -> &Value {
        self.arguments.first().unwrap_or(&Value::Null)
    }
}

/// Acknowledges one event, once.
#[derive(Debug)]
pub struct Ack {
    socket: Socket,
    id: u64,
}

impl Ack {
    /// # Errors
    /// When the session is over.
    pub async fn send(self, arguments: Vec<Value>, attachments: Vec<Bytes>) -> Result<(), EmitError> {
        let Self { socket, id } = self;
        socket.push(PacketKind::Ack, Some(id), Some(Value::Array(arguments)), attachments).await
    }
}

/// A client in one namespace; clones share it.
#[derive(Clone)]
pub struct Socket {
    shared: Arc<SocketShared>,
}

struct SocketShared {
    id: String,
    namespace: String,
    outbox: Outbox,
    close: Box<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The id is a secret of the client's.
        f.debug_struct("Socket").field("namespace", &self.shared.namespace).finish_non_exhaustive()
    }
}

impl Socket {
    /// A socket that no client stands behind: what is emitted lies in its outbox.
    #[cfg(test)]
    pub(crate) fn detached() -> Self {
        let outbox = Outbox::new();
        Self::new("/".to_owned(), outbox, Box::new(|| {}))
    }

    fn new(namespace: String, outbox: Outbox, close: Box<dyn Fn() + Send + Sync>) -> Self {
        Self { shared: Arc::new(SocketShared { id: random_id(), namespace, outbox, close }) }
    }

    pub fn id(&self) -> &str {
        &self.shared.id
    }

    pub fn namespace(&self) -> &str {
        &self.shared.namespace
    }

    pub fn outbox(&self) -> &Outbox {
        &self.shared.outbox
    }

    /// Emits an event with one argument, waiting for room.
    ///
    /// # Errors
    /// When the session is over.
    pub async fn emit(&self, name: &str, argument: &impl Serialize) -> Result<(), EmitError> {
        self.shared.outbox.push(vec![self.event(name, argument)]).await
    }

    /// Emits an event with one argument if there is room for it now.
    ///
    /// # Errors
    /// When there is no room, or the session is over.
    pub fn try_emit(&self, name: &str, argument: &impl Serialize) -> Result<(), EmitError> {
        self.shared.outbox.try_push(vec![self.event(name, argument)])
    }

    /// Emits an event with any arguments and attachments, waiting for room.
    ///
    /// # Errors
    /// When the session is over.
    pub async fn emit_all(
        &self,
        name: &str,
        arguments: Vec<Value>,
        attachments: Vec<Bytes>,
    ) -> Result<(), EmitError> {
        let mut items = arguments;
        items.insert(0, Value::from(name));
        self.push(PacketKind::Event, None, Some(Value::Array(items)), attachments).await
    }

    /// Starts a source of packets for this client.
    pub fn start(&self, source: Source) -> SourceId {
        self.shared.outbox.start(source)
    }

    pub fn stop(&self, id: SourceId) {
        self.shared.outbox.stop(id);
    }

    /// Tells the client that it is disconnected for good, and ends its session.
    pub fn disconnect(&self) {
        // Without room the client learns it from the closing connection.
        self.shared.outbox.try_push(self.packets(PacketKind::Disconnect, None, None, Vec::new())).ok();
        (self.shared.close)();
    }

    fn event(&self, name: &str, argument: &impl Serialize) -> Outgoing {
        let argument = serde_json::to_value(argument).expect("wire types have string keys");
        let data = Value::Array(vec![Value::from(name), argument]);
        let mut packets = self.packets(PacketKind::Event, None, Some(data), Vec::new());
        packets.remove(0)
    }

    async fn push(
        &self,
        kind: PacketKind,
        id: Option<u64>,
        data: Option<Value>,
        attachments: Vec<Bytes>,
    ) -> Result<(), EmitError> {
        self.shared.outbox.push(self.packets(kind, id, data, attachments)).await
    }

    fn packets(
        &self,
        kind: PacketKind,
        id: Option<u64>,
        data: Option<Value>,
        attachments: Vec<Bytes>,
    ) -> Vec<Outgoing> {
        let namespace = self.shared.namespace.clone();
        let packet = Packet { kind, namespace, id, data, attachments: attachments.len() };
        let mut text = Vec::new();
        packet.write(&mut text);
        let mut packets = vec![Outgoing::Text(text.into())];
        packets.extend(attachments.into_iter().map(Outgoing::Binary));
        packets
    }
}

/// Serves an [`Application`] over sessions.
pub struct SocketIo<A> {
    pub application: A,
}

impl<A: Application> Service for SocketIo<A> {
    type Ticket = A::Ticket;

    async fn open(&self, request: Incoming<'_>) -> Result<A::Ticket, Refusal> {
        self.application.open(request).await
    }

    async fn readmit(&self, ticket: &A::Ticket, request: Incoming<'_>) -> Result<(), Refusal> {
        self.application.readmit(ticket, request).await
    }

    async fn run(&self, session: Arc<Session<A::Ticket>>) {
        let mut connection = Connection {
            application: &self.application,
            session: &session,
            namespaces: HashMap::new(),
            partial: None,
        };
        if connection.serve().await.is_err() {
            session.close(CloseReason::Protocol);
        }
        for (_, (_, client)) in connection.namespaces.drain() {
            self.application.on_disconnect(client).await;
        }
    }
}

/// One session's namespaces.
struct Connection<'a, A: Application> {
    application: &'a A,
    session: &'a Arc<Session<A::Ticket>>,
    namespaces: HashMap<String, (Socket, A::Client)>,
    /// A packet whose attachments are not all here yet.
    partial: Option<(Packet, Vec<Bytes>)>,
}

impl<A: Application> Connection<'_, A> {
    /// Handles messages until the session is over or the client does what it must not.
    async fn serve(&mut self) -> Result<(), InvalidPacket> {
        let mut rate = MessageRate::new();
        let mut connect_by = Instant::now() + self.session.options().connect_timeout;
        loop {
            let message = if self.namespaces.is_empty() {
                match tokio::time::timeout_at(connect_by, self.session.receive()).await {
                    Ok(message) => message,
                    // Nobody: the session ends as if the server was asked to end it.
                    Err(_) => return Ok(()),
                }
            } else {
                connect_by = Instant::now() + self.session.options().connect_timeout;
                self.session.receive().await
            };
            let Some(message) = message else { return Ok(()) };
            rate.wait().await;
            if let Some((packet, attachments)) = self.assemble(message)? {
                self.take(packet, attachments).await?;
            }
        }
    }

    /// A whole packet, once its attachments are here.
    fn assemble(&mut self, message: Message) -> Result<Option<(Packet, Vec<Bytes>)>, InvalidPacket> {
        let partial = match (message, self.partial.take()) {
            (Message::Text(text), None) => (Packet::parse(&text)?, Vec::new()),
            (Message::Binary(bytes), Some((packet, mut attachments))) => {
                attachments.push(bytes);
                (packet, attachments)
            }
            (Message::Text(_), Some(_)) | (Message::Binary(_), None) => return Err(InvalidPacket),
        };
        if partial.1.len() < partial.0.attachments {
            self.partial = Some(partial);
            return Ok(None);
        }
        Ok(Some(partial))
    }

    async fn take(&mut self, packet: Packet, attachments: Vec<Bytes>) -> Result<(), InvalidPacket> {
        let connected = self.namespaces.contains_key(&packet.namespace);
        match packet.kind {
            PacketKind::Connect if !connected && self.namespaces.len() < NAMESPACES_MAX => {
                self.connect(packet).await;
                Ok(())
            }
            PacketKind::Disconnect if connected => {
                if let Some((_, client)) = self.namespaces.remove(&packet.namespace) {
                    self.application.on_disconnect(client).await;
                }
                Ok(())
            }
            PacketKind::Event if connected => {
                self.event(packet, attachments).await;
                Ok(())
            }
            // Nothing of ours asks for an acknowledgement, so one is late or made up.
            PacketKind::Ack if connected => Ok(()),
            // A namespace that is gone on our side may still be spoken to.
            PacketKind::Disconnect => Ok(()),
            _ => Err(InvalidPacket),
        }
    }

    async fn connect(&mut self, packet: Packet) {
        let Packet { namespace, data, .. } = packet;
        let session = Arc::downgrade(self.session);
        let close = Box::new(move || {
            if let Some(session) = session.upgrade() {
                session.close(CloseReason::Server);
            }
        });
        let socket = Socket::new(namespace.clone(), self.session.outbox().clone(), close);
        let auth = data.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        match self.application.connect(self.session.ticket(), &socket, auth).await {
            Ok(mut client) => {
                self.session.admitted();
                let sid = serde_json::json!({ "sid": socket.id() });
                // A session that is over meanwhile is seen by the next receive.
                socket.push(PacketKind::Connect, None, Some(sid), Vec::new()).await.ok();
                self.application.connected(&mut client).await;
                self.namespaces.insert(namespace, (socket, client));
            }
            Err(refusal) => {
                let mut error = serde_json::json!({ "message": refusal.message });
                if let Some(data) = refusal.data {
                    error["data"] = data;
                }
                socket.push(PacketKind::ConnectError, None, Some(error), Vec::new()).await.ok();
            }
        }
    }

    async fn event(&mut self, packet: Packet, attachments: Vec<Bytes>) {
        let Packet { namespace, id, data, .. } = packet;
        let Some((socket, client)) = self.namespaces.get_mut(&namespace) else { return };
        let Some(Value::Array(mut arguments)) = data else { return };
        let Value::String(name) = arguments.remove(0) else { return };
        let ack = id.map(|id| Ack { socket: socket.clone(), id });
        self.application.on_event(client, Event { name, arguments, attachments, ack }).await;
    }
}
