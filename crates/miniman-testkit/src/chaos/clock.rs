//! A log whose time jumps: back, to 1970, far ahead, to the end of a year.
//!
//! The daemon takes its time from the kernel by itself (Go asks no libc that could be told otherwise, and time
//! namespaces have no wall clock of their own), so its clock can't jump without the machine's. The lines are written for it instead: into the
//! `json-file` log of a running container that says nothing itself, byte for byte as the daemon writes them.

use std::fs::File;
use std::io::Write;

use anyhow::{Context, Result};
use serde_json::json;

use super::Account;
use super::follower::Follower;
use super::ledger::Written;
use super::stage::{Source, Stage, known, reach};
use crate::{MiniMan, PrivateDocker, RunSpec};

const NAME: &str = "web";
/// All but seconds.
const TIMES: [&str; 8] = [
    "2026-01-02T12:00:",
    "2026-01-02T11:00:",
    "1970-01-01T00:00:",
    "2038-01-19T03:14:",
    "2026-03-29T01:59:",
    "2099-12-31T23:59:",
    "2025-12-31T23:59:",
    "2026-01-02T12:01:",
];
/// Lines between two jumps, at most.
const STRETCH_MAX: u64 = 700;

pub(super) fn run(stage: &mut Stage) -> Result<Account> {
    let jumps = stage.of(60, 3_000);
    let docker = PrivateDocker::start()?;
    let mut miniman = MiniMan::start(stage.binary, &docker)?;
    let id = docker.run(&RunSpec::sh(NAME, "sleep 1000000"))?;
    known(&miniman, NAME)?;
    let follower = Follower::start(&miniman, &json!({"container": NAME}))?;
    let path = docker.json_log(&id);
    let mut file = File::options().append(true).open(&path).context("open the log")?;
    let mut written = 0;
    let mut wrong = Vec::new();
    for jump in 1..=jumps {
        let time = TIMES[usize::try_from(stage.dice.below(TIMES.len() as u64))?];
        let lines = 1 + stage.dice.below(STRETCH_MAX);
        let text: String = (written..written + lines).map(|number| line(number, time)).collect();
        file.write_all(text.as_bytes()).context("write the log")?;
        written += lines;
        if jump % (jumps / 3) == 0 {
            // In the middle of it, and with all of it stored: both must go on.
            let part = stage.dice.below(2) * lines;
            reach(&miniman, NAME, written - part)?;
            miniman.kill()?;
            miniman.start_again()?;
            stage.say(&format!("jump {jump} of {jumps}, and a kill"));
        }
    }
    miniman.wait_for_engine()?;
    reach(&miniman, NAME, written)?;
    for time in TIMES {
        // Whatever a time finds, asking for one is never an error.
        let answer = miniman.get(&format!("/api/v1/logs?container={NAME}&since={time}00Z&limit=10"))?;
        if answer.status != 200 {
            wrong.push(format!("since {time}00Z: {}", answer.status));
        }
    }
    let source = Source { id, name: NAME.to_owned(), written: Written::up_to(written) };
    let mut account = stage.account(&miniman, follower, &[source], &[])?;
    account.wrong.extend(wrong);
    Ok(Account { note: format!("{jumps} jumps, 3 kills"), ..account })
}

/// As the daemon writes it.
fn line(number: u64, time: &str) -> String {
    let second = number / 20 % 60;
    format!(
        "{{\"log\":\"{number} line\\n\",\"stream\":\"stdout\",\"time\":\"{time}{second:02}.{number:09}Z\"}}\n"
    )
}
