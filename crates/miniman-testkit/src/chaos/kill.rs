//! `kill -9` and a start, again and again, while a container writes and a client follows.

use anyhow::Result;
use serde_json::json;

use super::Account;
use super::follower::Follower;
use super::ledger::Written;
use super::stage::{Source, Stage, known, reach};
use crate::{MiniMan, PrivateDocker, RunSpec};

const NAME: &str = "writer";

pub(super) fn run(stage: &mut Stage) -> Result<Account> {
    let (lines, rate) = stage.of((200_000, 10_000), (2_000_000, 20_000));
    let kills = stage.of(20, 60);
    let docker = PrivateDocker::start()?;
    let mut miniman = MiniMan::start(stage.binary, &docker)?;
    let spec = RunSpec::numbered(NAME, lines, rate, 60)
        // As much as the kills together take from MiniMan: nothing may be rotated away unread here.
        .log("json-file", [("max-size", "4m"), ("max-file", "20")]);
    let id = docker.create(&spec)?;
    known(&miniman, NAME)?;
    let follower = Follower::start(&miniman, &json!({"container": NAME}))?;
    docker.docker(&["start", NAME])?;
    for kill in 1..=kills {
        // As far as the log has got, and never twice at the same distance from a start or a commit. Where it is late,
        // MiniMan is killed while it catches up: all kills come before the last line.
        let step = lines / (kills + 1);
        reach(&miniman, NAME, kill * step + stage.dice.below(step / 3))?;
        miniman.kill()?;
        miniman.start_again()?;
        stage.say(&format!("kill {kill} of {kills}"));
    }
    miniman.wait_for_engine()?;
    docker.wait(NAME)?;
    let source = Source { id, name: NAME.to_owned(), written: Written::up_to(lines) };
    let account = stage.account(&miniman, follower, &[source], &[])?;
    Ok(Account { note: format!("{kills} kills at {rate} lines/s"), ..account })
}
