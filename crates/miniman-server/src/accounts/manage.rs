//! Changes of users, tokens and sessions over the API: each is checked, done, and on record before it is answered.
//!
//! Who may ask is decided before: [`crate::access::manage`] for users, and everybody for what is their own. Whoever asks
//! by a session has to have given the password not long ago, so that a browser left open, or a cookie read by another
//! site on the host, is not enough to make an account.

use std::time::Duration;

use miniman_log::Timestamp;
use miniman_store::app::{
    AppStore, NewToken, NewUser, SecretHash, SessionId, TokenId, User, UserChange, UserId,
};

use super::admit::{AdmitError, check_password, check_username};
use super::offline::{Given, OfflineError, TokenRequest};
use super::password::PASSWORD_BYTES_MAX;
use super::{Accounts, Secret, offline};
use crate::access;
use crate::access::scope::Scope;
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::peer::Peer;
use crate::principal::{Credential, Principal};
use crate::problem::{Code, Problem};

/// How long a session may change accounts and settings after its password was given.
pub const CONFIRMED_FOR: Duration = Duration::from_secs(600);

impl Accounts {
    /// Lets through whoever gave the password not long ago. API tokens are no browsers: they stand for themselves.
    ///
    /// # Errors
    /// `confirmation_required`.
    pub fn require_confirmed(&self, principal: &Principal) -> Result<(), Problem> {
        let Credential::Session(_) = principal.credential else { return Ok(()) };
        let since = self.inner.clock.now().0.saturating_sub(principal.confirmed_at.0);
        if since < CONFIRMED_FOR.as_nanos() as i64 {
            return Ok(());
        }
        Err(Problem::new(Code::ConfirmationRequired, "give your password once more to change this"))
    }

    /// Checks the asker's own password and notes that it was given.
    ///
    /// # Errors
    /// `wrong_password`, `throttled`; forbidden for a token.
    pub(crate) async fn confirm(&self, principal: &Principal, password: String) -> Result<(), Problem> {
        let session = own_session(principal)?;
        self.prove(principal, password, AuditAction::Confirm).await?;
        let now = self.inner.clock.now();
        self.change(move |store| store.confirm_session(session, now)).await?;
        self.inner.audit.record(AuditEvent::new(principal, AuditAction::Confirm)).await
    }

    /// Gives the asker another password. Their other sessions end; this one and their tokens stay.
    ///
    /// # Errors
    /// `wrong_password`, `throttled`, `bad_request` for one that can't be taken; forbidden for a token.
    pub(crate) async fn change_password(
        &self,
        principal: &Principal,
        old: String,
        new: String,
    ) -> Result<(), Problem> {
        let session = own_session(principal)?;
        check_password(&new).map_err(AdmitError::from)?;
        self.prove(principal, old, AuditAction::PasswordChange).await?;
        let hash = self.hash(new).await?;
        let (user, now) = (UserId(principal.user_id), self.inner.clock.now());
        self.change(move |store| store.change_password(user, &hash, session, now)).await?;
        self.inner.audit.record(AuditEvent::new(principal, AuditAction::PasswordChange)).await
    }

    /// # Errors
    /// `bad_request`, `conflict` for a name that is taken.
    pub(crate) async fn add_user(
        &self,
        by: &Principal,
        name: &str,
        password: String,
        given: Given<'_>,
    ) -> Result<User, Problem> {
        let scope = given.stored_scope().map_err(|error| Problem::bad_request(error.to_string()))?;
        check_username(name).map_err(AdmitError::from)?;
        check_password(&password).map_err(AdmitError::from)?;
        let hash = self.hash(password).await?;
        let (name, role, now) = (name.to_owned(), given.role.clone(), self.inner.clock.now());
        let add = move |store: &AppStore| {
            let new = NewUser { name: &name, password_hash: &hash, role, scope: scope.as_deref() };
            store.add_user(&new, now)
        };
        let user = self.try_change(add).await?;
        let event = AuditEvent::new(by, AuditAction::UserAdd).on(&user.name).detail(rights_of(&user));
        self.inner.audit.record(event).await?;
        Ok(user)
    }

    /// Changes role, scope or whether the user may log in at all, and the password if one is given. Whatever was granted
    /// to them before ends.
    ///
    /// # Errors
    /// `not_found`, `bad_request`, `conflict` when no admin would be left.
    pub(crate) async fn change_user(
        &self,
        by: &Principal,
        id: UserId,
        change: UserChange,
        password: Option<String>,
    ) -> Result<User, Problem> {
        let hash = match password {
            Some(password) => {
                check_password(&password).map_err(AdmitError::from)?;
                let user = self.read(move |store| store.user(id)).await?;
                if user.is_some_and(|user| user.identity.is_some()) {
                    return Err(Problem::bad_request(
                        "somebody else vouches for this user, who has no password here",
                    ));
                }
                Some(self.hash(password).await?)
            }
            None => None,
        };
        let (changes, resets) = (change != UserChange::default(), hash.is_some());
        let write = move |store: &AppStore| {
            let user = store.change_user(id, &change)?;
            match hash {
                Some(hash) => store.set_password(id, &hash).map(|()| user),
                None => Ok(user),
            }
        };
        let user = self.try_change(write).await?;
        if changes {
            let event = AuditEvent::new(by, AuditAction::UserChange).on(&user.name).detail(rights_of(&user));
            self.inner.audit.record(event).await?;
        }
        if resets {
            self.inner.audit.record(AuditEvent::new(by, AuditAction::UserPassword).on(&user.name)).await?;
        }
        Ok(user)
    }

