//! A disk that fills up: how much the store may hold while it does, and the ballast.

use super::{CommitError, Writer, now};
use crate::logs::LowDisk;
use crate::logs::disk;
use crate::logs::shared::lock;

/// While the reserve is used up by others, this much stays: 64 MiB are some 2M lines, enough to see what filled the disk.
const HELD_ON_LOW_DISK: u64 = 64 << 20;
/// What goes when a commit finds no space at all: more than a commit adds.
const FREED_ON_FULL_DISK: u64 = 8 << 20;

/// How much the store may hold for now, beside what its policy says.
#[derive(Debug, Default)]
pub(super) struct Pressure {
    limit: Option<u64>,
    /// A commit found no space, and nothing was done about it yet.
    full: bool,
    /// Room is being made.
    making_room: bool,
    /// … and some was: the commit is tried again when that is done.
    pub(super) room_made: bool,
}

impl Pressure {
    pub(super) fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// `held` bytes are stored while `free` of the `reserve` bytes are free. Under the reserve as much goes as is missing, down
    /// to [`HELD_ON_LOW_DISK`]; and however little there is, it does not grow. That ends with `enough`, which is more, so
    /// that it does not begin anew at once and the ballast can be there before.
    fn look(&mut self, free: u64, reserve: u64, enough: u64, held: u64) {
        if free < reserve {
            let target = held.saturating_sub(reserve - free).max(held.min(HELD_ON_LOW_DISK));
            self.limit = Some(self.limit.map_or(target, |limit| limit.min(target)));
        } else if free >= enough && !self.full && !self.making_room {
            self.limit = None;
        }
    }

    /// Some of the `held` bytes must go, whatever is left.
    fn make_room(&mut self, held: u64) {
        (self.full, self.making_room) = (false, true);
        let target = held.saturating_sub(FREED_ON_FULL_DISK);
        self.limit = Some(self.limit.map_or(target, |limit| limit.min(target)));
    }
}

impl Writer {
    /// Looks at the disk, before each commit and each step of retention.
    pub(super) fn look_at_disk(&mut self) {
        let reserve = self.shared.options.reserve_bytes;
        let Some(free) = self.free_bytes() else { return };
        let held = self.held_bytes();
        let enough = self.enough_bytes(reserve / 8);
        self.pressure.look(free, reserve, enough, held);
        let mut health = lock(&self.shared.health);
        let before = health.low_disk.take();
        match (before, self.pressure.limit) {
            (None, Some(_)) => {
                tracing::warn!(free, reserve, "the disk is nearly full; the oldest blocks go early");
            }
            (Some(_), None) => tracing::info!(free, "the disk has space again"),
            _ => {}
        }
        let since = before.map_or_else(now, |low| low.since);
        health.low_disk =
            self.pressure.limit.map(|_| LowDisk { since, free_bytes: free, reserve_bytes: reserve });
    }

    /// What a commit that did not succeed has to do with the disk.
    pub(super) fn note_full(&mut self, error: &CommitError) {
        if let CommitError::Sqlite(error) = error {
            self.pressure.full |= disk::is_full(error, &self.shared.dir);
        }
    }

    /// When a commit found no space: gives the ballast up and lets blocks go.
    pub(super) fn make_room(&mut self) {
        if self.pressure.full {
            self.pressure.make_room(self.held_bytes());
            self.pressure.room_made = self.ballast.release();
            self.shrink_wal();
            self.look_at_disk();
        }
    }

    /// A step has ended; without `more` to do, what could be done was done.
    pub(super) fn made_room(&mut self, more: bool) {
        if more || !std::mem::take(&mut self.pressure.making_room) {
            return;
        }
        // Else it waits, as after any other error.
        if std::mem::take(&mut self.pressure.room_made) {
            self.shared.retry_now();
        }
    }

    /// Cuts the write-ahead log and gives the file's end back, as far as readers allow.
    pub(super) fn shrink_wal(&self) {
        let done = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = done {
            tracing::debug!(%error, "the write-ahead log stays as it is");
        }
    }

