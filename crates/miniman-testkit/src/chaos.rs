//! Faults on purpose: a real daemon, the real binary, numbered lines, and an account of each of them.
//!
//! A scenario writes numbered lines, breaks something meanwhile, and lets it heal. Then [`Account`] says how many lines
//! Docker kept, how many MiniMan stored, how many a client that followed all the while was sent, and for how many a gap
//! stands instead. Always: written = stored + reported; what was delivered came in order, each line once, with the same
//! rule; and a gap without a count stands only where files vanished unread.
//!
//! One code at two scales: [`Scale::Fast`] is part of the suite (`tests/it/chaos.rs`), [`Scale::Full`] is
//! `cargo xtask chaos`.

mod churn;
mod clock;
mod daemon;
mod disk;
mod eio;
mod follower;
mod kill;
mod ledger;
mod rotation;
mod stage;
mod storm;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use stage::Stage;

/// What a scenario is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Some seconds on two cores, with a debug build.
    Fast,
    /// A minute or a few, with a release build.
    Full,
}

impl Scale {
    pub fn of<T>(self, fast: T, full: T) -> T {
        match self {
            Scale::Fast => fast,
            Scale::Full => full,
        }
    }
}

/// A way to break things.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub about: &'static str,
    run: fn(&mut Stage) -> Result<Account>,
}

pub const SCENARIOS: [Scenario; 8] = [
    Scenario { name: "kill", about: "kill -9 and restart under load", run: kill::run },
    Scenario { name: "daemon", about: "the daemon stops, is killed, comes back", run: daemon::run },
    Scenario { name: "disk", about: "the data directory's disk is full (ENOSPC)", run: disk::run },
    Scenario { name: "eio", about: "the data directory's disk fails (EIO)", run: eio::run },
    Scenario { name: "clock", about: "lines whose time jumps", run: clock::run },
    Scenario { name: "rotation", about: "log files rotate every 100 ms", run: rotation::run },
    Scenario { name: "churn", about: "containers start, stop and vanish", run: churn::run },
    Scenario { name: "storm", about: "searches during a burst", run: storm::run },
];

/// What became of the lines of one scenario.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub containers: usize,
    /// Lines that Docker has, or had, in the containers' logs.
    pub written: u64,
    pub stored: u64,
    /// Lines that gaps in the store stand for.
    pub reported: u64,
    /// Gaps in the store whose count nobody can know.
    pub unknown_gaps: u64,
    /// Lines that the following client got.
    pub delivered: u64,
    /// Lines that gaps told to the following client stand for.
    pub delivered_gaps: u64,
    pub took: Duration,
    /// What the scenario did, in a few words.
    pub note: String,
    /// What is wrong; empty when all is well.
    pub wrong: Vec<String>,
}

/// Runs a scenario with a daemon and a server of its own; `seed` decides when and how often things break.
///
/// # Errors
/// When there is no scenario of this name, or it broke off before the lines could be counted.
pub fn run(name: &str, binary: &Path, scale: Scale, seed: u64) -> Result<Account> {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.with_context(|| format!("there is no scenario {name}"))?;
    let started = Instant::now();
    let mut stage = Stage::new(name, binary, scale, seed);
    stage.say(scenario.about);
    let account = (scenario.run)(&mut stage).with_context(|| format!("{name} (seed {seed})"))?;
    Ok(Account { took: started.elapsed(), ..account })
}
