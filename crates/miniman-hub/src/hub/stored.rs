//! Containers that are known from the store alone.

use std::sync::Arc;

use miniman_engine::{Container, ContainerId, ContainerState, EngineName, Health, MarkKind};
use miniman_log::Timestamp;
use miniman_store::logs::{GapReason, Log, LogStore, Mark, StoreError};

use super::Hub;
use super::open::identity;
use crate::marks::{keep, keep_once};
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

/// Of a container that ran last at `ran` and was gone before it could be looked at: its log gets a gap of which nobody
/// knows how many lines, and its marks. `None` when that was told before: the engine's memory may tell it again; or when
/// it was known and only its end was missed: whether its last run was read to the end stands in its log. Blocking.
pub(super) fn unseen_entry(
    store: &LogStore,
    engine: EngineName,
    container: Arc<Container>,
    ran: Timestamp,
    marks: Vec<Mark>,
) -> Result<Option<Entry>, StoreError> {
    let is_its = |log: &Log| {
        let identity = log.identity();
        identity.engine == engine.as_str() && identity.container_id == container.id.as_str()
    };
    // What is stored knows more of it than its events: its identity stays.
    let log = match store.logs().into_iter().find(is_its) {
        Some(log) if !log.marks(Some(ran), Some(ran), 1)?.is_empty() => return Ok(None),
        Some(log) if marks.iter().all(|mark| mark.kind != MarkKind::Started.as_str()) => {
            for mark in marks {
                keep_once(&log, mark);
            }
            return Ok(None);
        }
        Some(log) => log,
        None => store.log(&identity(&engine, &container))?,
    };
    let since = log.stored().last_timestamp.unwrap_or(container.created);
    log.append_gap(None, Some(since), Some(ran), GapReason::SourceLost, None)?;
    marks.into_iter().for_each(|mark| keep(&log, mark));
    log.set_removed(true);
    let (source, marks) = (SourceState::Ended, log.marks_taken());
    let (backfill, settled, lines_per_sec) = (None, true, 0.0);
    Ok(Some(Entry {
        engine,
        container,
        present: false,
        log,
        source,
        backfill,
        settled,
        lines_per_sec,
        marks,
    }))
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
        own_labels: Default::default(),
        hide: None,
        message: log.message_field(),
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
