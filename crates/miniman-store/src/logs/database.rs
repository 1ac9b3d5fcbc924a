//! The file: its directory, lock, tables and version.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::OpenError;
use super::disk;
use super::migrate::{MIGRATIONS, migrate};

/// What `PRAGMA user_version` holds: the version of tables and encodings together.
pub(super) const FORMAT_VERSION: i64 = 3;
/// "MMlg": tells `file(1)` and us whose database it is.
const APPLICATION_ID: i64 = 0x4d4d_6c67;
pub(super) const FILE_NAME: &str = "logs.db";
const LOCK_NAME: &str = "logs.lock";
/// SQLite's own cache of the writer: index pages; payloads pass through.
const WRITER_CACHE_KIB: i64 = 2_048;
/// Of each reader. The system's page cache holds the file anyway.
const READER_CACHE_KIB: i64 = 256;
/// What the write-ahead log is cut back to after a checkpoint; a commit writes some 4 MiB at most.
const WAL_BYTES_KEPT: i64 = 16 << 20;

const SCHEMA: &str = "
-- One a container. `resume` is the tail's state as of journal row `resume_row`; a later row overrides it. `retention` are
-- the log's own limits, as in `7d,500MB`; `multiline` is a regex for what begins a record of several lines, `message`
-- the field of its JSON lines that is the message.
CREATE TABLE logs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    engine       TEXT NOT NULL,
    container_id TEXT NOT NULL,
    name         TEXT NOT NULL,
    image        TEXT NOT NULL,
    stack        TEXT,
    service      TEXT,
    number       INTEGER,
    created      INTEGER NOT NULL,
    resume       BLOB,
    resume_row   INTEGER NOT NULL DEFAULT 0,
    retention    TEXT,
    multiline    TEXT,
    message      TEXT,
    UNIQUE (engine, container_id)
);
-- Small rows, in order of number: found by seq, scanned by time and severity without touching a payload.
CREATE TABLE blocks (
    log_id       INTEGER NOT NULL,
    first_seq    INTEGER NOT NULL,
    last_seq     INTEGER NOT NULL,
    id           INTEGER NOT NULL,
    first_time   INTEGER NOT NULL,
    last_time    INTEGER NOT NULL,
    min_time     INTEGER NOT NULL,
    max_time     INTEGER NOT NULL,
    raw_bytes    INTEGER NOT NULL,
    stored_bytes INTEGER NOT NULL,
    stderr       INTEGER NOT NULL,
    severities   BLOB NOT NULL,
    committed    INTEGER NOT NULL,
    PRIMARY KEY (log_id, first_seq)
) WITHOUT ROWID;
CREATE TABLE payloads (
    id      INTEGER PRIMARY KEY,
    columns BLOB NOT NULL,
    bodies  BLOB NOT NULL
);
CREATE TABLE filters (
    id   INTEGER PRIMARY KEY,
    bits BLOB NOT NULL
);
CREATE TABLE journal (
    id      INTEGER PRIMARY KEY,
    entries BLOB NOT NULL
);
CREATE TABLE gaps (
    log_id     INTEGER NOT NULL,
    from_seq   INTEGER NOT NULL,
    to_seq     INTEGER NOT NULL,
    missed     INTEGER,
    since_time INTEGER,
    until_time INTEGER,
    reason     INTEGER NOT NULL,
    PRIMARY KEY (log_id, from_seq)
) WITHOUT ROWID;
CREATE TABLE marks (
    id        INTEGER PRIMARY KEY,
    log_id    INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    detail    TEXT NOT NULL
);
CREATE INDEX marks_by_time ON marks (log_id, timestamp, id);
";

/// Holds the directory for this process; given up when dropped, or with the process.
#[derive(Debug)]
pub(super) struct DirectoryLock {
    file: File,
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        // Closing alone would leave it to a child that this process is just about to start, until that one's exec.
        if let Err(error) = rustix::fs::flock(&self.file, rustix::fs::FlockOperation::Unlock) {
            tracing::debug!(%error, "the lock goes with the file");
        }
    }
}

/// Creates `dir` (0700) when it is missing and takes its lock.
pub(super) fn lock_directory(dir: &Path) -> Result<DirectoryLock, OpenError> {
    let unusable = |source| unusable(dir, source);
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(unusable)?;
    let path = dir.join(LOCK_NAME);
    let mut options = OpenOptions::new();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(unusable)?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let mut text = String::new();
            // The number is a courtesy: without it the refusal stands all the same.
            let pid = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
            return Err(OpenError::InUse { path: dir.to_owned(), pid });
        }
        Err(errno) => return Err(unusable(errno.into())),
    }
    let write_pid = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    // On a full disk the number has no place; the lock holds without it.
    if let Err(error) = write_pid(&mut file) {
        tracing::debug!(%error, "the lock file does not name this process");
    }
    Ok(DirectoryLock { file })
}

