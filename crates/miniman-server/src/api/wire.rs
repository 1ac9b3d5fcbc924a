//! What goes over the wire under `/api/v1`, and what Socket.IO events carry: the types that the page's are made from.
//!
//! Domain types are not `Serialize`; these are, and nothing else is. Their shapes are held by snapshot tests, because
//! scripts and other people's clients read them. Times are RFC 3339 UTC with nanoseconds, ids are full, every field is
//! always there unless its comment says otherwise: what is unknown is `null`.

mod account;
mod audit;
mod container;
mod details;
mod engine;
mod events;
mod hide_rule;
mod mark;
mod operation;
mod record;
mod retention;
mod role;
mod search;
mod stack;

pub use account::{
    CreatedToken, NewToken, NewUser, Session, Sessions, Token, Tokens, User, UserChange, Users,
};
pub use audit::{Audit, AuditRow};
pub use container::{Backfill, Container, ContainerLog, Containers, LastError, Port, SourceWord};
pub use details::{
    ContainerDetails, ContainerNetwork, ContainerStats, ContainersStats, EnvironmentVariable, HealthCheck,
    Limits, Mount, RestartPolicy,
};
pub use engine::{Engine, EngineStatusWord, Tried};
pub use events::{
    ContainerStatusChange, ContainersChanged, DockerLog, DockerLogComplete, LogAck, LogBatch, LogGap,
    LogMark, StatusMessage, StreamContainerLogs,
};
pub use hide_rule::{HideRule, HideRuleBody, HideRuleFor, HideRules};
pub use mark::{Mark, Marks};
pub use operation::{Operation, Operations, Outcome, Target};
pub use record::{
    Gap, GapRow, HistogramBucket, IoStreamWord, LogHistogram, LogPage, Record, Row, Summary, SummaryRow,
};
pub use retention::{
    AgeLimit, Disk, Held, HeldLog, LimitSource, LowDisk, OwnLimits, Retention, RetentionBody,
    RetentionChange, RetentionLimits, RetentionSetting, SizeLimit, Taken, WouldTake,
};
pub use role::{PermissionWord, PermissionsBody, Role, RoleBody, Roles};
pub use search::{SavedSearch, SavedSearchBody, SavedSearches};
pub use stack::{Service, Stack, Stacks};

use miniman_log::Timestamp;

/// A time as it stands on the wire.
pub(crate) fn time(timestamp: Timestamp) -> String {
    timestamp.to_string()
}

#[cfg(test)]
mod tests;
