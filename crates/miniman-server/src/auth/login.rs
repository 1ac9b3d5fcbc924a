//! `POST /api/v1/login`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::Response;
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::{bad_json, logged_in};
use crate::accounts::Origin;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::state::AppState;

/// What a login sends.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginBody {
    pub(crate) username: String,
    pub(crate) password: String,
}

/// How one can log in, besides with name and password.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LoginWays {
    /// At an OpenID Connect provider: `GET /api/v1/oidc/login?next=/…` leads there.
    pub(crate) oidc: bool,
}

/// Told to everybody: it is what the login page shows.
pub(super) async fn ways(State(state): State<AppState>) -> Json<LoginWays> {
    Json(LoginWays { oidc: cfg!(feature = "oidc") && state.config.oidc.is_some() })
}

pub(super) async fn login(
    State(state): State<AppState>,
    peer: Peer,
    headers: HeaderMap,
    body: Result<Json<LoginBody>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    let login = state.accounts.login(Origin::of(peer, &headers), &body.username, body.password).await?;
    Ok(logged_in(&state, &login))
}
