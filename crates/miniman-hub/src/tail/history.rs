//! What a container had written before it was first seen: read backwards, newest first, in chunks that are stored
//! each with the place that is left.
//!
//! The rotated files and the current one up to its split are one sequence here. A chunk begins and ends where no
//! stream has an unfinished line, so that lines which Docker stored in parts are whole whichever side they are
//! read from. Private keys lie over many lines: what is before a chunk is looked at for one that may have begun there,
//! and if there is, it is read to know where the chunk's lines stand.

use std::fs::File;
use std::io;

use miniman_log::redact::{Before, may_tell_of_key};
use miniman_log::{IoStream, PART_BYTES, Part, PartSink, RecordBatch, Redactor};
use miniman_store::logs::GapReason;

use super::file::READ_BYTES;
use super::lines::{Lines, Parser, Piece};
use super::open::{FileKey, Format, LogDir, LogFile, read_full_at};
use super::resume::Position;
use crate::Backfill;

mod replay;

pub(crate) use replay::replay;

/// Raw bytes of a chunk.
const CHUNK_BYTES: u64 = 2 << 20;
/// Longest look for a place between lines. A longer line is split there.
const CHUNK_BYTES_MAX: u64 = 64 << 20;
/// What is read before a chunk to see whether a line is unfinished at its start: 15 parts and more.
const LOOK_BACK_BYTES: u64 = 256 << 10;
/// What is looked at before a place for the begin of a private key: 40 of the longest, among lines of the other stream.
const KEY_LOOK_BACK_BYTES: u64 = 512 << 10;

pub(crate) struct History {
    dir: LogDir,
    tty: bool,
    redactor: Redactor,
    /// Oldest first; the last is the current one.
    files: Vec<HistoryFile>,
    /// What lies before this is left.
    at: Place,
    total: u64,
    read: u64,
    /// The oldest file that there was at first sight; `None` where it had no whole line.
    begin: Option<FileKey>,
    /// The files that were left are gone.
    lost: bool,
    /// The oldest of what was left is gone: a Gap tells it once the rest is read.
    beginless: bool,
    abandoned: bool,
}

struct HistoryFile {
    file: LogFile,
    key: Option<FileKey>,
    len: u64,
}

/// File index and offset.
type Place = (usize, u64);

/// A run of history, to be put before what is stored.
pub(crate) struct Chunk {
    /// `None` for records known to be missing.
    pub(crate) batch: Option<RecordBatch>,
    pub(crate) reason: GapReason,
    /// What lies before this is left; `None` when nothing is.
    pub(crate) left: Option<Position>,
}

impl History {
    /// `older` oldest first, then `base`.
    pub(crate) fn new(
        dir: LogDir,
        tty: bool,
        redactor: Redactor,
        older: Vec<LogFile>,
        base: &LogFile,
    ) -> io::Result<Self> {
        let mut files = Vec::with_capacity(older.len() + 1);
        for file in older.into_iter().chain([base.clone()]) {
            let (key, len) = (file.key(dir.format)?, file.size()?);
            files.push(HistoryFile { file, key, len });
        }
        let at = (files.len() - 1, files.last().map_or(0, |file| file.len));
        let total = files.iter().map(|file| file.len).sum();
        let begin = files.first().and_then(|file| file.key);
        let (lost, beginless, abandoned) = (false, false, false);
        Ok(Self { dir, tty, redactor, files, at, total, read: 0, begin, lost, beginless, abandoned })
    }

    /// History of which `left` was left when the last run ended, and which began with the file `begin`.
    pub(crate) fn resume(
        dir: LogDir,
        tty: bool,
        redactor: Redactor,
        left: Position,
        begin: Option<FileKey>,
    ) -> io::Result<Self> {
        let mut files = all_files(&dir)?;
        let index = files.iter().position(|file| file.key == Some(left.file));
        files.truncate(index.map_or(0, |index| index + 1));
        let total = files.iter().rev().skip(1).map(|file| file.len).sum::<u64>() + left.offset;
        let at = (files.len().saturating_sub(1), left.offset);
        let (lost, abandoned) = (index.is_none(), false);
        let beginless = !lost && begin.is_some() && files.first().is_none_or(|file| file.key != begin);
        Ok(Self { dir, tty, redactor, files, at, total, read: 0, begin, lost, beginless, abandoned })
    }

