//! Blocks chosen to go, and the transaction that replaces them by gaps.

use std::collections::BTreeMap;
use std::sync::Arc;

use miniman_log::Severity;
use rusqlite::{Row, Transaction, TransactionBehavior, params};

use super::Holder;
use crate::logs::codec::columns::read_counts;
use crate::logs::log::LogInner;
use crate::logs::retention::{BlockRun, Taken};
use crate::logs::shared::lock;
use crate::logs::writer::{CommitError, Writer, write_gap};
use crate::logs::{Gap, LogId};

/// Blocks that a step takes; as many as a commit of 16 MiB writes, twice.
const STEP_BLOCKS: u64 = 128;
/// … and their bytes: more than a commit adds, so that retention keeps up with any flood.
const STEP_BYTES: u64 = 16 << 20;

/// A block's row.
pub(super) struct Block {
    id: i64,
    first: i64,
    last: i64,
    first_time: i64,
    min_time: i64,
    max_time: i64,
    committed: i64,
    severities: [u64; Severity::COUNT],
    pub(super) taken: Taken,
}

impl Block {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (first, last): (i64, i64) = (row.get(1)?, row.get(2)?);
        let counts = row.get_ref(8)?.as_blob().ok().and_then(|counts| read_counts(counts).ok());
        Ok(Self {
            id: row.get(0)?,
            first,
            last,
            first_time: row.get(3)?,
            min_time: row.get(4)?,
            max_time: row.get(5)?,
            committed: row.get(9)?,
            severities: counts.unwrap_or([0; Severity::COUNT]),
            taken: Taken {
                blocks: 1,
                records: last.saturating_sub(first).saturating_add(1).unsigned_abs(),
                raw_bytes: row.get::<_, i64>(6)? as u64,
                stored_bytes: row.get::<_, i64>(7)? as u64,
            },
        })
    }

    /// Time of the last record, but not later than when it was stored: a clock that ran ahead doesn't make a block stay.
    pub(super) fn age_time(&self) -> i64 {
        self.max_time.min(self.committed.saturating_mul(1_000_000_000))
    }
}

/// What a step takes, a run of blocks a log.
#[derive(Default)]
pub(super) struct Plan {
    runs: BTreeMap<LogId, (Arc<LogInner>, BlockRun)>,
    taken: Taken,
    /// What of it goes for want of space alone.
    pub(super) early: Taken,
}

impl Plan {
    pub(super) fn is_full(&self) -> bool {
        self.taken.blocks >= STEP_BLOCKS || self.taken.stored_bytes >= STEP_BYTES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The highest number that is taken of `log`.
    pub(super) fn taken_to(&self, log: LogId) -> i64 {
        self.runs.get(&log).map_or(i64::MIN, |(_, run)| run.to)
    }

    /// Takes the holder's lowest block that is left.
    pub(super) fn add(&mut self, holder: &mut Holder, block: &Block) {
        holder.bytes = holder.bytes.saturating_sub(block.taken.stored_bytes);
        self.taken += block.taken;
        let empty = || BlockRun {
            from: block.first,
            to: block.last,
            min_time: block.min_time,
            max_time: block.max_time,
            ids: Vec::new(),
            taken: Taken::default(),
            severities: [0; Severity::COUNT],
            rest_first_time: None,
        };
        let entry = self.runs.entry(holder.log.id);
        let (_, run) = entry.or_insert_with(|| (Arc::clone(&holder.log), empty()));
        run.to = block.last;
        run.min_time = run.min_time.min(block.min_time);
        run.max_time = run.max_time.max(block.max_time);
        run.ids.push(block.id);
        run.taken += block.taken;
        run.severities.iter_mut().zip(block.severities).for_each(|(total, count)| *total += count);
    }
}

impl Writer {
    /// Replaces the plan's blocks by gaps; all or nothing. Readers find either.
    pub(super) fn take(&mut self, plan: Plan) -> Result<(), CommitError> {
        if plan.is_empty() {
            return Ok(());
        }
        let mut runs = Vec::with_capacity(plan.runs.len());
        for (id, (log, mut run)) in plan.runs {
            run.rest_first_time = self.block_above(id, run.to)?.map(|block| block.first_time);
            runs.push((log, run));
        }
        let gaps: Vec<Gap> = runs.iter().map(|(log, run)| lock(&log.state).start_taking(run)).collect();
        let outcome = self.write_taken(&runs, &gaps);
        for ((log, run), gap) in runs.iter().zip(gaps) {
            let mut state = lock(&log.state);
            if outcome.is_ok() { state.took(run, gap) } else { state.kept() }
        }
        outcome?;
        *lock(&self.shared.taken) += plan.taken;
        lock(&self.shared.health).taken_early += plan.early;
        Ok(())
    }

    fn write_taken(&mut self, runs: &[(Arc<LogInner>, BlockRun)], gaps: &[Gap]) -> Result<(), CommitError> {
        #[cfg(test)]
        self.limit_pages()?;
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for ((log, run), gap) in runs.iter().zip(gaps) {
            delete_blocks(&tx, log.id, run)?;
            tx.prepare_cached("DELETE FROM gaps WHERE log_id = ?1 AND from_seq BETWEEN ?2 AND ?3")?
                .execute(params![log.id.0, gap.from, gap.to])?;
            write_gap(&tx, log.id, gap)?;
            // What happened among lines that are gone has no place any more.
            tx.prepare_cached("DELETE FROM marks WHERE log_id = ?1 AND after_seq < ?2")?
                .execute(params![log.id.0, run.to])?;
        }
        Ok(tx.commit()?)
    }
}

fn delete_blocks(tx: &Transaction<'_>, log: LogId, run: &BlockRun) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM blocks WHERE log_id = ?1 AND first_seq BETWEEN ?2 AND ?3")?
        .execute(params![log.0, run.from, run.to])?;
    for id in &run.ids {
        tx.prepare_cached("DELETE FROM payloads WHERE id = ?1")?.execute([id])?;
        tx.prepare_cached("DELETE FROM filters WHERE id = ?1")?.execute([id])?;
    }
    Ok(())
}
