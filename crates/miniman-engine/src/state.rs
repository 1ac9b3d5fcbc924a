//! What is known of an engine and its containers at one moment.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use miniman_log::Timestamp;

use crate::{Container, ContainerId, Tried};

/// The name that configuration gives an engine; `local` unless told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EngineName(Arc<str>);

/// A snapshot of one engine. Cheap to clone; a new one is published at every change.
#[derive(Debug, Clone)]
pub struct EngineState {
    pub name: EngineName,
    pub status: EngineStatus,
    /// Kept while the engine is lost: what it last said.
    pub containers: Arc<BTreeMap<ContainerId, Arc<Container>>>,
    /// Rises by one with every snapshot.
    pub generation: u64,
    pub info: Option<EngineInfo>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineStatus {
    /// Not yet reached since the start. `tried` is the last round, empty before the first one ended.
    Connecting {
        tried: Vec<Tried>,
    },
    Connected,
    /// It was reached, and is gone. `tried` is the last round of tries, empty before the first one ended.
    Lost {
        since: Timestamp,
        error: String,
        tried: Vec<Tried>,
    },
}

/// What a connected engine says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    /// Where it was reached: `unix:///var/run/docker.sock`.
    pub endpoint: String,
    pub version: String,
    /// As negotiated: `1.41`.
    pub api_version: String,
    pub os: String,
    /// `DockerRootDir`. A path on the engine's machine, not necessarily on ours.
    pub root_dir: String,
}

impl EngineName {
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for EngineName {
    fn default() -> Self {
        Self::new("local")
    }
}

impl fmt::Display for EngineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
