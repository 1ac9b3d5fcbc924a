//! The pump of a seed-style stream: one container's log as `docker_log` events, paced by the socket.
//!
//! It ends with `docker_log_complete` once the container has stopped and every line was handed over; a restart does
//! not end it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::stream;
use miniman_hub::{Entry, From, Piece, Roster, View, ViewError};
use miniman_store::logs::{Gap, ReadMax};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::access::Housekeeping;
use crate::api::wire::StatusMessage;
use crate::clock::Clock;
use crate::socket_io::{Burst, Source};

use super::payload::{TEXT_BYTES_MAX, shortened};
use super::rooms::NOWHERE;
use super::seed_line::{LineEncoder, StreamLabel};
use super::standing::Standing;

/// Lines in one burst: 256 × ~300 B of keys ≈ 77 KB beside 64 KiB of lines.
const READ_MAX: ReadMax = ReadMax { records: 256, bytes: 64 * 1024 };

/// Whether the pump may hand over more of this entry's log; asked before each burst.
pub(super) type Permit = Box<dyn Fn(&Arc<Entry>) -> Permitted + Send>;

/// What a [`Permit`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permitted {
    Yes,
    /// The container was renamed out of the member's sight: to them it is not there.
    OutOfSight,
    /// The member's rights ended: who ended them tells the client.
    Ended,
}
/// Told once when the stream ended by itself, with the container as it then was.
pub(super) type OnEnd = Box<dyn FnOnce(&Entry) + Send>;

/// See the module's words.
pub(super) struct SeedPump {
    pub(super) label: StreamLabel,
    pub(super) entry: Arc<Entry>,
    pub(super) roster: watch::Receiver<Arc<Roster>>,
    pub(super) clock: Clock,
    pub(super) permit: Permit,
    pub(super) on_end: Option<OnEnd>,
    /// The last seq handed over to this socket, or [`NOWHERE`]: read when the pump is first asked, by when the one it
    /// replaces has handed over its last.
    pub(super) position: Arc<AtomicI64>,
}

/// A pump with what it learned on the way.
struct Running {
    pump: SeedPump,
    view: View,
    encoder: LineEncoder,
    standing: Standing,
    /// When the container's stop is taken as one; `None` while it is not over.
    over_at: Option<Instant>,
}

impl SeedPump {
    /// The source of the pump's packets.
    pub(super) fn into_source(self) -> Source {
        Box::pin(stream::unfold(Progress::New(Box::new(self)), |progress| async move {
            let mut running = match progress {
                Progress::New(pump) => Running::start(*pump),
                Progress::Running(running) => *running,
                Progress::Ended => return None,
            };
            let (burst, goes_on) = running.step().await?;
            let next = if goes_on { Progress::Running(Box::new(running)) } else { Progress::Ended };
            Some((burst, next))
        }))
    }
}

enum Progress {
    New(Box<SeedPump>),
    Running(Box<Running>),
    Ended,
}

impl Running {
    fn start(pump: SeedPump) -> Self {
        let from = match pump.position.load(Ordering::Acquire) {
            NOWHERE => From::Start,
            seq => From::After(seq),
        };
        let view = View::new(pump.roster.clone(), [(pump.entry.log.clone(), from)]);
        let encoder = LineEncoder::new(&pump.label);
        let mut running = Self { pump, view, encoder, standing: Standing::Open, over_at: None };
        running.look();
        running
    }

