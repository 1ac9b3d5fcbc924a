//! The door: who may connect, and which event means what.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::accounts::AuthError;
use crate::places::Place;
use crate::principal::Principal;
use crate::socket_io::{Application, ConnectRefusal, Event, Incoming, Refusal, Socket};

use super::Delivery;
use super::member::Member;

/// The application that the transport serves.
pub(super) struct Sockets(pub(super) Arc<Delivery>);

/// What a client may send; anything else is nothing to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientEvent {
    Join,
    Leave,
    Stream,
    Stop,
    Acknowledge,
}

impl ClientEvent {
    pub(super) const ALL: [Self; 5] = [Self::Join, Self::Leave, Self::Stream, Self::Stop, Self::Acknowledge];

    fn as_str(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Leave => "leave",
            Self::Stream => "stream_container_logs",
            Self::Stop => "stop_container_logs",
            Self::Acknowledge => "log_ack",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

impl Delivery {
    /// Does what an event asks for: the answer for its acknowledgement.
    pub(super) async fn on(
        self: &Arc<Self>,
        member: &Arc<Member>,
        event: ClientEvent,
        argument: &Value,
    ) -> Option<Value> {
        match event {
            ClientEvent::Join => self.join(member, argument).await,
            ClientEvent::Leave => self.leave(member, argument).await,
            ClientEvent::Stream => self.stream(member, argument).await,
            ClientEvent::Stop => self.stop(member, argument).await,
            ClientEvent::Acknowledge => self.acknowledge(member, argument),
        }
    }
}

/// What a session's requests have shown.
pub(super) struct Ticket {
    /// Whom the headers of the first request name.
    headers: Result<Principal, AuthError>,
    /// Who has connected.
    connected: Mutex<Option<Principal>>,
}

/// A member as long as it is connected.
pub(super) struct Connected {
    member: Arc<Member>,
    /// Among its user's sockets. Not the member's: pumps hold that a while longer.
    _place: Place<i64>,
}

impl Application for Sockets {
    type Ticket = Ticket;
    type Client = Connected;

    async fn open(&self, request: Incoming<'_>) -> Result<Ticket, Refusal> {
        // Nobody is refused yet: a token may come with the connect, where a refusal can be told in words.
        let headers = self.0.state.accounts.identify(request.head).await;
        Ok(Ticket { headers, connected: Mutex::default() })
    }

    async fn readmit(&self, ticket: &Ticket, request: Incoming<'_>) -> Result<(), Refusal> {
        let accounts = &self.0.state.accounts;
        let refusal = |error: AuthError| Refusal { message: error.to_string() };
        // Whoever started with a cookie goes on with the same.
        if let Ok(first) = &ticket.headers {
            let now = accounts.identify(request.head).await.map_err(refusal)?;
            if now.user_id != first.user_id || now.credential != first.credential {
                return Err(refusal(AuthError::Invalid));
            }
        }
        let connected = ticket.connected.lock().unwrap_or_else(PoisonError::into_inner);
        match connected.as_ref() {
            Some(principal) if !accounts.still_valid(principal) => Err(refusal(AuthError::Invalid)),
            _ => Ok(()),
        }
    }

    async fn connect(
        &self,
        ticket: &Ticket,
        socket: &Socket,
        auth: Value,
    ) -> Result<Connected, ConnectRefusal> {
        if socket.namespace() != "/" {
            return Err(ConnectRefusal::invalid_namespace());
        }
        let accounts = &self.0.state.accounts;
        let asked = match auth.get("token") {
            // A bad token is refused, however good the cookie beside it.
            Some(Value::String(token)) => accounts.authenticate_token(token).await,
            Some(Value::Null) | None => ticket.headers.clone(),
            Some(_) => Err(AuthError::Invalid),
        };
        let valid = asked.and_then(|principal| {
            if accounts.still_valid(&principal) { Ok(principal) } else { Err(AuthError::Invalid) }
        });
        let principal = valid.map_err(|error| ConnectRefusal {
            message: error.to_string(),
            data: Some(json!({ "code": "unauthenticated" })),
        })?;
        let place = self.0.place_of(&principal).ok_or_else(|| ConnectRefusal {
            message: "you have too many sockets open; close some".to_owned(),
            data: Some(json!({ "code": "throttled" })),
        })?;
        *ticket.connected.lock().unwrap_or_else(PoisonError::into_inner) = Some(principal.clone());
        Ok(Connected { member: Arc::new(Member::new(socket.clone(), principal)), _place: place })
    }

    async fn connected(&self, Connected { member, .. }: &mut Connected) {
        self.0.rooms().enter(member.clone());
        member.socket.start(self.0.notices(member));
    }

    async fn on_event(&self, Connected { member, .. }: &mut Connected, event: Event) {
        let delivery = &self.0;
        let answer = match ClientEvent::parse(&event.name) {
            Some(name) => delivery.on(member, name, event.argument()).await,
            None => None,
        };
        if let Some(ack) = event.ack {
            member.notice(ack.send(answer.into_iter().collect(), Vec::new()).await);
        }
    }

    async fn on_disconnect(&self, Connected { member, .. }: Connected) {
        self.0.depart(&member);
    }
}
