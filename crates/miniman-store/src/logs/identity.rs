//! Which container a log belongs to.

use std::fmt;
use std::str::FromStr;

use miniman_log::Timestamp;

/// A log's number in this store: given once, never reused, so that a cursor can name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId(pub u32);

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for LogId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What a container is called and where it belongs, as last seen. `(engine, container_id)` names the log; the rest
/// may change (a rename) and is kept as it last was when the container is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogIdentity {
    pub engine: String,
    /// Docker's full id: 64 hex digits.
    pub container_id: String,
    /// Without the leading slash.
    pub name: String,
    pub image: String,
    pub stack: Option<String>,
    pub service: Option<String>,
    /// The container's number in its service.
    pub number: Option<u32>,
    pub created: Timestamp,
}
