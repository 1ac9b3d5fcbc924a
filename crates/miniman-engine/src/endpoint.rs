//! One address of an engine: read, shown, connected to.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Unix(PathBuf),
    /// Plain HTTP.
    Tcp {
        host: String,
        port: u16,
    },
}

/// A connection, whatever carries it.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A local socket answers in microseconds, a reachable machine within a round trip or two.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Docker's own default for `tcp://host`.
const TCP_PORT_DEFAULT: u16 = 2_375;

impl Endpoint {
    /// Reads what `DOCKER_HOST` may hold.
    ///
    /// # Errors
    /// A sentence that says what is wrong or not supported.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme, rest),
            None if text.starts_with('/') => ("unix", text),
            None => ("tcp", text),
        };
        match scheme {
            "unix" => unix(rest),
            "tcp" | "http" => tcp(rest),
            "ssh" if rest.starts_with('-') => {
                Err("This ssh:// address starts with a dash, which ssh would take as an option: refused."
                    .into())
            }
            "ssh" => Err("Engines over ssh:// are not supported yet. Forward the socket with \
                 `ssh -L /tmp/docker.sock:/var/run/docker.sock HOST` and name unix:///tmp/docker.sock."
                .into()),
            "https" => Err(TLS_UNSUPPORTED.into()),
            "npipe" => Err("npipe:// is a Windows pipe, which this system does not have.".into()),
            _ => Err("The address must start with unix:// or tcp://.".into()),
        }
    }

    /// Connects; for a unix socket also tells whose process listens there (`SO_PEERCRED`).
    pub(crate) async fn connect(&self) -> io::Result<(Box<dyn Wire>, Option<u32>)> {
        let connecting = async {
            Ok(match self {
                Self::Unix(path) => {
                    let stream = UnixStream::connect(path).await?;
                    let uid = stream.peer_cred()?.uid();
                    (Box::new(stream) as Box<dyn Wire>, Some(uid))
                }
                Self::Tcp { host, port } => {
                    let stream = TcpStream::connect((host.as_str(), *port)).await?;
                    stream.set_nodelay(true)?;
                    (Box::new(stream) as Box<dyn Wire>, None)
                }
            })
        };
        tokio::time::timeout(CONNECT_TIMEOUT, connecting)
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// A sentence on why connecting failed, with what to do about it.
    pub(crate) fn explain(&self, error: &io::Error) -> String {
        use io::ErrorKind as Kind;
        match (self, error.kind()) {
            (Self::Unix(_), Kind::NotFound) => "There is no socket at this path: no engine is running there.".into(),
            (Self::Unix(_), Kind::ConnectionRefused) => {
                "The socket exists, but no engine listens on it: start it, with `systemctl start docker` for one."
                    .into()
            }
            (Self::Unix(_), Kind::PermissionDenied) => "This user may not open the socket: add the user to the \
                 docker group and log in again, or run MiniMan as root."
                .into(),
            (Self::Tcp { .. }, Kind::ConnectionRefused) => {
                "Nothing listens at this address: check the port and that the engine serves tcp://.".into()
            }
            (_, Kind::TimedOut) => {
                format!("No answer within {} s: check the address and the firewall.", CONNECT_TIMEOUT.as_secs())
            }
            _ => format!("Connecting failed: {error}."),
        }
    }

    /// The value of the `Host` header; a unix socket has none, and any will do.
    pub(crate) fn http_host(&self) -> String {
        match self {
            Self::Unix(_) => "docker".into(),
            Self::Tcp { host, port } if host.contains(':') => format!("[{host}]:{port}"),
            Self::Tcp { host, port } => format!("{host}:{port}"),
        }
    }
}

pub(crate) const TLS_UNSUPPORTED: &str =
    "Engines over TLS are not supported yet: use a unix socket, or tcp:// on a network that you trust.";

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { .. } => write!(f, "tcp://{}", self.http_host()),
        }
    }
}

fn unix(path: &str) -> Result<Endpoint, String> {
    match path {
        "" => Ok(Endpoint::Unix("/var/run/docker.sock".into())),
        path if path.starts_with('/') => Ok(Endpoint::Unix(path.into())),
        _ => Err("A unix:// address needs an absolute path: unix:///var/run/docker.sock.".into()),
    }
}

fn tcp(address: &str) -> Result<Endpoint, String> {
    let wrong = || "A tcp:// address is a host and a port: tcp://192.0.2.7:2375.".to_owned();
    let address = address.strip_suffix('/').unwrap_or(address);
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or_else(wrong)?,
        None => address.find(':').map_or((address, ""), |at| address.split_at(at)),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().map_err(|_| wrong())?,
        None if port.is_empty() => TCP_PORT_DEFAULT,
        None => return Err(wrong()),
    };
    let host_char = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_' | ':' | '%');
    if host.is_empty() || host.starts_with('-') || !host.chars().all(host_char) {
        return Err(wrong());
    }
    Ok(Endpoint::Tcp { host: host.to_owned(), port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_docker_cli_reads_them() {
        let check =
            |text: &str, shown: &str| assert_eq!(Endpoint::parse(text).unwrap().to_string(), shown, "{text}");
        check("unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock");
        check("unix://", "unix:///var/run/docker.sock");
        check("/tmp/d.sock", "unix:///tmp/d.sock");
        check("tcp://127.0.0.1:2376", "tcp://127.0.0.1:2376");
        check("tcp://build.example", "tcp://build.example:2375");
        check("tcp://[::1]:1234/", "tcp://[::1]:1234");
        check("localhost:2375", "tcp://localhost:2375");
    }

    #[test]
    fn what_is_not_supported_is_told() {
        let check = |text: &str, part: &str| {
            let error = Endpoint::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        };
        check("ssh://-oProxyCommand=sh", "refused");
        check("ssh://user@host", "ssh:// are not supported");
        check("https://host:2376", "TLS");
        check("npipe:////./pipe/docker_engine", "Windows");
        check("unix://relative.sock", "absolute");
        check("fd://", "unix:// or tcp://");
        for text in
            ["tcp://", "tcp://host:port", "tcp://ho st:1", "tcp://[::1", "tcp://host:1/path", "tcp://-x:1"]
        {
            check(text, "host and a port");
        }
    }
}
