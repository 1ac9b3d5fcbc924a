//! Docker Engine API endpoints.

use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Engine {
    pub name: String,
    #[schema(inline)]
    pub status: EngineStatusWord,
    /// Where it was reached: `unix:///var/run/docker.sock`.
    #[schema(required)]
    pub endpoint: Option<String>,
    #[schema(required)]
    pub version: Option<String>,
    #[schema(required)]
    pub api_version: Option<String>,
    /// Why it is lost.
    #[schema(required)]
    pub error: Option<String>,
    /// Since when it is lost.
    #[schema(required, format = DateTime)]
    pub since: Option<String>,
    /// What the last round of tries met; empty when connected.
    pub tried: Vec<Tried>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EngineStatusWord {
    Connecting,
    Connected,
    Lost,
}

/// One endpoint that did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tried {
    pub endpoint: String,
    /// What named it: `DOCKER_HOST`, a context, the default socket.
    pub source: String,
    pub error: String,
}
