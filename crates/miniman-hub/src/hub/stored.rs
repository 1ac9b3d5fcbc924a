//! Containers that are known from the store alone.

use std::sync::Arc;

use miniman_engine::{Container, ContainerId, ContainerState, EngineName, Health};
use miniman_store::logs::Log;

use super::Hub;
use crate::{Entry, SourceState};

/// Containers that are gone from their engine and still stored: listed up to this many, newest first.
pub(crate) const GONE_MAX: usize = 1_000;

/// What the store has of containers that no engine has listed yet.
pub(crate) fn stored_entries(hub: &Hub) -> Vec<Arc<Entry>> {
    let mut logs = hub.store().logs();
    logs.sort_by_key(|log| std::cmp::Reverse(log.identity().created));
    logs.truncate(GONE_MAX);
    logs.into_iter().filter_map(|log| Some(Arc::new(stored_entry(hub, log)?))).collect()
}

fn stored_entry(hub: &Hub, log: Log) -> Option<Entry> {
    let identity = log.identity();
    let engine = EngineName::new(&identity.engine);
    let may_be_there = hub.engine(&engine).is_some();
    log.set_removed(!may_be_there);
    let container = Container {
        id: ContainerId::parse(&identity.container_id)?,
        name: identity.name.clone(),
        image: identity.image.clone(),
        image_id: String::new(),
        state: ContainerState::Exited,
        health: Health::None,
        exit_code: None,
        oom_killed: false,
        restart_count: 0,
        created: identity.created,
        started_at: None,
        finished_at: None,
        tty: false,
        log_driver: String::new(),
        log_options: Default::default(),
        stack: identity.stack.clone(),
        service: identity.service.clone(),
        number: identity.number,
        ports: Vec::new(),
        retention: None,
        redact: None,
        multiline: None,
        is_self: false,
    };
    Some(Entry {
        engine,
        container: Arc::new(container),
        present: false,
        log,
        source: if may_be_there { SourceState::Opening } else { SourceState::Ended },
        backfill: None,
        settled: !may_be_there,
        lines_per_sec: 0.0,
        marks: 0,
    })
}
