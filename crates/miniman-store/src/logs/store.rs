//! The store as a whole: opening, logs by container, commits, figures.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::watch;

use super::disk::Ballast;
use super::log::LogInner;
use super::registry::Registry;
use super::shared::{Shared, lock};
use super::state::{LogState, Moved};
use super::writer::{Opened, Progress, Writer, now};
use super::{
    CheckError, CheckProgress, CheckReport, Forecast, Health, Log, LogId, LogIdentity, LogStoreOptions,
    OpenError, RetentionPolicy, StoreError, StoreFigures, StoreStats, check, database, disk, figures, load,
    retention,
};

/// Handle to the store; clones share it. The last one to go closes it.
#[derive(Clone)]
pub struct LogStore {
    owner: Arc<Owner>,
}

struct Owner {
    shared: Arc<Shared>,
    registry: Arc<Registry>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl LogStore {
    /// Opens the store of `dir`, creating what is missing, and takes the directory for this process.
    ///
    /// # Errors
    /// Each case says what to do about it.
    pub fn open(dir: &Path, options: LogStoreOptions) -> Result<Self, OpenError> {
        let directory = database::lock_directory(dir)?;
        let mut ballast = Ballast::find(dir, options.ballast_bytes);
        let opened = match open_file(dir, &options) {
            Err(OpenError::Full { .. }) if ballast.release() => open_file(dir, &options),
            opened => opened,
        };
        let (connection, progress, shared, registry) = opened?;
        let opened = Opened { connection, directory, ballast, progress };
        let writer =
            Writer::new(opened, Arc::clone(&shared), Arc::clone(&registry)).map_err(OpenError::Thread)?;
        let thread = std::thread::Builder::new()
            .name("log-store-writer".to_owned())
            .spawn(|| writer.run())
            .map_err(OpenError::Thread)?;
        Ok(Self { owner: Arc::new(Owner { shared, registry, writer: Mutex::new(Some(thread)) }) })
    }

    /// The container's log: found by engine and container id, or made. What else `identity` says is taken over.
    /// Does not wait for the disk.
    ///
    /// # Errors
    /// When the store is closed.
    pub fn log(&self, identity: &LogIdentity) -> Result<Log, StoreError> {
        let Owner { shared, registry, .. } = &*self.owner;
        if shared.is_closed() {
            return Err(StoreError::Closed);
        }
        loop {
            if let Some(log) = registry.find(&identity.engine, &identity.container_id)
                && log.inner.set_identity(identity)
            {
                return Ok(log);
            }
            // What was found and is gone is not in the registry any more.
            let (log, made) = registry.get_or_insert(identity, |id| {
                let mut state = LogState::new(Arc::new(identity.clone()));
                state.identity_changed = true;
                state.listed = true;
                Arc::new(LogInner::new(id, Arc::clone(shared), state))
            });
            if made {
                // At once: a cursor names the log by its id, which should outlive a kill.
                shared.changed(&log.inner, true, Moved::default(), true);
                return Ok(log);
            }
        }
    }

    pub fn get(&self, id: LogId) -> Option<Log> {
        self.owner.registry.get(id)
    }

    /// All logs by id, those of removed containers too.
    pub fn logs(&self) -> Vec<Log> {
        self.owner.registry.all()
    }

    /// Commits what there is, and waits for it. Blocking.
    ///
    /// # Errors
    /// When the commit does not succeed; nothing is lost by that, and the next one tries again.
    pub fn commit(&self) -> Result<(), StoreError> {
        self.owner.shared.request_commit()
    }

    /// As [`LogStore::commit`], and a power cut does not take it back either: some milliseconds of the disk's.
    ///
    /// # Errors
    /// As for [`LogStore::commit`].
    pub fn sync(&self) -> Result<(), StoreError> {
        self.commit()?;
        database::sync(&self.owner.shared.path).map_err(|error| StoreError::Commit(error.to_string()))
    }

    /// Changes what is kept, at once: the writer takes what is too much in steps between its commits. Does not wait.
    pub fn set_retention(&self, policy: RetentionPolicy) {
        *lock(&self.owner.shared.retention) = policy;
        self.owner.shared.retention_changed();
    }

    pub fn retention(&self) -> RetentionPolicy {
        *lock(&self.owner.shared.retention)
    }

    /// What `policy` would take of what is stored now. Blocking: some 10 ms for 10M lines.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn forecast(&self, policy: RetentionPolicy) -> Result<Forecast, StoreError> {
        let Owner { shared, registry, .. } = &*self.owner;
        retention::forecast::forecast(shared, registry, policy, now().0)
    }

