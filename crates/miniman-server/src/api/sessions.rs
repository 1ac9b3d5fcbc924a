//! `GET` and `DELETE /sessions`, `DELETE /sessions/{id}`: one's own.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use miniman_store::app::SessionId;

use super::{blocking, problems, wire};
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

/// Where the asker is logged in.
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    tag = "accounts",
    responses(
        (status = 200, description = "The newest first", body = wire::Sessions),
        problems::Unauthenticated,
    )
)]
pub(crate) async fn sessions(
    State(state): State<AppState>,
    principal: Principal,
) -> Result<Json<wire::Sessions>, Problem> {
    let (store, now) = (state.store.clone(), state.clock.now());
    let mut sessions = blocking(move || store.sessions(now)).await?;
    sessions.retain(|session| session.user_id.0 == principal.user_id);
    sessions.sort_by_key(|session| std::cmp::Reverse(session.id));
    let sessions = sessions.iter().map(|session| wire::Session::of(session, &principal)).collect();
    Ok(Json(wire::Sessions { sessions }))
}

/// Ends one of the asker's sessions, and everything that it opened.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{id}",
    tag = "accounts",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Ended"), problems::Unauthenticated, problems::NotFound)
)]
pub(crate) async fn end_session(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = id.parse().map(SessionId).map_err(|_| Problem::not_found("session"))?;
    state.accounts.end_session(&principal, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all of the asker's sessions but the one that asks.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions",
    tag = "accounts",
    responses((status = 204, description = "Ended"), problems::Unauthenticated, problems::Forbidden)
)]
pub(crate) async fn end_other_sessions(
    State(state): State<AppState>,
    principal: Principal,
) -> Result<StatusCode, Problem> {
    state.accounts.end_other_sessions(&principal).await?;
    Ok(StatusCode::NO_CONTENT)
}
