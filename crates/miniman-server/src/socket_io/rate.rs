//! How fast a client's messages are taken: a bucket of tokens that makes the taker wait, which the client sees as
//! backpressure. Nothing is dropped.

use std::time::Duration;

use tokio::time::Instant;

/// Messages a second. Acknowledgements are the most: one a batch, and a log that is written steadily makes a batch
/// each time its tail reads, some 2,500 a second. Fewer here would hold acknowledgements back and lines behind them.
const MESSAGES_PER_SECOND: u32 = 4_000;
/// What a page may send at once, as when 32 views are asked for again after a reconnect.
const BURST: u32 = 256;

#[derive(Debug)]
pub(super) struct MessageRate {
    /// When the bucket is full again.
    full_at: Instant,
}

impl MessageRate {
    pub(super) fn new() -> Self {
        Self { full_at: Instant::now() }
    }

    /// Takes one token, waiting for it.
    pub(super) async fn wait(&mut self) {
        let now = Instant::now();
        let step = Duration::from_secs(1) / MESSAGES_PER_SECOND;
        self.full_at = self.full_at.max(now) + step;
        let ready_at = self.full_at.checked_sub(step * BURST).unwrap_or(now);
        if ready_at > now {
            tokio::time::sleep_until(ready_at).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_and_a_flood_is_paced() {
        let mut rate = MessageRate::new();
        let start = Instant::now();
        for _ in 0..BURST {
            rate.wait().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        for _ in 0..2 * MESSAGES_PER_SECOND {
            rate.wait().await;
        }
        assert_eq!(start.elapsed().as_secs(), 2);
    }
}