    /// The next burst, and whether more may follow. `None` when the rights ended.
    async fn step(&mut self) -> Option<(Burst, bool)> {
        loop {
            if self.permitted() == Permitted::OutOfSight {
                return Some((self.end(Some("no such container")), false));
            }
            // Before the end is looked at: only a read makes out where the log starts.
            match self.view.next_now(READ_MAX).await {
                Ok(None) => {}
                Ok(Some(piece)) => return self.if_permitted(|pump| pump.hand_over(Ok(piece))),
                Err(error) => return self.if_permitted(|pump| pump.hand_over(Err(error))),
            }
            if self.view.at_end() && self.is_over() {
                return self.if_permitted(|pump| (pump.end(None), false));
            }
            if self.view.at_end()
                && let Standing::Unreadable { why } = &self.standing
            {
                let why = why.clone();
                return self.if_permitted(|pump| (pump.end(Some(&why)), false));
            }
            // A time that is over already waits for the end of history, which the roster tells.
            let over_at = self.over_at.filter(|at| *at > Instant::now());
            tokio::select! {
                read = self.view.next(READ_MAX) => {
                    return self.if_permitted(|pump| pump.hand_over(read));
                }
                changed = self.pump.roster.changed() => {
                    changed.ok()?;
                    self.look();
                }
                () = sleep_until(over_at) => {}
            }
        }
    }

    fn is_over(&self) -> bool {
        self.over_at.is_some_and(|at| at <= Instant::now())
    }

    /// By what the container is called now, not when this pump last looked.
    fn permitted(&mut self) -> Permitted {
        if self.pump.roster.has_changed().unwrap_or(false) {
            self.look();
        }
        (self.pump.permit)(&self.pump.entry)
    }

    fn if_permitted(&mut self, burst: impl FnOnce(&mut Self) -> (Burst, bool)) -> Option<(Burst, bool)> {
        match self.permitted() {
            Permitted::Yes => Some(burst(self)),
            Permitted::OutOfSight => Some((self.end(Some("no such container")), false)),
            Permitted::Ended => None,
        }
    }

    /// Takes the container's present state in.
    fn look(&mut self) {
        let roster = self.pump.roster.borrow_and_update().clone();
        let entry = roster.find_log(&Housekeeping, self.pump.entry.log.id());
        self.standing = Standing::of(entry.map(AsRef::as_ref), self.pump.clock.now());
        if let Some(entry) = entry {
            self.pump.entry = entry.clone();
        }
        self.over_at = match (&self.standing, self.over_at) {
            (Standing::Over { hold }, None) => Some(Instant::now() + *hold),
            (Standing::Over { .. }, held) => held,
            _ => None,
        };
    }

    fn hand_over(&mut self, read: Result<Piece, ViewError>) -> (Burst, bool) {
        match read {
            Ok(piece) => (self.encode(&piece), true),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, log = %self.pump.entry.log.id(), "read for a stream");
                (self.end(Some("the log could not be read")), false)
            }
        }
    }

    fn encode(&self, piece: &Piece) -> Burst {
        let mut burst = Burst::with_capacity(2 * READ_MAX.bytes);
        for (_, batch, index) in piece.records() {
            self.encoder.push(&mut burst, batch.get(index));
        }
        if let Some(gap) = piece.gap() {
            burst.event("status", &self.missing(gap));
        }
        self.pump.position.store(piece.next() - 1, Ordering::Release);
        burst
    }

    /// The seed has no event for a gap; its `status` says it.
    fn missing(&self, gap: &Gap) -> StatusMessage {
        let lines = match gap.missed {
            Some(1) => "1 line is".to_owned(),
            Some(count) => format!("{count} lines are"),
            None => "some lines are".to_owned(),
        };
        let container = shortened(&self.pump.label.container_id, 64);
        let msg = format!("Log of {container}: {lines} missing here ({})", gap.reason.as_str());
        StatusMessage { msg: shortened(&msg, TEXT_BYTES_MAX).to_owned() }
    }

    fn end(&mut self, error: Option<&str>) -> Burst {
        let now = self.pump.clock.now();
        let complete = match error {
            None => self.pump.label.completed(now),
            Some(error) => self.pump.label.failed(now, error),
        };
        let mut burst = Burst::new();
        burst.event("docker_log_complete", &complete);
        if let Some(on_end) = self.pump.on_end.take() {
            on_end(&self.pump.entry);
        }
        burst
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
