//! `GET /api/v1/me`: who the asker is and may do.

use axum::Json;
use serde::Serialize;

use crate::access::role_for;
use crate::principal::{Principal, Role};
use miniman_engine::Action;

/// The asker, as the page needs to know them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Me {
    pub(crate) username: String,
    /// `viewer`, `operator` or `admin`.
    pub(crate) role: &'static str,
    /// Of `see_logs`, `act`, `remove`, `manage`.
    pub(crate) permissions: Vec<&'static str>,
    /// RFC 3339; null for a token.
    pub(crate) session_expires_at: Option<String>,
}

impl Me {
    pub(crate) fn of(principal: &Principal) -> Self {
        let acts = |action| principal.role >= role_for(action) && !principal.read_only;
        let mut permissions = vec!["see_logs"];
        if acts(Action::Restart) {
            permissions.push("act");
        }
        if acts(Action::Remove) {
            permissions.push("remove");
        }
        if principal.role >= Role::Admin {
            permissions.push("manage");
        }
        Self {
            username: principal.username.to_string(),
            role: principal.role.as_str(),
            permissions,
            session_expires_at: principal.expires_at.map(|expires| expires.to_string()),
        }
    }
}

pub(super) async fn me(principal: Principal) -> Json<Me> {
    Json(Me::of(&principal))
}