    /// Finds where the current file's history ends and its live part begins, and returns that offset, and the lines to
    /// read from there on.
    pub(crate) fn split(&mut self) -> io::Result<(u64, Lines)> {
        let (index, end) = self.at;
        let mut bytes = CHUNK_BYTES;
        self.at = loop {
            let from = (index, self.align(index, end.saturating_sub(bytes), end)?);
            let unfinished = self.unfinished_at(from)?;
            match self.scan(from, self.at, unfinished)?.last_clear {
                Some(clear) => break clear,
                // A line that is longer, or that began in an older file, is split there.
                None if from.1 == 0 || bytes >= CHUNK_BYTES_MAX => break from,
                None => bytes *= 2,
            }
        };
        self.total -= end - self.at.1;
        Ok((self.at.1, self.lines_from(self.at)?))
    }

    /// Gives up what is left: a Gap tells it.
    pub(crate) fn abandon(&mut self) {
        self.files.truncate(1);
        self.at = (0, 0);
        // Once: when not even the Gap can be stored, the next start tries again.
        self.lost = !std::mem::replace(&mut self.abandoned, true);
        self.beginless = false;
    }

    /// What is left lies before what retention keeps.
    pub(crate) fn stop(&mut self) {
        self.files.truncate(1);
        self.at = (0, 0);
        (self.lost, self.beginless) = (false, false);
    }

    pub(crate) fn is_done(&self) -> bool {
        let older = self.files.get(..self.at.0).unwrap_or_default();
        !self.lost && !self.beginless && self.at.1 == 0 && older.iter().all(|file| file.len == 0)
    }

    pub(crate) fn position(&self) -> Option<Position> {
        if self.is_done() { None } else { self.position_of(self.at) }
    }

    /// Where history began: what tells after a restart whether it is whole still.
    pub(crate) fn begin(&self) -> Option<Position> {
        Some(Position { file: self.begin?, offset: 0 })
    }

    pub(crate) fn progress(&self) -> Backfill {
        Backfill { done: self.is_done(), bytes_read: self.read, bytes_total: self.total }
    }

    /// Reads the next chunk, newest first; returns its runs, newest first. Empty when all is read.
    pub(crate) fn next(&mut self) -> io::Result<Vec<Chunk>> {
        if self.lost {
            self.lost = false;
            self.at = (0, 0);
            return Ok(vec![Chunk { batch: None, reason: GapReason::RotatedAway, left: None }]);
        }
        while self.at.1 == 0 && self.at.0 > 0 {
            let index = self.at.0 - 1;
            self.make_plain(index)?;
            self.at = (index, self.files[index].len);
        }
        let end = self.at;
        if end.1 == 0 {
            let beginless = std::mem::take(&mut self.beginless);
            let gap = Chunk { batch: None, reason: GapReason::RotatedAway, left: None };
            return Ok(Vec::from_iter(beginless.then_some(gap)));
        }
        let begin = self.chunk_start(end)?;
        let mut lines = self.lines_from(begin)?;
        self.feed(begin, end, &mut |sink| sink.lines(&mut lines))?;
        let mut pieces = lines.take();
        if let (Some(Piece { batch: Some(batch), .. }), Some(last)) =
            (lines.flush(), pieces.last_mut().and_then(|piece| piece.batch.as_mut()))
        {
            last.extend_from(&batch, 0..batch.len());
        }
        self.read += self.distance(begin, end);
        self.at = begin;
        Ok(self.chunks(pieces))
    }

    fn chunks(&self, pieces: Vec<Piece>) -> Vec<Chunk> {
        let first_left = self.position();
        let count = pieces.len();
        let mut chunks: Vec<_> = pieces
            .into_iter()
            .enumerate()
            .map(|(index, piece)| {
                let start = piece.file.map(|file| Position { file, offset: piece.start });
                let left = if index == 0 { first_left } else { start };
                Chunk { batch: piece.batch, reason: GapReason::Damaged, left }
            })
            .collect();
        debug_assert_eq!(chunks.len(), count);
        chunks.reverse();
        chunks
    }

