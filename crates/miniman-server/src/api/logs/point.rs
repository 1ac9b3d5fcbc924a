//! `since=start`, `restart` and `deploy`: points in each container's own life, as positions in its log.
//!
//! A run begins behind the end of the run before, and not when Docker says that it started: a busy daemon tells that
//! late, and what a container said until then would be missing.

use std::collections::HashMap;
use std::sync::Arc;

use miniman_hub::{Cursor, Entry};
use miniman_log::Timestamp;
use miniman_store::logs::{Log, Mark, StoreError};

use super::query::LogsQuery;

/// Marks looked through for the end of a run, the newest ones: some ten a restart.
const MARKS_MAX: usize = 200;

/// Where a view begins in each container's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Its present or last run.
    Start,
    /// The last restart of any of them, for all of them.
    Restart,
    /// The last recreate of its service: what its present containers said.
    Deploy,
}

/// Where a log's part begins: the first number wanted, and a time that no line before it is younger than.
struct Begin {
    seq: i64,
    time: Option<Timestamp>,
}

impl Point {
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "start" => Some(Self::Start),
            "restart" => Some(Self::Restart),
            "deploy" => Some(Self::Deploy),
            _ => None,
        }
    }

    /// Makes positions and a time of the point, in `query`. Blocking.
    pub(super) fn resolve(self, entries: &[Arc<Entry>], query: &mut LogsQuery) -> Result<(), StoreError> {
        let begins = match self {
            Self::Start => entries.iter().map(|entry| run(&entry.log)).collect::<Result<Vec<_>, _>>()?,
            Self::Restart => since_restart(entries)?,
            Self::Deploy => since_deploy(entries),
        };
        let mut after = query.after.take().unwrap_or_default();
        for (entry, begin) in entries.iter().zip(&begins) {
            let log = entry.log.id();
            let behind = begin.seq.saturating_sub(1);
            after.set(log, after.get(log).map_or(behind, |asked| asked.max(behind)));
        }
        query.after = (after != Cursor::default()).then_some(after);
        query.since = begins.iter().filter_map(|begin| begin.time).min();
        Ok(())
    }
}

/// All of a log.
fn whole(log: &Log) -> Begin {
    Begin { seq: log.bounds().first, time: log.stored().first_timestamp }
}

/// The present run of a log's container, or its last one.
fn run(log: &Log) -> Result<Begin, StoreError> {
    Ok(end_before_last_run(log)?.map_or_else(|| whole(log), |end| behind(&end)))
}

fn behind(end: &Mark) -> Begin {
    Begin { seq: end.after_seq.saturating_add(1), time: Some(end.timestamp) }
}

/// The end of the run before the last one; `None` when there was none.
fn end_before_last_run(log: &Log) -> Result<Option<Mark>, StoreError> {
    let mut marks = log.marks(None, None, MARKS_MAX)?;
    let begins = |mark: &Mark| matches!(mark.kind.as_str(), "started" | "restarted-by-policy");
    let Some(last) = marks.iter().rposition(begins) else { return Ok(None) };
    marks.truncate(last);
    Ok(marks.into_iter().rfind(|mark| mark.kind == "exited"))
}

fn since_restart(entries: &[Arc<Entry>]) -> Result<Vec<Begin>, StoreError> {
    let mut ends = Vec::with_capacity(entries.len());
    for entry in entries {
        ends.push(end_before_last_run(&entry.log)?);
    }
    let Some(last) = ends.iter().flatten().map(|end| end.timestamp).max() else {
        return Ok(entries.iter().map(|entry| whole(&entry.log)).collect());
    };
    let begins = entries.iter().zip(ends).map(|(entry, end)| match end {
        Some(end) if end.timestamp == last => Ok(behind(&end)),
        _ => Ok(Begin { seq: entry.log.seek(last)?, time: Some(last) }),
    });
    begins.collect()
}

