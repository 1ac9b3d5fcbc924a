//! `GET /containers/{id}/details`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use miniman_engine::{Details, DetailsError, details};
use miniman_store::app::Permission;

use crate::access::{Denied, authorize, find};
use crate::api::parameters::Parameters;
use crate::api::{problems, wire};
use crate::principal::Principal;
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// How a container is made: limits, mounts, networks, labels, environment.
///
/// Read from the engine when asked. Values of the environment that look like secrets, by name or by shape, are never sent.
#[utoipa::path(
    get,
    path = "/api/v1/containers/{id}/details",
    tag = "containers",
    params(("id" = String, Path, description = "Full id, unique prefix (four digits or more) or name")),
    responses(
        (status = 200, description = "As the engine has it now", body = wire::ContainerDetails),
        problems::BadRequest, problems::Unauthenticated, problems::NotFound, problems::Ambiguous, problems::Unavailable,
    )
)]
pub(crate) async fn container_details(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::ContainerDetails>, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let entry = find(&principal, &state.hub.roster().borrow(), &id)?;
    let granted = authorize(&principal, Permission::SeeDetails, &entry)?;
    let environment = authorize(&principal, Permission::SeeEnvironment, &entry).is_ok();
    let entry = granted.entry();
    if !entry.present {
        return Err(Denied::Gone.into());
    }
    let engine = state.hub.engine(&entry.engine).ok_or_else(|| Problem::from(Denied::Gone))?;
    let details = engine.details(&entry.container.id).await.map_err(problem)?;
    Ok(Json(described(entry.container.id.as_str(), details, environment)))
}

fn problem(error: DetailsError) -> Problem {
    let code = match error {
        DetailsError::NotFound => return Denied::Gone.into(),
        DetailsError::Engine(_) => Code::ActionFailed,
        DetailsError::Unreachable(_) => Code::EngineUnavailable,
    };
    Problem::new(code, error.to_string())
}

fn described(id: &str, details: Details, environment: bool) -> wire::ContainerDetails {
    let Details { limits, restart, health, .. } = details;
    wire::ContainerDetails {
        id: id.to_owned(),
        hostname: details.hostname,
        user: details.user,
        working_dir: details.working_dir,
        platform: details.platform,
        privileged: details.privileged,
        read_only: details.read_only,
        network_mode: details.network_mode,
        log_driver: details.log_driver,
        restart_policy: wire::RestartPolicy { name: restart.name, retries_max: restart.retries_max },
        limits: wire::Limits {
            memory_bytes: limits.memory_bytes,
            memory_reserved_bytes: limits.memory_reserved_bytes,
            memory_swap_bytes: limits.memory_swap_bytes,
            cpu_cores: limits.cpu_cores,
            processes: limits.processes,
        },
        health: health.map(|health| wire::HealthCheck {
            status: health.status,
            failing_streak: health.failing_streak,
            results: health.results as u64,
        }),
        mounts: details.mounts.into_iter().map(mount).collect(),
        networks: details.networks.into_iter().map(network).collect(),
        // Whoever made the container may have put anything into them.
        labels_hidden: (details.labels_hidden + if environment { 0 } else { details.labels.len() }) as u64,
        labels: if environment { details.labels } else { BTreeMap::new() },
        environment: environment.then(|| details.environment.into_iter().map(variable).collect()),
        omitted: details.omitted as u64,
    }
}

fn mount(mount: details::Mount) -> wire::Mount {
    let details::Mount { kind, source, destination, read_only } = mount;
    wire::Mount { kind, source, destination, read_only }
}

fn network(network: details::Network) -> wire::ContainerNetwork {
    let details::Network { name, ip, ipv6, gateway } = network;
    wire::ContainerNetwork { name, ip, ipv6, gateway }
}

fn variable(variable: details::Variable) -> wire::EnvironmentVariable {
    let details::Variable { name, value } = variable;
    wire::EnvironmentVariable { name, secret: value.is_none(), value }
}

#[cfg(test)]
mod tests;
