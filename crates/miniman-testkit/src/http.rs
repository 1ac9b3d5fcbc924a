//! HTTP by hand: a request a connection, as little as tests need and nothing that a client library would smooth over.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

/// No answer lets the client wait this long between two bytes.
const READ_LIMIT: Duration = Duration::from_secs(60);

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn get(path: &str) -> Request {
        Request::new("GET", path)
    }

    pub fn post(path: &str) -> Request {
        Request::new("POST", path)
    }

    pub fn new(method: &'static str, path: &str) -> Request {
        Request { method, path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn accept(self, kind: &str) -> Request {
        self.header("accept", kind)
    }

    /// With an API token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Request {
        self.header("authorization", &format!("Bearer {token}"))
    }

    #[must_use]
    pub fn json(mut self, body: &Value) -> Request {
        self.body = body.to_string().into_bytes();
        self.header("content-type", "application/json")
    }

    /// Whether it says who asks.
    pub(crate) fn has_credentials(&self) -> bool {
        self.headers.iter().any(|(name, _)| name == "authorization" || name == "cookie")
    }

    /// Sends it, and reads the whole answer.
    ///
    /// # Errors
    /// When there is no whole answer; any status is one.
    pub fn send(self, address: SocketAddr) -> Result<Answer> {
        let (mut answer, mut rest) = self.begin(address)?;
        rest.read_to_end(&mut answer.body).context("read the body")?;
        Ok(answer)
    }

    /// Sends it, and reads status and headers; the body is still to be read.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn begin(self, address: SocketAddr) -> Result<(Answer, BufReader<TcpStream>)> {
        let mut stream = TcpStream::connect(address).context("connect")?;
        stream.set_read_timeout(Some(READ_LIMIT)).context("set a timeout")?;
        // With HTTP/1.0 a body ends with its connection, so no chunks have to be put together.
        let mut head = format!("{} {} HTTP/1.0\r\nhost: {address}\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("content-length: {}\r\n\r\n", self.body.len());
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&self.body)).context("send")?;
        let mut reader = BufReader::with_capacity(256 * 1024, stream);
        let status_line = read_line(&mut reader)?;
        let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("read the status in {status_line:?}"))?;
        let mut headers = Vec::new();
        loop {
            let line = read_line(&mut reader)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok((Answer { status, headers, body: Vec::new() }, reader))
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All of that name.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// # Errors
    /// When the body is no JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("{}: {}", self.status, self.text()))
    }
}

fn read_line(reader: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line).context("read the head")?;
    Ok(line.trim_end().to_owned())
}
