//! How a log gives its lowest blocks up, and itself in the end.

use std::time::{Duration, Instant};

use miniman_log::Timestamp;

use super::LogState;
use crate::logs::retention::BlockRun;
use crate::logs::{Gap, GapReason};

/// A removed container that never said a line is kept this long, for its marks: 1,000 silent one-shot containers a day
/// are 1,000 rows then, not 365,000 a year.
const SILENT_LOG_KEPT: Duration = Duration::from_secs(86_400);

impl LogState {
    /// The gap that will stand for `run`: it takes in the gaps among its blocks, those that end right below it, and a
    /// retention gap right above. Until [`LogState::took`] or [`LogState::kept`], readers that find the blocks gone get it.
    pub(in crate::logs) fn start_taking(&mut self, run: &BlockRun) -> Gap {
        let mut gap = run.gap();
        let among = |other: &Gap| other.from >= run.from && other.to <= run.to;
        for other in self.gaps.iter().filter(|other| among(other)) {
            merge(&mut gap, other);
        }
        // What is not committed yet stays by itself: the resume state that it came with could be lost without it.
        let settled = |other: &&Gap| !self.gaps_changed.contains(&other.from);
        for other in self.gaps.iter().rev().filter(|other| other.to < run.from).take_while(settled) {
            if other.to + 1 != gap.from {
                break;
            }
            merge(&mut gap, other);
        }
        let above = self.gaps.iter().filter(settled).find(|other| other.from == run.to + 1);
        if let Some(above) = above.filter(|above| above.reason == GapReason::Retention) {
            merge(&mut gap, above);
        }
        self.taking = Some(gap);
        gap
    }

    /// The blocks are still there: the transaction did not succeed.
    pub(in crate::logs) fn kept(&mut self) {
        self.taking = None;
    }

    /// `run` is gone from the disk and `gap` stands there.
    pub(in crate::logs) fn took(&mut self, run: &BlockRun, gap: Gap) {
        self.taking = None;
        self.gaps.retain(|other| other.from < gap.from || other.to > gap.to);
        let at = self.gaps.partition_point(|other| other.from < gap.from);
        self.gaps.insert(at, gap);
        let stored = &mut self.stored;
        stored.records = stored.records.saturating_sub(run.taken.records);
        stored.raw_bytes = stored.raw_bytes.saturating_sub(run.taken.raw_bytes);
        stored.stored_bytes = stored.stored_bytes.saturating_sub(run.taken.stored_bytes);
        let counts = stored.severities.iter_mut().zip(run.severities);
        counts.for_each(|(total, count)| *total = total.saturating_sub(count));
        let lowest_sealed = self.sealed.first_key_value();
        if lowest_sealed.is_none_or(|(first, _)| *first > gap.from) {
            let sealed = lowest_sealed.and_then(|(_, batch)| batch.timestamps().first());
            let in_memory = sealed.or_else(|| self.open.timestamps().first()).copied();
            stored.first_timestamp = run.rest_first_time.or(in_memory).map(Timestamp);
        }
        if stored.records == 0 {
            self.stored.last_timestamp = self.last_taken();
        }
    }

    /// The gap in place of blocks that are being taken.
    pub(in crate::logs) fn taking_at(&self, seq: i64) -> Option<Gap> {
        self.taking.filter(|gap| (gap.from..=gap.to).contains(&seq))
    }

    /// Time of the latest record that retention took.
    pub(in crate::logs) fn last_taken(&self) -> Option<Timestamp> {
        let taken = self.gaps.iter().rev().find(|gap| gap.reason == GapReason::Retention);
        taken.and_then(|gap| gap.until)
    }

    /// The container is gone from its engine, or there again.
    pub(in crate::logs) fn set_removed(&mut self, removed: bool) {
        self.removed = removed.then(|| self.removed.unwrap_or_else(Instant::now));
    }

    /// Whether nothing but marks and gaps is left of a removed container.
    pub(in crate::logs) fn may_be_forgotten(&self) -> bool {
        let Some(removed) = self.removed else { return false };
        let was_taken = || self.gaps.iter().any(|gap| gap.reason == GapReason::Retention);
        self.stored.records == 0 && !self.listed && (was_taken() || removed.elapsed() >= SILENT_LOG_KEPT)
    }

    /// Lets nothing more in when [`LogState::may_be_forgotten`].
    pub(in crate::logs) fn forget(&mut self) -> bool {
        self.forgotten = self.may_be_forgotten();
        self.forgotten
    }
}

/// Makes `gap` reach over `other`, whose own count replaces that of the numbers it covers.
fn merge(gap: &mut Gap, other: &Gap) {
    let (from, to) = (gap.from.min(other.from), gap.to.max(other.to));
    let counted_twice = (gap.to - gap.from + 1) + (other.to - other.from + 1) - (to - from + 1);
    let missed = gap.missed.zip(other.missed);
    gap.missed = missed.map(|(gap, other)| gap.saturating_add(other).saturating_sub(counted_twice as u64));
    gap.since = gap.since.into_iter().chain(other.since).min();
    gap.until = gap.until.into_iter().chain(other.until).max();
    (gap.from, gap.to) = (from, to);
}
