//! The audit: every login, refusal, action and change, on record in `miniman.db` and on standard output.
//!
//! Owns what an event is, how often refusals are written, and how long rows stay; the chain of rows is the store's. An
//! event holds names, never secrets: whoever records one puts no password, no token and no name that a stranger typed
//! into it. What is done to a container is on record before its engine is asked.

mod action;
mod pace;

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use miniman_log::Timestamp;
pub use miniman_store::app::AuditOutcome;
use miniman_store::app::{AppError, AppStore, AuditRow, NewAuditRow};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::peer::Peer;
use crate::principal::Principal;
use crate::problem::Problem;

pub use action::AuditAction;

use pace::Pace;

/// The target of the one line that each row is on standard output.
pub const TRACING_TARGET: &str = "audit";

/// How long rows stay unless told otherwise: a year.
pub const RETENTION_DEFAULT: Duration = Duration::from_secs(365 * 24 * 3600);

/// Rows kept whatever their age: 500,000 × ~300 B = 150 MB.
pub const ROWS_MAX: u64 = 500_000;

/// How often old rows are looked for.
const TAKE_EVERY: Duration = Duration::from_secs(600);

/// Longest text of one field, in bytes; what is longer is cut.
const FIELD_BYTES_MAX: usize = 500;

/// Who a thing is done by, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    who: String,
    peer: Option<Peer>,
}

/// Something to be put on record.
#[derive(Debug, Clone)]
pub struct AuditEvent {
    by: Actor,
    action: AuditAction,
    target: String,
    outcome: AuditOutcome,
    detail: String,
}

/// Handle to the record; clones share it.
#[derive(Clone)]
pub struct Audit {
    inner: Arc<Inner>,
}

struct Inner {
    store: AppStore,
    clock: Clock,
    retention: Duration,
    pace: Mutex<Pace>,
}

impl Actor {
    /// A user, known by name, from there.
    pub fn named(who: impl Into<String>, peer: Peer) -> Self {
        Self { who: who.into(), peer: Some(peer) }
    }

    /// Nobody that is known: what a stranger calls themselves is not kept, for it may be a password in the wrong field.
    pub fn unknown(peer: Peer) -> Self {
        Self::named("(unknown)", peer)
    }

    /// Whoever may write the data directory.
    pub fn command_line() -> Self {
        Self { who: "command line".to_owned(), peer: None }
    }

    fn address(&self) -> String {
        self.peer.map(|peer| peer.0.ip().to_canonical().to_string()).unwrap_or_default()
    }
}

impl From<&Principal> for Actor {
    fn from(principal: &Principal) -> Self {
        Self { who: principal.who(), peer: principal.peer }
    }
}

impl AuditEvent {
    /// Something that was done, to nothing in particular.
    pub fn new(by: impl Into<Actor>, action: AuditAction) -> Self {
        let (target, detail) = (String::new(), String::new());
        Self { by: by.into(), action, target, outcome: AuditOutcome::Succeeded, detail }
    }

    /// What it was done to.
    #[must_use]
    pub fn on(self, target: impl Into<String>) -> Self {
        Self { target: target.into(), ..self }
    }

    #[must_use]
    pub fn outcome(self, outcome: AuditOutcome) -> Self {
        Self { outcome, ..self }
    }

    /// In words; no secret.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }
}

impl Audit {
    /// Starts the task that takes old rows.
    pub(crate) fn start(
        store: AppStore,
        clock: Clock,
        retention: Option<Duration>,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> Self {
        let retention = retention.unwrap_or(RETENTION_DEFAULT);
        let audit = Self { inner: Arc::new(Inner { store, clock, retention, pace: Mutex::default() }) };
        tasks.spawn(audit.clone().keep_bounded(shutdown));
        audit
    }

    /// Puts it on record; once this returns, it is durable. Refusals that come in floods are counted instead, and the
    /// count stands in the next one that is written.
    ///
    /// # Errors
    /// When `miniman.db` can't be written: then the asker is told that it did not work.
    pub async fn record(&self, mut event: AuditEvent) -> Result<(), Problem> {
        if event.outcome == AuditOutcome::Refused {
            let mut pace = self.inner.pace.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(unwritten) = pace.admit(event.by.peer.map(Peer::key), Instant::now()) else {
                return Ok(());
            };
            if unwritten > 0 {
                let before = if event.detail.is_empty() { "" } else { "; " };
                event.detail += &format!("{before}{unwritten} refusals before it were not written");
            }
        }
        let inner = self.inner.clone();
        let written = tokio::task::spawn_blocking(move || record(&inner.store, &inner.clock, &event));
        match written.await {
            Ok(written) => written.map_err(|error| Problem::internal(&error)),
            Err(error) => Err(Problem::internal(&error)),
        }
    }

    async fn keep_bounded(self, shutdown: CancellationToken) {
        loop {
            let inner = self.inner.clone();
            let taken = tokio::task::spawn_blocking(move || inner.take_old()).await;
            if let Ok(Err(error)) = taken {
                tracing::error!(error = &error as &dyn Error, "take old rows of the audit");
            }
            tokio::select! {
                () = tokio::time::sleep(TAKE_EVERY) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }
}

impl Inner {
    fn take_old(&self) -> Result<(), AppError> {
        let age = i64::try_from(self.retention.as_nanos()).unwrap_or(i64::MAX);
        let oldest = Timestamp(self.clock.now().0.saturating_sub(age));
        let taken = self.store.take_audit(oldest, ROWS_MAX)?;
        if taken > 0 {
            tracing::info!(taken, "old rows of the audit went");
        }
        Ok(())
    }
}

/// Puts it on record without a server: what the command line does. Blocking.
///
/// # Errors
/// When `miniman.db` can't be written.
pub fn record(store: &AppStore, clock: &Clock, event: &AuditEvent) -> Result<(), AppError> {
    let row = NewAuditRow {
        who: &cut(&event.by.who),
        address: &event.by.address(),
        action: event.action.as_str(),
        target: &cut(&event.target),
        outcome: event.outcome,
        detail: &cut(&event.detail),
    };
    say(&store.add_audit(&row, clock.now())?);
    Ok(())
}

/// On standard output, where a collector takes it out of the reach of whoever gets at the file.
fn say(row: &AuditRow) {
    tracing::info!(
        target: TRACING_TARGET,
        id = row.id,
        at = %row.at,
        who = row.who,
        address = row.address,
        action = row.action,
        on = row.target,
        outcome = row.outcome.as_str(),
        detail = row.detail,
        hash = hex(&row.hash),
    );
}

/// As `sha256sum` writes it.
pub fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Within the bound and on one line.
fn cut(text: &str) -> String {
    let end = text.floor_char_boundary(FIELD_BYTES_MAX);
    text[..end].chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests;
