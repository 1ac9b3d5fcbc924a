//! Actions on a container, a stack or a service of it: each is one operation.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use miniman_engine::Action;
use miniman_hub::Entry;
use utoipa::IntoParams;

use super::parameters::Parameters;
use super::{problems, wire};
use crate::access::{self, find};
use crate::operations::begin;
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct ActionParameters {
    /// `false` answers 202 at once, with the operation as it starts.
    wait: Option<bool>,
}

/// Starts, stops, restarts, kills, pauses or unpauses a container.
///
/// That the engine refused is no error of the request: the operation's `outcome` is `failed`, and its target says why.
#[utoipa::path(
    post,
    path = "/api/v1/containers/{id}/{action}",
    tag = "containers",
    params(
        ("id" = String, Path, description = "Full id, unique prefix (four digits or more) or name"),
        ("action" = String, Path, description = "`start`, `stop`, `restart`, `kill`, `pause` or `unpause`"),
        ActionParameters,
    ),
    responses(
        (status = 200, description = "It ended", body = wire::Operation),
        (status = 202, description = "It began", body = wire::Operation),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::NotFound,
        problems::Ambiguous, problems::Unavailable,
    )
)]
pub(crate) async fn act_on_container(
    State(state): State<AppState>,
    principal: Principal,
    Path((id, action)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let action = post_action(&action)?;
    let entry = find(&principal, &state.hub.roster().borrow(), &id)?;
    perform(&state, &principal, action, &[entry], raw.as_deref()).await
}

/// Removes a container that does not run. Its volumes stay, and so does what it said.
#[utoipa::path(
    delete,
    path = "/api/v1/containers/{id}",
    tag = "containers",
    params(
        ("id" = String, Path, description = "Full id, unique prefix (four digits or more) or name"),
        ActionParameters,
    ),
    responses(
        (status = 200, description = "It ended", body = wire::Operation),
        (status = 202, description = "It began", body = wire::Operation),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::NotFound,
        problems::Ambiguous, problems::Unavailable,
    )
)]
pub(crate) async fn remove_container(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let entry = find(&principal, &state.hub.roster().borrow(), &id)?;
    perform(&state, &principal, Action::Remove, &[entry], raw.as_deref()).await
}

/// Acts on every container of a stack; refused as a whole when one of them may not be acted on.
#[utoipa::path(
    post,
    path = "/api/v1/stacks/{id}/{action}",
    tag = "stacks",
    params(
        ("id" = u32, Path, description = "The stack's id"),
        ("action" = String, Path, description = "`start`, `stop`, `restart`, `kill`, `pause` or `unpause`"),
        ActionParameters,
    ),
    responses(
        (status = 200, description = "It ended", body = wire::Operation),
        (status = 202, description = "It began", body = wire::Operation),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::NotFound,
        problems::Ambiguous, problems::Unavailable,
    )
)]
pub(crate) async fn act_on_stack(
    State(state): State<AppState>,
    principal: Principal,
    Path((id, action)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let action = post_action(&action)?;
    let members = members(&state, &principal, &id, None)?;
    perform(&state, &principal, action, &members, raw.as_deref()).await
}

/// Acts on every container of one service of a stack.
#[utoipa::path(
    post,
    path = "/api/v1/stacks/{id}/services/{service}/{action}",
    tag = "stacks",
    params(
        ("id" = u32, Path, description = "The stack's id"),
        ("service" = String, Path),
        ("action" = String, Path, description = "`start`, `stop`, `restart`, `kill`, `pause` or `unpause`"),
        ActionParameters,
    ),
    responses(
        (status = 200, description = "It ended", body = wire::Operation),
        (status = 202, description = "It began", body = wire::Operation),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::NotFound,
        problems::Ambiguous, problems::Unavailable,
    )
)]
pub(crate) async fn act_on_service(
    State(state): State<AppState>,
    principal: Principal,
    Path((id, service, action)): Path<(String, String, String)>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let action = post_action(&action)?;
    let members = members(&state, &principal, &id, Some(&service))?;
    perform(&state, &principal, action, &members, raw.as_deref()).await
}

/// What can be posted. Removing is a DELETE.
fn post_action(word: &str) -> Result<Action, Problem> {
    let action = Action::parse(word).filter(|action| *action != Action::Remove);
    action.ok_or_else(|| Problem::not_found("action"))
}

/// What is asked to be acted on. A stack that is not there and one that is not the asker's answer the same.
fn members(
    state: &AppState,
    principal: &Principal,
    id: &str,
    service: Option<&str>,
) -> Result<Vec<Arc<Entry>>, Problem> {
    let stack = id.parse().ok().and_then(|id| state.stack_ids.stack(id));
    let roster = state.hub.roster().borrow().clone();
    let found = stack.and_then(|stack| access::members(principal, &roster, &stack, service).ok());
    found.ok_or_else(|| Problem::not_found(if service.is_some() { "service" } else { "stack" }))
}

async fn perform(
    state: &AppState,
    principal: &Principal,
    action: Action,
    entries: &[Arc<Entry>],
    raw: Option<&str>,
) -> Result<Response, Problem> {
    let wait = Parameters::parse(raw, &["wait"])?.flag("wait", true)?;
    let running = begin(state, principal, action, entries).await?;
    if !wait {
        return Ok((StatusCode::ACCEPTED, Json(wire::Operation::of(running.operation()))).into_response());
    }
    Ok(Json(wire::Operation::of(&running.finished().await?)).into_response())
}
