//! A private daemon, an engine handle on it, and waiting for what the handle says.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use miniman_engine::{
    Container, ContainerId, DockerEnv, Engine, EngineConfig, EngineEvent, EngineState, EngineStatus, MarkKind,
};
use miniman_log::Timestamp;
use miniman_testkit::{DaemonOptions, PrivateDocker};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Far beyond what a busy machine takes for one step.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Rig {
    pub(crate) docker: PrivateDocker,
    pub(crate) engine: Engine,
    events: mpsc::Receiver<EngineEvent>,
    /// Taken from the channel, not asked for yet.
    waiting: VecDeque<EngineEvent>,
    pub(crate) tasks: TaskTracker,
    pub(crate) shutdown: CancellationToken,
}

/// A mark, with what a test compares.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) container: Arc<Container>,
    pub(crate) timestamp: Timestamp,
    pub(crate) kind: MarkKind,
}

impl Rig {
    /// Daemon and engine, connected and listed.
    pub(crate) async fn new() -> Self {
        Self::with(PrivateDocker::start().unwrap(), EngineConfig::default()).await
    }

    pub(crate) async fn live_restoring() -> Self {
        let options = DaemonOptions { live_restore: true, ..DaemonOptions::default() };
        Self::with(PrivateDocker::start_with(options).unwrap(), EngineConfig::default()).await
    }

    pub(crate) async fn with(docker: PrivateDocker, config: EngineConfig) -> Self {
        let mut rig = Self::unconnected(docker, config);
        rig.resynced().await;
        rig
    }

    pub(crate) fn unconnected(docker: PrivateDocker, config: EngineConfig) -> Self {
        // What the test names itself wins.
        let env = DockerEnv { docker_host: Some(docker.host()), ..DockerEnv::default() };
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let (engine, events) = Engine::start(EngineConfig { env, ..config }, &tasks, shutdown.clone());
        Self { docker, engine, events, waiting: VecDeque::new(), tasks, shutdown }
    }

    /// Shuts the engine's loop down, which must not take long.
    pub(crate) async fn end(self) {
        self.shutdown.cancel();
        self.tasks.close();
        within("the loop's end", self.tasks.wait()).await;
    }

    pub(crate) fn docker(&self, args: &[&str]) -> String {
        self.docker.docker(args).unwrap()
    }

    /// The container's full id, as Docker resolves the name.
    pub(crate) fn id(&self, name: &str) -> ContainerId {
        ContainerId::parse(&self.docker.inspect(name, "{{.Id}}").unwrap()).unwrap()
    }

    pub(crate) fn state_now(&self) -> Arc<EngineState> {
        self.engine.state().borrow().clone()
    }

    pub(crate) fn container(&self, id: &ContainerId) -> Arc<Container> {
        Arc::clone(self.state_now().containers.get(id).expect("the container is in the state"))
    }

    pub(crate) async fn state_where(
        &self,
        what: &str,
        is_so: impl Fn(&EngineState) -> bool,
    ) -> Arc<EngineState> {
        let mut state = self.engine.state();
        let found = within(what, state.wait_for(|state| is_so(state))).await;
        Arc::clone(&found.expect("the engine lives"))
    }

    pub(crate) async fn lost(&self) -> Arc<EngineState> {
        self.state_where("the loss", |state| matches!(state.status, EngineStatus::Lost { .. })).await
    }

    pub(crate) async fn resynced(&mut self) {
        loop {
            let event = within("a resync", self.events.recv()).await.expect("the engine lives");
            if event == EngineEvent::Resynced {
                return;
            }
            self.waiting.push_back(event);
        }
    }

    async fn event(&mut self, what: &str) -> EngineEvent {
        match self.waiting.pop_front() {
            Some(event) => event,
            None => within(what, self.events.recv()).await.expect("the engine lives"),
        }
    }

    /// All marks of a container up to and with the first that is `last`.
    pub(crate) async fn marks_until(
        &mut self,
        id: &ContainerId,
        last: impl Fn(&MarkKind) -> bool,
    ) -> Vec<Mark> {
        let mut marks = Vec::new();
        loop {
            let what = format!("a mark after {marks:?}");
            let EngineEvent::Mark { container, timestamp, kind } = self.event(&what).await else { continue };
            if container.id != *id {
                continue;
            }
            let done = last(&kind);
            marks.push(Mark { container, timestamp, kind });
            if done {
                return marks;
            }
        }
    }

    pub(crate) async fn kinds_until(
        &mut self,
        id: &ContainerId,
        last: impl Fn(&MarkKind) -> bool,
    ) -> Vec<MarkKind> {
        self.marks_until(id, last).await.into_iter().map(|mark| mark.kind).collect()
    }

    pub(crate) async fn removed(&mut self) -> ContainerId {
        loop {
            if let EngineEvent::Removed(id) = self.event("a removal").await {
                return id;
            }
        }
    }

    /// The words of all marks that came, as `name: word`, up to a mark that a container made now gives.
    pub(crate) async fn all_words_until_now(&mut self) -> Vec<String> {
        let fence =
            self.docker(&["create", "--network=none", "--name=fence", miniman_testkit::docker::SAMPLE_IMAGE]);
        let mut words = Vec::new();
        loop {
            let EngineEvent::Mark { container, kind, .. } = self.event("the fence").await else { continue };
            if container.id.as_str() == fence {
                self.docker(&["rm", "fence"]);
                return words;
            }
            words.push(format!("{}: {}", container.name, kind.as_str()));
        }
    }
}

pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for {what}"))
}

pub(crate) fn exited(exit_code: i64) -> MarkKind {
    MarkKind::Exited { exit_code: Some(exit_code), oom_killed: false }
}

pub(crate) fn killed(signal: &str) -> MarkKind {
    MarkKind::Killed { signal: signal.into() }
}