    /// Takes the ballast's space again once there is enough.
    pub(super) fn keep_ballast(&mut self) {
        if self.ballast.missing_bytes() > 0
            && self.pressure.limit.is_none()
            && disk::free_bytes(&self.shared.dir).is_some_and(|free| {
                free >= self.enough_bytes(0)
                    && free - self.ballast.missing_bytes() >= self.shared.options.reserve_bytes
            })
        {
            self.ballast.make();
        }
    }

    /// Free bytes that let a missing ballast be made, and leave the reserve and as much again as the ballast for commits,
    /// and `more`.
    fn enough_bytes(&self, more: u64) -> u64 {
        let reserve = self.shared.options.reserve_bytes;
        let wanted = reserve.saturating_add(2 * self.ballast.missing_bytes()).saturating_add(more);
        within_disk(wanted, reserve, disk::total_bytes(&self.shared.dir).unwrap_or(u64::MAX))
    }

    /// Free bytes of the disk, with what the file is about to give back.
    fn free_bytes(&self) -> Option<u64> {
        let pragma = |name: &str| -> rusqlite::Result<u64> {
            self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
        };
        let (size, pages, free) =
            (pragma("page_size").ok()?, pragma("page_count").ok()?, pragma("freelist_count").ok()?);
        let file = std::fs::metadata(&self.shared.path).map_or(0, |file| file.len());
        let coming = free * size + file.saturating_sub(pages * size);
        Some(disk::free_bytes(&self.shared.dir)?.saturating_add(coming))
    }

    /// Bytes of all blocks, filters and the journal.
    fn held_bytes(&self) -> u64 {
        let blocks = self.registry.all().into_iter().map(|log| log.stored().stored_bytes).sum::<u64>();
        blocks + self.progress.journal.bytes()
    }
}

/// A small disk never has as much free as is `wanted` while lines are kept on it: there, half of what is beyond the
/// reserve is enough.
fn within_disk(wanted: u64, reserve: u64, total: u64) -> u64 {
    wanted.min(reserve.saturating_add(total.saturating_sub(reserve) / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    #[test]
    fn under_the_reserve_as_much_goes_as_is_missing_and_nothing_grows() {
        let mut pressure = Pressure::default();
        pressure.look(300 * MB, 256 * MB, 288 * MB, 1_000 * MB);
        assert_eq!(pressure.limit(), None);
        pressure.look(200 * MB, 256 * MB, 288 * MB, 1_000 * MB);
        assert_eq!(pressure.limit(), Some(944 * MB));
        pressure.look(256 * MB, 256 * MB, 288 * MB, 944 * MB);
        assert_eq!(pressure.limit(), Some(944 * MB), "it would begin anew at once");
        pressure.look(288 * MB, 256 * MB, 288 * MB, 944 * MB);
        assert_eq!(pressure.limit(), None);
    }

    #[test]
    fn on_a_small_disk_half_of_what_is_beyond_the_reserve_is_enough() {
        let check = |total, enough| assert_eq!(within_disk(416 * MB, 256 * MB, total), enough, "{total}");
        check(1_000 * MB, 416 * MB);
        check(300 * MB, 278 * MB);
        check(200 * MB, 256 * MB);
        check(u64::MAX, 416 * MB);
    }

    #[test]
    fn others_cannot_make_the_store_empty() {
        let mut pressure = Pressure::default();
        pressure.look(0, 256 * MB, 288 * MB, 300 * MB);
        assert_eq!(pressure.limit(), Some(HELD_ON_LOW_DISK));
        pressure.look(0, 256 * MB, 288 * MB, 10 * MB);
        assert_eq!(pressure.limit(), Some(10 * MB), "what is held may be exchanged, not grow");
        pressure.make_room(10 * MB);
        assert_eq!(pressure.limit(), Some(10 * MB - FREED_ON_FULL_DISK), "unless nothing else helps");
    }
}
