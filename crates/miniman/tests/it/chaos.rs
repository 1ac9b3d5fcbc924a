//! Faults on purpose, at a small scale: `cargo xtask chaos` runs the same scenarios longer.

use std::path::Path;

use miniman_testkit::chaos::{Scale, run};

use crate::rig::BINARY;

/// Any; a failure is found again with the same one.
const SEED: u64 = 4;

/// Runs a scenario, which accounts for every line.
fn check(scenario: &str) {
    let account = run(scenario, Path::new(BINARY), Scale::Fast, SEED).unwrap();
    assert!(account.wrong.is_empty(), "{}\n{account:#?}", account.wrong.join("\n"));
}

#[test]
fn killed_twenty_times_nothing_is_missing_and_nothing_doubled() {
    check("kill");
}

#[test]
fn a_daemon_that_restarts_under_a_follower_loses_and_doubles_nothing() {
    check("daemon");
}

#[test]
fn a_full_disk_stops_nothing_and_what_it_takes_is_a_gap() {
    check("disk");
}

#[test]
fn a_disk_that_fails_and_is_mounted_again_loses_nothing() {
    check("eio");
}

#[test]
fn lines_whose_time_jumps_stay_in_order_over_kills() {
    check("clock");
}

#[test]
fn files_that_rotate_every_100_ms_lose_nothing_but_what_nobody_read() {
    check("rotation");
}

#[test]
fn containers_that_come_and_go_leave_every_line() {
    check("churn");
}

#[test]
fn searches_take_nothing_from_a_burst() {
    check("storm");
}
