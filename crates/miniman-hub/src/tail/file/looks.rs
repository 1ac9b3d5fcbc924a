//! Looking for files that were rotated in: for the watcher, which can count them, and for a reader at the end of what it
//! knows, which cannot.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use super::{Chain, FileTail, Queued};
use crate::tail::chain::{Known, successors};
use crate::tail::open::LogFile;

/// Files that wait to be read after the current one. 16 files of 10 MB are 0.3 s of reading; a container that gets
/// further ahead loses what is rotated away, and a Gap tells it.
const QUEUED_FILES_MAX: usize = 16;

/// A rotation during a look starts it anew; this many in a row do not happen to a look of microseconds.
const LOOKS_MAX: usize = 16;

/// Files that were made under the name that is written, less those that were found: what inotify tells of rotations.
#[derive(Default)]
pub(super) struct Made {
    files: AtomicI64,
    /// Nothing was missed since the newest file was found.
    counted: AtomicBool,
}

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looked {
    Done,
    /// Files may be missing, which only the watcher can tell.
    Unsure,
}

impl FileTail {
    /// Looks for files that were rotated in; for the watcher. Never reads, never waits for a reader.
    ///
    /// Where the newest known file is gone, the files that follow are complete if they are as many as were made:
    /// `catch_up` has [`FileTail::file_made`] told of every one until now.
    pub(crate) fn look(&self, mut catch_up: impl FnMut()) -> io::Result<()> {
        let mut chain = self.chain();
        for _ in 0..LOOKS_MAX {
            let made = self.made.files.load(Ordering::Acquire);
            if self.look_with(&mut chain)? == Looked::Done && self.made.counted.load(Ordering::Acquire) {
                return Ok(());
            }
            let Some(found) = successors(&self.dir, chain.newest.as_ref())? else { return Ok(()) };
            catch_up();
            if self.made.files.load(Ordering::Acquire) != made {
                continue;
            }
            let counted = self.made.counted.swap(true, Ordering::AcqRel);
            let files = found.files.len();
            let hole = match counted {
                true => usize::try_from(made) != Ok(files),
                false => !found.placed && self.lost_before(&found.files, &chain),
            };
            // Everything is told: what is not queued is all that is made and not found.
            let queued = self.queue(&mut chain, found.files, hole)?;
            self.made.files.store((files - queued) as i64, Ordering::Release);
            return Ok(());
        }
        Err(io::Error::other("the log rotates faster than its files can be counted"))
    }

    /// Looks for files as far as they certainly follow.
    pub(super) fn look_with(&self, chain: &mut Chain) -> io::Result<Looked> {
        if chain.queue.len() >= QUEUED_FILES_MAX {
            chain.behind = true;
            return Ok(Looked::Done);
        }
        let Some(found) = successors(&self.dir, chain.newest.as_ref())? else { return Ok(Looked::Done) };
        if !found.complete {
            return Ok(Looked::Unsure);
        }
        chain.behind = false;
        if found.known.is_none() && chain.newest.is_some() {
            // Among them are files without a line that were found before.
            self.lose_count();
        }
        let queued = self.queue(chain, found.files, false)?;
        self.made.files.fetch_sub(queued as i64, Ordering::AcqRel);
        Ok(Looked::Done)
    }

    /// A file was made under the name that is written.
    pub(crate) fn file_made(&self) {
        self.made.files.fetch_add(1, Ordering::AcqRel);
    }

    /// Files may have been made that nobody told of.
    pub(crate) fn lose_count(&self) {
        self.made.counted.store(false, Ordering::Release);
    }

    /// Returns how many found room.
    pub(super) fn queue(&self, chain: &mut Chain, files: Vec<LogFile>, mut hole: bool) -> io::Result<usize> {
        let len = files.len();
        for (index, file) in files.into_iter().enumerate() {
            if chain.queue.len() >= QUEUED_FILES_MAX {
                chain.behind = true;
                return Ok(index);
            }
            let before = chain.newest.as_ref().map_or(Ok(None), |newest| newest.key(self.dir.format))?;
            chain.newest = Some(Known::Open { file: file.clone(), before });
            chain.queue.push_back(Queued { file, hole });
            hole = false;
        }
        Ok(len)
    }

    /// Whether files are missing between the newest known one and `found`. With `max-file=1` no rotated file is
    /// kept, so the predecessor is never found and a single new file simply follows.
    fn lost_before(&self, found: &[LogFile], chain: &Chain) -> bool {
        !(self.truncated_at.is_some() && found.len() == 1 && matches!(chain.newest, Some(Known::Open { .. })))
    }
}
