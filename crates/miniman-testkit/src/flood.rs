//! Floods on purpose: strangers who want the server for themselves, and a healthy user who asks all the while.
//!
//! A scenario builds a flood and holds it. Meanwhile somebody with a token asks on a connection that was there before, on
//! new ones, and over a socket. [`Account`] says how long they waited, what memory the server took, and how soon those
//! addresses that flooded were served again. Always: everything the healthy user asks is answered while the flood stands,
//! memory grows by no more than [`GROWTH_MAX_KB`], and afterwards everybody is served.
//!
//! One code at two scales: [`Scale::Fast`] is part of the suite (`tests/it/flood.rs`) and looks at no clock;
//! [`Scale::Full`] is `cargo xtask flood`, where no answer may take longer than [`ANSWER_MAX`].

mod bodies;
mod connections;
mod events;
mod ground;
mod healthy;
mod logins;
mod slow;
mod sockets;
mod wire;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

pub use crate::chaos::Scale;
use ground::Ground;

/// What the healthy user waits at most, on two cores that the flood's own sender works on too.
pub const ANSWER_MAX: Duration = Duration::from_millis(100);

/// 4,096 connections with ~8 KB each, two passwords being hashed, 64 MiB of batches in flight: 128 MiB is never near.
pub const GROWTH_MAX_KB: u64 = 128 << 10;

/// A way to flood.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub about: &'static str,
    run: fn(&Ground) -> Result<String>,
}

pub const SCENARIOS: [Scenario; 6] = [
    Scenario { name: "slow", about: "1,000 requests whose head or body never ends", run: slow::run },
    Scenario { name: "connections", about: "10,000 connections that say nothing", run: connections::run },
    Scenario { name: "sockets", about: "10,000 sockets, with and without a token", run: sockets::run },
    Scenario { name: "logins", about: "1,000 logins a second", run: logins::run },
    Scenario { name: "bodies", about: "bodies of 1 GB", run: bodies::run },
    Scenario { name: "events", about: "100,000 events a second on one socket", run: events::run },
];

/// How the healthy user and the server fared.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// What the healthy user asked while the flood stood, and how long the answers took.
    pub asked: usize,
    pub median: Duration,
    pub p99: Duration,
    pub slowest: Duration,
    /// Resident memory before the flood, and its peak.
    pub before_kb: u64,
    pub peak_kb: u64,
    /// From the end of the flood until its addresses were served again.
    pub recovered: Duration,
    /// What became of the flood, in a few words.
    pub note: String,
    /// What is wrong; empty when all is well.
    pub wrong: Vec<String>,
}

/// Runs a scenario on a server of its own.
///
/// # Errors
/// When there is no scenario of this name, or it broke off.
pub fn run(name: &str, binary: &Path, scale: Scale) -> Result<Account> {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.with_context(|| format!("there is no scenario {name}"))?;
    eprintln!("{name}: {}", scenario.about);
    let ground = Ground::new(binary, scale)?;
    let before_kb = ground.miniman.memory_kb("VmHWM")?;
    ground.healthy.forget();
    let note = (scenario.run)(&ground).with_context(|| format!("flood {name}"))?;
    let over = Instant::now();
    let mut account = Account { before_kb, note, ..Account::default() };
    if let Err(error) = ground.recovers() {
        account.wrong.push(format!("{error:#}"));
    }
    account.recovered = over.elapsed();
    account.peak_kb = ground.miniman.memory_kb("VmHWM")?;
    let grown = account.peak_kb.saturating_sub(before_kb);
    if grown > GROWTH_MAX_KB {
        account.wrong.push(format!("memory grew by {grown} kB"));
    }
    ground.finish(&mut account)?;
    if scale == Scale::Full && account.slowest > ANSWER_MAX {
        account.wrong.push(format!("the healthy user waited {:?}", account.slowest));
    }
    Ok(account)
}
