//! Parts to lines.
//!
//! The one place where a line begins and ends, whatever the source was: reading the same log from its files or over
//! the API gives the same records. Holds at most one open line a stream, and of it at most the line cap.

use std::borrow::Cow;

use memchr::memchr;

use crate::{IoStream, RecordBatch, Timestamp, part::PART_BYTES, part::Part, severity_of};

/// A buffer that one long line has grown past this is given back: a thousand joiners hold 64 MiB at most, not 1 GiB.
const KEPT_BUFFER_BYTES: usize = 64 * 1024;

/// Joins the parts of long lines, each stream for itself.
///
/// Only a part without newline of at least [`PART_BYTES`] continues; a shorter one ends the line, because the
/// container ended there. A record takes its first part's timestamp. A newline inside a part ends a line too, so no
/// body ever holds one.
#[derive(Debug)]
pub struct LineJoiner {
    line_bytes_max: usize,
    tty: bool,
    open: [OpenLine; 2],
}

/// The line whose end has not come yet.
#[derive(Debug, Default)]
struct OpenLine {
    /// `None` while no line is open.
    timestamp: Option<Timestamp>,
    bytes: Vec<u8>,
    cut: u64,
    /// The last byte seen, kept or cut.
    last: u8,
}

impl LineJoiner {
    /// `tty`: the one `\r` that the terminal put before each newline is taken off.
    pub fn new(line_bytes_max: usize, tty: bool) -> Self {
        Self { line_bytes_max, tty, open: Default::default() }
    }

    /// Appends the lines that `part` ends; returns whether its stream has an open line after that.
    pub fn push(&mut self, part: Part<'_>, out: &mut RecordBatch) -> bool {
        let continues = !part.newline && part.bytes.len() >= PART_BYTES;
        let mut rest = part.bytes;
        while let Some(at) = memchr(b'\n', rest) {
            self.end(part.iostream, part.timestamp, &rest[..at], true, out);
            rest = &rest[at + 1..];
        }
        if continues {
            self.open[part.iostream.index()].append(part.timestamp, rest, self.line_bytes_max);
        } else if part.newline || !rest.is_empty() || self.pending(part.iostream) {
            self.end(part.iostream, part.timestamp, rest, part.newline, out);
        }
        continues
    }

    /// Ends both streams' lines: the container exited, so nothing continues them.
    pub fn flush(&mut self, out: &mut RecordBatch) {
        for stream in IoStream::ALL {
            if let Some(timestamp) = self.open[stream.index()].timestamp {
                self.end(stream, timestamp, b"", false, out);
            }
        }
    }

    /// Whether the stream's last part waits for the rest of its line.
    pub fn pending(&self, stream: IoStream) -> bool {
        self.open[stream.index()].timestamp.is_some()
    }

    fn end(
        &mut self,
        stream: IoStream,
        timestamp: Timestamp,
        bytes: &[u8],
        newline: bool,
        out: &mut RecordBatch,
    ) {
        let strip_cr = self.tty && newline;
        let open = &mut self.open[stream.index()];
        let Some(first) = open.timestamp else {
            // Nearly every line: whole, so never copied on its way into the batch.
            let bytes = if strip_cr { bytes.strip_suffix(b"\r").unwrap_or(bytes) } else { bytes };
            let kept = &bytes[..bytes.len().min(self.line_bytes_max)];
            push_line(out, timestamp, stream, kept, (bytes.len() - kept.len()) as u64, self.line_bytes_max);
            return;
        };
        open.append(first, bytes, self.line_bytes_max);
        if strip_cr && open.last == b'\r' {
            match open.cut.checked_sub(1) {
                Some(less) => open.cut = less,
                None => open.bytes.truncate(open.bytes.len() - 1),
            }
        }
        push_line(out, first, stream, &open.bytes, open.cut, self.line_bytes_max);
        open.close();
    }
}

impl OpenLine {
    fn append(&mut self, timestamp: Timestamp, bytes: &[u8], line_bytes_max: usize) {
        self.timestamp.get_or_insert(timestamp);
        let kept = bytes.len().min(line_bytes_max.saturating_sub(self.bytes.len()));
        self.bytes.extend_from_slice(&bytes[..kept]);
        self.cut += (bytes.len() - kept) as u64;
        if let Some(last) = bytes.last() {
            self.last = *last;
        }
    }

    fn close(&mut self) {
        self.timestamp = None;
        self.cut = 0;
        self.last = 0;
        self.bytes.clear();
        if self.bytes.capacity() > KEPT_BUFFER_BYTES {
            self.bytes = Vec::new();
        }
    }
}

/// `cut`: bytes that the cap took already. What it takes here, of text that grew by U+FFFD, adds to them.
fn push_line(
    out: &mut RecordBatch,
    timestamp: Timestamp,
    stream: IoStream,
    bytes: &[u8],
    mut cut: u64,
    line_bytes_max: usize,
) {
    let whole = if cut > 0 { before_split_character(bytes) } else { bytes };
    cut += (bytes.len() - whole.len()) as u64;
    let text = match std::str::from_utf8(whole) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(whole),
    };
    let kept = &text[..text.floor_char_boundary(line_bytes_max)];
    cut += (text.len() - kept.len()) as u64;
    out.push_str(timestamp, stream, severity_of(kept), kept, cut);
}

/// Without the first bytes of a character whose rest was cut off.
fn before_split_character(bytes: &[u8]) -> &[u8] {
    // A character has at most 4 bytes, so at most 3 are left of a split one.
    for back in 1..=bytes.len().min(3) {
        let lead = bytes[bytes.len() - back];
        let len = match lead {
            0x80..=0xbf => continue,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        return if len > back { &bytes[..bytes.len() - back] } else { bytes };
    }
    bytes
}

#[cfg(test)]
mod tests;
