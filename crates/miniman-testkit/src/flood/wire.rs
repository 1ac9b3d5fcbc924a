//! Connections from any address of the loopback network, and as much of HTTP and WebSocket as a flood needs.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::net::{AddressFamily, SocketFlags, SocketType};

/// Nothing that is answered at all takes this long.
const READ_LIMIT: Duration = Duration::from_secs(60);

/// Where the healthy user comes from.
pub(super) const HOME: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// The `number`th of those who flood.
pub(super) fn stranger(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, 1 + (number % 250) as u8)
}

pub(super) fn connect(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket =
        rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    rustix::net::bind(&socket, &SocketAddrV4::new(from, 0))?;
    rustix::net::connect(&socket, &to)?;
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(READ_LIMIT))?;
    Ok(stream)
}

/// Whether the other end has closed. What it said before is thrown away.
pub(super) fn is_closed(mut stream: &TcpStream) -> bool {
    let mut rest = || {
        stream.set_nonblocking(true)?;
        let read = io::copy(&mut stream, &mut io::sink());
        stream.set_nonblocking(false)?;
        read
    };
    match rest() {
        Ok(_) => true,
        Err(error) => error.kind() != io::ErrorKind::WouldBlock,
    }
}

/// A connection that is asked again and again.
pub(super) struct Asking {
    reader: BufReader<TcpStream>,
    address: SocketAddr,
}

impl Asking {
    pub(super) fn open(from: Ipv4Addr, address: SocketAddr) -> io::Result<Asking> {
        Ok(Asking { reader: BufReader::new(connect(from, address)?), address })
    }

    /// The status of a whole answer.
    pub(super) fn get(&mut self, path: &str, token: &str) -> Result<u16> {
        let head =
            format!("GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\r\n", self.address);
        self.reader.get_ref().write_all(head.as_bytes()).context("ask")?;
        self.answer()
    }

    /// The status of a whole answer to a body of JSON.
    pub(super) fn post(&mut self, path: &str, body: &str) -> Result<u16> {
        let head = post(self.address, path, body);
        self.reader.get_ref().write_all(head.as_bytes()).context("ask")?;
        self.answer()
    }

    fn answer(&mut self) -> Result<u16> {
        let (status, length) = read_head(&mut self.reader)?;
        io::copy(&mut (&mut self.reader).take(length), &mut io::sink()).context("read the body")?;
        Ok(status)
    }
}

pub(super) fn post(address: SocketAddr, path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Status and length of the body.
pub(super) fn read_head(reader: &mut impl BufRead) -> Result<(u16, u64)> {
    let (mut line, mut status, mut length) = (String::new(), None, 0);
    loop {
        line.clear();
        if reader.read_line(&mut line).context("read the head")? == 0 {
            bail!("closed without an answer");
        }
        let text = line.trim_end();
        if status.is_none() {
            let code = text.split(' ').nth(1).and_then(|code| code.parse().ok());
            status = Some(code.with_context(|| format!("read the status in {text:?}"))?);
        } else if let Some((name, value)) = text.split_once(':') {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().context("read the length")?;
            }
        } else {
            return Ok((status.unwrap_or_default(), length));
        }
    }
}

/// A WebSocket that speaks Socket.IO. Its frames are masked with zeroes, which the protocol allows.
pub(super) struct Socket {
    reader: BufReader<TcpStream>,
}

impl Socket {
    /// Without a token it is open and nobody's.
    ///
    /// # Errors
    /// When it is refused, on whichever layer.
    pub(super) fn open(from: Ipv4Addr, address: SocketAddr, token: Option<&str>) -> Result<Socket> {
        let stream = connect(from, address).context("connect")?;
        let head = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        (&stream).write_all(head.as_bytes()).context("upgrade")?;
        let mut socket = Socket { reader: BufReader::new(stream) };
        let (status, _) = read_head(&mut socket.reader)?;
        if status != 101 {
            bail!("the upgrade is answered with {status}");
        }
        socket.expect("0")?;
        if let Some(token) = token {
            socket.send(&format!("40{{\"token\":\"{token}\"}}"))?;
            socket.expect("40")?;
        }
        Ok(socket)
    }

    pub(super) fn stream(&self) -> &TcpStream {
        self.reader.get_ref()
    }

    pub(super) fn send(&self, text: &str) -> Result<()> {
        self.stream().write_all(&frame(text)).context("send")
    }

    /// The next packet that starts with this; a refusal and the end are errors.
    pub(super) fn expect(&mut self, start: &str) -> Result<()> {
        loop {
            let text = self.read()?;
            if text.starts_with(start) {
                return Ok(());
            }
            if text == "2" {
                self.send("3")?;
            }
            if text.starts_with("44") {
                bail!("refused: {text}");
            }
        }
    }

    /// The next packet.
    pub(super) fn read(&mut self) -> Result<String> {
        let mut head = [0; 2];
        self.reader.read_exact(&mut head).context("read a frame")?;
        let length = match head[1] {
            126 => {
                let mut length = [0; 2];
                self.reader.read_exact(&mut length).context("read a frame")?;
                usize::from(u16::from_be_bytes(length))
            }
            short @ ..126 => usize::from(short),
            _ => bail!("a frame of a length that nothing here has"),
        };
        let mut payload = vec![0; length];
        self.reader.read_exact(&mut payload).context("read a frame")?;
        if head[0] != 0x81 {
            bail!("closed");
        }
        String::from_utf8(payload).context("read a frame")
    }
}

/// A text's frame.
pub(super) fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u8::try_from(text.len()) {
        Ok(short @ ..126) => frame.push(0x80 | short),
        _ => {
            let length = u16::try_from(text.len()).expect("a flood's messages are short");
            frame.push(0x80 | 126);
            frame.extend_from_slice(&length.to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    frame
}
