//! One container's log: appended by its tail, read by anyone.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use miniman_log::{Grouper, HeadPattern, RecordBatch, Timestamp};
use tokio::sync::watch;

use super::shared::{Shared, lock};
use super::state::{LogState, Moved};
use super::{
    Gap, GapReason, LogId, LogIdentity, LogRetention, Mark, StoreError, Stored, UNKNOWN_GAP_NUMBERS,
};

/// Handle to one log; clones are the same log. It outlives the store's handle, but not its closing: after that only
/// what is in memory can be read.
#[derive(Clone)]
pub struct Log {
    pub(super) inner: Arc<LogInner>,
}

pub(super) struct LogInner {
    pub(super) id: LogId,
    pub(super) shared: Arc<Shared>,
    pub(super) state: Mutex<LogState>,
    /// The next number, for followers.
    next: watch::Sender<i64>,
}

/// The numbers a log has: `first..next`, gaps included. Equal when it is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Lowest number.
    pub first: i64,
    /// One behind the highest number.
    pub next: i64,
}

impl LogInner {
    pub(super) fn new(id: LogId, shared: Arc<Shared>, state: LogState) -> Self {
        let next = watch::Sender::new(state.next);
        Self { id, shared, state: Mutex::new(state), next }
    }

    pub(super) fn identity(&self) -> Arc<LogIdentity> {
        Arc::clone(&lock(&self.state).identity)
    }

    /// Takes over what changed of the container's description; the container is there. `false`: the log is gone.
    pub(super) fn set_identity(self: &Arc<Self>, identity: &LogIdentity) -> bool {
        let newly = {
            let mut state = lock(&self.state);
            if state.forgotten {
                return false;
            }
            state.set_removed(false);
            if *state.identity == *identity {
                return true;
            }
            state.identity = Arc::new(identity.clone());
            state.identity_changed = true;
            !std::mem::replace(&mut state.listed, true)
        };
        self.shared.changed(self, newly, Moved::default(), false);
        true
    }

    /// Changes the state under its lock, so that records and resume state are never seen apart, then tells the writer
    /// and the followers.
    fn change<T>(
        self: &Arc<Self>,
        resume: Option<Vec<u8>>,
        change: impl FnOnce(&mut LogState) -> Result<(T, Moved), StoreError>,
    ) -> Result<T, StoreError> {
        let (value, moved, newly, next) = {
            let mut state = lock(&self.state);
            // Under the lock: the last commit, which takes it too, has either not looked here yet or refuses us.
            if self.shared.is_closed() {
                return Err(StoreError::Closed);
            }
            if state.forgotten {
                return Err(StoreError::Forgotten);
            }
            let (value, moved) = change(&mut state)?;
            state.set_resume(resume);
            (value, moved, !std::mem::replace(&mut state.listed, true), state.next)
        };
        self.shared.changed(self, newly, moved, false);
        self.next.send_if_modified(|seen| {
            let grew = next > *seen;
            *seen = next.max(*seen);
            grew
        });
        Ok(value)
    }
}

impl Log {
    pub fn id(&self) -> LogId {
        self.inner.id
    }

    /// The container as last described by [`super::LogStore::log`].
    pub fn identity(&self) -> Arc<LogIdentity> {
        self.inner.identity()
    }

    pub fn bounds(&self) -> Bounds {
        lock(&self.inner.state).bounds()
    }

    /// The next number, changing once an append.
    pub fn watch(&self) -> watch::Receiver<i64> {
        self.inner.next.subscribe()
    }

    /// The resume state given last, committed or not. After a restart: the one that came with the last record there is.
    pub fn resume(&self) -> Option<Vec<u8>> {
        lock(&self.inner.state).resume.as_deref().map(<[u8]>::to_vec)
    }

