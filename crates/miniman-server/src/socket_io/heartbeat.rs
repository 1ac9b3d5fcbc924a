//! Whether a client still lives: a ping each interval, and what counts as no answer.
//!
//! A pong must come within the timeout, counted from the ping or from the last bytes that the client's side took,
//! whichever is later. A ping waits behind what the kernel holds already, so a reader that is slow but steady would
//! otherwise be cut off in the middle of reading. Taken bytes put the end off only while the ping can still be on
//! its way.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Bytes that can lie between us and a reader: Linux' default limits are 4 MiB of send and 6 MiB of receive buffer.
/// A client that took more than this since the ping has seen it.
const BYTES_IN_FLIGHT_MAX: u64 = 16 << 20;

/// More than the ping itself: one that was alone on its way is answered in time or not at all.
const PING_BYTES: u64 = 64;

#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    /// Bytes that the client's side took so far.
    taken: AtomicU64,
    awaited: Mutex<Option<Awaited>>,
    pong: Notify,
}

/// A pong that has not come yet.
#[derive(Debug, Clone, Copy)]
struct Awaited {
    deadline: Instant,
    /// `taken` when the ping was queued, and when the deadline was last put off.
    taken_at_ping: u64,
    taken: u64,
}

impl Heartbeat {
    /// Counts bytes that left for the client.
    pub(super) fn took(&self, bytes: usize) {
        self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn pong(&self) {
        if self.awaited.lock().unwrap_or_else(PoisonError::into_inner).take().is_some() {
            self.pong.notify_one();
        }
    }

    /// Whether the deadline is over at `now`; puts it off when the client took something in the meantime.
    pub(super) fn expired(&self, now: Instant, timeout: Duration) -> bool {
        let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pong) = awaited.as_mut() else { return false };
        if now < pong.deadline {
            return false;
        }
        let taken = self.taken.load(Ordering::Relaxed);
        let since_ping = taken - pong.taken_at_ping;
        if taken == pong.taken || since_ping <= PING_BYTES || since_ping > BYTES_IN_FLIGHT_MAX {
            return true;
        }
        pong.taken = taken;
        pong.deadline = now + timeout;
        false
    }

    fn deadline(&self) -> Option<Instant> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner).map(|pong| pong.deadline)
    }

    fn expect_pong(&self, deadline: Instant) {
        let taken = self.taken.load(Ordering::Relaxed);
        let awaited = Awaited { deadline, taken_at_ping: taken, taken };
        *self.awaited.lock().unwrap_or_else(PoisonError::into_inner) = Some(awaited);
    }

    /// Pings until the client does not answer. `opened` starts the first interval: times are counted from there
    /// and not from when a timer fired, so that delays do not add up.
    pub(super) async fn run(&self, opened: Instant, interval: Duration, timeout: Duration, ping: impl Fn()) {
        let mut from = opened;
        loop {
            let ping_at = from + interval;
            tokio::time::sleep_until(ping_at).await;
            self.expect_pong(ping_at + timeout);
            ping();
            while let Some(deadline) = self.deadline() {
                tokio::select! {
                    () = self.pong.notified() => {}
                    () = tokio::time::sleep_until(deadline) => {
                        if self.expired(Instant::now(), timeout) {
                            return;
                        }
                    }
                }
            }
            from = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const INTERVAL: Duration = Duration::from_secs(15);
    const TIMEOUT: Duration = Duration::from_secs(45);

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_given_up_after_the_timeout() {
        let opened = Instant::now();
        Heartbeat::default().run(opened, INTERVAL, TIMEOUT, || {}).await;
        assert_eq!(opened.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_kept_while_it_takes_bytes_and_the_ping_can_be_under_way() {
        let heartbeat = Arc::new(Heartbeat::default());
        let opened = Instant::now();
        let run = heartbeat.run(opened, INTERVAL, TIMEOUT, || {});
        tokio::pin!(run);
        // 1 MiB each 40 s: 16 of them put the end off, then the ping must have been seen.
        for _ in 0..16 {
            assert!(tokio::time::timeout(Duration::from_secs(40), &mut run).await.is_err());
            heartbeat.took(1 << 20);
        }
        heartbeat.took(1 << 20);
        run.await;
        assert!(opened.elapsed() > Duration::from_secs(640) && opened.elapsed() < Duration::from_secs(760));
    }

    #[tokio::test(start_paused = true)]
    async fn pongs_keep_a_session_for_ever() {
        let heartbeat = Arc::new(Heartbeat::default());
        let pings = std::cell::Cell::new(0);
        let run = heartbeat.run(Instant::now(), INTERVAL, TIMEOUT, || {
            pings.set(pings.get() + 1);
            heartbeat.pong();
        });
        assert!(tokio::time::timeout(Duration::from_secs(3_600), run).await.is_err());
        // One each 15 s; the hour's last falls together with its end.
        assert!((239..=240).contains(&pings.get()));
    }
}
