//! A viewer: a WebSocket that speaks Socket.IO's batch protocol as the page does.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use miniman_testkit::MiniMan;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::numbers::{Seen, now_ns};

/// How often a viewer without lines looks whether it should end.
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub(crate) struct Viewer {
    socket: WebSocket<TcpStream>,
}

impl Viewer {
    /// Connects, and follows a container's log from its end.
    pub(crate) fn connect(server: &MiniMan, container: &str) -> Result<Viewer> {
        let stream = TcpStream::connect(server.address())?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", server.address());
        let (socket, _) = tungstenite::client(url, stream).map_err(|error| anyhow::anyhow!("{error}"))?;
        let mut viewer = Viewer { socket };
        viewer.expect("0")?;
        viewer.send(format!("40{}", json!({ "token": server.token() })))?;
        viewer.expect("40")?;
        let view = json!({ "batch": true, "subscription": "bench", "container_id": container, "tail": 0 });
        viewer.send(format!("420{}", json!(["stream_container_logs", view])))?;
        let answer = viewer.expect("430")?;
        if !answer.contains("\"subscription\"") {
            bail!("stream_container_logs: {answer}");
        }
        viewer.socket.get_ref().set_read_timeout(Some(LOOK_EVERY))?;
        Ok(viewer)
    }

    /// Takes lines until `ended`.
    pub(crate) fn read(mut self, ended: &AtomicBool) -> Result<Seen> {
        let mut seen = Seen::default();
        while !ended.load(Ordering::Relaxed) {
            let message = match self.socket.read() {
                Ok(message) => message,
                Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    continue;
                }
                Err(error) => return Err(error).context("read the socket"),
            };
            let at = now_ns();
            let Message::Text(text) = message else { continue };
            if text.as_str() == "2" {
                self.send("3".to_owned())?;
            } else if let Some(event) = text.strip_prefix("42") {
                self.event(&serde_json::from_str(event)?, at, &mut seen)?;
            }
        }
        Ok(seen)
    }

    fn event(&mut self, event: &Value, at: u64, seen: &mut Seen) -> Result<()> {
        match event[0].as_str() {
            Some("log_batch") => {
                // First the acknowledgement: the page too sends it before it draws.
                let ack = json!(["log_ack", { "subscription": "bench", "cursor": event[1]["last"] }]);
                self.send(format!("42{ack}"))?;
                for record in event[1]["records"].as_array().context("read a batch")? {
                    seen.line(record["body"].as_str().unwrap_or_default(), at);
                }
            }
            Some("log_gap") => bail!("a gap: {}", event[1]),
            _ => {}
        }
        Ok(())
    }

    fn send(&mut self, text: String) -> Result<()> {
        self.socket.send(Message::Text(text.into())).context("write to the socket")
    }

    /// The next packet that starts with `prefix`; events in between are dropped.
    fn expect(&mut self, prefix: &str) -> Result<String> {
        loop {
            if let Message::Text(text) = self.socket.read().context("read the socket")? {
                if text.starts_with(prefix) {
                    return Ok(text.as_str().to_owned());
                }
                if text.starts_with("44") {
                    bail!("refused: {text}");
                }
            }
        }
    }
}
