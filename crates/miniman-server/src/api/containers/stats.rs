//! `GET /containers/stats`: what running containers use now.
//!
//! Engines are asked only while somebody asks here. A reading is shared by all who look within [`FRESH_FOR`], and one
//! round of readings runs at a time, so that any number of pages costs an engine what one does. Rates are the difference
//! of the last two readings, so they begin with the second look.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::{Extension, Json};
use futures_util::StreamExt as _;
use miniman_engine::{ContainerId, Usage, UsageRates};
use miniman_hub::Entry;
use tokio::time::Instant;

use crate::access::visible;
use crate::api::parameters::Parameters;
use crate::api::{problems, wire};
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

/// Pages look every two seconds.
const FRESH_FOR: Duration = Duration::from_millis(1_500);
/// A reading that nobody renewed: its rates would be of a time that nobody looked at.
const STALE_AFTER: Duration = Duration::from_secs(30);
/// Questions to engines at once. A reading takes an engine a few milliseconds: 1,000 containers are read in about one second.
const READINGS_MAX: usize = 8;
/// What a round may take; containers that it did not reach keep what was read before, and go first in the next.
const ROUND_MAX: Duration = Duration::from_secs(4);

/// Readings of all containers that somebody looks at; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stats {
    readings: Arc<Mutex<HashMap<ContainerId, Reading>>>,
    /// Held by the round that runs.
    round: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Clone)]
struct Reading {
    at: Instant,
    usage: Option<Usage>,
    rates: Option<UsageRates>,
}

/// CPU, memory and network of the running containers that the asker may see, now.
///
/// Rates are `null` at the first look. It is meant to be asked every two seconds while somebody looks.
#[utoipa::path(
    get,
    path = "/api/v1/containers/stats",
    tag = "containers",
    responses(
        (status = 200, description = "Those that do not run are left out", body = wire::ContainersStats),
        problems::BadRequest, problems::Unauthenticated,
    )
)]
pub(crate) async fn containers_stats(
    State(state): State<AppState>,
    Extension(stats): Extension<Stats>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::ContainersStats>, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let roster = state.hub.roster().borrow().clone();
    let runs = |entry: &&Arc<Entry>| entry.present && entry.container.state.is_up();
    let entries: Vec<_> = visible(&principal, &roster).filter(runs).cloned().collect();
    stats.refresh(&state, &entries).await;
    let containers = entries.iter().filter_map(|entry| stats.told(entry)).collect();
    Ok(Json(wire::ContainersStats { containers }))
}

impl Stats {
    async fn refresh(&self, state: &AppState, entries: &[Arc<Entry>]) {
        let _round = self.round.lock().await;
        let due = self.due(entries);
        let asking = due.into_iter().map(|entry| async move {
            let engine = state.hub.engine(&entry.engine)?;
            Some((entry.container.id.clone(), engine.usage(&entry.container.id).await))
        });
        let mut answers = futures_util::stream::iter(asking).buffer_unordered(READINGS_MAX);
        let deadline = Instant::now() + ROUND_MAX;
        while let Ok(Some(answer)) = tokio::time::timeout_at(deadline, answers.next()).await {
            if let Some((id, usage)) = answer {
                self.took(id, usage);
            }
        }
    }

    /// Whose reading is not fresh, the oldest first. Readings that nobody renews are forgotten.
    fn due(&self, entries: &[Arc<Entry>]) -> Vec<Arc<Entry>> {
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        readings.retain(|_, reading| reading.at.elapsed() < STALE_AFTER);
        let read_at = |entry: &Arc<Entry>| readings.get(&entry.container.id).map(|reading| reading.at);
        let mut due: Vec<_> = entries
            .iter()
            .filter(|entry| read_at(entry).is_none_or(|at| at.elapsed() >= FRESH_FOR))
            .cloned()
            .collect();
        due.sort_by_key(read_at);
        due
    }

    fn took(&self, id: ContainerId, usage: Option<Usage>) {
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let before = readings.get(&id).and_then(|reading| reading.usage);
        let rates = usage.zip(before).and_then(|(usage, before)| usage.since(&before));
        readings.insert(id, Reading { at: Instant::now(), usage, rates });
    }

    fn told(&self, entry: &Entry) -> Option<wire::ContainerStats> {
        let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let Reading { usage, rates, .. } = readings.get(&entry.container.id)?.clone();
        let usage = usage?;
        Some(wire::ContainerStats {
            id: entry.container.id.as_str().to_owned(),
            read: wire::time(usage.read),
            cpu_cores: rates.map(|rates| rates.cpu_cores),
            memory_bytes: usage.memory_bytes,
            memory_limit_bytes: usage.memory_limit_bytes,
            received_per_sec: rates.and_then(|rates| rates.received_per_sec),
            sent_per_sec: rates.and_then(|rates| rates.sent_per_sec),
        })
    }
}

#[cfg(test)]
mod tests {
    use miniman_testkit::{PrivateDocker, RunSpec};
    use serde_json::Value;

    use super::*;
    use crate::config::ServerConfig;
    use crate::testing::{TestServer, get, text};

    #[tokio::test]
    async fn two_looks_give_rates_of_what_runs_and_nothing_of_what_does_not() {
        let docker = PrivateDocker::start().unwrap();
        docker.run(&RunSpec::sh("busy", "while :; do :; done")).unwrap();
        docker.run(&RunSpec::sh("done", "true")).unwrap();
        let server = TestServer::set_up_on(&docker, ServerConfig::default());
        server.present("busy", |container| container.state.is_up()).await;
        server.present("done", |container| !container.state.is_up()).await;
        let bearer = format!("Bearer {}", server.token("ada"));
        // One router: readings live in it.
        let router = crate::router(server.state.clone());
        let look = async || {
            use tower::ServiceExt as _;
            let request = get("/api/v1/containers/stats").header("authorization", &bearer).empty();
            let answer = text(router.clone().oneshot(request).await.unwrap()).await;
            serde_json::from_str::<Value>(&answer).unwrap()["containers"].clone()
        };
        let first = look().await;
        assert_eq!(first.as_array().unwrap().len(), 1, "{first}");
        assert_eq!(first[0]["cpu_cores"], Value::Null);
        assert!(first[0]["memory_bytes"].as_u64().unwrap() > 0);
        let second = tokio::time::timeout(Duration::from_secs(60), async {
            loop {
                let next = look().await;
                if next[0]["cpu_cores"].is_number() {
                    break next;
                }
                tokio::task::yield_now().await;
            }
        });
        assert!(second.await.unwrap()[0]["cpu_cores"].as_f64().unwrap() > 0.0);
    }
}
