//! Rows of `GET /logs` as bytes: NDJSON, JSON, text and CSV, written by hand.
//!
//! An export of a million lines is bound by this code, so nothing here goes through `serde` but the rare rows (gaps,
//! marks). What a log's rows share is written once ([`LogTag`]), times are formatted a second at a time, bodies are
//! escaped by words, and full buffers leave without a copy. A record is
//! `{"cursor","container_id","seq","timestamp","iostream","severity","body"}`, and `"cut"` when the line cap cut it.
//!
//! Invariant: what `serde_json` would write for [`crate::api::wire::Record`] is what is written here, byte for byte.

mod escape;
mod out;

use std::ops::Range;

use bytes::Bytes;
use miniman_log::timestamp::RFC3339_LEN;
use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};
use serde::Serialize;

use self::escape::escape_into;
pub use self::out::CHUNK_BYTES;
use self::out::{Digits, Out};
use super::wire;

/// What the rows of an answer look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// `{"records":[…],"next":…}`.
    Json,
    /// Bodies, one a line; with the time before each when asked.
    Text { timestamps: bool },
    /// RFC 4180 with a header row.
    Csv,
}

impl Format {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Json => "application/json",
            Self::Text { .. } => "text/plain; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// The ending of a downloaded file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Text { .. } => "log",
            Self::Csv => "csv",
        }
    }
}

/// Which records are wanted by what stands in their columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordFilter {
    /// Bit `n` is set when severity number `n` is wanted.
    pub severities: u32,
    /// Bit `n` is set when Docker's stream number `n` is wanted.
    pub iostreams: u8,
}

impl RecordFilter {
    pub const ALL: Self = Self { severities: (1 << Severity::COUNT) - 1, iostreams: 0b110 };

    #[inline]
    pub fn keeps(self, severity: u8, iostream: u8) -> bool {
        self.severities & (1 << severity) != 0 && self.keeps_stream(iostream)
    }

    #[inline]
    pub fn keeps_stream(self, iostream: u8) -> bool {
        self.iostreams & (1 << iostream) != 0
    }

    /// How many of a run it keeps; nothing is looked at when it keeps all.
    pub fn count(self, batch: &RecordBatch, range: Range<usize>) -> u64 {
        if self == Self::ALL {
            return range.len() as u64;
        }
        let (severities, iostreams) = (&batch.severities()[range.clone()], &batch.iostreams()[range]);
        severities.iter().zip(iostreams).filter(|(severity, stream)| self.keeps(**severity, **stream)).count()
            as u64
    }
}

/// What every row of one log has in common, already encoded.
#[derive(Debug, Clone)]
pub struct LogTag {
    number: u32,
    container_id: String,
    json_head: Vec<u8>,
    json_middle: Vec<u8>,
    csv_head: Vec<u8>,
    csv_middle: Vec<u8>,
}

impl LogTag {
    /// `number` is the log's in cursors.
    pub fn new(number: u32, container_id: &str) -> Self {
        let quoted = serde_json::to_string(container_id).expect("a string is JSON");
        Self {
            number,
            container_id: container_id.to_owned(),
            json_head: format!("{{\"cursor\":\"{number}:").into_bytes(),
            json_middle: format!("\",\"container_id\":{quoted},\"seq\":").into_bytes(),
            csv_head: format!("{number}:").into_bytes(),
            csv_middle: format!(",{container_id},").into_bytes(),
        }
    }

    pub fn container_id(&self) -> &str {
        &self.container_id
    }

    pub fn cursor(&self, seq: i64) -> String {
        format!("{}:{seq}", self.number)
    }
}

/// Writes rows into chunks of about [`CHUNK_BYTES`].
#[derive(Debug)]
pub struct Encoder {
    format: Format,
    out: Out,
    /// `,"timestamp":"` … up to the body's opening quote differ only by stream and severity: 50 texts.
    heads: Vec<Vec<u8>>,
    time: TimeText,
    first_row: bool,
}

