//! Asking a running MiniMan for a lot over HTTP, and reading output by the megabyte.

use std::io::{BufRead, Read};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use miniman_testkit::{MiniMan, PrivateDocker, Request};

/// Gives out an answer's body as it comes.
pub(crate) fn count_answer_lines(miniman: &MiniMan, path: &str, accept: &str) -> Result<u64> {
    let request = Request::get(path).accept(accept).bearer(miniman.token());
    let (answer, mut body) = request.begin(miniman.address())?;
    ensure!(answer.status == 200, "{path}: {}", answer.status);
    let mut lines = 0;
    loop {
        let bytes = body.fill_buf()?;
        if bytes.is_empty() {
            return Ok(lines);
        }
        lines += newlines(bytes);
        let length = bytes.len();
        body.consume(length);
    }
}

/// The process id of the private daemon.
pub(crate) fn daemon_pid(docker: &PrivateDocker) -> Result<u32> {
    let text = std::fs::read_to_string(docker.dir().join("dockerd.pid")).context("read dockerd's id")?;
    text.trim().parse().context("read dockerd's id")
}

/// Reads a child's output to its end, counting lines.
pub(crate) fn count_lines(mut output: impl Read) -> Result<u64> {
    let mut buffer = vec![0; 256 * 1024];
    let mut lines = 0;
    loop {
        match output.read(&mut buffer)? {
            0 => return Ok(lines),
            length => lines += newlines(&buffer[..length]),
        }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// A stand-in for `?` where a thread may have panicked.
pub(crate) fn joined<T>(result: thread::Result<Result<T>>) -> Result<T> {
    match result {
        Ok(value) => value,
        Err(_) => bail!("a reader's thread panicked"),
    }
}
