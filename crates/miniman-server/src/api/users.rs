//! `GET` and `POST /users`, `PUT` and `DELETE /users/{id}`: for whoever manages.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use miniman_store::app::{AppError, UserChange, UserId};

use super::{blocking, problems, wire};
use crate::access::manage;
use crate::access::scope::Scope;
use crate::accounts::offline::Given;
use crate::auth::bad_json;
use crate::principal::{Principal, Role};
use crate::problem::Problem;
use crate::state::AppState;

/// Everybody who may log in.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    tag = "accounts",
    responses(
        (status = 200, description = "Oldest first; for whoever manages", body = wire::Users),
        problems::Unauthenticated, problems::Forbidden,
    )
)]
pub(crate) async fn users(
    State(state): State<AppState>,
    principal: Principal,
) -> Result<Json<wire::Users>, Problem> {
    manage(&principal)?;
    let store = state.store.clone();
    let read = move || {
        let (users, tokens, sessions) = (store.users()?, store.tokens()?, store.sessions(state.clock.now())?);
        let users = users.iter().map(|user| wire::User::of(user, &tokens, &sessions)).collect();
        Ok::<_, AppError>(wire::Users { users })
    };
    Ok(Json(blocking(read).await?))
}

/// Adds a user.
#[utoipa::path(
    post,
    path = "/api/v1/users",
    tag = "accounts",
    request_body = wire::NewUser,
    responses(
        (status = 201, description = "Added", body = wire::User),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::Ambiguous,
    )
)]
pub(crate) async fn add_user(
    State(state): State<AppState>,
    principal: Principal,
    body: Result<Json<wire::NewUser>, JsonRejection>,
) -> Result<(StatusCode, Json<wire::User>), Problem> {
    manage(&principal)?;
    state.accounts.require_confirmed(&principal)?;
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    let role = role(&body.role)?;
    let given = Given { role: &role, scope: &body.scope };
    let user = state.accounts.add_user(&principal, &body.name, body.password, given).await?;
    Ok((StatusCode::CREATED, Json(wire::User::of(&user, &[], &[]))))
}

/// Changes role, scope, whether the user may log in, or the password; what is left out stays. Their sessions end.
#[utoipa::path(
    put,
    path = "/api/v1/users/{id}",
    tag = "accounts",
    params(("id" = i64, Path)),
    request_body = wire::UserChange,
    responses(
        (status = 200, description = "As it is now", body = wire::User),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::NotFound,
        problems::Ambiguous,
    )
)]
pub(crate) async fn change_user(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    body: Result<Json<wire::UserChange>, JsonRejection>,
) -> Result<Json<wire::User>, Problem> {
    manage(&principal)?;
    state.accounts.require_confirmed(&principal)?;
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    let change = UserChange {
        role: body.role.as_deref().map(role).transpose()?,
        scope: body.scope.map(|patterns| stored_scope(&patterns)).transpose()?,
        disabled: body.disabled,
    };
    let user = state.accounts.change_user(&principal, user_id(&id)?, change, body.password).await?;
    let store = state.store.clone();
    let tokens = blocking(move || store.tokens()).await?;
    Ok(Json(wire::User::of(&user, &tokens, &[])))
}

/// Removes a user with all sessions and tokens; what they opened ends within a second.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}",
    tag = "accounts",
    params(("id" = i64, Path)),
    responses(
        (status = 204, description = "Removed"),
        problems::Unauthenticated, problems::Forbidden, problems::NotFound, problems::Ambiguous,
    )
)]
pub(crate) async fn remove_user(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    manage(&principal)?;
    state.accounts.require_confirmed(&principal)?;
    state.accounts.remove_user(&principal, user_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn user_id(text: &str) -> Result<UserId, Problem> {
    text.parse().map(UserId).map_err(|_| Problem::not_found("user"))
}

pub(super) fn role(text: &str) -> Result<Role, Problem> {
    let wrong = || Problem::bad_request("no such role; give viewer, operator, admin or an own role's name");
    Role::parse(text).ok_or_else(wrong)
}

/// No pattern is no limit.
fn stored_scope(patterns: &[String]) -> Result<Option<String>, Problem> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let scope = Scope::parse(patterns).map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(Some(scope.stored()))
}

#[cfg(test)]
mod tests;
