//! `GET /audit`: who did what, for whoever manages.

use axum::Json;
use axum::extract::{RawQuery, State};
use miniman_store::app::{AuditFilter, AuditOutcome};
use utoipa::IntoParams;

use super::parameters::Parameters;
use super::{blocking, problems, wire};
use crate::access::manage;
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

const LIMIT_DEFAULT: u64 = 100;
const LIMIT_MAX: u64 = 1_000;

/// Longest text that is looked for: names and addresses are shorter.
const TEXT_BYTES_MAX: usize = 200;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct AuditParameters {
    /// Stands somewhere in a row: a name, an address, a part of either. ASCII case aside.
    text: Option<String>,
    /// `login`, `user.add`; `user` for all that begin with `user.`.
    action: Option<String>,
    /// `asked`, `succeeded`, `failed` or `refused`.
    outcome: Option<String>,
    /// A time, or a duration before now.
    since: Option<String>,
    until: Option<String>,
    /// Only rows with an id below this: where the last page ended.
    before: Option<i64>,
    /// How many; 100 unless told, 1,000 at most.
    limit: Option<u64>,
}

/// Who did what, from where, and what became of it; newest first.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "accounts",
    params(AuditParameters),
    responses(
        (status = 200, description = "For whoever manages", body = wire::Audit),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden,
    )
)]
pub(crate) async fn audit(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::Audit>, Problem> {
    manage(&principal)?;
    let known = ["text", "action", "outcome", "since", "until", "before", "limit"];
    let given = Parameters::parse(raw.as_deref(), &known)?;
    let now = state.clock.now();
    let text = |name| {
        let short = |value: &str| (value.len() <= TEXT_BYTES_MAX).then(|| value.to_owned());
        given.parsed(name, &format!("a text of at most {TEXT_BYTES_MAX} bytes"), short)
    };
    let filter = AuditFilter {
        text: text("text")?.filter(|text| !text.is_empty()),
        action: text("action")?.filter(|action| !action.is_empty()),
        outcome: given.parsed("outcome", "asked, succeeded, failed or refused", AuditOutcome::parse)?,
        since: given.time("since", now)?,
        until: given.time("until", now)?,
        before: given.parsed("before", "a row's id", |value| value.parse().ok())?,
    };
    let limit = given.count("limit", LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    let store = state.store.clone();
    let rows = blocking(move || store.audit(&filter, limit as usize)).await?;
    Ok(Json(wire::Audit { rows: rows.iter().map(wire::AuditRow::of).collect() }))
}

#[cfg(test)]
mod tests;
