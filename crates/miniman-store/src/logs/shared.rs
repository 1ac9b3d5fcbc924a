//! What the writer, the logs and the store's handle share: totals, the list of changed logs, and the one place where
//! threads wait for each other.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicIsize, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use std::sync::Arc;

use tokio::sync::watch;

use super::cache::BlockCache;
use super::damage::Damage;
use super::log::LogInner;
use super::readers::ReaderPool;
use super::state::Moved;
use super::{Health, LogStoreOptions, RetentionPolicy, StoreError, Taken, database};

/// How often the writer looks for open blocks that are due when nothing else wakes it.
const AGE_CHECK_INTERVAL: Duration = Duration::from_secs(15);
/// After a commit that did not succeed, the next one waits this long.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Locks; a panic elsewhere leaves state that is still whole, because no change here is left half done by one.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) struct Shared {
    pub(super) options: LogStoreOptions,
    pub(super) dir: PathBuf,
    /// The database in it.
    pub(super) path: PathBuf,
    pub(super) ballast_bytes: AtomicU64,
    pub(super) damage: Arc<Damage>,
    pub(super) readers: ReaderPool,
    pub(super) cache: Mutex<BlockCache>,
    /// Threads that search ahead, of all searches.
    pub(super) searching_ahead: Arc<AtomicUsize>,
    pub(super) health: Mutex<Health>,
    pub(super) retention: Mutex<RetentionPolicy>,
    pub(super) taken: Mutex<Taken>,
    /// How many logs have disappeared.
    pub(super) forgotten: watch::Sender<u64>,
    pub(super) next_mark: AtomicI64,
    pub(super) journal_bytes: AtomicU64,
    pub(super) commits: AtomicU64,
    pub(super) last_commit_micros: AtomicU64,
    /// Raw bytes in open blocks, and in sealed ones without a commit.
    open_bytes: AtomicIsize,
    sealed_bytes: AtomicIsize,
    /// All logs are to be looked through for what is too old.
    pub(super) ages_due: AtomicBool,
    closed: AtomicBool,
    changed: Mutex<Vec<Arc<LogInner>>>,
    signal: Mutex<Signal>,
    /// Wakes the writer.
    work: Condvar,
    /// Wakes those who wait for a commit or for room.
    done: Condvar,
    /// Pages that the file may have; lets a test fill the disk.
    #[cfg(test)]
    pub(super) pages_max: AtomicI64,
}

#[derive(Default)]
struct Signal {
    changed_at: Option<Instant>,
    /// A bound is near, or a log is new: don't wait for the interval.
    early: bool,
    retry_at: Option<Instant>,
    /// Commits asked for, and the last request that a finished commit served.
    requested: u64,
    served: u64,
    outcome: Option<String>,
    closing: bool,
    /// Retention has something to look at.
    retain: bool,
    /// … and its step comes before the next commit, so that commits that follow each other leave room for it.
    retain_next: bool,
    #[cfg(test)]
    crashing: bool,
    ended: bool,
}

/// What the writer is to do next.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work {
    Commit {
        request: u64,
        last: bool,
    },
    /// One step of retention.
    Retain,
    #[cfg(test)]
    Crash,
}

impl Shared {
    pub(super) fn new(dir: PathBuf, options: LogStoreOptions) -> Self {
        let path = dir.join(database::FILE_NAME);
        let damage = Arc::<Damage>::default();
        Self {
            readers: ReaderPool::new(path.clone(), options.readers_max, Arc::clone(&damage)),
            damage,
            cache: Mutex::new(BlockCache::new(options.cache_bytes_max)),
            searching_ahead: Arc::default(),
            path,
            dir,
            ballast_bytes: AtomicU64::new(0),
            retention: Mutex::new(options.retention),
            taken: Mutex::default(),
            forgotten: watch::Sender::new(0),
            options,
            health: Mutex::default(),
            next_mark: AtomicI64::new(1),
            journal_bytes: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            last_commit_micros: AtomicU64::new(0),
            open_bytes: AtomicIsize::new(0),
            sealed_bytes: AtomicIsize::new(0),
            ages_due: AtomicBool::new(true),
            closed: AtomicBool::new(false),
            changed: Mutex::default(),
            // What is too much may be there from before.
            signal: Mutex::new(Signal { retain: true, ..Signal::default() }),
            work: Condvar::new(),
            done: Condvar::new(),
            #[cfg(test)]
            pages_max: AtomicI64::new(0),
        }
    }

    pub(super) fn open_bytes(&self) -> usize {
        self.open_bytes.load(Ordering::Relaxed).max(0) as usize
    }