fn unusable(dir: &Path, source: std::io::Error) -> OpenError {
    let path = dir.to_owned();
    match source.kind() {
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => OpenError::ReadOnly { path },
        _ => OpenError::Directory { path, source },
    }
}

/// Opens the database of `dir` for the one writer; creates file (0600) and tables when they are missing.
pub(super) fn open_writer(dir: &Path) -> Result<Connection, OpenError> {
    let path = dir.join(FILE_NAME);
    // SQLite would create it with the umask's mode; its side files take the database's.
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|source| unusable(dir, source))?;
    prepare(&path).map_err(|cause| cause.at(path))
}

fn prepare(path: &Path) -> Result<Connection, Refused> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    let (version, empty) = identify(&connection)?;
    // Must precede the first table and the change to WAL; without effect afterwards.
    connection.pragma_update(None, "auto_vacuum", 2)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A checkpoint syncs, a commit does not: a power cut takes the last commits whole, never a part of one. What it may
    // not take is synced by itself: see `sync`.
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
    connection.set_prepared_statement_cache_capacity(32);
    if empty {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT_VERSION}; COMMIT;"
        ))?;
    }
    if !empty && version < FORMAT_VERSION && !migrate(&connection, path, version, FORMAT_VERSION, MIGRATIONS)?
    {
        return Err(Refused::Older(version));
    }
    // Takes the right to write, so that a read-only file shows now and not at the first commit.
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK;")?;
    Ok(connection)
}

/// The version of the format, and whether the file is still empty.
fn identify(connection: &Connection) -> Result<(i64, bool), Refused> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let empty = version == 0 && application == 0 && tables == 0;
    if !empty && application != APPLICATION_ID {
        return Err(Refused::Foreign);
    }
    if version > FORMAT_VERSION {
        return Err(Refused::Newer(version));
    }
    Ok((version, empty))
}

/// Opens the file at `path` for looking at it alone, beside a server or without one, on a read-only disk too.
pub(super) fn open_offline(path: &Path) -> Result<Connection, OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing { path: path.to_owned() });
    }
    let open = |connection: rusqlite::Result<Connection>| {
        let connection = connection?;
        let (version, _) = identify(&connection)?;
        if version < FORMAT_VERSION { Err(Refused::Older(version)) } else { Ok(connection) }
    };
    let opened = match open(open_reader(path)) {
        // Without a server there is no shared memory, and none can be made; then nobody else can write either.
        Err(Refused::Sqlite(error)) if needs_writing(&error) && wal_bytes(path) == 0 => {
            open(open_immutable(path))
        }
        opened => opened,
    };
    opened.map_err(|refused| refused.at(path.to_owned()))
}

fn needs_writing(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

fn open_immutable(path: &Path) -> rusqlite::Result<Connection> {
    // A path in a URI: what would end or change it is escaped.
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)
}

/// The database and its write-ahead log; what is missing counts nothing.
pub(super) fn file_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len()) + wal_bytes(path)
}

fn wal_bytes(path: &Path) -> u64 {
    std::fs::metadata(wal(path)).map_or(0, |file| file.len())
}

fn wal(path: &Path) -> PathBuf {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    wal.into()
}

/// Has all that was committed outlive a power cut: what no checkpoint has synced yet is in the write-ahead log.
pub(super) fn sync(path: &Path) -> std::io::Result<()> {
    File::open(wal(path))?.sync_data()
}

/// Opens a connection that can only read.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    // A checkpoint may hold the file for a moment when the write-ahead log starts anew.
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

/// Why the file was not opened, before its path is known.
pub(super) enum Refused {
    Foreign,
    Older(i64),
    Newer(i64),
    Copy { kept: PathBuf, source: std::io::Error },
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Refused {
    fn at(self, path: PathBuf) -> OpenError {
        match self {
            Self::Foreign => OpenError::Foreign { path },
            Self::Older(found) => OpenError::Older { path, found },
            Self::Newer(found) => OpenError::Newer { path, found, supported: FORMAT_VERSION },
            Self::Copy { kept, source } => OpenError::Copy { path, kept, source },
            Self::Sqlite(source) => open_error(path, source),
        }
    }
}

/// The error that tells people what to do about `source`.
pub(super) fn open_error(path: PathBuf, source: rusqlite::Error) -> OpenError {
    match source.sqlite_error_code() {
        _ if path.parent().is_some_and(|dir| disk::is_full(&source, dir)) => OpenError::Full { path, source },
        Some(ErrorCode::ReadOnly) => OpenError::ReadOnly { path },
        Some(ErrorCode::NotADatabase) => OpenError::Foreign { path },
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged { path, source },
        _ => OpenError::Database { path, source },
    }
}
