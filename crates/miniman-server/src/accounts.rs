//! Accounts: who is asking, logins, sessions and tokens.
//!
//! Owns the rights snapshot: users, live sessions and tokens in memory, so that authenticating a request and
//! rechecking a stream before each batch cost a lookup and never wait for the database. Each own write renews it at
//! once, another process' (`miniman token create`, `miniman user remove`) within [`FOREIGN_WRITES_EVERY`].
//!
//! It decides who asks, not what they may do with a container: that is [`crate::access`].

mod admit;
mod external;
mod manage;
pub mod offline;
mod password;
mod proxy;
mod rights;
mod roles;
mod secret;
mod session;
mod throttle;

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use http::{HeaderMap, header};
use miniman_log::Timestamp;
use miniman_store::app::{AppError, AppStore, SessionId, TokenId};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::audit::{Audit, AuditAction, AuditEvent};
use crate::clock::Clock;
use crate::config::ServerConfig;
use crate::cookie::{self, SessionCookie};
use crate::principal::{Credential, Principal};
use crate::problem::{Code, Problem};

pub use admit::{AdmitError, Login, Origin};
pub use external::GroupRoles;
#[cfg(feature = "oidc")]
pub(crate) use external::Vouched;
pub use manage::CONFIRMED_FOR;
pub use password::PASSWORD_CHARS_MIN;
pub use proxy::{ForwardAuth, ProxySecret};
pub(crate) use secret::Secret;
pub(crate) use session::browser;

use password::Passwords;
use rights::Rights;
use throttle::Throttle;

/// How often another process' writes are looked for: revoked rights must end within a second.
const FOREIGN_WRITES_EVERY: Duration = Duration::from_millis(400);

/// How often "last seen" and "last used" are written: at most one transaction a minute, whatever the traffic.
const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// Sessions end this long after the login, used or not, unless another time is configured.
pub const SESSION_LIFETIME_DEFAULT: Duration = Duration::from_secs(30 * 24 * 3600);

/// The accounts of this server; clones share everything.
#[derive(Clone)]
pub struct Accounts {
    inner: Arc<Inner>,
}

struct Inner {
    store: AppStore,
    clock: Clock,
    read_only: bool,
    config: External,
    session_lifetime: Duration,
    cookie: SessionCookie,
    rights: RwLock<Arc<Rights>>,
    /// Held while the snapshot is read and swapped, so that an older one never replaces a newer one.
    /// The value is the `foreign_writes` number it was read at.
    loading: Mutex<i64>,
    changes: watch::Sender<u64>,
    touched: Mutex<Touched>,
    audit: Audit,
    passwords: Passwords,
    throttle: Throttle,
}

/// Who else vouches for users.
struct External {
    forward_auth: Option<ForwardAuth>,
    group_roles: GroupRoles,
}

/// When what was last used, since it was last written. Bounded by the sessions and tokens there are.
#[derive(Default)]
struct Touched {
    sessions: std::collections::HashMap<SessionId, Timestamp>,
    tokens: std::collections::HashMap<TokenId, Timestamp>,
}

/// Accounts can't be loaded.
#[derive(Debug, thiserror::Error)]
#[error("read accounts")]
pub struct AccountsError(#[from] AppError);

/// Why a request has no principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("log in, or send an API token")]
    Missing,
    /// The same for unknown, expired and revoked.
    #[error("the session or token is not valid any more")]
    Invalid,
    /// Several cookies of our name: one was planted by another site on this host.
    #[error("the session cookie came more than once")]
    DuplicateCookie,
    /// Not `Bearer`, or more than one.
    #[error("the Authorization header is not a bearer token")]
    Malformed,
    /// It names a user, and shows no sound secret or not one user.
    #[error("the proxy names a user and did not prove itself, or names several")]
    Proxy,
}

