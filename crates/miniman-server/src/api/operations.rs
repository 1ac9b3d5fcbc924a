//! `GET /operations`, `GET /operations/{id}`.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use miniman_hub::Roster;
use miniman_store::app::{Operation, OperationTarget};
use utoipa::IntoParams;

use super::parameters::Parameters;
use super::{blocking, problems, wire};
use crate::access::sees_operation_on;
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

const LIMIT_DEFAULT: u64 = 100;
const LIMIT_MAX: u64 = 1_000;
/// Pages looked through for operations that a limited sight includes: 20 × 100 rows take some 50 ms.
const PAGES_MAX: usize = 20;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct OperationsParameters {
    /// Only operations with an id below this: where the last page ended.
    before: Option<i64>,
    /// How many; 100 unless told, 1,000 at most.
    limit: Option<u64>,
}

/// Who did what, when, and how it ended; newest first.
#[utoipa::path(
    get,
    path = "/api/v1/operations",
    tag = "operations",
    params(OperationsParameters),
    responses(
        (status = 200, description = "Operations on containers that the asker may see", body = wire::Operations),
        problems::BadRequest, problems::Unauthenticated,
    )
)]
pub(crate) async fn operations(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::Operations>, Problem> {
    let given = Parameters::parse(raw.as_deref(), &["before", "limit"])?;
    let before = given.parsed("before", "an operation's id", |value| value.parse().ok())?;
    let limit = given.count("limit", LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT) as usize;
    let roster = state.hub.roster().borrow().clone();
    let (mut operations, mut before) = (Vec::new(), before);
    for _ in 0..PAGES_MAX {
        let store = state.store.clone();
        let page = blocking(move || store.operations(before, limit)).await?;
        let is_last = page.len() < limit;
        before = page.last().map(|operation| operation.id);
        operations.extend(page.into_iter().filter_map(|operation| scoped(operation, &principal, &roster)));
        if is_last || operations.len() >= limit {
            break;
        }
    }
    operations.truncate(limit);
    Ok(Json(wire::Operations { operations }))
}

/// One operation.
#[utoipa::path(
    get,
    path = "/api/v1/operations/{id}",
    tag = "operations",
    params(("id" = i64, Path)),
    responses(
        (status = 200, description = "The operation", body = wire::Operation),
        problems::BadRequest, problems::Unauthenticated, problems::NotFound,
    )
)]
pub(crate) async fn operation(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::Operation>, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let id: i64 = id.parse().map_err(|_| Problem::not_found("operation"))?;
    let store = state.store.clone();
    let operation = blocking(move || store.operation(id)).await?;
    let roster = state.hub.roster().borrow().clone();
    let operation = operation.and_then(|operation| scoped(operation, &principal, &roster));
    operation.map(Json).ok_or_else(|| Problem::not_found("operation"))
}

/// The operation with the targets that the asker may see; `None` without any.
fn scoped(mut operation: Operation, principal: &Principal, roster: &Roster) -> Option<wire::Operation> {
    let may_see =
        |target: &OperationTarget| sees_operation_on(principal, roster, &target.engine, &target.container_id);
    operation.targets.retain(may_see);
    (!operation.targets.is_empty()).then(|| wire::Operation::of(&operation))
}
