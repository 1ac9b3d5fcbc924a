//! Rules that hide lines of a service from views, a user's own and everyone's.

use miniman_log::Timestamp;
use rusqlite::params;

use super::{AppError, AppStore, UserId};

/// Of one user, and of everyone together: a screen of rules is more than anybody keeps in mind, and each costs every view
/// of its service.
pub const HIDE_RULES_MAX: usize = 100;

/// A rule as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HideRuleRow {
    pub id: i64,
    /// `None`: it is everyone's.
    pub user_id: Option<UserId>,
    pub stack: Option<String>,
    /// A container's own name where it is of no service.
    pub service: String,
    pub query: String,
    /// Who made it.
    pub who: String,
    pub created: Timestamp,
}

/// A rule to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewHideRule<'a> {
    pub user_id: Option<UserId>,
    pub stack: Option<&'a str>,
    pub service: &'a str,
    pub query: &'a str,
    pub who: &'a str,
}

impl AppStore {
    /// All rules, by rising id.
    pub fn hide_rules(&self) -> Result<Vec<HideRuleRow>, AppError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT id, user_id, stack, service, query, who, created FROM hide_rules ORDER BY id",
        )?;
        statement
            .query_and_then([], |row| {
                Ok(HideRuleRow {
                    id: row.get(0)?,
                    user_id: row.get::<_, Option<i64>>(1)?.map(UserId),
                    stack: row.get(2)?,
                    service: row.get(3)?,
                    query: row.get(4)?,
                    who: row.get(5)?,
                    created: Timestamp(row.get(6)?),
                })
            })?
            .collect()
    }

    /// Adds a rule.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when there are [`HIDE_RULES_MAX`] of this owner already.
    pub fn add_hide_rule(&self, rule: NewHideRule<'_>, now: Timestamp) -> Result<i64, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let owner = rule.user_id.map(|id| id.0);
        let count: i64 =
            transaction.query_row("SELECT count(*) FROM hide_rules WHERE user_id IS ?1", [owner], |row| {
                row.get(0)
            })?;
        if count >= HIDE_RULES_MAX as i64 {
            return Err(AppError::TooMany { most: HIDE_RULES_MAX });
        }
        transaction.execute(
            "INSERT INTO hide_rules (user_id, stack, service, query, who, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![owner, rule.stack, rule.service, rule.query, rule.who, now.0],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(id)
    }

    /// Removes a rule; one that is gone is no error.
    pub fn remove_hide_rule(&self, id: i64) -> Result<(), AppError> {
        self.lock().execute("DELETE FROM hide_rules WHERE id = ?1", [id])?;
        Ok(())
    }
}