impl Accounts {
    /// Reads all accounts and starts the task that keeps them fresh. Blocks on the database.
    pub(crate) fn load(
        store: AppStore,
        config: &ServerConfig,
        clock: Clock,
        audit: Audit,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> Result<Self, AccountsError> {
        let (changes, _) = watch::channel(0);
        let inner = Inner {
            store,
            read_only: config.read_only,
            config: External {
                forward_auth: config.forward_auth.clone(),
                group_roles: config.group_roles.clone(),
            },
            session_lifetime: config.session_lifetime(),
            cookie: SessionCookie::new(config.is_https(), &config.base_path),
            rights: RwLock::default(),
            loading: Mutex::new(i64::MIN),
            changes,
            touched: Mutex::default(),
            audit,
            passwords: Passwords::new(tasks.clone()),
            throttle: Throttle::default(),
            clock,
        };
        inner.reload()?;
        let accounts = Self { inner: Arc::new(inner) };
        tasks.spawn(accounts.clone().keep_fresh(shutdown));
        Ok(accounts)
    }

    /// Who sends this request: whom a bearer token names, else whom a proxy that proved itself names, else whom the session
    /// cookie names.
    ///
    /// # Errors
    /// As [`Accounts::authenticate`]; [`AuthError::Proxy`].
    pub async fn identify(&self, parts: &http::request::Parts) -> Result<Principal, AuthError> {
        if !parts.headers.contains_key(header::AUTHORIZATION)
            && let Some(principal) = self.authenticate_proxy(parts).await?
        {
            return Ok(principal);
        }
        self.authenticate(&parts.headers).await
    }

    /// Who sends these headers: a bearer token if there is an `Authorization`, else the session cookie.
    ///
    /// # Errors
    /// A bad token is refused even when a good cookie comes with it; duplicate cookies are refused.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Principal, AuthError> {
        let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
        match (authorizations.next(), authorizations.next()) {
            (None, _) => {}
            (Some(value), None) => {
                let token = value.to_str().ok().and_then(bearer).ok_or(AuthError::Malformed)?;
                return self.authenticate_token(token).await;
            }
            (Some(_), Some(_)) => return Err(AuthError::Malformed),
        }
        let secret =
            self.inner.cookie.read(headers).map_err(|cookie::Duplicate| AuthError::DuplicateCookie)?;
        self.authenticate_session(secret.ok_or(AuthError::Missing)?).await
    }

    /// Who holds this API token (`mm_…`), from a header or a Socket.IO `auth: {token}`.
    ///
    /// # Errors
    /// [`AuthError::Invalid`]; never look at the cookie instead.
    pub async fn authenticate_token(&self, token: &str) -> Result<Principal, AuthError> {
        let hash = Secret::parse_token(token).ok_or(AuthError::Invalid)?.hash();
        self.look_up(|rights| rights.by_token(&hash)).await
    }

    async fn authenticate_session(&self, secret: &str) -> Result<Principal, AuthError> {
        let hash = Secret::parse(secret).ok_or(AuthError::Invalid)?.hash();
        self.look_up(|rights| rights.by_session(&hash)).await
    }

    async fn look_up(&self, find: impl Fn(&Rights) -> Option<Principal>) -> Result<Principal, AuthError> {
        let mut found = find(&self.inner.rights());
        if found.is_none() {
            // It may have been made by another process a moment ago.
            self.refresh().await;
            found = find(&self.inner.rights());
        }
        let mut principal = found.ok_or(AuthError::Invalid)?;
        let now = self.inner.clock.now();
        if principal.expires_at.is_some_and(|expires| expires <= now) {
            return Err(AuthError::Invalid);
        }
        principal.read_only = self.inner.read_only;
        self.inner.touch(&principal.credential, now);
        Ok(principal)
    }

    /// Whether what was granted to this principal still holds: not revoked, expired, renamed or given another role.
    /// A lookup in memory; ask before each batch of a stream.
    pub fn still_valid(&self, principal: &Principal) -> bool {
        let rights = self.inner.rights();
        let now = match &principal.credential {
            Credential::Session(id) => rights.session(*id),
            Credential::Token { id, .. } => rights.token(*id),
            // Nobody but the proxy could say so again: what it said ends by the clock.
            Credential::Proxy if principal.expires_at.is_none_or(|at| at <= self.inner.clock.now()) => None,
            Credential::Proxy => rights.vouched(principal.user_id),
        };
        now.is_some_and(|now| {
            now.user_id == principal.user_id
                && now.generation == principal.generation
                && now.role == principal.role
                && now.permissions == principal.permissions
                && now.sight == principal.sight
                && now.expires_at.is_none_or(|expires| expires > self.inner.clock.now())
        })
    }

    /// Changes whenever anyone's rights may have: a stream that is idle waits on this to ask
    /// [`Accounts::still_valid`] again. Expiry is [`Principal::expires_at`]'s to watch.
    pub fn rights_changed(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }

    /// Whether no admin exists yet: then nothing but the setup answers.
    pub fn setup_needed(&self) -> bool {
        !self.inner.rights().admin_exists()
    }

