//! A whole server in a test, without a socket: real stores in a directory of their own, no engine, a clock that stands.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use miniman_engine::{
    Container, ContainerId, ContainerState, DockerEnv, Engine, EngineConfig, EngineName, Health, OwnContainer,
};
use miniman_hub::{Entry, Hub, HubOptions, Roster, SourceState};
use miniman_log::Timestamp;
use miniman_store::app::{AppStore, Role};
use miniman_store::logs::{LogIdentity, LogStore, LogStoreOptions};
use miniman_testkit::PrivateDocker;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::access::Housekeeping;
use crate::accounts::offline::{self, Given, TokenRequest};
use crate::clock::Clock;
use crate::config::ServerConfig;
use crate::state::AppState;

pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const HOST: &str = "127.0.0.1:5647";
pub(crate) const ORIGIN: &str = "http://127.0.0.1:5647";

/// Longest wait for anything that is to happen.
const LIMIT: Duration = Duration::from_secs(30);

/// A server and what it stands on; dropping it removes the directory.
pub(crate) struct TestServer {
    pub(crate) state: AppState,
    pub(crate) store: AppStore,
    pub(crate) clock: Clock,
    pub(crate) dir: TempDir,
}

impl TestServer {
    /// A server that nobody has set up.
    pub(crate) fn fresh() -> Self {
        Self::with(ServerConfig::default())
    }

    /// A server with the admin `ada`.
    pub(crate) fn set_up() -> Self {
        Self::set_up_with(ServerConfig::default())
    }

    pub(crate) fn set_up_with(config: ServerConfig) -> Self {
        let server = Self::with(config);
        server.add_user("ada", Role::Admin);
        server
    }

    pub(crate) fn with(config: ServerConfig) -> Self {
        Self::with_logs(config, |_| {})
    }

    /// A server that finds logs in its store, of containers that are gone.
    pub(crate) fn with_logs(config: ServerConfig, fill: impl FnOnce(&LogStore)) -> Self {
        Self::start(config, fill, None)
    }

    /// A server with the admin `ada` that follows a real engine.
    pub(crate) fn set_up_on(docker: &PrivateDocker, config: ServerConfig) -> Self {
        let server = Self::start(config, |_| {}, Some(docker));
        server.add_user("ada", Role::Admin);
        server
    }

    fn start(config: ServerConfig, fill: impl FnOnce(&LogStore), docker: Option<&PrivateDocker>) -> Self {
        let dir = TempDir::new().unwrap();
        let store = AppStore::open(dir.path()).unwrap();
        let logs = LogStore::open(dir.path(), LogStoreOptions::default()).unwrap();
        fill(&logs);
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let engines = docker.map(|docker| Engine::start(engine_config(docker), &tasks, shutdown.clone()));
        let engines = engines.into_iter().collect();
        let hub = Hub::start(engines, logs, HubOptions::default(), &tasks, shutdown.clone()).unwrap();
        let clock = Clock::at(Timestamp::parse(b"2026-11-21T14:02:07Z").unwrap());
        let state = AppState::new(hub, store.clone(), config, clock.clone(), tasks, shutdown).unwrap();
        Self { state, store, clock, dir }
    }

    /// As the command line does it, from another process.
    pub(crate) fn command_line(&self) -> AppStore {
        AppStore::open(self.dir.path()).unwrap()
    }

    pub(crate) fn add_user(&self, name: &str, role: Role) {
        self.add_user_given(name, Given::everywhere(&role));
    }

    /// A user whose sight is limited to these patterns.
    pub(crate) fn add_scoped_user(&self, name: &str, role: Role, scope: &[&str]) {
        let scope: Vec<String> = scope.iter().map(|&pattern| pattern.to_owned()).collect();
        self.add_user_given(name, Given { role: &role, scope: &scope });
    }

    fn add_user_given(&self, name: &str, given: Given<'_>) {
        offline::add_user(&self.command_line(), &self.clock, name, PASSWORD, given).unwrap();
        self.state.accounts.reload_now();
    }

    /// A new token of the user's, with its owner's role.
    pub(crate) fn token(&self, owner: &str) -> String {
        let role = self.store.user_by_name(owner).unwrap().unwrap().role;
        let request = TokenRequest { name: "test", given: Given::everywhere(&role), expires: None };
        offline::create_token(&self.command_line(), &self.clock, Some(owner), request).unwrap()
    }

