//! The record of who did what: rows that are only ever added, each sealed by a hash over itself and the one before.
//!
//! Invariant: ids count up by one, and a row's hash covers every field and the hash of the row before, so that a row
//! that was changed, taken out or put in is found by [`AppStore::check_audit`]. Retention takes rows from the old end
//! only and leaves behind, as the *anchor*, the id and hash that the oldest kept row goes on from. Triggers refuse
//! everything else, also to a statement of ours that is wrong.
//!
//! What the chain can't show is a whole table written anew by someone who may write the file: each row's hash also
//! leaves the process on its standard output, where it can be compared.

mod check;
mod read;

use miniman_log::Timestamp;
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use super::{AppError, AppStore};

pub use check::AuditCheck;
pub use read::AuditFilter;

/// SHA-256 over a row and everything before it.
pub type AuditHash = [u8; 32];

/// Before the first row.
const NOTHING_BEFORE: AuditHash = [0; 32];

/// Rows taken in one transaction: some 20 ms of the write lock.
const TAKEN_AT_ONCE_MAX: i64 = 5_000;

/// A row to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewAuditRow<'a> {
    /// The user's name, with ` (token NAME)` behind it when a program asked; empty for nobody that is known.
    pub who: &'a str,
    /// The address it came from; empty for the command line.
    pub address: &'a str,
    /// `login`, `user.add`, `container.restart`.
    pub action: &'a str,
    /// What it was done to.
    pub target: &'a str,
    pub outcome: AuditOutcome,
    pub detail: &'a str,
}

/// A row as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    pub id: i64,
    pub at: Timestamp,
    pub who: String,
    pub address: String,
    pub action: String,
    pub target: String,
    pub outcome: AuditOutcome,
    pub detail: String,
    pub hash: AuditHash,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOutcome {
    /// It is about to be tried: written before an engine is asked.
    Asked,
    Succeeded,
    /// It was allowed and did not work.
    Failed,
    /// It was not allowed, or the password was wrong.
    Refused,
}

impl AuditOutcome {
    pub const ALL: [Self; 4] = [Self::Asked, Self::Succeeded, Self::Failed, Self::Refused];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

impl AuditRow {
    /// The hash that this row has to have behind `before`.
    fn sealed(&self, before: &AuditHash) -> AuditHash {
        let mut hasher = Sha256::new();
        hasher.update(before);
        hasher.update(self.id.to_be_bytes());
        hasher.update(self.at.0.to_be_bytes());
        let texts =
            [&self.who, &self.address, &self.action, &self.target, self.outcome.as_str(), &self.detail];
        for text in texts {
            // With its length, so that no two rows are the same bytes.
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        hasher.finalize().into()
    }
}

impl AppStore {
    /// Adds a row behind the last one, durably.
    pub fn add_audit(&self, row: &NewAuditRow<'_>, now: Timestamp) -> Result<AuditRow, AppError> {
        let mut connection = self.lock();
        // Another process waits here, so that each row goes on from the one before.
        let transaction = connection.transaction()?;
        let (last, before) = head(&transaction)?;
        let mut row = AuditRow {
            id: last + 1,
            at: now,
            who: row.who.to_owned(),
            address: row.address.to_owned(),
            action: row.action.to_owned(),
            target: row.target.to_owned(),
            outcome: row.outcome,
            detail: row.detail.to_owned(),
            hash: NOTHING_BEFORE,
        };
        row.hash = row.sealed(&before);
        transaction
            .prepare_cached(
                "INSERT INTO audit (id, at, who, address, action, target, outcome, detail, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                row.id,
                row.at.0,
                row.who,
                row.address,
                row.action,
                row.target,
                row.outcome.as_str(),
                row.detail,
                row.hash
            ])?;
        transaction.commit()?;
        Ok(row)
    }

    /// Takes the oldest rows: those from before `oldest`, and those beyond `rows_max`. Returns how many went.
    pub fn take_audit(&self, oldest: Timestamp, rows_max: u64) -> Result<u64, AppError> {
        let mut taken = 0;
        loop {
            let now = self.take_some_audit(oldest, i64::try_from(rows_max).unwrap_or(i64::MAX))?;
            taken += now;
            if now < TAKEN_AT_ONCE_MAX as u64 {
                return Ok(taken);
            }
        }
    }

    fn take_some_audit(&self, oldest: Timestamp, rows_max: i64) -> Result<u64, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let (last, _) = head(&transaction)?;
        let (anchor, _) = anchor(&transaction)?;
        // A clock that was turned back leaves later rows with earlier times: what counts is the last row of the
        // unbroken old end.
        let young: Option<i64> = transaction
            .prepare_cached("SELECT MIN(id) FROM audit WHERE at >= ?1")?
            .query_row([oldest.0], |row| row.get(0))?;
        let up_to = (young.unwrap_or(last + 1) - 1).max(last - rows_max).min(anchor + TAKEN_AT_ONCE_MAX);
        if up_to <= anchor {
            return Ok(0);
        }
        transaction.execute(
            "UPDATE audit_anchor SET row = ?1, hash = (SELECT hash FROM audit WHERE id = ?1)",
            [up_to],
        )?;
        let taken = transaction.execute("DELETE FROM audit WHERE id <= ?1", [up_to])?;
        transaction.commit()?;
        Ok(taken as u64)
    }
}

/// The last row's id and hash; the anchor's when there is no row.
fn head(connection: &Connection) -> Result<(i64, AuditHash), AppError> {
    let mut statement = connection.prepare_cached("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")?;
    let last = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.next().transpose()?;
    match last {
        Some(last) => Ok(last),
        None => anchor(connection),
    }
}

/// What the oldest kept row goes on from.
fn anchor(connection: &Connection) -> Result<(i64, AuditHash), AppError> {
    let mut statement = connection.prepare_cached("SELECT row, hash FROM audit_anchor")?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

#[cfg(test)]
mod tests;
