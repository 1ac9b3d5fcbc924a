//! The `json-file` driver's files: one JSON object a line, `{"log":"…\n","stream":"stdout","time":"…"}`.
//!
//! Lines as Docker writes them are split by hand, what is JSON all the same goes through serde_json, and the rest is
//! damage. Nothing is consumed past the last newline, so a torn write is read again once it is whole. The log text is
//! not checked to be UTF-8 here: the record batch repairs it.

use memchr::{memchr, memchr2, memmem};

use crate::part::{ENTRY_BYTES_MAX, Part, PartSink};
use crate::{IoStream, Timestamp};

mod odd;
mod text;

/// How every entry starts. Inside a JSON string its quotes would be escaped, so wherever these bytes stand in a file,
/// an entry starts.
const ENTRY_START: &[u8] = br#"{"log":""#;

/// A buffer that an entry has grown past this is given back; 16 KiB parts keep theirs, U+FFFD included.
const KEPT_BUFFER_BYTES: usize = 64 * 1024;

/// Push-style reader: the caller feeds what follows the bytes that were consumed before.
///
/// Which records come out does not depend on how the bytes are cut into feeds.
#[derive(Debug)]
pub struct JsonFileParser {
    offset: u64,
    /// Inside a line that was too long already: all up to its end is damage.
    overlong: bool,
    /// The last log text that held escapes, unescaped.
    text: text::Text,
}

impl JsonFileParser {
    /// `offset`: where in the file the first fed byte lies.
    pub fn new(offset: u64) -> Self {
        Self { offset, overlong: false, text: text::Text::default() }
    }

    /// Offset of the first byte that was not consumed.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Consumes whole lines; returns how many bytes that was. The caller feeds the rest again with more behind it.
    ///
    /// At most [`ENTRY_BYTES_MAX`] bytes stay unconsumed.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut impl PartSink) -> usize {
        let base = self.offset;
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            if rest[0] == 0 {
                // A host that crashed leaves runs of NUL where data had not reached the disk.
                let run = rest.iter().position(|byte| *byte != 0).unwrap_or(rest.len());
                sink.damage(base + at as u64, base + (at + run) as u64);
                self.overlong = false;
                at += run;
                continue;
            }
            let Some(len) = memchr2(b'\n', 0, rest) else {
                if self.overlong || rest.len() > ENTRY_BYTES_MAX {
                    sink.damage(base + at as u64, base + bytes.len() as u64);
                    self.overlong = true;
                    at = bytes.len();
                }
                break;
            };
            // A NUL ends a torn line as a newline would, but belongs to the run behind it.
            let end = at + len + usize::from(rest[len] == b'\n');
            if std::mem::take(&mut self.overlong) || len > ENTRY_BYTES_MAX {
                sink.damage(base + at as u64, base + end as u64);
            } else {
                self.line(&rest[..len], base + at as u64, base + end as u64, sink);
            }
            at = end;
        }
        if self.text.capacity() > KEPT_BUFFER_BYTES {
            self.text = text::Text::default();
        }
        self.offset += at as u64;
        at
    }

    fn line(&mut self, line: &[u8], start: u64, end: u64, sink: &mut impl PartSink) {
        if let Some(part) = plain(line, &mut self.text).or_else(|| odd::entry(line, &mut self.text)) {
            sink.part(part.borrow(self.text.bytes()), start, end);
            return;
        }
        // A torn entry without a newline has the next one on its line.
        if let Some(torn) = memmem::rfind(line, ENTRY_START).filter(|at| *at > 0)
            && let Some(part) = plain(&line[torn..], &mut self.text)
        {
            sink.damage(start, start + torn as u64);
            sink.part(part.borrow(self.text.bytes()), start + torn as u64, end);
            return;
        }
        sink.damage(start, end);
    }
}

/// Where the first whole entry of `bytes` begins, when they start somewhere inside a file.
pub fn first_entry(bytes: &[u8]) -> Option<usize> {
    memchr(b'\n', bytes).map(|at| at + 1)
}

/// A part whose text lies in the line, or in the buffer for unescaped text.
struct Entry<'a> {
    timestamp: Timestamp,
    iostream: IoStream,
    /// `None`: the buffer has it.
    plain: Option<&'a [u8]>,
    newline: bool,
}

impl<'a> Entry<'a> {
    fn borrow<'b>(&self, text: &'b [u8]) -> Part<'b>
    where
        'a: 'b,
    {
        let bytes = self.plain.unwrap_or(text);
        Part { timestamp: self.timestamp, iostream: self.iostream, bytes, newline: self.newline }
    }
}

/// An entry exactly as Docker writes it; `None` for all else, also for JSON that means the same.
fn plain<'a>(line: &'a [u8], text: &mut text::Text) -> Option<Entry<'a>> {
    let rest = line.strip_prefix(ENTRY_START)?;
    let first = memchr2(b'"', b'\\', rest)?;
    let (plain, newline, rest) = if rest[first] == b'"' {
        (Some(&rest[..first]), false, &rest[first + 1..])
    } else if rest[first..].starts_with(b"\\n\"") {
        (Some(&rest[..first]), true, &rest[first + 3..])
    } else {
        let end = text.unescape(rest, first)?;
        (None, text.take_newline(), &rest[end + 1..])
    };
    let rest = rest.strip_prefix(br#","stream":"std"#)?;
    let (iostream, rest) = if let Some(rest) = rest.strip_prefix(b"out\"") {
        (IoStream::Stdout, rest)
    } else {
        (IoStream::Stderr, rest.strip_prefix(b"err\"")?)
    };
    let rest = match rest.strip_prefix(br#","attrs":"#) {
        Some(attrs) => &attrs[string_map_len(attrs)?..],
        None => rest,
    };
    let time = rest.strip_prefix(br#","time":""#)?.strip_suffix(br#""}"#)?;
    Some(Entry { timestamp: Timestamp::parse(time)?, iostream, plain, newline })
}

/// Length of `{"key":"value",…}` at the start, as Docker writes labels and environment.
fn string_map_len(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    if bytes.first()? != &b'{' {
        return None;
    }
    if bytes.get(1)? == &b'}' {
        return Some(2);
    }
    loop {
        for end in [b':', 0] {
            if bytes.get(at)? != &b'"' {
                return None;
            }
            at += 1 + text::string_len(&bytes[at + 1..])? + 1;
            if end != 0 {
                if bytes.get(at)? != &end {
                    return None;
                }
                at += 1;
            }
        }
        match bytes.get(at)? {
            b',' => at += 1,
            b'}' => return Some(at + 1),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests;
