//! The transport against clients that speak the bare protocol: what the official suites ask, and what they do not.

mod client;
mod engine_io;
mod pace;
mod socket_io;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{
    Application, ConnectRefusal, Engine, Event, Incoming, Options, Refusal, Service, Session, Socket,
    SocketIo,
};

/// Echoes every message; who comes with the header `x-refuse` is refused.
struct Echo;

impl Service for Echo {
    type Ticket = ();

    async fn open(&self, request: Incoming<'_>) -> Result<(), Refusal> {
        admit(request)
    }

    async fn readmit(&self, (): &(), request: Incoming<'_>) -> Result<(), Refusal> {
        admit(request)
    }

    async fn run(&self, session: Arc<Session<()>>) {
        while let Some(message) = session.receive().await {
            if session.send(message).await.is_err() {
                return;
            }
        }
    }
}

fn admit(request: Incoming<'_>) -> Result<(), Refusal> {
    match request.head.headers.contains_key("x-refuse") {
        true => Err(Refusal { message: "not you".to_owned() }),
        false => Ok(()),
    }
}

/// Namespaces `/` and `/custom`; `message` comes back, `slow` and `fast` in the order asked, `bye` disconnects.
struct Suite;

impl Application for Suite {
    type Ticket = ();
    type Client = Socket;

    async fn open(&self, request: Incoming<'_>) -> Result<(), Refusal> {
        admit(request)
    }

    async fn readmit(&self, (): &(), request: Incoming<'_>) -> Result<(), Refusal> {
        admit(request)
    }

    async fn connect(&self, (): &(), socket: &Socket, auth: Value) -> Result<Socket, ConnectRefusal> {
        match (socket.namespace(), auth["token"].as_str()) {
            ("/" | "/custom", None | Some("good")) => Ok(socket.clone()),
            ("/" | "/custom", _) => {
                let data = Some(serde_json::json!({ "code": 7 }));
                Err(ConnectRefusal { message: "a bad token".to_owned(), data })
            }
            _ => Err(ConnectRefusal::invalid_namespace()),
        }
    }

    async fn on_event(&self, socket: &mut Socket, event: Event) {
        match event.name.as_str() {
            "message" => socket.emit_all("message-back", event.arguments, event.attachments).await.unwrap(),
            "slow" => {
                tokio::task::yield_now().await;
                socket.emit("done", &"slow").await.unwrap();
            }
            "fast" => socket.emit("done", &"fast").await.unwrap(),
            "bye" => socket.disconnect(),
            _ => {}
        }
        if let Some(ack) = event.ack {
            ack.send(vec![1.into()], Vec::new()).await.unwrap();
        }
    }

    async fn on_disconnect(&self, _: Socket) {}
}

/// A server on a port of its own, gone when dropped.
struct Server {
    address: SocketAddr,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    async fn echo(change: impl FnOnce(&mut Options)) -> Self {
        Self::start(Echo, change).await
    }

    async fn suite(change: impl FnOnce(&mut Options)) -> Self {
        Self::start(SocketIo { application: Suite }, change).await
    }

    async fn start<S: Service>(service: S, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options { path: "/io/".to_owned(), max_payload: 1_000, ..Options::default() };
        change(&mut options);
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let router = Engine::new(service, options, tasks.clone(), shutdown.clone()).router::<()>();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = shutdown.clone().cancelled_owned();
        tasks.spawn(async move {
            axum::serve(listener, router).with_graceful_shutdown(stopped).await.unwrap();
        });
        Self { address, shutdown, tasks }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// Anything that takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(20);
