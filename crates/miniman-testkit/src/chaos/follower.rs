//! A client that follows a view all the while: the official one, which reconnects when the server is gone for a while.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::ledger::{Ledger, seq_of};
use crate::{Kind, MiniMan, SocketClient};

/// How long the client waits for something to come before it looks whether it may end.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A started client connects in half a second; a busy machine gets more.
const LIMIT: Duration = Duration::from_secs(120);

/// The view's name on the wire.
const SUBSCRIPTION: &str = "chaos";

/// The last number of each container's log, by the container's id.
pub(super) type Ends = HashMap<String, i64>;

/// A following client, in a thread of its own.
#[derive(Debug)]
pub(super) struct Follower {
    ends: SyncSender<(Ends, Instant)>,
    thread: JoinHandle<Result<HashMap<String, Ledger>>>,
}

impl Follower {
    /// Follows from the first line; `view` selects what, as in `{"container": "web"}`.
    ///
    /// # Errors
    /// When the client does not connect.
    pub(super) fn start(miniman: &MiniMan, view: &Value) -> Result<Follower> {
        let options = json!({
            "auth": {"token": miniman.token()}, "reconnectionDelay": 50, "reconnectionDelayMax": 200
        });
        let client = SocketClient::start(Kind::Node, &miniman.url(), &options)?;
        let (ends, told) = sync_channel(1);
        let mut following =
            Following { client, view: view.clone(), ledgers: HashMap::new(), position: BTreeMap::new() };
        following.view["batch"] = json!(true);
        following.view["subscription"] = json!(SUBSCRIPTION);
        following.client.until(LIMIT, |told| told.get("connect").map(|_| ()))?;
        following.client.acknowledge_batches()?;
        following.subscribe()?;
        let thread = std::thread::spawn(move || following.read(&told));
        Ok(Follower { ends, thread })
    }

    /// Reads on until the client has come to these ends, or `limit` has passed; gives what it got of each container.
    ///
    /// # Errors
    /// When the client ended by itself.
    pub(super) fn finish(self, ends: Ends, limit: Duration) -> Result<HashMap<String, Ledger>> {
        // A client that has ended says so below.
        self.ends.send((ends, Instant::now() + limit)).ok();
        let joined = self.thread.join();
        joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic)).context("follow")
    }
}

struct Following {
    client: SocketClient,
    view: Value,
    ledgers: HashMap<String, Ledger>,
    /// Behind which number of which log the client is, as cursors say it.
    position: BTreeMap<u64, i64>,
}

impl Following {
    /// Asks for the view, behind what came already; again while the server does not know the containers yet.
    fn subscribe(&mut self) -> Result<()> {
        if !self.position.is_empty() {
            let position = self.position.iter().map(|(log, seq)| format!("{log}:{seq}"));
            self.view["after"] = json!(position.collect::<Vec<_>>().join(","));
        }
        let deadline = Instant::now() + LIMIT;
        loop {
            let answer = self.client.ask_while_connected("stream_container_logs", &self.view, LIMIT)?;
            // Killed again meanwhile: it asks anew with the next connection.
            let Some(answer) = answer else { return Ok(()) };
            if answer.get("error").is_none() {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "stream_container_logs: {answer}");
            std::thread::park_timeout(LOOK_EVERY);
        }
    }

    fn read(mut self, told: &Receiver<(Ends, Instant)>) -> Result<HashMap<String, Ledger>> {
        let mut end = None;
        loop {
            if end.is_none() {
                end = match told.try_recv() {
                    Ok(ends) => Some(ends),
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => bail!("nobody waits for it any more"),
                };
            }
            if let Some((ends, deadline)) = &end
                && (self.has_come_to(ends) || Instant::now() >= *deadline)
            {
                return Ok(self.ledgers);
            }
            if let Some(event) = self.client.try_next(LOOK_EVERY)? {
                self.take(&event)?;
            }
        }
    }

    fn has_come_to(&self, ends: &Ends) -> bool {
        ends.iter()
            .all(|(id, end)| self.ledgers.get(id).and_then(Ledger::last_seq).is_some_and(|last| last >= *end))
    }

    fn take(&mut self, told: &Value) -> Result<()> {
        if told.get("connect").is_some() {
            return self.subscribe();
        }
        let argument = &told["args"][0];
        match told["event"].as_str() {
            Some("log_batch") => {
                for record in argument["records"].as_array().context("read a batch")? {
                    self.ledger(record).record(record);
                }
                self.go_to(argument["last"].as_str());
            }
            Some("log_gap") => {
                self.ledger(argument).gap(argument);
                self.go_to(argument["to"].as_str());
            }
            _ => {}
        }
        Ok(())
    }

    fn ledger(&mut self, row: &Value) -> &mut Ledger {
        let id = row["container_id"].as_str().unwrap_or_default();
        self.ledgers.entry(id.to_owned()).or_insert_with(|| Ledger::new(&format!("delivered of {:.12}", id)))
    }

    fn go_to(&mut self, cursor: Option<&str>) {
        for part in cursor.unwrap_or_default().split(',') {
            let log = part.split(':').next().and_then(|log| log.parse().ok());
            if let (Some(log), Some(seq)) = (log, seq_of(part)) {
                self.position.insert(log, seq);
            }
        }
    }
}
