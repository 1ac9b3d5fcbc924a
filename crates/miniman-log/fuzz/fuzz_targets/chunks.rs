//! Shared by the parsers' targets: feeding as a tail does, and what came out of it.

use miniman_log::{LINE_BYTES_MAX, LineJoiner, Part, PartSink, RecordBatch};

pub struct Found {
    joiner: LineJoiner,
    pub batch: RecordBatch,
    /// Where the last part or damage ended.
    pub covered: u64,
}

impl Found {
    pub fn new(tty: bool) -> Self {
        Self { joiner: LineJoiner::new(LINE_BYTES_MAX, tty), batch: RecordBatch::new(), covered: 0 }
    }

    pub fn finish(&mut self) {
        self.joiner.flush(&mut self.batch);
    }

    fn span(&mut self, start: u64, end: u64) {
        assert_eq!(start, self.covered);
        assert!(start < end);
        self.covered = end;
    }
}

impl PartSink for Found {
    fn part(&mut self, part: Part<'_>, start: u64, end: u64) {
        self.span(start, end);
        self.joiner.push(part, &mut self.batch);
    }

    fn damage(&mut self, from: u64, to: u64) {
        self.span(from, to);
    }
}

/// Feeds `bytes` in chunks of `chunk`; what was not consumed comes again with more behind it.
#[allow(dead_code, reason = "the stream's target consumes all it is fed")]
pub fn read(bytes: &[u8], chunk: usize, mut feed: impl FnMut(&[u8], &mut Found) -> usize) -> RecordBatch {
    let mut found = Found::new(false);
    let (mut consumed, mut read) = (0, 0);
    while read < bytes.len() {
        read = bytes.len().min(read + chunk);
        consumed += feed(&bytes[consumed..read], &mut found);
        assert_eq!(found.covered, consumed as u64);
    }
    found.finish();
    found.batch
}
