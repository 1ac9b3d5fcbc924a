//! Counting records by time and severity.
//!
//! Without a query most of it is a sum over the blocks' rows: only blocks that lie across the edge of a bucket, or of the
//! numbers that are asked for, have their times and severities read. With one it is a search.

use std::ops::Range;

use miniman_log::{RecordBatch, Severity, Timestamp};

use super::search::CountedBlock;
use super::shared::lock;
use super::state::LogState;
use super::{Chunk, Found, Log, ReadMax, Search, StoreError};

/// Block rows that are read at once: some 50 KB.
pub(super) const ROWS_AT_ONCE: usize = 512;

/// Counts by bucket of time and by severity number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    start: Timestamp,
    width: i64,
    counts: Vec<[u64; Severity::COUNT]>,
}

impl Histogram {
    /// `buckets` buckets of `width` nanoseconds from `start` on; at least one of at least one.
    pub fn new(start: Timestamp, width: i64, buckets: usize) -> Self {
        Self { start, width: width.max(1), counts: vec![[0; Severity::COUNT]; buckets.max(1)] }
    }

    /// Each bucket's start and its counts by severity number.
    pub fn buckets(&self) -> impl Iterator<Item = (Timestamp, &[u64; Severity::COUNT])> {
        let start_of = |index: usize| {
            let offset = self.width.saturating_mul(index as i64);
            Timestamp(self.start.0.saturating_add(offset))
        };
        self.counts.iter().enumerate().map(move |(index, counts)| (start_of(index), counts))
    }

    /// Times before the first bucket and behind the last count in these: clocks step, and numbers order a log.
    fn bucket(&self, time: i64) -> usize {
        let index = time.saturating_sub(self.start.0) / self.width;
        usize::try_from(index).unwrap_or(0).min(self.counts.len() - 1)
    }

    fn add(&mut self, time: i64, severity: u8) {
        let bucket = self.bucket(time);
        if let Some(count) = self.counts[bucket].get_mut(usize::from(severity)) {
            *count += 1;
        }
    }

    fn add_batch(&mut self, batch: &RecordBatch, range: Range<usize>) {
        for index in range {
            self.add(batch.timestamps()[index], batch.severities()[index]);
        }
    }

    /// A whole block; `false` when only its records can tell.
    fn add_block(&mut self, block: &CountedBlock) -> bool {
        let bucket = self.bucket(block.row.min_time);
        let Some(severities) = block.severities.filter(|_| bucket == self.bucket(block.row.max_time)) else {
            return false;
        };
        self.counts[bucket].iter_mut().zip(severities).for_each(|(sum, count)| *sum += count);
        true
    }
}

impl Log {
    /// Adds the records of `numbers` to a histogram. Blocking.
    ///
    /// # Errors
    /// When the file cannot be read. Records of a damaged block are not counted.
    pub fn count(&self, numbers: Range<i64>, histogram: &mut Histogram) -> Result<(), StoreError> {
        let bounds = self.bounds();
        let numbers = numbers.start.max(bounds.first)..numbers.end.min(bounds.next);
        let mut seq = numbers.start;
        while seq < numbers.end {
            let held = count_in_memory(&lock(&self.inner.state), seq, &numbers, histogram);
            seq = match held {
                Some(next) => next,
                None => match self.count_blocks(seq, &numbers, histogram)? {
                    Some(next) => next,
                    // A gap, or rows that are lost.
                    None => match self.read(seq, ReadMax::BLOCK)? {
                        Some(chunk) => {
                            if let Chunk::Records { first, batch, range } = &chunk {
                                let end = (numbers.end - first).max(0) as usize;
                                histogram.add_batch(batch, range.start..range.end.min(range.start + end));
                            }
                            chunk.next()
                        }
                        None => return Ok(()),
                    },
                },
            };
        }
        Ok(())
    }

