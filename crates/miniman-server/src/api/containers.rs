//! `GET /containers`, `GET /containers/{id}` and what else is asked of one or of all.

mod describe;
pub(crate) mod details;
mod errors;
pub(crate) mod stats;

use axum::extract::{Path, RawQuery, State};
use axum::{Extension, Json};

pub(crate) use self::errors::RecentErrors;
pub(crate) use self::stats::Stats;
use super::parameters::Parameters;
use super::{problems, wire};
use crate::access::scope::Scope;
use crate::access::{find, sees_the_whole, visible, visible_engines, visible_within};
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

/// What `GET /containers` may be asked for.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes; the query string is read by hand")]
pub(crate) struct ContainersParameters {
    /// Only those that a scope of these patterns includes, as in `local/stack:shop`; repeatable. By label only for who
    /// sees the environment.
    scope: Option<Vec<String>>,
}

/// Every container that the asker may see, and their engines.
#[utoipa::path(
    get,
    path = "/api/v1/containers",
    tag = "containers",
    params(ContainersParameters),
    responses(
        (status = 200, description = "Those that are gone but still stored included", body = wire::Containers),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden,
    )
)]
pub(crate) async fn containers(
    State(state): State<AppState>,
    Extension(errors): Extension<RecentErrors>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::Containers>, Problem> {
    let patterns = Parameters::parse(raw.as_deref(), &["scope"])?.many("scope")?;
    let roster = state.hub.roster().borrow().clone();
    let entries: Vec<_> = if patterns.is_empty() {
        visible(&principal, &roster).cloned().collect()
    } else {
        let scope = Scope::parse(&patterns).map_err(|error| Problem::bad_request(error.to_string()))?;
        visible_within(&principal, &roster, &scope)?.into_iter().cloned().collect()
    };
    let counts = errors.count(&state, &entries).await;
    let containers = entries
        .iter()
        .map(|entry| describe::container(&state, &principal, entry, counts.get(&entry.log.id())))
        .collect();
    let notices =
        if sees_the_whole(&principal) { state.hub.store().health().sentences() } else { Vec::new() };
    let engines = visible_engines(&principal, &roster).map(|engine| describe::engine(engine)).collect();
    Ok(Json(wire::Containers { containers, engines, notices }))
}

/// One container.
#[utoipa::path(
    get,
    path = "/api/v1/containers/{id}",
    tag = "containers",
    params(("id" = String, Path, description = "Full id, unique prefix (four digits or more) or name")),
    responses(
        (status = 200, description = "The container", body = wire::Container),
        problems::BadRequest, problems::Unauthenticated, problems::NotFound, problems::Ambiguous,
    )
)]
pub(crate) async fn container(
    State(state): State<AppState>,
    Extension(errors): Extension<RecentErrors>,
    principal: Principal,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::Container>, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let entry = find(&principal, &state.hub.roster().borrow(), &id)?;
    let counts = errors.count(&state, std::slice::from_ref(&entry)).await;
    let count = counts.get(&entry.log.id());
    Ok(Json(describe::container(&state, &principal, &entry, count)))
}
