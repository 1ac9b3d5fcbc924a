//! What a log source yields before lines are joined: one entry of a log file, or one message of the API stream.

use crate::{IoStream, Timestamp};

/// Docker's copier hands on a line in parts of this many bytes. Only a part without newline of at least this size is
/// continued by the stream's next part; it can be longer, because bytes that were no UTF-8 grow to U+FFFD.
pub const PART_BYTES: usize = 16 * 1024;

/// The longest line that is kept; what follows is only counted.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// The longest entry of a log file that is read. A full part of control characters takes 16 KiB × 6 (`\u0000`) ≈
/// 96 KiB in `json-file`; labels and environment in `attrs` come on top. Docker itself refuses more than 1 MB.
pub const ENTRY_BYTES_MAX: usize = 1 << 20;

/// One entry of a source: a whole line or a part of a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    pub timestamp: Timestamp,
    pub iostream: IoStream,
    /// Without the newline at the end; not necessarily UTF-8.
    pub bytes: &'a [u8],
    /// Whether the entry ended with a newline.
    pub newline: bool,
}

/// Takes what a parser finds, in the order of the bytes.
///
/// Offsets count bytes of the source from its start: those of `part` and `damage` calls follow each other without
/// hole or overlap, and end at what the parser says it consumed.
pub trait PartSink {
    /// An entry that lies in `start..end`.
    fn part(&mut self, part: Part<'_>, start: u64, end: u64);

    /// The bytes `from..to` are no entry. One damaged place may be told in several adjoining pieces.
    fn damage(&mut self, from: u64, to: u64);
}
