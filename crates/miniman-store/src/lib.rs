//! The embedded store, the only crate that names SQLite.
//!
//! [`logs`] is `logs.db`: every container's numbered sequence. [`app`] is `miniman.db`: users, sessions, tokens,
//! stacks, operations.

pub mod app;
pub mod logs;
