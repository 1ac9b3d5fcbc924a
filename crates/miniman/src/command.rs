//! One command a file.

pub(crate) mod audit;
pub(crate) mod engine;
pub(crate) mod health;
pub(crate) mod logs;
pub(crate) mod serve;
pub(crate) mod setup_link;
pub(crate) mod store;
pub(crate) mod token;
pub(crate) mod user;
