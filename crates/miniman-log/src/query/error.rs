//! Why a text is no query, told so that whoever wrote it can mend it.

use std::ops::Range;

/// What is wrong with a query, where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {}); {hint}", .position_chars + 1)]
pub struct QueryError {
    /// Where the fault starts, in bytes from the query's start; at a character's boundary.
    pub position: usize,
    /// The same in characters (Unicode scalar values).
    pub position_chars: usize,
    /// Characters that the fault spans; 0 when something is missing at the position.
    pub length: usize,
    /// What is wrong: a clause for people, lower case, without a full stop.
    pub message: String,
    /// What to do about it, in the same form.
    pub hint: String,
}

impl QueryError {
    /// A fault in the bytes `span` of `source`; a span that leaves it or splits a character is drawn in.
    pub(super) fn new(
        source: &str,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let position = source.floor_char_boundary(span.start);
        let end = source.floor_char_boundary(span.end.max(position));
        Self {
            position,
            position_chars: source[..position].chars().count(),
            length: source[position..end].chars().count(),
            message: message.into(),
            hint: hint.into(),
        }
    }
}
