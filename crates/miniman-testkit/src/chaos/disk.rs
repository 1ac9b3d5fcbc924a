//! The data directory's disk fills up to its last byte while a container writes, and has space again later.
//!
//! The disk is a tmpfs; it lies below the daemon's directory, so whatever removes that unmounts it.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::Account;
use super::follower::Follower;
use super::ledger::Written;
use super::stage::{LIMIT, Source, Stage, known, metric, reach_number};
use crate::{MiniMan, PrivateDocker, RunSpec, ServerOptions, wait_for};

const NAME: &str = "web";
/// The store's ballast takes 64 MiB of it, the reserve 16: logs have the rest.
const DISK: &str = "size=256m";
const RESERVE: &str = "--disk-reserve=16MiB";
const RATE: u64 = 5_000;

pub(super) fn run(stage: &mut Stage) -> Result<Account> {
    let (fills, lines) = stage.of((1, 50_000), (4, 800_000));
    let docker = PrivateDocker::start()?;
    let disk = docker.dir().join("disk");
    mount(&["-t", "tmpfs", "-o", DISK, "tmpfs"], &disk)?;
    let options = ServerOptions { data_dir: Some(disk.join("data")), args: vec![RESERVE.to_owned()] };
    let mut miniman = MiniMan::start_with(stage.binary, &docker.host(), options)?;
    miniman.wait_for_engine()?;
    let id = docker.create(&RunSpec::numbered(NAME, lines, RATE, 120))?;
    known(&miniman, NAME)?;
    let follower = Follower::start(&miniman, &json!({"container": NAME}))?;
    docker.docker(&["start", NAME])?;
    let mut wrong = Vec::new();
    for fill in 1..=fills {
        let step = lines / (fills + 2);
        reach_number(&miniman, &id, fill * step + stage.dice.below(step / 4))?;
        let filler = disk.join("filler");
        fill_up(&miniman, &filler)?;
        stage.say(&format!("the disk is full: {fill} of {fills}"));
        let notices = miniman.get("/api/v1/containers")?.json()?["notices"].clone();
        if notices.as_array().is_none_or(Vec::is_empty) {
            wrong.push("the disk is full, and nobody is told".to_owned());
        }
        // What is written meanwhile waits in memory; the oldest lines may go.
        reach_number(&miniman, &id, fill * step + step / 2)?;
        let killed = fill % 2 == 0;
        if killed {
            miniman.kill()?;
        }
        std::fs::remove_file(&filler).context("make room")?;
        if killed {
            miniman.start_again()?;
            miniman.wait_for_engine()?;
        }
        wait_for("commits after there is room again", LIMIT, || {
            (metric(&miniman, "miniman_store_failing") == Some(0.0)).then_some(())
        })?;
    }
    docker.wait(NAME)?;
    let source = Source { id, name: NAME.to_owned(), written: Written::up_to(lines) };
    let mut account = stage.account(&miniman, follower, &[source], &[])?;
    account.wrong.extend(wrong);
    Ok(Account { note: format!("a tmpfs with {DISK}, full {fills} times"), ..account })
}

/// Writes into `filler` whatever space there is, and what MiniMan makes free to go on, until it can't commit any more.
fn fill_up(miniman: &MiniMan, filler: &Path) -> Result<()> {
    let mut file = File::create(filler).context("make the filler")?;
    let zeros = vec![0; 1 << 16];
    let full = wait_for("commits to find no space", LIMIT, || {
        // Parts of a page count as well: the last write that succeeds may be short.
        while file.write(&zeros).is_ok_and(|written| written > 0) {}
        (metric(miniman, "miniman_store_failing") == Some(1.0)).then_some(())
    });
    full.with_context(|| format!("miniman said: {}", miniman.diagnostics()))
}

/// `mount <args> <target>`, at a directory that is made for it.
pub(super) fn mount(args: &[&str], target: &Path) -> Result<()> {
    std::fs::create_dir_all(target).context("make a mount point")?;
    let status = std::process::Command::new("mount").args(args).arg(target).status().context("run mount")?;
    ensure!(status.success(), "mount {}: {status}", args.join(" "));
    Ok(())
}
