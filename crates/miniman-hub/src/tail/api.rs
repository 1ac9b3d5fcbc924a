//! The tail of one container whose log files cannot be read: the engine's own log stream.
//!
//! The stream can only be asked by time, so each connection asks from a little before the last record and drops what is
//! stored already ([`Overlap`]). Lines that the engine rotates away before it sends them are lost without a trace there;
//! the page says so wherever a log is read this way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use miniman_engine::{ContainerId, Engine, LogsError};
use miniman_log::redact::Before;
use miniman_log::{ApiLogParser, IoStream, Part, PartSink, Redactor, Timestamp};
use miniman_store::logs::{GapReason, Log, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::TailStatus;
use super::lines::{Lines, Pending, Piece};
use super::overlap::Overlap;
use super::resume::{Resume, keep_open, pending_since};
use crate::SourceState;

/// A stream that breaks is asked for again after this, and up to [`RETRY_MAX`] later.
const RETRY_MIN: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(5);
/// How long the engine may take to send the last lines of a container that was removed.
const REMOVED_MAX: Duration = Duration::from_secs(10);

pub(crate) struct ApiTail {
    pub(crate) engine: Engine,
    pub(crate) id: ContainerId,
    pub(crate) tty: bool,
    pub(crate) log: Log,
    pub(crate) status: Arc<TailStatus>,
    /// Why files are not read, for the page.
    pub(crate) why: String,
    pub(crate) redactor: Redactor,
    pub(crate) control: Arc<ApiControl>,
}

/// What the hub tells the tail.
#[derive(Debug, Default)]
pub(crate) struct ApiControl {
    running: AtomicBool,
    /// It has run: what never did has written nothing.
    ran: AtomicBool,
    /// How often it was told that the container runs.
    starts: AtomicU64,
    changed: Notify,
    removed: CancellationToken,
    pub(crate) stop: CancellationToken,
}

impl ApiControl {
    /// The container started or ended, which is a stage already; a run may be over before it is known.
    pub(crate) fn set_running(&self, running: bool) {
        if running {
            self.starts.fetch_add(1, Ordering::AcqRel);
        }
        self.ran.store(true, Ordering::Release);
        self.running.store(running, Ordering::Release);
        self.changed.notify_one();
    }

    /// The container is gone, which is a stage already. What the engine still sends is read.
    pub(crate) fn set_removed(&self) {
        self.running.store(false, Ordering::Release);
        self.removed.cancel();
        self.changed.notify_one();
    }

    fn starts(&self) -> u64 {
        self.starts.load(Ordering::Acquire)
    }
}

enum Ended {
    /// The container stopped, and the stream was whole.
    Whole,
    /// The stream was, and that the container stopped is not known yet.
    Early,
    Broken,
}

impl ApiTail {
    /// Follows the container over stops and lost connections, until it is removed and read, or told to stop.
    pub(crate) async fn run(self) {
        let (stop, removed) = (self.control.stop.clone(), self.control.removed.clone());
        let too_late = async {
            removed.cancelled().await;
            tokio::time::sleep(REMOVED_MAX).await;
        };
        let read_to = tokio::select! {
            () = stop.cancelled() => return,
            () = too_late => None,
            read_to = self.follow() => read_to,
        };
        self.finish(read_to).await;
    }

    /// Ends with the container's removal; returns after how many starts all was read that it had written.
    async fn follow(&self) -> Option<u64> {
        let mut retry = RETRY_MIN;
        let mut read_to = None;
        loop {
            let (stage, starts) = (self.status.stage(), self.control.starts());
            let ended = self.connection().await;
            if matches!(ended, Ok(Ended::Whole | Ended::Early)) {
                read_to = Some(starts);
            }
            if self.control.removed.is_cancelled() {
                return read_to;
            }
            match ended {
                // The engine ends a followed stream with the container, whether or not all of it was sent.
                Ok(Ended::Whole) if self.status.stage() != stage => {}
                Ok(Ended::Whole) if !self.control.running.load(Ordering::Acquire) => {
                    self.keep_open(false).await;
                    self.status.settle(stage);
                    self.control.changed.notified().await;
                    retry = RETRY_MIN;
                }
                Ok(_) => {
                    let removed = self.control.removed.cancelled();
                    if tokio::time::timeout(retry, removed).await.is_ok() {
                        return read_to;
                    }
                    retry = (retry * 2).min(RETRY_MAX);
                }
                Err(Failure::Unreadable(why)) => {
                    self.status.set_source(SourceState::Unreadable { why });
                    // Nothing will come: whoever waits for the end need not.
                    self.status.settle(stage);
                    self.control.changed.notified().await;
                }
                Err(Failure::Store(error)) => {
                    tracing::warn!(log = %self.log.id(), %error, "tail by API");
                    tokio::time::sleep(RETRY_MAX).await;
                }
            }
        }
    }

    /// The container is gone. Lines that it wrote and that could not be read are a gap of which nobody knows how many.
    async fn finish(&self, read_to: Option<u64>) {
        // Of one whose driver keeps nothing that can be read, the page says so.
        let readable = !matches!(self.status.source(), SourceState::Unreadable { .. });
        let ran = self.control.ran.load(Ordering::Acquire);
        if readable && ran && read_to != Some(self.control.starts()) {
            let log = self.log.clone();
            let told = blocking(move || {
                let last = log.stored().last_timestamp;
                log.append_gap(None, last, None, GapReason::SourceLost, None)
            });
            if let Err(Failure::Store(error)) = told.await {
                tracing::warn!(log = %self.log.id(), %error, "a gap could not be kept");
            }
        }
        self.keep_open(false).await;
        self.status.settle(self.status.stage());
    }

    /// Stores whether more may come: see [`Resume::open`].
    async fn keep_open(&self, open: bool) {
        let log = self.log.clone();
        if let Err(Failure::Store(error)) = blocking(move || keep_open(&log, open)).await {
            tracing::warn!(log = %self.log.id(), %error, "what state the log is in could not be kept");
        }
    }

    async fn connection(&self) -> Result<Ended, Failure> {
        let mut overlap = None;
        if self.log.bounds().first < self.log.bounds().next {
            let log = self.log.clone();
            overlap = Some(blocking(move || Overlap::of(&log)).await?);
        }
        let since = overlap.as_ref().map(Overlap::since);
        let mut stream = match self.engine.follow_logs(&self.id, since, true).await {
            Ok(stream) => stream,
            Err(LogsError::Engine(text)) => return Err(Failure::Unreadable(text)),
            Err(LogsError::NotFound | LogsError::Unreachable(_)) => return Ok(Ended::Broken),
        };
        self.status.set_source(SourceState::Api { why: self.why.clone() });
        if self.control.running.load(Ordering::Acquire) {
            self.keep_open(true).await;
        }
        let mut parser = ApiLogParser::new(self.tty);
        let mut lines = ApiLines { lines: Lines::new(self.tty, &self.redactor), since: [None; 2] };
        if let Some(overlap) = &overlap {
            for stream in IoStream::ALL {
                let in_key = overlap.begins_in_key(stream);
                lines.lines.presume(stream, if in_key { Before::Key } else { Before::Nothing });
            }
        }
        while let Some(bytes) = stream.next().await {
            let Ok(bytes) = bytes else { return Ok(Ended::Broken) };
            let fed = parser.feed(&bytes, &mut lines);
            overlap = self.store(&mut lines, overlap).await?;
            if let Err(error) = fed {
                tracing::warn!(log = %self.log.id(), %error, "the engine's log stream is not one");
                return Ok(Ended::Broken);
            }
        }
        if self.control.running.load(Ordering::Acquire) {
            return Ok(Ended::Early);
        }
        parser.finish(&mut lines);
        let overlap = self.store(&mut lines, overlap).await?;
        if let Some(rest) = lines.flush() {
            self.store_pieces(vec![rest], overlap, [None; 2]).await?;
        }
        Ok(Ended::Whole)
    }

    async fn store(
        &self,
        lines: &mut ApiLines,
        overlap: Option<Overlap>,
    ) -> Result<Option<Overlap>, Failure> {
        let pieces = lines.lines.take();
        if pieces.is_empty() {
            return Ok(overlap);
        }
        self.store_pieces(pieces, overlap, lines.since).await
    }

    async fn store_pieces(
        &self,
        pieces: Vec<Piece>,
        overlap: Option<Overlap>,
        since: [Option<Timestamp>; IoStream::ALL.len()],
    ) -> Result<Option<Overlap>, Failure> {
        let (log, status) = (self.log.clone(), self.status.clone());
        let pending = since.map(|since| since.map(pending_since));
        // On the blocking pool, because an append waits when the disk does not keep up.
        blocking(move || append(&log, &status, pieces, overlap, pending)).await
    }
}

fn append(
    log: &Log,
    status: &TailStatus,
    pieces: Vec<Piece>,
    mut overlap: Option<Overlap>,
    pending: Pending,
) -> Result<Option<Overlap>, StoreError> {
    for piece in pieces {
        let Some(batch) = piece.batch else {
            let last = log.stored().last_timestamp;
            log.append_gap(None, last, None::<Timestamp>, GapReason::Damaged, None)?;
            continue;
        };
        let batch = match &mut overlap {
            Some(overlap) if !overlap.is_passed() => overlap.fresh(batch),
            _ => batch,
        };
        let resume = Resume { pending, keys: piece.keys, open: true, ..Resume::default() };
        log.append(&batch, Some(resume.encode()))?;
        status.add_lines(batch.len());
    }
    Ok(overlap)
}

/// Lines, and since when each stream's unfinished one has been: the stream is asked from there again, because what
/// is no line yet is not stored.
struct ApiLines {
    lines: Lines,
    since: [Option<Timestamp>; IoStream::ALL.len()],
}

impl ApiLines {
    /// Ends both streams' lines.
    fn flush(&mut self) -> Option<Piece> {
        self.since = [None; 2];
        self.lines.flush()
    }
}

impl PartSink for ApiLines {
    fn part(&mut self, part: Part<'_>, start: u64, end: u64) {
        self.lines.part(part, start, end);
        let since = &mut self.since[part.iostream.index()];
        if self.lines.is_pending(part.iostream) {
            since.get_or_insert(part.timestamp);
        } else {
            *since = None;
        }
    }

    fn damage(&mut self, from: u64, to: u64) {
        self.lines.damage(from, to);
    }
}

enum Failure {
    Unreadable(String),
    Store(StoreError),
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Failure::Store),
        Err(_) => Err(Failure::Store(StoreError::Closed)),
    }
}
