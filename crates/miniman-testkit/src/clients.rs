//! The official Socket.IO clients, unchanged: `socket.io-client` under Node.js and `python-socketio`, each in a process
//! of its own that is driven by lines of JSON (`clients/client.mjs` says which).

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// Events that wait for the test to take them: 4,096 × at most 130 KB of a batch. Behind them the client stops reading.
const WAITING_MAX: usize = 4_096;

/// What an error shows of what came instead: the last of it, and the start of each.
const SHOWN_MAX: usize = 8;
const SHOWN_BYTES_MAX: usize = 300;

/// Which client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `socket.io-client` from npm.
    Node,
    /// `python-socketio` from PyPI. It runs each handler in a thread of its own, so events that follow each other
    /// closely may be told in another order than they came in.
    Python,
}

/// A connected (or refused) client.
#[derive(Debug)]
pub struct SocketClient {
    child: Child,
    stdin: ChildStdin,
    told: Receiver<String>,
}

impl SocketClient {
    /// Starts a client with an API token, and waits for its connection.
    ///
    /// # Errors
    /// When the client is not installed (the text is what to run), or is refused.
    pub fn connect(kind: Kind, url: &str, token: &str, limit: Duration) -> Result<SocketClient> {
        let options = json!({ "auth": { "token": token }, "reconnection": false });
        let client = SocketClient::start(kind, url, &options)?;
        let first = client.next(limit)?;
        ensure!(first.get("connect").is_some(), "{first}");
        Ok(client)
    }

    /// Starts a client with any options: what `io()` takes, and `headers`.
    ///
    /// # Errors
    /// When the client is not installed; the text is what to run.
    pub fn start(kind: Kind, url: &str, options: &Value) -> Result<SocketClient> {
        let mut child = command(kind)?
            .arg(url)
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("start the {kind:?} client"))?;
        let stdin = child.stdin.take().expect("its input was asked to be a pipe");
        let stdout = BufReader::new(child.stdout.take().expect("its output was asked to be a pipe"));
        let (tell, told) = sync_channel(WAITING_MAX);
        std::thread::spawn(move || forward(stdout, &tell));
        Ok(SocketClient { child, stdin, told })
    }

    /// Sends an event with one argument.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn emit(&mut self, event: &str, argument: &Value) -> Result<()> {
        self.order(&json!({ "emit": event, "args": [argument] }))
    }

    /// Sends an event with one argument, and waits for its acknowledgement, which must be the next thing to come but
    /// for other events; those are dropped.
    ///
    /// # Errors
    /// When none comes in time.
    pub fn ask(&mut self, event: &str, argument: &Value, limit: Duration) -> Result<Value> {
        self.order(&json!({ "emit": event, "args": [argument], "ack": true }))?;
        let found = self.until(limit, |told| (told["ack"] == event).then(|| told["args"][0].clone()));
        found.with_context(|| format!("ask {event}"))
    }

    /// As [`SocketClient::ask`]; `None` when the connection ends before there is an answer.
    ///
    /// # Errors
    /// When nothing of both comes in time.
    pub fn ask_while_connected(
        &mut self,
        event: &str,
        argument: &Value,
        limit: Duration,
    ) -> Result<Option<Value>> {
        self.order(&json!({ "emit": event, "args": [argument], "ack": true }))?;
        let found = self.until(limit, |told| {
            let answer = (told["ack"] == event).then(|| Some(told["args"][0].clone()));
            answer.or_else(|| told.get("disconnect").map(|_| None))
        });
        found.with_context(|| format!("ask {event}"))
    }

    /// Acknowledges each `log_batch` from now on.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn acknowledge_batches(&mut self) -> Result<()> {
        self.order(&json!({ "autoack": true }))
    }

    /// Stops or goes on reading the connection, below the client: what a stalled machine does. Node only, and only on
    /// a WebSocket.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn set_reading(&mut self, reading: bool) -> Result<()> {
        self.order(&json!({ "reading": reading }))
    }

    /// Ends the connection as a client does that has seen enough.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn disconnect(&mut self) -> Result<()> {
        self.order(&json!({ "disconnect": true }))
    }

    /// What the client tells next.
    ///
    /// # Errors
    /// When it tells nothing for `limit`, or has ended.
    pub fn next(&self, limit: Duration) -> Result<Value> {
        self.try_next(limit)?.with_context(|| format!("the client told nothing for {limit:?}"))
    }

    /// As [`SocketClient::next`], but nothing for `limit` is no error.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn try_next(&self, limit: Duration) -> Result<Option<Value>> {
        match self.told.recv_timeout(limit) {
            Ok(line) => serde_json::from_str(&line).map(Some).with_context(|| format!("read {line}")),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => bail!("the client has ended"),
        }
    }

    /// Takes what the client tells until `condition` finds something in it; what comes before is dropped.
    ///
    /// # Errors
    /// When that takes longer than `limit`, with the last things that came instead.
    pub fn until<T>(&self, limit: Duration, mut condition: impl FnMut(&Value) -> Option<T>) -> Result<T> {
        let deadline = Instant::now() + limit;
        let mut last = VecDeque::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let told = self.next(left).with_context(|| format!("came instead: {}", shown(&last)))?;
            if let Some(found) = condition(&told) {
                return Ok(found);
            }
            if last.len() == SHOWN_MAX {
                last.pop_front();
            }
            last.push_back(told);
        }
    }

    /// The next event of this name; what comes before is dropped.
    ///
    /// # Errors
    /// As [`SocketClient::until`].
    pub fn event(&self, name: &str, limit: Duration) -> Result<Value> {
        let found = self.until(limit, |told| (told["event"] == name).then(|| told["args"][0].clone()));
        found.with_context(|| format!("wait for {name}"))
    }

    fn order(&mut self, command: &Value) -> Result<()> {
        writeln!(self.stdin, "{command}").context("the client has ended")
    }
}

impl Drop for SocketClient {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("miniman-testkit: a client may be left: {error}");
        }
    }
}

/// Ends with the client's output, or when nobody listens any more.
fn forward(stdout: impl BufRead, tell: &SyncSender<String>) {
    for line in stdout.lines().map_while(Result::ok) {
        if tell.send(line).is_err() {
            return;
        }
    }
}

fn shown(told: &VecDeque<Value>) -> String {
    let texts = told.iter().map(|told| {
        let mut text = told.to_string();
        text.truncate(text.floor_char_boundary(SHOWN_BYTES_MAX));
        text + "\n"
    });
    texts.collect()
}

fn command(kind: Kind) -> Result<Command> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    let installed = |path: PathBuf, how: &str| {
        let shown = dir.display();
        ensure!(path.exists(), "{} is missing; run: cd {shown} && {how}", path.display());
        Ok(())
    };
    let (program, script) = match kind {
        Kind::Node => {
            installed(dir.join("node_modules/socket.io-client"), "npm ci")?;
            (PathBuf::from("node"), "client.mjs")
        }
        Kind::Python => {
            let python = dir.join(".venv/bin/python");
            installed(
                python.clone(),
                "python3 -m venv .venv && .venv/bin/python -m pip install -r requirements.txt",
            )?;
            (python, "client.py")
        }
    };
    let mut command = Command::new(program);
    command.arg(dir.join(script));
    Ok(command)
}
