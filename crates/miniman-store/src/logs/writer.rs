//! The one thread that writes: it gathers what changed, about once a second, and commits it as one transaction.
//!
//! Compressing happens here too, on blocks that readers share and nobody changes any more, so no lock is held for it.
//! Nothing is forgotten in memory before its commit has ended: one that does not succeed is simply done again.

mod blocks;
mod journal;
mod retain;
mod space;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use miniman_log::{HeadPattern, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::codec::block::{BlockDecoder, BlockEncoder};
use super::codec::journal::JournalRow;
use super::database::DirectoryLock;
use super::disk::Ballast;
use super::log::LogInner;
use super::registry::Registry;
use super::retention::span_max;
use super::shared::{Shared, Work, lock};
use super::state::{Cut, Moved};
use super::{Failing, Gap, LogId, LogRetention};
use blocks::BlockWriter;
pub(super) use journal::{Journal, RowContents};
use retain::Retaining;
use space::Pressure;

/// Open blocks that are due by age seal at most this much a commit, so that a thousand that were opened together don't
/// make appends wait for 60 MB.
const AGE_SEAL_BYTES: usize = 4 << 20;
/// Plain bytes of one journal row: bounds what compressing and reading one takes.
const ROW_PLAIN_BYTES: usize = 4 << 20;

/// What is on disk of each log, as far as the next commit depends on it.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) logs: HashMap<LogId, OnDisk>,
    pub(super) journal: Journal,
    pub(super) next_block: i64,
}

#[derive(Clone, Default)]
pub(super) struct OnDisk {
    pub(super) resume: Option<Arc<[u8]>>,
    /// The journal row that holds `resume`; 0 when the log's own row does.
    pub(super) resume_row: i64,
    /// Records below this are in blocks.
    pub(super) sealed_end: i64,
}

/// What opening the file came to.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) directory: DirectoryLock,
    pub(super) ballast: Ballast,
    pub(super) progress: Progress,
}

pub(super) struct Writer {
    connection: Connection,
    shared: Arc<Shared>,
    registry: Arc<Registry>,
    encoder: BlockEncoder,
    decoder: BlockDecoder,
    progress: Progress,
    retaining: Retaining,
    pressure: Pressure,
    ballast: Ballast,
    // Last, so that the file is closed before the directory is given up.
    _directory: DirectoryLock,
}

/// Why a commit did not succeed.
#[derive(Debug, thiserror::Error)]
enum CommitError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Compress(#[from] std::io::Error),
}

/// A log and what of it goes into this commit.
struct Member {
    log: Arc<LogInner>,
    cut: Cut,
    /// What its blocks take on disk more than before.
    stored_bytes: i64,
}

