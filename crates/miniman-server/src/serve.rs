//! Listening, accepting, and stopping.
//!
//! An accept loop of our own, because a stalled peer must cost a bounded time: `TCP_USER_TIMEOUT` for one that stops
//! reading, a header timeout for one that stops writing, a cap on connections for one that comes too often. Sends are
//! never delayed (`TCP_NODELAY`): a line is worth a packet.

mod connection;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::peer::Peer;
use crate::state::AppState;
use connection::Connection;

/// Connections at once: 4,096 × ~16 KB of buffers = 64 MB at the very worst, idle ones a fraction; below common limits
/// on open files with the logs' own added.
const CONNECTIONS_MAX: usize = 4_096;

/// A peer that acknowledges nothing for this long is gone; what waits for it is dropped.
///
/// Linux counts a window that stays closed too, though the peer answers its probes (measured: 5 s set, `ETIMEDOUT`
/// after 5.6 s). So this must be longer than Socket.IO lets a client be silent (15 + 45 s), or a page that was asleep
/// for half a minute would lose its socket to TCP and not to the protocol.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(75);

/// A request's head must be there this long after the connection or the request before it; also bounds idling.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a request's head, and of the write buffer of an answer.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// More headers than any browser or proxy sends.
const HEADERS_MAX: usize = 100;

/// Connections the kernel may hold for us while we accept.
const BACKLOG: i32 = 1_024;

/// After a failed accept (out of files): long enough not to spin, short enough not to be noticed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Requests get this long to end once the server stops; streams are told to end at once.
const DRAIN_MAX: Duration = Duration::from_secs(5);

/// Binds at once, so that a taken port is known before anything starts; ask the listener for its address.
///
/// # Errors
/// The address is taken or not ours. Needs a tokio runtime.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let domain = socket2::Domain::for_address(address);
    let socket = socket2::Socket::new(domain, socket2::Type::STREAM, Some(socket2::Protocol::TCP))?;
    // A restart must not wait for the old connections' TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Serves until `shutdown`, then waits a bounded time for requests to end. Returns once no connection is left or the
/// time is over; what they left running is in `state.tasks`.
pub async fn run(listener: TcpListener, state: AppState, shutdown: CancellationToken) {
    let service = crate::router(state);
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Some((stream, peer, place)) = accept(&listener, &places, &shutdown).await {
        let service = service.clone();
        connections.spawn(serve(stream, peer, service, shutdown.clone(), place));
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(DRAIN_MAX, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "connections did not end in time");
    }
}

/// The next connection, once there is a place for it; `None` at shutdown.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    shutdown: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let next = async {
        // The place first: beyond the cap connections wait in the kernel's backlog.
        let place = places.clone().acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return Some((stream, peer, place)),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = shutdown.cancelled() => None,
        accepted = next => accepted,
    }
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    service: axum::Router,
    shutdown: CancellationToken,
    place: OwnedSemaphorePermit,
) {
    if let Err(error) = tune(&stream) {
        tracing::debug!(error = &error as &dyn std::error::Error, "set up a connection");
        return;
    }
    let service =
        TowerToHyperService::new(service.map_request(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            request.map(axum::body::Body::new)
        }));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    let mut connection =
        pin!(builder.serve_connection(Connection::new(stream, place), service).with_upgrades());
    let mut stopping = false;
    loop {
        tokio::select! {
            result = connection.as_mut() => {
                if let Err(error) = result {
                    // Clients leave in the middle of things all day long.
                    tracing::debug!(error = &error as &dyn std::error::Error, "connection ended");
                }
                return;
            }
            () = shutdown.cancelled(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

fn tune(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_user_timeout(Some(TCP_USER_TIMEOUT))
}

#[cfg(test)]
mod tests;
