//! How a container is made, and what it uses.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// `GET /containers/{id}/details`. Empty texts are not set.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ContainerDetails {
    pub id: String,
    pub hostname: String,
    pub user: String,
    pub working_dir: String,
    pub platform: String,
    pub privileged: bool,
    /// Its root file system is.
    pub read_only: bool,
    pub network_mode: String,
    pub log_driver: String,
    pub restart_policy: RestartPolicy,
    pub limits: Limits,
    /// `null` when it has no health check.
    #[schema(required)]
    pub health: Option<HealthCheck>,
    pub mounts: Vec<Mount>,
    pub networks: Vec<ContainerNetwork>,
    /// Those that say what it is and where it comes from; for who sees the environment.
    pub labels: BTreeMap<String, String>,
    /// How many it has besides.
    pub labels_hidden: u64,
    /// `null` when the asker may not see it.
    #[schema(required)]
    pub environment: Option<Vec<EnvironmentVariable>>,
    /// Rows that are left out of lists without end.
    pub omitted: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped`, `on-failure`.
    pub name: String,
    /// Of `on-failure`; 0 is without end.
    pub retries_max: u64,
}

/// `null`: not limited.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Limits {
    #[schema(required)]
    pub memory_bytes: Option<u64>,
    #[schema(required)]
    pub memory_reserved_bytes: Option<u64>,
    /// Memory and swap together.
    #[schema(required)]
    pub memory_swap_bytes: Option<u64>,
    #[schema(required)]
    pub cpu_cores: Option<f64>,
    #[schema(required)]
    pub processes: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HealthCheck {
    /// `starting`, `healthy`, `unhealthy`.
    pub status: String,
    pub failing_streak: u64,
    /// How many results of its last runs the engine keeps.
    pub results: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`.
    pub kind: String,
    /// The volume's name, or the path on the engine's machine.
    pub source: String,
    pub destination: String,
    pub read_only: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContainerNetwork {
    pub name: String,
    pub ip: String,
    pub ipv6: String,
    pub gateway: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EnvironmentVariable {
    pub name: String,
    /// `null` when it looks like a secret: those are not sent to anybody.
    #[schema(required)]
    pub value: Option<String>,
    pub secret: bool,
}

/// `GET /containers/stats`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ContainersStats {
    pub containers: Vec<ContainerStats>,
}

/// `null`: not known yet; of the network: it has none of its own.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ContainerStats {
    pub id: String,
    #[schema(format = DateTime)]
    pub read: String,
    /// 1.0 is one core.
    #[schema(required)]
    pub cpu_cores: Option<f64>,
    /// Without page cache that the kernel would give up.
    pub memory_bytes: u64,
    #[schema(required)]
    pub memory_limit_bytes: Option<u64>,
    /// Bytes.
    #[schema(required)]
    pub received_per_sec: Option<f64>,
    #[schema(required)]
    pub sent_per_sec: Option<f64>,
}