/// Wakes everyone who waits, also when the thread ends by a panic.
struct EndOnDrop(Arc<Shared>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Writer {
    pub(super) fn new(opened: Opened, shared: Arc<Shared>, registry: Arc<Registry>) -> std::io::Result<Self> {
        let Opened { connection, directory, ballast, progress } = opened;
        Ok(Self {
            connection,
            shared,
            registry,
            encoder: BlockEncoder::new()?,
            decoder: BlockDecoder::new()?,
            progress,
            retaining: Retaining::default(),
            pressure: Pressure::default(),
            ballast,
            _directory: directory,
        })
    }

    /// Runs until the store is closed.
    pub(super) fn run(mut self) {
        let _end = EndOnDrop(Arc::clone(&self.shared));
        loop {
            match self.shared.wait_for_work() {
                Work::Commit { request, last } => {
                    let outcome = self.commit(last);
                    self.shared.finish(request, outcome);
                    if last {
                        return;
                    }
                }
                Work::Retain => {
                    let more = self.retain();
                    self.shared.retained(more);
                }
                #[cfg(test)]
                Work::Crash => return,
            }
        }
    }

    /// Commits what changed; the error's text when that did not succeed.
    fn commit(&mut self, last: bool) -> Option<String> {
        let started = Instant::now();
        self.look_at_disk();
        self.seal_due();
        let whole = self.progress.journal.wants_compaction();
        let mut logs = self.shared.take_changed();
        if last {
            // An append that was let in just before the closing may not be listed yet.
            logs = self.registry.all().into_iter().map(|log| log.inner).collect();
        } else if whole {
            let listed: HashSet<LogId> = logs.iter().map(|log| log.id).collect();
            let journaled = self.progress.journaled_logs();
            let more = journaled.difference(&listed).filter_map(|id| self.registry.get(*id));
            logs.extend(more.map(|log| log.inner));
        }
        let (mut members, rows) = cut_all(logs, whole);
        let outcome = self.write(&mut members, rows, whole);
        if outcome.is_ok() {
            self.apply(&members);
            let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.shared.last_commit_micros.store(micros, Ordering::Relaxed);
        } else {
            let unlisted = members.into_iter().map(|member| member.log);
            let unlisted = unlisted.filter(|log| !std::mem::replace(&mut lock(&log.state).listed, true));
            self.shared.put_back(unlisted.collect::<Vec<_>>());
        }
        let error = outcome.err();
        if let Some(error) = &error {
            self.note_full(error);
        }
        self.report(error)
    }

    /// Seals open blocks that are too old, and the largest while all together are too large.
    fn seal_due(&self) {
        let options = &self.shared.options;
        let mut open: Vec<(usize, Instant, Arc<LogInner>)> = Vec::new();
        for log in self.registry.all() {
            let since = lock(&log.inner.state).open_since();
            open.extend(since.map(|(bytes, opened)| (bytes, opened, log.inner)));
        }
        if self.shared.open_bytes() > options.open_bytes_max {
            open.sort_by_key(|(bytes, ..)| std::cmp::Reverse(*bytes));
            // A quarter below the bound, so that the next line doesn't bring it back.
            let enough = options.open_bytes_max / 4 * 3;
            for (_, _, log) in &open {
                if self.shared.open_bytes() <= enough {
                    break;
                }
                self.seal(log);
            }
        }
        open.retain(|(_, opened, _)| opened.elapsed() >= options.open_age_max);
        open.sort_by_key(|(_, opened, _)| *opened);
        let mut sealed = 0;
        for (bytes, _, log) in open {
            if sealed >= AGE_SEAL_BYTES {
                break;
            }
            sealed += bytes;
            self.seal(&log);
        }
    }

    fn seal(&self, log: &Arc<LogInner>) {
        let (moved, newly) = {
            let mut state = lock(&log.state);
            (state.seal(), !std::mem::replace(&mut state.listed, true))
        };
        self.shared.count(moved);
        if newly {
            self.shared.put_back([Arc::clone(log)]);
        }
    }

    /// One transaction with everything of `members`, and `rows` for the journal.
    fn write(
        &mut self,
        members: &mut [Member],
        rows: Vec<PendingRow>,
        whole: bool,
    ) -> Result<(), CommitError> {
        if !whole && rows.is_empty() && members.iter().all(|member| is_idle(&member.cut)) {
            return Ok(());
        }
        #[cfg(test)]
        self.limit_pages()?;
        let next_block = self.progress.next_block;
        let policy = *lock(&self.shared.retention);
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // First: a log that disappeared may be there anew, and a container has one log.
        self.retaining.delete_forgotten(&tx)?;
        let mut blocks =
            BlockWriter::new(&tx, &mut self.encoder, &mut self.decoder, next_block, now_seconds());
        for member in members.iter_mut() {
            write_details(&tx, member)?;
            blocks.set_span_max(span_max(policy.age_of(member.cut.own)));
            for (first, batch) in &member.cut.sealed {
                member.stored_bytes += blocks.write(member.log.id, *first, batch)?;
            }
        }
        let next_block = blocks.next_id();
        let change = self.progress.journal_change(&tx, members, rows, whole)?;
        tx.commit()?;
        self.retaining.forgotten.clear();
        self.progress.next_block = next_block;
        self.progress.journaled(change, members);
        self.shared.journal_bytes.store(self.progress.journal.bytes(), Ordering::Relaxed);
        self.shared.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// What was committed leaves the logs' memory; decoded blocks stay a while for those who read the end.
    fn apply(&self, members: &[Member]) {
        for member in members {
            let mut moved = Moved::default();
            for (first, batch) in &member.cut.sealed {
                lock(&self.shared.cache).insert(member.log.id, *first, Arc::clone(batch));
                moved.sealed -= super::state::raw_bytes(batch) as isize;
            }
            lock(&member.log.state).committed(&member.cut, member.stored_bytes);
            self.shared.count(moved);
        }
    }

    fn report(&self, error: Option<CommitError>) -> Option<String> {
        let error = error.map(|error| error.to_string());
        let mut health = lock(&self.shared.health);
        match (&error, &health.failing) {
            (Some(error), None) => {
                tracing::error!(%error, "the log store cannot commit; lines are kept in memory")
            }
            (None, Some(_)) => tracing::info!("the log store commits again"),
            _ => {}
        }
        let since = health.failing.as_ref().map_or_else(now, |failing| failing.since);
        health.failing = error.clone().map(|error| Failing { since, error });
        error
    }

    /// Lets a test fill the disk: SQLite then fails as it does without space.
    #[cfg(test)]
    fn limit_pages(&self) -> rusqlite::Result<()> {
        match self.shared.pages_max.load(Ordering::SeqCst) {
            0 => Ok(()),
            pages => self.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())),
        }
    }
}

