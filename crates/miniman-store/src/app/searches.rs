//! Saved searches: views that people come back to, a user's own and those shared with everyone.

use miniman_log::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::{AppError, AppStore, UserId};

/// Of one user: more than anybody finds again in a list.
pub const SEARCHES_MAX: usize = 200;

/// A search as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSearch {
    pub id: i64,
    pub user_id: UserId,
    pub name: String,
    /// The view's address: a query string.
    pub query: String,
    /// Everyone sees it.
    pub shared: bool,
    /// Who saved it.
    pub who: String,
    pub created: Timestamp,
}

/// A search to be saved.
#[derive(Debug, Clone, Copy)]
pub struct NewSearch<'a> {
    pub user_id: UserId,
    pub name: &'a str,
    pub query: &'a str,
    pub shared: bool,
    pub who: &'a str,
}

const COLUMNS: &str = "id, user_id, name, query, shared, who, created";

impl AppStore {
    /// The user's own and those that are shared, by name.
    pub fn searches(&self, user_id: UserId) -> Result<Vec<SavedSearch>, AppError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM searches WHERE user_id = ?1 OR shared ORDER BY name COLLATE NOCASE, id"
        ))?;
        let rows = statement.query_map([user_id.0], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One of them, whoever's it is.
    pub fn search_by_id(&self, id: i64) -> Result<Option<SavedSearch>, AppError> {
        let sql = format!("SELECT {COLUMNS} FROM searches WHERE id = ?1");
        Ok(self.lock().query_row(&sql, [id], read).optional()?)
    }

    /// Saves a search.
    ///
    /// # Errors
    /// [`AppError::NameTaken`] when the user has one of that name, [`AppError::TooManySearches`].
    pub fn add_search(&self, search: NewSearch<'_>, now: Timestamp) -> Result<i64, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let owner = search.user_id.0;
        let count: i64 =
            transaction
                .query_row("SELECT count(*) FROM searches WHERE user_id = ?1", [owner], |row| row.get(0))?;
        if count >= SEARCHES_MAX as i64 {
            return Err(AppError::TooManySearches);
        }
        let added = transaction.execute(
            "INSERT INTO searches (user_id, name, query, shared, who, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (user_id, name) DO NOTHING",
            params![owner, search.name, search.query, search.shared, search.who, now.0],
        )?;
        if added == 0 {
            return Err(AppError::NameTaken);
        }
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(id)
    }

    /// Removes a search; one that is gone is no error.
    pub fn remove_search(&self, id: i64) -> Result<(), AppError> {
        self.lock().execute("DELETE FROM searches WHERE id = ?1", [id])?;
        Ok(())
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<SavedSearch> {
    Ok(SavedSearch {
        id: row.get(0)?,
        user_id: UserId(row.get(1)?),
        name: row.get(2)?,
        query: row.get(3)?,
        shared: row.get(4)?,
        who: row.get(5)?,
        created: Timestamp(row.get(6)?),
    })
}
