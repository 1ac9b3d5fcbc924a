//! Why a store cannot be opened or used.

use std::path::PathBuf;

/// Why [`super::LogStore::open`] refuses. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the data directory {path} cannot be created or used; check that it exists and is writable for this user", path = .path.display())]
    Directory { path: PathBuf, source: std::io::Error },
    #[error("{path} cannot be written; give this user the right to, mount it writable, or choose another directory with --data-dir", path = .path.display())]
    ReadOnly { path: PathBuf },
    #[error(
        "the data directory {path} is in use by another MiniMan{}; stop that one first or choose another directory with --data-dir",
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default(),
        path = .path.display()
    )]
    InUse { path: PathBuf, pid: Option<u32> },
    #[error(
        "{path} was written by a newer MiniMan (format {found}, this one reads up to {supported}); use that version or another directory",
        path = .path.display()
    )]
    Newer { path: PathBuf, found: i64, supported: i64 },
    #[error("{path} has an older format ({found}) than this command reads; start the server once, which brings it up to date", path = .path.display())]
    Older { path: PathBuf, found: i64 },
    #[error("there is no {path}; give the server's data directory with --data-dir", path = .path.display())]
    Missing { path: PathBuf },
    #[error("{path} is a database of another program; move it away or choose another directory with --data-dir", path = .path.display())]
    Foreign { path: PathBuf },
    #[error("{path} has an older format, and it cannot be copied to {kept} before it is brought up to date; free as much space as it takes, or move it away", path = .path.display(), kept = .kept.display())]
    Copy { path: PathBuf, kept: PathBuf, source: std::io::Error },
    #[error("no space left for {path}; free some, or choose another directory with --data-dir", path = .path.display())]
    Full { path: PathBuf, source: rusqlite::Error },
    #[error("{path} is damaged; move it away to start with an empty one", path = .path.display())]
    Damaged { path: PathBuf, source: rusqlite::Error },
    #[error("{path} cannot be opened", path = .path.display())]
    Database { path: PathBuf, source: rusqlite::Error },
    #[error("the store's writer thread cannot be started")]
    Thread(#[source] std::io::Error),
}

/// Why an operation on an open store did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the log store is closed")]
    Closed,
    /// [`super::LogStore::log`] makes a new one, with another id.
    #[error("the log of this removed container is gone")]
    Forgotten,
    /// Everything stays in memory, and the next commit tries again.
    #[error("the commit of the log store did not succeed: {0}")]
    Commit(String),
    #[error("the log store cannot be read")]
    Read(#[from] rusqlite::Error),
    #[error("no memory for expanding blocks")]
    Memory(#[source] std::io::Error),
    /// Nothing was appended: a line cap belongs to whoever reads the source.
    #[error("a line is longer than a block can hold")]
    LineTooLong,
    #[error("too many marks wait for their commit")]
    MarksFull,
    #[error("the log's numbers are used up")]
    NumbersUsedUp,
}
