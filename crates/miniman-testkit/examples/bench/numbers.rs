//! What a reader of numbered lines saw: latencies, and whether every number came once and in order.

use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970, the writer's clock.
pub(crate) fn now_ns() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()).unwrap_or(0)
}

/// One reader's lines, or several readers' merged.
#[derive(Default)]
pub(crate) struct Seen {
    latencies_ns: Vec<u64>,
    last: Option<u64>,
    /// Numbers that were skipped, repeated or out of order.
    pub(crate) wrong: u64,
}

impl Seen {
    /// Takes a line `<n> <ns> …` that arrived at `at`.
    pub(crate) fn line(&mut self, line: &str, at: u64) {
        let mut words = line.split(' ').map(str::parse::<u64>);
        let (Some(Ok(number)), Some(Ok(written))) = (words.next(), words.next()) else {
            self.wrong += 1;
            return;
        };
        if let Some(last) = self.last
            && number != last + 1
        {
            self.wrong += number.checked_sub(last + 1).unwrap_or(1);
        }
        self.last = Some(number);
        self.latencies_ns.push(at.saturating_sub(written));
    }

    pub(crate) fn lines(&self) -> usize {
        self.latencies_ns.len()
    }

    pub(crate) fn merge(&mut self, mut other: Seen) {
        self.latencies_ns.append(&mut other.latencies_ns);
        self.wrong += other.wrong;
    }

    /// The latency in milliseconds that `share` of the lines did not exceed.
    pub(crate) fn quantile_ms(&mut self, share: f64) -> f64 {
        if self.latencies_ns.is_empty() {
            return f64::NAN;
        }
        self.latencies_ns.sort_unstable();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let index = ((self.latencies_ns.len() - 1) as f64 * share).round() as usize;
        #[allow(clippy::cast_precision_loss, reason = "latencies are far below 2^52 ns")]
        let ns = self.latencies_ns[index] as f64;
        ns / 1e6
    }
}
