//! Decoded blocks that were read or sealed lately. Records never change under their number, so an entry is right for as
//! long as it stays, also after its block was merged into a larger one.

use std::collections::BTreeMap;
use std::sync::Arc;

use miniman_log::RecordBatch;

use super::LogId;

/// Charged for each entry beside its records, so that tiny blocks are bounded in number too: 8 MiB / 1 KiB = 8,192.
const ENTRY_BYTES: usize = 1_024;

pub(super) struct BlockCache {
    blocks: BTreeMap<(LogId, i64), Entry>,
    bytes: usize,
    bytes_max: usize,
    uses: u64,
}

struct Entry {
    batch: Arc<RecordBatch>,
    bytes: usize,
    used: u64,
}

impl BlockCache {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { blocks: BTreeMap::new(), bytes: 0, bytes_max, uses: 0 }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The cached block that covers `seq`, with its first number.
    pub(super) fn get(&mut self, log: LogId, seq: i64) -> Option<(i64, Arc<RecordBatch>)> {
        let (key, entry) = self.blocks.range_mut((log, i64::MIN)..=(log, seq)).next_back()?;
        if seq >= key.1 + entry.batch.len() as i64 {
            return None;
        }
        self.uses += 1;
        entry.used = self.uses;
        Some((key.1, Arc::clone(&entry.batch)))
    }

    /// Keeps a block, dropping those not used for longest.
    pub(super) fn insert(&mut self, log: LogId, first: i64, batch: Arc<RecordBatch>) {
        let bytes = batch.memory_bytes() + ENTRY_BYTES;
        if bytes > self.bytes_max {
            return;
        }
        self.uses += 1;
        self.bytes += bytes;
        if let Some(old) = self.blocks.insert((log, first), Entry { batch, bytes, used: self.uses }) {
            self.bytes -= old.bytes;
        }
        while self.bytes > self.bytes_max {
            let oldest = self.blocks.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| *key);
            let dropped =
                oldest.and_then(|key| self.blocks.remove(&key)).expect("bytes are counted by entry");
            self.bytes -= dropped.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniman_log::{IoStream, Severity, Timestamp};

    fn batch(records: usize) -> Arc<RecordBatch> {
        let mut batch = RecordBatch::new();
        for _ in 0..records {
            batch.push(Timestamp(0), IoStream::Stdout, Severity::UNSPECIFIED, &[b'x'; 1_000], 0);
        }
        Arc::new(batch)
    }

    #[test]
    fn the_block_not_used_for_longest_goes_first() {
        let mut cache = BlockCache::new(30_000);
        for first in [0, 10, 20] {
            cache.insert(LogId(1), first, batch(8));
        }
        assert!(cache.get(LogId(1), 7).is_some());
        cache.insert(LogId(2), 0, batch(8));
        assert!(cache.get(LogId(1), 10).is_none());
        assert!(cache.get(LogId(1), 0).is_some());
        assert!(cache.get(LogId(1), 8).is_none(), "a number behind the block is not in it");
        assert!(cache.bytes() <= 30_000);
    }
}
