//! How a container is made, for somebody who asks about it: allowed fields of inspect, read when asked.
//!
//! Nothing of it is kept. Secrets of the environment are hidden while the answer is parsed, so that no caller can show
//! them. Command lines, the health check's command and its output stay with the engine: secrets stand in them in no
//! form that could be told.

mod answer;

use std::collections::BTreeMap;

pub(crate) use answer::DetailsAnswer;

use crate::raw::RawError;

/// One container's making, as inspect has it at the moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    pub hostname: String,
    pub user: String,
    pub working_dir: String,
    pub platform: String,
    pub privileged: bool,
    pub read_only: bool,
    pub network_mode: String,
    pub restart: RestartPolicy,
    pub limits: Limits,
    pub health: Option<HealthCheck>,
    pub mounts: Vec<Mount>,
    pub networks: Vec<Network>,
    /// Those that say what it is and where it comes from; others may hold anything.
    pub labels: BTreeMap<String, String>,
    /// How many labels it has besides.
    pub labels_hidden: usize,
    pub log_driver: String,
    pub environment: Vec<Variable>,
    /// Mounts, networks, labels or variables beyond what is shown of one container.
    pub omitted: usize,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped`, `on-failure`.
    pub name: String,
    /// Of `on-failure`; 0 is without end.
    pub retries_max: u64,
}

/// `None`: not limited.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limits {
    pub memory_bytes: Option<u64>,
    pub memory_reserved_bytes: Option<u64>,
    /// Memory and swap together.
    pub memory_swap_bytes: Option<u64>,
    pub cpu_cores: Option<f64>,
    pub processes: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthCheck {
    pub status: String,
    pub failing_streak: u64,
    /// Results of its last runs that the engine keeps.
    pub results: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`, `npipe`.
    pub kind: String,
    /// The volume's name, or the path on the engine's machine.
    pub source: String,
    pub destination: String,
    pub read_only: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    pub name: String,
    pub ip: String,
    pub ipv6: String,
    pub gateway: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    /// `None`: it looks like a secret.
    pub value: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DetailsError {
    #[error("no such container")]
    NotFound,
    /// The engine's text.
    #[error("{0}")]
    Engine(String),
    #[error("{0}")]
    Unreachable(String),
}

impl From<RawError> for DetailsError {
    fn from(error: RawError) -> Self {
        match error {
            RawError::Status { code: 404, .. } => Self::NotFound,
            RawError::Status { text, .. } | RawError::Malformed(text) => Self::Engine(text),
            error @ (RawError::Unreachable(_) | RawError::TimedOut(_)) => {
                Self::Unreachable(error.to_string())
            }
        }
    }
}
