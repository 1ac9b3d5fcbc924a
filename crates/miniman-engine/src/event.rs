//! What an engine tells the hub: a closed list of everything that can happen.

use std::sync::Arc;

use miniman_log::Timestamp;

use crate::{Container, ContainerId, Health};

/// Events that wait for the hub before the engine's loop waits too: 1,024 × ~200 B ≈ 0.2 MB an engine.
pub const EVENTS_MAX: usize = 1_024;

#[derive(Debug, Clone, PartialEq)]
pub enum EngineEvent {
    /// Something happened to a container. The state of that container was published before.
    Mark {
        /// As it was right after.
        container: Arc<Container>,
        timestamp: Timestamp,
        kind: MarkKind,
    },
    /// A container came and went before it could be looked at: its marks are all that is known of it. Stands between its
    /// `Removed` mark and [`EngineEvent::Removed`].
    Unseen {
        container: Arc<Container>,
        /// When it was told last that it ran; `None` when it never did, and has written nothing.
        ran: Option<Timestamp>,
    },
    /// The container is gone from the engine; follows its `Removed` mark.
    Removed(ContainerId),
    /// All containers were listed and inspected anew; what was missed meanwhile has been told before this.
    Resynced,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkKind {
    Created,
    Started,
    Exited {
        /// `None` when it happened unseen and the container runs again.
        exit_code: Option<i64>,
        oom_killed: bool,
    },
    /// The kernel killed a process of it for want of memory.
    Oom,
    /// Somebody stopped it; follows its `Exited`.
    Stopped,
    /// Somebody restarted it; follows its `Exited`, `Stopped` and `Started`.
    Restarted,
    /// Its restart policy started it again; stands for `Started`.
    RestartedByPolicy {
        count: u64,
    },
    /// Somebody sent it a signal: `9`, `SIGTERM`, as the engine says it.
    Killed {
        signal: String,
    },
    Paused,
    Unpaused,
    Health(Health),
    Renamed {
        from: String,
        to: String,
    },
    Removed,
}

impl MarkKind {
    /// The kind's stable word: kept in the store.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Started => "started",
            Self::Exited { .. } => "exited",
            Self::Oom => "oom",
            Self::Stopped => "stopped",
            Self::Restarted => "restarted",
            Self::RestartedByPolicy { .. } => "restarted-by-policy",
            Self::Killed { .. } => "killed",
            Self::Paused => "paused",
            Self::Unpaused => "unpaused",
            Self::Health(_) => "health",
            Self::Renamed { .. } => "renamed",
            Self::Removed => "removed",
        }
    }

    /// Docker's own word for what happened: the action of a status change.
    pub fn docker_word(&self) -> &'static str {
        match self {
            Self::Created => "create",
            Self::Started | Self::RestartedByPolicy { .. } => "start",
            Self::Exited { .. } => "die",
            Self::Oom => "oom",
            Self::Stopped => "stop",
            Self::Restarted => "restart",
            Self::Killed { .. } => "kill",
            Self::Paused => "pause",
            Self::Unpaused => "unpause",
            Self::Health(_) => "health_status",
            Self::Renamed { .. } => "rename",
            Self::Removed => "destroy",
        }
    }
}
