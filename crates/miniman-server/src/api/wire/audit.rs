//! The audit's rows, for the API and for exports.

use miniman_store::app;
use serde::Serialize;
use utoipa::ToSchema;

/// `GET /audit`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Audit {
    /// Newest first.
    pub rows: Vec<AuditRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditRow {
    /// Counts up by one.
    pub id: i64,
    #[schema(format = DateTime)]
    pub at: String,
    /// The user's name as it was; ` (token NAME)` behind it when a program asked, `(unknown)` for who is no user.
    pub who: String,
    /// Where it came from; empty for the command line.
    pub address: String,
    /// `login`, `user.add`, `container.restart`.
    pub action: String,
    /// What it was done to.
    pub target: String,
    /// `asked`, `succeeded`, `failed` or `refused`.
    pub outcome: String,
    pub detail: String,
    /// SHA-256 over this row and the hash of the one before, in hexadecimal digits.
    pub hash: String,
}

impl AuditRow {
    pub fn of(row: &app::AuditRow) -> Self {
        Self {
            id: row.id,
            at: super::time(row.at),
            who: row.who.clone(),
            address: row.address.clone(),
            action: row.action.clone(),
            target: row.target.clone(),
            outcome: row.outcome.as_str().to_owned(),
            detail: row.detail.clone(),
            hash: crate::audit::hex(&row.hash),
        }
    }
}