    /// # Errors
    /// `not_found`, `conflict` when no admin would be left.
    pub(crate) async fn remove_user(&self, by: &Principal, id: UserId) -> Result<(), Problem> {
        let user = self.try_change(move |store| store.remove_user(id)).await?;
        self.inner.audit.record(AuditEvent::new(by, AuditAction::UserRemove).on(user.name)).await
    }

    /// Makes a token of the asker's own; its secret is told now and never again.
    ///
    /// # Errors
    /// `bad_request`; forbidden for a token, which could make itself another that outlives it.
    pub(crate) async fn create_token(
        &self,
        by: &Principal,
        request: TokenRequest<'_>,
    ) -> Result<(TokenId, Secret), Problem> {
        own_session(by)?;
        let scope = request.check().map_err(unacceptable)?;
        if let Some(scope) = &scope {
            access::narrow(by, &Scope::of_stored(scope))?;
        }
        let secret = Secret::random();
        let (hash, user_id): (SecretHash, _) = (secret.hash(), UserId(by.user_id));
        let (name, role, expires) = (request.name.to_owned(), request.given.role.clone(), request.expires);
        let now = self.inner.clock.now();
        let detail = offline::rights_words(&role, scope.as_deref(), expires);
        let add = move |store: &AppStore| {
            let new = NewToken { user_id, name: &name, role, scope: scope.as_deref(), expires, hash: &hash };
            store.add_token(&new, now)
        };
        let id = self.try_change(add).await?;
        let event = AuditEvent::new(by, AuditAction::TokenCreate).on(request.name).detail(detail);
        self.inner.audit.record(event).await?;
        Ok((id, secret))
    }

    /// Ends a token; everything that it opened ends within a second.
    pub(crate) async fn revoke_token(&self, by: &Principal, id: TokenId, name: &str) -> Result<(), Problem> {
        self.change(move |store| store.remove_token(id)).await?;
        self.inner.audit.record(AuditEvent::new(by, AuditAction::TokenRevoke).on(name)).await
    }

    /// Ends one of the asker's own sessions.
    ///
    /// # Errors
    /// `not_found`, for a foreign one too.
    pub(crate) async fn end_session(&self, by: &Principal, id: SessionId) -> Result<(), Problem> {
        let user = UserId(by.user_id);
        if !self.change(move |store| store.end_session(user, id)).await? {
            return Err(Problem::not_found("session"));
        }
        self.inner.audit.record(AuditEvent::new(by, AuditAction::SessionEnd).on("one session")).await
    }

    /// Ends all of the asker's sessions but the one that asks.
    pub(crate) async fn end_other_sessions(&self, by: &Principal) -> Result<(), Problem> {
        let session = own_session(by)?;
        let user = UserId(by.user_id);
        let ended = self.change(move |store| store.end_other_sessions(user, session)).await?;
        let on = format!("{ended} other sessions");
        self.inner.audit.record(AuditEvent::new(by, AuditAction::SessionEnd).on(on)).await
    }

    /// Throttled as logins are: a cookie alone must not be a way to guess at the password.
    async fn prove(&self, by: &Principal, password: String, action: AuditAction) -> Result<(), Problem> {
        let peer = by.peer.unwrap_or_else(|| Peer::of(&http::Extensions::new()));
        let admitted = self.inner.throttle.admit(peer.key(), &by.username).await;
        let admitted = admitted.map_err(super::admit::throttled)?;
        let id = UserId(by.user_id);
        let user = self.read(move |store| store.user(id)).await?;
        // Whom somebody else vouches for has no password here.
        let hash = user.filter(|user| user.identity.is_none()).map(|user| user.password_hash);
        if password.len() > PASSWORD_BYTES_MAX || !self.inner.passwords.verify(password, hash).await {
            let event = AuditEvent::new(by, action).outcome(AuditOutcome::Refused);
            self.inner.audit.record(event).await?;
            return Err(Problem::new(Code::WrongPassword, "the password is wrong"));
        }
        admitted.succeeded();
        Ok(())
    }

    async fn hash(&self, password: String) -> Result<String, Problem> {
        let hashed = self.inner.passwords.hash(password).await;
        hashed.map_err(|error| Problem::internal(&error))
    }
}

/// The session that asks.
///
/// # Errors
/// Forbidden for a token.
fn own_session(principal: &Principal) -> Result<SessionId, Problem> {
    match principal.credential {
        Credential::Session(id) => Ok(id),
        Credential::Token { .. } | Credential::Proxy => {
            Err(Problem::new(Code::Forbidden, "this needs a session of your own; log in with a password"))
        }
    }
}

fn rights_of(user: &User) -> String {
    let rights = offline::rights_words(&user.role, user.scope.as_deref(), None::<Timestamp>);
    if user.disabled { format!("{rights}, disabled") } else { rights }
}

fn unacceptable(error: OfflineError) -> Problem {
    match error {
        OfflineError::Store(error) => error.into(),
        error => Problem::bad_request(error.to_string()),
    }
}
