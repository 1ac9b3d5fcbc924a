//! `log_batch`: many records in one event, written by hand into the packet that goes out.

use std::collections::HashMap;

use miniman_hub::{Cursor, Piece};
use miniman_log::RecordRef;
use miniman_store::logs::{Gap, Log, LogId};

use crate::api::wire::{LogGap, time};
use crate::socket_io::{Burst, write_json};

/// Bytes of records after which a batch goes out.
pub(super) const BATCH_BYTES: usize = 64 * 1024;

/// Writes the batches of one view.
pub(super) struct BatchEncoder {
    subscription: String,
    records: Vec<u8>,
    first: Option<String>,
    /// What all records of a log have in common, encoded: `{"cursor":"12:` and `","container_id":"…","seq":`.
    tags: HashMap<LogId, (Vec<u8>, Vec<u8>)>,
}

impl BatchEncoder {
    pub(super) fn new(subscription: &str) -> Self {
        Self { subscription: subscription.to_owned(), records: Vec::new(), first: None, tags: HashMap::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= BATCH_BYTES
    }

    /// Room for bodies in this batch.
    pub(super) fn room(&self) -> usize {
        BATCH_BYTES.saturating_sub(self.records.len()).max(1)
    }

    /// Appends a piece's records; false when it is a gap, which is an event of its own.
    pub(super) fn push(&mut self, piece: &Piece) -> bool {
        if piece.gap().is_some() {
            return false;
        }
        let log = piece.log.id();
        let tag = self.tags.entry(log).or_insert_with(|| tag(&piece.log));
        for (seq, batch, index) in piece.records() {
            self.first.get_or_insert_with(|| Cursor::single(log, seq).to_string());
            if !self.records.is_empty() {
                self.records.push(b',');
            }
            push_record(&mut self.records, tag, seq, batch.get(index));
        }
        true
    }

    /// Ends the batch at `last` and starts the next one; gives its bytes.
    pub(super) fn finish(&mut self, burst: &mut Burst, last: &str) -> usize {
        let Some(first) = self.first.take() else { return 0 };
        let before = burst.byte_len();
        burst.packet(|out| {
            out.extend_from_slice(b"42[\"log_batch\",{\"subscription\":");
            write_json(out, &self.subscription);
            out.extend_from_slice(b",\"first\":");
            write_json(out, &first);
            out.extend_from_slice(b",\"last\":");
            write_json(out, last);
            out.extend_from_slice(b",\"records\":[");
            out.extend_from_slice(&self.records);
            out.extend_from_slice(b"]}]");
        });
        self.records.clear();
        // One long line must not make every later batch's buffer as large.
        self.records.shrink_to(2 * BATCH_BYTES);
        burst.byte_len() - before
    }

    pub(super) fn gap(&self, burst: &mut Burst, log: &Log, gap: &Gap) {
        let cursor = |seq| Cursor::single(log.id(), seq).to_string();
        let event = LogGap {
            subscription: self.subscription.clone(),
            container_id: log.identity().container_id.clone(),
            from: cursor(gap.from),
            to: cursor(gap.to),
            missed: gap.missed,
            since: gap.since.map(time),
            until: gap.until.map(time),
            reason: gap.reason.as_str().to_owned(),
        };
        burst.event("log_gap", &event);
    }
}

fn tag(log: &Log) -> (Vec<u8>, Vec<u8>) {
    let head = format!("{{\"cursor\":\"{}:", log.id());
    let mut middle = b"\",\"container_id\":".to_vec();
    write_json(&mut middle, &log.identity().container_id);
    middle.extend_from_slice(b",\"seq\":");
    (head.into_bytes(), middle)
}

/// As `serde_json` would write [`crate::api::wire::Record`].
fn push_record(out: &mut Vec<u8>, tag: &(Vec<u8>, Vec<u8>), seq: i64, record: RecordRef<'_>) {
    out.extend_from_slice(&tag.0);
    write_json(out, &seq);
    out.extend_from_slice(&tag.1);
    write_json(out, &seq);
    out.extend_from_slice(b",\"timestamp\":\"");
    record.timestamp.push_to(out);
    out.extend_from_slice(b"\",\"iostream\":\"");
    out.extend_from_slice(record.iostream.as_str().as_bytes());
    out.extend_from_slice(b"\",\"severity\":");
    write_json(out, &record.severity.number());
    out.extend_from_slice(b",\"body\":");
    write_json(out, record.body);
    if record.cut > 0 {
        out.extend_from_slice(b",\"cut\":");
        write_json(out, &record.cut);
    }
    out.push(b'}');
}
