//! All logs, by number and by container.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::log::LogInner;
use super::{Log, LogId, LogIdentity};

#[derive(Default)]
pub(super) struct Registry {
    logs: RwLock<Logs>,
}

#[derive(Default)]
struct Logs {
    by_id: BTreeMap<LogId, Log>,
    by_container: HashMap<(String, String), LogId>,
    last_id: u32,
}

impl Registry {
    fn read(&self) -> RwLockReadGuard<'_, Logs> {
        self.logs.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, id: LogId) -> Option<Log> {
        self.read().by_id.get(&id).cloned()
    }

    pub(super) fn all(&self) -> Vec<Log> {
        self.read().by_id.values().cloned().collect()
    }

    /// Ids up to `id` are taken.
    pub(super) fn reserve(&self, id: u32) {
        let mut logs = self.logs.write().unwrap_or_else(PoisonError::into_inner);
        logs.last_id = logs.last_id.max(id);
    }

    pub(super) fn find(&self, engine: &str, container_id: &str) -> Option<Log> {
        let logs = self.read();
        let id = logs.by_container.get(&(engine.to_owned(), container_id.to_owned()))?;
        logs.by_id.get(id).cloned()
    }

    /// The container's log, made by `make` when there is none; whether it was made.
    pub(super) fn get_or_insert(
        &self,
        identity: &LogIdentity,
        make: impl FnOnce(LogId) -> Arc<LogInner>,
    ) -> (Log, bool) {
        let mut logs = self.logs.write().unwrap_or_else(PoisonError::into_inner);
        let key = (identity.engine.clone(), identity.container_id.clone());
        if let Some(log) = logs.by_container.get(&key).and_then(|id| logs.by_id.get(id)) {
            return (log.clone(), false);
        }
        let id = LogId(logs.last_id + 1);
        logs.last_id = id.0;
        (logs.insert(key, make(id)), true)
    }

    /// Removes those of `candidates` that `forgotten` says are gone. Whoever asks for their container from then on gets a new log.
    pub(super) fn remove(
        &self,
        candidates: &[Arc<LogInner>],
        forgotten: impl Fn(&LogInner) -> bool,
    ) -> Vec<LogId> {
        let mut logs = self.logs.write().unwrap_or_else(PoisonError::into_inner);
        let gone: Vec<_> = candidates.iter().filter(|log| forgotten(log)).collect();
        for log in &gone {
            let identity = log.identity();
            logs.by_id.remove(&log.id);
            logs.by_container.remove(&(identity.engine.clone(), identity.container_id.clone()));
        }
        gone.into_iter().map(|log| log.id).collect()
    }

    /// Adds a log that was read from the file.
    pub(super) fn insert(&self, inner: Arc<LogInner>) -> Log {
        let mut logs = self.logs.write().unwrap_or_else(PoisonError::into_inner);
        let identity = inner.identity();
        logs.insert((identity.engine.clone(), identity.container_id.clone()), inner)
    }
}

impl Logs {
    fn insert(&mut self, key: (String, String), inner: Arc<LogInner>) -> Log {
        let log = Log { inner };
        self.by_container.insert(key, log.id());
        self.by_id.insert(log.id(), log.clone());
        log
    }
}