impl Encoder {
    pub fn new(format: Format) -> Self {
        let heads = IoStream::ALL.into_iter().flat_map(|stream| {
            (0..Severity::COUNT).map(move |severity| match format {
                Format::Csv => format!(",{},{severity},", stream.as_str()),
                _ => format!("\",\"iostream\":\"{}\",\"severity\":{severity},\"body\":\"", stream.as_str()),
            })
        });
        let heads = heads.map(String::into_bytes).collect();
        let mut encoder = Self { format, out: Out::new(), heads, time: TimeText::default(), first_row: true };
        match format {
            Format::Json => encoder.out.push(b"{\"records\":["),
            Format::Csv => {
                encoder.out.push(b"cursor,container_id,seq,timestamp,iostream,severity,body,cut,context\r\n")
            }
            Format::Ndjson | Format::Text { .. } => {}
        }
        encoder
    }

    /// Whether a chunk's worth was written: [`Encoder::take`] it before going on.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.out.len() >= CHUNK_BYTES
    }

    pub fn is_empty(&self) -> bool {
        self.out.len() == 0
    }

    /// The bytes written since the last call.
    pub fn take(&mut self) -> Bytes {
        self.out.take()
    }

    /// Appends record `index` of `batch`, whose number in its log is `seq`.
    #[inline]
    pub fn record(&mut self, tag: &LogTag, seq: i64, batch: &RecordBatch, index: usize) {
        self.row(tag, seq, batch, index, false);
    }

    /// The same of a record that stands near a match and is none.
    pub fn context(&mut self, tag: &LogTag, seq: i64, batch: &RecordBatch, index: usize) {
        self.row(tag, seq, batch, index, true);
    }

    #[inline]
    fn row(&mut self, tag: &LogTag, seq: i64, batch: &RecordBatch, index: usize, context: bool) {
        let start = if index == 0 { 0 } else { batch.ends()[index - 1] as usize };
        let body = &batch.bodies()[start..batch.ends()[index] as usize];
        let cut = if batch.cuts().is_empty() { 0 } else { batch.get(index).cut };
        let timestamp = batch.timestamps()[index];
        match self.format {
            Format::Text { timestamps } => {
                if timestamps {
                    self.out.push(self.time.of(timestamp));
                    self.out.push_byte(b' ');
                }
                self.text_body(body, cut);
            }
            Format::Ndjson | Format::Json => {
                self.separate();
                let head = head_index(batch, index);
                self.json_record(tag, seq, timestamp, head, body);
                self.json_end(cut, context);
            }
            Format::Csv => {
                let head = head_index(batch, index);
                self.csv_record(tag, seq, timestamp, head, body);
                self.csv_end(cut, context);
            }
        }
    }

    fn text_body(&mut self, body: &[u8], cut: u64) {
        self.out.reserve(body.len() + 1);
        self.out.push(body);
        if cut > 0 {
            self.out.push(format!(" [{cut} bytes cut]").as_bytes());
        }
        self.out.push_byte(b'\n');
    }

    #[inline]
    fn json_record(&mut self, tag: &LogTag, seq: i64, timestamp: i64, head: usize, body: &[u8]) {
        let mut digits = Digits::default();
        let seq = digits.of(seq);
        let out = &mut self.out;
        out.push(&tag.json_head);
        out.push(seq);
        out.push(&tag.json_middle);
        out.push(seq);
        out.push(b",\"timestamp\":\"");
        out.push(self.time.of(timestamp));
        out.push(&self.heads[head]);
        escape_into(out, body);
        out.push_byte(b'"');
    }

    #[inline]
    fn json_end(&mut self, cut: u64, context: bool) {
        let out = &mut self.out;
        if cut > 0 {
            out.push(b",\"cut\":");
            out.push_number(i64::try_from(cut).unwrap_or(i64::MAX));
        }
        if context {
            out.push(b",\"context\":true");
        }
        out.push_byte(b'}');
        if self.format == Format::Ndjson {
            out.push_byte(b'\n');
        }
    }

    fn csv_record(&mut self, tag: &LogTag, seq: i64, timestamp: i64, head: usize, body: &[u8]) {
        let mut digits = Digits::default();
        let seq = digits.of(seq);
        let out = &mut self.out;
        out.push(&tag.csv_head);
        out.push(seq);
        out.push(&tag.csv_middle);
        out.push(seq);
        out.push_byte(b',');
        out.push(self.time.of(timestamp));
        out.push(&self.heads[head]);
        csv_cell(out, body);
    }

    fn csv_end(&mut self, cut: u64, context: bool) {
        let out = &mut self.out;
        out.push_byte(b',');
        if cut > 0 {
            out.push(cut.to_string().as_bytes());
        }
        out.push(if context { b",true\r\n" } else { b",\r\n" });
    }

    /// Appends the row that stands where records are missing.
    pub fn gap(&mut self, gap: &wire::Gap) {
        match self.format {
            Format::Ndjson | Format::Json => self.json_row(&wire::GapRow { gap: gap.clone() }),
            Format::Text { .. } => self.out.push(format!("--- {} ---\n", gap.sentence()).as_bytes()),
            Format::Csv => {
                let since = gap.since.as_deref().unwrap_or_default();
                let head = format!("{},{},,{since},gap,,", gap.to, gap.container_id);
                self.out.push(head.as_bytes());
                csv_cell(&mut self.out, gap.sentence().as_bytes());
                self.out.push(b",,\r\n");
            }
        }
    }

    /// Ends the answer. `next` is where a page goes on: only JSON says it. `summary` is a search's.
    pub fn finish(&mut self, next: Option<&str>, summary: Option<wire::Summary>) {
        match self.format {
            Format::Json => {
                let next = serde_json::to_string(&next).expect("a string is JSON");
                self.out.push(b"],\"next\":");
                self.out.push(next.as_bytes());
                if let Some(summary) = summary {
                    let summary = serde_json::to_vec(&summary).expect("wire types have string keys only");
                    self.out.push(b",\"summary\":");
                    self.out.push(&summary);
                }
                self.out.push(b"}");
            }
            Format::Ndjson => {
                if let Some(summary) = summary {
                    self.json_row(&wire::SummaryRow { summary });
                }
            }
            Format::Text { .. } | Format::Csv => {}
        }
    }

    fn json_row(&mut self, row: &impl Serialize) {
        self.separate();
        self.out.push(&serde_json::to_vec(row).expect("wire types have string keys only"));
        if self.format == Format::Ndjson {
            self.out.push_byte(b'\n');
        }
    }

    #[inline]
    fn separate(&mut self) {
        if self.format == Format::Json && !std::mem::take(&mut self.first_row) {
            self.out.push_byte(b',');
        }
    }
}

