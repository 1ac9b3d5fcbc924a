//! Whether a container's log goes on.

use std::time::Duration;

use miniman_engine::ContainerState;
use miniman_hub::{Entry, SourceState};
use miniman_log::Timestamp;

/// How long a stop may turn out to be a restart: between the two Docker needs 0.2 to 0.6 s, more on a loaded host.
pub(super) const RESTART_HOLD: Duration = Duration::from_secs(2);

/// What can be expected of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// More lines may come.
    Open,
    /// The container has stopped or is gone, and all it wrote is in the log. What stopped only a moment ago may be in
    /// the middle of a restart: that shows after `hold`.
    Over { hold: Duration },
    /// Its lines cannot be read.
    Unreadable { why: String },
}

impl Standing {
    /// Of an entry of the roster; `None` stands for a container that nothing is known of any more.
    pub(super) fn of(entry: Option<&Entry>, now: Timestamp) -> Self {
        let Some(entry) = entry else { return Self::Over { hold: Duration::ZERO } };
        if let SourceState::Unreadable { why } = &entry.source {
            return Self::Unreadable { why: why.clone() };
        }
        let state = entry.container.state;
        let goes_on = entry.present && (state.is_up() || state == ContainerState::Restarting);
        if goes_on || !entry.settled {
            return Self::Open;
        }
        if !entry.present {
            return Self::Over { hold: Duration::ZERO };
        }
        let stopped_for = entry.container.finished_at.map_or(0, |finished| now.0.saturating_sub(finished.0));
        // A remote clock that is ahead of ours counts as now.
        let stopped_for = Duration::from_nanos(u64::try_from(stopped_for).unwrap_or(0));
        Self::Over { hold: RESTART_HOLD.saturating_sub(stopped_for) }
    }
}
