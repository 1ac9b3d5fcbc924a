//! What the commands say: results on standard output, errors on standard error.

use std::io::Write;

use miniman_log::Timestamp;

/// A result: one line.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn line(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// An error. With standard error closed there is nobody left to tell.
pub(crate) fn error(text: &str) {
    drop(writeln!(std::io::stderr(), "miniman: {text}"));
}

/// `2026-11-21T14:02:07Z`.
pub(crate) fn whole_seconds(time: Timestamp) -> String {
    let text = time.to_string();
    text.split_once('.').map_or_else(|| text.clone(), |(seconds, _)| format!("{seconds}Z"))
}
