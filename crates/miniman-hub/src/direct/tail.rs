//! The last so many records of a reading, kept until its end is known.

use std::collections::VecDeque;
use std::sync::Arc;

use miniman_log::RecordBatch;

use super::{DirectError, Item};

/// What the kept records may take. Who asks for more means a time.
pub(super) const TAIL_BYTES_MAX: usize = 256 << 20;
/// A kept record beside its body: the item, a batch of one and its columns.
const RECORD_BYTES: usize = 400;

pub(super) struct Tail {
    count: u64,
    bytes_max: usize,
    bytes: usize,
    items: VecDeque<Item>,
    records: u64,
}

impl Tail {
    /// `bytes_max`: [`TAIL_BYTES_MAX`] outside tests.
    pub(super) fn new(count: u64, bytes_max: usize) -> Self {
        Self { count, bytes_max, bytes: 0, items: VecDeque::new(), records: 0 }
    }

    pub(super) fn push(&mut self, item: Item) -> Result<(), DirectError> {
        self.bytes += bytes(&item);
        self.records += u64::from(matches!(item, Item::Record { .. }));
        self.items.push_back(alone(item));
        while self.records > self.count {
            let Some(item) = self.items.pop_front() else { break };
            self.bytes -= bytes(&item);
            self.records -= u64::from(matches!(item, Item::Record { .. }));
        }
        if self.bytes > self.bytes_max { Err(DirectError::TailTooLong) } else { Ok(()) }
    }

    pub(super) fn into_items(self) -> VecDeque<Item> {
        self.items
    }
}

/// Without the batch that it came in, which would be kept for it.
fn alone(item: Item) -> Item {
    match item {
        Item::Record { log, seq, batch, index, context } => {
            let mut one = RecordBatch::new();
            one.push_ref(batch.get(index));
            Item::Record { log, seq, batch: Arc::new(one), index: 0, context }
        }
        broken @ Item::Broken { .. } => broken,
    }
}

fn bytes(item: &Item) -> usize {
    match item {
        Item::Record { batch, index, .. } => RECORD_BYTES + batch.body(*index).len(),
        Item::Broken { why, .. } => RECORD_BYTES + why.len(),
    }
}
