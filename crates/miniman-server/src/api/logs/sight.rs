//! Whether an answer that is being written may go on: asked before each chunk.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use miniman_hub::Roster;
use miniman_store::logs::LogId;
use tokio::sync::watch;

use crate::access::is_out_of_sight;
use crate::accounts::Accounts;
use crate::principal::Principal;
use crate::state::AppState;

/// How often the clock is looked at: a session that has expired ends its answers within a second.
const RIGHTS_CHECK: Duration = Duration::from_millis(400);

/// The asker's rights in the logs of one answer.
pub(super) struct InSight {
    accounts: Accounts,
    principal: Principal,
    roster: watch::Receiver<Arc<Roster>>,
    /// Those of the answer; more may join one that follows.
    logs: Mutex<HashSet<LogId>>,
    /// The roster that was looked at last.
    looked_at: AtomicU64,
}

impl InSight {
    pub(super) fn of(state: &AppState, principal: &Principal, logs: impl Iterator<Item = LogId>) -> Self {
        Self {
            accounts: state.accounts.clone(),
            principal: principal.clone(),
            roster: state.hub.roster(),
            logs: Mutex::new(logs.collect()),
            looked_at: AtomicU64::new(u64::MAX),
        }
    }

    pub(super) fn join(&self, log: LogId) {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner).insert(log);
    }

    /// Waits until it does not hold any more: at once when rights or containers change, and a session's end by the clock.
    pub(super) async fn ended(&self) {
        let (mut rights, mut roster) = (self.accounts.rights_changed(), self.roster.clone());
        while self.holds() {
            tokio::select! {
                Ok(()) = rights.changed() => {}
                Ok(()) = roster.changed(), if self.principal.sight.is_limited() => {}
                () = tokio::time::sleep(RIGHTS_CHECK) => {}
            }
        }
    }

    /// Whether the asker may be given what is read of these logs. A container that was renamed out of a limited sight
    /// ends it; of one that retention took nothing more can come.
    pub(super) fn holds(&self) -> bool {
        if !self.accounts.still_valid(&self.principal) {
            return false;
        }
        let roster = self.roster.borrow();
        if self.looked_at.load(Ordering::Acquire) == roster.generation {
            return true;
        }
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let out = |log: &LogId| is_out_of_sight(&self.principal, &roster, *log);
        if self.principal.sight.is_limited() && logs.iter().any(out) {
            return false;
        }
        self.looked_at.store(roster.generation, Ordering::Release);
        true
    }
}
