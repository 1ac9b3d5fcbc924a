//! What the command line does to accounts, on the database itself: no server needs to run, and one that runs sees it
//! within half a second. Every call blocks.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use miniman_log::Timestamp;
use miniman_store::app::{AppError, AppStore, NewToken, NewUser, Role, User};

use super::Secret;
use super::admit::{Unacceptable, check_password, check_username};
use super::password::{self, PASSWORD_BYTES_MAX, PasswordError};
use crate::access::scope::{BadScope, Scope};
use crate::api::duration_nanos;
use crate::audit::{self, Actor, AuditAction, AuditEvent};
use crate::clock::Clock;

/// A setup link that was not used works this long.
pub const SETUP_LINK_LIFETIME: Duration = Duration::from_secs(3600);

/// Longest name of an API token, in bytes.
const TOKEN_NAME_BYTES_MAX: usize = 64;

/// Why the command line's wish about accounts was not done.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    #[error(transparent)]
    Unacceptable(#[from] Unacceptable),
    #[error("a token's name is 1 to {TOKEN_NAME_BYTES_MAX} bytes without control characters")]
    TokenName,
    #[error(transparent)]
    Scope(#[from] BadScope),
    #[error("a token expires after a time, as in 30d, or at one, as in 2027-01-31T00:00:00Z; got {0:?}")]
    Deadline(String),
    #[error("no such token; `miniman token list` shows them")]
    NoSuchToken,
    #[error("there is no admin yet; open the setup link first")]
    NoAdmin,
    #[error("read the password file {path}")]
    PasswordFile { path: String, source: std::io::Error },
    #[error("the password file {path} is no UTF-8 text of at most {PASSWORD_BYTES_MAX} bytes")]
    PasswordFileText { path: String },
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] AppError),
}

/// Makes a one-time link that sets up the first admin; an earlier link stops working. `base_url` has no trailing
/// slash. The token stands in the fragment, which no server, proxy or log ever sees.
///
/// # Errors
/// [`AppError::SetupDone`] once an admin exists.
pub fn create_setup_link(store: &AppStore, clock: &Clock, base_url: &str) -> Result<String, OfflineError> {
    let secret = Secret::random();
    let expires = Timestamp(clock.now().0.saturating_add(SETUP_LINK_LIFETIME.as_nanos() as i64));
    store.set_setup_token(&secret.hash(), expires)?;
    on_record(store, clock, AuditAction::SetupLink, "", "")?;
    Ok(format!("{base_url}/setup#{}", secret.text()))
}

/// What somebody is given: a role, and the patterns of a scope unless there is no limit.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    pub role: &'a Role,
    pub scope: &'a [String],
}

impl<'a> Given<'a> {
    /// The role without a limit.
    pub fn everywhere(role: &'a Role) -> Self {
        Self { role, scope: &[] }
    }

    pub(super) fn stored_scope(&self) -> Result<Option<String>, BadScope> {
        if self.scope.is_empty() {
            Ok(None)
        } else {
            Scope::parse(self.scope).map(|scope| Some(scope.stored()))
        }
    }
}

/// Adds a user.
///
/// # Errors
/// A taken or unacceptable name, a password that is too short, a role or scope that can't be given.
pub fn add_user(
    store: &AppStore,
    clock: &Clock,
    name: &str,
    password: &str,
    given: Given<'_>,
) -> Result<User, OfflineError> {
    let scope = given.stored_scope()?;
    check_username(name)?;
    check_password(password)?;
    let password_hash = password::hash(password)?;
    let (role, scope) = (given.role.clone(), scope.as_deref());
    let detail = rights_words(&role, scope, None);
    let user = store.add_user(&NewUser { name, password_hash: &password_hash, role, scope }, clock.now())?;
    on_record(store, clock, AuditAction::UserAdd, name, detail)?;
    Ok(user)
}

/// Gives a user another password; all sessions of the user end.
///
/// # Errors
/// [`AppError::NoSuchUser`], a password that is too short.
pub fn set_password(store: &AppStore, clock: &Clock, name: &str, password: &str) -> Result<(), OfflineError> {
    check_password(password)?;
    let user = store.user_by_name(name)?.ok_or(AppError::NoSuchUser)?;
    store.set_password(user.id, &password::hash(password)?)?;
    on_record(store, clock, AuditAction::UserPassword, &user.name, "")
}

/// Gives a user another role and scope; what was granted to them before ends.
///
/// # Errors
/// [`AppError::NoSuchUser`], [`AppError::LastAdmin`], a role or scope that can't be given.
pub fn set_role(store: &AppStore, clock: &Clock, name: &str, given: Given<'_>) -> Result<(), OfflineError> {
    let scope = given.stored_scope()?;
    let user = store.user_by_name(name)?.ok_or(AppError::NoSuchUser)?;
    store.set_role(user.id, given.role, scope.as_deref())?;
    on_record(
        store,
        clock,
        AuditAction::UserChange,
        &user.name,
        rights_words(given.role, scope.as_deref(), None),
    )
}

/// Removes a user with all sessions and tokens.
///
/// # Errors
/// [`AppError::NoSuchUser`], [`AppError::LastAdmin`].
pub fn remove_user(store: &AppStore, clock: &Clock, name: &str) -> Result<(), OfflineError> {
    let user = store.user_by_name(name)?.ok_or(AppError::NoSuchUser)?;
    store.remove_user(user.id)?;
    on_record(store, clock, AuditAction::UserRemove, &user.name, "")
}

