//! The two ways in: the first admin by the setup link, and a login with name and password.

use std::error::Error;
use std::time::Duration;

use http::HeaderMap;
use miniman_log::Timestamp;
use miniman_store::app::{AppError, AppStore, NewSession, SecretHash, User};

use super::password::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use super::throttle::Throttled;
use super::{Accounts, Secret, browser};
use crate::audit::{Actor, AuditAction, AuditEvent, AuditOutcome};
use crate::peer::Peer;
use crate::principal::Principal;
use crate::problem::{Code, Problem};

/// Longest user name, in bytes.
const USERNAME_BYTES_MAX: usize = 64;

/// Where a login comes from, and what the browser calls itself.
#[derive(Debug, Clone)]
pub struct Origin {
    pub peer: Peer,
    pub(crate) browser: String,
}

/// A new session: who it is for, and the secret for the cookie.
pub struct Login {
    pub principal: Principal,
    pub(crate) secret: Secret,
}

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    /// The same for an unknown user and a wrong password.
    #[error("the user name or the password is wrong")]
    Credentials,
    #[error("too many tries; wait a moment")]
    Throttled { retry_after_s: u64 },
    #[error("the setup link is not valid any more; `miniman setup-link` prints a new one")]
    SetupToken,
    #[error("setup is already done")]
    SetupDone,
    #[error("{0}")]
    Unacceptable(#[from] Unacceptable),
    #[error("accounts")]
    Store(#[source] AppError),
    /// The audit could not be written.
    #[error("audit")]
    Record(Problem),
    #[error("passwords")]
    Password(#[source] super::password::PasswordError),
}

/// A user name or password that can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    #[error("a user name is 1 to {USERNAME_BYTES_MAX} of the characters A-Z a-z 0-9 . _ @ -")]
    Username,
    #[error("a password has at least {PASSWORD_CHARS_MIN} characters")]
    PasswordShort,
    #[error("a password has at most {PASSWORD_BYTES_MAX} bytes")]
    PasswordLong,
}

impl Login {
    /// How long the session lasts from now on.
    pub(crate) fn lifetime(&self, now: Timestamp) -> Duration {
        let left = self.principal.expires_at.map_or(0, |ends| ends.0.saturating_sub(now.0));
        Duration::from_nanos(u64::try_from(left).unwrap_or(0))
    }
}

impl Origin {
    pub(crate) fn of(peer: Peer, headers: &HeaderMap) -> Self {
        Self { peer, browser: browser(headers) }
    }
}

impl Accounts {
    /// Checks name and password and starts a session.
    ///
    /// # Errors
    /// [`AdmitError::Credentials`], after the same work whether the user exists or not; [`AdmitError::Throttled`].
    pub async fn login(&self, from: Origin, username: &str, password: String) -> Result<Login, AdmitError> {
        let peer = from.peer;
        if password.len() > PASSWORD_BYTES_MAX || username.len() > USERNAME_BYTES_MAX {
            return Err(AdmitError::Credentials);
        }
        let admitted = self.inner.throttle.admit(peer.key(), username).await.map_err(throttled)?;
        let name = username.to_owned();
        let user = self.read(move |store| store.user_by_name(&name)).await?;
        // An external user has none, and costs what an unknown one does.
        let local = user.as_ref().filter(|user| user.identity.is_none());
        let hash = local.map(|user| user.password_hash.clone());
        let right = self.inner.passwords.verify(password, hash).await;
        // Who is disabled is told no more than who is wrong.
        if !right || user.as_ref().is_some_and(|user| user.disabled) {
            let by = user.map_or_else(|| Actor::unknown(peer), |user| Actor::named(user.name, peer));
            self.put_on_record(AuditEvent::new(by, AuditAction::Login).outcome(AuditOutcome::Refused))
                .await?;
            return Err(AdmitError::Credentials);
        }
        let user = user.ok_or(AdmitError::Credentials)?;
        admitted.succeeded();
        let event = AuditEvent::new(Actor::named(&user.name, peer), AuditAction::Login);
        let login = self.start_session(user, &from).await?;
        self.put_on_record(event).await?;
        Ok(login)
    }

    /// Makes the first admin with the setup link's token and starts a session for them.
    ///
    /// # Errors
    /// The token is checked first, then consumed together with making the user: of two setups at once one gets
    /// [`AdmitError::SetupToken`] or [`AdmitError::SetupDone`].
    pub async fn setup(
        &self,
        from: Origin,
        token: &str,
        username: &str,
        password: String,
    ) -> Result<Login, AdmitError> {
        let peer = from.peer;
        let hash: SecretHash = Secret::parse(token).ok_or(AdmitError::SetupToken)?.hash();
        let admitted = self.inner.throttle.admit(peer.key(), "").await.map_err(throttled)?;
        let now = self.inner.clock.now();
        if self.read(move |store| store.admin_exists()).await? {
            return Err(AdmitError::SetupDone);
        }
        if !self.read(move |store| store.setup_token_valid(&hash, now)).await? {
            return Err(AdmitError::SetupToken);
        }
        check_username(username)?;
        check_password(&password)?;
        let password_hash = self.inner.passwords.hash(password).await.map_err(AdmitError::Password)?;
        let name = username.to_owned();
        let now = self.inner.clock.now();
        let user = self
            .try_change(move |store| store.consume_setup_token(&hash, &name, &password_hash, now))
            .await
            .map_err(|error| match error {
                AppError::SetupTokenInvalid => AdmitError::SetupToken,
                AppError::SetupDone => AdmitError::SetupDone,
                error => AdmitError::Store(error),
            })?;
        admitted.succeeded();
        let event = AuditEvent::new(Actor::named(&user.name, peer), AuditAction::Setup);
        let login = self.start_session(user, &from).await?;
        self.put_on_record(event).await?;
        Ok(login)
    }

    async fn start_session(&self, user: User, from: &Origin) -> Result<Login, AdmitError> {
        self.start_session_for(user, from, self.inner.session_lifetime).await
    }

    pub(super) async fn start_session_for(
        &self,
        user: User,
        from: &Origin,
        lifetime: Duration,
    ) -> Result<Login, AdmitError> {
        let secret = Secret::random();
        let hash = secret.hash();
        let now = self.inner.clock.now();
        let lifetime = i64::try_from(lifetime.as_nanos()).unwrap_or(i64::MAX);
        let expires = Timestamp(now.0.saturating_add(lifetime));
        let (address, browser) = (from.peer.0.ip().to_canonical().to_string(), from.browser.clone());
        let add = move |store: &AppStore| {
            let (address, browser) = (address.as_str(), browser.as_str());
            let new = NewSession { user_id: user.id, hash: &hash, expires, address, browser };
            store.add_session(&new, now)
        };
        self.try_change(add).await.map_err(AdmitError::Store)?;
        // Gone already when the user was removed in between.
        let principal = self.look_up(|rights| rights.by_session(&hash)).await;
        Ok(Login { principal: principal.map_err(|_| AdmitError::Credentials)?, secret })
    }

    /// # Errors
    /// Nobody is let in off the record.
    pub(super) async fn put_on_record(&self, event: AuditEvent) -> Result<(), AdmitError> {
        self.inner.audit.record(event).await.map_err(AdmitError::Record)
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&AppStore) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AdmitError> {
        let store = self.inner.store.clone();
        let read = tokio::task::spawn_blocking(move || read(&store)).await;
        read.unwrap_or(Err(AppError::Unreadable { what: "answer: MiniMan is stopping" }))
            .map_err(AdmitError::Store)
    }
}

/// What a new user may be called.
pub(super) fn check_username(username: &str) -> Result<(), Unacceptable> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'@' | b'-');
    let sound = (1..=USERNAME_BYTES_MAX).contains(&username.len()) && username.bytes().all(fits);
    if sound { Ok(()) } else { Err(Unacceptable::Username) }
}

