//! Containers and their logs.

use serde::Serialize;
use utoipa::ToSchema;

use super::Engine;

/// `GET /containers`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Containers {
    /// Sorted by stack (none last), service, number, name; those that are gone but still stored included.
    pub containers: Vec<Container>,
    pub engines: Vec<Engine>,
    /// Sentences that everybody should know about what is kept: a disk that is full, damage that was found.
    pub notices: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Container {
    /// 64 hex digits.
    pub id: String,
    pub name: String,
    pub image: String,
    pub engine: String,
    #[schema(required)]
    pub stack: Option<String>,
    /// The stack's id in the logs page's URL; 0 for no stack.
    pub config_id: u32,
    #[schema(required)]
    pub service: Option<String>,
    /// Which replica of its service.
    #[schema(required)]
    pub number: Option<u32>,
    /// Docker's word: `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`.
    pub state: String,
    /// `none`, `starting`, `healthy`, `unhealthy`.
    pub health: String,
    #[schema(required)]
    pub exit_code: Option<i64>,
    pub oom_killed: bool,
    pub restart_count: u64,
    #[schema(format = DateTime)]
    pub created: String,
    #[schema(required, format = DateTime)]
    pub started_at: Option<String>,
    #[schema(required, format = DateTime)]
    pub finished_at: Option<String>,
    pub ports: Vec<Port>,
    /// `false` when the engine no longer has it: only its log is left.
    pub present: bool,
    /// MiniMan runs in it, and refuses to act on it.
    pub is_self: bool,
    /// What the asker may do to it in its present state.
    pub actions: Vec<String>,
    /// Where its JSON lines have their message, as its label `miniman.message` says; `null` without one and for containers
    /// that are gone.
    #[schema(required, example = "event.text")]
    pub message_field: Option<String>,
    pub log: ContainerLog,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Port {
    #[schema(required)]
    pub ip: Option<String>,
    pub private_port: u16,
    #[schema(required)]
    pub public_port: Option<u16>,
    pub protocol: String,
}

/// What is stored of a container's output, and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ContainerLog {
    /// The log's number in cursors.
    pub log_id: u32,
    #[schema(inline)]
    pub source: SourceWord,
    /// Why it is read by API, or cannot be read: a sentence.
    #[schema(required)]
    pub source_detail: Option<String>,
    /// Cursor of the first record; `null` while there is none.
    #[schema(required)]
    pub first: Option<String>,
    #[schema(required)]
    pub last: Option<String>,
    #[schema(required)]
    pub first_seq: Option<i64>,
    #[schema(required)]
    pub last_seq: Option<i64>,
    pub records: u64,
    /// Bytes of all bodies.
    pub bytes: u64,
    /// Bytes they take on disk.
    pub stored_bytes: u64,
    #[schema(required, format = DateTime)]
    pub first_timestamp: Option<String>,
    #[schema(required, format = DateTime)]
    pub last_timestamp: Option<String>,
    /// How many gaps are in it.
    pub gaps: u64,
    /// Reading of what was there before MiniMan; `null` when there was nothing to read.
    #[schema(required)]
    pub backfill: Option<Backfill>,
    /// Lines a second, now.
    pub rate: f32,
    /// Records of severity error or fatal that are stored.
    pub errors: u64,
    /// Those of the last 15 minutes.
    pub errors_15m: u64,
    /// The last of them; `null` when there is none, or it is not known yet.
    #[schema(required)]
    pub last_error: Option<LastError>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LastError {
    pub cursor: String,
    #[schema(format = DateTime)]
    pub timestamp: String,
    /// The beginning of the line.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Backfill {
    pub done: bool,
    pub bytes_read: u64,
    pub bytes_total: u64,
}

/// Where a log's lines come from: its files, the engine's API, nowhere because its driver cannot be read, not known
/// yet, or nowhere any more because the container is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceWord {
    Files,
    Api,
    Unreadable,
    Opening,
    Ended,
}

impl From<&miniman_hub::SourceState> for SourceWord {
    fn from(source: &miniman_hub::SourceState) -> Self {
        use miniman_hub::SourceState;
        match source {
            SourceState::Files { .. } => Self::Files,
            SourceState::Api { .. } => Self::Api,
            SourceState::Unreadable { .. } => Self::Unreadable,
            SourceState::Opening => Self::Opening,
            SourceState::Ended => Self::Ended,
        }
    }
}
