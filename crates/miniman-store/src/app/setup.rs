//! The one-time link that makes the first admin.

use miniman_log::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::users::{admin_exists, by_name, insert};
use super::{AppError, AppStore, NewUser, Role, SecretHash, User};

impl AppStore {
    /// Whether any admin exists, that is, whether setup is over.
    pub fn admin_exists(&self) -> Result<bool, AppError> {
        admin_exists(&self.lock())
    }

    /// Keeps the setup token's hash; an earlier one stops working.
    ///
    /// # Errors
    /// [`AppError::SetupDone`] once an admin exists.
    pub fn set_setup_token(&self, hash: &SecretHash, expires: Timestamp) -> Result<(), AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        if admin_exists(&transaction)? {
            return Err(AppError::SetupDone);
        }
        transaction.execute(
            "INSERT INTO setup_token (id, hash, expires) VALUES (1, ?1, ?2)
             ON CONFLICT (id) DO UPDATE SET hash = ?1, expires = ?2",
            params![hash, expires.0],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Whether this token would work now. Consumes nothing: for refusing before a password is hashed.
    pub fn setup_token_valid(&self, hash: &SecretHash, now: Timestamp) -> Result<bool, AppError> {
        let found = self
            .lock()
            .query_row(
                "SELECT 1 FROM setup_token WHERE hash = ?1 AND expires > ?2",
                params![hash, now.0],
                |_| Ok(()),
            )
            .optional()?;
        Ok(found.is_some())
    }

    /// Consumes the setup token and makes the first admin, both or neither.
    ///
    /// # Errors
    /// [`AppError::SetupTokenInvalid`], [`AppError::SetupDone`], [`AppError::NameTaken`].
    pub fn consume_setup_token(
        &self,
        hash: &SecretHash,
        name: &str,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<User, AppError> {
        let mut connection = self.lock();
        // The second of two setups, in this process or another, waits here and then finds no token.
        let transaction = connection.transaction()?;
        if admin_exists(&transaction)? {
            return Err(AppError::SetupDone);
        }
        let consumed = transaction
            .execute("DELETE FROM setup_token WHERE hash = ?1 AND expires > ?2", params![hash, now.0])?;
        if consumed == 0 {
            return Err(AppError::SetupTokenInvalid);
        }
        insert(&transaction, &NewUser { name, password_hash, role: Role::Admin, scope: None }, now)?;
        let user = by_name(&transaction, name)?.ok_or(AppError::NoSuchUser)?;
        transaction.commit()?;
        Ok(user)
    }

    /// Makes the first admin without a link (unattended start); `None` when one exists already.
    pub fn add_first_admin(
        &self,
        name: &str,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<User>, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        if admin_exists(&transaction)? {
            return Ok(None);
        }
        insert(&transaction, &NewUser { name, password_hash, role: Role::Admin, scope: None }, now)?;
        transaction.execute("DELETE FROM setup_token", [])?;
        let user = by_name(&transaction, name)?.ok_or(AppError::NoSuchUser)?;
        transaction.commit()?;
        Ok(Some(user))
    }
}