    /// The place up to [`CHUNK_BYTES`] before `end` where no line is unfinished; further back when there is none.
    fn chunk_start(&mut self, end: Place) -> io::Result<Place> {
        let mut bytes = CHUNK_BYTES;
        let mut start = (end.0, self.align(end.0, end.1.saturating_sub(bytes), end.1)?);
        loop {
            let unfinished = self.unfinished_at(start)?;
            let begin = if unfinished == [false; 2] {
                Some(start)
            } else {
                self.scan(start, end, unfinished)?.first_clear
            };
            match begin {
                Some(begin) if begin < end => return Ok(begin),
                _ if start == (0, 0) || bytes >= CHUNK_BYTES_MAX => return Ok(start),
                _ => bytes *= 2,
            }
            start = self.back(end, bytes)?;
        }
    }

    /// Which streams have an unfinished line at `place`.
    fn unfinished_at(&mut self, place: Place) -> io::Result<[bool; 2]> {
        if place == (0, 0) {
            return Ok([false; 2]);
        }
        let from = self.back(place, LOOK_BACK_BYTES)?;
        Ok(self.scan(from, place, [false; 2])?.unfinished)
    }

    /// What reads from `place` on, where no line is unfinished; it knows of the private key that begins before.
    fn lines_from(&mut self, place: Place) -> io::Result<Lines> {
        let mut lines = Lines::new(self.tty, &self.redactor);
        if place == (0, 0) {
            return Ok(lines);
        }
        let from = self.back(place, KEY_LOOK_BACK_BYTES)?;
        let mut seen = Seen::default();
        self.feed(from, place, &mut |feed| feed.parse(&mut seen))?;
        if seen.of_key {
            self.feed(from, place, &mut |feed| feed.lines(&mut lines))?;
            lines.forget();
            lines.drop_unfinished();
            return Ok(lines);
        }
        for stream in IoStream::ALL.into_iter().filter(|stream| seen.streams[stream.index()]) {
            lines.presume(stream, Before::Nothing);
        }
        Ok(lines)
    }

    fn scan(&mut self, from: Place, to: Place, unfinished: [bool; 2]) -> io::Result<Scan> {
        let clear = (unfinished == [false; 2]).then_some(from);
        let mut scan = Scan { index: from.0, unfinished, first_clear: clear, last_clear: clear };
        self.feed(from, to, &mut |sink| sink.scan(&mut scan))?;
        Ok(scan)
    }

    /// The start of an entry about `bytes` before `place`, in an older file when this one does not reach.
    fn back(&mut self, place: Place, bytes: u64) -> io::Result<Place> {
        let (mut index, mut offset) = place;
        let mut left = bytes;
        while offset < left {
            left -= offset;
            if index == 0 {
                return Ok((0, 0));
            }
            index -= 1;
            self.make_plain(index)?;
            offset = self.files[index].len;
        }
        Ok((index, self.align(index, offset - left, offset)?))
    }

    /// The first start of an entry at or behind `target`, at most `end`, which is one.
    fn align(&mut self, index: usize, target: u64, end: u64) -> io::Result<u64> {
        if target == 0 {
            return Ok(0);
        }
        self.make_plain(index)?;
        let file = &self.files[index].file.file;
        match self.dir.format {
            Format::JsonFile => behind_newline(file, target - 1, end),
            Format::Local => {
                let len = usize::try_from(end - target).unwrap_or(usize::MAX).min(CHUNK_BYTES_MAX as usize);
                let mut bytes = vec![0; len];
                let len = read_full_at(file, &mut bytes, target)?;
                Ok(target + local_entry_start(&bytes[..len]) as u64)
            }
        }
    }

