//! Integration tests: the real binary on real daemons that the tests start themselves.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod actions;
mod burst;
mod chaos;
mod cli;
mod cli_logs;
mod doors;
mod faults;
mod flood;
mod image;
mod reconnect;
mod redaction;
mod rig;
mod schema;
mod scopes;
mod search;
mod seed;
mod settings;
mod socket_proxy;
