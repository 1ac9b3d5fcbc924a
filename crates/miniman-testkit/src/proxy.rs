//! A small HTTP proxy: what stands between MiniMan and an engine's socket, or between people and MiniMan.
//!
//! It reads the head of each request, lets a rule look at it, change it or refuse it, and passes the bytes that follow on
//! as they are. A connection carries one request: whoever is refused nothing can hide a second one behind the first.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result};

/// Bytes of a head; what tests send is far below.
const HEAD_BYTES_MAX: u64 = 64 * 1024;

/// Where requests that pass go.
#[derive(Clone, Debug)]
pub enum Upstream {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

/// The head of a request, on its way.
#[derive(Clone, Debug)]
pub struct Head {
    pub method: String,
    /// Path and query.
    pub target: String,
    headers: Vec<(String, String)>,
}

/// A running proxy on a port that the system chose. Dropping it closes the port; what is under way goes on.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

/// Whether a request may pass; it may be changed on the way.
type Rule = dyn Fn(&mut Head) -> bool + Send + Sync;

struct Shared {
    upstream: Upstream,
    rule: Box<Rule>,
    stopped: AtomicBool,
    /// What was asked for, and whether it passed: as many as a test asks.
    asked: Mutex<Vec<(String, bool)>>,
}

impl Proxy {
    /// Starts one on 127.0.0.1.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start(
        upstream: Upstream,
        rule: impl Fn(&mut Head) -> bool + Send + Sync + 'static,
    ) -> Result<Proxy> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("bind the proxy")?;
        let address = listener.local_addr().context("ask for the proxy's port")?;
        let (stopped, asked) = (AtomicBool::new(false), Mutex::default());
        let shared = Arc::new(Shared { upstream, rule: Box::new(rule), stopped, asked });
        let accepting = {
            let shared = shared.clone();
            std::thread::spawn(move || shared.accept(&listener))
        };
        Ok(Proxy { address, shared, accepting: Some(accepting) })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Each request so far as `GET /path?query`, before the rule changed it, and whether it passed.
    pub fn asked(&self) -> Vec<(String, bool)> {
        self.shared.asked().clone()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        // It waits for a connection: this is one.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            accepting.join().ok();
        }
    }
}

impl Head {
    /// The first of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
        self.headers.iter().find(named).map(|(_, value)| value.as_str())
    }

    /// Takes every header of that name away.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Puts one header in the place of all of that name.
    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// `None` when the connection ends before there is one.
    fn read(client: &mut impl BufRead) -> io::Result<Option<Head>> {
        let mut client = client.take(HEAD_BYTES_MAX);
        let line = line(&mut client)?;
        let mut words = line.split(' ').map(str::to_owned);
        let (Some(method), Some(target), Some(_)) = (words.next(), words.next(), words.next()) else {
            return Ok(None);
        };
        let mut headers = Vec::new();
        loop {
            let line = self::line(&mut client)?;
            match line.split_once(':') {
                Some((name, value)) => headers.push((name.to_owned(), value.trim().to_owned())),
                None if line.is_empty() => return Ok(Some(Head { method, target, headers })),
                None => return Err(io::Error::other(format!("{line:?} is no header"))),
            }
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        (head + "\r\n").into_bytes()
    }
}

fn line(client: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    client.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

impl Shared {
    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming() {
            if self.stopped.load(Ordering::Acquire) {
                return;
            }
            let shared = self.clone();
            std::thread::spawn(move || {
                // Either end may go at any moment; the other one learns of it by the end of its connection.
                client.and_then(|client| shared.pass(client)).ok();
            });
        }
    }

    fn pass(&self, client: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(client.try_clone()?);
        let Some(mut head) = Head::read(&mut reader)? else { return Ok(()) };
        let asked = format!("{} {}", head.method, head.target);
        let passes = (self.rule)(&mut head);
        self.asked().push((asked, passes));
        if !passes {
            return refuse(client);
        }
        if head.header("upgrade").is_none() {
            head.set("Connection", "close");
        }
        match &self.upstream {
            Upstream::Unix(path) => {
                let upstream = UnixStream::connect(path)?;
                let (up, stop) = (upstream.try_clone()?, upstream.try_clone()?);
                carry(&head, reader, client, upstream, up, || stop.shutdown(Shutdown::Both))
            }
            Upstream::Tcp(address) => {
                let upstream = TcpStream::connect(address)?;
                let (up, stop) = (upstream.try_clone()?, upstream.try_clone()?);
                carry(&head, reader, client, upstream, up, || stop.shutdown(Shutdown::Both))
            }
        }
    }

    fn asked(&self) -> MutexGuard<'_, Vec<(String, bool)>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes on what comes from either side, until the upstream has said all, or the client is gone.
fn carry(
    head: &Head,
    mut from_client: BufReader<TcpStream>,
    mut client: TcpStream,
    mut from_upstream: impl Read,
    mut upstream: impl Write + Send,
    stop: impl FnOnce() -> io::Result<()> + Send,
) -> io::Result<()> {
    upstream.write_all(&head.bytes())?;
    let client_end = client.try_clone()?;
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // The client has left, or has been told that it is over; so is what it asked for.
            io::copy(&mut from_client, &mut upstream).and_then(|_| stop()).ok();
        });
        let copied = io::copy(&mut from_upstream, &mut client);
        client_end.shutdown(Shutdown::Both)?;
        copied.map(drop)
    })
}

fn refuse(mut client: TcpStream) -> io::Result<()> {
    let body = "{\"message\":\"the proxy does not allow this\"}";
    let length = body.len();
    client.write_all(
        format!(
            "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        )
        .as_bytes(),
    )?;
    client.shutdown(Shutdown::Write)
}
