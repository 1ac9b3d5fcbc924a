//! The tail of one container whose log files can be read.
//!
//! The watcher calls [`FileTail::look`]: it opens what was rotated in. A reader thread calls [`FileTail::advance`]: it
//! reads to the end of the current file and goes on to the next one only at an end that it reached after the next one
//! was there, because by then nothing more was written to the current one. The few bytes of a line that has just been
//! written the watcher reads itself ([`FileTail::advance_little`]): that is one change of threads less a line.

mod looks;
mod past;
mod run;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use miniman_log::{ENTRY_BYTES_MAX, PartSink, RecordBatch, Redactor, Timestamp};
use miniman_store::logs::{GapReason, Log, StoreError};

use super::chain::{Known, successors};
use super::history::{History, replay};
use super::lines::{Lines, Parser, Pending, Piece};
use super::open::{FileKey, LogDir, LogFile, read_full_at};
use super::overlap::Overlap;
use super::pool::HELD;
use super::resume::{Position, Resume};
use super::status::TailStatus;
use looks::Made;
use run::Run;

/// Read at once; an entry fits in, with room for the one that ends behind it.
pub(crate) const READ_BYTES: usize = ENTRY_BYTES_MAX + (256 << 10);

/// What the watcher reads itself at most: a fraction of a millisecond.
const LITTLE_BYTES: usize = 64 << 10;

/// One tail gives way to the others after this much.
const TURN_BYTES: usize = 4 << 20;

/// What a reader thread lends to the tail that it serves.
pub(crate) struct ReadBuffer(Vec<u8>);

impl ReadBuffer {
    pub(crate) fn new() -> Self {
        Self(vec![0; READ_BYTES])
    }
}

/// What is left of a tail after a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// All that is written has been read.
    Done,
    More,
}

pub(crate) struct FileTail {
    pub(crate) dir: LogDir,
    pub(crate) log: Log,
    pub(crate) status: Arc<TailStatus>,
    /// Docker truncates this container's only file instead of rotating it (`max-file=1`) once it has this size.
    truncated_at: Option<u64>,
    redactor: Redactor,
    chain: Mutex<Chain>,
    reading: Mutex<Reading>,
    /// History as found at the start; taken by the pool's job.
    history: Mutex<Option<History>>,
    made: Made,
    run: Mutex<Run>,
    removed: AtomicBool,
    pub(crate) scheduled: AtomicU8,
}

/// Files found and not read yet: the watcher adds, the reader takes.
struct Chain {
    newest: Option<Known>,
    queue: VecDeque<Queued>,
    /// The queue was full, so what follows is still to be looked for.
    behind: bool,
}

struct Queued {
    file: LogFile,
    /// Files between the one before and this one were gone before they could be opened.
    hole: bool,
}

struct Reading {
    current: Option<Current>,
    /// The end of the file before the current one: the place until the current one's first entry is whole.
    previous: Option<Position>,
    lines: Lines,
    /// Of history, as it was last stored.
    history: Option<Position>,
    /// Where history began, while there is some.
    begin: Option<Position>,
    /// Records that another source has stored already.
    overlap: Option<Overlap>,
    /// The store's room was asked for, and nobody may wait for more of it.
    at_once: bool,
    last_timestamp: Option<Timestamp>,
}

struct Current {
    file: LogFile,
    key: Option<FileKey>,
    offset: u64,
}

