//! `GET /stacks`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use miniman_engine::ContainerState;
use miniman_hub::Entry;

use super::parameters::Parameters;
use super::{problems, wire};
use crate::access::visible;
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

/// Every stack that has a container which the asker may see.
#[utoipa::path(
    get,
    path = "/api/v1/stacks",
    tag = "stacks",
    responses(
        (status = 200, description = "By engine and name", body = wire::Stacks),
        problems::BadRequest, problems::Unauthenticated,
    )
)]
pub(crate) async fn stacks(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::Stacks>, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let roster = state.hub.roster().borrow().clone();
    let mut members: BTreeMap<(&str, &str), Vec<&Arc<Entry>>> = BTreeMap::new();
    for entry in visible(&principal, &roster) {
        if let Some(stack) = &entry.container.stack {
            members.entry((entry.engine.as_str(), stack)).or_default().push(entry);
        }
    }
    let stacks = members.iter().map(|((engine, name), members)| {
        let present = || members.iter().filter(|entry| entry.present);
        let running = present().filter(|entry| entry.container.state == ContainerState::Running);
        wire::Stack {
            id: state.stack_ids.id(engine, name),
            name: (*name).to_owned(),
            engine: (*engine).to_owned(),
            services: services(members),
            containers: present().count(),
            running: running.count(),
        }
    });
    Ok(Json(wire::Stacks { stacks: stacks.collect() }))
}

/// Services by name; a stack's container without one stands under "".
fn services(members: &[&Arc<Entry>]) -> Vec<wire::Service> {
    let mut services: BTreeMap<&str, Vec<&Arc<Entry>>> = BTreeMap::new();
    for entry in members {
        services.entry(entry.container.service.as_deref().unwrap_or_default()).or_default().push(entry);
    }
    let service = |(name, mut members): (&str, Vec<&Arc<Entry>>)| {
        members.sort_by_key(|entry| (entry.container.number, entry.container.created));
        let containers = members.iter().map(|entry| entry.container.id.as_str().to_owned()).collect();
        wire::Service { name: name.to_owned(), containers }
    };
    services.into_iter().map(service).collect()
}
