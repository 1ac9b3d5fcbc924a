//! The pump of a view in batches: one or many logs, with a window that the client's acknowledgements open.
//!
//! With nothing in flight a line goes out the moment it comes. Behind a batch in flight lines gather, by size or for a
//! moment, so that a busy log costs few packets. The view's members are looked at with every roster: what is recreated
//! or scaled up joins, and a stop ends nothing.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::stream;
use miniman_engine::ContainerState;
use miniman_hub::{Cursor, Entry, From, Piece, Roster, View, ViewError};
use miniman_log::Timestamp;
use miniman_log::query::Query;
use miniman_store::logs::{Hide, Log, LogId, Mark, ReadMax};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use crate::api::wire::{DockerLogComplete, LogMark, time};
use crate::api::{selection::Selected, wire_mark};
use crate::principal::Principal;
use crate::socket_io::{Burst, Source};
use crate::state::AppState;

use super::batch::BatchEncoder;
use super::member::Viewed;
use super::seed_line::OPERATION;
use super::standing::Standing;
use super::window::Window;

/// How long lines gather behind a batch in flight.
const GATHER: Duration = Duration::from_millis(30);
/// Records read at once.
const RECORDS_MAX: usize = 4_096;
/// Marks told at once of one container; more of them within one change of the roster stay for `GET /marks`.
const MARKS_MAX: usize = 64;
/// How far back marks are looked for when a container joins a view: it was marked as recreated a moment before.
const JOINED_MARKS_NANOS: i64 = 60_000_000_000;

/// Where a view starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Start {
    /// Behind the cursor; logs that are not in it from their beginning.
    After(Cursor),
    Tail(u64),
    Beginning,
}

/// See the module's words.
pub(super) struct BatchPump {
    pub(super) subscription: String,
    pub(super) log_id: Arc<str>,
    pub(super) start: Start,
    pub(super) selected: Selected,
    /// Only records that it finds.
    pub(super) query: Option<Query>,
    /// What is left out of what the query finds.
    pub(super) hide: Hide,
    pub(super) principal: Principal,
    pub(super) state: AppState,
    pub(super) roster: watch::Receiver<Arc<Roster>>,
    pub(super) window: Arc<Window>,
    pub(super) in_flight: Arc<Semaphore>,
    pub(super) viewed: Viewed,
}

/// What the view knows of one of its logs.
struct Watched {
    entry: Arc<Entry>,
    /// Marks from here on are to be told; those told at exactly this time are in `told`.
    marks_from: Timestamp,
    told: Vec<Mark>,
    /// Whether its container's present stop was told, or needs no telling.
    stop_told: bool,
    /// When the present stop is taken as one.
    over_at: Option<Instant>,
}

struct Running {
    pump: BatchPump,
    view: View,
    encoder: BatchEncoder,
    watched: HashMap<LogId, Watched>,
    sent_at: Instant,
    /// The last batch was full, so more is there and waiting would gather nothing.
    was_full: bool,
    ended: bool,
}

/// What woke the pump.
enum Event {
    Piece(Result<Piece, ViewError>),
    Roster,
    Window,
    Due,
}

impl BatchPump {
    pub(super) fn into_source(self) -> Source {
        let running = Running::start(self);
        Box::pin(stream::unfold(Box::new(running), |mut running| async move {
            let burst = running.step().await?;
            Some((burst, running))
        }))
    }

    fn from(&self, log: &Log) -> From {
        match &self.start {
            Start::After(cursor) => cursor.get(log.id()).map_or(From::Start, From::After),
            Start::Tail(count) => From::Tail(*count),
            Start::Beginning => From::Start,
        }
    }
}

impl Running {
    fn start(mut pump: BatchPump) -> Self {
        let roster = pump.roster.borrow_and_update().clone();
        let entries = pump.selected.entries(&pump.principal, &roster);
        let logs: Vec<_> = entries.iter().map(|entry| (entry.log.clone(), pump.from(&entry.log))).collect();
        let now = pump.state.clock.now();
        // Of one container it is told that it does not run; of many that would be a flood of old news.
        let stop_told = entries.len() > 1;
        let watched = entries.into_iter().map(|entry| (entry.log.id(), Watched::new(entry, now, stop_told)));
        let watched = watched.collect();
        let view = View::searching(pump.roster.clone(), logs, pump.query.clone()).hiding(pump.hide.clone());
        let encoder = BatchEncoder::new(&pump.subscription);
        let sent_at = Instant::now();
        let mut running = Self { pump, view, encoder, watched, sent_at, was_full: false, ended: false };
        running.publish_viewed();
        running.look_at_stops();
        running
    }