/// What a file tail is made of.
pub(crate) struct FileTailSpec {
    pub(crate) dir: LogDir,
    pub(crate) log: Log,
    pub(crate) status: Arc<TailStatus>,
    pub(crate) tty: bool,
    pub(crate) truncated_at: Option<u64>,
    pub(crate) redactor: Redactor,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum TailError {
    #[error("the log file could not be read")]
    Io(#[from] io::Error),
    #[error("the line could not be stored")]
    Store(#[from] StoreError),
}

impl FileTail {
    /// Finds its place: where the store says that reading had come to, or a first sight of what is there.
    pub(crate) fn open(spec: FileTailSpec) -> Result<Self, TailError> {
        let FileTailSpec { dir, log, status, tty, truncated_at, redactor } = spec;
        let resume = log.resume().as_deref().and_then(Resume::decode);
        let open = resume.is_some_and(|resume| resume.open);
        let tail = Self {
            dir,
            log,
            status,
            truncated_at,
            redactor: redactor.clone(),
            chain: Mutex::new(Chain { newest: None, queue: VecDeque::new(), behind: false }),
            reading: Mutex::new(Reading {
                current: None,
                previous: None,
                lines: Lines::new(tty, &redactor),
                history: resume.and_then(|resume| resume.history),
                begin: resume.and_then(|resume| resume.begin),
                overlap: None,
                at_once: false,
                last_timestamp: None,
            }),
            history: Mutex::new(None),
            made: Made::default(),
            run: Mutex::new(Run { exited: None, open, stored_open: open }),
            removed: AtomicBool::new(false),
            scheduled: AtomicU8::new(HELD),
        };
        match resume {
            Some(resume) if resume.live.is_some() => tail.resume(resume, tty)?,
            // The store has lines without a place in a file: another source stored them.
            _ if tail.log.bounds().first < tail.log.bounds().next => tail.take_over()?,
            // It was seen before it had a line: all that the watcher finds came after that, and is live.
            Some(resume) if Resume { open: false, ..resume } == Resume::default() => {}
            _ => tail.first_sight(tty)?,
        }
        Ok(tail)
    }

    /// What is there is history, and what comes is live. That is stored before the first live line: from here on a
    /// restart resumes rather than look anew, or else lines that somebody has followed would become history.
    fn first_sight(&self, tty: bool) -> Result<(), TailError> {
        let found = successors(&self.dir, None)?;
        let mut files = found.map(|found| found.files).unwrap_or_default();
        let Some(base) = files.pop() else {
            self.log.append(&RecordBatch::new(), Some(Resume::default().encode()))?;
            return Ok(());
        };
        let key = base.key(self.dir.format)?;
        let older = files.iter().rev().map(|file| file.key(self.dir.format));
        let before = older.filter_map(Result::transpose).next().transpose()?;
        let mut history = History::new(self.dir.clone(), tty, self.redactor.clone(), files, &base)?;
        let (split, lines) = history.split()?;
        self.chain().newest = Some(Known::Open { file: base.clone(), before });
        let mut reading = self.reading();
        reading.lines = lines;
        reading.lines.file = key;
        reading.current = Some(Current { file: base, key, offset: split });
        reading.history = history.position();
        reading.begin = history.begin().filter(|_| reading.history.is_some());
        let resume = self.resume_of(&reading);
        self.log.append(&RecordBatch::new(), Some(resume))?;
        self.status.set_backfill(history.progress());
        drop(reading);
        *self.history.lock().unwrap_or_else(PoisonError::into_inner) =
            (!history.is_done()).then_some(history);
        Ok(())
    }

    fn resume(&self, resume: Resume, tty: bool) -> Result<(), TailError> {
        let Some(live) = resume.live else { return Ok(()) };
        if let Some(left) = resume.history {
            let begin = resume.begin.map(|begin| begin.file);
            let history = History::resume(self.dir.clone(), tty, self.redactor.clone(), left, begin)?;
            self.status.set_backfill(history.progress());
            *self.history.lock().unwrap_or_else(PoisonError::into_inner) = Some(history);
        }
        let mut reading = self.reading();
        reading.previous = Some(live);
        reading.lines.resume(&resume);
        let mut chain = self.chain();
        chain.newest = Some(Known::Key(live.file));
        // Without a current file a rotation is under way, or nothing is left: what comes is behind what was read.
        let Some(found) = successors(&self.dir, chain.newest.as_ref())? else { return Ok(()) };
        let hole = found.known.is_none();
        if let Some(known) = found.known {
            replay(&self.dir, &self.redactor, &resume, &mut reading.lines)?;
            reading.lines.file = Some(live.file);
            chain.newest = Some(Known::Open { file: known.clone(), before: None });
            let file = known.into_plain()?;
            reading.current = Some(Current { file, key: Some(live.file), offset: live.offset });
        }
        self.queue(&mut chain, found.files, hole)?;
        Ok(())
    }

    fn take_over(&self) -> Result<(), TailError> {
        self.reading().overlap = Some(Overlap::of(&self.log)?);
        // The watcher finds the files; there is no place among them to go on from.
        Ok(())
    }

    /// Reads what is there, as far as one turn goes.
    pub(crate) fn advance(&self, buffer: &mut ReadBuffer) -> Result<Turn, TailError> {
        self.advance_by(TURN_BYTES, &mut self.reading(), buffer)
    }

    /// Reads what is there if that is little and nobody needs to be waited for; `None` if not.
    pub(crate) fn advance_little(&self, buffer: &mut ReadBuffer) -> Option<Result<Turn, TailError>> {
        let mut reading = match self.reading.try_lock() {
            Ok(reading) => reading,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let current = reading.current.as_ref()?;
        let left = current.file.size().ok()?.checked_sub(current.offset)?;
        if left > LITTLE_BYTES as u64 || !self.chain().queue.is_empty() || !self.log.has_room() {
            return None;
        }
        reading.at_once = true;
        let turn = self.advance_by(LITTLE_BYTES, &mut reading, buffer);
        reading.at_once = false;
        Some(turn)
    }

    fn advance_by(
        &self,
        bytes: usize,
        reading: &mut Reading,
        buffer: &mut ReadBuffer,
    ) -> Result<Turn, TailError> {
        let mut read = 0;
        self.keep_open(reading)?;
        while read < bytes {
            // Both are asked before the end is: an end that is reached later is final.
            let exited = self.run().exited;
            let successor = self.has_successor()?;
            if reading.current.is_none() {
                if successor {
                    self.next_file(reading)?;
                    continue;
                }
                if self.end(reading, exited)? {
                    continue;
                }
                return Ok(Turn::Done);
            }
            match self.read(reading, buffer, successor)? {
                0 if successor => self.next_file(reading)?,
                0 => {
                    if !self.end(reading, exited)? {
                        return Ok(Turn::Done);
                    }
                }
                len => read += len,
            }
        }
        Ok(Turn::More)
    }

    fn has_successor(&self) -> io::Result<bool> {
        let mut chain = self.chain();
        if chain.queue.is_empty() && chain.behind {
            // What is not sure is left to the watcher.
            self.look_with(&mut chain)?;
        }
        Ok(!chain.queue.is_empty())
    }

    fn next_file(&self, reading: &mut Reading) -> Result<(), TailError> {
        let Some(Queued { file, hole }) = self.chain().queue.pop_front() else { return Ok(()) };
        let file = match file.into_plain() {
            Ok(file) => file,
            Err(error) => {
                // It is not in the queue any more: what it held is told as missing, and the next one is read.
                tracing::warn!(log = %self.log.id(), %error, "a rotated file could not be unpacked");
                reading.previous = reading.place();
                reading.current = None;
                return self.rotated_away(reading);
            }
        };
        let key = file.key(self.dir.format)?;
        reading.previous = reading.place();
        reading.lines.file = key;
        reading.current = Some(Current { file, key, offset: 0 });
        if hole { self.rotated_away(reading) } else { Ok(()) }
    }

    /// Reads once and stores what came; returns the bytes that were consumed.
    fn read(&self, reading: &mut Reading, buffer: &mut ReadBuffer, last: bool) -> Result<usize, TailError> {
        let format = self.dir.format;
        self.check_truncated(reading)?;
        let Some(current) = &mut reading.current else { return Ok(0) };
        let len = read_full_at(&current.file.file, &mut buffer.0, current.offset)?;
        if len == 0 {
            return Ok(0);
        }
        if current.key.is_none() {
            current.key = current.file.key(format)?;
            reading.lines.file = current.key;
        }
        let bytes = &buffer.0[..len];
        let mut consumed = Parser::new(format, current.offset).feed(bytes, &mut reading.lines);
        // What stands at the end of a file that is complete, and is no entry, will never become one.
        if consumed == 0 && (last || len == buffer.0.len()) {
            reading.lines.damage(current.offset, current.offset + len as u64);
            consumed = len;
        }
        let reached = current.offset + consumed as u64;
        self.store(reading, reached)?;
        Ok(consumed)
    }

    /// Stores what was read, each piece with the place behind it: a commit may come in between.
    fn store(&self, reading: &mut Reading, reached: u64) -> Result<(), TailError> {
        for Piece { batch, end, pending, keys, .. } in reading.lines.take() {
            if let Some(current) = &mut reading.current {
                current.offset = end;
            }
            match batch {
                Some(batch) => self.append(reading, batch, pending, keys)?,
                None => self.gap(reading, GapReason::Damaged)?,
            }
        }
        if let Some(current) = &mut reading.current {
            current.offset = reached;
        }
        Ok(())
    }

    fn append(
        &self,
        reading: &mut Reading,
        batch: RecordBatch,
        pending: Pending,
        keys: Pending,
    ) -> Result<(), TailError> {
        let batch = match &mut reading.overlap {
            Some(overlap) if !overlap.is_passed() => overlap.fresh(batch),
            _ => batch,
        };
        if let Some(last) = batch.timestamps().last() {
            reading.last_timestamp = Some(Timestamp(*last));
        }
        // What comes of a run whose start is not known yet is no end.
        self.run().open |= !batch.is_empty();
        let resume = self.resume_with(reading, pending, keys);
        self.put(reading, &batch, resume)?;
        self.status.add_lines(batch.len());
        Ok(())
    }

    fn put(&self, reading: &Reading, batch: &RecordBatch, resume: Vec<u8>) -> Result<(), TailError> {
        if reading.at_once {
            self.log.append_at_once(batch, Some(resume))?;
        } else {
            self.log.append(batch, Some(resume))?;
        }
        Ok(())
    }

    /// What was not read is gone, and with it the end of a line that had begun.
    fn rotated_away(&self, reading: &mut Reading) -> Result<(), TailError> {
        self.flush(reading)?;
        reading.lines.missed();
        self.gap(reading, GapReason::RotatedAway)
    }

    /// Ends the lines that had begun.
    fn flush(&self, reading: &mut Reading) -> Result<(), TailError> {
        match reading.lines.flush() {
            Some(Piece { batch: Some(batch), pending, keys, .. }) => {
                self.append(reading, batch, pending, keys)
            }
            _ => Ok(()),
        }
    }

    fn gap(&self, reading: &mut Reading, reason: GapReason) -> Result<(), TailError> {
        let since = reading.last_timestamp;
        let resume = self.resume_of(reading);
        Ok(self.log.append_gap(None, since, None, reason, Some(resume))?)
    }

    /// Docker with `max-file=1`, `truncate` and copying rotators empty the file in place.
    fn check_truncated(&self, reading: &mut Reading) -> Result<(), TailError> {
        let format = self.dir.format;
        let Some(current) = &mut reading.current else { return Ok(()) };
        let shorter = current.file.size()? < current.offset;
        // It may have grown past the old place again; then its first line tells.
        let other = self.truncated_at.is_some()
            && current.key.is_some()
            && current.file.key(format)?.is_some_and(|key| Some(key) != current.key);
        if !shorter && !other {
            return Ok(());
        }
        // Docker empties the file only once it has its full size: what lies before that has been read.
        let read_all = self.truncated_at.is_some_and(|full| current.offset >= full);
        current.offset = 0;
        current.key = current.file.key(format)?;
        reading.lines.file = current.key;
        if read_all { Ok(()) } else { self.rotated_away(reading) }
    }

    /// After all that was read.
    fn resume_of(&self, reading: &Reading) -> Vec<u8> {
        self.resume_with(reading, reading.lines.pending, reading.lines.keys)
    }

    fn resume_with(&self, reading: &Reading, pending: Pending, keys: Pending) -> Vec<u8> {
        let mut run = self.run();
        run.stored_open = run.open;
        let (history, begin, open) = (reading.history, reading.begin, run.open);
        Resume { live: reading.place(), pending, history, keys, begin, open }.encode()
    }

    fn chain(&self) -> MutexGuard<'_, Chain> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    fn place(&self) -> Option<Position> {
        match &self.current {
            Some(Current { key: Some(file), offset, .. }) => Some(Position { file: *file, offset: *offset }),
            _ => self.previous,
        }
    }
}

#[cfg(test)]
mod tests;
