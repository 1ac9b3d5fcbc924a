//! `cargo xtask bench`: MiniMan beside `docker logs`, on the same containers of a private daemon.
//!
//! Lines carry the time at which they were written (`numbered-writer`), so latency is measured from the write to the
//! arrival at the reader, in one clock. Readers are `docker logs -f` through a pipe, and a WebSocket that speaks the
//! batch protocol as the page does. Nobody else should be busy on the machine.

#![allow(clippy::print_stdout, reason = "a program of the terminal")]

mod burst;
mod history;
mod idle;
mod live;
#[path = "../../writer/mixed.rs"]
mod mixed;
mod numbers;
mod processes;
mod report;
mod server;
mod socket;
mod stored;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use miniman_testkit::PrivateDocker;

use crate::report::Report;

/// Cases by the name that the command line takes.
const CASES: [&str; 9] =
    ["1000", "5000", "20000", "20x2000", "history", "burst", "mixed-1M", "mixed-10M", "idle"];

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1);
    let binary = args.next().map(PathBuf::from).context("usage: bench <miniman binary> [case]...")?;
    let asked: Vec<_> = args.map(|case| case.to_string_lossy().into_owned()).collect();
    if let Some(unknown) = asked.iter().find(|case| !CASES.contains(&case.as_str())) {
        bail!("there is no case {unknown}; there are {}", CASES.join(", "));
    }
    let docker = PrivateDocker::start()?;
    let mut report = Report::new();
    for case in CASES.into_iter().filter(|case| asked.is_empty() || asked.iter().any(|asked| asked == case)) {
        report.add(match case {
            "history" => history::run(&docker, &binary)?,
            "burst" => burst::run(&docker, &binary)?,
            "mixed-1M" => stored::run(&docker, &binary, 1_000_000)?,
            "mixed-10M" => stored::run(&docker, &binary, 10_000_000)?,
            "idle" => idle::run(&docker, &binary)?,
            _ => {
                let (viewers, rate) = case.split_once('x').unwrap_or(("1", case));
                live::run(&docker, &binary, rate.parse()?, viewers.parse()?)?
            }
        });
    }
    report.print();
    Ok(())
}
