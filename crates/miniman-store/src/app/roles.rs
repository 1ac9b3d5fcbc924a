//! Roles: the three that are built in, and own ones as sets of permissions.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::{AppError, AppStore, Permission, Permissions};

/// Own roles there may be: more than a team tells apart, and all of them are kept in memory.
pub const ROLES_MAX: usize = 100;

/// Longest name of an own role, in bytes.
pub const ROLE_NAME_BYTES_MAX: usize = 64;

/// A set of permissions with a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sees logs.
    Viewer,
    /// Also starts, stops and restarts.
    Operator,
    /// Also removes containers and manages MiniMan.
    Admin,
    /// One of [`AppStore::roles`].
    Own(Arc<str>),
}

/// An own role as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRole {
    pub name: Arc<str>,
    pub permissions: Permissions,
}

impl Role {
    pub const BUILT_IN: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    pub fn as_str(&self) -> &str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Own(name) => name,
        }
    }

    /// `None` for what can't be a role's name: those are 1 to 64 of `a-z 0-9 . _ -`.
    pub fn parse(text: &str) -> Option<Self> {
        let built_in = Self::BUILT_IN.into_iter().find(|role| role.as_str() == text);
        let fits = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
        };
        let sound = (1..=ROLE_NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(fits);
        built_in.or_else(|| sound.then(|| Self::Own(text.into())))
    }

    /// What a built-in role allows; `None` for an own one.
    pub fn built_in_permissions(&self) -> Option<Permissions> {
        let viewer = [Permission::SeeLogs, Permission::SeeDetails, Permission::Export];
        match self {
            Self::Viewer => Some(viewer.into_iter().collect()),
            Self::Operator => Some(viewer.into_iter().chain([Permission::Act, Permission::Kill]).collect()),
            Self::Admin => Some(Permissions::all()),
            Self::Own(_) => None,
        }
    }
}

impl AppStore {
    /// Own roles by name.
    pub fn roles(&self) -> Result<Vec<OwnRole>, AppError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached("SELECT name, permissions FROM roles ORDER BY name")?;
        let read = |row: &rusqlite::Row<'_>| {
            let (name, permissions): (String, String) = (row.get(0)?, row.get(1)?);
            Ok(OwnRole { name: name.into(), permissions: Permissions::of_stored(&permissions) })
        };
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// Adds an own role.
    ///
    /// # Errors
    /// [`AppError::NameTaken`], by a built-in role too; [`AppError::TooManyRoles`].
    pub fn add_role(&self, role: &OwnRole) -> Result<(), AppError> {
        if !matches!(Role::parse(&role.name), Some(Role::Own(_))) {
            return Err(AppError::NameTaken);
        }
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let count: i64 = transaction.query_row("SELECT count(*) FROM roles", [], |row| row.get(0))?;
        if usize::try_from(count).is_ok_and(|count| count >= ROLES_MAX) {
            return Err(AppError::TooManyRoles);
        }
        let added = transaction.execute(
            "INSERT INTO roles (name, permissions) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
            params![&*role.name, role.permissions.stored()],
        )?;
        transaction.commit()?;
        if added == 0 { Err(AppError::NameTaken) } else { Ok(()) }
    }

    /// Changes what an own role allows.
    ///
    /// # Errors
    /// [`AppError::NoSuchRole`]; [`AppError::ScopeOfManager`] when it would let somebody with a scope manage.
    pub fn change_role(&self, role: &OwnRole) -> Result<(), AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        if role.permissions.contains(Permission::Manage) {
            let scoped: bool = transaction.query_row(
                "SELECT EXISTS (SELECT 1 FROM users WHERE role = ?1 AND scope IS NOT NULL)",
                [&*role.name],
                |row| row.get(0),
            )?;
            if scoped {
                return Err(AppError::ScopeOfManager);
            }
        }
        let changed = transaction.execute(
            "UPDATE roles SET permissions = ?2 WHERE name = ?1",
            params![&*role.name, role.permissions.stored()],
        )?;
        transaction.commit()?;
        if changed == 0 { Err(AppError::NoSuchRole) } else { Ok(()) }
    }

    /// Removes an own role that nobody has.
    ///
    /// # Errors
    /// [`AppError::NoSuchRole`], [`AppError::RoleInUse`].
    pub fn remove_role(&self, name: &str) -> Result<(), AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let used: bool = transaction.query_row(
            "SELECT EXISTS (SELECT 1 FROM users WHERE role = ?1) OR EXISTS (SELECT 1 FROM tokens WHERE role = ?1)",
            [name],
            |row| row.get(0),
        )?;
        if used {
            return Err(AppError::RoleInUse);
        }
        let removed = transaction.execute("DELETE FROM roles WHERE name = ?1", [name])?;
        transaction.commit()?;
        if removed == 0 { Err(AppError::NoSuchRole) } else { Ok(()) }
    }
}

/// What a role allows now.
///
/// # Errors
/// [`AppError::NoSuchRole`].
pub(super) fn permissions(connection: &Connection, role: &Role) -> Result<Permissions, AppError> {
    if let Some(permissions) = role.built_in_permissions() {
        return Ok(permissions);
    }
    let stored: Option<String> = connection
        .query_row("SELECT permissions FROM roles WHERE name = ?1", [role.as_str()], |row| row.get(0))
        .optional()?;
    stored.map(|text| Permissions::of_stored(&text)).ok_or(AppError::NoSuchRole)
}

/// Whether the role may be given together with this scope.
///
/// # Errors
/// [`AppError::NoSuchRole`]; [`AppError::ScopeOfManager`]: who manages users could take any scope off.
pub(super) fn check(connection: &Connection, role: &Role, scope: Option<&str>) -> Result<(), AppError> {
    let permissions = permissions(connection, role)?;
    if scope.is_some() && permissions.contains(Permission::Manage) {
        return Err(AppError::ScopeOfManager);
    }
    Ok(())
}

pub(super) fn read(text: &str) -> Result<Role, AppError> {
    Role::parse(text).ok_or(AppError::Unreadable { what: "role" })
}
