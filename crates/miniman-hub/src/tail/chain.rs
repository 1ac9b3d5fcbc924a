//! The files of one log, in the order in which they were written.
//!
//! Docker rotates by renaming `X` to `X.1`, `X.1` to `X.2` and so on, then making a new `X`. Whatever was missed in
//! between is found by walking from `X` back until the file that is known.

use std::io;

use super::open::{FileKey, Format, LogDir, LogFile};

/// Rotated files that are looked at; `max-file` is 5 by default and rarely over 100.
const ROTATED_MAX: usize = 1_000;
/// A rotation during the walk starts it anew; this many in a row do not happen to a walk of microseconds.
const WALKS_MAX: usize = 16;

/// The newest file that a tail knows.
#[derive(Debug, Clone)]
pub(crate) enum Known {
    /// It is held open, so its inode names it and nothing else. Compressed, it is another file with the same key,
    /// which is asked for only then: a file that was just made has none yet.
    ///
    /// `before` is the key of the newest file with a line before it: one that never had a line is like any other empty
    /// file once it is compressed, and then this one tells the place.
    Open { file: LogFile, before: Option<FileKey> },
    /// From a resume state.
    Key(FileKey),
}

impl Known {
    /// The key of the newest file with a line up to this one.
    pub(crate) fn key(&self, format: Format) -> io::Result<Option<FileKey>> {
        match self {
            Self::Open { file, before } => Ok(file.key(format)?.or(*before)),
            Self::Key(key) => Ok(Some(*key)),
        }
    }
}

/// Files behind the known one.
#[derive(Debug)]
pub(crate) struct Successors {
    /// Oldest first.
    pub(crate) files: Vec<LogFile>,
    /// Whether they were seen to follow the known file without a hole.
    pub(crate) complete: bool,
    /// The known file itself, where it was found.
    pub(crate) known: Option<LogFile>,
    /// Whether the place behind which they stand was found.
    pub(crate) placed: bool,
    /// Whether the file that is written now is among them, or is the known one.
    has_base: bool,
}

/// Opens all that was written after `known`; all there is when nothing is known.
///
/// `None` while a rotation is under way and hides what it would take to tell: the new file's own event comes.
pub(crate) fn successors(dir: &LogDir, known: Option<&Known>) -> io::Result<Option<Successors>> {
    for _ in 0..WALKS_MAX {
        if let Some(found) = walk(dir, known)? {
            // Without the file that is written now nothing says that the known one is gone.
            let certain = found.has_base || found.placed || (known.is_none() && !found.files.is_empty());
            return Ok(Some(found).filter(|_| certain));
        }
    }
    Err(io::Error::other("the log rotates faster than its files can be opened"))
}

/// `None` when a file that was just opened turned up again one place further: it was rotated meanwhile.
fn walk(dir: &LogDir, known: Option<&Known>) -> io::Result<Option<Successors>> {
    let base = dir.open_base()?;
    let has_base = base.is_some();
    let mut files = Vec::new();
    let mut next = base;
    let mut missing = 0;
    for n in 1..=ROTATED_MAX {
        let place = next.as_ref().map_or(Ok(Place::Behind), |file| place(dir, file, known))?;
        match next {
            Some(file) if place != Place::Behind => {
                files.reverse();
                let known = Some(file).filter(|_| place == Place::Known);
                let complete = missing == 0;
                return Ok(Some(Successors { files, complete, known, placed: true, has_base }));
            }
            Some(file) if files.last().is_some_and(|newer: &LogFile| newer.id == file.id) => return Ok(None),
            Some(file) => files.push(file),
            // Docker renames from the oldest to the newest: while it does, one place is empty.
            None => missing += 1,
        }
        if missing > 1 {
            break;
        }
        next = dir.open_rotated(n)?;
    }
    files.reverse();
    Ok(Some(Successors { files, complete: known.is_none(), known: None, placed: false, has_base }))
}

/// Where a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Behind,
    Known,
    /// The known file has no line, and this is the newest one before it that has.
    Before,
}

fn place(dir: &LogDir, file: &LogFile, known: Option<&Known>) -> io::Result<Place> {
    let format = dir.format;
    let is_known = match known {
        None => false,
        Some(Known::Open { file: known, before }) => {
            if !file.gz && file.id == known.id {
                return Ok(Place::Known);
            }
            match (known.key(format)?, before) {
                // A plain file of another inode is another file.
                (Some(key), _) => file.gz && file.key(format)? == Some(key),
                (None, Some(before)) if file.key(format)? == Some(*before) => return Ok(Place::Before),
                (None, _) => false,
            }
        }
        Some(Known::Key(key)) => file.key(format)? == Some(*key),
    };
    Ok(if is_known { Place::Known } else { Place::Behind })
}
