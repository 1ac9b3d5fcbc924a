//! `miniman health`: for container health checks.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};
use miniman_server::connect_pinned;

use crate::config::Config;

/// Long enough for a busy machine, shorter than any orchestrator's patience.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Succeeds when the server that this configuration describes answers.
pub(crate) fn run(config: &Config) -> anyhow::Result<()> {
    let address = reachable(config.listen);
    let stream =
        TcpStream::connect_timeout(&address, TIMEOUT).with_context(|| format!("connect to {address}"))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let mut stream = secured(stream, config)?;
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut status = [0; 12];
    stream.read_exact(&mut status).context("read the answer")?;
    if &status != b"HTTP/1.1 200" {
        bail!("{address} answered {:?}", String::from_utf8_lossy(&status));
    }
    Ok(())
}

/// By TLS where the server speaks it, trusting the very certificate that it was given.
pub(super) fn secured(stream: TcpStream, config: &Config) -> anyhow::Result<Box<dyn Stream>> {
    Ok(match &config.doors.tls {
        Some(pair) => Box::new(
            connect_pinned(stream, &pair.certificate)
                .with_context(|| format!("read {}", pair.certificate.display()))?,
        ),
        None => Box::new(stream),
    })
}

/// TCP, or TLS over it.
pub(super) trait Stream: Read + Write + std::fmt::Debug {}

impl<S: Read + Write + std::fmt::Debug> Stream for S {}

/// An address to connect to for one to listen on: all addresses include the loopback.
pub(super) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