    fn feed(&mut self, from: Place, to: Place, visit: &mut dyn FnMut(Feed<'_>)) -> io::Result<()> {
        let mut buffer = Vec::new();
        for index in from.0..=to.0 {
            self.make_plain(index)?;
            let HistoryFile { file, key, len } = &self.files[index];
            let mut offset = if index == from.0 { from.1 } else { 0 };
            let end = if index == to.0 { to.1 } else { *len };
            while offset < end {
                buffer.resize(READ_BYTES.min((end - offset) as usize), 0);
                let len = read_full_at(&file.file, &mut buffer, offset)?;
                if len == 0 {
                    break;
                }
                let last = offset + len as u64 >= end;
                let mut consumed = 0;
                visit(Feed {
                    format: self.dir.format,
                    index,
                    key: *key,
                    bytes: &buffer[..len],
                    offset,
                    last,
                    consumed: &mut consumed,
                });
                offset += consumed as u64;
            }
        }
        Ok(())
    }

    fn make_plain(&mut self, index: usize) -> io::Result<()> {
        let entry = &mut self.files[index];
        if entry.file.gz {
            entry.file = entry.file.clone().into_plain()?;
            let len = entry.file.size()?;
            // Of a file that is only read in part, the total has that part already.
            self.total = (self.total + len).saturating_sub(entry.len);
            entry.len = len;
        }
        Ok(())
    }

    fn position_of(&self, (index, offset): Place) -> Option<Position> {
        Some(Position { file: self.files.get(index)?.key?, offset })
    }

    /// Bytes between two places, as far as it is known before compressed files are made plain.
    fn distance(&self, from: Place, to: Place) -> u64 {
        if from.0 == to.0 {
            return to.1 - from.1;
        }
        let between: u64 = self.files[from.0 + 1..to.0].iter().map(|file| file.len).sum();
        self.files[from.0].len.saturating_sub(from.1) + between + to.1
    }
}

/// The place behind the first newline from `from` on; `end` where none stands before it.
fn behind_newline(file: &File, mut from: u64, end: u64) -> io::Result<u64> {
    // A line is mostly short.
    let mut bytes = [0; 4 << 10];
    while from < end {
        let len = read_full_at(file, &mut bytes, from)?;
        match memchr::memchr(b'\n', &bytes[..len]) {
            Some(at) => return Ok((from + at as u64 + 1).min(end)),
            None if len == 0 => break,
            None => from += len as u64,
        }
    }
    Ok(from.min(end))
}

/// The first start of an entry that can be reached by stepping back from the end: each entry of a `local` file ends
/// with its length. 0 where a length makes no sense.
fn local_entry_start(bytes: &[u8]) -> usize {
    let mut start = bytes.len();
    while let Some((_, len)) = bytes[..start].split_last_chunk::<4>() {
        let entry = (u32::from_be_bytes(*len) as usize).saturating_add(8);
        match start.checked_sub(entry) {
            Some(before) => start = before,
            // The entry begins before what was read.
            None => break,
        }
    }
    start
}

/// One read's bytes on the way to a sink.
struct Feed<'a> {
    format: Format,
    index: usize,
    key: Option<FileKey>,
    bytes: &'a [u8],
    offset: u64,
    last: bool,
    consumed: &'a mut usize,
}

impl Feed<'_> {
    fn lines(self, lines: &mut Lines) {
        lines.file = self.key;
        self.parse(lines);
    }

    fn scan(self, scan: &mut Scan) {
        scan.index = self.index;
        self.parse(scan);
    }

    fn parse(self, sink: &mut impl PartSink) {
        *self.consumed = Parser::new(self.format, self.offset).feed(self.bytes, sink);
        // What is left at the end of a read that cannot be longer will never be an entry.
        if *self.consumed == 0 || (self.last && *self.consumed < self.bytes.len()) {
            let from = self.offset + *self.consumed as u64;
            sink.damage(from, self.offset + self.bytes.len() as u64);
            *self.consumed = self.bytes.len();
        }
    }
}

/// Looks for places where no line is unfinished.
struct Scan {
    index: usize,
    unfinished: [bool; 2],
    first_clear: Option<Place>,
    last_clear: Option<Place>,
}

impl PartSink for Scan {
    fn part(&mut self, part: Part<'_>, _start: u64, end: u64) {
        self.unfinished[part.iostream.index()] = !part.newline && part.bytes.len() >= PART_BYTES;
        if self.unfinished == [false; IoStream::ALL.len()] {
            self.first_clear.get_or_insert((self.index, end));
            self.last_clear = Some((self.index, end));
        }
    }

    fn damage(&mut self, _from: u64, _to: u64) {}
}

/// Looks for what tells of a private key, and which streams there are.
#[derive(Default)]
struct Seen {
    of_key: bool,
    streams: [bool; IoStream::ALL.len()],
}

impl PartSink for Seen {
    fn part(&mut self, part: Part<'_>, _start: u64, _end: u64) {
        self.streams[part.iostream.index()] = true;
        self.of_key = self.of_key || may_tell_of_key(part.bytes);
    }

    fn damage(&mut self, _from: u64, _to: u64) {}
}

fn all_files(dir: &LogDir) -> io::Result<Vec<HistoryFile>> {
    let Some(found) = super::chain::successors(dir, None)? else { return Ok(Vec::new()) };
    found
        .files
        .into_iter()
        .map(|file| {
            let (key, len) = (file.key(dir.format)?, file.size()?);
            Ok(HistoryFile { file, key, len })
        })
        .collect()
}
