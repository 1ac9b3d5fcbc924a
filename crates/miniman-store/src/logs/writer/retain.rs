//! Steps of retention between commits: each chooses some of the oldest blocks, replaces them by gaps in one transaction,
//! and gives some of the file's free pages back. A step is short, so that appends don't notice.

mod take;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::{CommitError, Writer, now};
use crate::logs::LogId;
use crate::logs::log::LogInner;
use crate::logs::readers::readable;
use crate::logs::retention::shares::Shares;
use crate::logs::retention::{LogRetention, RetentionPolicy, Taken, nanos};
use crate::logs::shared::lock;
use std::sync::atomic::Ordering;
use take::{Block, Plan};

/// Logs that a step asks for blocks that are too old: 256 × 5 µs.
const STEP_LOGS: usize = 256;
/// How often logs are looked through for what became too old.
const AGES_INTERVAL: Duration = Duration::from_secs(60);
/// Free pages that a step gives back, 4 KiB each: 2 MiB are moved in some 10 ms.
const STEP_PAGES: i64 = 512;
/// Free pages that stay in the file for the next blocks, so that a flood does not shrink and grow it in turns: 16 MiB.
const FREE_PAGES_KEPT: i64 = 4_096;

/// What retention remembers between steps.
#[derive(Default)]
pub(super) struct Retaining {
    /// Logs to be asked for what is too old.
    ages: Vec<LogId>,
    ages_looked_at: Option<Instant>,
    /// Logs that have disappeared and whose rows are still to be deleted.
    pub(super) forgotten: Vec<LogId>,
}

/// A log and what its blocks take, less what a plan takes of it.
struct Holder {
    log: Arc<LogInner>,
    bytes: u64,
    own: LogRetention,
}

impl Retaining {
    pub(super) fn delete_forgotten(&self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        for log in &self.forgotten {
            for table in ["marks", "gaps"] {
                tx.prepare_cached(&format!("DELETE FROM {table} WHERE log_id = ?1"))?.execute([log.0])?;
            }
            tx.prepare_cached("DELETE FROM logs WHERE id = ?1")?.execute([log.0])?;
        }
        Ok(())
    }
}

impl Writer {
    /// One step; whether another is to follow.
    pub(super) fn retain(&mut self) -> bool {
        let more = self.step().unwrap_or_else(|error| {
            // The next commit leads here again, and tells if the disk is what fails.
            tracing::warn!(%error, "retention did not get on");
            false
        });
        self.made_room(more);
        self.keep_ballast();
        self.shared.ballast_bytes.store(self.ballast.held_bytes(), Ordering::Relaxed);
        more
    }

    fn step(&mut self) -> Result<bool, CommitError> {
        let policy = *lock(&self.shared.retention);
        self.look_at_disk();
        self.make_room();
        let mut holders = self.holders();
        let mut plan = Plan::default();
        self.plan_own_sizes(&mut holders, &mut plan)?;
        self.plan_ages(&mut holders, policy, &mut plan)?;
        self.plan_total(&mut holders, policy, &mut plan)?;
        let more = plan.is_full() || !self.retaining.ages.is_empty();
        let took = !plan.is_empty();
        self.take(plan)?;
        self.pressure.room_made |= took;
        self.forget()?;
        if more { Ok(true) } else { Ok(self.give_back()?) }
    }

    /// All logs, by rising id.
    fn holders(&self) -> Vec<Holder> {
        let holder = |log: crate::logs::Log| {
            let (bytes, own) = {
                let state = lock(&log.inner.state);
                (state.stored.stored_bytes, state.own)
            };
            Holder { log: log.inner, bytes, own }
        };
        self.registry.all().into_iter().map(holder).collect()
    }

    /// Drops removed containers' logs that hold nothing any more.
    fn forget(&mut self) -> Result<(), CommitError> {
        let logs = self.registry.all().into_iter().map(|log| log.inner);
        let empty = |log: &Arc<LogInner>| lock(&log.state).may_be_forgotten();
        let candidates: Vec<_> = logs.filter(empty).collect();
        if !candidates.is_empty() {
            let gone = self.registry.remove(&candidates, |log| lock(&log.state).forget());
            for log in &gone {
                self.progress.logs.remove(log);
                self.progress.journal.forget(*log);
            }
            self.shared.forgotten.send_modify(|count| *count += gone.len() as u64);
            self.retaining.forgotten.extend(gone);
        }
        if !self.retaining.forgotten.is_empty() {
            let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            self.retaining.delete_forgotten(&tx)?;
            tx.commit()?;
            self.retaining.forgotten.clear();
        }
        Ok(())
    }

    fn plan_own_sizes(&self, holders: &mut [Holder], plan: &mut Plan) -> rusqlite::Result<()> {
        for holder in holders {
            while let Some(max) = holder.own.bytes
                && holder.bytes > max
                && !plan.is_full()
            {
                let Some(block) = self.oldest(plan, holder.log.id)? else { break };
                plan.add(holder, &block);
            }
        }
        Ok(())
    }

