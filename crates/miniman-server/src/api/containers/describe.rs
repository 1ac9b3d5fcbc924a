//! Containers and engines as the wire has them.

use std::sync::Arc;

use miniman_engine::{Action, ContainerState, EngineState, EngineStatus, Port, Tried};
use miniman_hub::Entry;

use super::errors::{Errors, stored_errors};
use crate::access::{authorize, permission_for};
use crate::api::wire;
use crate::principal::Principal;
use crate::state::AppState;

pub(super) fn container(
    state: &AppState,
    principal: &Principal,
    entry: &Arc<Entry>,
    errors: Option<&Errors>,
) -> wire::Container {
    let container = &entry.container;
    wire::Container {
        id: container.id.as_str().to_owned(),
        name: container.name.clone(),
        image: container.image.clone(),
        engine: entry.engine.as_str().to_owned(),
        stack: container.stack.clone(),
        config_id: state.stack_ids.config_id(entry),
        service: container.service.clone(),
        number: container.number,
        state: container.state.as_str().to_owned(),
        health: container.health.as_str().to_owned(),
        exit_code: container.exit_code,
        oom_killed: container.oom_killed,
        restart_count: container.restart_count,
        created: wire::time(container.created),
        started_at: container.started_at.map(wire::time),
        finished_at: container.finished_at.map(wire::time),
        ports: container.ports.iter().map(port).collect(),
        present: entry.present,
        is_self: container.is_self,
        actions: actions(principal, entry),
        message_field: container.message.clone(),
        log: log(entry, errors),
    }
}

pub(super) fn engine(engine: &EngineState) -> wire::Engine {
    let (status, error, since, tried) = match &engine.status {
        EngineStatus::Connecting { tried } => {
            (wire::EngineStatusWord::Connecting, None, None, tried.as_slice())
        }
        EngineStatus::Connected => (wire::EngineStatusWord::Connected, None, None, [].as_slice()),
        EngineStatus::Lost { since, error, tried } => {
            (wire::EngineStatusWord::Lost, Some(error.clone()), Some(wire::time(*since)), tried.as_slice())
        }
    };
    let info = engine.info.as_ref();
    wire::Engine {
        name: engine.name.as_str().to_owned(),
        status,
        endpoint: info.map(|info| info.endpoint.clone()),
        version: info.map(|info| info.version.clone()),
        api_version: info.map(|info| info.api_version.clone()),
        error,
        since,
        tried: tried.iter().map(self::tried).collect(),
    }
}

fn tried(tried: &Tried) -> wire::Tried {
    wire::Tried { endpoint: tried.endpoint.clone(), source: tried.source.clone(), error: tried.error.clone() }
}

fn port(port: &Port) -> wire::Port {
    wire::Port {
        ip: port.ip.map(|ip| ip.to_string()),
        private_port: port.private_port,
        public_port: port.public_port,
        protocol: port.protocol.to_owned(),
    }
}

/// What the container's state allows and the asker may do.
fn actions(principal: &Principal, entry: &Arc<Entry>) -> Vec<String> {
    let possible: &[Action] = match entry.container.state {
        ContainerState::Created | ContainerState::Exited => &[Action::Start, Action::Remove],
        ContainerState::Running => &[Action::Stop, Action::Restart, Action::Kill, Action::Pause],
        ContainerState::Paused => &[Action::Unpause, Action::Stop, Action::Restart, Action::Kill],
        ContainerState::Restarting => &[Action::Stop, Action::Restart, Action::Kill],
        ContainerState::Dead => &[Action::Remove],
        ContainerState::Removing => &[],
    };
    let allowed = |action: &&Action| authorize(principal, permission_for(**action), entry).is_ok();
    possible.iter().filter(allowed).map(|action| action.as_str().to_owned()).collect()
}

fn log(entry: &Entry, errors: Option<&Errors>) -> wire::ContainerLog {
    let (log, stored) = (&entry.log, entry.log.stored());
    let (id, bounds) = (log.id(), log.bounds());
    let (first, last) =
        if bounds.first < bounds.next { (Some(bounds.first), Some(bounds.next - 1)) } else { (None, None) };
    wire::ContainerLog {
        log_id: id.0,
        source: (&entry.source).into(),
        source_detail: entry.source.detail().map(str::to_owned),
        first: first.map(|seq| format!("{id}:{seq}")),
        last: last.map(|seq| format!("{id}:{seq}")),
        first_seq: first,
        last_seq: last,
        records: stored.records,
        bytes: stored.raw_bytes,
        stored_bytes: stored.stored_bytes,
        first_timestamp: stored.first_timestamp.map(wire::time),
        last_timestamp: stored.last_timestamp.map(wire::time),
        gaps: log.gaps().len() as u64,
        backfill: entry.backfill.map(|backfill| wire::Backfill {
            done: backfill.done,
            bytes_read: backfill.bytes_read,
            bytes_total: backfill.bytes_total,
        }),
        rate: entry.lines_per_sec,
        errors: stored_errors(log),
        errors_15m: errors.map_or(0, |errors| errors.recent),
        last_error: errors.and_then(|errors| errors.last.as_ref()).map(|last| wire::LastError {
            cursor: format!("{id}:{}", last.seq),
            timestamp: wire::time(last.timestamp),
            text: last.text.clone(),
        }),
    }
}
