//! `GET` and `POST /tokens`, `DELETE /tokens/{id}`: one's own, and everybody's for whoever manages.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use miniman_store::app::{ApiToken, AppError, TokenId, User};

use super::users::role;
use super::{blocking, problems, wire};
use crate::access::manage;
use crate::accounts::offline::{Given, TokenRequest, deadline};
use crate::auth::bad_json;
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

/// The asker's tokens; all of them for whoever manages. Their secrets are kept nowhere.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    tag = "accounts",
    responses(
        (status = 200, description = "Oldest first, also those that have expired", body = wire::Tokens),
        problems::Unauthenticated,
    )
)]
pub(crate) async fn tokens(
    State(state): State<AppState>,
    principal: Principal,
) -> Result<Json<wire::Tokens>, Problem> {
    let tokens = visible(&state, &principal).await?;
    let tokens = tokens.iter().map(|(token, owner)| wire::Token::of(token, owner, &principal)).collect();
    Ok(Json(wire::Tokens { tokens }))
}

/// Makes a token of the asker's own. The answer is the only place where its secret ever stands.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    tag = "accounts",
    request_body = wire::NewToken,
    responses(
        (status = 201, description = "Made", body = wire::CreatedToken),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::Ambiguous,
    )
)]
pub(crate) async fn create_token(
    State(state): State<AppState>,
    principal: Principal,
    body: Result<Json<wire::NewToken>, JsonRejection>,
) -> Result<(StatusCode, Json<wire::CreatedToken>), Problem> {
    state.accounts.require_confirmed(&principal)?;
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    let role = role(&body.role)?;
    let expires = body.expires.as_deref().map(|text| deadline(text, state.clock.now()));
    let expires = expires.transpose().map_err(|error| Problem::bad_request(error.to_string()))?;
    let request =
        TokenRequest { name: &body.name, given: Given { role: &role, scope: &body.scope }, expires };
    let (id, secret) = state.accounts.create_token(&principal, request).await?;
    let made = visible(&state, &principal).await?.into_iter().find(|(token, _)| token.id == id);
    let (token, owner) = made.ok_or_else(|| Problem::not_found("token"))?;
    let token = wire::Token::of(&token, &owner, &principal);
    Ok((StatusCode::CREATED, Json(wire::CreatedToken { token, secret: secret.token() })))
}

/// Revokes a token; what it opened ends within a second.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    tag = "accounts",
    params(("id" = i64, Path)),
    responses(
        (status = 204, description = "Revoked"),
        problems::Unauthenticated, problems::Forbidden, problems::NotFound,
    )
)]
pub(crate) async fn revoke_token(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    state.accounts.require_confirmed(&principal)?;
    let id = id.parse().map(TokenId).map_err(|_| Problem::not_found("token"))?;
    // A foreign token and an absent one are the same to whoever does not manage.
    let token = visible(&state, &principal).await?.into_iter().find(|(token, _)| token.id == id);
    let (token, _) = token.ok_or_else(|| Problem::not_found("token"))?;
    state.accounts.revoke_token(&principal, id, &token.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The tokens that the asker may see, with their owners.
async fn visible(state: &AppState, principal: &Principal) -> Result<Vec<(ApiToken, User)>, Problem> {
    let (store, all, own) = (state.store.clone(), manage(principal).is_ok(), principal.user_id);
    let read = move || {
        let (tokens, users) = (store.tokens()?, store.users()?);
        let owned = |token: ApiToken| {
            let owner = users.iter().find(|user| user.id == token.user_id)?;
            (all || owner.id.0 == own).then(|| (token, owner.clone()))
        };
        Ok::<_, AppError>(tokens.into_iter().filter_map(owned).collect())
    };
    blocking(read).await
}

#[cfg(test)]
mod tests;
