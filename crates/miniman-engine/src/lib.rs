//! Docker Engine API endpoints: what containers they run, what happens to them, what they write, and acting on them.
//!
//! Owns the connection to each engine and the truth about its containers: [`Engine::state`] is what inspect says,
//! kept fresh by the engine's own events. The only crate that names bollard. What an engine answers is outside
//! input: nothing here panics on it, and no path that it names is ever opened.
//!
//! It reads no log files (the hub's tails do) and stores nothing.

pub mod action;
pub mod container;
mod daemon;
pub mod details;
pub mod discovery;
mod docker_event;
mod endpoint;
pub mod engine;
pub mod event;
mod event_stream;
pub mod files;
mod inspect;
mod labels;
pub mod logs;
pub mod own;
mod raw;
mod secrets;
pub mod state;
pub mod stats;
mod told;

pub use action::{Action, ActionError, ActionErrorKind};
pub use container::{Container, ContainerId, ContainerState, Health, Port};
pub use details::{Details, DetailsError};
pub use discovery::{DockerEnv, Tried};
pub use engine::{Engine, EngineConfig};
pub use event::{EVENTS_MAX, EngineEvent, MarkKind};
pub use files::FileAccess;
pub use logs::{LogStream, LogsAsked, LogsError};
pub use own::OwnContainer;
pub use state::{EngineInfo, EngineName, EngineState, EngineStatus};
pub use stats::{Usage, UsageRates};
