//! Opening `miniman.db`: permissions, pragmas, schema and its version.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::AppOpenError;

const FILE_NAME: &str = "miniman.db";

/// Each makes the next version of the schema, from an empty file on: what stands here never changes, changes are added.
const STEPS: &[&str] = &[FIRST, ACCOUNTS_AND_AUDIT, ROLES_AND_SCOPES, HIDE_RULES, EXTERNAL_USERS, SEARCHES];

/// How long a call waits for another process' write; its transactions take milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const FIRST: &str = "
CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL,
    generation    INTEGER NOT NULL DEFAULT 1,
    created       INTEGER NOT NULL
) STRICT;
CREATE TABLE sessions (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    hash      BLOB NOT NULL UNIQUE,
    user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created   INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    expires   INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE TABLE tokens (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    hash      BLOB NOT NULL UNIQUE,
    user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    role      TEXT NOT NULL,
    created   INTEGER NOT NULL,
    last_used INTEGER
) STRICT;
CREATE TABLE stacks (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    engine TEXT NOT NULL,
    name   TEXT NOT NULL,
    UNIQUE (engine, name)
) STRICT;
CREATE TABLE operations (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    who      TEXT NOT NULL,
    action   TEXT NOT NULL,
    started  INTEGER NOT NULL,
    finished INTEGER,
    outcome  TEXT NOT NULL
) STRICT;
CREATE TABLE operation_targets (
    operation_id INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    engine       TEXT NOT NULL,
    container_id TEXT NOT NULL,
    name         TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    error        TEXT,
    finished     INTEGER,
    PRIMARY KEY (operation_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE setup_token (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    hash    BLOB NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
";

const ACCOUNTS_AND_AUDIT: &str = "
ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN expires INTEGER;
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    who     TEXT NOT NULL,
    address TEXT NOT NULL,
    action  TEXT NOT NULL,
    target  TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail  TEXT NOT NULL,
    hash    BLOB NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE TABLE audit_anchor (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    row  INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;
INSERT INTO audit_anchor VALUES (1, 0, zeroblob(32));
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'a row of the audit is never changed'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit WHEN OLD.id > (SELECT row FROM audit_anchor)
BEGIN SELECT RAISE(ABORT, 'a row of the audit goes by retention only'); END;
";

/// A scope is its patterns, one a line; without one there is no limit.
const ROLES_AND_SCOPES: &str = "
CREATE TABLE roles (
    name        TEXT PRIMARY KEY,
    permissions TEXT NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE users ADD COLUMN scope TEXT;
ALTER TABLE tokens ADD COLUMN scope TEXT;
";

/// Without a user a rule is everyone's.
const HIDE_RULES: &str = "
CREATE TABLE hide_rules (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
    stack   TEXT,
    service TEXT NOT NULL,
    query   TEXT NOT NULL,
    who     TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;
";

/// Who vouches for a user and for whom; neither for local ones.
const EXTERNAL_USERS: &str = "
ALTER TABLE users ADD COLUMN issuer TEXT;
ALTER TABLE users ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX users_identity ON users (issuer, subject) WHERE issuer IS NOT NULL;
";

const SEARCHES: &str = "
CREATE TABLE searches (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    query   TEXT NOT NULL,
    shared  INTEGER NOT NULL,
    who     TEXT NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (user_id, name)
) STRICT;
";

pub(super) fn open(dir: &Path) -> Result<Connection, AppOpenError> {
    let path = dir.join(FILE_NAME);
    prepare(dir, &path).map_err(|source| AppOpenError::Files { path: path.display().to_string(), source })?;
    let mut connection = Connection::open(&path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // SQLite gives -wal and -shm the mode of the main file.
    connection.pragma_update(None, "journal_mode", "wal")?;
    // An operation's row must outlive a power cut once Docker was asked: FULL syncs the WAL at each commit.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A transaction that reads, then writes, would fail as busy when another process wrote in between; taking the
    // write lock at the start makes it wait instead, and lets the second of two racing setups see the first.
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    migrate(&mut connection, &path, STEPS)?;
    Ok(connection)
}

/// Makes the directory and the file with their modes before SQLite would make them with the umask's.
fn prepare(dir: &Path, path: &Path) -> std::io::Result<()> {
    if !dir.exists() {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

/// Brings the file up to date, all steps or none. One that holds something already is copied to `miniman.db.v<version>`
/// first.
pub(super) fn migrate(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), AppOpenError> {
    let known = steps.len() as i64;
    let version = |connection: &Connection| connection.query_row("PRAGMA user_version", [], |row| row.get(0));
    let found: i64 = version(connection)?;
    if found > known {
        return Err(AppOpenError::Newer { found, known });
    }
    if (1..known).contains(&found) {
        keep_copy(connection, path, found)?;
    }
    let transaction = connection.transaction()?;
    // Another process may have been faster since.
    let found: i64 = version(&transaction)?;
    for step in steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known.max(found))?;
    transaction.commit()?;
    Ok(())
}

/// A consistent copy beside the file, with its mode. One that is there already is of the same version and stays.
fn keep_copy(connection: &Connection, path: &Path, version: i64) -> Result<(), AppOpenError> {
    let kept = path.with_extension(format!("db.v{version}"));
    if kept.exists() {
        return Ok(());
    }
    let partial = path.with_extension(format!("db.v{version}.partial"));
    let files = |source| AppOpenError::Files { path: kept.display().to_string(), source };
    match std::fs::remove_file(&partial) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(files(error)),
        _ => {}
    }
    // Made before SQLite writes to it, so that it is never readable by others.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial).map_err(files)?;
    connection.execute("VACUUM INTO ?1", [partial.to_string_lossy()])?;
    std::fs::rename(&partial, &kept).map_err(files)?;
    tracing::warn!(from = version, kept = %kept.display(), "miniman.db has a newer format now; the file as it was is kept until you remove it");
    Ok(())
}
