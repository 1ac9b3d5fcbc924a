//! Delivery with real logs, a roster that the test turns, and sockets that nobody but the test reads.

mod batches;
mod dialogue;
mod door;
mod rights;
mod rooms;

use std::sync::Arc;

use miniman_engine::{ContainerState, EngineName};
use miniman_hub::{Change, Entry, Roster, SourceState};
use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};
use serde_json::Value;
use tokio::sync::{broadcast, watch};

use crate::access::Housekeeping;
use crate::socket_io::Socket;
use crate::testing::TestServer;

use super::Delivery;
use super::member::Member;

/// A server's delivery, turned by hand.
pub(super) struct House {
    pub(super) server: TestServer,
    pub(super) delivery: Arc<Delivery>,
    roster: watch::Sender<Arc<Roster>>,
    pub(super) changes: broadcast::Sender<Arc<Change>>,
}

impl House {
    pub(super) fn new() -> Self {
        let server = TestServer::set_up();
        let (roster, roster_seen) = watch::channel(Arc::new(Roster::default()));
        let (changes, changes_seen) = broadcast::channel(16);
        let delivery = Delivery::new(server.state.clone(), roster_seen, changes_seen);
        Self { server, delivery, roster, changes }
    }

    /// A running container of this name; names differ in length, as ids are made from that.
    pub(super) fn container(&self, name: &str) -> Arc<Entry> {
        let entry = self.server.entry(name, |container| {
            container.started_at = Some(Timestamp(1));
            container.image = "busybox:1".to_owned();
        });
        let entry = Arc::new(Entry { source: SourceState::Files { note: None }, ..Entry::clone(&entry) });
        self.put(entry.clone());
        entry
    }

    /// Puts an entry into the roster, in the place of the one with its log.
    pub(super) fn put(&self, entry: Arc<Entry>) {
        self.roster.send_modify(|roster| {
            let others = roster.seen_by(&Housekeeping).filter(|other| other.log.id() != entry.log.id());
            let entries = others.cloned().chain([entry.clone()]).collect();
            *roster = Arc::new(Roster::new(entries, roster.engines.clone(), roster.generation + 1));
        });
    }

    /// The container stops now, with all it wrote in its log.
    pub(super) fn stop(&self, entry: &Entry) -> Arc<Entry> {
        let finished = self.server.clock.now();
        self.change(entry, |container, settled| {
            container.state = ContainerState::Exited;
            container.finished_at = Some(finished);
            *settled = true;
        })
    }

    /// The container starts anew.
    pub(super) fn start(&self, entry: &Entry) -> Arc<Entry> {
        self.change(entry, |container, settled| {
            container.state = ContainerState::Running;
            container.started_at = container.started_at.map(|at| Timestamp(at.0 + 1));
            *settled = false;
        })
    }

    pub(super) fn change(
        &self,
        entry: &Entry,
        change: impl FnOnce(&mut miniman_engine::Container, &mut bool),
    ) -> Arc<Entry> {
        let mut container = miniman_engine::Container::clone(&entry.container);
        let mut entry = entry.clone();
        change(&mut container, &mut entry.settled);
        entry.container = Arc::new(container);
        let entry = Arc::new(entry);
        self.put(entry.clone());
        entry
    }

    pub(super) fn tell(&self, entry: &Entry, action: &'static str, error: Option<&str>) {
        let change = Change {
            engine: EngineName::default(),
            container: entry.container.clone(),
            action,
            timestamp: self.server.clock.now(),
            success: error.is_none(),
            error: error.map(str::to_owned),
        };
        self.changes.send(Arc::new(change)).unwrap();
    }

    /// A connected socket of the admin's.
    pub(super) async fn member(&self) -> Arc<Member> {
        self.member_of("ada").await
    }

    pub(super) async fn member_of(&self, user: &str) -> Arc<Member> {
        let token = self.server.token(user);
        let principal = self.server.state.accounts.authenticate_token(&token).await.unwrap();
        let member = Arc::new(Member::new(Socket::detached(), principal));
        self.delivery.rooms().enter(member.clone());
        member
    }

    pub(super) async fn stream(&self, member: &Arc<Member>, payload: Value) -> Option<Value> {
        self.delivery.stream(member, &payload).await
    }
}

/// Appends lines `name <n>`.
pub(super) fn write(entry: &Entry, lines: std::ops::Range<i64>) {
    write_long(entry, lines, 0);
}

/// The same, each filled up with `more` bytes.
pub(super) fn write_long(entry: &Entry, lines: std::ops::Range<i64>, more: usize) {
    let mut batch = RecordBatch::new();
    for line in lines {
        let body = format!("{} {line}{}", entry.container.name, "x".repeat(more));
        batch.push(Timestamp(line), IoStream::Stdout, Severity::UNSPECIFIED, body.as_bytes(), 0);
    }
    entry.log.append(&batch, None).unwrap();
}

/// An event as `(name, argument)`.
pub(super) fn event(packet: &str) -> (String, Value) {
    let event: Value = serde_json::from_str(packet.strip_prefix("42").unwrap()).unwrap();
    (event[0].as_str().unwrap().to_owned(), event[1].clone())
}

/// The next pull, as events; panics when nothing comes.
pub(super) async fn pull(member: &Member) -> Vec<(String, Value)> {
    let pulled = tokio::time::timeout(std::time::Duration::from_secs(30), member.socket.outbox().pulled());
    pulled.await.expect("something to send").iter().map(|packet| event(packet)).collect()
}

/// Pulls until an event of this name came; gives all.
pub(super) async fn pull_until(member: &Member, name: &str) -> Vec<(String, Value)> {
    let mut events = Vec::new();
    while events.iter().all(|(came, _)| came != name) {
        events.extend(pull(member).await);
    }
    events
}

/// Whether there is nothing to send, now and for a while.
pub(super) async fn is_quiet(member: &Member) -> bool {
    tokio::time::timeout(std::time::Duration::from_secs(10), member.socket.outbox().pulled()).await.is_err()
}

pub(super) fn lines(events: &[(String, Value)]) -> Vec<String> {
    let logs = events.iter().filter(|(name, _)| name == "docker_log");
    logs.map(|(_, log)| log["line"].as_str().unwrap().to_owned()).collect()
}

pub(super) fn numbered(name: &str, lines: std::ops::Range<i64>) -> Vec<String> {
    lines.map(|line| format!("{name} {line}")).collect()
}
