//! A container as its engine describes it: allowed fields only.
//!
//! Env, Cmd and health output stay with the engine; what is not in [`Container`] cannot leak from it. Who asks for more
//! gets [`crate::Details`].

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use miniman_log::Timestamp;

/// A full container id: 64 lower-case hex digits.
///
/// Docker is only ever given full ids: a container *named* as another one's short id would win otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId(Arc<str>);

/// What a container is doing, in Docker's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContainerState {
    Created,
    Running,
    Paused,
    Restarting,
    Removing,
    Exited,
    Dead,
}

/// What the container's own health check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Health {
    /// It has no health check.
    None,
    Starting,
    Healthy,
    Unhealthy,
}

/// A published or exposed port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Port {
    pub ip: Option<IpAddr>,
    pub private_port: u16,
    pub public_port: Option<u16>,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: &'static str,
}

/// One container, as inspect last described it.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    pub id: ContainerId,
    /// Without the leading `/`. From inspect, not from the list's aliases.
    pub name: String,
    pub image: String,
    pub image_id: String,
    pub state: ContainerState,
    pub health: Health,
    /// Of the last run that ended; `None` while it runs and before it first ran.
    pub exit_code: Option<i64>,
    pub oom_killed: bool,
    pub restart_count: u64,
    pub created: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub tty: bool,
    pub log_driver: String,
    pub log_options: BTreeMap<String, String>,
    pub stack: Option<String>,
    pub service: Option<String>,
    pub number: Option<u32>,
    /// Labels that it does not have from its image, bounded. For deciding who may see it, not for showing.
    pub own_labels: BTreeMap<String, String>,
    pub ports: Vec<Port>,
    /// How much of its log is to be kept, as its label `miniman.retention` says it.
    pub retention: Option<String>,
    /// What else is to be taken out of its lines, as its label `miniman.redact` says it.
    pub redact: Option<String>,
    /// What begins a record of several lines, as its label `miniman.multiline` says it; cut behind 2 KiB.
    pub multiline: Option<String>,
    /// What is not shown of its service's lines unless asked for, as its label `miniman.hide` says it; cut behind 2 KiB.
    pub hide: Option<String>,
    /// Where a JSON line has its message, as its label `miniman.message` says it; cut behind 512 bytes.
    pub message: Option<String>,
    /// MiniMan runs in this one, and refuses to act on it.
    pub is_self: bool,
}

const ID_LEN: usize = 64;
const SHORT_LEN: usize = 12;

impl ContainerId {
    /// `None` unless `text` is 64 lower-case hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == ID_LEN && text.bytes().all(hex)).then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 12 digits that people see.
    pub fn short(&self) -> &str {
        &self.0[..SHORT_LEN]
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for ContainerId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl ContainerState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Removing => "removing",
            Self::Exited => "exited",
            Self::Dead => "dead",
        }
    }

    /// Reads Docker's word, and Podman's where it has its own.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "created" | "configured" | "initialized" => Self::Created,
            "running" => Self::Running,
            "paused" => Self::Paused,
            "restarting" => Self::Restarting,
            "removing" | "stopping" => Self::Removing,
            "exited" | "stopped" => Self::Exited,
            "dead" => Self::Dead,
            _ => return None,
        })
    }

    /// Whether a process of it exists: it can write.
    pub fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

impl fmt::Display for ContainerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Health {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }

    /// Reads Docker's word; unknown ones and the empty one say that there is no health check.
    pub fn parse(word: &str) -> Self {
        match word {
            "starting" => Self::Starting,
            "healthy" => Self::Healthy,
            "unhealthy" => Self::Unhealthy,
            _ => Self::None,
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_ids_are_ids() {
        let full = "0123456789abcdef".repeat(4);
        assert_eq!(ContainerId::parse(&full).unwrap().short(), "0123456789ab");
        for text in [
            "",
            "0123456789ab",
            &full.to_uppercase(),
            &format!("{full}0"),
            &full.replace('0', "/"),
            "ä".repeat(32).as_str(),
        ] {
            assert_eq!(ContainerId::parse(text), None, "{text}");
        }
    }
}
