//! API tokens, for programs.

use miniman_log::Timestamp;
use rusqlite::params;

use super::{AppError, AppStore, Role, SecretHash, UserId, users};

/// A token's row id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub i64);

/// A token as it is listed; the secret was shown once and is not kept.
#[derive(Debug, Clone)]
pub struct ApiToken {
    pub id: TokenId,
    pub hash: SecretHash,
    pub user_id: UserId,
    pub name: String,
    /// At creation at most the owner's; what counts is the lower of this and the owner's present role.
    pub role: Role,
    pub created: Timestamp,
    pub last_used: Option<Timestamp>,
}

impl AppStore {
    /// Adds a token for the user.
    ///
    /// # Errors
    /// [`AppError::NoSuchUser`], [`AppError::RoleAboveOwner`].
    pub fn add_token(
        &self,
        user_id: UserId,
        name: &str,
        role: Role,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<TokenId, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let owner: Option<String> = {
            let mut statement = transaction.prepare_cached("SELECT role FROM users WHERE id = ?1")?;
            let mut rows = statement.query([user_id.0])?;
            rows.next()?.map(|row| row.get(0)).transpose()?
        };
        let owner = users::role(&owner.ok_or(AppError::NoSuchUser)?)?;
        if role > owner {
            return Err(AppError::RoleAboveOwner);
        }
        transaction.execute(
            "INSERT INTO tokens (hash, user_id, name, role, created) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![hash, user_id.0, name, role.as_str(), now.0],
        )?;
        let id = TokenId(transaction.last_insert_rowid());
        transaction.commit()?;
        Ok(id)
    }

    pub fn tokens(&self) -> Result<Vec<ApiToken>, AppError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT id, hash, user_id, name, role, created, last_used FROM tokens ORDER BY id",
        )?;
        statement
            .query_and_then([], |row| {
                Ok(ApiToken {
                    id: TokenId(row.get(0)?),
                    hash: row.get(1)?,
                    user_id: UserId(row.get(2)?),
                    name: row.get(3)?,
                    role: users::role(&row.get::<_, String>(4)?)?,
                    created: Timestamp(row.get(5)?),
                    last_used: row.get::<_, Option<i64>>(6)?.map(Timestamp),
                })
            })?
            .collect()
    }

    /// Revokes a token; revoking one that is gone is no error.
    pub fn remove_token(&self, id: TokenId) -> Result<(), AppError> {
        self.lock().execute("DELETE FROM tokens WHERE id = ?1", [id.0])?;
        Ok(())
    }
}