    /// Logs in and returns the `Cookie` header.
    pub(crate) async fn cookie(&self, username: &str) -> String {
        let body = serde_json::json!({ "username": username, "password": PASSWORD });
        let response = self.send(post("/api/v1/login").json(&body)).await;
        assert_eq!(response.status(), StatusCode::OK);
        let cookie = response.headers()[http::header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        crate::router(self.state.clone()).oneshot(request).await.unwrap()
    }

    /// Waits until the hub knows a container of this name, in a state that the condition accepts.
    pub(crate) async fn present(&self, name: &str, condition: impl Fn(&Container) -> bool) -> Arc<Entry> {
        let mut roster = self.state.hub.roster();
        let known = roster.wait_for(|roster| find(roster, name, &condition).is_some());
        let roster =
            tokio::time::timeout(LIMIT, known).await.expect("the container is seen in time").unwrap();
        find(&roster, name, &condition).unwrap()
    }

    /// A container that is in no engine, for asking about rights.
    pub(crate) fn entry(&self, name: &str, change: impl FnOnce(&mut Container)) -> Arc<Entry> {
        entry(self.state.hub.store(), name, change)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.state.shutdown.cancel();
    }
}

fn find(roster: &Roster, name: &str, condition: impl Fn(&Container) -> bool) -> Option<Arc<Entry>> {
    let named =
        |entry: &&Arc<Entry>| entry.present && entry.container.name == name && condition(&entry.container);
    roster.seen_by(&Housekeeping).find(named).cloned()
}

fn engine_config(docker: &PrivateDocker) -> EngineConfig {
    EngineConfig {
        name: EngineName::default(),
        host: Some(docker.host()),
        log_root: None,
        env: DockerEnv::default(),
        own_container: OwnContainer::default(),
        marks_since: None,
    }
}

fn entry(logs: &LogStore, name: &str, change: impl FnOnce(&mut Container)) -> Arc<Entry> {
    let id = format!("{:0>64x}", name.len());
    let mut container = Container {
        id: ContainerId::parse(&id).unwrap(),
        name: name.to_owned(),
        image: "busybox".to_owned(),
        image_id: String::new(),
        state: ContainerState::Running,
        health: Health::None,
        exit_code: None,
        oom_killed: false,
        restart_count: 0,
        created: Timestamp(0),
        started_at: None,
        finished_at: None,
        tty: false,
        log_driver: "json-file".to_owned(),
        log_options: std::collections::BTreeMap::new(),
        stack: None,
        service: None,
        number: None,
        retention: None,
        redact: None,
        multiline: None,
        own_labels: std::collections::BTreeMap::new(),
        hide: None,
        message: None,
        ports: Vec::new(),
        is_self: false,
    };
    change(&mut container);
    let log = logs
        .log(&LogIdentity {
            engine: "local".to_owned(),
            container_id: id,
            name: name.to_owned(),
            image: container.image.clone(),
            stack: container.stack.clone(),
            service: container.service.clone(),
            number: container.number,
            created: container.created,
        })
        .unwrap();
    Arc::new(Entry {
        engine: EngineName::default(),
        container: Arc::new(container),
        present: true,
        log,
        source: SourceState::Opening,
        backfill: None,
        settled: false,
        lines_per_sec: 0.0,
        marks: 0,
    })
}

/// A request being put together, with the `Host` that a browser would send.
pub(crate) struct RequestTo(http::request::Builder);

pub(crate) fn get(uri: &str) -> RequestTo {
    RequestTo(Request::get(uri).header("host", HOST))
}

pub(crate) fn post(uri: &str) -> RequestTo {
    RequestTo(Request::post(uri).header("host", HOST))
}

pub(crate) fn put(uri: &str) -> RequestTo {
    RequestTo(Request::put(uri).header("host", HOST))
}

pub(crate) fn delete(uri: &str) -> RequestTo {
    RequestTo(Request::delete(uri).header("host", HOST))
}

impl RequestTo {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    pub(crate) fn json(self, body: &serde_json::Value) -> Request<Body> {
        self.0.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
    }

    pub(crate) fn empty(self) -> Request<Body> {
        self.body(Body::empty())
    }

    pub(crate) fn body(self, body: Body) -> Request<Body> {
        self.0.body(body).unwrap()
    }
}

pub(crate) async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The `code` of a problem; panics when the answer is none.
pub(crate) async fn code(response: Response<Body>) -> String {
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    problem["code"].as_str().unwrap().to_owned()
}

/// Waits for a condition, as other processes' writes are noticed within a time and not at once.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let found = tokio::time::timeout(LIMIT, async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("{what}: not in time"));
}
