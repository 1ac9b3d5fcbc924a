//! People who may log in.

use miniman_log::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{AppError, AppStore, Role, SessionId, roles};

/// Users there may be: all of them are kept in memory, ~500 B each.
const USERS_MAX: usize = 1_000;

/// A user's row id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub i64);

/// A person with a name and a password.
#[derive(Debug, Clone)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    /// What the user's sight is limited to, one pattern a line; `None` without a limit.
    pub scope: Option<String>,
    /// Goes up when password, role or name change; what was granted under an older one has ended.
    pub generation: i64,
    /// PHC string, `$argon2id$…`; empty of an external user.
    pub password_hash: String,
    /// Who vouches and for whom, of an external user.
    pub identity: Option<(String, String)>,
    pub created: Timestamp,
    /// May not log in; what was granted has ended.
    pub disabled: bool,
}

/// What of a user is to be different; `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    pub role: Option<Role>,
    /// `Some(None)` takes the limit off.
    pub scope: Option<Option<String>>,
    pub disabled: Option<bool>,
}

/// What [`AppStore::add_user`] needs to know.
#[derive(Debug, Clone)]
pub struct NewUser<'a> {
    pub name: &'a str,
    pub password_hash: &'a str,
    pub role: Role,
    pub scope: Option<&'a str>,
}

impl AppStore {
    /// Adds a user.
    ///
    /// # Errors
    /// [`AppError::NameTaken`]; names differ by more than ASCII case. [`AppError::NoSuchRole`],
    /// [`AppError::ScopeOfManager`].
    pub fn add_user(&self, user: &NewUser<'_>, now: Timestamp) -> Result<User, AppError> {
        let connection = self.lock();
        insert(&connection, user, now)?;
        by_name(&connection, user.name)?.ok_or(AppError::NoSuchUser)
    }

    /// The user of that name, ASCII case aside.
    pub fn user_by_name(&self, name: &str) -> Result<Option<User>, AppError> {
        by_name(&self.lock(), name)
    }

    pub fn users(&self) -> Result<Vec<User>, AppError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY id"))?;
        statement.query_and_then([], read)?.collect()
    }

    /// Changes role and scope; everything granted before ends.
    ///
    /// # Errors
    /// As [`AppStore::change_user`].
    pub fn set_role(&self, id: UserId, role: &Role, scope: Option<&str>) -> Result<(), AppError> {
        let (role, scope) = (Some(role.clone()), Some(scope.map(str::to_owned)));
        self.change_user(id, &UserChange { role, scope, disabled: None }).map(drop)
    }

    /// Changes what is given; if anything is, everything granted before ends. Returns the user as it is then.
    ///
    /// # Errors
    /// [`AppError::NoSuchUser`], [`AppError::NoSuchRole`], [`AppError::ScopeOfManager`], [`AppError::LastAdmin`].
    pub fn change_user(&self, id: UserId, change: &UserChange) -> Result<User, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let before = by_id(&transaction, id)?.ok_or(AppError::NoSuchUser)?;
        let admin_before = before.role == Role::Admin && !before.disabled;
        let user = User {
            role: change.role.clone().unwrap_or(before.role),
            scope: change.scope.clone().unwrap_or(before.scope),
            disabled: change.disabled.unwrap_or(before.disabled),
            ..before
        };
        if *change == UserChange::default() {
            return Ok(user);
        }
        roles::check(&transaction, &user.role, user.scope.as_deref())?;
        transaction.execute(
            "UPDATE users SET role = ?2, scope = ?3, disabled = ?4, generation = generation + 1 WHERE id = ?1",
            params![id.0, user.role.as_str(), user.scope, user.disabled],
        )?;
        if admin_before {
            keep_an_admin(&transaction)?;
        }
        transaction.execute("DELETE FROM sessions WHERE user_id = ?1", [id.0])?;
        transaction.commit()?;
        Ok(user)
    }

    /// The user's own change of the password: all sessions but this one end, which has then proved it anew.
    pub fn change_password(
        &self,
        id: UserId,
        password_hash: &str,
        keep: SessionId,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        transaction
            .execute("UPDATE users SET password_hash = ?2 WHERE id = ?1", params![id.0, password_hash])?;
        transaction.execute("DELETE FROM sessions WHERE user_id = ?1 AND id != ?2", params![id.0, keep.0])?;
        transaction.execute("UPDATE sessions SET confirmed = ?2 WHERE id = ?1", params![keep.0, now.0])?;
        transaction.commit()?;
        Ok(())
    }

    /// Changes the password; every session of the user ends. External users have none.
    pub fn set_password(&self, id: UserId, password_hash: &str) -> Result<(), AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let changed = transaction.execute(
            "UPDATE users SET password_hash = ?2, generation = generation + 1 WHERE id = ?1 AND issuer IS NULL",
            params![id.0, password_hash],
        )?;
        if changed == 0 {
            return Err(AppError::NoSuchUser);
        }
        transaction.execute("DELETE FROM sessions WHERE user_id = ?1", [id.0])?;
        transaction.commit()?;
        Ok(())
    }

    /// Removes the user with all sessions and tokens, and returns who it was; operations and the audit keep the name.
    ///
    /// # Errors
    /// [`AppError::NoSuchUser`], [`AppError::LastAdmin`].
    pub fn remove_user(&self, id: UserId) -> Result<User, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let user = by_id(&transaction, id)?.ok_or(AppError::NoSuchUser)?;
        transaction.execute("DELETE FROM users WHERE id = ?1", [id.0])?;
        if user.role == Role::Admin && !user.disabled {
            keep_an_admin(&transaction)?;
        }
        transaction.commit()?;
        Ok(user)
    }

    pub fn user(&self, id: UserId) -> Result<Option<User>, AppError> {
        by_id(&self.lock(), id)
    }
}

