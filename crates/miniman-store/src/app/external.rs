//! Users whom somebody else vouches for: an OpenID Connect provider, or a proxy that asks for logins itself.
//!
//! Who they are is the pair of who vouches and the name that it gives them, which it never gives to another. A local
//! user is never taken for one of them, whatever their names: local names hold no colon, these do, and no password
//! opens them.

use miniman_log::Timestamp;
use rusqlite::params;

use super::users::{SELECT, read};
use super::{AppError, AppStore, Role, User, roles};

/// Users that others vouch for: more than any team, and all of them are kept in memory.
pub const EXTERNAL_USERS_MAX: i64 = 10_000;

/// Names that are tried when several people are called the same.
const SAME_NAME_MAX: u32 = 100;

/// Somebody as they are vouched for now.
#[derive(Debug, Clone)]
pub struct ExternalUser<'a> {
    /// Who vouches: the provider's issuer.
    pub issuer: &'a str,
    /// Whom they vouch for: never given to anybody else.
    pub subject: &'a str,
    /// What they are to be called here, with a colon; another's name gets a number behind it.
    pub name: &'a str,
    pub role: &'a Role,
}

impl AppStore {
    /// The user as whom this one is known here, made at the first sight; with another role everything granted before
    /// ends.
    ///
    /// # Errors
    /// [`AppError::NoSuchRole`]; [`AppError::TooManyExternalUsers`].
    pub fn admit_external(&self, user: &ExternalUser<'_>, now: Timestamp) -> Result<User, AppError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let known = by_identity(&transaction, user)?;
        roles::check(&transaction, user.role, known.as_ref().and_then(|known| known.scope.as_deref()))?;
        match &known {
            Some(known) if known.role == *user.role => {}
            Some(known) => {
                transaction.execute(
                    "UPDATE users SET role = ?2, generation = generation + 1 WHERE id = ?1",
                    params![known.id.0, user.role.as_str()],
                )?;
                transaction.execute("DELETE FROM sessions WHERE user_id = ?1", [known.id.0])?;
            }
            None => add(&transaction, user, now)?,
        }
        let admitted = by_identity(&transaction, user)?.ok_or(AppError::NoSuchUser)?;
        transaction.commit()?;
        Ok(admitted)
    }
}

fn by_identity(connection: &rusqlite::Connection, user: &ExternalUser<'_>) -> Result<Option<User>, AppError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE issuer = ?1 AND subject = ?2"))?;
    let mut rows = statement.query_and_then([user.issuer, user.subject], read)?;
    rows.next().transpose()
}

fn add(connection: &rusqlite::Connection, user: &ExternalUser<'_>, now: Timestamp) -> Result<(), AppError> {
    let count: i64 =
        connection.query_row("SELECT count(*) FROM users WHERE issuer IS NOT NULL", [], |row| row.get(0))?;
    if count >= EXTERNAL_USERS_MAX {
        return Err(AppError::TooManyExternalUsers);
    }
    for number in 1..=SAME_NAME_MAX {
        let name = if number == 1 { user.name.to_owned() } else { format!("{}~{number}", user.name) };
        let added = connection.execute(
            "INSERT INTO users (name, password_hash, role, created, issuer, subject)
             VALUES (?1, '', ?2, ?3, ?4, ?5) ON CONFLICT (name) DO NOTHING",
            params![name, user.role.as_str(), now.0, user.issuer, user.subject],
        )?;
        if added > 0 {
            return Ok(());
        }
    }
    Err(AppError::NameTaken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, AppStore) {
        let dir = tempfile::tempdir().unwrap();
        let store = AppStore::open(dir.path()).unwrap();
        (dir, store)
    }

    fn ada<'a>(issuer: &'a str, subject: &'a str, role: &'a Role) -> ExternalUser<'a> {
        ExternalUser { issuer, subject, name: "oidc:ada", role }
    }

    #[test]
    fn the_same_pair_is_the_same_user_and_another_is_not() {
        let (_dir, store) = store();
        let admit = |issuer, subject| {
            store.admit_external(&ada(issuer, subject, &Role::Viewer), Timestamp(1)).unwrap()
        };
        let first = admit("https://a", "1");
        assert_eq!((first.name.as_str(), first.identity.is_some()), ("oidc:ada", true));
        assert_eq!(admit("https://a", "1").id, first.id);
        assert_eq!(admit("https://a", "2").name, "oidc:ada~2");
        assert_eq!(admit("https://b", "1").name, "oidc:ada~3");
    }

    #[test]
    fn another_role_ends_what_was_granted() {
        let (_dir, store) = store();
        let admit = |role| store.admit_external(&ada("https://a", "1", &role), Timestamp(1)).unwrap();
        let before = admit(Role::Operator);
        assert_eq!(admit(Role::Operator).generation, before.generation);
        let after = admit(Role::Viewer);
        assert_eq!((after.role, after.generation), (Role::Viewer, before.generation + 1));
    }

    #[test]
    fn a_role_that_there_is_none_of_is_refused_and_a_password_is_never_set() {
        let (_dir, store) = store();
        let none = Role::Own("none".into());
        assert!(matches!(
            store.admit_external(&ada("https://a", "1", &none), Timestamp(1)),
            Err(AppError::NoSuchRole)
        ));
        let user = store.admit_external(&ada("https://a", "1", &Role::Viewer), Timestamp(1)).unwrap();
        assert!(matches!(store.set_password(user.id, "$argon2id$"), Err(AppError::NoSuchUser)));
    }
}
