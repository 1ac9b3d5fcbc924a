//! Looking a whole store through for damage: every block's checksum, decoding and figures, that numbers are covered once,
//! filters, the journal, and SQLite's own pages. Reads only, so it may run beside a server; what that one moves meanwhile
//! is looked at where it is or left out.

mod layout;

use std::fmt;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use super::codec::block::{BlockDecoder, Payload, Place};
use super::codec::columns::read_counts;
use super::codec::{filter, journal};
use super::figures::BlockFigures;
use super::{LogId, OpenError, StoreError, database};

/// Findings that are kept with their words; more are counted only.
const FINDINGS_MAX: usize = 1_000;
/// What SQLite is asked to name of damaged pages.
const INTEGRITY_ERRORS_MAX: u32 = 100;

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckProgress {
    pub blocks: u64,
    /// As of the start.
    pub blocks_total: u64,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    pub logs: u64,
    pub blocks: u64,
    /// Records of the blocks that could be read.
    pub records: u64,
    pub gaps: u64,
    pub journal_rows: u64,
    /// Blocks that a server moved meanwhile and that were left out.
    pub moved: u64,
    /// The first 1,000.
    pub findings: Vec<Finding>,
    pub findings_total: u64,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `None` when it is about the file.
    pub log: Option<LogId>,
    /// First and last number that it is about.
    pub numbers: Option<(i64, i64)>,
    /// What, without a full stop.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(log) = self.log {
            write!(f, "log {log}")?;
            if let Some((first, last)) = self.numbers {
                write!(f, ", {first} to {last}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.what)
    }
}

impl CheckReport {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.findings_total == 0
    }

    fn find(&mut self, log: Option<LogId>, numbers: Option<(i64, i64)>, what: impl Into<String>) {
        self.findings_total += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { log, numbers, what: what.into() });
        }
    }
}

/// A block's row.
struct BlockRow {
    id: i64,
    first: i64,
    last: i64,
    stored_bytes: i64,
    /// `None` when its severities cannot be read.
    figures: Option<BlockFigures>,
}

struct Check<'a> {
    connection: Connection,
    decoder: BlockDecoder,
    report: CheckReport,
    progress: CheckProgress,
    tell: &'a mut dyn FnMut(CheckProgress),
}

/// # Errors
/// [`OpenError`] when there is no store that can be read.
pub(super) fn run(dir: &Path, tell: &mut dyn FnMut(CheckProgress)) -> Result<CheckReport, CheckError> {
    let path = dir.join(database::FILE_NAME);
    let connection = database::open_offline(&path)?;
    let decoder = BlockDecoder::new().map_err(StoreError::Memory)?;
    let progress = CheckProgress { blocks: 0, blocks_total: 0 };
    let mut check = Check { connection, decoder, report: CheckReport::default(), progress, tell };
    check.part(Check::pages)?;
    check.part(Check::logs)?;
    check.part(Check::journal)?;
    check.part(Check::strays)?;
    Ok(check.report)
}

/// Why a store could not be checked; damage is no error but a finding.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Read(#[from] StoreError),
}

