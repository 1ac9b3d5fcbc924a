//! Who asks: the authenticated user behind a request or a socket.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use miniman_log::Timestamp;
pub use miniman_store::app::{Role, SessionId, TokenId};

use crate::problem::Problem;
use crate::state::AppState;

/// Who asks, and with which rights. Made by [`crate::Accounts`] only; a copy may be kept by a stream, which then asks
/// [`crate::Accounts::still_valid`] before each batch.
#[derive(Debug, Clone)]
pub struct Principal {
    pub user_id: i64,
    pub username: Arc<str>,
    /// Of a token: the lower of the token's and its owner's present role.
    pub role: Role,
    pub credential: Credential,
    /// When the session ends; tokens do not.
    pub expires_at: Option<Timestamp>,
    pub(crate) generation: i64,
    /// The server runs with `--read-only`: nobody acts.
    pub(crate) read_only: bool,
}

/// How the asker proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    Session(SessionId),
    Token { id: TokenId, name: Arc<str> },
}

impl Principal {
    /// The name kept with operations: the user's, and the token's if a program asked.
    pub fn who(&self) -> String {
        match &self.credential {
            Credential::Session(_) => self.username.to_string(),
            Credential::Token { name, .. } => format!("{} (token {name})", self.username),
        }
    }
}

/// A handler that takes a `Principal` answers 401 to everyone else.
impl FromRequestParts<AppState> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        Ok(state.accounts.authenticate(&parts.headers).await?)
    }
}
