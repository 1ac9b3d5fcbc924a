//! Which log gives its oldest block next.

use std::collections::BinaryHeap;

use crate::logs::LogId;

/// What each log's blocks take, while blocks are chosen.
///
/// All logs have the same share, so the one furthest over it is the largest; a log below the share is never asked while
/// all are over the limit, because then the largest is above it.
#[derive(Debug)]
pub(in crate::logs) struct Shares {
    logs: BinaryHeap<(u64, LogId)>,
    held: u64,
}

impl Shares {
    /// `logs` with the bytes of their blocks; `beside` counts to the total but cannot be taken.
    pub(in crate::logs) fn new(logs: impl IntoIterator<Item = (LogId, u64)>, beside: u64) -> Self {
        let logs: BinaryHeap<_> =
            logs.into_iter().filter(|(_, bytes)| *bytes > 0).map(|(log, bytes)| (bytes, log)).collect();
        let held = logs.iter().map(|(bytes, _)| bytes).sum::<u64>() + beside;
        Self { logs, held }
    }

    /// Bytes of everything.
    pub(in crate::logs) fn held(&self) -> u64 {
        self.held
    }

    /// The log furthest over its share; `None` when no log has a block.
    pub(in crate::logs) fn furthest_over(&self) -> Option<LogId> {
        self.logs.peek().map(|(_, log)| *log)
    }

    /// That log gave a block of `bytes`.
    pub(in crate::logs) fn gave(&mut self, bytes: u64) {
        if let Some((held, log)) = self.logs.pop() {
            self.held = self.held.saturating_sub(bytes.min(held));
            if held > bytes {
                self.logs.push((held - bytes, log));
            }
        }
    }

    /// That log has nothing to give, whatever its figures say.
    pub(in crate::logs) fn skip(&mut self) {
        self.logs.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// Takes blocks of `block` bytes until `limit` holds; what each log has then.
    fn kept(logs: &[(LogId, u64)], beside: u64, limit: u64, block: u64) -> HashMap<LogId, u64> {
        let mut shares = Shares::new(logs.iter().copied(), beside);
        let mut kept: HashMap<LogId, u64> = logs.iter().copied().collect();
        while shares.held() > limit {
            let Some(log) = shares.furthest_over() else { break };
            shares.gave(block);
            *kept.get_mut(&log).unwrap() -= block;
        }
        assert_eq!(shares.held(), kept.values().sum::<u64>() + beside);
        kept
    }

    #[test]
    fn a_flood_cannot_erase_twenty_quiet_logs() {
        let quiet: Vec<_> = (1..=20).map(|id| (LogId(id), u64::from(id) * 10)).collect();
        let mut logs = quiet.clone();
        logs.push((LogId(21), 1_000_000));
        let kept = kept(&logs, 500, 10_000, 10);
        for (id, bytes) in quiet {
            assert_eq!(kept[&id], bytes, "log {id} is below its share of 476");
        }
        assert_eq!(kept[&LogId(21)], 10_000 - 500 - 2_100);
    }

    #[test]
    fn floods_shrink_to_the_same_size() {
        let kept = kept(&[(LogId(1), 900), (LogId(2), 500), (LogId(3), 10)], 0, 210, 10);
        assert_eq!(kept, HashMap::from([(LogId(1), 100), (LogId(2), 100), (LogId(3), 10)]));
    }

    #[test]
    fn what_cannot_be_taken_is_not_asked_for() {
        let kept = kept(&[(LogId(1), 20)], 1_000, 500, 10);
        assert_eq!(kept[&LogId(1)], 0);
        let mut shares = Shares::new([(LogId(1), 5), (LogId(2), 9)], 0);
        shares.skip();
        assert_eq!(shares.furthest_over(), Some(LogId(1)));
    }
}
