//! Whether the chain holds.

use super::{AppError, AppStore, AuditHash, anchor, read};

/// Rows looked at under one hold of the lock: some 30 ms.
const ROWS_AT_ONCE: usize = 5_000;

/// What looking the chain through found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheck {
    /// Rows that hold.
    pub rows: u64,
    /// The last of them, and its hash.
    pub last: i64,
    pub hash: AuditHash,
    /// The first row that does not hold, and why; none behind it was looked at.
    pub broken: Option<(i64, &'static str)>,
}

impl AppStore {
    /// Reads every row and computes its hash anew.
    ///
    /// # Errors
    /// SQLite's. A broken chain is no error: [`AuditCheck::broken`] tells it.
    pub fn check_audit(&self) -> Result<AuditCheck, AppError> {
        let (last, hash) = anchor(&self.lock())?;
        let mut check = AuditCheck { rows: 0, last, hash, broken: None };
        loop {
            let (rows, unreadable) = read::rows_after(&self.lock(), check.last, ROWS_AT_ONCE)?;
            for row in &rows {
                check.broken = if row.id != check.last + 1 {
                    Some((check.last + 1, "it is missing"))
                } else if row.sealed(&check.hash) != row.hash {
                    Some((row.id, "it, or what it goes on from, is not as it was written"))
                } else {
                    None
                };
                if check.broken.is_some() {
                    return Ok(check);
                }
                check = AuditCheck { rows: check.rows + 1, last: row.id, hash: row.hash, broken: None };
            }
            if unreadable {
                check.broken = Some((check.last + 1, "it holds what no version of MiniMan writes"));
                return Ok(check);
            }
            if rows.len() < ROWS_AT_ONCE {
                break;
            }
        }
        // SQLite remembers the highest id that it ever gave out: rows cut off at the end are missed too.
        let given = self.last_audit_given()?;
        if given > check.last {
            check.broken = Some((check.last + 1, "it is missing"));
        }
        Ok(check)
    }

    fn last_audit_given(&self) -> Result<i64, AppError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")?;
        let given = statement.query_map([], |row| row.get(0))?.next().transpose()?;
        Ok(given.unwrap_or(0))
    }
}