fn since_deploy(entries: &[Arc<Entry>]) -> Vec<Begin> {
    // Of each service, or of a container without one: whether any is still there, and the newest.
    let mut services: HashMap<_, (bool, Timestamp)> = HashMap::new();
    for entry in entries {
        let service = services.entry(service(entry)).or_insert((false, Timestamp(i64::MIN)));
        *service = (service.0 || entry.present, service.1.max(entry.container.created));
    }
    let begin = |entry: &Arc<Entry>| {
        let (any_present, newest) = services[&service(entry)];
        let kept = if any_present { entry.present } else { entry.container.created == newest };
        if kept { whole(&entry.log) } else { Begin { seq: entry.log.bounds().next, time: None } }
    };
    entries.iter().map(begin).collect()
}

fn service(entry: &Entry) -> (&str, Option<&str>, &str) {
    let container = &entry.container;
    let name = container.service.as_deref().unwrap_or(&container.name);
    (entry.engine.as_str(), container.stack.as_deref(), name)
}

#[cfg(test)]
mod tests {
    use miniman_store::logs::LogIdentity;

    use super::*;
    use crate::api::testing::{Fixture, SECOND, START, batch, log};

    fn lines(log: &Log, name: &str, seconds: std::ops::Range<i64>) {
        let line =
            |second: i64| (START + second * SECOND, miniman_log::Severity::INFO, format!("{name} {second}"));
        log.append(&batch(seconds.map(line)), None).unwrap();
    }

    fn mark(log: &Log, second: i64, kind: &str) {
        let timestamp = Timestamp(START + second * SECOND);
        log.mark(Mark { timestamp, kind: kind.into(), after_seq: 0, detail: "{}".into() }).unwrap();
    }

    /// `web-1` (log 2) exited at 5 and began anew, which was told late, at 7; `db-1` never did; log 1 is of the `web-1` of before.
    async fn fixture() -> Fixture {
        Fixture::with(|logs| {
            let identity = LogIdentity {
                engine: "local".into(),
                container_id: "d".repeat(64),
                name: "web-1".into(),
                image: "busybox:1".into(),
                stack: Some("shop".into()),
                service: Some("web".into()),
                number: Some(1),
                created: Timestamp(START - SECOND),
            };
            lines(&logs.log(&identity).unwrap(), "old", 0..3);
            let web = log(logs, 'a', "web-1", Some(("shop", "web")));
            lines(&web, "web", 1..5);
            lines(&web, "web", 6..10);
            for (second, kind) in [(1, "started"), (5, "exited"), (7, "started"), (10, "exited")] {
                mark(&web, second, kind);
            }
            lines(&log(logs, 'b', "db-1", Some(("shop", "db"))), "db", 2..8);
        })
        .await
    }

    #[tokio::test]
    async fn a_view_begins_where_its_containers_lives_say() {
        let shop = fixture().await;
        let read = async |asked: &str| {
            shop.ok(&format!("/api/v1/logs?format=text&{asked}")).await.replace('\n', ",")
        };
        assert_eq!(read("container=aaaa&since=start").await, "web 6,web 7,web 8,web 9,");
        assert_eq!(read("container=aaaa&since=restart").await, "web 6,web 7,web 8,web 9,");
        assert_eq!(read("service=web&since=start&limit=4").await, "old 0,old 1,old 2,web 6,");
        assert_eq!(read("service=web&since=deploy&limit=2").await, "web 1,web 2,");
        assert_eq!(read("stack=shop&since=deploy&limit=3").await, "web 1,db 2,web 2,");
        assert_eq!(read("container=db-1&since=restart").await, "db 2,db 3,db 4,db 5,db 6,db 7,");
        let merged = read("container=aaaa&container=db-1&since=restart").await;
        assert_eq!(merged, "db 5,db 6,web 6,db 7,web 7,web 8,web 9,");
        assert_eq!(read("container=aaaa&since=start&after=2:6").await, "web 9,");
        let told = shop.json("/api/v1/logs/histogram?container=aaaa&since=restart").await;
        assert_eq!((&told["records"], &told["since"]), (&4.into(), &"2026-11-21T13:47:12.000000000Z".into()));
        assert_eq!(shop.refused("/api/v1/logs?until=deploy").await.0, 400);
    }
}
