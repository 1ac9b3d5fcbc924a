//! Floods, at a small scale and without a clock: `cargo xtask flood` runs the same at full scale, and times them.

use std::path::Path;

use miniman_testkit::flood::{Scale, run};

use crate::rig::BINARY;

/// Runs a scenario, in which somebody healthy is answered all the while.
fn check(scenario: &str) {
    let account = run(scenario, Path::new(BINARY), Scale::Fast).unwrap();
    assert!(account.wrong.is_empty(), "{}\n{account:#?}", account.wrong.join("\n"));
}

#[test]
fn requests_that_never_end_keep_nobody_waiting() {
    check("slow");
}

#[test]
fn silent_connections_from_many_addresses_leave_places() {
    check("connections");
}

#[test]
fn sockets_of_one_user_and_of_nobody_leave_places() {
    check("sockets");
}

#[test]
fn guesses_at_passwords_keep_the_admin_from_nothing() {
    check("logins");
}

#[test]
fn a_body_of_a_gigabyte_is_not_taken() {
    check("bodies");
}

#[test]
fn a_socket_that_never_stops_talking_is_paced() {
    check("events");
}
