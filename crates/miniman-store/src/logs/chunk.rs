//! What a read answers with.

use std::ops::Range;
use std::sync::Arc;

use miniman_log::RecordBatch;

use super::Gap;

/// Neighbouring records of one log, or the gap in their place.
#[derive(Debug, Clone)]
pub enum Chunk {
    /// The records `range` of `batch`; the first of them has number `first`, the others follow by one. Never empty.
    Records {
        first: i64,
        batch: Arc<RecordBatch>,
        range: Range<usize>,
    },
    Gap(Gap),
}

impl Chunk {
    /// Number of the first record, or of the gap's first number.
    pub fn first(&self) -> i64 {
        match self {
            Self::Records { first, .. } => *first,
            Self::Gap(gap) => gap.from,
        }
    }

    /// Number behind the last one covered: where a forward read goes on.
    pub fn next(&self) -> i64 {
        match self {
            Self::Records { first, range, .. } => first + range.len() as i64,
            Self::Gap(gap) => gap.to + 1,
        }
    }
}

/// Where a read stops. A chunk holds at least one record, however long it is, and never leaves its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadMax {
    pub records: usize,
    /// Of bodies and their newlines.
    pub bytes: usize,
}

impl ReadMax {
    /// As much as one block holds.
    pub const BLOCK: Self = Self { records: usize::MAX, bytes: usize::MAX };
}

impl Default for ReadMax {
    /// 64 KiB: what delivery sends at once.
    fn default() -> Self {
        Self { records: 4_096, bytes: 64 * 1024 }
    }
}
