//! Users whom a provider or a proxy vouches for: which role their groups give them, and letting them in.
//!
//! No group, no role, no way in: who is not in a group that was named for a role stays outside, whoever vouches. They
//! are never taken for a local user of the same name.

use std::time::Duration;

use miniman_log::Timestamp;
use miniman_store::app::{AppError, ExternalUser, Role, User};

use super::{Accounts, AdmitError, AuthError};
#[cfg(feature = "oidc")]
use super::{Login, Origin};
use crate::audit::{Actor, AuditAction, AuditEvent, AuditOutcome};
use crate::peer::Peer;
use crate::principal::{Credential, Principal};

/// What a provider or proxy vouched for holds this long without being asked again.
pub(crate) const EXTERNAL_LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// Longest part of a user's name that is kept, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Longest identity that is taken, in bytes; OpenID Connect allows 255 for a subject.
const SUBJECT_BYTES_MAX: usize = 255;

/// Groups that give a role, in the order in which they are looked at: the first that somebody is in counts.
#[derive(Debug, Clone, Default)]
pub struct GroupRoles(pub Vec<(String, Role)>);

/// Somebody as they are vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vouched {
    /// What is put before the name: `oidc`, `proxy`.
    pub(crate) kind: &'static str,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) name: String,
    pub(crate) role: Role,
}

impl GroupRoles {
    pub(crate) fn role(&self, groups: &[impl AsRef<str>]) -> Option<Role> {
        let found = self.0.iter().find(|(group, _)| groups.iter().any(|name| name.as_ref() == group));
        found.map(|(_, role)| role.clone())
    }
}

impl Vouched {
    /// A name as it is shown: what is no letter of a local name is replaced, so that it can't look like markup,
    /// a path or two names; the colon keeps it apart from local ones.
    fn shown(&self) -> String {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '@' | '-');
        let name: String =
            self.name.chars().map(|c| if fits(c) { c } else { '_' }).take(NAME_BYTES_MAX).collect();
        format!("{}:{}", self.kind, if name.is_empty() { "_" } else { &name })
    }

    fn is_sound(&self) -> bool {
        !self.subject.is_empty() && self.subject.len() <= SUBJECT_BYTES_MAX
    }
}

impl Accounts {
    /// Starts a session for somebody whom a provider vouches for.
    ///
    /// # Errors
    /// [`AdmitError::Credentials`] when what it says can't be an identity.
    #[cfg(feature = "oidc")]
    pub(crate) async fn login_external(&self, from: Origin, vouched: Vouched) -> Result<Login, AdmitError> {
        let user = self.admit_external(vouched).await?;
        let event = AuditEvent::new(Actor::named(&user.name, from.peer), AuditAction::Login);
        if user.disabled {
            self.put_on_record(event.outcome(AuditOutcome::Refused)).await?;
            return Err(AdmitError::Credentials);
        }
        let login = self.start_session_for(user, &from, EXTERNAL_LIFETIME).await?;
        self.put_on_record(event).await?;
        Ok(login)
    }

    /// Puts on record that a provider's user was not let in.
    #[cfg(feature = "oidc")]
    pub(crate) async fn refused_external(&self, peer: Peer, why: &str) -> Result<(), AdmitError> {
        let event = AuditEvent::new(Actor::unknown(peer), AuditAction::Login);
        self.put_on_record(event.outcome(AuditOutcome::Refused).detail(why)).await
    }

    /// Who a proxy's request is from; asked for each of them, so it writes only at the first sight and when the role is
    /// another one now.
    ///
    /// # Errors
    /// [`AuthError::Invalid`].
    pub(super) async fn authenticate_vouched(
        &self,
        peer: Peer,
        vouched: Vouched,
    ) -> Result<Principal, AuthError> {
        let known = self.inner.rights().by_identity(&vouched.issuer, &vouched.subject);
        let known = known.filter(|known| known.told_role == vouched.role);
        let mut principal = match known {
            Some(known) => known.principal,
            None => {
                let identity = (vouched.issuer.clone(), vouched.subject.clone());
                let user = self.admit_external(vouched).await.map_err(|error| {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a proxy's user is not let in");
                    AuthError::Invalid
                })?;
                let event = AuditEvent::new(Actor::named(&user.name, peer), AuditAction::Login);
                let outcome = if user.disabled { AuditOutcome::Refused } else { AuditOutcome::Succeeded };
                let event = event.outcome(outcome);
                // Nobody is let in off the record.
                self.put_on_record(event).await.map_err(|_| AuthError::Invalid)?;
                let found = self.inner.rights().by_identity(&identity.0, &identity.1);
                found.ok_or(AuthError::Invalid)?.principal
            }
        };
        let now = self.inner.clock.now();
        principal.credential = Credential::Proxy;
        principal.expires_at = Some(Timestamp(now.0.saturating_add(EXTERNAL_LIFETIME.as_nanos() as i64)));
        principal.read_only = self.inner.read_only;
        Ok(principal)
    }

    async fn admit_external(&self, vouched: Vouched) -> Result<User, AdmitError> {
        if !vouched.is_sound() {
            return Err(AdmitError::Credentials);
        }
        let now = self.inner.clock.now();
        let admitted = self.try_change(move |store| {
            let name = vouched.shown();
            let Vouched { issuer, subject, role, .. } = &vouched;
            store.admit_external(&ExternalUser { issuer, subject, name: &name, role }, now)
        });
        admitted.await.map_err(|error: AppError| AdmitError::Store(error))
    }
}
