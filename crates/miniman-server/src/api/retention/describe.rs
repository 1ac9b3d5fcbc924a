//! Limits, and what is held, as the wire has them.

use std::cmp::Reverse;
use std::sync::Arc;

use miniman_hub::Entry;
use miniman_store::logs::{Forecast, Health, LogRetention, StoreStats, Stored, Taken};

use crate::access::{authorize, visible};
use crate::api::wire;
use crate::principal::{Permission, Principal};
use crate::retention::{Limits, Source};
use crate::state::AppState;

/// Logs that are told one by one: 1,000 × ~500 B = 0.5 MB an answer, and more than a person reads.
const LOGS_MAX: usize = 1_000;

/// Blocks: it asks the disk.
pub(super) fn retention(state: &AppState, principal: &Principal) -> wire::Retention {
    let roster = state.hub.roster().borrow().clone();
    let managed = |entry: &&Arc<Entry>| authorize(principal, Permission::Manage, entry).is_ok();
    // Once each: a log that is written to meanwhile would move while it is sorted.
    let mut held: Vec<(&Arc<Entry>, Stored)> =
        visible(principal, &roster).filter(managed).map(|entry| (entry, entry.log.stored())).collect();
    held.sort_by_key(|(entry, stored)| Reverse((stored.stored_bytes, stored.raw_bytes, entry.log.id())));
    let stats = state.hub.store().stats();
    wire::Retention {
        limits: limits(&state.retention.limits()),
        logs_omitted: held.len().saturating_sub(LOGS_MAX) as u64,
        logs: held.iter().take(LOGS_MAX).map(|(entry, stored)| log(entry, stored)).collect(),
        held: self::held(&stats),
        taken: taken(&stats.taken),
        taken_early: taken(&stats.health.taken_early),
        disk: disk(&stats),
    }
}

pub(super) fn limits(limits: &Limits) -> wire::RetentionLimits {
    let in_words = limits.policy.limits();
    wire::RetentionLimits {
        limit: in_words.to_string(),
        age: wire::AgeLimit {
            limit: in_words.age.map(|_| LogRetention { bytes: None, ..in_words }.to_string()),
            seconds: in_words.age.map(|age| age.as_secs()),
            source: source(limits.age_source),
        },
        size: wire::SizeLimit {
            limit: LogRetention { age: None, ..in_words }.to_string(),
            bytes: limits.policy.total_bytes,
            source: source(limits.size_source),
        },
        configured: limits.configured.map(|configured| configured.to_string()),
        setting: limits.changed.as_ref().map(|change| wire::RetentionSetting {
            limit: change.limit.map(|limit| limit.to_string()),
            who: change.who.clone(),
            at: wire::time(change.at),
        }),
    }
}

pub(super) fn would_take(forecast: &Forecast) -> wire::WouldTake {
    let Forecast { taken, logs } = *forecast;
    wire::WouldTake { logs, records: taken.records, bytes: taken.raw_bytes, stored_bytes: taken.stored_bytes }
}

fn source(source: Source) -> wire::LimitSource {
    match source {
        Source::Default => wire::LimitSource::Default,
        Source::Configuration => wire::LimitSource::Configuration,
        Source::Setting => wire::LimitSource::Setting,
    }
}

fn disk(stats: &StoreStats) -> wire::Disk {
    let Health { low_disk, damaged_blocks, damaged_records, .. } = stats.health;
    wire::Disk {
        reserve_bytes: stats.reserve_bytes,
        free_bytes: stats.free_bytes,
        low: low_disk.map(|low| wire::LowDisk { since: wire::time(low.since), free_bytes: low.free_bytes }),
        damaged_blocks,
        damaged_records,
        notices: stats.health.sentences(),
    }
}

fn held(stats: &StoreStats) -> wire::Held {
    wire::Held {
        logs: stats.logs,
        records: stats.records,
        bytes: stats.raw_bytes,
        stored_bytes: stats.stored_bytes,
        limited_bytes: stats.stored_bytes.saturating_add(stats.journal_bytes),
        file_bytes: stats.file_bytes,
        oldest: stats.oldest.map(wire::time),
    }
}

fn taken(taken: &Taken) -> wire::Taken {
    wire::Taken { records: taken.records, bytes: taken.raw_bytes, stored_bytes: taken.stored_bytes }
}

fn log(entry: &Entry, stored: &Stored) -> wire::HeldLog {
    let (container, own) = (&entry.container, entry.log.retention());
    wire::HeldLog {
        container_id: container.id.as_str().to_owned(),
        name: container.name.clone(),
        engine: entry.engine.as_str().to_owned(),
        stack: container.stack.clone(),
        service: container.service.clone(),
        present: entry.present,
        own: (own != LogRetention::default()).then(|| wire::OwnLimits {
            limit: own.to_string(),
            seconds: own.age.map(|age| age.as_secs()),
            bytes: own.bytes,
        }),
        records: stored.records,
        bytes: stored.raw_bytes,
        stored_bytes: stored.stored_bytes,
        first_timestamp: stored.first_timestamp.map(wire::time),
        last_timestamp: stored.last_timestamp.map(wire::time),
    }
}
