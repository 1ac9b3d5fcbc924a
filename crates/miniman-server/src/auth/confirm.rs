//! `POST /api/v1/me/confirm`: the password once more, before accounts and settings may be changed.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use http::StatusCode;
use serde::Deserialize;

use super::bad_json;
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmBody {
    pub(crate) password: String,
}

pub(super) async fn confirm(
    State(state): State<AppState>,
    principal: Principal,
    body: Result<Json<ConfirmBody>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    state.accounts.confirm(&principal, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
