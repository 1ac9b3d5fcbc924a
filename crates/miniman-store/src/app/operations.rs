//! Who asked for what, and how it ended. A row is written before Docker is asked.

use miniman_log::Timestamp;
use rusqlite::{Connection, Row, params};

use super::{AppError, AppStore};

/// What is kept about operations that the process did not live to see the end of.
const INTERRUPTED: &str = "MiniMan stopped before the outcome was known";

/// One action asked for by a person, on one or many containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub id: i64,
    /// The user's name, with ` (token NAME)` behind it when a token asked.
    pub who: String,
    /// Docker's word: `restart`.
    pub action: String,
    pub targets: Vec<OperationTarget>,
    pub started: Timestamp,
    pub finished: Option<Timestamp>,
    pub outcome: OperationOutcome,
}

/// How an operation as a whole ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationOutcome {
    Pending,
    Succeeded,
    /// At least one target failed.
    Failed,
    /// MiniMan stopped while it ran.
    Unknown,
}

/// One container of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationTarget {
    pub engine: String,
    pub container_id: String,
    /// The container's name when it was asked for.
    pub name: String,
    pub outcome: TargetOutcome,
    pub error: Option<String>,
    pub finished: Option<Timestamp>,
}

/// How an operation on one container ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetOutcome {
    Pending,
    Succeeded,
    Failed,
    Unknown,
}

/// A container that an operation is about to be started on.
#[derive(Debug, Clone)]
pub struct NewTarget {
    pub engine: String,
    pub container_id: String,
    pub name: String,
}

impl OperationOutcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    fn parse(text: &str) -> Result<Self, AppError> {
        [Self::Pending, Self::Succeeded, Self::Failed, Self::Unknown]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or(AppError::Unreadable { what: "outcome" })
    }
}

impl TargetOutcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    fn parse(text: &str) -> Result<Self, AppError> {
        [Self::Pending, Self::Succeeded, Self::Failed, Self::Unknown]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or(AppError::Unreadable { what: "outcome" })
    }
}

impl AppStore {
    /// Writes the operation with all targets pending, durably, and gives it its id.
    pub fn begin_operation(
        &self,
        who: &str,
        action: &str,
        targets: &[NewTarget],
        now: Timestamp,
    ) -> Result<Operation, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        transaction.execute(
            "INSERT INTO operations (who, action, started, outcome) VALUES (?1, ?2, ?3, 'pending')",
            params![who, action, now.0],
        )?;
        let id = transaction.last_insert_rowid();
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO operation_targets (operation_id, position, engine, container_id, name, outcome)
                 VALUES (?1, ?2, ?3, ?4, ?5, 'pending')",
            )?;
            for (position, target) in (0i64..).zip(targets) {
                insert.execute(params![id, position, target.engine, target.container_id, target.name])?;
            }
        }
        let operation = load(&transaction, id)?.ok_or(AppError::Unreadable { what: "operation" })?;
        transaction.commit()?;
        Ok(operation)
    }

    /// Notes how one target ended; `position` counts from 0 in the order given to [`AppStore::begin_operation`].
    pub fn finish_target(
        &self,
        id: i64,
        position: usize,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let outcome = if error.is_some() { TargetOutcome::Failed } else { TargetOutcome::Succeeded };
        self.lock().execute(
            "UPDATE operation_targets SET outcome = ?3, error = ?4, finished = ?5
             WHERE operation_id = ?1 AND position = ?2 AND outcome = 'pending'",
            params![id, i64::try_from(position).unwrap_or(i64::MAX), outcome.as_str(), error, now.0],
        )?;
        Ok(())
    }

    /// Ends the operation: failed when any target failed. A target still pending then becomes unknown.
    pub fn finish_operation(&self, id: i64, now: Timestamp) -> Result<Operation, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        transaction.execute(
            "UPDATE operation_targets SET outcome = 'unknown', finished = ?2
             WHERE operation_id = ?1 AND outcome = 'pending'",
            params![id, now.0],
        )?;
        transaction.execute(
            "UPDATE operations SET finished = ?2, outcome = CASE
                WHEN EXISTS (SELECT 1 FROM operation_targets WHERE operation_id = ?1 AND outcome = 'failed') THEN 'failed'
                WHEN EXISTS (SELECT 1 FROM operation_targets WHERE operation_id = ?1 AND outcome = 'unknown') THEN 'unknown'
                ELSE 'succeeded' END
             WHERE id = ?1",
            params![id, now.0],
        )?;
        let operation = load(&transaction, id)?.ok_or(AppError::Unreadable { what: "operation" })?;
        transaction.commit()?;
        Ok(operation)
    }

    /// Marks what an earlier process left pending as unknown; the server's first call. Returns how many.
    pub fn interrupt_operations(&self, now: Timestamp) -> Result<usize, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        transaction.execute(
            "UPDATE operation_targets SET outcome = 'unknown', error = ?1, finished = ?2
             WHERE outcome = 'pending' AND operation_id IN (SELECT id FROM operations WHERE outcome = 'pending')",
            params![INTERRUPTED, now.0],
        )?;
        let interrupted = transaction.execute(
            "UPDATE operations SET outcome = 'unknown', finished = ?1 WHERE outcome = 'pending'",
            [now.0],
        )?;
        transaction.commit()?;
        Ok(interrupted)
    }

    pub fn operation(&self, id: i64) -> Result<Option<Operation>, AppError> {
        load(&self.lock(), id)
    }

    /// The newest operations first, those with an id below `before` when given.
    pub fn operations(&self, before: Option<i64>, limit: usize) -> Result<Vec<Operation>, AppError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT id, who, action, started, finished, outcome FROM operations
             WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
        )?;
        let rows = statement.query_and_then(
            params![before.unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(i64::MAX)],
            read,
        )?;
        let mut operations = rows.collect::<Result<Vec<_>, _>>()?;
        for operation in &mut operations {
            operation.targets = targets(&connection, operation.id)?;
        }
        Ok(operations)
    }
}

fn load(connection: &Connection, id: i64) -> Result<Option<Operation>, AppError> {
    let mut statement = connection
        .prepare_cached("SELECT id, who, action, started, finished, outcome FROM operations WHERE id = ?1")?;
    let Some(mut operation) = statement.query_and_then([id], read)?.next().transpose()? else {
        return Ok(None);
    };
    operation.targets = targets(connection, id)?;
    Ok(Some(operation))
}

fn read(row: &Row<'_>) -> Result<Operation, AppError> {
    Ok(Operation {
        id: row.get(0)?,
        who: row.get(1)?,
        action: row.get(2)?,
        targets: Vec::new(),
        started: Timestamp(row.get(3)?),
        finished: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        outcome: OperationOutcome::parse(&row.get::<_, String>(5)?)?,
    })
}

fn targets(connection: &Connection, id: i64) -> Result<Vec<OperationTarget>, AppError> {
    let mut statement = connection.prepare_cached(
        "SELECT engine, container_id, name, outcome, error, finished FROM operation_targets
         WHERE operation_id = ?1 ORDER BY position",
    )?;
    statement
        .query_and_then([id], |row| {
            Ok(OperationTarget {
                engine: row.get(0)?,
                container_id: row.get(1)?,
                name: row.get(2)?,
                outcome: TargetOutcome::parse(&row.get::<_, String>(3)?)?,
                error: row.get(4)?,
                finished: row.get::<_, Option<i64>>(5)?.map(Timestamp),
            })
        })?
        .collect()
}
