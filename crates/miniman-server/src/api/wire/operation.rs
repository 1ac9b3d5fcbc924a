//! Who asked for which action, and how it ended.

use miniman_store::app::{OperationOutcome, OperationTarget, TargetOutcome};
use serde::Serialize;
use utoipa::ToSchema;

/// `GET /operations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Operations {
    /// Newest first.
    pub operations: Vec<Operation>,
}

/// Its `outcome` is `pending` until every target is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Operation {
    pub id: i64,
    /// The user's name as it was; ` (token NAME)` behind it when a program asked.
    pub who: String,
    /// `start`, `stop`, `restart`, `kill`, `pause`, `unpause`, `remove`.
    pub action: String,
    pub targets: Vec<Target>,
    #[schema(format = DateTime)]
    pub started_at: String,
    #[schema(required, format = DateTime)]
    pub finished_at: Option<String>,
    // Described above: a description of an inlined field would make it an object besides.
    #[schema(inline)]
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Target {
    pub container_id: String,
    pub name: String,
    #[schema(inline)]
    pub outcome: Outcome,
    #[schema(required)]
    pub error: Option<String>,
    #[schema(required, format = DateTime)]
    pub finished_at: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Pending,
    Succeeded,
    /// Of an operation: at least one target failed.
    Failed,
    /// MiniMan stopped before it was known.
    Unknown,
}

impl Operation {
    /// The operation as the wire has it, with all its targets: who may see them is the caller's to decide.
    pub(crate) fn of(operation: &miniman_store::app::Operation) -> Self {
        Self {
            id: operation.id,
            who: operation.who.clone(),
            action: operation.action.clone(),
            targets: operation.targets.iter().map(Target::of).collect(),
            started_at: super::time(operation.started),
            finished_at: operation.finished.map(super::time),
            outcome: match operation.outcome {
                OperationOutcome::Pending => Outcome::Pending,
                OperationOutcome::Succeeded => Outcome::Succeeded,
                OperationOutcome::Failed => Outcome::Failed,
                OperationOutcome::Unknown => Outcome::Unknown,
            },
        }
    }
}

impl Target {
    fn of(target: &OperationTarget) -> Self {
        Self {
            container_id: target.container_id.clone(),
            name: target.name.clone(),
            outcome: match target.outcome {
                TargetOutcome::Pending => Outcome::Pending,
                TargetOutcome::Succeeded => Outcome::Succeeded,
                TargetOutcome::Failed => Outcome::Failed,
                TargetOutcome::Unknown => Outcome::Unknown,
            },
            error: target.error.clone(),
            finished_at: target.finished.map(super::time),
        }
    }
}