#[inline]
fn head_index(batch: &RecordBatch, index: usize) -> usize {
    usize::from(batch.iostreams()[index] - 1) * Severity::COUNT + usize::from(batch.severities()[index])
}

/// One cell. What a spreadsheet would take for a formula gets an apostrophe before it; quotes are doubled.
fn csv_cell(out: &mut Out, text: &[u8]) {
    let formula = matches!(text.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'));
    if !formula && !text.iter().any(|byte| matches!(byte, b'"' | b',' | b'\r' | b'\n')) {
        return out.push(text);
    }
    out.push_byte(b'"');
    if formula {
        out.push_byte(b'\'');
    }
    for (index, run) in text.split(|byte| *byte == b'"').enumerate() {
        if index > 0 {
            out.push(b"\"\"");
        }
        out.push(run);
    }
    out.push_byte(b'"');
}

/// A time's text. Lines come many to a second, so only the fraction is written anew while the second stays.
#[derive(Debug)]
struct TimeText {
    second: i64,
    text: [u8; RFC3339_LEN],
}

const NANOS_PER_SEC: i64 = 1_000_000_000;
/// Where the nine digits of the fraction stand.
const FRACTION: Range<usize> = 20..29;

impl Default for TimeText {
    fn default() -> Self {
        let mut text = [0; RFC3339_LEN];
        Timestamp(0).write_to(&mut text);
        Self { second: 0, text }
    }
}

impl TimeText {
    #[inline]
    fn of(&mut self, timestamp: i64) -> &[u8; RFC3339_LEN] {
        let second = timestamp.div_euclid(NANOS_PER_SEC);
        if second == self.second {
            let mut rest = timestamp.rem_euclid(NANOS_PER_SEC) as u32;
            for byte in self.text[FRACTION].iter_mut().rev() {
                *byte = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        } else {
            self.second = second;
            Timestamp(timestamp).write_to(&mut self.text);
        }
        &self.text
    }
}

#[cfg(test)]
mod tests;
