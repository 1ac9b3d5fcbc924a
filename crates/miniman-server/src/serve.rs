//! Listening, accepting, and stopping.
//!
//! An accept loop of our own, because a stalled peer must cost a bounded time: `TCP_USER_TIMEOUT` for one that stops
//! reading, a header timeout for one that stops writing, a cap on connections for one that comes too often. Sends are
//! never delayed (`TCP_NODELAY`): a line is worth a packet.

mod connection;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::forwarded::{self, Hop};
use crate::peer::{AddressKey, Peer};
use crate::places::{Place, Places, fair_share};
use crate::state::AppState;
use connection::{Connection, Stream};
pub use tls::{Tls, TlsError, connect_pinned};

/// Connections at once: 4,096 × ~16 KB of buffers = 64 MB at the very worst, idle ones a fraction; below common limits
/// on open files with the logs' own added. One address has its [`fair_share`] of them, 512 while nobody else has any: a
/// household's browsers with all their tabs, a CI that follows hundreds of logs. A named proxy speaks for many and is not
/// counted.
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

/// Of the unix socket: the proxy is in its group.
const SOCKET_MODE: u32 = 0o660;

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

/// Binds the unix socket, for the owner and the group; one that an earlier process left is replaced.
///
/// # Errors
/// The path is something else than a socket, is served by another process, or can't be made. Needs a tokio runtime.
pub fn bind_socket(path: &Path) -> io::Result<UnixListener> {
    if let Ok(meta) = std::fs::symlink_metadata(path) {
        let is_socket = meta.file_type().is_socket();
        if !is_socket || std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(SOCKET_MODE))?;
    Ok(listener)
}

/// Where the server listens.
pub struct Listeners {
    pub tcp: TcpListener,
    /// Speaks TLS on `tcp`.
    pub tls: Option<Tls>,
    /// For a proxy on this machine.
    pub socket: Option<UnixListener>,
}

impl From<TcpListener> for Listeners {
    fn from(tcp: TcpListener) -> Self {
        Self { tcp, tls: None, socket: None }
    }
}

/// What connections share.
#[derive(Clone)]
struct Door {
    service: axum::Router,
    state: AppState,
    tls: Option<Tls>,
    places: Arc<Semaphore>,
    addresses: Arc<Places<AddressKey>>,
}

/// A connection before its first byte, with its place.
struct Arrival {
    stream: Accepted,
    place: ConnectionPlace,
}

enum Accepted {
    Tcp(TcpStream, SocketAddr),
    Unix(tokio::net::UnixStream),
}

/// Held as long as the connection is open.
type ConnectionPlace = (OwnedSemaphorePermit, Option<Place<AddressKey>>);

/// Serves until `shutdown`, then waits a bounded time for requests to end. Returns once no connection is left or the
/// time is over; what they left running is in `state.tasks`.
pub async fn run(listeners: impl Into<Listeners>, state: AppState, shutdown: CancellationToken) {
    let Listeners { tcp, tls, socket } = listeners.into();
    let door = Door {
        service: crate::router(state.clone()),
        state,
        tls,
        places: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
        addresses: Arc::default(),
    };
    let connections = TaskTracker::new();
    while let Some(arrival) = door.next(&tcp, socket.as_ref(), &shutdown).await {
        connections.spawn(door.clone().admit(arrival, shutdown.clone()));
    }
    drop((tcp, socket));
    connections.close();
    if tokio::time::timeout(DRAIN_MAX, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "connections did not end in time");
    }
}

impl Door {
    /// The next connection, once there is a place for it; `None` at shutdown.
    async fn next(
        &self,
        tcp: &TcpListener,
        socket: Option<&UnixListener>,
        shutdown: &CancellationToken,
    ) -> Option<Arrival> {
        let next = async {
            // The place first: beyond the cap connections wait in the kernel's backlog.
            let place = self.places.clone().acquire_owned().await.ok()?;
            loop {
                match accept(tcp, socket).await {
                    Ok(stream) => match self.place_of(&stream) {
                        Some(of_address) => return Some(Arrival { stream, place: (place, of_address) }),
                        // Closed at once: whoever holds so many is not owed words.
                        None => drop(stream),
                    },
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

    /// A place among its address's; `Some(None)` for who is not counted, `None` when the address has too many.
    fn place_of(&self, stream: &Accepted) -> Option<Option<Place<AddressKey>>> {
        let hop = stream.hop();
        if hop.is_proxy(&self.state.config) {
            return Some(None);
        }
        let share = fair_share(self.places.available_permits());
        self.addresses.enter(Peer(hop.address()).key(), share).map(Some)
    }

    async fn admit(self, Arrival { stream, place }: Arrival, shutdown: CancellationToken) {
        let hop = stream.hop();
        let opened = tokio::select! {
            opened = open(stream, self.tls.as_ref(), place.1.as_ref().map(Place::key)) => opened,
            () = shutdown.cancelled() => return,
        };
        match opened {
            Ok(stream) => self.serve(Connection::new(stream, place), hop, shutdown).await,
            // Scanners try plain HTTP on a TLS port all day long.
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "set up a connection");
            }
        }
    }

    async fn serve(self, connection: Connection, hop: Hop, shutdown: CancellationToken) {
        let config = self.state.config;
        let service = TowerToHyperService::new(self.service.map_request(
            move |mut request: http::Request<Incoming>| {
                forwarded::tell(&mut request, hop, &config);
                request.map(axum::body::Body::new)
            },
        ));
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_READ_TIMEOUT)
            .max_buf_size(HEAD_BYTES_MAX)
            .max_headers(HEADERS_MAX);
        let mut connection = pin!(builder.serve_connection(connection, service).with_upgrades());
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
}

impl Accepted {
    fn hop(&self) -> Hop {
        match self {
            Self::Tcp(_, address) => Hop::Tcp(*address),
            Self::Unix(_) => Hop::Unix,
        }
    }
}

async fn accept(tcp: &TcpListener, socket: Option<&UnixListener>) -> io::Result<Accepted> {
    let from_socket = async {
        match socket {
            Some(socket) => socket.accept().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        accepted = tcp.accept() => accepted.map(|(stream, peer)| Accepted::Tcp(stream, peer)),
        accepted = from_socket => accepted.map(|(stream, _)| Accepted::Unix(stream)),
    }
}

/// Ready for HTTP: tuned, and through the handshake. `address` is there for who is counted.
async fn open(
    stream: Accepted,
    tls: Option<&Tls>,
    address: Option<AddressKey>,
) -> io::Result<Box<dyn Stream>> {
    match stream {
        Accepted::Unix(stream) => Ok(Box::new(stream)),
        Accepted::Tcp(stream, _) => {
            tune(&stream)?;
            match tls {
                Some(tls) => Ok(Box::new(tls.accept(stream, address).await?)),
                None => Ok(Box::new(stream)),
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