/// A journal row before it has a number.
struct PendingRow {
    entries: Vec<u8>,
    contents: RowContents,
}

/// Takes what changed out of every log, each under its own lock only, and packs the journal's share into rows.
fn cut_all(logs: Vec<Arc<LogInner>>, whole: bool) -> (Vec<Member>, Vec<PendingRow>) {
    let mut members = Vec::with_capacity(logs.len());
    let mut rows = Vec::new();
    let mut row = JournalRow::default();
    let mut contents = RowContents::default();
    let mut finish = |row: &mut JournalRow, contents: &mut RowContents| {
        let entries = std::mem::take(row).encode().expect("zstd compresses into memory that it is given");
        rows.push(PendingRow { entries, contents: std::mem::take(contents) });
    };
    for log in logs {
        let mut cut = lock(&log.state).cut(whole);
        let records = cut.records.take();
        if records.is_some() || cut.resume.is_some() {
            row.add(log.id, cut.resume.as_deref(), records.as_ref().map(|(first, batch)| (*first, batch)));
            contents.resumes.extend(cut.resume.as_ref().map(|_| log.id));
            contents.lasts.extend(records.map(|(first, batch)| (log.id, first + batch.len() as i64 - 1)));
        }
        members.push(Member { log, cut, stored_bytes: 0 });
        if row.plain_len() >= ROW_PLAIN_BYTES {
            finish(&mut row, &mut contents);
        }
    }
    if row.plain_len() > 0 {
        finish(&mut row, &mut contents);
    }
    (members, rows)
}

fn is_idle(cut: &Cut) -> bool {
    cut.identity.is_none() && cut.sealed.is_empty() && cut.gaps.is_empty() && cut.marks.is_empty()
}

/// Identity, gaps and marks.
fn write_details(tx: &Transaction<'_>, member: &Member) -> rusqlite::Result<()> {
    let (id, cut) = (member.log.id.0, &member.cut);
    if let Some(identity) = &cut.identity {
        tx.prepare_cached(
            "INSERT INTO logs (id, engine, container_id, name, image, stack, service, number, created, retention, multiline,
             message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (id) DO UPDATE SET name = excluded.name,
             image = excluded.image, stack = excluded.stack, service = excluded.service, number = excluded.number,
             created = excluded.created, retention = excluded.retention, multiline = excluded.multiline,
             message = excluded.message",
        )?
        .execute(params![
            id,
            identity.engine,
            identity.container_id,
            identity.name,
            identity.image,
            identity.stack,
            identity.service,
            identity.number,
            identity.created.0,
            (cut.own != LogRetention::default()).then(|| cut.own.to_string()),
            cut.head_pattern.as_ref().map(HeadPattern::as_str),
            cut.message_field
        ])?;
    }
    for gap in &cut.gaps {
        write_gap(tx, member.log.id, gap)?;
    }
    for (mark_id, mark) in &cut.marks {
        tx.prepare_cached(
            "INSERT INTO marks (id, log_id, timestamp, after_seq, kind, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![mark_id, id, mark.timestamp.0, mark.after_seq, mark.kind, mark.detail])?;
    }
    Ok(())
}

fn write_gap(tx: &Transaction<'_>, log: LogId, gap: &Gap) -> rusqlite::Result<()> {
    let missed = gap.missed.map(|missed| i64::try_from(missed).unwrap_or(i64::MAX));
    let (since, until) = (gap.since.map(|time| time.0), gap.until.map(|time| time.0));
    tx.prepare_cached(
        "INSERT OR REPLACE INTO gaps (log_id, from_seq, to_seq, missed, since_time, until_time, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![log.0, gap.from, gap.to, missed, since, until, gap.reason as u8])?;
    Ok(())
}

pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

fn now_seconds() -> i64 {
    now().0 / 1_000_000_000
}
