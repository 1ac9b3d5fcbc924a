//! The API's log stream as raw bytes.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use miniman_log::Timestamp;

use crate::raw::{RawBody, RawError};

/// The body of a logs answer, as the engine sends it: multiplexed unless the container has a TTY, every line led
/// by its timestamp. Ends when the container does or, without `follow`, at the end of what there is.
///
/// Nothing is read ahead: unpolled, the engine waits (for us, never the container).
pub struct LogStream(RawBody);

/// Which part of a container's log is asked for; by default all that the engine has, to its present end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogsAsked {
    /// From the first message at or after this time on.
    pub since: Option<Timestamp>,
    /// Up to the first message after this time.
    pub until: Option<Timestamp>,
    /// Of all that there is, the last so many messages: a line of over 16 KiB is several. Before `until`.
    pub tail: Option<u64>,
    /// Goes on with what comes, until the container ends.
    pub follow: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogsError {
    #[error("no such container")]
    NotFound,
    /// The engine's text: an unreadable log driver, for one.
    #[error("{0}")]
    Engine(String),
    #[error("{0}")]
    Unreachable(String),
}

impl LogStream {
    pub(crate) fn new(body: RawBody) -> Self {
        Self(body)
    }
}

impl Stream for LogStream {
    type Item = Result<Bytes, LogsError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(context).map_err(LogsError::from)
    }
}

impl From<RawError> for LogsError {
    fn from(error: RawError) -> Self {
        match error {
            RawError::Status { code: 404, .. } => Self::NotFound,
            RawError::Status { text, .. } => Self::Engine(text),
            RawError::Malformed(text) => Self::Engine(text),
            error @ (RawError::Unreachable(_) | RawError::TimedOut(_)) => {
                Self::Unreachable(error.to_string())
            }
        }
    }
}