pub(super) const SELECT: &str =
    "SELECT id, name, role, scope, generation, password_hash, created, issuer, subject, disabled FROM users";

/// Without an admin who may log in, nobody could ever manage anything again.
fn keep_an_admin(connection: &Connection) -> Result<(), AppError> {
    let admins: i64 = connection.query_row(
        "SELECT count(*) FROM users WHERE role = 'admin' AND NOT disabled",
        [],
        |row| row.get(0),
    )?;
    if admins == 0 { Err(AppError::LastAdmin) } else { Ok(()) }
}

fn by_id(connection: &Connection, id: UserId) -> Result<Option<User>, AppError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
    let mut rows = statement.query_and_then([id.0], read)?;
    rows.next().transpose()
}

pub(super) fn insert(connection: &Connection, user: &NewUser<'_>, now: Timestamp) -> Result<(), AppError> {
    let count: i64 =
        connection.query_row("SELECT count(*) FROM users WHERE issuer IS NULL", [], |row| row.get(0))?;
    if usize::try_from(count).is_ok_and(|count| count >= USERS_MAX) {
        return Err(AppError::TooMany { most: USERS_MAX });
    }
    roles::check(connection, &user.role, user.scope)?;
    let added = connection.execute(
        "INSERT INTO users (name, password_hash, role, scope, created) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name) DO NOTHING",
        params![user.name, user.password_hash, user.role.as_str(), user.scope, now.0],
    )?;
    if added == 0 { Err(AppError::NameTaken) } else { Ok(()) }
}

pub(super) fn by_name(connection: &Connection, name: &str) -> Result<Option<User>, AppError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE name = ?1"))?;
    let mut rows = statement.query_and_then([name], read)?;
    rows.next().transpose()
}

pub(super) fn admin_exists(connection: &Connection) -> Result<bool, AppError> {
    let found = connection
        .query_row("SELECT 1 FROM users WHERE role = 'admin' LIMIT 1", [], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

pub(super) fn read(row: &Row<'_>) -> Result<User, AppError> {
    let (issuer, subject): (Option<String>, Option<String>) = (row.get(7)?, row.get(8)?);
    Ok(User {
        identity: issuer.zip(subject),
        id: UserId(row.get(0)?),
        name: row.get(1)?,
        role: roles::read(&row.get::<_, String>(2)?)?,
        scope: row.get(3)?,
        generation: row.get(4)?,
        password_hash: row.get(5)?,
        created: Timestamp(row.get(6)?),
        disabled: row.get(9)?,
    })
}
