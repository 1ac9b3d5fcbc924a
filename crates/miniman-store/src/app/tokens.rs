//! API tokens, for programs.

use miniman_log::Timestamp;
use rusqlite::params;

use super::{AppError, AppStore, Role, SecretHash, UserId, roles};

/// Tokens a user may have: more than one has programs, and all are kept in memory.
const TOKENS_PER_USER_MAX: usize = 100;

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
    /// At creation at most the owner's; what counts is what both this and the owner's present role allow.
    pub role: Role,
    /// What the token's sight is limited to within its owner's, one pattern a line; `None` without a limit of its own.
    pub scope: Option<String>,
    pub created: Timestamp,
    /// From then on it is no credential any more; `None`: until it is revoked.
    pub expires: Option<Timestamp>,
    pub last_used: Option<Timestamp>,
}

/// What [`AppStore::add_token`] needs to know.
#[derive(Debug, Clone)]
pub struct NewToken<'a> {
    pub user_id: UserId,
    pub name: &'a str,
    pub role: Role,
    pub scope: Option<&'a str>,
    pub expires: Option<Timestamp>,
    pub hash: &'a SecretHash,
}

impl AppStore {
    /// Adds a token for the user.
    ///
    /// # Errors
    /// [`AppError::NoSuchUser`], [`AppError::NoSuchRole`], [`AppError::RoleAboveOwner`], [`AppError::ScopeOfManager`].
    pub fn add_token(&self, token: &NewToken<'_>, now: Timestamp) -> Result<TokenId, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let owner: Option<String> = {
            let mut statement = transaction.prepare_cached("SELECT role FROM users WHERE id = ?1")?;
            let mut rows = statement.query([token.user_id.0])?;
            rows.next()?.map(|row| row.get(0)).transpose()?
        };
        let owner = roles::read(&owner.ok_or(AppError::NoSuchUser)?)?;
        let allowed = roles::permissions(&transaction, &token.role)?;
        if !allowed.within(roles::permissions(&transaction, &owner)?) {
            return Err(AppError::RoleAboveOwner);
        }
        roles::check(&transaction, &token.role, token.scope)?;
        let count: i64 = transaction.query_row(
            "SELECT count(*) FROM tokens WHERE user_id = ?1",
            [token.user_id.0],
            |row| row.get(0),
        )?;
        if usize::try_from(count).is_ok_and(|count| count >= TOKENS_PER_USER_MAX) {
            return Err(AppError::TooMany { most: TOKENS_PER_USER_MAX });
        }
        transaction.execute(
            "INSERT INTO tokens (hash, user_id, name, role, scope, expires, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                token.hash,
                token.user_id.0,
                token.name,
                token.role.as_str(),
                token.scope,
                token.expires.map(|expires| expires.0),
                now.0
            ],
        )?;
        let id = TokenId(transaction.last_insert_rowid());
        transaction.commit()?;
        Ok(id)
    }

    pub fn tokens(&self) -> Result<Vec<ApiToken>, AppError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT id, hash, user_id, name, role, scope, created, last_used, expires FROM tokens ORDER BY id",
        )?;
        statement
            .query_and_then([], |row| {
                Ok(ApiToken {
                    id: TokenId(row.get(0)?),
                    hash: row.get(1)?,
                    user_id: UserId(row.get(2)?),
                    name: row.get(3)?,
                    role: roles::read(&row.get::<_, String>(4)?)?,
                    scope: row.get(5)?,
                    created: Timestamp(row.get(6)?),
                    last_used: row.get::<_, Option<i64>>(7)?.map(Timestamp),
                    expires: row.get::<_, Option<i64>>(8)?.map(Timestamp),
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
