//! The `local` driver's files: frames of a big-endian length, a protobuf `LogEntry`, and the same length again.
//!
//! An entry's fields (moby, `api/types/plugins/logdriver/entry.proto`): source 1, time_nano 2, line 3 without its
//! newline, partial 4, partial_log_metadata 5 {last 1, id 2, ordinal 3}; newer ones are skipped. Docker writes fields
//! in order and always names the source, so every frame starts alike: that is how the next whole frame is found
//! after damage.

use memchr::memmem;

use crate::part::{ENTRY_BYTES_MAX, Part, PartSink};
use crate::{IoStream, Timestamp};

mod protobuf;

/// A frame's length, before and after its entry.
const LENGTH_BYTES: usize = 4;

/// Field 1, six bytes long, and what both streams' names begin with.
const ENTRY_START: &[u8] = b"\x0a\x06std";

/// The whole first field: all entries have it.
const SOURCE_BYTES: usize = 8;

/// Push-style reader: the caller feeds what follows the bytes that were consumed before.
///
/// Which records come out does not depend on how the bytes are cut into feeds.
#[derive(Debug)]
pub struct LocalParser {
    offset: u64,
}

impl LocalParser {
    /// `offset`: where in the file the first fed byte lies.
    pub fn new(offset: u64) -> Self {
        Self { offset }
    }

    /// Offset of the first byte that was not consumed.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Consumes whole frames; returns how many bytes that was. The caller feeds the rest again with more behind it.
    ///
    /// At most [`ENTRY_BYTES_MAX`] and 8 bytes stay unconsumed.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut impl PartSink) -> usize {
        let base = self.offset;
        let mut at = 0;
        while at < bytes.len() {
            match Frame::read(&bytes[at..]) {
                Frame::Whole { part, len } => {
                    sink.part(part, base + at as u64, base + (at + len) as u64);
                    at += len;
                }
                Frame::Unfinished => break,
                Frame::Broken => {
                    let next = next_frame(bytes, at + 1);
                    sink.damage(base + at as u64, base + next as u64);
                    at = next;
                }
            }
        }
        self.offset += at as u64;
        at
    }
}

/// Where the first whole entry of `bytes` begins, when they start somewhere inside a file.
pub fn first_entry(bytes: &[u8]) -> Option<usize> {
    let mut at = next_frame(bytes, 0);
    while at < bytes.len() {
        match Frame::read(&bytes[at..]) {
            Frame::Whole { .. } => return Some(at),
            Frame::Unfinished | Frame::Broken => at = next_frame(bytes, at + 1),
        }
    }
    None
}

/// Where the next frame may start, at `from` or later. Without one in sight: as few bytes before the end as a start
/// that is cut off there can have.
fn next_frame(bytes: &[u8], from: usize) -> usize {
    let search = bytes.get(from + LENGTH_BYTES..).unwrap_or_default();
    match memmem::find(search, ENTRY_START) {
        Some(found) => from + found,
        None => from.max(bytes.len().saturating_sub(LENGTH_BYTES + ENTRY_START.len() - 1)),
    }
}

enum Frame<'a> {
    Whole { part: Part<'a>, len: usize },
    Unfinished,
    Broken,
}

impl<'a> Frame<'a> {
    /// Reads the frame at the start of `bytes`. What can be seen to be none is told before it is whole, so that a
    /// wrong length never makes a reader wait for it.
    fn read(bytes: &'a [u8]) -> Self {
        let Some((length, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() else {
            // No entry reaches 16 MiB.
            return if bytes.first().is_some_and(|byte| *byte != 0) {
                Self::Broken
            } else {
                Self::Unfinished
            };
        };
        let len = u32::from_be_bytes(*length) as usize;
        let start = &rest[..rest.len().min(ENTRY_START.len())];
        if !(SOURCE_BYTES..=ENTRY_BYTES_MAX).contains(&len) || !ENTRY_START.starts_with(start) {
            return Self::Broken;
        }
        let Some(entry) = rest.get(..len) else { return Self::Unfinished };
        let Some(end) = rest.get(len..len + LENGTH_BYTES) else { return Self::Unfinished };
        match entry_part(entry) {
            Some(part) if end == length => Self::Whole { part, len: len + 2 * LENGTH_BYTES },
            _ => Self::Broken,
        }
    }
}

/// `None` when it is no entry.
fn entry_part(entry: &[u8]) -> Option<Part<'_>> {
    let mut part = Part { timestamp: Timestamp(0), iostream: IoStream::Stdout, bytes: b"", newline: true };
    let (mut partial, mut last) = (false, false);
    let mut source = None;
    let mut fields = protobuf::Fields::new(entry);
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (1, protobuf::Value::Bytes(name)) => source = Some(std::str::from_utf8(name).ok()?.parse().ok()?),
            // A protobuf int64 is written as the varint of its bits.
            (2, protobuf::Value::Varint(nanos)) => part.timestamp = Timestamp(nanos as i64),
            (3, protobuf::Value::Bytes(line)) => part.bytes = line,
            (4, protobuf::Value::Varint(flag)) => partial = flag != 0,
            (5, protobuf::Value::Bytes(metadata)) => last = is_last(metadata)?,
            _ => {}
        }
    }
    part.iostream = source?;
    part.newline = !partial || last;
    Some(part)
}

/// Field 1 of the metadata that only parts have: the part that ends its line.
fn is_last(metadata: &[u8]) -> Option<bool> {
    let mut last = false;
    let mut fields = protobuf::Fields::new(metadata);
    while let Some((number, value)) = fields.next()? {
        if let (1, protobuf::Value::Varint(flag)) = (number, value) {
            last = flag != 0;
        }
    }
    Some(last)
}

#[cfg(test)]
mod tests;
