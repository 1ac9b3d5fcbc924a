//! Integer ids of stacks: `config_id` in URLs and on the wire, kept for good.

use rusqlite::{OptionalExtension, params};

use super::{AppError, AppStore};

/// A stack that was seen at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// From 1 up; 0 means "no stack" on the wire.
    pub id: u32,
    pub engine: String,
    pub name: String,
}

impl AppStore {
    /// The stack's id; the first call for a name gives it the next one.
    pub fn stack_id(&self, engine: &str, name: &str) -> Result<u32, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let known = transaction
            .query_row("SELECT id FROM stacks WHERE engine = ?1 AND name = ?2", [engine, name], |row| {
                row.get(0)
            })
            .optional()?;
        if let Some(id) = known {
            return Ok(id);
        }
        // Not `ON CONFLICT DO NOTHING`: that may burn a number of the sequence.
        transaction.execute("INSERT INTO stacks (engine, name) VALUES (?1, ?2)", params![engine, name])?;
        let id = u32::try_from(transaction.last_insert_rowid())
            .map_err(|_| AppError::Unreadable { what: "stack id" })?;
        transaction.commit()?;
        Ok(id)
    }

    pub fn stacks(&self) -> Result<Vec<Stack>, AppError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached("SELECT id, engine, name FROM stacks ORDER BY id")?;
        let stacks = statement
            .query_map([], |row| Ok(Stack { id: row.get(0)?, engine: row.get(1)?, name: row.get(2)? }))?
            .collect::<Result<_, _>>()?;
        Ok(stacks)
    }
}
