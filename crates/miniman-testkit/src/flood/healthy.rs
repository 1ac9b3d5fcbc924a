//! Somebody who uses the server as it is meant, and notes how long each answer takes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::wire::{Asking, HOME, Socket};

/// Between two rounds: as often as a hasty person, and not a flood of its own.
const PAUSE: Duration = Duration::from_millis(10);

pub(super) struct Healthy {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Result<()>>>,
}

#[derive(Default)]
struct Shared {
    ended: AtomicBool,
    /// Whole rounds so far.
    rounds: AtomicUsize,
    /// How long each answer took since it was forgotten last.
    took: Mutex<Vec<Duration>>,
}

impl Healthy {
    /// Starts asking.
    pub(super) fn start(address: SocketAddr, token: &str) -> Healthy {
        let shared = Arc::<Shared>::default();
        let (of_thread, token) = (shared.clone(), token.to_owned());
        let thread = std::thread::spawn(move || {
            let asked = of_thread.ask(address, &token);
            of_thread.ended.store(true, Ordering::Release);
            asked
        });
        Healthy { shared, thread: Some(thread) }
    }

    pub(super) fn rounds(&self) -> usize {
        self.shared.rounds.load(Ordering::Acquire)
    }

    /// Whether an answer did not come, which [`Healthy::finish`] tells of.
    pub(super) fn has_failed(&self) -> bool {
        self.shared.ended.load(Ordering::Acquire)
    }

    pub(super) fn forget(&self) {
        self.shared.took().clear();
    }

    /// Stops asking, and gives how long each answer took, by rising time.
    ///
    /// # Errors
    /// When something was not answered.
    pub(super) fn finish(mut self) -> Result<Vec<Duration>> {
        self.shared.ended.store(true, Ordering::Release);
        let thread = self.thread.take().context("it asks")?;
        thread
            .join()
            .map_err(|_| anyhow::anyhow!("the healthy user panicked"))?
            .context("the healthy user")?;
        let mut took = std::mem::take(&mut *self.shared.took());
        took.sort_unstable();
        Ok(took)
    }
}

impl Drop for Healthy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
    }
}

impl Shared {
    fn took(&self) -> std::sync::MutexGuard<'_, Vec<Duration>> {
        self.took.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, address: SocketAddr, token: &str) -> Result<()> {
        let mut kept = Asking::open(HOME, address)?;
        let mut socket = Socket::open(HOME, address, Some(token))?;
        let is_answered = |asking: &mut Asking| -> Result<()> {
            let status = asking.get("/api/v1/containers", token)?;
            ensure!(status == 200, "an answer of {status}");
            Ok(())
        };
        while !self.ended.load(Ordering::Acquire) {
            self.time(|| is_answered(&mut kept)).context("on a connection that was there")?;
            self.time(|| is_answered(&mut Asking::open(HOME, address)?)).context("on a new connection")?;
            self.time(|| {
                socket.send("420[\"join\",{\"room\":\"home\"}]")?;
                socket.expect("430")
            })
            .context("over a socket")?;
            self.rounds.fetch_add(1, Ordering::AcqRel);
            std::thread::park_timeout(PAUSE);
        }
        Ok(())
    }

    fn time(&self, ask: impl FnOnce() -> Result<()>) -> Result<()> {
        let asked = Instant::now();
        ask()?;
        self.took().push(asked.elapsed());
        Ok(())
    }
}
