//! Tails and views on real daemons.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod burst;
mod lines;
mod resume;
mod rig;
mod status;
