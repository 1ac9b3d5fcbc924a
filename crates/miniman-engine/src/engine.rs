//! The handle to one engine.

mod supervisor;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use miniman_log::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::daemon::Daemon;
use crate::{
    Action, ActionError, ActionErrorKind, ContainerId, Details, DetailsError, DockerEnv, EVENTS_MAX,
    EngineEvent, EngineName, EngineState, EngineStatus, FileAccess, LogStream, LogsAsked, LogsError,
    OwnContainer, Usage,
};
use supervisor::Supervisor;

/// One engine, as configured.
#[derive(Debug, Clone, Default)]
pub struct EngineConfig {
    pub name: EngineName,
    /// `--docker-host`: the only endpoint tried when given.
    pub host: Option<String>,
    /// The engine's root directory as mounted here; `containers` lies in it.
    pub log_root: Option<PathBuf>,
    pub env: DockerEnv,
    pub own_container: OwnContainer,
    /// Until when marks were kept, by the engine's clock: what its memory of events holds after this is told at the
    /// first connection. `None`: only what happens from then on.
    pub marks_since: Option<Timestamp>,
}

/// A handle to one engine and the loop that supervises it. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    config: Arc<EngineConfig>,
    state: watch::Receiver<Arc<EngineState>>,
    link: Link,
}

/// What is connected now, if anything: set by the loop, used by the handles.
#[derive(Clone, Default)]
struct Link(Arc<Mutex<Option<Linked>>>);

#[derive(Clone)]
struct Linked {
    daemon: Arc<Daemon>,
    files: FileAccess,
}

impl Link {
    fn get(&self) -> Option<Linked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, linked: Option<Linked>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = linked;
    }
}

impl Engine {
    /// Starts looking for the engine and following it, until `shutdown`. Never fails: what was tried shows in the
    /// state, and trying goes on.
    ///
    /// The receiver must be drained: the loop waits for room in it.
    pub fn start(
        config: EngineConfig,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> (Self, mpsc::Receiver<EngineEvent>) {
        let (events, receiver) = mpsc::channel(EVENTS_MAX);
        let first = EngineState {
            name: config.name.clone(),
            status: EngineStatus::Connecting { tried: Vec::new() },
            containers: Arc::default(),
            generation: 0,
            info: None,
        };
        let (publish, state) = watch::channel(Arc::new(first));
        let config = Arc::new(config);
        let link = Link::default();
        let supervisor = Supervisor::new(Arc::clone(&config), link.clone(), publish, events);
        tasks.spawn(async move {
            // The loop holds nothing that must be put away: it may be dropped anywhere.
            shutdown.run_until_cancelled_owned(supervisor.run()).await;
        });
        (Self { config, state, link }, receiver)
    }

    pub fn name(&self) -> &EngineName {
        &self.config.name
    }

    pub fn state(&self) -> watch::Receiver<Arc<EngineState>> {
        self.state.clone()
    }

    /// Does it and waits for the engine's answer, at most [`crate::action::ACTION_TIMEOUT`] beyond the container's
    /// own stop grace. That the container already is what was asked for counts as done. The state shows it when the
    /// engine's event comes, which may be a moment later.
    ///
    /// # Errors
    /// [`ActionErrorKind::Unreachable`] means that it may or may not have happened.
    ///
    /// # Cancel safety
    /// Dropped, the engine may still do it.
    pub async fn act(&self, id: &ContainerId, action: Action) -> Result<(), ActionError> {
        if self.config.own_container.is(id) {
            let text = "This is the container that MiniMan runs in.".into();
            return Err(ActionError { kind: ActionErrorKind::OwnContainer, text });
        }
        let Some(linked) = self.link.get() else {
            let text = "The engine is not connected.".into();
            return Err(ActionError { kind: ActionErrorKind::Unreachable, text });
        };
        linked.daemon.act(id, action).await
    }

    /// The container's log from `since` (inclusive) on, both streams, with timestamps.
    pub async fn follow_logs(
        &self,
        id: &ContainerId,
        since: Option<Timestamp>,
        follow: bool,
    ) -> Result<LogStream, LogsError> {
        self.logs(id, LogsAsked { since, follow, ..LogsAsked::default() }).await
    }

    /// A part of the container's log, both streams, with timestamps.
    ///
    /// # Errors
    /// When the engine has no such container, cannot read its log, or does not answer.
    pub async fn logs(&self, id: &ContainerId, asked: LogsAsked) -> Result<LogStream, LogsError> {
        let Some(linked) = self.link.get() else {
            return Err(LogsError::Unreachable("The engine is not connected.".into()));
        };
        Ok(LogStream::new(linked.daemon.logs(id, asked).await?))
    }

    /// How the container is made, read now.
    ///
    /// # Errors
    /// When the engine has no such container, or does not answer.
    pub async fn details(&self, id: &ContainerId) -> Result<Details, DetailsError> {
        let Some(linked) = self.link.get() else {
            return Err(DetailsError::Unreachable("The engine is not connected.".into()));
        };
        Ok(linked.daemon.details(id).await?)
    }

    /// One reading of what the container uses; `None` when it does not run or could not be read.
    pub async fn usage(&self, id: &ContainerId) -> Option<Usage> {
        match self.link.get()?.daemon.usage(id).await {
            Ok(usage) => usage,
            Err(error) => {
                tracing::debug!(container = id.short(), %error, "what a container uses could not be read");
                None
            }
        }
    }

    /// Whether the log files of the engine may be read. While the engine is lost, as it was when connected: its
    /// files are still there. Looked at again now and then.
    pub fn file_access(&self) -> FileAccess {
        match self.link.get() {
            Some(linked) => linked.files,
            None => FileAccess::No { reason: "The engine is not connected.".into() },
        }
    }
}
