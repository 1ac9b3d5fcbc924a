//! Compose projects and Swarm stacks.

use serde::Serialize;
use utoipa::ToSchema;

/// `GET /stacks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stacks {
    pub stacks: Vec<Stack>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stack {
    /// `config_id` in the logs page's URL.
    pub id: u32,
    pub name: String,
    pub engine: String,
    pub services: Vec<Service>,
    /// How many containers the engine has of it.
    pub containers: usize,
    pub running: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Service {
    pub name: String,
    /// Full ids, by replica number.
    pub containers: Vec<String>,
}