/// What a new password may be.
pub(super) fn check_password(password: &str) -> Result<(), Unacceptable> {
    if password.len() > PASSWORD_BYTES_MAX {
        Err(Unacceptable::PasswordLong)
    } else if password.chars().count() < PASSWORD_CHARS_MIN {
        Err(Unacceptable::PasswordShort)
    } else {
        Ok(())
    }
}

pub(super) fn throttled(throttled: Throttled) -> AdmitError {
    AdmitError::Throttled { retry_after_s: throttled.retry_after_s }
}

impl From<AdmitError> for Problem {
    fn from(error: AdmitError) -> Self {
        let code = match &error {
            AdmitError::Credentials => Code::Unauthenticated,
            AdmitError::Throttled { retry_after_s } => {
                return Self::new(Code::Throttled, error.to_string()).retry_after(*retry_after_s);
            }
            AdmitError::SetupToken => Code::Forbidden,
            AdmitError::SetupDone => Code::Conflict,
            AdmitError::Unacceptable(_) => Code::BadRequest,
            AdmitError::Record(problem) => return problem.clone(),
            AdmitError::Store(_) | AdmitError::Password(_) => {
                return Self::internal(&error as &(dyn Error + 'static));
            }
        };
        Self::new(code, error.to_string())
    }
}
