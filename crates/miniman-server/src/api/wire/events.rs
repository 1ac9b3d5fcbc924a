//! Payloads of Socket.IO events: the seed's, and those of clients that can do more.
//!
//! Who sends them is not decided here; they stand beside the HTTP types so that one document describes all shapes.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Mark, Record};

/// Client: `stream_container_logs`. Seed-style with `container_id` and `room`; with `batch` the answer is the
/// acknowledgement `{subscription}` or `{error:{code,detail}}`, and then `log_batch`, `log_gap` and `log_mark` events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamContainerLogs {
    /// Full id, unique prefix or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub container_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub room: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub batch: Option<bool>,
    /// The client's choice, at most 64 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub subscription: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub container: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stack: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub service: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub engine: Option<Vec<String>>,
    /// Only lines that this query finds; `tail` counts these.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub query: Option<String>,
    /// Leaves out what hide rules of the asker and of everyone hide; `tail` does not count it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hide: Option<bool>,
    /// A cursor: goes on behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub after: Option<String>,
    /// Starts so many records before the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tail: Option<u64>,
}

/// Client: `log_ack`. Cumulative: everything up to the cursor has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogAck {
    pub subscription: String,
    pub cursor: String,
}

/// Server: `docker_log`, one a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DockerLog {
    pub log_id: String,
    /// `stream_container_logs`.
    pub operation_type: String,
    pub config_id: u32,
    /// In the form that was asked with.
    pub container_id: String,
    pub image_name: String,
    pub line: String,
    #[schema(format = DateTime)]
    pub timestamp: String,
    /// `running`.
    pub status: String,
}

/// Server: `docker_log_complete`, when a stream ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DockerLogComplete {
    pub log_id: String,
    /// `stream_container_logs`.
    pub operation_type: String,
    pub config_id: u32,
    pub container_id: String,
    pub image_name: String,
    pub success: bool,
    #[schema(format = DateTime)]
    pub timestamp: String,
    /// `completed` or `failed`.
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<String>,
    /// In batch mode only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub subscription: Option<String>,
}

/// Server: `container_status_change`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContainerStatusChange {
    pub container_id: String,
    /// `running`, `stopped` or `error` for start, stop and restart; Docker's own state word otherwise.
    pub status: String,
    pub action: String,
    #[schema(format = DateTime)]
    pub timestamp: String,
    pub success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<String>,
}

/// Server: `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatusMessage {
    pub msg: String,
}

/// Server: `log_batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogBatch {
    pub subscription: String,
    /// Cursor of the first record.
    pub first: String,
    /// Where reading goes on; of a merged view a position in each log. It is what `log_ack` acknowledges.
    pub last: String,
    pub records: Vec<Record>,
}

/// Server: `log_gap`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogGap {
    pub subscription: String,
    pub container_id: String,
    pub from: String,
    pub to: String,
    #[schema(required)]
    pub missed: Option<u64>,
    #[schema(required, format = DateTime)]
    pub since: Option<String>,
    #[schema(required, format = DateTime)]
    pub until: Option<String>,
    pub reason: String,
}

/// Server: `log_mark`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LogMark {
    pub subscription: String,
    pub mark: Mark,
}

/// Server: `containers_changed`, at most four a second: ask for `/containers` again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContainersChanged {
    pub generation: u64,
}
