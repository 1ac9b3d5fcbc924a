//! `GET /roles`, `POST /roles`, `PUT` and `DELETE /roles/{name}`: own roles beside the three that are built in.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, RawQuery, State};
use http::StatusCode;
use miniman_store::app::{OwnRole, Permissions, Role};

use super::parameters::Parameters;
use super::{problems, wire};
use crate::access::manage;
use crate::audit::{AuditAction, AuditEvent};
use crate::auth::bad_json;
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

/// What can be given to users and tokens.
#[utoipa::path(
    get,
    path = "/api/v1/roles",
    tag = "accounts",
    responses(
        (status = 200, description = "Those that the asker may give, to tokens or users", body = wire::Roles),
        problems::BadRequest, problems::Unauthenticated,
    )
)]
pub(crate) async fn roles(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::Roles>, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let gives = |allowed: Permissions| manage(&principal).is_ok() || allowed.within(principal.permissions);
    let built_in = Role::BUILT_IN.iter().filter(|role| role.built_in_permissions().is_some_and(gives));
    let own = state.accounts.roles().await?;
    let own = own.iter().filter(|role| gives(role.permissions)).map(wire::Role::own);
    Ok(Json(wire::Roles { roles: built_in.filter_map(wire::Role::built_in).chain(own).collect() }))
}

/// Makes a role.
#[utoipa::path(
    post,
    path = "/api/v1/roles",
    tag = "accounts",
    request_body = wire::RoleBody,
    responses(
        (status = 201, description = "The role", body = wire::Role),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::Ambiguous,
    )
)]
pub(crate) async fn add_role(
    State(state): State<AppState>,
    principal: Principal,
    body: Result<Json<wire::RoleBody>, JsonRejection>,
) -> Result<(StatusCode, Json<wire::Role>), Problem> {
    let by = manage(&principal)?;
    state.accounts.require_confirmed(&principal)?;
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    let role = OwnRole { name: body.name.into(), permissions: permissions(&body.permissions) };
    state.accounts.add_role(&by, role.clone()).await?;
    record(&state, &principal, AuditAction::RoleAdd, &role).await?;
    Ok((StatusCode::CREATED, Json(wire::Role::own(&role))))
}

/// Changes what a role allows. What was granted to those who have it ends, and open pages ask again.
#[utoipa::path(
    put,
    path = "/api/v1/roles/{name}",
    tag = "accounts",
    params(("name" = String, Path)),
    request_body = wire::PermissionsBody,
    responses(
        (status = 200, description = "The role", body = wire::Role),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::NotFound,
    )
)]
pub(crate) async fn change_role(
    State(state): State<AppState>,
    principal: Principal,
    Path(name): Path<String>,
    body: Result<Json<wire::PermissionsBody>, JsonRejection>,
) -> Result<Json<wire::Role>, Problem> {
    let by = manage(&principal)?;
    state.accounts.require_confirmed(&principal)?;
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    let role = OwnRole { name: own(&name)?, permissions: permissions(&body.permissions) };
    state.accounts.change_role(&by, role.clone()).await?;
    record(&state, &principal, AuditAction::RoleChange, &role).await?;
    Ok(Json(wire::Role::own(&role)))
}

/// Removes a role that nobody has.
#[utoipa::path(
    delete,
    path = "/api/v1/roles/{name}",
    tag = "accounts",
    params(("name" = String, Path)),
    responses(
        (status = 204, description = "It is gone"),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::NotFound, problems::Ambiguous,
    )
)]
pub(crate) async fn remove_role(
    State(state): State<AppState>,
    principal: Principal,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let by = manage(&principal)?;
    state.accounts.require_confirmed(&principal)?;
    let role = OwnRole { name: own(&name)?, permissions: Permissions::NONE };
    state.accounts.remove_role(&by, name).await?;
    record(&state, &principal, AuditAction::RoleRemove, &role).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Only own roles are changed.
fn own(name: &str) -> Result<std::sync::Arc<str>, Problem> {
    match Role::parse(name) {
        Some(Role::Own(name)) => Ok(name),
        Some(_) => Err(Problem::bad_request("viewer, operator and admin are built in and stay as they are")),
        None => Err(Problem::not_found("role")),
    }
}

fn permissions(words: &[wire::PermissionWord]) -> Permissions {
    words.iter().map(|word| (*word).into()).collect()
}

async fn record(
    state: &AppState,
    principal: &Principal,
    action: AuditAction,
    role: &OwnRole,
) -> Result<(), Problem> {
    let words: Vec<_> = role.permissions.iter().map(miniman_store::app::Permission::as_str).collect();
    let event = AuditEvent::new(principal, action).on(&*role.name).detail(words.join(" "));
    state.audit.record(event).await
}

#[cfg(test)]
mod tests;
