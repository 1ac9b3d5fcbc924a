//! What happened to a container, as told to clients: `container_status_change`.
//!
//! Docker tells a restart by hand as `kill`, `die`, `stop`, `start` and `restart`. A client that toggles its stream on
//! each of these ends up with the wrong one, so what belongs together is told once: [`Coalescer`] holds a stop or a
//! start back for a moment to see whether it is part of something larger.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use miniman_engine::{Container, ContainerId, EngineName};
use miniman_log::Timestamp;
use tokio::time::Instant;

/// One change of a container's status.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub engine: EngineName,
    pub container: Arc<Container>,
    /// Docker's word: `start`, `stop`, `restart`, `die`, `kill`, `pause`, `unpause`, `oom`, `rename`, `create`,
    /// `destroy`, `health_status`.
    pub action: &'static str,
    pub timestamp: Timestamp,
    pub success: bool,
    pub error: Option<String>,
}

/// How long a stop waits for a start that would make it a restart: Docker needs 0.2 to 0.6 s between the two, and a
/// change made by hand has to show within a second.
const STOP_HOLD: Duration = Duration::from_millis(700);
/// Docker tells `restart` right behind `start`.
const START_HOLD: Duration = Duration::from_millis(100);

/// Changes that wait for what may follow them, at most one a container.
#[derive(Debug, Default)]
pub(crate) struct Coalescer {
    held: HashMap<ContainerId, (Change, Instant)>,
}

impl Coalescer {
    /// Takes a change in; returns what is to be told now.
    pub(crate) fn take(&mut self, change: Change, now: Instant) -> Option<Change> {
        let id = change.container.id.clone();
        let held = self.held.remove(&id);
        let was_down = held.as_ref().is_some_and(|(held, _)| matches!(held.action, "die" | "stop"));
        match change.action {
            // `die` comes first, `stop` names the reason: the later one stands for both.
            "die" | "stop" => {
                self.held.insert(id, (change, now + STOP_HOLD));
                None
            }
            "start" => {
                let action = if was_down { "restart" } else { "start" };
                self.held.insert(id, (Change { action, ..change }, now + START_HOLD));
                None
            }
            // A kill is told by the death that follows; a restart stands for all that was held.
            "kill" => {
                if let Some(held) = held {
                    self.held.insert(id, held);
                }
                None
            }
            "restart" => Some(change),
            _ => {
                if let Some(held) = held {
                    self.held.insert(id, held);
                }
                Some(change)
            }
        }
    }

    /// What has waited long enough.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<Change> {
        let ids: Vec<_> =
            self.held.iter().filter(|(_, (_, until))| *until <= now).map(|(id, _)| id.clone()).collect();
        ids.into_iter().filter_map(|id| self.held.remove(&id)).map(|(change, _)| change).collect()
    }

    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.held.values().map(|(_, until)| *until).min()
    }

    /// Forgets what is held of a container: an operation of ours tells it instead.
    pub(crate) fn forget(&mut self, id: &ContainerId) {
        self.held.remove(id);
    }
}