    fn plan_ages(
        &mut self,
        holders: &mut [Holder],
        policy: RetentionPolicy,
        plan: &mut Plan,
    ) -> rusqlite::Result<()> {
        let asked = self.shared.ages_due.swap(false, Ordering::SeqCst);
        let due = self.retaining.ages_looked_at.is_none_or(|at| at.elapsed() >= AGES_INTERVAL);
        if asked || due && self.retaining.ages.is_empty() {
            self.retaining.ages_looked_at = Some(Instant::now());
            let aging = holders.iter().filter(|holder| policy.age_of(holder.own).is_some());
            self.retaining.ages = aging.map(|holder| holder.log.id).collect();
        }
        for _ in 0..STEP_LOGS {
            let Some(id) = self.retaining.ages.last().copied() else { break };
            if let Some(holder) = find(holders, id)
                && let Some(age) = policy.age_of(holder.own)
            {
                let expired_before = now().0.saturating_sub(nanos(age));
                while let Some(block) =
                    self.oldest(plan, id)?.filter(|block| block.age_time() < expired_before)
                {
                    if plan.is_full() {
                        return Ok(());
                    }
                    plan.add(holder, &block);
                }
            }
            self.retaining.ages.pop();
        }
        Ok(())
    }

    fn plan_total(
        &self,
        holders: &mut [Holder],
        policy: RetentionPolicy,
        plan: &mut Plan,
    ) -> rusqlite::Result<()> {
        let journal = self.progress.journal.bytes();
        let mut shares = Shares::new(holders.iter().map(|holder| (holder.log.id, holder.bytes)), journal);
        let limit = self.pressure.limit().map_or(policy.total_bytes, |limit| limit.min(policy.total_bytes));
        while shares.held() > limit && !plan.is_full() {
            let early = shares.held() <= policy.total_bytes;
            let Some(id) = shares.furthest_over() else { break };
            match (self.oldest(plan, id)?, find(holders, id)) {
                (Some(block), Some(holder)) => {
                    plan.add(holder, &block);
                    plan.early += if early { block.taken } else { Taken::default() };
                    shares.gave(block.taken.stored_bytes);
                }
                _ => shares.skip(),
            }
        }
        if plan.is_empty() && journal > policy.total_bytes && shares.furthest_over().is_none() {
            self.seal_all();
        }
        Ok(())
    }

    /// The journal alone is too much: its records become blocks, which can go.
    fn seal_all(&self) {
        for log in self.registry.all() {
            let (moved, newly) = {
                let mut state = lock(&log.inner.state);
                if state.open_since().is_none() {
                    continue;
                }
                (state.seal(), !std::mem::replace(&mut state.listed, true))
            };
            self.shared.changed(&log.inner, newly, moved, true);
        }
    }

    /// The lowest block of `log` on disk that `plan` does not take yet.
    fn oldest(&self, plan: &Plan, log: LogId) -> rusqlite::Result<Option<Block>> {
        self.block_above(log, plan.taken_to(log))
    }

    /// The lowest block of `log` that starts behind `seq`; none when its row cannot be read.
    fn block_above(&self, log: LogId, seq: i64) -> rusqlite::Result<Option<Block>> {
        let block = self
            .connection
            .prepare_cached(
                "SELECT id, first_seq, last_seq, first_time, min_time, max_time, raw_bytes, stored_bytes, severities,
                 committed FROM blocks WHERE log_id = ?1 AND first_seq > ?2 ORDER BY first_seq LIMIT 1",
            )?
            .query_row(params![log.0, seq], Block::read)
            .optional();
        Ok(readable(block)?.flatten())
    }

    /// Gives a bounded part of the file's free pages back; whether there are more.
    fn give_back(&self) -> rusqlite::Result<bool> {
        let free: i64 = self.connection.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
        let low = self.pressure.limit().is_some();
        let kept = if low { 0 } else { FREE_PAGES_KEPT };
        let back = (free - kept).min(STEP_PAGES);
        if back <= 0 {
            return Ok(false);
        }
        let mut vacuum = self.connection.prepare(&format!("PRAGMA incremental_vacuum({back})"))?;
        let mut pages = vacuum.query([])?;
        // A row a page.
        while pages.next()?.is_some() {}
        drop(pages);
        if low {
            // Else the pages that were moved would take as much space in the write-ahead log as the file gives back.
            self.shrink_wal();
        }
        Ok(free - back > kept)
    }
}

fn find(holders: &mut [Holder], id: LogId) -> Option<&mut Holder> {
    let index = holders.binary_search_by_key(&id, |holder| holder.log.id).ok()?;
    Some(&mut holders[index])
}
