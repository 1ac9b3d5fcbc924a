//! A server with one log, one admin and one token, asked through its router.

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use miniman_hub::{Hub, HubOptions};
use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};
use miniman_server::accounts::offline::{self, Given, TokenRequest};
use miniman_server::{AppState, Clock, ServerConfig};
use miniman_store::app::{AppStore, Role};
use miniman_store::logs::{LogIdentity, LogStore, LogStoreOptions};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

pub struct Site {
    runtime: Runtime,
    router: Router,
    /// As an `Authorization` says it.
    pub bearer: String,
    /// Goes with the process, by the system's own clean-up of its temporary folder.
    _dir: TempDir,
}

/// The one of this process.
pub fn site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(Site::start)
}

impl Site {
    fn start() -> Site {
        let dir = tempfile::tempdir().unwrap();
        let store = AppStore::open(dir.path()).unwrap();
        let clock = Clock::at(Timestamp(1_795_269_727_000_000_000));
        offline::add_user(&store, &clock, "ada", "correct horse", Given::everywhere(&Role::Admin)).unwrap();
        let request = TokenRequest { name: "fuzz", given: Given::everywhere(&Role::Admin), expires: None };
        let token = offline::create_token(&store, &clock, Some("ada"), request).unwrap();
        let logs = LogStore::open(dir.path(), LogStoreOptions::default()).unwrap();
        fill(&logs, clock.now());
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let entered = runtime.enter();
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let hub = Hub::start(Vec::new(), logs, HubOptions::default(), &tasks, shutdown.clone()).unwrap();
        let state = AppState::new(hub, store, ServerConfig::default(), clock, tasks, shutdown).unwrap();
        let router = miniman_server::router(state);
        drop(entered);
        Site { runtime, router, bearer: format!("Bearer {token}"), _dir: dir }
    }

    /// The answer's head, and the beginning of its body: one that follows a log has no end. `None` when there is no answer
    /// yet, which is how a poll waits.
    pub fn ask(&self, request: Request<Body>) -> Option<(StatusCode, HeaderMap, Vec<u8>)> {
        self.runtime.block_on(async {
            let response =
                tokio::time::timeout(Duration::from_millis(20), self.router.clone().oneshot(request)).await;
            let (head, mut body) = response.ok()?.unwrap().into_parts();
            let first = tokio::time::timeout(Duration::from_millis(20), body.frame()).await;
            let first = first.ok().flatten().and_then(Result::ok).and_then(|frame| frame.into_data().ok());
            Some((head.status, head.headers, first.unwrap_or_default().to_vec()))
        })
    }

    /// The status of the answer, of which all holds that holds of every one.
    pub fn check(&self, request: Request<Body>) -> Option<StatusCode> {
        let (status, headers, _) = self.ask(request)?;
        assert!(!status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE, "{status}");
        if let Some(location) = headers.get(header::LOCATION) {
            let location = location.as_bytes();
            assert!(location.first() == Some(&b'/') && !matches!(location.get(1), Some(b'/' | b'\\')));
        }
        assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY));
        Some(status)
    }
}

fn fill(logs: &LogStore, now: Timestamp) {
    let log = logs.log(&LogIdentity {
        engine: "local".to_owned(),
        container_id: "a".repeat(64),
        name: "web-1".to_owned(),
        image: "busybox:1".to_owned(),
        stack: Some("shop".to_owned()),
        service: Some("web".to_owned()),
        number: Some(1),
        created: now,
    });
    let mut batch = RecordBatch::new();
    for line in 0..100 {
        let body = format!("{{\"level\":\"warn\",\"msg\":\"line {line}\"}}");
        batch.push(Timestamp(now.0 + line), IoStream::Stdout, Severity::WARN, body.as_bytes(), 0);
    }
    log.unwrap().append(&batch, None).unwrap();
}
