//! The severity that a line itself names.
//!
//! Read where loggers put it: a level field of a JSON object or of logfmt pairs, or a level word among what stands
//! before the message (time, brackets, logger's name). The first word that belongs to the message ends the search, so
//! `no error found` has none. What is doubtful has none either: a wrong level is worse than none.

use crate::Severity;

mod fixed;
mod json;
pub(crate) mod logfmt;
mod prefix;
pub(crate) mod words;

/// OpenTelemetry's number for the level that `body` names; unspecified when it names none.
///
/// Runs on every line: looks at the line's head, or at the top level of an object's first 64 KiB.
pub fn severity_of(body: &str) -> Severity {
    let line = prefix::without_paint(body.as_bytes());
    let found = match line.first() {
        None => None,
        Some(b'{') => json::severity(line),
        Some(_) => fixed::severity(line).or_else(|| prefix::severity(body.as_bytes())),
    };
    found.unwrap_or(Severity::UNSPECIFIED)
}

#[cfg(test)]
mod tests;
