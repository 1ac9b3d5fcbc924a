//! `GET /marks`.

use axum::Json;
use axum::extract::{RawQuery, State};
use miniman_hub::marks;
use miniman_store::logs::{Log, Mark, StoreError};
use serde_json::Value;
use utoipa::IntoParams;

use super::parameters::Parameters;
use super::selection::Selectors;
use super::{blocking, problems, wire};
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

/// Marks in one answer, the newest ones: 10,000 × ~300 B of JSON = 3 MB.
const LIMIT_MAX: u64 = 10_000;
const LIMIT_DEFAULT: u64 = 1_000;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used: repeated names are read by hand")]
pub(crate) struct MarksParameters {
    /// Full id, unique prefix (four digits or more) or name. Repeat it for several.
    container: Option<Vec<String>>,
    /// A stack's name or its id.
    stack: Option<Vec<String>>,
    service: Option<Vec<String>>,
    engine: Option<Vec<String>>,
    /// From this time on (RFC 3339, or `15m` for that long ago).
    since: Option<String>,
    /// Before this time.
    until: Option<String>,
    /// The newest so many; 1,000 unless told, 10,000 at most.
    limit: Option<u64>,
}

/// What happened to containers besides their lines: exits, OOM kills, restarts, health changes, renames.
#[utoipa::path(
    get,
    path = "/api/v1/marks",
    tag = "logs",
    params(MarksParameters),
    responses(
        (status = 200, description = "Oldest first", body = wire::Marks),
        problems::BadRequest, problems::Unauthenticated, problems::NotFound, problems::Ambiguous,
    )
)]
pub(crate) async fn marks(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::Marks>, Problem> {
    let names = ["container", "stack", "service", "engine", "since", "until", "limit"];
    let given = Parameters::parse(raw.as_deref(), &names)?;
    let selectors = Selectors::of(&given)?;
    let (now, limit) =
        (state.clock.now(), given.count("limit", LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT) as usize);
    let (since, until) = (given.time("since", now)?, given.time("until", now)?);
    let roster = state.hub.roster().borrow().clone();
    let entries = selectors.resolve(&principal, &roster, &state.stack_ids)?.entries(&principal, &roster);
    let logs: Vec<Log> = entries.iter().map(|entry| entry.log.clone()).collect();
    let marks = blocking(move || {
        let mut marks = Vec::new();
        for log in &logs {
            marks.extend(
                log.marks(since, until, limit)?.iter().map(|mark| (mark.timestamp, wire_mark(log, mark))),
            );
        }
        marks.sort_by_key(|(timestamp, _)| *timestamp);
        Ok::<_, StoreError>(marks.split_off(marks.len().saturating_sub(limit)))
    });
    let marks = marks.await?.into_iter().map(|(_, mark)| mark).collect();
    Ok(Json(wire::Marks { marks }))
}

/// A stored mark as the wire has it: here, and in `log_mark` events.
pub(crate) fn wire_mark(log: &Log, mark: &Mark) -> wire::Mark {
    let identity = log.identity();
    // The hub writes it; what it did not is shown as nothing.
    let detail: Value = serde_json::from_str(&mark.detail).unwrap_or_default();
    wire::Mark {
        container_id: identity.container_id.clone(),
        name: identity.name.clone(),
        after: format!("{}:{}", log.id(), mark.after_seq),
        timestamp: wire::time(mark.timestamp),
        kind: mark.kind.clone(),
        text: marks::text(&identity.name, &mark.kind, &detail),
        detail,
    }
}