impl Check<'_> {
    /// Does a part of the check; pages too damaged for it are a finding.
    fn part(&mut self, part: impl FnOnce(&mut Self) -> rusqlite::Result<()>) -> Result<(), StoreError> {
        match part(self) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                self.report.find(None, None, format!("a part of the file cannot be read: {error}"));
                Ok(())
            }
            outcome => Ok(outcome?),
        }
    }

    fn pages(&mut self) -> rusqlite::Result<()> {
        let mut query =
            self.connection.prepare(&format!("PRAGMA integrity_check({INTEGRITY_ERRORS_MAX})"))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let said: String = row.get(0)?;
            if said != "ok" {
                self.report.find(None, None, format!("SQLite says: {}", said.replace('\n', "; ")));
            }
        }
        Ok(())
    }

    fn logs(&mut self) -> rusqlite::Result<()> {
        let total: i64 = self.connection.query_row(
            "SELECT count(*) FROM blocks WHERE log_id IN (SELECT id FROM logs)",
            [],
            |row| row.get(0),
        )?;
        self.progress.blocks_total = total.unsigned_abs();
        (self.tell)(self.progress);
        let logs: Vec<u32> = {
            let mut query = self.connection.prepare("SELECT id FROM logs ORDER BY id")?;
            query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
        };
        for log in logs.into_iter().map(LogId) {
            self.report.logs += 1;
            for block in self.layout(log)? {
                self.block(log, &block)?;
                self.progress.blocks += 1;
                (self.tell)(self.progress);
            }
        }
        Ok(())
    }

    /// Checks that each number of the log is covered once; answers the blocks.
    fn layout(&mut self, log: LogId) -> rusqlite::Result<Vec<BlockRow>> {
        // Rows of one moment; they are small.
        let snapshot = self.connection.unchecked_transaction()?;
        let blocks = self
            .connection
            .prepare_cached(
                "SELECT id, first_seq, last_seq, stored_bytes, first_time, last_time, min_time, max_time, raw_bytes,
                 stderr, severities FROM blocks WHERE log_id = ?1 ORDER BY first_seq",
            )?
            .query_map([log.0], read_row)?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let gaps = self
            .connection
            .prepare_cached("SELECT from_seq, to_seq FROM gaps WHERE log_id = ?1 ORDER BY from_seq")?
            .query_map([log.0], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
        snapshot.finish()?;
        self.report.gaps += gaps.len() as u64;
        let blocks_cover = blocks.iter().map(|block| (block.first, block.last));
        for (numbers, what) in layout::check(blocks_cover.chain(gaps).collect()) {
            self.report.find(Some(log), Some(numbers), what);
        }
        Ok(blocks)
    }

    fn block(&mut self, log: LogId, block: &BlockRow) -> rusqlite::Result<()> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT columns, bodies, bits FROM payloads JOIN filters USING (id) WHERE payloads.id = ?1",
            )?
            .query_row([block.id], |row| {
                let payload = Payload { columns: row.get(0)?, bodies: row.get(1)? };
                Ok((payload, row.get::<_, Vec<u8>>(2)?))
            })
            .optional();
        let numbers = Some((block.first, block.last));
        let what = match super::readers::readable(found)?.flatten() {
            Some((payload, bits)) => match self.payload(log, block, &payload, &bits) {
                Ok(()) => return Ok(()),
                Err(what) => what,
            },
            None if self.is_there(log, block)? => "the block's payload or filter cannot be read".to_owned(),
            None => {
                self.report.moved += 1;
                return Ok(());
            }
        };
        self.report.find(Some(log), numbers, what);
        Ok(())
    }

    /// Whether the row is still as it was read: else a server merged the block or took it.
    fn is_there(&self, log: LogId, block: &BlockRow) -> rusqlite::Result<bool> {
        let id = self
            .connection
            .prepare_cached("SELECT id FROM blocks WHERE log_id = ?1 AND first_seq = ?2")?
            .query_row(params![log.0, block.first], |row| row.get::<_, i64>(0))
            .optional()?;
        Ok(id == Some(block.id))
    }

    fn payload(
        &mut self,
        log: LogId,
        block: &BlockRow,
        payload: &Payload,
        bits: &[u8],
    ) -> Result<(), String> {
        self.report.blocks += 1;
        let place = Place { log: log.0, first_seq: block.first };
        let batch = self.decoder.decode(place, payload).map_err(|error| format!("the block: {error}"))?;
        if i64::try_from(batch.len()).ok() != block.last.checked_sub(block.first).map(|last| last + 1) {
            return Err(format!("the block holds {} records", batch.len()));
        }
        self.report.records += batch.len() as u64;
        if block.figures != Some(BlockFigures::of(&batch)) {
            return Err("the block's row has other times or counts than its records".to_owned());
        }
        if block.stored_bytes != (payload.columns.len() + payload.bodies.len() + bits.len()) as i64 {
            return Err("the block's row has another size than what is stored".to_owned());
        }
        if !filter::covers(bits, &batch) {
            return Err("the filter misses what the block holds, so a search would too".to_owned());
        }
        Ok(())
    }

    fn journal(&mut self) -> rusqlite::Result<()> {
        let mut query = self.connection.prepare("SELECT id, entries FROM journal ORDER BY id")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            self.report.journal_rows += 1;
            let (id, entries): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            if let Err(error) = journal::decode(&entries) {
                self.report.find(None, None, format!("row {id} of the journal: {error}"));
            }
        }
        Ok(())
    }

    /// Rows that belong to nothing.
    fn strays(&mut self) -> rusqlite::Result<()> {
        let strays = [
            ("payloads without a block", "payloads WHERE id NOT IN (SELECT id FROM blocks)"),
            ("filters without a block", "filters WHERE id NOT IN (SELECT id FROM blocks)"),
            ("blocks without a log", "blocks WHERE log_id NOT IN (SELECT id FROM logs)"),
            ("gaps without a log", "gaps WHERE log_id NOT IN (SELECT id FROM logs)"),
        ];
        for (what, rows) in strays {
            let count: i64 =
                self.connection.query_row(&format!("SELECT count(*) FROM {rows}"), [], |row| row.get(0))?;
            if count > 0 {
                self.report.find(None, None, format!("{count} {what}"));
            }
        }
        Ok(())
    }
}

fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<BlockRow> {
    let severities = row.get_ref(10)?.as_blob().ok().and_then(|counts| read_counts(counts).ok());
    let figures = BlockFigures {
        first_time: row.get(4)?,
        last_time: row.get(5)?,
        min_time: row.get(6)?,
        max_time: row.get(7)?,
        raw_bytes: row.get(8)?,
        stderr: row.get(9)?,
        severities: severities.unwrap_or_default(),
    };
    Ok(BlockRow {
        id: row.get(0)?,
        first: row.get(1)?,
        last: row.get(2)?,
        stored_bytes: row.get(3)?,
        figures: severities.map(|_| figures),
    })
}
