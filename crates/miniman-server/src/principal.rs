//! Who asks: the authenticated user behind a request or a socket.

use std::sync::{Arc, OnceLock};

use axum::extract::FromRequestParts;
use http::request::Parts;
use miniman_log::Timestamp;
pub use miniman_store::app::{Permission, Permissions, Role, SessionId, TokenId};

use crate::access::scope::Sight;
use crate::accounts::AuthError;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::state::AppState;

/// Who asks, and with which rights. Made by [`crate::Accounts`] only; a copy may be kept by a stream, which then asks
/// [`crate::Accounts::still_valid`] before each batch.
#[derive(Debug, Clone)]
pub struct Principal {
    pub user_id: i64,
    pub username: Arc<str>,
    /// For telling; what is allowed is in `permissions`. Of a token: its own unless its owner's allows less now.
    pub role: Role,
    /// Of a token: what both its and its owner's present role allow.
    pub(crate) permissions: Permissions,
    pub(crate) sight: Sight,
    pub credential: Credential,
    /// When the password was given last; of no meaning for a token.
    pub(crate) confirmed_at: Timestamp,
    /// When the session ends, or the token if it does.
    pub expires_at: Option<Timestamp>,
    /// Where the request comes from, for the audit; `None` where it is not known.
    pub peer: Option<Peer>,
    pub(crate) generation: i64,
    /// The server runs with `--read-only`: nobody acts.
    pub(crate) read_only: bool,
}

/// How the asker proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    Session(SessionId),
    Token {
        id: TokenId,
        name: Arc<str>,
    },
    /// A proxy says so, with every request.
    Proxy,
}

impl Principal {
    /// Who sends this request, and from where.
    ///
    /// # Errors
    /// As [`crate::Accounts::identify`].
    pub(crate) async fn of(parts: &Parts, state: &AppState) -> Result<Self, AuthError> {
        let mut principal = state.accounts.identify(parts).await?;
        principal.peer = Some(Peer::of(&parts.extensions));
        if let Some(asker) = parts.extensions.get::<Asker>() {
            asker.is(&principal);
        }
        Ok(principal)
    }

    /// The name kept with operations: the user's, and the token's if a program asked.
    pub fn who(&self) -> String {
        match &self.credential {
            Credential::Session(_) | Credential::Proxy => self.username.to_string(),
            Credential::Token { name, .. } => format!("{} (token {name})", self.username),
        }
    }
}

/// Put into each request by the gate, and filled when the request is found to be somebody's: so that the gate knows whom
/// a handler refused.
#[derive(Clone, Default)]
pub(crate) struct Asker(Arc<OnceLock<Principal>>);

impl Asker {
    fn is(&self, principal: &Principal) {
        // A handler asks once; what came first stays.
        drop(self.0.set(principal.clone()));
    }

    pub(crate) fn principal(&self) -> Option<&Principal> {
        self.0.get()
    }
}

/// A handler that takes a `Principal` answers 401 to everyone else.
impl FromRequestParts<AppState> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        Ok(Self::of(parts, state).await?)
    }
}
