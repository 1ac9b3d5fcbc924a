//! Reading the record: newest first for people, oldest first for exports.

use miniman_log::Timestamp;
use rusqlite::{Connection, Row, named_params, params};

use super::{AppError, AppStore, AuditOutcome, AuditRow};

const COLUMNS: &str = "id, at, who, address, action, target, outcome, detail, hash";

/// Which rows are asked for; the default is all.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Stands somewhere in who, address, action, target or detail; ASCII case aside.
    pub text: Option<String>,
    /// The action, or what stands before its dot: `user` for all of `user.*`.
    pub action: Option<String>,
    pub outcome: Option<AuditOutcome>,
    /// From then on.
    pub since: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
    /// Only rows with a lower id.
    pub before: Option<i64>,
}

impl AppStore {
    /// The newest rows first.
    pub fn audit(&self, filter: &AuditFilter, limit: usize) -> Result<Vec<AuditRow>, AppError> {
        let connection = self.lock();
        // `instr` and not LIKE: what is asked for holds no pattern.
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM audit
             WHERE id < :before AND at >= :since AND at < :until
               AND (:outcome IS NULL OR outcome = :outcome)
               AND (:action IS NULL OR action = :action OR substr(action, 1, length(:action) + 1) = :action || '.')
               AND (:text IS NULL
                    OR instr(lower(who || char(10) || address || char(10) || action || char(10) || target
                                   || char(10) || detail), lower(:text)) > 0)
             ORDER BY id DESC LIMIT :limit"
        ))?;
        let rows = statement.query_and_then(
            named_params! {
                ":before": filter.before.unwrap_or(i64::MAX),
                ":since": filter.since.map_or(i64::MIN, |since| since.0),
                ":until": filter.until.map_or(i64::MAX, |until| until.0),
                ":outcome": filter.outcome.map(AuditOutcome::as_str),
                ":action": filter.action,
                ":text": filter.text,
                ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
            },
            read,
        )?;
        rows.collect()
    }

    /// The next rows behind `after`, oldest first, from then on.
    pub fn audit_after(&self, after: i64, since: Timestamp, limit: usize) -> Result<Vec<AuditRow>, AppError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM audit WHERE id > ?1 AND at >= ?2 ORDER BY id LIMIT ?3"
        ))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        statement.query_and_then(params![after, since.0, limit], read)?.collect()
    }
}

/// The next rows behind `after`, oldest first, up to one that can't be read: whether there is one is told beside them.
pub(super) fn rows_after(
    connection: &Connection,
    after: i64,
    limit: usize,
) -> Result<(Vec<AuditRow>, bool), AppError> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2"))?;
    let mut rows = Vec::new();
    for row in statement.query_and_then(params![after, i64::try_from(limit).unwrap_or(i64::MAX)], read)? {
        match row {
            Ok(row) => rows.push(row),
            Err(
                AppError::Unreadable { .. }
                | AppError::Database(rusqlite::Error::FromSqlConversionFailure(..)),
            ) => return Ok((rows, true)),
            Err(error) => return Err(error),
        }
    }
    Ok((rows, false))
}

fn read(row: &Row<'_>) -> Result<AuditRow, AppError> {
    let outcome: String = row.get(6)?;
    Ok(AuditRow {
        id: row.get(0)?,
        at: Timestamp(row.get(1)?),
        who: row.get(2)?,
        address: row.get(3)?,
        action: row.get(4)?,
        target: row.get(5)?,
        outcome: AuditOutcome::parse(&outcome).ok_or(AppError::Unreadable { what: "outcome" })?,
        detail: row.get(7)?,
        hash: row.get(8)?,
    })
}