    /// The next burst. `None` when it failed before, or when the rights ended: who ended them tells the client.
    async fn step(&mut self) -> Option<Burst> {
        loop {
            if self.ended {
                return None;
            }
            let burst = match self.wait().await {
                Event::Piece(Ok(piece)) => self.gather(piece).await,
                Event::Piece(Err(error)) => self.fail(&error),
                Event::Roster => self.look().await,
                Event::Due if self.view.at_end() => self.stops(),
                Event::Due => continue,
                Event::Window => continue,
            };
            if !self.pump.state.accounts.still_valid(&self.pump.principal) {
                return None;
            }
            if !burst.is_empty() {
                return Some(burst);
            }
        }
    }

    async fn wait(&mut self) -> Event {
        let pump = &mut self.pump;
        let idle = pump.window.is_idle();
        let open = pump.window.is_open(&pump.in_flight);
        let gathered = if idle || self.was_full { None } else { Some(self.sent_at + GATHER) };
        // A stop is told behind the last line; until that is read it is looked at again from time to time.
        let not_before = if self.view.at_end() { None } else { Some(Instant::now() + GATHER) };
        let due = self.watched.values().filter_map(|watched| watched.over_at).min();
        let due = due.map(|at| not_before.map_or(at, |not_before| at.max(not_before)));
        let max = ReadMax { records: RECORDS_MAX, bytes: super::batch::BATCH_BYTES };
        let view = &mut self.view;
        let read = async {
            sleep_until(gathered).await;
            view.next(max).await
        };
        tokio::select! {
            biased;
            Ok(()) = pump.roster.changed() => Event::Roster,
            () = pump.window.changed(), if !idle => Event::Window,
            () = due_at(due) => Event::Due,
            piece = read, if open => Event::Piece(piece),
            // Room over all sockets has no bell of its own.
            () = tokio::time::sleep(GATHER), if !open => Event::Window,
        }
    }

    /// Takes what else is there into the batch, up to its size.
    async fn gather(&mut self, first: Piece) -> Burst {
        let mut burst = Burst::new();
        let mut piece = Some(first);
        let mut failed = None;
        let mut last = None;
        while let Some(now) = piece.take() {
            if !self.encoder.push(&now) {
                if let Some(gap) = now.gap() {
                    // The batch ends before the gap: who has only the batch must still be told of the gap.
                    let mut before = self.view.cursor();
                    before.set(now.log.id(), gap.from - 1);
                    last = Some(before);
                    self.encoder.gap(&mut burst, &now.log, gap);
                }
                break;
            }
            if self.encoder.is_full() {
                break;
            }
            let max = ReadMax { records: RECORDS_MAX, bytes: self.encoder.room() };
            match self.view.next_now(max).await {
                Ok(next) => piece = next,
                Err(error) => failed = Some(error),
            }
        }
        self.was_full = self.encoder.is_full();
        if !self.encoder.is_empty() {
            let last = last.unwrap_or_else(|| self.view.cursor());
            burst = self.send(burst, &last.to_string());
        }
        if let Some(error) = failed {
            self.end(&mut burst, &error);
        }
        burst
    }

    /// The batch, and behind it what comes after it.
    fn send(&mut self, behind: Burst, last: &str) -> Burst {
        let mut burst = Burst::with_capacity(2 * super::batch::BATCH_BYTES);
        let bytes = self.encoder.finish(&mut burst, last);
        burst.append(behind);
        self.pump.window.sent(last.to_owned(), bytes, &self.pump.in_flight);
        self.sent_at = Instant::now();
        burst
    }

    fn fail(&mut self, error: &ViewError) -> Burst {
        let mut burst = Burst::new();
        self.end(&mut burst, error);
        burst
    }

    fn end(&mut self, burst: &mut Burst, error: &ViewError) {
        tracing::warn!(error = error as &dyn std::error::Error, "read for a view");
        let only = if self.watched.len() == 1 { self.watched.values().next() } else { None };
        let complete = self.complete(only.map(|watched| &watched.entry), Some("the log could not be read"));
        burst.event("docker_log_complete", &complete);
        self.ended = true;
    }

