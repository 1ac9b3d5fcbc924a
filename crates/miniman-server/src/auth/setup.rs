//! `POST /api/v1/setup`: the first admin.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::Response;
use http::HeaderMap;
use serde::Deserialize;

use super::{bad_json, logged_in};
use crate::accounts::Origin;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::state::AppState;

/// What the setup page sends: the token is the link's fragment.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetupBody {
    pub(crate) token: String,
    pub(crate) username: String,
    pub(crate) password: String,
}

pub(super) async fn setup(
    State(state): State<AppState>,
    peer: Peer,
    headers: HeaderMap,
    body: Result<Json<SetupBody>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    let login =
        state.accounts.setup(Origin::of(peer, &headers), &body.token, &body.username, body.password).await?;
    Ok(logged_in(&state, &login))
}
