//! Things that happened to a container, beside its lines.

use miniman_log::Timestamp;

/// A start, exit, restart, OOM kill, health change or rename, at its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub timestamp: Timestamp,
    /// The caller's word for what happened.
    pub kind: String,
    /// Number of the last record before it; the store sets it when the mark is made.
    pub after_seq: i64,
    /// JSON, the caller's.
    pub detail: String,
}
