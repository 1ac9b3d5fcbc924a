//! Logins. The secret itself lives in the browser's cookie only.

use miniman_log::Timestamp;
use rusqlite::params;

use super::{AppError, AppStore, SecretHash, UserId};

/// Sessions kept per user; a further login ends the user's oldest. 100 browsers is more than a person has, and
/// 100 rows × ~150 B × a few hundred users stays well under 10 MB in memory and on disk.
const SESSIONS_PER_USER_MAX: i64 = 100;

/// A session's row id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub i64);

/// One login in one browser.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: SessionId,
    pub hash: SecretHash,
    pub user_id: UserId,
    pub created: Timestamp,
    pub last_seen: Timestamp,
    /// When the password was given last, at the login or since.
    pub confirmed: Timestamp,
    /// Where the login came from, and what the browser called itself.
    pub address: String,
    pub browser: String,
    /// Absolute: being used does not move it.
    pub expires: Timestamp,
}

/// What [`AppStore::add_session`] needs to know.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    pub user_id: UserId,
    pub hash: &'a SecretHash,
    pub expires: Timestamp,
    pub address: &'a str,
    pub browser: &'a str,
}

impl AppStore {
    /// Keeps a new session; drops expired ones and the user's oldest beyond the bound.
    pub fn add_session(&self, session: &NewSession<'_>, now: Timestamp) -> Result<SessionId, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        transaction.execute("DELETE FROM sessions WHERE expires <= ?1", [now.0])?;
        transaction.execute(
            "INSERT INTO sessions (hash, user_id, created, last_seen, confirmed, expires, address, browser)
             VALUES (?1, ?2, ?3, ?3, ?3, ?4, ?5, ?6)",
            params![
                session.hash,
                session.user_id.0,
                now.0,
                session.expires.0,
                session.address,
                session.browser
            ],
        )?;
        let id = SessionId(transaction.last_insert_rowid());
        transaction.execute(
            "DELETE FROM sessions WHERE user_id = ?1 AND id NOT IN
             (SELECT id FROM sessions WHERE user_id = ?1 ORDER BY id DESC LIMIT ?2)",
            params![session.user_id.0, SESSIONS_PER_USER_MAX],
        )?;
        transaction.commit()?;
        Ok(id)
    }

    /// Every session that has not expired at `now`.
    pub fn sessions(&self, now: Timestamp) -> Result<Vec<Session>, AppError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT id, hash, user_id, created, last_seen, expires, confirmed, address, browser FROM sessions
             WHERE expires > ?1",
        )?;
        let sessions = statement.query_map([now.0], |row| {
            Ok(Session {
                id: SessionId(row.get(0)?),
                hash: row.get(1)?,
                user_id: UserId(row.get(2)?),
                created: Timestamp(row.get(3)?),
                last_seen: Timestamp(row.get(4)?),
                expires: Timestamp(row.get(5)?),
                confirmed: Timestamp(row.get(6)?),
                address: row.get(7)?,
                browser: row.get(8)?,
            })
        })?;
        Ok(sessions.collect::<Result<_, _>>()?)
    }

    /// Ends a session; ending one that is gone is no error.
    pub fn remove_session(&self, id: SessionId) -> Result<(), AppError> {
        self.lock().execute("DELETE FROM sessions WHERE id = ?1", [id.0])?;
        Ok(())
    }

    /// Notes that the password was given again.
    pub fn confirm_session(&self, id: SessionId, now: Timestamp) -> Result<(), AppError> {
        self.lock().execute("UPDATE sessions SET confirmed = ?2 WHERE id = ?1", params![id.0, now.0])?;
        Ok(())
    }

    /// Ends a session of this user's; whether there was one.
    pub fn end_session(&self, user: UserId, id: SessionId) -> Result<bool, AppError> {
        let ended = self
            .lock()
            .execute("DELETE FROM sessions WHERE id = ?1 AND user_id = ?2", params![id.0, user.0])?;
        Ok(ended > 0)
    }

    /// Ends all sessions of this user's but one; how many.
    pub fn end_other_sessions(&self, user: UserId, keep: SessionId) -> Result<usize, AppError> {
        let sql = "DELETE FROM sessions WHERE user_id = ?1 AND id != ?2";
        Ok(self.lock().execute(sql, params![user.0, keep.0])?)
    }

    /// Notes when sessions and tokens were last used, many at once.
    pub fn touch(
        &self,
        sessions: &[(SessionId, Timestamp)],
        tokens: &[(super::TokenId, Timestamp)],
    ) -> Result<(), AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        for (id, seen) in sessions {
            transaction.execute("UPDATE sessions SET last_seen = ?2 WHERE id = ?1", [id.0, seen.0])?;
        }
        for (id, seen) in tokens {
            transaction.execute("UPDATE tokens SET last_used = ?2 WHERE id = ?1", [id.0, seen.0])?;
        }
        transaction.commit()?;
        Ok(())
    }
}
