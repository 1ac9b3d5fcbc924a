//! An engine handle against a real daemon that the test started itself.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod actions;
mod logs;
mod loss;
mod marks;
mod network;
mod rig;
mod state;
