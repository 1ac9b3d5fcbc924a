//! The snapshot that requests are authenticated against.

use std::collections::HashMap;
use std::sync::Arc;

use miniman_log::Timestamp;
use miniman_store::app::{AppError, AppStore, Role, SecretHash, SessionId, TokenId, User, UserId};

use crate::principal::{Credential, Principal};

/// All users', sessions' and tokens' rights at one moment.
#[derive(Default)]
pub(super) struct Rights {
    sessions: HashMap<SecretHash, Principal>,
    tokens: HashMap<SecretHash, Principal>,
    session_hashes: HashMap<SessionId, SecretHash>,
    token_hashes: HashMap<TokenId, SecretHash>,
    admin_exists: bool,
}

impl Rights {
    pub(super) fn load(store: &AppStore, now: Timestamp) -> Result<Self, AppError> {
        let users: HashMap<UserId, User> = store.users()?.into_iter().map(|user| (user.id, user)).collect();
        let mut rights =
            Self { admin_exists: users.values().any(|user| user.role == Role::Admin), ..Self::default() };
        let names: HashMap<UserId, Arc<str>> =
            users.iter().map(|(id, user)| (*id, Arc::from(user.name.as_str()))).collect();
        let principal = |user: &User, role, credential, expires_at| Principal {
            user_id: user.id.0,
            username: names[&user.id].clone(),
            role,
            credential,
            expires_at,
            generation: user.generation,
            read_only: false,
        };
        for session in store.sessions(now)? {
            let Some(user) = users.get(&session.user_id) else { continue };
            let credential = Credential::Session(session.id);
            rights.session_hashes.insert(session.id, session.hash);
            let expires = Some(session.expires);
            rights.sessions.insert(session.hash, principal(user, user.role, credential, expires));
        }
        for token in store.tokens()? {
            let Some(user) = users.get(&token.user_id) else { continue };
            let credential = Credential::Token { id: token.id, name: token.name.into() };
            rights.token_hashes.insert(token.id, token.hash);
            // A token never has more than its owner has now.
            let role = token.role.min(user.role);
            rights.tokens.insert(token.hash, principal(user, role, credential, None));
        }
        Ok(rights)
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
