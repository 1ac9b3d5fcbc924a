//! What scenarios share: the server, the healthy user, and how long a flood stands.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Resource;

use super::healthy::Healthy;
use super::wire::{Asking, Socket, stranger};
use super::{Account, Scale};
use crate::{MiniMan, wait_for};

/// How long anything may take that a scenario waits for.
const LIMIT: Duration = Duration::from_secs(120);
/// Rounds of the healthy user that a flood has to stand at least.
const ROUNDS: usize = 20;

pub(super) struct Ground {
    pub(super) miniman: MiniMan,
    pub(super) healthy: Healthy,
    scale: Scale,
}

impl Ground {
    /// A server without an engine, and somebody who has been using it for a while.
    pub(super) fn new(binary: &Path, scale: Scale) -> Result<Ground> {
        raise_file_limit()?;
        let miniman = MiniMan::start_on(binary, "unix:///nonexistent")?;
        let healthy = Healthy::start(miniman.address(), miniman.token());
        let ground = Ground { miniman, healthy, scale };
        ground.is_answered()?;
        Ok(ground)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.miniman.address()
    }

    /// The value for this run's scale.
    pub(super) fn of<T>(&self, fast: T, full: T) -> T {
        self.scale.of(fast, full)
    }

    /// Returns once the flood that stands now has stood long enough: at full scale `full`, at any scale so long that the
    /// healthy user has asked some times. `meanwhile` is done again and again.
    pub(super) fn stands(&self, full: Duration, mut meanwhile: impl FnMut()) -> Result<()> {
        let begun = Instant::now();
        let hold = self.of(Duration::ZERO, full);
        while begun.elapsed() < hold && !self.healthy.has_failed() {
            meanwhile();
            std::thread::park_timeout(Duration::from_millis(100));
        }
        meanwhile();
        self.is_answered()
    }

    /// Waits for the healthy user's next rounds.
    fn is_answered(&self) -> Result<()> {
        let enough = self.healthy.rounds() + ROUNDS;
        wait_for("the healthy user to be answered", LIMIT, || {
            (self.healthy.rounds() >= enough || self.healthy.has_failed()).then_some(())
        })
    }

    /// Waits until the addresses that flooded are served as anybody is.
    pub(super) fn recovers(&self) -> Result<()> {
        for number in 0..2 {
            wait_for("who flooded to be served again", LIMIT, || self.serves(number).ok())?;
        }
        Ok(())
    }

    fn serves(&self, number: usize) -> Result<()> {
        let (from, token) = (stranger(number), self.miniman.token());
        let status = Asking::open(from, self.address())?.get("/api/v1/me", token)?;
        ensure!(status == 200, "an answer of {status}");
        Socket::open(from, self.address(), Some(token)).map(drop)
    }

    /// Asks the healthy user how it was.
    pub(super) fn finish(self, account: &mut Account) -> Result<()> {
        let Ground { miniman, healthy, .. } = self;
        let took = match healthy.finish() {
            Ok(took) => took,
            Err(error) => {
                account.wrong.push(format!("{error:#}"));
                return Ok(());
            }
        };
        let at = |part: usize| took.get(took.len() * part / 100).or(took.last()).copied();
        let (Some(median), Some(p99), Some(slowest)) = (at(50), at(99), at(100)) else {
            bail!("the healthy user asked nothing; miniman said: {}", miniman.diagnostics());
        };
        (account.asked, account.median, account.p99, account.slowest) = (took.len(), median, p99, slowest);
        Ok(())
    }
}

/// Who floods holds as many connections as the server lets them, and more.
fn raise_file_limit() -> Result<()> {
    let mut limit = rustix::process::getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    rustix::process::setrlimit(Resource::Nofile, limit).context("raise the limit on open files")
}
