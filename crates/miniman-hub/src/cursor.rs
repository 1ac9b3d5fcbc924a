//! A position in one or more logs.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use miniman_store::logs::LogId;

/// Positions one cursor may name; a view over more logs has to be narrowed. 4,096 × ~16 B of text = 64 KiB.
pub const CURSOR_LOGS_MAX: usize = 4_096;

/// For each log the seq that was read last; reading goes on behind it.
///
/// A cursor is a position and no right: entries for logs outside a view mean nothing to it.
/// As text: `12:345`, of a merged view `12:345,13:-7`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor(pub BTreeMap<LogId, i64>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    #[error("a cursor is <log>:<seq>, several joined by commas; got {0:?}")]
    Form(String),
    #[error("a cursor names at most {CURSOR_LOGS_MAX} logs")]
    TooMany,
}

impl Cursor {
    pub fn single(log: LogId, seq: i64) -> Self {
        Self(BTreeMap::from([(log, seq)]))
    }

    pub fn get(&self, log: LogId) -> Option<i64> {
        self.0.get(&log).copied()
    }

    pub fn set(&mut self, log: LogId, seq: i64) {
        self.0.insert(log, seq);
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (log, seq)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            write!(f, "{}:{seq}", log.0)?;
        }
        Ok(())
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let mut cursor = Self::default();
        for entry in text.split(',') {
            let parsed =
                entry.split_once(':').and_then(|(log, seq)| Some((log.parse().ok()?, seq.parse().ok()?)));
            // What is echoed in the error is short, whatever was sent.
            let (log, seq) = parsed.ok_or_else(|| CursorError::Form(entry.chars().take(40).collect()))?;
            cursor.set(LogId(log), seq);
            if cursor.0.len() > CURSOR_LOGS_MAX {
                return Err(CursorError::TooMany);
            }
        }
        Ok(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_from_its_text() {
        for text in ["12:345", "12:345,13:-7"] {
            assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in ["", "12", "12:", ":3", "a:b", "1:2,", "4294967296:0", "1:99999999999999999999"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
