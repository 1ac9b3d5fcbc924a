//! The snapshot that requests are authenticated against.

use std::collections::HashMap;
use std::sync::Arc;

use miniman_log::Timestamp;
use miniman_store::app::{
    AppError, AppStore, Permission, Permissions, Role, SecretHash, SessionId, TokenId, User, UserId,
};

use crate::access::scope::{Scope, Sight};
use crate::principal::{Credential, Principal};

/// All users', sessions' and tokens' rights at one moment.
#[derive(Default)]
pub(super) struct Rights {
    sessions: HashMap<SecretHash, Principal>,
    tokens: HashMap<SecretHash, Principal>,
    session_hashes: HashMap<SessionId, SecretHash>,
    token_hashes: HashMap<TokenId, SecretHash>,
    /// Users whom others vouch for, by who vouches and for whom.
    vouched: HashMap<(String, String), Vouched>,
    vouched_ids: HashMap<i64, (String, String)>,
    admin_exists: bool,
}

/// An external user's rights, without a credential.
#[derive(Clone)]
pub(super) struct Vouched {
    pub(super) principal: Principal,
    /// The role that was given at the last login, which the present one is compared with.
    pub(super) told_role: Role,
}

impl Rights {
    pub(super) fn load(store: &AppStore, now: Timestamp) -> Result<Self, AppError> {
        let users: HashMap<UserId, User> =
            store.users()?.into_iter().filter(|user| !user.disabled).map(|user| (user.id, user)).collect();
        let mut rights =
            Self { admin_exists: users.values().any(|user| user.role == Role::Admin), ..Self::default() };
        let names: HashMap<UserId, Arc<str>> =
            users.iter().map(|(id, user)| (*id, Arc::from(user.name.as_str()))).collect();
        let own: HashMap<Arc<str>, Permissions> =
            store.roles()?.into_iter().map(|role| (role.name, role.permissions)).collect();
        let allowed = |role: &Role| match role {
            Role::Own(name) => own.get(name).copied().unwrap_or_default(),
            built_in => built_in.built_in_permissions().unwrap_or_default(),
        };
        let principal = |user: &User, grant: Grant, credential, expires_at| Principal {
            user_id: user.id.0,
            username: names[&user.id].clone(),
            permissions: grant.permissions(),
            role: grant.role,
            sight: grant.sight,
            credential,
            expires_at,
            confirmed_at: Timestamp(0),
            peer: None,
            generation: user.generation,
            read_only: false,
        };
        for session in store.sessions(now)? {
            let Some(user) = users.get(&session.user_id) else { continue };
            let credential = Credential::Session(session.id);
            rights.session_hashes.insert(session.id, session.hash);
            let expires = Some(session.expires);
            let grant =
                Grant { role: user.role.clone(), allowed: allowed(&user.role), sight: sight([&user.scope]) };
            let confirmed_at = session.confirmed;
            let principal = Principal { confirmed_at, ..principal(user, grant, credential, expires) };
            rights.sessions.insert(session.hash, principal);
        }
        for token in store.tokens()? {
            let Some(user) = users.get(&token.user_id) else { continue };
            let credential = Credential::Token { id: token.id, name: token.name.into() };
            rights.token_hashes.insert(token.id, token.hash);
            // A token never has more than its owner has now.
            let (of_owner, of_token) = (allowed(&user.role), allowed(&token.role));
            let role = if of_token.within(of_owner) { token.role } else { user.role.clone() };
            let sight = sight([&user.scope, &token.scope]);
            let grant = Grant { role, allowed: of_token.and(of_owner), sight };
            rights.tokens.insert(token.hash, principal(user, grant, credential, token.expires));
        }
        for user in users.values() {
            let Some(identity) = user.identity.clone() else { continue };
            let grant =
                Grant { role: user.role.clone(), allowed: allowed(&user.role), sight: sight([&user.scope]) };
            let principal = principal(user, grant, Credential::Proxy, None);
            rights.vouched_ids.insert(user.id.0, identity.clone());
            rights.vouched.insert(identity, Vouched { principal, told_role: user.role.clone() });
        }
        Ok(rights)
    }

    pub(super) fn by_identity(&self, issuer: &str, subject: &str) -> Option<Vouched> {
        self.vouched.get(&(issuer.to_owned(), subject.to_owned())).cloned()
    }

    pub(super) fn vouched(&self, user_id: i64) -> Option<&Principal> {
        self.vouched.get(self.vouched_ids.get(&user_id)?).map(|vouched| &vouched.principal)
    }

    pub(super) fn by_session(&self, hash: &SecretHash) -> Option<Principal> {
        self.sessions.get(hash).cloned()
    }

    pub(super) fn by_token(&self, hash: &SecretHash) -> Option<Principal> {
        self.tokens.get(hash).cloned()
    }

    pub(super) fn session(&self, id: SessionId) -> Option<&Principal> {
        self.sessions.get(self.session_hashes.get(&id)?)
    }

    pub(super) fn token(&self, id: TokenId) -> Option<&Principal> {
        self.tokens.get(self.token_hashes.get(&id)?)
    }

    pub(super) fn admin_exists(&self) -> bool {
        self.admin_exists
    }
}

/// What somebody has by role and scope.
struct Grant {
    role: Role,
    allowed: Permissions,
    sight: Sight,
}

impl Grant {
    /// Who sees only a part manages nothing: settings, users and roles are about the whole.
    fn permissions(&self) -> Permissions {
        if self.sight.is_limited() { self.allowed.without(Permission::Manage) } else { self.allowed }
    }
}

fn sight<'a>(stored: impl IntoIterator<Item = &'a Option<String>>) -> Sight {
    let scopes: Vec<_> = stored.into_iter().flatten().map(|text| Scope::of_stored(text)).collect();
    if scopes.is_empty() { Sight::everything() } else { Sight::within(scopes) }
}