    /// Takes a new roster in: who joined, what stopped, what is to be marked.
    async fn look(&mut self) -> Burst {
        let roster = self.pump.roster.borrow_and_update().clone();
        let entries = self.pump.selected.entries(&self.pump.principal, &roster);
        let mut changed = Vec::new();
        let mut seen = HashSet::new();
        for entry in entries {
            let id = entry.log.id();
            seen.insert(id);
            match self.watched.get_mut(&id) {
                Some(watched) => {
                    if watched.entry.marks != entry.marks {
                        changed.push(id);
                    }
                    watched.entry = entry;
                }
                None => {
                    let joined_from =
                        Timestamp(self.pump.state.clock.now().0.saturating_sub(JOINED_MARKS_NANOS));
                    self.view.add(entry.log.clone(), From::Start);
                    self.watched.insert(id, Watched::new(entry, joined_from, true));
                    changed.push(id);
                }
            }
        }
        // Retention, a renamed stack, a scope that got narrower.
        self.watched.retain(|id, _| seen.contains(id));
        let left: Vec<_> = self.view.logs().map(Log::id).filter(|id| !seen.contains(id)).collect();
        left.into_iter().for_each(|id| self.view.remove(id));
        self.publish_viewed();
        self.look_at_stops();
        let mut burst = Burst::new();
        for id in changed {
            self.marks(id, &mut burst).await;
        }
        burst
    }

    fn publish_viewed(&self) {
        let containers = self.watched.values().map(|watched| watched.entry.container.id.clone()).collect();
        *self.pump.viewed.lock().unwrap_or_else(PoisonError::into_inner) = containers;
    }

    fn look_at_stops(&mut self) {
        let now = self.pump.state.clock.now();
        for watched in self.watched.values_mut() {
            match Standing::of(Some(&watched.entry), now) {
                Standing::Over { hold } if !watched.stop_told => {
                    watched.over_at.get_or_insert(Instant::now() + hold);
                }
                Standing::Over { .. } => {}
                Standing::Open | Standing::Unreadable { .. } => {
                    watched.over_at = None;
                    let runs = watched.entry.present
                        && (watched.entry.container.state.is_up()
                            || watched.entry.container.state == ContainerState::Restarting);
                    watched.stop_told &= !runs;
                }
            }
        }
    }

    /// Tells the stops whose time has come; every line before them is out.
    fn stops(&mut self) -> Burst {
        let now = Instant::now();
        let mut stopped = Vec::new();
        for watched in self.watched.values_mut() {
            if watched.over_at.is_some_and(|at| at <= now) {
                watched.over_at = None;
                watched.stop_told = true;
                stopped.push(watched.entry.clone());
            }
        }
        let mut burst = Burst::new();
        for entry in stopped {
            burst.event("docker_log_complete", &self.complete(Some(&entry), None));
        }
        burst
    }

    fn complete(&self, entry: Option<&Arc<Entry>>, error: Option<&str>) -> DockerLogComplete {
        let state = &self.pump.state;
        DockerLogComplete {
            log_id: self.pump.log_id.to_string(),
            operation_type: OPERATION.to_owned(),
            config_id: entry.map_or(0, |entry| state.stack_ids.config_id(entry)),
            container_id: entry.map(|entry| entry.container.id.to_string()).unwrap_or_default(),
            image_name: entry.map(|entry| entry.container.image.clone()).unwrap_or_default(),
            success: error.is_none(),
            timestamp: time(state.clock.now()),
            status: if error.is_none() { "completed" } else { "failed" }.to_owned(),
            error: error.map(str::to_owned),
            subscription: Some(self.pump.subscription.clone()),
        }
    }

    /// Tells the marks of one log that were not told yet.
    async fn marks(&mut self, id: LogId, burst: &mut Burst) {
        let Some(watched) = self.watched.get_mut(&id) else { return };
        let (log, from) = (watched.entry.log.clone(), watched.marks_from);
        let read = tokio::task::spawn_blocking(move || log.marks(Some(from), None, MARKS_MAX)).await;
        let Ok(Ok(marks)) = read else { return };
        for mark in marks {
            if watched.told.contains(&mark) {
                continue;
            }
            let event = LogMark {
                subscription: self.pump.subscription.clone(),
                mark: wire_mark(&watched.entry.log, &mark),
            };
            burst.event("log_mark", &event);
            watched.marks_from = watched.marks_from.max(mark.timestamp);
            watched.told.push(mark);
        }
        let from = watched.marks_from;
        watched.told.retain(|mark| mark.timestamp >= from);
    }
}

impl Watched {
    fn new(entry: Arc<Entry>, marks_from: Timestamp, stop_told: bool) -> Self {
        Self { entry, marks_from, told: Vec::new(), stop_told, over_at: None }
    }
}

async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}

async fn due_at(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