    /// How many logs have disappeared since the store was opened ([`Log::set_removed`]). When it changes, those whose
    /// [`Log::is_forgotten`] is true are to be dropped.
    pub fn forgotten(&self) -> watch::Receiver<u64> {
        self.owner.shared.forgotten.subscribe()
    }

    /// Refuses appends from now on (waiting ones return [`StoreError::Closed`]), commits, and gives the directory up.
    /// Blocking. Further calls do nothing.
    ///
    /// # Errors
    /// When the last commit does not succeed: what was appended since the one before is lost here, and the resume
    /// states with it, so the source still has it.
    pub fn close(&self) -> Result<(), StoreError> {
        self.owner.close()
    }

    /// Whether commits succeed, space is left and blocks are whole.
    pub fn health(&self) -> Health {
        let (damaged_blocks, damaged_records) = self.owner.shared.damage.counts();
        Health { damaged_blocks, damaged_records, ..lock(&self.owner.shared.health).clone() }
    }

    pub fn stats(&self) -> StoreStats {
        let Owner { shared, registry, .. } = &*self.owner;
        let mut stats = StoreStats {
            file_bytes: database::file_bytes(&shared.path),
            free_bytes: disk::free_bytes(&shared.dir),
            reserve_bytes: shared.options.reserve_bytes,
            ballast_bytes: shared.ballast_bytes.load(Ordering::Relaxed),
            open_bytes: shared.open_bytes() as u64,
            uncommitted_bytes: shared.sealed_bytes() as u64,
            journal_bytes: shared.journal_bytes.load(Ordering::Relaxed),
            cache_bytes: lock(&shared.cache).bytes() as u64,
            commits: shared.commits.load(Ordering::Relaxed),
            last_commit_micros: shared.last_commit_micros.load(Ordering::Relaxed),
            retention: self.retention(),
            taken: *lock(&shared.taken),
            health: self.health(),
            ..StoreStats::default()
        };
        for log in registry.all() {
            let stored = log.stored();
            stats.logs += 1;
            stats.records += stored.records;
            stats.raw_bytes += stored.raw_bytes;
            stats.stored_bytes += stored.stored_bytes;
            stats.oldest = stats.oldest.into_iter().chain(stored.first_timestamp).min();
        }
        stats
    }

    /// Commits, and has retention take all that is too much.
    #[cfg(test)]
    pub(super) fn settle(&self) {
        self.commit().expect("the commit succeeds");
        self.owner.shared.wait_for_retention();
    }

    /// Looks the whole store of `dir` through for damage, reading only; a server may run on it. `progress` hears of each
    /// block. Blocking: it reads all there is, at some 100 MB a second.
    ///
    /// # Errors
    /// When there is no store that can be read; damage is no error but a finding.
    pub fn check(dir: &Path, mut progress: impl FnMut(CheckProgress)) -> Result<CheckReport, CheckError> {
        check::run(dir, &mut progress)
    }

    /// Figures of the store of `dir`, from its small rows; a server may run on it. Blocking.
    ///
    /// # Errors
    /// When there is no store that can be read.
    pub fn figures(dir: &Path) -> Result<StoreFigures, OpenError> {
        figures::read(dir)
    }

    /// Stops as a kill does: without a last commit.
    #[cfg(test)]
    pub(super) fn crash(self) {
        self.owner.shared.start_crashing();
        self.owner.join();
    }

    #[cfg(test)]
    pub(super) fn shared(&self) -> &Shared {
        &self.owner.shared
    }
}

impl Owner {
    fn close(&self) -> Result<(), StoreError> {
        if self.shared.is_closed() {
            self.join();
            return Ok(());
        }
        self.shared.start_closing();
        // Before the writer goes: the last connection to close tidies the write-ahead log up, and only the writer can.
        self.shared.readers.close();
        self.join();
        match lock(&self.shared.health).failing.clone() {
            Some(failing) => Err(StoreError::Commit(failing.error)),
            None => Ok(()),
        }
    }

    fn join(&self) {
        if let Some(thread) = lock(&self.writer).take()
            && thread.join().is_err()
        {
            tracing::error!("the log store's writer thread panicked");
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "the log store's last commit did not succeed");
        }
    }
}

/// Opens the database and takes over what it says.
fn open_file(
    dir: &Path,
    options: &LogStoreOptions,
) -> Result<(Connection, Progress, Arc<Shared>, Arc<Registry>), OpenError> {
    let connection = database::open_writer(dir)?;
    let shared = Arc::new(Shared::new(dir.to_owned(), options.clone()));
    let registry = Arc::new(Registry::default());
    let progress = load::load(&connection, &shared, &registry)
        .map_err(|error| database::open_error(shared.path.clone(), error))?;
    Ok((connection, progress, shared, registry))
}
