//! What happened to a container besides its lines.

use serde::Serialize;
use utoipa::ToSchema;

/// `GET /marks`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Marks {
    /// Oldest first.
    pub marks: Vec<Mark>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Mark {
    pub container_id: String,
    pub name: String,
    /// Cursor of the last record that stood in the log when it happened.
    pub after: String,
    #[schema(format = DateTime)]
    pub timestamp: String,
    /// A stable word: `started`, `exited`, `oom`, `restarted-by-policy`, `health`, `renamed`, `operation`, …
    pub kind: String,
    /// The mark in words: `worker exited 137 (out of memory)`.
    pub text: String,
    /// What the kind brings along: `{"exit_code":137,"oom_killed":true}`.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}