    pub(super) fn sealed_bytes(&self) -> usize {
        self.sealed_bytes.load(Ordering::Relaxed).max(0) as usize
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Adds to the totals without waking anyone.
    pub(super) fn count(&self, moved: Moved) {
        self.open_bytes.fetch_add(moved.open, Ordering::Relaxed);
        self.sealed_bytes.fetch_add(moved.sealed, Ordering::Relaxed);
    }

    /// A log changed. `newly`: it is not in the list yet.
    pub(super) fn changed(&self, log: &Arc<LogInner>, newly: bool, moved: Moved, urgent: bool) {
        self.count(moved);
        if newly {
            lock(&self.changed).push(Arc::clone(log));
        }
        let early = urgent
            || self.sealed_bytes() >= self.options.uncommitted_bytes_max / 2
            || self.open_bytes() > self.options.open_bytes_max;
        if newly || early {
            let mut signal = lock(&self.signal);
            // Only the first change after a commit and the first crossing of a bound need the writer.
            let wake = signal.changed_at.is_none() || early && !signal.early;
            signal.changed_at.get_or_insert_with(Instant::now);
            signal.early |= early;
            if wake {
                self.work.notify_one();
            }
        }
    }

    pub(super) fn take_changed(&self) -> Vec<Arc<LogInner>> {
        std::mem::take(&mut lock(&self.changed))
    }

    /// Puts logs back whose commit did not succeed.
    pub(super) fn put_back(&self, logs: impl IntoIterator<Item = Arc<LogInner>>) {
        lock(&self.changed).extend(logs);
    }

    /// Waits until there is room for more lines.
    pub(super) fn wait_for_room(&self) -> Result<(), StoreError> {
        if self.has_room() {
            return if self.is_closed() { Err(StoreError::Closed) } else { Ok(()) };
        }
        let mut signal = lock(&self.signal);
        while !self.has_room() && !signal.ended && !signal.closing {
            signal.early = true;
            self.work.notify_one();
            signal = self.done.wait(signal).unwrap_or_else(PoisonError::into_inner);
        }
        if signal.ended || signal.closing { Err(StoreError::Closed) } else { Ok(()) }
    }

    /// Open blocks may exceed their bound by a quarter while the writer is about to seal some.
    pub(super) fn has_room(&self) -> bool {
        self.sealed_bytes() < self.options.uncommitted_bytes_max
            && self.open_bytes() < self.options.open_bytes_max / 4 * 5
    }

    /// Has everything up to now committed, and waits for it.
    pub(super) fn request_commit(&self) -> Result<(), StoreError> {
        let mut signal = lock(&self.signal);
        signal.requested += 1;
        let request = signal.requested;
        self.work.notify_one();
        while signal.served < request && !signal.ended {
            signal = self.done.wait(signal).unwrap_or_else(PoisonError::into_inner);
        }
        match &signal.outcome {
            _ if signal.served < request => Err(StoreError::Closed),
            Some(error) => Err(StoreError::Commit(error.clone())),
            None => Ok(()),
        }
    }

    /// Refuses appends from now on and asks the writer for its last commit.
    pub(super) fn start_closing(&self) {
        self.closed.store(true, Ordering::SeqCst);
        lock(&self.signal).closing = true;
        self.work.notify_one();
        self.done.notify_all();
    }

    /// What a kill does: the writer stops where it stands.
    #[cfg(test)]
    pub(super) fn start_crashing(&self) {
        self.closed.store(true, Ordering::SeqCst);
        lock(&self.signal).crashing = true;
        self.work.notify_one();
    }

    /// Blocks the writer until there is something to do.
    pub(super) fn wait_for_work(&self) -> Work {
        let mut signal = lock(&self.signal);
        loop {
            #[cfg(test)]
            if signal.crashing {
                return Work::Crash;
            }
            let now = Instant::now();
            let due = match (signal.retry_at, signal.changed_at) {
                (Some(retry_at), _) => retry_at,
                (None, Some(_)) if signal.early => now,
                (None, Some(changed_at)) => changed_at + self.options.commit_interval,
                (None, None) => now + AGE_CHECK_INTERVAL,
            };
            if signal.retain_next && !signal.closing {
                signal.retain_next = false;
                return Work::Retain;
            }
            let asked = signal.closing || signal.requested > signal.served;
            if asked || due <= now {
                signal.changed_at = None;
                signal.early = false;
                signal.retry_at = None;
                return Work::Commit { request: signal.requested, last: signal.closing };
            }
            if signal.retain {
                return Work::Retain;
            }
            let wait = self.work.wait_timeout(signal, due - now).unwrap_or_else(PoisonError::into_inner);
            signal = wait.0;
            if wait.1.timed_out() && signal.changed_at.is_none() && signal.retry_at.is_none() {
                return Work::Commit { request: signal.requested, last: signal.closing };
            }
        }
    }

    /// A commit has ended; wakes all who wait for it.
    pub(super) fn finish(&self, request: u64, outcome: Option<String>) {
        let mut signal = lock(&self.signal);
        if outcome.is_some() {
            signal.retry_at = Some(Instant::now() + RETRY_INTERVAL);
        }
        signal.served = request;
        signal.outcome = outcome;
        (signal.retain, signal.retain_next) = (true, true);
        self.done.notify_all();
    }

    /// Limits changed: retention is to look at once.
    pub(super) fn retention_changed(&self) {
        self.ages_due.store(true, Ordering::SeqCst);
        lock(&self.signal).retain = true;
        self.work.notify_one();
    }

    /// A step of retention has ended; `more`: another is to follow.
    pub(super) fn retained(&self, more: bool) {
        let again = more || self.ages_due.load(Ordering::SeqCst);
        lock(&self.signal).retain = again;
        self.done.notify_all();
    }

    /// Room was made for the commit that did not succeed.
    pub(super) fn retry_now(&self) {
        let mut signal = lock(&self.signal);
        if signal.retry_at.is_some() {
            signal.retry_at = Some(Instant::now());
        }
    }

    #[cfg(test)]
    pub(super) fn wait_for_retention(&self) {
        let mut signal = lock(&self.signal);
        while signal.retain && !signal.ended {
            signal = self.done.wait(signal).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The writer is gone, for whatever reason: nobody may wait for it.
    pub(super) fn end(&self) {
        self.closed.store(true, Ordering::SeqCst);
        lock(&self.signal).ended = true;
        self.done.notify_all();
    }
}
