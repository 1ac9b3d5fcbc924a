//! `POST /api/v1/me/password`: another password for oneself.

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
pub(crate) struct PasswordBody {
    /// The one that holds now.
    pub(crate) password: String,
    pub(crate) new_password: String,
}

pub(super) async fn password(
    State(state): State<AppState>,
    principal: Principal,
    body: Result<Json<PasswordBody>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    state.accounts.change_password(&principal, body.password, body.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}
