//! What a person may ask an engine to do to one container.

use std::fmt;
use std::time::Duration;

/// Longest wait for one action: Docker's default stop grace is 10 s, compose files raise it to a minute.
pub const ACTION_TIMEOUT: Duration = Duration::from_secs(120);

/// In Docker's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    Start,
    Stop,
    Restart,
    Kill,
    Pause,
    Unpause,
    /// Without force and without its volumes.
    Remove,
}

/// Why an action did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct ActionError {
    pub kind: ActionErrorKind,
    /// The engine's own text where it gave one. It may name other containers: shown only within the asker's scope.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionErrorKind {
    NotFound,
    /// The container's state does not allow it.
    Conflict,
    /// The engine refused or failed.
    Engine,
    /// No answer: not connected, or longer than the time an action may take. It may have happened.
    Unreachable,
    /// It is the container that MiniMan runs in.
    OwnContainer,
}

impl Action {
    pub const ALL: [Self; 7] =
        [Self::Start, Self::Stop, Self::Restart, Self::Kill, Self::Pause, Self::Unpause, Self::Remove];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Kill => "kill",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Remove => "remove",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
