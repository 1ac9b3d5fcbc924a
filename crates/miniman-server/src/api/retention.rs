//! `GET`, `PUT` and `DELETE /settings/retention`: what is kept of all logs, and what is held now.

mod describe;
#[cfg(test)]
mod tests;

use std::convert::Infallible;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{RawQuery, State};
use miniman_store::logs::LogRetention;
use utoipa::IntoParams;

use super::parameters::Parameters;
use super::{blocking, problems, wire};
use crate::access::{Managing, manage};
use crate::audit::{AuditAction, AuditEvent};
use crate::auth::bad_json;
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

/// Longest text of limits; the longest that says anything is some 40.
const LIMIT_BYTES_MAX: usize = 100;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct ChangeParameters {
    /// `true` changes nothing and only tells what would go.
    dry_run: Option<bool>,
}

/// The limits that hold, where they come from, the disk, and what is held in all and of each container.
#[utoipa::path(
    get,
    path = "/api/v1/settings/retention",
    tag = "settings",
    responses(
        (status = 200, description = "For admins", body = wire::Retention),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden,
    )
)]
pub(crate) async fn retention(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::Retention>, Problem> {
    manage(&principal)?;
    Parameters::parse(raw.as_deref(), &[])?;
    // It looks at the files and the disk.
    let described = blocking(move || Ok::<_, Infallible>(describe::retention(&state, &principal))).await?;
    Ok(Json(described))
}

/// Changes the limits at once, over restarts too. They hold in place of the configuration's, as a whole.
#[utoipa::path(
    put,
    path = "/api/v1/settings/retention",
    tag = "settings",
    params(ChangeParameters),
    request_body = wire::RetentionBody,
    responses(
        (status = 200, description = "What holds now, or would with `dry_run`, and what goes", body = wire::RetentionChange),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden,
    )
)]
pub(crate) async fn set_retention(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
    body: Result<Json<wire::RetentionBody>, JsonRejection>,
) -> Result<Json<wire::RetentionChange>, Problem> {
    // Before the body is looked at: who may not change it needs no hint about its shape.
    let by = manage(&principal)?;
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    let limit = body.limit.as_deref().map(parse).transpose()?;
    change(state, &principal, by, limit, raw.as_deref()).await
}

/// Back to the limits of the configuration, or the default without any: the same as `{"limit":null}`.
#[utoipa::path(
    delete,
    path = "/api/v1/settings/retention",
    tag = "settings",
    params(ChangeParameters),
    responses(
        (status = 200, description = "What holds now, or would with `dry_run`, and what goes", body = wire::RetentionChange),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden,
    )
)]
pub(crate) async fn reset_retention(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::RetentionChange>, Problem> {
    let by = manage(&principal)?;
    change(state, &principal, by, None, raw.as_deref()).await
}

async fn change(
    state: AppState,
    principal: &Principal,
    by: Managing,
    limit: Option<LogRetention>,
    raw: Option<&str>,
) -> Result<Json<wire::RetentionChange>, Problem> {
    let dry_run = Parameters::parse(raw, &["dry_run"])?.flag("dry_run", false)?;
    if !dry_run {
        state.accounts.require_confirmed(principal)?;
    }
    let now = state.clock.now();
    let (retention, logs) = (state.retention.clone(), state.hub.store().clone());
    let mut limits = retention.with(limit, &by, now);
    let policy = limits.policy;
    let forecast = blocking(move || logs.forecast(policy)).await?;
    if !dry_run {
        limits = blocking(move || retention.set(limit, &by, now)).await?;
        let told = limit.map_or_else(|| "the configured limits".to_owned(), |limit| limit.to_string());
        let event = AuditEvent::new(principal, AuditAction::SettingChange).on("retention").detail(told);
        state.audit.record(event).await?;
    }
    Ok(Json(wire::RetentionChange {
        applied: !dry_run,
        limits: describe::limits(&limits),
        takes: describe::would_take(&forecast),
    }))
}

fn parse(text: &str) -> Result<LogRetention, Problem> {
    if text.len() > LIMIT_BYTES_MAX {
        return Err(Problem::bad_request(format!(
            "the limit is longer than {LIMIT_BYTES_MAX} bytes; give it as in 30d,2GB"
        )));
    }
    text.parse().map_err(|error| Problem::bad_request(format!("{error}; give it as in 30d,2GB")))
}
