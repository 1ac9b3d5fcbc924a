//! Which containers an operation of ours is acting on, so that the engine's events of it are not told as well.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use miniman_engine::ContainerId;
use miniman_log::Timestamp;

/// Docker stamps the last event of an action a little after it has answered it, and a remote clock is a little off.
const TRAILING_NANOS: i64 = 100_000_000;
/// How long an action that has ended is remembered: its events are told within this, or never.
const REMEMBERED_NANOS: i64 = 10_000_000_000;

#[derive(Debug, Clone, Default)]
pub(crate) struct Acting(Arc<Mutex<HashMap<ContainerId, State>>>);

#[derive(Debug, Clone, Copy)]
struct State {
    began: Timestamp,
    running: usize,
    ended: Timestamp,
}

/// One action under way; dropped without [`ActingGuard::end`] it counts as ended too.
pub(crate) struct ActingGuard {
    acting: Acting,
    id: ContainerId,
}

impl Acting {
    pub(crate) fn begin(&self, id: &ContainerId) -> ActingGuard {
        let now = now();
        let mut states = self.lock();
        states.retain(|_, state| state.running > 0 || now.0 - state.ended.0 < REMEMBERED_NANOS);
        let state = states.entry(id.clone()).or_insert(State { began: now, running: 0, ended: now });
        if state.running == 0 {
            state.began = now;
        }
        state.running += 1;
        drop(states);
        ActingGuard { acting: self.clone(), id: id.clone() }
    }

    /// Whether something that happened at `timestamp` was our doing.
    pub(crate) fn covers(&self, id: &ContainerId, timestamp: Timestamp) -> bool {
        self.lock().get(id).is_some_and(|state| {
            timestamp.0 >= state.began.0 - TRAILING_NANOS
                && (state.running > 0 || timestamp.0 <= state.ended.0 + TRAILING_NANOS)
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ContainerId, State>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ActingGuard {
    /// When it ended.
    pub(crate) fn end(self) -> Timestamp {
        now()
    }
}

impl Drop for ActingGuard {
    fn drop(&mut self) {
        if let Some(state) = self.acting.lock().get_mut(&self.id) {
            state.running = state.running.saturating_sub(1);
            state.ended = now();
        }
    }
}

pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
}
