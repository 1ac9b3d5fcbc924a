//! Roles and what they allow.

use miniman_store::app::{OwnRole, Permission, Permissions, Role as StoredRole};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A set of permissions with a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Role {
    pub name: String,
    /// `viewer`, `operator` and `admin` are, and can't be changed.
    pub built_in: bool,
    pub permissions: Vec<PermissionWord>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Roles {
    /// The built-in ones first. Those that allow no more than the asker has; all of them for who manages.
    pub roles: Vec<Role>,
}

/// What may be allowed: `see_logs` (that a container exists, its state and log), `see_details` (mounts, networks,
/// limits), `see_environment` (secrets masked), `act` (start, stop, restart, pause, unpause), `kill`, `remove`, `export`
/// (downloads), `manage` (settings, users, roles).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PermissionWord {
    SeeLogs,
    SeeDetails,
    SeeEnvironment,
    Act,
    Kill,
    Remove,
    Export,
    Manage,
}

/// A role to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleBody {
    /// 1 to 64 of `a-z 0-9 . _ -`.
    pub name: String,
    pub permissions: Vec<PermissionWord>,
}

/// What a role is to allow.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermissionsBody {
    pub permissions: Vec<PermissionWord>,
}

impl Role {
    pub(crate) fn own(role: &OwnRole) -> Self {
        Self { name: role.name.to_string(), built_in: false, permissions: words(role.permissions) }
    }

    /// `None` for an own one.
    pub(crate) fn built_in(role: &StoredRole) -> Option<Self> {
        let permissions = words(role.built_in_permissions()?);
        Some(Self { name: role.as_str().to_owned(), built_in: true, permissions })
    }
}

fn words(permissions: Permissions) -> Vec<PermissionWord> {
    permissions.iter().map(PermissionWord::from).collect()
}

macro_rules! words {
    ($($name:ident),+) => {
        impl From<Permission> for PermissionWord {
            fn from(permission: Permission) -> Self {
                match permission { $(Permission::$name => Self::$name),+ }
            }
        }

        impl From<PermissionWord> for Permission {
            fn from(word: PermissionWord) -> Self {
                match word { $(PermissionWord::$name => Self::$name),+ }
            }
        }
    };
}

words!(SeeLogs, SeeDetails, SeeEnvironment, Act, Kill, Remove, Export, Manage);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_called_on_the_wire_as_they_are_stored() {
        for permission in Permission::ALL {
            let word = serde_json::to_value(PermissionWord::from(permission)).unwrap();
            assert_eq!(word, permission.as_str());
        }
    }
}
