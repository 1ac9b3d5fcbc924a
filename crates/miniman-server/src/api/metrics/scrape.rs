//! What stands in hub and store at one moment, as metrics.

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge, with_local_recorder};
use metrics_exporter_prometheus::PrometheusBuilder;
use miniman_engine::EngineStatus;
use miniman_hub::{Entry, Roster};
use miniman_log::Redactor;
use miniman_store::logs::{LogStore, StoreStats};

use crate::access::{sees_the_whole, visible, visible_engines};
use crate::principal::Principal;

/// A fresh recorder a scrape: a container that is gone leaves no series behind.
pub(super) fn scrape(
    principal: &Principal,
    roster: &Roster,
    store: &LogStore,
    redactor: &Redactor,
) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    with_local_recorder(&recorder, || {
        describe();
        engines(principal, roster);
        visible(principal, roster).for_each(|entry| container(entry));
        if sees_the_whole(principal) {
            redactions(redactor);
            store_figures(&store.stats());
        }
    });
    recorder.handle().render()
}

fn describe() {
    describe_gauge!("miniman_engine_up", "1 while the engine answers");
    describe_gauge!("miniman_container_running", "1 while the container runs");
    describe_gauge!("miniman_container_restarts", "Docker's restart count");
    describe_gauge!("miniman_log_records", "Records stored");
    describe_gauge!("miniman_log_bytes", Unit::Bytes, "Lines stored, before compression");
    describe_gauge!("miniman_log_stored_bytes", Unit::Bytes, "What they take on disk");
    describe_gauge!("miniman_log_lines_per_second", "Lines appended in the last second");
    describe_gauge!("miniman_log_gaps", "Places where records are known to be missing");
    describe_gauge!("miniman_log_missed_records", "Records known to be missing, where their number is known");
    describe_counter!("miniman_redactions_total", "Secrets taken out of lines since the start, by rule");
    describe_counter!("miniman_store_commits_total", "Commits of the log store since the start");
    describe_gauge!("miniman_store_last_commit_seconds", Unit::Seconds, "How long the last commit took");
    describe_gauge!("miniman_store_failing", "1 while commits do not reach the disk");
    describe_gauge!("miniman_store_low_disk", "1 while less than the reserve is free on the disk");
    describe_gauge!("miniman_store_damaged_blocks", "Stored blocks that cannot be read");
    describe_counter!("miniman_store_taken_records_total", "Records that retention took since the start");
    describe_counter!("miniman_store_taken_early_records_total", "Those of them that went for want of space");
    describe_gauge!("miniman_store_file_bytes", Unit::Bytes, "The database file and its write-ahead log");
    describe_gauge!("miniman_store_open_bytes", Unit::Bytes, "Lines in blocks that are being filled");
    describe_gauge!("miniman_store_uncommitted_bytes", Unit::Bytes, "Lines in blocks that wait for a commit");
    describe_gauge!("miniman_store_cache_bytes", Unit::Bytes, "Lines in blocks kept for readers");
}

fn engines(principal: &Principal, roster: &Roster) {
    for engine in visible_engines(principal, roster) {
        let up = matches!(engine.status, EngineStatus::Connected);
        gauge!("miniman_engine_up", "engine" => engine.name.as_str().to_owned()).set(f64::from(up));
    }
}

fn container(entry: &Entry) {
    let (container, stored, gaps) = (&entry.container, entry.log.stored(), entry.log.gaps());
    let labels = [
        ("engine", entry.engine.as_str().to_owned()),
        ("stack", container.stack.clone().unwrap_or_default()),
        ("service", container.service.clone().unwrap_or_default()),
        ("container", container.name.clone()),
        // Names come again when a container is recreated; two series with the same labels would be an error.
        ("id", container.id.short().to_owned()),
    ];
    let set = |name: &'static str, value: f64| gauge!(name, &labels).set(value);
    set("miniman_container_running", f64::from(entry.present && container.state.is_up()));
    set("miniman_container_restarts", container.restart_count as f64);
    set("miniman_log_records", stored.records as f64);
    set("miniman_log_bytes", stored.raw_bytes as f64);
    set("miniman_log_stored_bytes", stored.stored_bytes as f64);
    set("miniman_log_lines_per_second", f64::from(entry.lines_per_sec));
    set("miniman_log_gaps", gaps.len() as f64);
    set("miniman_log_missed_records", gaps.iter().filter_map(|gap| gap.missed).sum::<u64>() as f64);
}

fn redactions(redactor: &Redactor) {
    for (rule, count) in redactor.counts() {
        counter!("miniman_redactions_total", "rule" => rule.name()).absolute(count);
    }
}

fn store_figures(stats: &StoreStats) {
    counter!("miniman_store_commits_total").absolute(stats.commits);
    gauge!("miniman_store_last_commit_seconds").set(stats.last_commit_micros as f64 / 1e6);
    gauge!("miniman_store_failing").set(f64::from(stats.health.failing.is_some()));
    gauge!("miniman_store_low_disk").set(f64::from(stats.health.low_disk.is_some()));
    gauge!("miniman_store_damaged_blocks").set(stats.health.damaged_blocks as f64);
    counter!("miniman_store_taken_records_total").absolute(stats.taken.records);
    counter!("miniman_store_taken_early_records_total").absolute(stats.health.taken_early.records);
    gauge!("miniman_store_file_bytes").set(stats.file_bytes as f64);
    gauge!("miniman_store_open_bytes").set(stats.open_bytes as f64);
    gauge!("miniman_store_uncommitted_bytes").set(stats.uncommitted_bytes as f64);
    gauge!("miniman_store_cache_bytes").set(stats.cache_bytes as f64);
}
