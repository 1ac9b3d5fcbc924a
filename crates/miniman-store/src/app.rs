//! `miniman.db`: users, sessions, tokens, stacks, operations, settings and the audit.
//!
//! Small data behind one connection and one lock; every call blocks, so async callers go through a blocking pool.
//! Invariant: no secret is stored. Passwords arrive here hashed, session and token secrets as SHA-256, the setup
//! token likewise. What a secret looks like and who may do what is decided by the server, not here.
//!
//! Another process may write at the same time (`miniman token create` beside a running server): WAL and a busy timeout
//! make that safe, [`AppStore::foreign_writes`] tells that it happened.

mod audit;
mod external;
mod hide_rules;
mod operations;
mod permissions;
mod roles;
mod schema;
mod searches;
mod sessions;
mod settings;
mod setup;
mod stacks;
mod tokens;
mod users;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

pub use audit::{AuditCheck, AuditFilter, AuditHash, AuditOutcome, AuditRow, NewAuditRow};
pub use external::{EXTERNAL_USERS_MAX, ExternalUser};
pub use hide_rules::{HIDE_RULES_MAX, HideRuleRow, NewHideRule};
pub use operations::{NewTarget, Operation, OperationOutcome, OperationTarget, TargetOutcome};
pub use permissions::{Permission, Permissions};
pub use roles::{OwnRole, ROLE_NAME_BYTES_MAX, ROLES_MAX, Role};
pub use searches::{NewSearch, SEARCHES_MAX, SavedSearch};
pub use sessions::{NewSession, Session, SessionId};
pub use stacks::Stack;
pub use tokens::{ApiToken, NewToken, TokenId};
pub use users::{NewUser, User, UserChange, UserId};

/// SHA-256 of a session, token or setup secret.
pub type SecretHash = [u8; 32];

/// Handle to `miniman.db`; clones share one connection.
#[derive(Clone)]
pub struct AppStore {
    connection: Arc<Mutex<Connection>>,
}

/// Why `miniman.db` could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum AppOpenError {
    #[error("prepare {path}")]
    Files { path: String, source: std::io::Error },
    /// Written by a later MiniMan; opening it could destroy what this version does not know.
    #[error("miniman.db has version {found}, this MiniMan knows up to {known}")]
    Newer { found: i64, known: i64 },
    #[error("open miniman.db")]
    Database(#[from] rusqlite::Error),
}

/// Why a call on `miniman.db` did not work out.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The user name is taken.
    #[error("the name is taken")]
    NameTaken,
    /// Unknown, used or expired.
    #[error("the setup link is not valid")]
    SetupTokenInvalid,
    /// An admin exists already.
    #[error("setup is already done")]
    SetupDone,
    #[error("no such user")]
    NoSuchUser,
    /// It would leave nobody who can manage anything.
    #[error("somebody has to be an admin who may log in; make another one first")]
    LastAdmin,
    /// A token may not have more rights than its owner.
    #[error("the role is above the owner's")]
    RoleAboveOwner,
    #[error("no such role; `viewer`, `operator` and `admin` are built in, others are made in the settings")]
    NoSuchRole,
    #[error("somebody has this role; give them another one first")]
    RoleInUse,
    #[error("there are {ROLES_MAX} own roles already; remove one first")]
    TooManyRoles,
    #[error("there are {EXTERNAL_USERS_MAX} users of a provider or a proxy already")]
    TooManyExternalUsers,
    /// Who manages users could take any scope off.
    #[error("a role that manages MiniMan can't be limited to a scope")]
    ScopeOfManager,
    #[error("there are {most} already, as many as there may be; remove one first")]
    TooMany { most: usize },
    #[error("there are {SEARCHES_MAX} saved searches of yours already; remove one first")]
    TooManySearches,
    /// A row holds what no version of MiniMan writes.
    #[error("miniman.db holds an unreadable {what}")]
    Unreadable { what: &'static str },
    #[error("miniman.db")]
    Database(#[from] rusqlite::Error),
}

impl AppStore {
    /// Opens or creates `miniman.db` in `dir` (made 0700 when absent, files 0600).
    ///
    /// Does not touch operations that another process may be running; the server calls
    /// [`AppStore::interrupt_operations`] once at its start.
    ///
    /// # Errors
    /// A directory or file that can't be made, a newer schema, or SQLite's own.
    pub fn open(dir: &Path) -> Result<Self, AppOpenError> {
        Ok(Self { connection: Arc::new(Mutex::new(schema::open(dir)?)) })
    }

    /// A number that changes when another connection (another process) has written.
    pub fn foreign_writes(&self) -> Result<i64, AppError> {
        Ok(self.lock().query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic while locked leaves at most a rolled-back transaction behind, so the connection stays good.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
