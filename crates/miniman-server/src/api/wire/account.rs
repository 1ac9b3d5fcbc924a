//! Users, tokens and sessions. No secret is in any of them, but in [`CreatedToken`], once.

use miniman_store::app;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::principal::{Credential, Principal};

/// `GET /users`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Users {
    pub users: Vec<User>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    pub id: i64,
    pub name: String,
    /// `viewer`, `operator`, `admin` or an own role.
    pub role: String,
    /// What the user's sight is limited to; empty without a limit.
    pub scope: Vec<String>,
    /// May not log in, and tokens don't work.
    pub disabled: bool,
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When a session of theirs was used last, as far as one is left; to the minute.
    #[schema(required, format = DateTime)]
    pub last_seen_at: Option<String>,
    pub tokens: usize,
}

/// `POST /users`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    pub name: String,
    /// 8 characters or more.
    pub password: String,
    pub role: String,
    /// Patterns as in `local/stack:shop`; empty or left out without a limit.
    #[serde(default)]
    pub scope: Vec<String>,
}

/// `PUT /users/{id}`: what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    pub role: Option<String>,
    /// Empty: without a limit.
    pub scope: Option<Vec<String>>,
    pub disabled: Option<bool>,
    /// A new password.
    pub password: Option<String>,
}

/// `GET /tokens`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tokens {
    pub tokens: Vec<Token>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    pub id: i64,
    pub name: String,
    /// Whose it is.
    pub username: String,
    /// Whether it is the asker's.
    pub mine: bool,
    /// At most this, and at most what its owner may now.
    pub role: String,
    /// What its sight is limited to within its owner's; empty without a limit of its own.
    pub scope: Vec<String>,
    #[schema(format = DateTime)]
    pub created_at: String,
    /// From then on it does not work; null: until it is revoked.
    #[schema(required, format = DateTime)]
    pub expires_at: Option<String>,
    /// To the minute.
    #[schema(required, format = DateTime)]
    pub last_used_at: Option<String>,
}

/// `POST /tokens`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    pub name: String,
    pub role: String,
    #[serde(default)]
    pub scope: Vec<String>,
    /// A duration from now (`30d`) or a time; null or left out: until it is revoked.
    pub expires: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct CreatedToken {
    pub token: Token,
    /// `mm_…`; told here and never again.
    pub secret: String,
}

/// `GET /sessions`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    pub sessions: Vec<Session>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    pub id: i64,
    #[schema(format = DateTime)]
    pub created_at: String,
    /// To the minute.
    #[schema(format = DateTime)]
    pub last_seen_at: String,
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// Where the login came from.
    pub address: String,
    /// What the browser called itself at the login.
    pub browser: String,
    /// The one that asks.
    pub current: bool,
}

impl User {
    pub(crate) fn of(user: &app::User, tokens: &[app::ApiToken], sessions: &[app::Session]) -> Self {
        let seen = sessions.iter().filter(|session| session.user_id == user.id);
        Self {
            id: user.id.0,
            name: user.name.clone(),
            role: user.role.as_str().to_owned(),
            scope: patterns(user.scope.as_deref()),
            disabled: user.disabled,
            created_at: super::time(user.created),
            last_seen_at: seen.map(|session| session.last_seen).max().map(super::time),
            tokens: tokens.iter().filter(|token| token.user_id == user.id).count(),
        }
    }
}

impl Token {
    pub(crate) fn of(token: &app::ApiToken, owner: &app::User, asker: &Principal) -> Self {
        Self {
            id: token.id.0,
            name: token.name.clone(),
            username: owner.name.clone(),
            mine: owner.id.0 == asker.user_id,
            role: token.role.as_str().to_owned(),
            scope: patterns(token.scope.as_deref()),
            created_at: super::time(token.created),
            expires_at: token.expires.map(super::time),
            last_used_at: token.last_used.map(super::time),
        }
    }
}

impl Session {
    pub(crate) fn of(session: &app::Session, asker: &Principal) -> Self {
        Self {
            id: session.id.0,
            created_at: super::time(session.created),
            last_seen_at: super::time(session.last_seen),
            expires_at: super::time(session.expires),
            address: session.address.clone(),
            browser: session.browser.clone(),
            current: asker.credential == Credential::Session(session.id),
        }
    }
}

/// A stored scope has a pattern a line.
fn patterns(scope: Option<&str>) -> Vec<String> {
    scope.into_iter().flat_map(str::lines).map(str::to_owned).collect()
}
