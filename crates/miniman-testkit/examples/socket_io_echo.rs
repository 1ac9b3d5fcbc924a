//! What the official protocol test suites expect of a server, over the product's own transport.
//!
//! `/engine.io/` echoes text and binary messages. `/socket.io/` has the namespaces `/` and `/custom`, which emit `auth`
//! with the handshake's auth; on `/` the event `message` is answered by `message-back`, and `message-with-ack` is
//! acknowledged, both with the same arguments. Intervals are the suites': short, so that they can wait for them.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::serve::ListenerExt;
use miniman_server::socket_io::{
    Application, ConnectRefusal, Engine, Event, Incoming, Options, Refusal, Service, Session, Socket,
    SocketIo,
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The suites wait for the answer to CONNECT and only then start to listen for `auth`; a client that reads both from
/// one TCP segment would hand the second to nobody.
const AUTH_DELAY: Duration = Duration::from_millis(5);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let address = listen_address()?;
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let engine_io = Engine::new(Echo, options("/engine.io/"), tasks.clone(), shutdown.clone());
    let socket_io =
        Engine::new(SocketIo { application: Suite }, options("/socket.io/"), tasks.clone(), shutdown.clone());
    let listener = tokio::net::TcpListener::bind(address).await.context("bind")?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    let listener = listener.tap_io(|stream| {
        // Without it a packet may wait for the acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("nodelay: {error}");
        }
    });
    axum::serve(listener, engine_io.router::<()>().merge(socket_io.router()))
        .with_graceful_shutdown(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                shutdown.cancel();
            }
        })
        .await?;
    tasks.close();
    tasks.wait().await;
    Ok(())
}

fn listen_address() -> anyhow::Result<SocketAddr> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("--listen"), Some(address)) => address.parse().context("--listen wants an address and a port"),
        _ => bail!("usage: socket_io_echo --listen ADDRESS:PORT"),
    }
}

fn options(path: &str) -> Options {
    Options {
        path: path.to_owned(),
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        connect_timeout: Duration::from_secs(1),
        max_payload: 1_000_000,
        cors: true,
        ..Options::default()
    }
}

/// Engine.IO alone: every message comes back.
struct Echo;

impl Service for Echo {
    type Ticket = ();

    async fn open(&self, _: Incoming<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    async fn readmit(&self, (): &(), _: Incoming<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    async fn run(&self, session: Arc<Session<()>>) {
        while let Some(message) = session.receive().await {
            if session.send(message).await.is_err() {
                return;
            }
        }
    }
}

/// Socket.IO as the suite wants it.
struct Suite;

impl Application for Suite {
    type Ticket = ();
    type Client = Client;

    async fn open(&self, _: Incoming<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    async fn readmit(&self, (): &(), _: Incoming<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    async fn connect(&self, (): &(), socket: &Socket, auth: Value) -> Result<Client, ConnectRefusal> {
        match socket.namespace() {
            "/" | "/custom" => Ok(Client { socket: socket.clone(), auth }),
            _ => Err(ConnectRefusal::invalid_namespace()),
        }
    }

    async fn connected(&self, client: &mut Client) {
        tokio::time::sleep(AUTH_DELAY).await;
        let auth = client.auth.take();
        tell(client.socket.emit("auth", &auth).await);
    }

    async fn on_event(&self, client: &mut Client, event: Event) {
        if client.socket.namespace() != "/" {
            return;
        }
        match (event.name.as_str(), event.ack) {
            ("message", _) => {
                tell(client.socket.emit_all("message-back", event.arguments, event.attachments).await);
            }
            ("message-with-ack", Some(ack)) => tell(ack.send(event.arguments, event.attachments).await),
            _ => {}
        }
    }

    async fn on_disconnect(&self, _: Client) {}
}

struct Client {
    socket: Socket,
    auth: Value,
}

fn tell<E: std::fmt::Display>(sent: Result<(), E>) {
    if let Err(error) = sent {
        eprintln!("not sent: {error}");
    }
}