    /// The same of those records that a search of this log finds; `go_on` is asked between steps. Gives the records
    /// searched.
    ///
    /// # Errors
    /// As for [`Log::count`].
    pub fn count_found(
        &self,
        mut search: Search,
        mut numbers: Range<i64>,
        histogram: &mut Histogram,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<u64, StoreError> {
        let mut records = 0;
        while go_on() {
            let Some(searched) = search.forward(numbers.clone())? else { break };
            numbers.start = searched.covered.end;
            records += searched.records;
            if let Found::Records { batch, matches, .. } = searched.found {
                for index in matches {
                    histogram.add_batch(&batch, index as usize..index as usize + 1);
                }
            }
        }
        Ok(records)
    }

    /// Blocks on disk from `seq` on, as far as they follow each other; gives the number behind them.
    fn count_blocks(
        &self,
        seq: i64,
        numbers: &Range<i64>,
        histogram: &mut Histogram,
    ) -> Result<Option<i64>, StoreError> {
        let mut reader = self.inner.shared.readers.take()?;
        let mut next = seq;
        for block in reader.counted_blocks(self.id(), seq, ROWS_AT_ONCE)? {
            let row = block.row;
            if row.last < next {
                continue;
            }
            if row.first > next || next >= numbers.end {
                break;
            }
            let whole = row.first >= numbers.start && row.last < numbers.end && row.first == next;
            if !whole || !histogram.add_block(&block) {
                let first = row.first;
                let records = reader.times_and_severities(self.id(), row)?;
                // A commit may have merged the block since its row was read: then it is looked for again.
                if records.is_none() && reader.block_at(self.id(), first)?.is_some_and(|now| now.id != row.id)
                {
                    return if next > seq {
                        Ok(Some(next))
                    } else {
                        self.count_blocks(seq, numbers, histogram)
                    };
                }
                for (index, (time, severity)) in records.into_iter().flatten().enumerate() {
                    let number = first + index as i64;
                    if number >= next && numbers.contains(&number) {
                        histogram.add(time, severity);
                    }
                }
            }
            next = row.last + 1;
        }
        Ok((next > seq).then_some(next))
    }
}

/// Counts what memory has at `seq`; gives the number behind it.
fn count_in_memory(
    state: &LogState,
    seq: i64,
    numbers: &Range<i64>,
    histogram: &mut Histogram,
) -> Option<i64> {
    let mut add = |first: i64, batch: &RecordBatch| {
        let start = (seq - first).max(0) as usize;
        let end = ((numbers.end - first).max(0) as usize).min(batch.len());
        histogram.add_batch(batch, start.min(end)..end);
        first + batch.len() as i64
    };
    if seq >= state.open_first {
        return Some(add(state.open_first, &state.open));
    }
    if let Some((first, batch)) = state.sealed_at(seq) {
        return Some(add(first, &batch));
    }
    state.gap_at(seq).map(|gap| gap.to + 1)
}

#[cfg(test)]
mod tests {
    use miniman_log::query::Query;
    use proptest::prelude::*;

    use super::*;
    use crate::logs::tests::{any_batch, identity, open};

    /// What counting record by record comes to.
    fn scanned(log: &Log, numbers: &Range<i64>, mut histogram: Histogram) -> Histogram {
        let mut from = log.bounds().first;
        while let Some(chunk) = log.read(from, ReadMax::BLOCK).unwrap() {
            from = chunk.next();
            if let Chunk::Records { first, batch, range } = chunk {
                let records = range.clone().zip(first..).filter(|(_, number)| numbers.contains(number));
                records.for_each(|(index, _)| histogram.add_batch(&batch, index..index + 1));
            }
        }
        histogram
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn counts_are_those_of_the_records(
            batches in prop::collection::vec((any_batch(1..30), any::<bool>(), 0..3_u64), 1..12),
            (from, to) in (0..100_i64, 0..200_i64),
            width in prop_oneof![Just(i64::MAX / 4), Just(1_000_000_000_i64)],
        ) {
            let dir = tempfile::tempdir().unwrap();
            let store = open(dir.path());
            let log = store.log(&identity("a")).unwrap();
            for (batch, commit, gap) in &batches {
                log.append(batch, None).unwrap();
                log.append_gap(Some(*gap), None, None, crate::logs::GapReason::RotatedAway, None).unwrap();
                if *commit {
                    store.commit().unwrap();
                }
            }
            for numbers in [i64::MIN..i64::MAX, from..to] {
                let empty = Histogram::new(Timestamp(-5), width, 7);
                let mut counted = empty.clone();
                log.count(numbers.clone(), &mut counted).unwrap();
                let scanned = scanned(&log, &numbers, empty.clone());
                prop_assert_eq!(&counted, &scanned);
                let mut found = empty;
                log.count_found(log.search(&Query::parse("").unwrap()), numbers, &mut found, &mut || true).unwrap();
                prop_assert_eq!(&found, &scanned);
            }
        }
    }
}
