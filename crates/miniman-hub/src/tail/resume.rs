//! Where a tail stands, as bytes that the store keeps beside the lines.
//!
//! Layout, little endian: a version byte; the live position; each stream's pending position; the extent of history; and
//! where one of them says something, each stream's position of a private key, the begin of history and whether more may
//! come (older versions don't read on to these). A position is a tag byte (0 none, 1 some) and, when some, file key and
//! offset. Offsets, never text: what a container wrote and is not a line yet stays in its file.

use miniman_log::{IoStream, RecordBatch, Timestamp};
use miniman_store::logs::{GapReason, Log, StoreError};

use super::open::FileKey;

const VERSION: u8 = 1;

/// A place between two entries of a log file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) file: FileKey,
    pub(crate) offset: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Resume {
    /// Behind the last entry that was read; `None` when no file had an entry yet, or the source is the API.
    pub(crate) live: Option<Position>,
    /// Where the parts begin of a line that has not ended, a stream.
    pub(crate) pending: [Option<Position>; IoStream::ALL.len()],
    /// What lies before this is still to be read; `None` when all is.
    pub(crate) history: Option<Position>,
    /// Where the lines begin of a private key that has not ended, a stream: they are read again, so that the redactor
    /// knows those that follow.
    pub(crate) keys: [Option<Position>; IoStream::ALL.len()],
    /// The oldest file that history had when it was first seen: without it, what is left of history is not whole.
    pub(crate) begin: Option<Position>,
    /// The container runs, or has written what may not have been read to its end: if it is gone by the next start, lines
    /// may be missing.
    pub(crate) open: bool,
}

impl Resume {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        let begun = [self.keys[0], self.keys[1], self.begin];
        let more = self.open || begun.iter().any(Option::is_some);
        for position in self.positions().iter().chain(begun.iter().filter(|_| more)) {
            match position {
                None => out.push(0),
                Some(position) => {
                    out.push(1);
                    out.extend_from_slice(&position.file.0.to_le_bytes());
                    out.extend_from_slice(&position.offset.to_le_bytes());
                }
            }
        }
        if more {
            out.push(u8::from(self.open));
        }
        out
    }

    /// `None` for what this version did not write.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (version, mut rest) = bytes.split_first()?;
        if *version != VERSION {
            return None;
        }
        let mut next = || -> Option<Option<Position>> {
            let (tag, after) = rest.split_first()?;
            rest = after;
            if *tag == 0 {
                return Some(None);
            }
            let (file, after) = rest.split_first_chunk::<8>()?;
            let (offset, after) = after.split_first_chunk::<8>()?;
            rest = after;
            Some(Some(Position {
                file: FileKey(u64::from_le_bytes(*file)),
                offset: u64::from_le_bytes(*offset),
            }))
        };
        let (live, stdout, stderr, history) = (next()?, next()?, next()?, next()?);
        let keys = [next().flatten(), next().flatten()];
        let begin = next().flatten();
        let open = rest.first() == Some(&1);
        Some(Self { live, pending: [stdout, stderr], history, keys, begin, open })
    }

    /// As it is stored of `log`.
    pub(crate) fn of(log: &Log) -> Option<Self> {
        log.resume().as_deref().and_then(Self::decode)
    }

    fn positions(&self) -> [Option<Position>; 4] {
        [self.live, self.pending[0], self.pending[1], self.history]
    }
}

/// The API has no files: a pending position there is the time of the line's first part.
const API: FileKey = FileKey(0);

pub(crate) fn pending_since(since: Timestamp) -> Position {
    Position { file: API, offset: since.0.cast_unsigned() }
}

/// Of a stream in the middle of a private key whose begin has no place in a file: what is stored tells more.
pub(crate) const IN_KEY: Position = Position { file: API, offset: 0 };

/// Since when the oldest line has been unfinished that an API tail had.
pub(crate) fn oldest_pending(resume: &Resume) -> Option<Timestamp> {
    let pending = resume.pending.iter().flatten().filter(|position| position.file == API);
    pending.map(|position| Timestamp(position.offset.cast_signed())).min()
}

/// Stores whether more may come than was stored, where that has changed; for whoever appends to `log`. Blocking.
pub(crate) fn keep_open(log: &Log, open: bool) -> Result<(), StoreError> {
    let resume = Resume::of(log).unwrap_or_default();
    if resume.open != open {
        log.append(&RecordBatch::new(), Some(Resume { open, ..resume }.encode()))?;
    }
    Ok(())
}

/// Of a container that went while nobody looked: what it wrote and is not stored is a gap at either end of its log, of
/// which nobody knows how many lines. Told once. Blocking.
pub(crate) fn tell_unread(log: &Log) -> Result<(), StoreError> {
    let Some(resume) = Resume::of(log) else { return Ok(()) };
    let stored = log.stored();
    let rest = Resume { history: None, begin: None, ..resume };
    if resume.history.is_some() {
        let until = stored.first_timestamp;
        log.prepend_gap(None, None, until, GapReason::SourceLost, Some(rest.encode()))?;
    }
    if resume.open {
        let resume = Resume { open: false, ..rest };
        log.append_gap(None, stored.last_timestamp, None, GapReason::SourceLost, Some(resume.encode()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resume_state_reads_back() {
        let at = |file, offset| Some(Position { file: FileKey(file), offset });
        for resume in [
            Resume::default(),
            Resume {
                live: at(7, 9),
                pending: [None, at(6, u64::MAX)],
                history: at(1, 2),
                ..Resume::default()
            },
            Resume { live: at(7, 9), keys: [None, at(7, 3)], ..Resume::default() },
            Resume { history: at(7, 9), begin: at(3, 0), ..Resume::default() },
            Resume { open: true, ..Resume::default() },
            Resume { keys: [at(7, 3), None], open: true, ..Resume::default() },
        ] {
            assert_eq!(Resume::decode(&resume.encode()), Some(resume));
        }
    }

    #[test]
    fn an_api_tails_pending_line_keeps_its_time() {
        let pending = [Some(pending_since(Timestamp(-5))), Some(pending_since(Timestamp(7)))];
        assert_eq!(oldest_pending(&Resume { pending, ..Resume::default() }), Some(Timestamp(-5)));
        let pending = [Some(Position { file: FileKey(1), offset: 3 }), None];
        assert_eq!(oldest_pending(&Resume { pending, ..Resume::default() }), None);
    }

    #[test]
    fn a_state_outside_of_keys_is_what_older_versions_wrote_and_read() {
        assert_eq!(Resume::default().encode(), [VERSION, 0, 0, 0, 0]);
        let key = Some(Position { file: FileKey(1), offset: 3 });
        let longer = Resume { keys: [key, None], ..Resume::default() }.encode();
        assert_eq!(longer[..5], [VERSION, 0, 0, 0, 0]);
    }

    #[test]
    fn a_foreign_or_torn_state_is_none() {
        let whole =
            Resume { live: Some(Position { file: FileKey(7), offset: 9 }), ..Resume::default() }.encode();
        for len in 0..whole.len() {
            assert_eq!(Resume::decode(&whole[..len]), None);
        }
        assert_eq!(Resume::decode(&[9, 0, 0, 0, 0]), None);
    }
}
