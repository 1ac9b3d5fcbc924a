//! The journal's rows: which of them are still needed, and when to write them anew as one.
//!
//! A row goes once all its records are in blocks. Resume states that only it holds move into their logs' rows in the same
//! transaction, with the number of the journal row they came from: replaying an older row then does not bring an older
//! state back.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::{Transaction, params};

use super::{Member, OnDisk, PendingRow, Progress};
use crate::logs::LogId;

/// The journal is written anew at this size, or at twice what it came to the last time: a store with much in its open
/// blocks must not compact every second. 8 MiB is some 140 s of 1,000 quiet logs, and reads back in 0.1 s.
const COMPACT_BYTES: u64 = 8 << 20;

/// What a row holds, without the records themselves.
#[derive(Debug, Default)]
pub(in crate::logs) struct RowContents {
    /// The last number of each log's records in it.
    pub(in crate::logs) lasts: Vec<(LogId, i64)>,
    /// Logs whose resume state it holds.
    pub(in crate::logs) resumes: Vec<LogId>,
}

struct Row {
    bytes: u64,
    contents: RowContents,
}

/// All rows by number.
#[derive(Default)]
pub(in crate::logs) struct Journal {
    rows: BTreeMap<i64, Row>,
    /// Numbers are never used twice: logs remember them.
    next_row: i64,
    bytes: u64,
    compacted_bytes: u64,
}

/// What a commit did to the journal; taken over once it has ended.
pub(super) struct JournalChange {
    added: Vec<(i64, Row)>,
    removed: Vec<i64>,
    flushed: Vec<LogId>,
    whole: bool,
}

impl Journal {
    /// Continues behind row `last`.
    pub(in crate::logs) fn reserve(&mut self, last: i64) {
        self.next_row = self.next_row.max(last + 1);
    }

    pub(in crate::logs) fn add(&mut self, id: i64, bytes: u64, contents: RowContents) {
        self.rows.insert(id, Row { bytes, contents });
        self.bytes += bytes;
        self.reserve(id);
    }

    pub(in crate::logs) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// No row is needed for `log` any more; those that only it needs go with the next block that is written.
    pub(super) fn forget(&mut self, log: LogId) {
        for row in self.rows.values_mut() {
            row.contents.lasts.retain(|(held, _)| *held != log);
            row.contents.resumes.retain(|held| *held != log);
        }
    }

    pub(super) fn wants_compaction(&self) -> bool {
        self.bytes > COMPACT_BYTES.max(2 * self.compacted_bytes)
    }
}

impl Progress {
    /// Logs of which the journal holds anything that a compacted one must hold too.
    pub(super) fn journaled_logs(&self) -> HashSet<LogId> {
        let states = self.logs.iter().filter(|(_, log)| log.resume_row != 0).map(|(id, _)| *id);
        let records = self.journal.rows.values().flat_map(|row| row.contents.lasts.iter().map(|(id, _)| *id));
        states.chain(records).collect()
    }

    /// Writes `rows` and removes those that this commit makes redundant; with `whole`, all others.
    pub(super) fn journal_change(
        &mut self,
        tx: &Transaction<'_>,
        members: &[Member],
        rows: Vec<PendingRow>,
        whole: bool,
    ) -> rusqlite::Result<JournalChange> {
        let mut change = JournalChange { added: Vec::new(), removed: Vec::new(), flushed: Vec::new(), whole };
        let sealed: HashMap<LogId, i64> = members
            .iter()
            .filter(|member| !member.cut.sealed.is_empty())
            .map(|member| (member.log.id, member.cut.open_first))
            .collect();
        if whole || !sealed.is_empty() {
            let needed = |(log, last): &(LogId, i64)| {
                let end = sealed.get(log).copied().or_else(|| self.logs.get(log).map(|log| log.sealed_end));
                end.is_none_or(|end| *last >= end)
            };
            let done = |row: &Row| whole || !row.contents.lasts.iter().any(needed);
            change.removed =
                self.journal.rows.iter().filter(|(_, row)| done(row)).map(|(id, _)| *id).collect();
        }
        let renewed: HashSet<LogId> =
            members.iter().filter(|member| member.cut.resume.is_some()).map(|member| member.log.id).collect();
        for id in &change.removed {
            let held = &self.journal.rows[id].contents.resumes;
            for log in held.iter().filter(|log| !renewed.contains(log)) {
                if let Some(OnDisk { resume, resume_row, .. }) = self.logs.get(log)
                    && resume_row == id
                {
                    tx.prepare_cached("UPDATE logs SET resume = ?2, resume_row = ?3 WHERE id = ?1")?
                        .execute(params![log.0, resume.as_deref(), id])?;
                    change.flushed.push(*log);
                }
            }
            tx.prepare_cached("DELETE FROM journal WHERE id = ?1")?.execute([id])?;
        }
        for row in rows {
            let id = self.journal.next_row;
            self.journal.next_row += 1;
            tx.prepare_cached("INSERT INTO journal (id, entries) VALUES (?1, ?2)")?
                .execute(params![id, row.entries])?;
            change.added.push((id, Row { bytes: row.entries.len() as u64, contents: row.contents }));
        }
        Ok(change)
    }

    /// The transaction with `change` is on disk.
    pub(super) fn journaled(&mut self, change: JournalChange, members: &[Member]) {
        for id in &change.removed {
            if let Some(row) = self.journal.rows.remove(id) {
                self.journal.bytes -= row.bytes;
            }
        }
        for log in change.flushed {
            if let Some(log) = self.logs.get_mut(&log) {
                log.resume_row = 0;
            }
        }
        for member in members {
            self.logs.entry(member.log.id).or_default().sealed_end = member.cut.open_first;
        }
        let resumes: HashMap<LogId, _> =
            members.iter().filter_map(|member| Some((member.log.id, member.cut.resume.clone()?))).collect();
        for (id, row) in change.added {
            for log in &row.contents.resumes {
                let on_disk = self.logs.entry(*log).or_default();
                on_disk.resume = resumes.get(log).cloned();
                on_disk.resume_row = id;
            }
            self.journal.add(id, row.bytes, row.contents);
        }
        if change.whole {
            self.journal.compacted_bytes = self.journal.bytes;
        }
    }
}
