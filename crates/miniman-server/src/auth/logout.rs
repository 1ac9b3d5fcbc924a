//! `POST /api/v1/logout`: ends the session, and every stream that it opened.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

pub(super) async fn logout(State(state): State<AppState>, principal: Principal) -> Result<Response, Problem> {
    state.accounts.logout(&principal).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, state.accounts.cookie().clear())]).into_response())
}
