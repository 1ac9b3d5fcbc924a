//! Many records, columns apart: the shape in which tails append, the store compresses and pumps read.

use crate::{IoStream, LogRecord, Severity, Timestamp};

/// Records in their log's order; bodies lie one after another in one buffer.
///
/// A batch carries no sequence numbers: whoever holds it knows the first record's, the others follow by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordBatch {
    timestamps: Vec<i64>,
    iostreams: Vec<u8>,
    severities: Vec<u8>,
    /// Where each body ends in `bodies`; it starts where the one before ends.
    ends: Vec<u32>,
    bodies: Vec<u8>,
    /// `(index, bytes)` for the few records that the line cap cut, by rising index.
    cuts: Vec<(u32, u64)>,
}

/// One record of a batch, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordRef<'a> {
    pub timestamp: Timestamp,
    pub iostream: IoStream,
    pub severity: Severity,
    pub body: &'a str,
    /// Bytes that the line cap cut from the end.
    pub cut: u64,
}

/// Why columns do not make a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("columns do not make a batch: {0}")]
pub struct ColumnsError(&'static str);

impl RecordBatch {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all bodies, newlines not counted.
    pub fn body_bytes(&self) -> usize {
        self.bodies.len()
    }

    /// Bytes of memory that the records take: bodies and columns.
    pub fn memory_bytes(&self) -> usize {
        self.bodies.len() + self.len() * (8 + 1 + 1 + 4) + self.cuts.len() * 16
    }

    /// Appends one record. `body` becomes valid UTF-8: what is not is replaced by U+FFFD.
    ///
    /// # Panics
    /// Past 4 GiB of bodies; callers hand batches on far earlier.
    pub fn push(
        &mut self,
        timestamp: Timestamp,
        iostream: IoStream,
        severity: Severity,
        body: &[u8],
        cut: u64,
    ) {
        match std::str::from_utf8(body) {
            Ok(body) => self.push_str(timestamp, iostream, severity, body, cut),
            Err(_) => self.push_str(timestamp, iostream, severity, &String::from_utf8_lossy(body), cut),
        }
    }

    /// [`RecordBatch::push`] of what is known to be UTF-8: nothing is checked again.
    ///
    /// # Panics
    /// As [`RecordBatch::push`].
    pub fn push_str(
        &mut self,
        timestamp: Timestamp,
        iostream: IoStream,
        severity: Severity,
        body: &str,
        cut: u64,
    ) {
        self.bodies.extend_from_slice(body.as_bytes());
        if cut > 0 {
            self.cuts.push((self.ends.len() as u32, cut));
        }
        self.ends.push(u32::try_from(self.bodies.len()).expect("a batch is handed on long before 4 GiB"));
        self.timestamps.push(timestamp.0);
        self.iostreams.push(iostream as u8);
        self.severities.push(severity.number());
    }

    pub fn push_ref(&mut self, record: RecordRef<'_>) {
        self.push_str(record.timestamp, record.iostream, record.severity, record.body, record.cut);
    }

    pub fn push_record(&mut self, record: &LogRecord) {
        self.push_str(record.timestamp, record.iostream, record.severity, &record.body, record.cut);
    }

    /// The record's body, not checked to be UTF-8 once more as [`RecordBatch::get`] has to: for whoever only copies
    /// it on. It is UTF-8.
    ///
    /// # Panics
    /// When `index` is not below [`RecordBatch::len`].
    pub fn body(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.bodies[start..self.ends[index] as usize]
    }

    /// # Panics
    /// When `index` is not below [`RecordBatch::len`].
    pub fn get(&self, index: usize) -> RecordRef<'_> {
        let body = self.body(index);
        RecordRef {
            timestamp: Timestamp(self.timestamps[index]),
            iostream: IoStream::from_number(self.iostreams[index]).expect("columns hold only 1 and 2"),
            severity: Severity::from_number(self.severities[index]).expect("columns hold only 0 to 24"),
            body: std::str::from_utf8(body).expect("bodies are UTF-8 and end at a boundary"),
            cut: self.cut(index),
        }
    }

    /// Bytes that the line cap cut from the record's end.
    pub fn cut(&self, index: usize) -> u64 {
        match self.cuts.binary_search_by_key(&(index as u32), |cut| cut.0) {
            Ok(at) => self.cuts[at].1,
            Err(_) => 0,
        }
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = RecordRef<'_>> + ExactSizeIterator {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Appends the records `range` of `other`.
    ///
    /// # Panics
    /// When the range leaves `other`.
    pub fn extend_from(&mut self, other: &Self, range: std::ops::Range<usize>) {
        if range.is_empty() {
            return;
        }
        let start = if range.start == 0 { 0 } else { other.ends[range.start - 1] };
        let end = other.ends[range.end - 1];
        let base = self.bodies.len() as u32;
        let first = self.len() as u32;
        self.bodies.extend_from_slice(&other.bodies[start as usize..end as usize]);
        self.ends.extend(other.ends[range.clone()].iter().map(|at| at - start + base));
        self.timestamps.extend_from_slice(&other.timestamps[range.clone()]);
        self.iostreams.extend_from_slice(&other.iostreams[range.clone()]);
        self.severities.extend_from_slice(&other.severities[range.clone()]);
        let cuts = other.cuts.iter().filter(|cut| range.contains(&(cut.0 as usize)));
        self.cuts.extend(cuts.map(|cut| (cut.0 - range.start as u32 + first, cut.1)));
    }

    pub fn clear(&mut self) {
        self.timestamps.clear();
        self.iostreams.clear();
        self.severities.clear();
        self.ends.clear();
        self.bodies.clear();
        self.cuts.clear();
    }

    pub fn timestamps(&self) -> &[i64] {
        &self.timestamps
    }

    pub fn iostreams(&self) -> &[u8] {
        &self.iostreams
    }

    pub fn severities(&self) -> &[u8] {
        &self.severities
    }

    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    pub fn bodies(&self) -> &[u8] {
        &self.bodies
    }

    pub fn cuts(&self) -> &[(u32, u64)] {
        &self.cuts
    }

    /// Puts columns together again, checking all that [`RecordBatch::get`] relies on.
    ///
    /// # Errors
    /// When lengths differ, an end steps back or out, a stream or severity is unknown, or a body is no UTF-8.
    pub fn from_columns(
        timestamps: Vec<i64>,
        iostreams: Vec<u8>,
        severities: Vec<u8>,
        ends: Vec<u32>,
        bodies: Vec<u8>,
        cuts: Vec<(u32, u64)>,
    ) -> Result<Self, ColumnsError> {
        let len = ends.len();
        if timestamps.len() != len || iostreams.len() != len || severities.len() != len {
            return Err(ColumnsError("lengths differ"));
        }
        if !ends.is_sorted() || ends.last().map_or(0, |end| *end as usize) != bodies.len() {
            return Err(ColumnsError("ends leave the bodies"));
        }
        if iostreams.iter().any(|stream| IoStream::from_number(*stream).is_none()) {
            return Err(ColumnsError("unknown stream"));
        }
        if severities.iter().any(|severity| Severity::from_number(*severity).is_none()) {
            return Err(ColumnsError("unknown severity"));
        }
        let text = std::str::from_utf8(&bodies).map_err(|_| ColumnsError("bodies are not UTF-8"))?;
        if ends.iter().any(|end| !text.is_char_boundary(*end as usize)) {
            return Err(ColumnsError("an end splits a character"));
        }
        if !cuts.is_sorted_by(|a, b| a.0 < b.0) || cuts.last().is_some_and(|cut| cut.0 as usize >= len) {
            return Err(ColumnsError("cuts leave the records"));
        }
        Ok(Self { timestamps, iostreams, severities, ends, bodies, cuts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> RecordBatch {
        let mut batch = RecordBatch::new();
        batch.push(Timestamp(1), IoStream::Stdout, Severity::INFO, b"one", 0);
        batch.push(Timestamp(2), IoStream::Stderr, Severity::ERROR, b"t\xffo", 7);
        batch.push(Timestamp(3), IoStream::Stdout, Severity::UNSPECIFIED, b"", 0);
        batch
    }

    #[test]
    fn records_read_back_as_they_were_pushed() {
        let batch = sample();
        assert_eq!(batch.get(0).body, "one");
        assert_eq!(batch.get(1).body, "t\u{fffd}o");
        assert_eq!((batch.get(0).cut, batch.get(1).cut), (0, 7));
        assert_eq!(
            batch.get(2),
            RecordRef {
                timestamp: Timestamp(3),
                iostream: IoStream::Stdout,
                severity: Severity::UNSPECIFIED,
                body: "",
                cut: 0
            }
        );
    }

    #[test]
    fn a_range_of_another_batch_keeps_bodies_and_cuts() {
        let mut batch = sample();
        batch.extend_from(&sample(), 1..3);
        assert_eq!(
            batch.iter().map(|record| record.body).collect::<Vec<_>>(),
            ["one", "t\u{fffd}o", "", "t\u{fffd}o", ""]
        );
        assert_eq!(batch.cuts(), [(1, 7), (3, 7)]);
    }

    #[test]
    fn columns_that_lie_are_refused() {
        let make = |ends: Vec<u32>, bodies: &[u8]| {
            let len = ends.len();
            RecordBatch::from_columns(
                vec![0; len],
                vec![1; len],
                vec![0; len],
                ends,
                bodies.to_vec(),
                Vec::new(),
            )
        };
        assert!(make(vec![1, 3], b"abc").is_ok());
        for (ends, bodies) in
            [(vec![3, 1], &b"abc"[..]), (vec![1], b"abc"), (vec![1, 2], b"\xc3\xa4"), (vec![1], b"\xff")]
        {
            assert!(make(ends, bodies).is_err());
        }
    }
}
