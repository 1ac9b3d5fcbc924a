//! One GET over plain HTTP/1.1, read as it comes.
//!
//! By hand: it needs no runtime, and one request with `Connection: close` is all there is. An answer that ends before its
//! end is an error, so that half a log never looks whole.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use anyhow::{Context, bail};

use crate::command::health::{Stream, reachable, secured};
use crate::config::Config;

/// Longest line of the answer's head or of a chunk's length.
const HEAD_LINE_BYTES_MAX: u64 = 16 << 10;
/// Lines of the answer's head.
const HEAD_LINES_MAX: usize = 100;
/// What is read at once.
const PIECE_BYTES: usize = 64 << 10;
/// Longest error body that is looked at.
const PROBLEM_BYTES_MAX: u64 = 64 << 10;

/// A body being read.
#[derive(Debug)]
pub(super) struct Answer<R = Box<dyn Stream>> {
    stream: BufReader<R>,
    /// What is left of the present chunk.
    left: u64,
    chunked: bool,
    ended: bool,
    piece: Vec<u8>,
}

/// A connection to a server that nothing was asked of yet.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    authority: String,
}

impl Connection {
    /// To a server that speaks plain HTTP.
    ///
    /// # Errors
    /// When there is no connection: an [`std::io::Error`] is at the root of it.
    pub(super) fn open(server: &str) -> anyhow::Result<Self> {
        let Some(authority) = server.strip_prefix("http://") else {
            bail!("only http:// is spoken here; for a server behind TLS use curl, or a tunnel (ssh -L)");
        };
        let address = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        let stream = TcpStream::connect(&address).with_context(|| format!("connect to {address}"))?;
        Ok(Self { stream: Box::new(stream), authority: authority.to_owned() })
    }

    /// To the server that this configuration describes.
    ///
    /// # Errors
    /// As [`Connection::open`].
    pub(super) fn open_own(config: &Config) -> anyhow::Result<Self> {
        let address = reachable(config.listen);
        let stream = TcpStream::connect(address).with_context(|| format!("connect to {address}"))?;
        Ok(Self { stream: secured(stream, config)?, authority: address.to_string() })
    }

    /// Sends the request and reads the head of the answer.
    ///
    /// # Errors
    /// With the server's own words when it refuses.
    pub(super) fn get(mut self, path: &str, token: &str) -> anyhow::Result<Answer> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!("the token is empty or holds what no token holds");
        }
        let authority = &self.authority;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).context("send the request")?;
        Answer::read(self.stream)
    }
}

impl<R: Read> Answer<R> {
    fn read(stream: R) -> anyhow::Result<Self> {
        let mut stream = BufReader::with_capacity(PIECE_BYTES, stream);
        let status = head_line(&mut stream)?;
        let (mut length, mut chunked) = (u64::MAX, false);
        for count in 0.. {
            let line = head_line(&mut stream)?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if count >= HEAD_LINES_MAX {
                bail!("the answer's head does not end");
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().context("read the answer's length")?;
            } else if let Some(value) = line.strip_prefix("transfer-encoding:") {
                chunked = value.trim() == "chunked";
            }
        }
        let left = if chunked { 0 } else { length };
        let answer = Self { stream, left, chunked, ended: left == 0 && !chunked, piece: Vec::new() };
        match status.split(' ').nth(1) {
            Some("200") => Ok(answer),
            Some(code) => bail!("{}", answer.problem(code)),
            None => bail!("that is no HTTP server"),
        }
    }

    /// What comes next; `None` at the end.
    pub(super) fn next_piece(&mut self) -> anyhow::Result<Option<&[u8]>> {
        if self.chunked && self.left == 0 && !self.ended {
            let length = head_line(&mut self.stream)?;
            let digits = length.split(';').next().unwrap_or_default().trim();
            self.left = u64::from_str_radix(digits, 16).context("read a chunk's length")?;
            self.ended = self.left == 0;
        }
        if self.ended {
            return Ok(None);
        }
        let most = usize::try_from(self.left).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        self.piece.resize(most, 0);
        let read = self.stream.read(&mut self.piece).context("read the answer")?;
        // Without a length the connection's end is the body's.
        if read == 0 && self.left == u64::MAX && !self.chunked {
            self.ended = true;
            return Ok(None);
        }
        if read == 0 {
            bail!("the server ended the answer before its end");
        }
        self.left -= if self.left == u64::MAX { 0 } else { read as u64 };
        if self.left == 0 {
            if self.chunked {
                head_line(&mut self.stream)?;
            } else {
                self.ended = true;
            }
        }
        Ok(Some(&self.piece[..read]))
    }

    /// The server's words for why not.
    fn problem(mut self, code: &str) -> String {
        let mut body = Vec::new();
        while let Ok(Some(piece)) = self.next_piece() {
            body.extend_from_slice(piece);
            if body.len() as u64 > PROBLEM_BYTES_MAX {
                break;
            }
        }
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        match problem["detail"].as_str() {
            Some(detail) => detail.to_owned(),
            None => format!("the server answered {code}"),
        }
    }
}

/// One line, without its end.
fn head_line(stream: &mut impl BufRead) -> anyhow::Result<String> {
    let mut line = Vec::new();
    stream.take(HEAD_LINE_BYTES_MAX).read_until(b'\n', &mut line).context("read the answer")?;
    if line.pop() != Some(b'\n') {
        bail!("the server ended the answer before its end");
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line).context("read the answer")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body, or the error's words.
    fn check(answer: &str, expected: Result<&str, &str>) {
        let read = || {
            let mut answer = Answer::read(answer.as_bytes())?;
            let mut body = Vec::new();
            while let Some(piece) = answer.next_piece()? {
                body.extend_from_slice(piece);
            }
            anyhow::Ok(String::from_utf8(body)?)
        };
        let read = read().map_err(|error| error.to_string());
        assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned), "{answer}");
    }

    #[test]
    fn bodies_are_read_to_their_end() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\none\n", Ok("one\n"));
        check("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Ok(""));
        check("HTTP/1.1 200 OK\r\n\r\nall of it", Ok("all of it"));
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n";
        check(chunked, Ok("one\n0123456789"));
        check(&chunked.replace("\r\n0\r\n\r\n", "\r\n0\r\n"), Ok("one\n0123456789"));
    }

    #[test]
    fn an_answer_that_was_cut_is_an_error() {
        let cut = Err("the server ended the answer before its end");
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n", cut);
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\non", cut);
        check("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\none\n", cut);
        check("HTTP/1.1 200 OK\r\nContent-", cut);
    }

    #[test]
    fn a_refusal_says_why_in_the_servers_words() {
        check(
            "HTTP/1.1 404 Not Found\r\nContent-Length: 30\r\n\r\n{\"detail\":\"no such container\"}",
            Err("no such container"),
        );
        check("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nnope", Err("the server answered 502"));
        check("SSH-2.0-OpenSSH_9.2\r\n\r\n", Err("that is no HTTP server"));
    }
}
