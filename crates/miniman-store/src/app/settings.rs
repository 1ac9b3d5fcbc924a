//! Settings that are changed on the page rather than on the command line.

use rusqlite::{OptionalExtension, params};

use super::{AppError, AppStore};

impl AppStore {
    pub fn setting(&self, key: &str) -> Result<Option<String>, AppError> {
        let value = self
            .lock()
            .query_row("SELECT value FROM settings WHERE key = ?1", [key], |row| row.get(0))
            .optional()?;
        Ok(value)
    }

    pub fn set_setting(&self, key: &str, value: &str) -> Result<(), AppError> {
        self.lock().execute(
            "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
            params![key, value],
        )?;
        Ok(())
    }
}