    /// Appends live records, which are readable at once and durable, together with `resume`, at the next commit. Answers
    /// the first one's number. An empty batch only sets `resume`.
    ///
    /// Blocks, so it is for a tail's own thread, while sealed blocks without a commit exceed their bound: normally until
    /// a commit of some 10 ms, but as long as commits do not succeed ([`super::LogStore::health`]) rather than lose a
    /// line. [`super::LogStore::close`] ends the wait.
    ///
    /// # Errors
    /// Nothing was appended when the store is closed, the log is gone, a line exceeds 16 MiB, or the numbers end.
    pub fn append(&self, batch: &RecordBatch, resume: Option<Vec<u8>>) -> Result<i64, StoreError> {
        self.inner.shared.wait_for_room()?;
        self.append_at_once(batch, resume)
    }

    /// As [`Log::append`], but goes over the bound rather than wait: for who may not block, appends little, and asked
    /// [`Log::has_room`] just before.
    ///
    /// # Errors
    /// As for [`Log::append`].
    pub fn append_at_once(&self, batch: &RecordBatch, resume: Option<Vec<u8>>) -> Result<i64, StoreError> {
        self.inner.change(resume, |state| {
            let first = state.next;
            Ok((first, state.append(batch)?))
        })
    }

    /// Whether an append would not wait now.
    pub fn has_room(&self) -> bool {
        self.inner.shared.has_room()
    }

    /// Puts history, in the log's order, below the lowest number. Blocks and fails as [`Log::append`] does.
    ///
    /// # Errors
    /// As for [`Log::append`].
    pub fn prepend(&self, batch: RecordBatch, resume: Option<Vec<u8>>) -> Result<(), StoreError> {
        self.inner.shared.wait_for_room()?;
        self.inner.change(resume, |state| Ok(((), state.prepend(batch)?)))
    }

    /// Skips `missed` numbers at the live end, 2^24 when it is unknown, and keeps why. `Some(0)` only sets `resume`.
    ///
    /// # Errors
    /// When the store is closed or the numbers end.
    pub fn append_gap(
        &self,
        missed: Option<u64>,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        reason: GapReason,
        resume: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let (gap, numbers) = new_gap(missed, since, until, reason)?;
        self.inner.change(resume, |state| {
            let moved = if numbers == 0 { Moved::default() } else { state.append_gap(gap, numbers)? };
            Ok(((), moved))
        })
    }

    /// The same below the lowest number.
    ///
    /// # Errors
    /// As for [`Log::append_gap`].
    pub fn prepend_gap(
        &self,
        missed: Option<u64>,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        reason: GapReason,
        resume: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let (gap, numbers) = new_gap(missed, since, until, reason)?;
        self.inner.change(resume, |state| {
            if numbers > 0 {
                state.prepend_gap(gap, numbers)?;
            }
            Ok(((), Moved::default()))
        })
    }

    /// Keeps a mark behind the last record that is not later; its `after_seq` is set here. Durable at the next commit.
    ///
    /// # Errors
    /// When the store is closed, or when 1,024 marks of this log wait because commits do not succeed.
    pub fn mark(&self, mut mark: Mark) -> Result<(), StoreError> {
        let id = self.inner.shared.next_mark.fetch_add(1, Ordering::Relaxed);
        self.inner.change(None, |state| {
            mark.after_seq = state.last_before(mark.timestamp);
            Ok((state.add_mark(id, mark)?, Moved::default()))
        })
    }

    /// Rises with each mark taken since the log was opened.
    pub fn marks_taken(&self) -> u64 {
        lock(&self.inner.state).marks_taken
    }

