//! Blocks that cannot be read: each is told and counted once, however often it is read.

use std::collections::HashSet;
use std::sync::Mutex;

use super::LogId;
use super::readers::BlockRow;
use super::shared::lock;

/// Blocks that are remembered as told; a disk that damages more is told of by its first ones, and counted no further.
const TOLD_MAX: usize = 65_536;

#[derive(Default)]
pub(super) struct Damage {
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    blocks: HashSet<i64>,
    records: u64,
}

impl Damage {
    /// `block` of `log` is damaged, and how.
    pub(super) fn tell(&self, log: LogId, block: BlockRow, what: &dyn std::fmt::Display) {
        let mut told = lock(&self.told);
        if told.blocks.len() >= TOLD_MAX || !told.blocks.insert(block.id) {
            return;
        }
        told.records += block.last.abs_diff(block.first) + 1;
        let (log, first, last) = (log.0, block.first, block.last);
        tracing::error!(log, first, last, %what, "a stored block is damaged; its lines are left out");
    }

    /// How many blocks, and the records of those.
    pub(super) fn counts(&self) -> (u64, u64) {
        let told = lock(&self.told);
        (told.blocks.len() as u64, told.records)
    }
}
