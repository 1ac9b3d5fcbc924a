//! A server with logs in its store, for the tests of this module's routes.

use axum::body::Body;
use http::{Response, StatusCode};
use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};
use miniman_store::app::{NewSearch, Role};
use miniman_store::logs::{GapReason, Log, LogIdentity, LogStore, Mark};
use serde_json::Value;

use crate::access::Housekeeping;
use crate::config::ServerConfig;
use crate::testing::{TestServer, get, text};

pub(crate) const SECOND: i64 = 1_000_000_000;
/// A quarter of an hour before the test server's clock.
pub(crate) const START: i64 = 1_795_269_727 * SECOND - 900 * SECOND;

pub(crate) struct Fixture {
    pub(crate) server: TestServer,
    bearer: String,
}

impl Fixture {
    /// `shop` has `web-1` with ten lines a second apart and a gap behind the fifth, and `db-1` with three lines in
    /// between; `lone` belongs to no stack and is empty.
    pub(crate) async fn shop() -> Self {
        Self::with(|logs| {
            let web = log(logs, 'a', "web-1", Some(("shop", "web")));
            let lines = |from: i64, to: i64| {
                let line = |index: i64| {
                    let severity = if index % 2 == 0 { Severity::INFO } else { Severity::ERROR };
                    (START + index * SECOND, severity, format!("web {index}"))
                };
                (from..to).map(line).collect::<Vec<_>>()
            };
            web.append(&batch(lines(0, 5)), None).unwrap();
            let (since, until) = (Some(Timestamp(START + 4 * SECOND)), Some(Timestamp(START + 5 * SECOND)));
            web.append_gap(Some(4), since, until, GapReason::RotatedAway, None).unwrap();
            web.append(&batch(lines(5, 10)), None).unwrap();
            web.mark(Mark {
                timestamp: Timestamp(START + 20 * SECOND),
                kind: "exited".into(),
                after_seq: 0,
                detail: r#"{"exit_code":137,"oom_killed":true}"#.into(),
            })
            .unwrap();
            let db = log(logs, 'b', "db-1", Some(("shop", "db")));
            let line = |index: i64| {
                (START + index * SECOND + SECOND / 2, Severity::UNSPECIFIED, format!("db {index}"))
            };
            db.append(&batch((1..4).map(line)), None).unwrap();
            log(logs, 'c', "lone", None);
        })
        .await
        .with_search()
    }

    /// One search of ada's.
    fn with_search(self) -> Self {
        let ada = self.server.store.user_by_name("ada").unwrap().unwrap();
        let query = "stack=shop&filter=level%3Aerror";
        let search =
            NewSearch { user_id: ada.id, name: "Errors of the shop", query, shared: true, who: "ada" };
        self.server.store.add_search(search, Timestamp(START)).unwrap();
        self
    }

    pub(crate) async fn with(fill: impl FnOnce(&LogStore)) -> Self {
        let server = TestServer::with_logs(ServerConfig::default(), fill);
        server.add_user("ada", Role::Admin);
        let logs = server.state.hub.store().logs().len();
        let mut roster = server.state.hub.roster();
        let roster =
            roster.wait_for(|roster| roster.seen_by(&Housekeeping).count() == logs).await.unwrap().clone();
        // Stacks have their numbers, whether the task that gives them has had its turn or not.
        roster.seen_by(&Housekeeping).for_each(|entry| {
            server.state.stack_ids.config_id(entry);
        });
        let bearer = format!("Bearer {}", server.token("ada"));
        Self { server, bearer }
    }

    pub(crate) async fn get(&self, path: &str) -> Response<Body> {
        self.get_as(path, "*/*").await
    }

    pub(crate) async fn get_as(&self, path: &str, accept: &str) -> Response<Body> {
        let request = get(path).header("authorization", &self.bearer).header("accept", accept);
        self.server.send(request.empty()).await
    }

    /// Asked by a client that takes it packed on its way.
    pub(crate) async fn get_packed(&self, path: &str, packing: &str) -> Response<Body> {
        let request = get(path).header("authorization", &self.bearer).header("accept", "*/*");
        self.server.send(request.header("accept-encoding", packing).empty()).await
    }

    pub(crate) async fn ok(&self, path: &str) -> String {
        let response = self.get(path).await;
        let status = response.status();
        let text = text(response).await;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        text
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.ok(path).await).unwrap()
    }

    /// Status and code of a problem.
    pub(crate) async fn refused(&self, path: &str) -> (u16, String) {
        let response = self.get(path).await;
        (response.status().as_u16(), crate::testing::code(response).await)
    }
}

/// A log of a container whose id is 64 times `digit`.
pub(crate) fn log(logs: &LogStore, digit: char, name: &str, member: Option<(&str, &str)>) -> Log {
    let identity = LogIdentity {
        engine: "local".into(),
        container_id: digit.to_string().repeat(64),
        name: name.into(),
        image: "busybox:1".into(),
        stack: member.map(|(stack, _)| stack.into()),
        service: member.map(|(_, service)| service.into()),
        number: member.map(|_| 1),
        created: Timestamp(START),
    };
    logs.log(&identity).unwrap()
}

pub(crate) fn batch(lines: impl IntoIterator<Item = (i64, Severity, String)>) -> RecordBatch {
    let mut batch = RecordBatch::new();
    for (timestamp, severity, body) in lines {
        let stream = if severity == Severity::ERROR { IoStream::Stderr } else { IoStream::Stdout };
        batch.push(Timestamp(timestamp), stream, severity, body.as_bytes(), 0);
    }
    batch
}