    /// The last `limit` marks from `since` to `until`, both inclusive, by rising time. Blocking.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn marks(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Mark>, StoreError> {
        let since = since.unwrap_or(Timestamp(i64::MIN));
        let until = until.unwrap_or(Timestamp(i64::MAX));
        // Memory first: a mark that a commit moves in between is then seen twice, never not at all.
        let waiting: Vec<(i64, Mark)> = lock(&self.inner.state).marks.iter().cloned().collect();
        let mut marks = self.inner.shared.readers.take()?.marks(self.id(), since, until, limit)?;
        let asked = |mark: &Mark| (since..=until).contains(&mark.timestamp);
        marks.extend(waiting.into_iter().filter(|(_, mark)| asked(mark)));
        marks.sort_by_key(|(id, mark)| (mark.timestamp, *id));
        marks.dedup_by_key(|(id, _)| *id);
        let skipped = marks.len().saturating_sub(limit);
        Ok(marks.into_iter().skip(skipped).map(|(_, mark)| mark).collect())
    }

    /// The log's own limits.
    pub fn retention(&self) -> LogRetention {
        lock(&self.inner.state).own
    }

    /// Sets the log's own limits, durable at the next commit and kept until they are set again. Does not wait.
    ///
    /// # Errors
    /// When the store is closed or the log gone.
    pub fn set_retention(&self, own: LogRetention) -> Result<(), StoreError> {
        if self.retention() == own {
            return Ok(());
        }
        self.inner.change(None, |state| {
            state.own = own;
            state.identity_changed = true;
            Ok(((), Moved::default()))
        })?;
        self.inner.shared.retention_changed();
        Ok(())
    }

    /// What begins a group of its lines, for searches made from now on; without one, what stack traces and indented lines
    /// look like. Kept with the log, which outlives its container.
    ///
    /// # Errors
    /// When the store is closed.
    pub fn set_head_pattern(&self, pattern: Option<HeadPattern>) -> Result<(), StoreError> {
        if lock(&self.inner.state).head_pattern == pattern {
            return Ok(());
        }
        self.inner.change(None, |state| {
            state.head_pattern = pattern;
            state.identity_changed = true;
            Ok(((), Moved::default()))
        })
    }

    /// Which field of its JSON lines is the message, as a path of names with dots. Kept with the log.
    ///
    /// # Errors
    /// When the store is closed.
    pub fn set_message_field(&self, field: Option<String>) -> Result<(), StoreError> {
        if lock(&self.inner.state).message_field == field {
            return Ok(());
        }
        self.inner.change(None, |state| {
            state.message_field = field;
            state.identity_changed = true;
            Ok(((), Moved::default()))
        })
    }

    pub fn message_field(&self) -> Option<String> {
        lock(&self.inner.state).message_field.clone()
    }

    /// What tells groups of its lines.
    pub(super) fn grouper(&self) -> Grouper {
        self.head_pattern().map_or_else(Grouper::new, Grouper::with_pattern)
    }

    pub(super) fn head_pattern(&self) -> Option<HeadPattern> {
        lock(&self.inner.state).head_pattern.clone()
    }

    /// The container is gone from its engine (`true`), or there after all. A removed container's log disappears, with
    /// its gaps and marks, when retention took its last record; one that never had a record, after a day. Not kept over a
    /// restart. [`super::LogStore::log`] sets it back.
    pub fn set_removed(&self, removed: bool) {
        lock(&self.inner.state).set_removed(removed);
        self.inner.shared.retention_changed();
    }

    /// Whether the log has disappeared, see [`super::LogStore::forgotten`]: it takes nothing more and the store does
    /// not list it.
    pub fn is_forgotten(&self) -> bool {
        lock(&self.inner.state).forgotten
    }

    /// By rising number.
    pub fn gaps(&self) -> Vec<Gap> {
        lock(&self.inner.state).gaps.clone()
    }

    pub fn stored(&self) -> Stored {
        lock(&self.inner.state).stored
    }
}

fn new_gap(
    missed: Option<u64>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    reason: GapReason,
) -> Result<(Gap, i64), StoreError> {
    let numbers =
        i64::try_from(missed.unwrap_or(UNKNOWN_GAP_NUMBERS)).map_err(|_| StoreError::NumbersUsedUp)?;
    Ok((Gap { from: 0, to: 0, missed, since, until, reason }, numbers))
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Log({})", self.id())
    }
}