    /// Ends the session behind this principal. A token's principal has none to end.
    ///
    /// # Errors
    /// The database's.
    pub async fn logout(&self, principal: &Principal) -> Result<(), Problem> {
        let Credential::Session(id) = principal.credential else { return Ok(()) };
        self.change(move |store| store.remove_session(id)).await?;
        self.inner.audit.record(AuditEvent::new(principal, AuditAction::Logout)).await
    }

    /// The cookie this server sets and reads.
    pub(crate) fn cookie(&self) -> &SessionCookie {
        &self.inner.cookie
    }

    /// Writes, then renews the snapshot, on the blocking pool.
    async fn change<T: Send + 'static>(
        &self,
        write: impl FnOnce(&AppStore) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.try_change(write).await.map_err(|error| Problem::internal(&error))
    }

    async fn try_change<T: Send + 'static>(
        &self,
        write: impl FnOnce(&AppStore) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let inner = self.inner.clone();
        let done = tokio::task::spawn_blocking(move || {
            let value = write(&inner.store)?;
            inner.reload()?;
            Ok(value)
        });
        match done.await {
            Ok(result) => result,
            // The closure does not panic; the runtime is going away.
            Err(_) => Err(AppError::Unreadable { what: "answer: MiniMan is stopping" }),
        }
    }

    /// Renews the snapshot now, where a test does not want to wait for the task that does.
    #[cfg(test)]
    pub(crate) fn reload_now(&self) {
        self.inner.reload().unwrap();
    }

    /// Renews the snapshot if another process has written.
    async fn refresh(&self) {
        let inner = self.inner.clone();
        let refreshed = tokio::task::spawn_blocking(move || inner.reload_if_foreign()).await;
        if let Ok(Err(error)) = refreshed {
            tracing::error!(error = &error as &dyn Error, "read accounts");
        }
    }

    async fn keep_fresh(self, shutdown: CancellationToken) {
        let mut last_touch = self.inner.clock.now();
        loop {
            tokio::select! {
                () = tokio::time::sleep(FOREIGN_WRITES_EVERY) => {}
                () = shutdown.cancelled() => break,
            }
            self.refresh().await;
            let now = self.inner.clock.now();
            if now.0.saturating_sub(last_touch.0) >= TOUCH_EVERY.as_nanos() as i64 {
                last_touch = now;
                self.write_touched().await;
            }
        }
        self.write_touched().await;
    }

    async fn write_touched(&self) {
        let inner = self.inner.clone();
        let written = tokio::task::spawn_blocking(move || {
            let touched = std::mem::take(&mut *inner.touched.lock().unwrap_or_else(PoisonError::into_inner));
            if touched.sessions.is_empty() && touched.tokens.is_empty() {
                return Ok(());
            }
            let sessions: Vec<_> = touched.sessions.into_iter().collect();
            let tokens: Vec<_> = touched.tokens.into_iter().collect();
            inner.store.touch(&sessions, &tokens)
        });
        if let Ok(Err(error)) = written.await {
            tracing::warn!(error = &error as &dyn Error, "note when sessions were last seen");
        }
    }
}

impl Inner {
    fn rights(&self) -> Arc<Rights> {
        self.rights.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn reload(&self) -> Result<(), AppError> {
        let mut read_at = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        self.reload_locked(&mut read_at)
    }

    fn reload_if_foreign(&self) -> Result<(), AppError> {
        let mut read_at = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if self.store.foreign_writes()? == *read_at {
            return Ok(());
        }
        self.reload_locked(&mut read_at)
    }

    fn reload_locked(&self, read_at: &mut i64) -> Result<(), AppError> {
        // Before the rows: a write in between is then seen again, not missed.
        let foreign_writes = self.store.foreign_writes()?;
        let rights = Rights::load(&self.store, self.clock.now())?;
        *self.rights.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rights);
        *read_at = foreign_writes;
        self.changes.send_modify(|changes| *changes += 1);
        Ok(())
    }

    fn touch(&self, credential: &Credential, now: Timestamp) {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        match credential {
            Credential::Session(id) => touched.sessions.insert(*id, now),
            Credential::Token { id, .. } => touched.tokens.insert(*id, now),
            Credential::Proxy => None,
        };
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        Self::new(Code::Unauthenticated, error.to_string())
    }
}

#[cfg(test)]
mod tests;
