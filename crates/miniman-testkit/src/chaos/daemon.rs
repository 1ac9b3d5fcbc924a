//! The daemon is restarted, and killed, while its containers go on (live-restore) and a client follows.

use anyhow::{Context, Result};
use serde_json::json;

use super::Account;
use super::follower::Follower;
use super::ledger::Written;
use super::stage::{Source, Stage, known, reach};
use crate::{DaemonOptions, MiniMan, PrivateDocker, RunSpec};

const NAME: &str = "web";

pub(super) fn run(stage: &mut Stage) -> Result<Account> {
    let (restarts, lines) = stage.of((2, 40_000), (8, 400_000));
    let docker = PrivateDocker::start_with(DaemonOptions { live_restore: true, ..DaemonOptions::default() })?;
    let miniman = MiniMan::start(stage.binary, &docker)?;
    let id = docker.create(&RunSpec::numbered(NAME, lines, 5_000, 60))?;
    known(&miniman, NAME)?;
    let follower = Follower::start(&miniman, &json!({"container": NAME}))?;
    docker.docker(&["start", NAME])?;
    for restart in 1..=restarts {
        let step = lines / (restarts + 2);
        reach(&miniman, NAME, restart * step + stage.dice.below(step / 2))?;
        let how = if restart % 2 == 1 { "stopped" } else { "killed" };
        match how {
            "stopped" => docker.stop()?,
            _ => docker.kill()?,
        }
        docker.start_again()?;
        stage.say(&format!("{how}, and started again: {restart} of {restarts}"));
    }
    docker.wait(NAME)?;
    // What a daemon drops when it goes was never in the log: Docker's own copy is the measure.
    let log = docker.docker(&["logs", NAME])?;
    let written = Written::of_lines(log.lines()).map_err(anyhow::Error::msg).context("read Docker's copy")?;
    let dropped = lines - written.count();
    let source = Source { id, name: NAME.to_owned(), written };
    let account = stage.account(&miniman, follower, &[source], &[])?;
    Ok(Account { note: format!("{restarts} restarts; the daemon itself dropped {dropped}"), ..account })
}
