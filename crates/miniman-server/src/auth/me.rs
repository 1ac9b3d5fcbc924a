//! `GET /api/v1/me`: who the asker is and may do.

use axum::Json;
use serde::Serialize;

use crate::principal::{Permission, Principal};

/// The asker, as the page needs to know them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Me {
    pub(crate) username: String,
    /// `viewer`, `operator`, `admin` or an own role.
    pub(crate) role: String,
    /// Of `see_logs`, `see_details`, `see_environment`, `act`, `kill`, `remove`, `export`, `manage`: what the asker may do
    /// now.
    pub(crate) permissions: Vec<&'static str>,
    /// What the asker's sight is limited to: each list has to have a pattern that fits. Empty without a limit.
    pub(crate) scopes: Vec<Vec<String>>,
    /// RFC 3339; null for a token without an end.
    pub(crate) session_expires_at: Option<String>,
}

impl Me {
    pub(crate) fn of(principal: &Principal) -> Self {
        let acts = |permission| matches!(permission, Permission::Act | Permission::Kill | Permission::Remove);
        let permissions = principal.permissions.iter();
        let permissions = permissions.filter(|permission| !(principal.read_only && acts(*permission)));
        Self {
            username: principal.username.to_string(),
            role: principal.role.as_str().to_owned(),
            permissions: permissions.map(Permission::as_str).collect(),
            scopes: principal.sight.texts(),
            session_expires_at: principal.expires_at.map(|expires| expires.to_string()),
        }
    }
}

pub(super) async fn me(principal: Principal) -> Json<Me> {
    Json(Me::of(&principal))
}