/// What a new token is to be.
#[derive(Debug, Clone, Copy)]
pub struct TokenRequest<'a> {
    /// What it is for.
    pub name: &'a str,
    pub given: Given<'a>,
    pub expires: Option<Timestamp>,
}

impl TokenRequest<'_> {
    /// The scope as it is stored.
    pub(super) fn check(&self) -> Result<Option<String>, OfflineError> {
        let name = self.name;
        if name.is_empty() || name.len() > TOKEN_NAME_BYTES_MAX || name.chars().any(char::is_control) {
            return Err(OfflineError::TokenName);
        }
        Ok(self.given.stored_scope()?)
    }
}

/// When a token is to expire: a duration from now, or a time that is not past.
///
/// # Errors
/// [`OfflineError::Deadline`].
pub fn deadline(text: &str, now: Timestamp) -> Result<Timestamp, OfflineError> {
    let from_now = duration_nanos(text).map(|nanos| Timestamp(now.0.saturating_add(nanos)));
    let at = from_now.or_else(|| Timestamp::parse(text.as_bytes()));
    let wrong = || OfflineError::Deadline(text.chars().take(40).collect());
    at.filter(|at| *at > now).ok_or_else(wrong)
}

/// Revokes a token; what it opened ends within a second.
///
/// # Errors
/// [`OfflineError::NoSuchToken`].
pub fn revoke_token(store: &AppStore, clock: &Clock, id: i64) -> Result<(), OfflineError> {
    let token = store.tokens()?.into_iter().find(|token| token.id.0 == id);
    let token = token.ok_or(OfflineError::NoSuchToken)?;
    store.remove_token(token.id)?;
    on_record(store, clock, AuditAction::TokenRevoke, &token.name, "")
}

/// Makes an API token and returns its secret, which is kept nowhere. `owner` is a user's name; without one the token
/// belongs to the first admin.
///
/// # Errors
/// No such owner, a role above the owner's, or a scope that can't be given.
pub fn create_token(
    store: &AppStore,
    clock: &Clock,
    owner: Option<&str>,
    request: TokenRequest<'_>,
) -> Result<String, OfflineError> {
    let scope = request.check()?;
    let owner = match owner {
        Some(owner) => store.user_by_name(owner)?.ok_or(AppError::NoSuchUser)?,
        None => {
            let admin = store.users()?.into_iter().find(|user| user.role == Role::Admin);
            admin.ok_or(OfflineError::NoAdmin)?
        }
    };
    let secret = Secret::random();
    let new = NewToken {
        user_id: owner.id,
        name: request.name,
        role: request.given.role.clone(),
        scope: scope.as_deref(),
        expires: request.expires,
        hash: &secret.hash(),
    };
    store.add_token(&new, clock.now())?;
    let detail = rights_words(request.given.role, scope.as_deref(), request.expires);
    on_record(store, clock, AuditAction::TokenCreate, request.name, format!("of {}: {detail}", owner.name))?;
    Ok(secret.token())
}

/// What somebody is given, for the audit.
pub(super) fn rights_words(role: &Role, scope: Option<&str>, expires: Option<Timestamp>) -> String {
    let mut words = role.as_str().to_owned();
    if let Some(scope) = scope {
        words += &format!(" of {}", scope.lines().collect::<Vec<_>>().join(", "));
    }
    if let Some(expires) = expires {
        words += &format!(" until {expires}");
    }
    words
}

fn on_record(
    store: &AppStore,
    clock: &Clock,
    action: AuditAction,
    on: &str,
    detail: impl Into<String>,
) -> Result<(), OfflineError> {
    let event = AuditEvent::new(Actor::command_line(), action).on(on).detail(detail);
    Ok(audit::record(store, clock, &event)?)
}

/// Makes the first admin from `MINIMAN_ADMIN_USERNAME` and `MINIMAN_ADMIN_PASSWORD_FILE`, before serving. Does nothing
/// when an admin exists: a changed file changes no password.
///
/// # Errors
/// An unreadable file, an unacceptable name or password.
pub fn create_first_admin(
    store: &AppStore,
    clock: &Clock,
    name: &str,
    password_file: &Path,
) -> Result<Option<User>, OfflineError> {
    if store.admin_exists()? {
        return Ok(None);
    }
    check_username(name)?;
    let password = read_password_file(password_file)?;
    check_password(&password)?;
    let user = store.add_first_admin(name, &password::hash(&password)?, clock.now())?;
    if let Some(user) = &user {
        on_record(store, clock, AuditAction::Setup, &user.name, "")?;
    }
    Ok(user)
}

/// Reads a password from a file; one line end at the end is not part of it, as editors and `echo` put it there.
///
/// # Errors
/// The file can't be read, is longer than a password may be, or is no UTF-8.
pub fn read_password_file(path: &Path) -> Result<String, OfflineError> {
    let shown = || path.display().to_string();
    let mut text = String::new();
    // One byte more than the longest password and its line end shows that a file is too long without reading it all.
    let most = PASSWORD_BYTES_MAX as u64 + 3;
    let file =
        std::fs::File::open(path).map_err(|source| OfflineError::PasswordFile { path: shown(), source })?;
    file.take(most).read_to_string(&mut text).map_err(|source| match source.kind() {
        std::io::ErrorKind::InvalidData => OfflineError::PasswordFileText { path: shown() },
        _ => OfflineError::PasswordFile { path: shown(), source },
    })?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(OfflineError::PasswordFileText { path: shown() });
    }
    Ok(password.to_owned())
}
