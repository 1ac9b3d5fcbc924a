//! What is wrong with the store, in figures and in words.

use miniman_log::Timestamp;

use super::Taken;

/// Whether lines reach the disk and come back from it. The counts are since the store was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// `None` when the last commit succeeded.
    pub failing: Option<Failing>,
    /// `None` while enough space is free.
    pub low_disk: Option<LowDisk>,
    /// What went before its time for want of space.
    pub taken_early: Taken,
    /// Stored blocks that cannot be read: each is a gap to its readers, and counted once.
    pub damaged_blocks: u64,
    /// The records of those.
    pub damaged_records: u64,
}

/// Commits fail. Lines stay in memory and commits are tried again; once memory is full, appends wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    pub since: Timestamp,
    /// The latest error, as a sentence without a full stop.
    pub error: String,
}

/// Free space is under the reserve, or a commit found none: for each new block an old one goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LowDisk {
    pub since: Timestamp,
    /// Bytes that are free for this user, free pages of the file included.
    pub free_bytes: u64,
    /// Bytes that are to stay free ([`super::LogStoreOptions::reserve_bytes`]).
    pub reserve_bytes: u64,
}

impl Health {
    /// What a person should know; empty when all is well.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if let Some(failing) = &self.failing {
            sentences.push(format!(
                "Lines cannot be written to the disk: {}. They stay in memory, and writing is tried again.",
                failing.error
            ));
        }
        if let Some(low) = &self.low_disk {
            sentences.push(format!(
                "The disk of the data directory has {} free of the {} kept in reserve. The oldest lines go before \
                 their time: {} so far.",
                size(low.free_bytes),
                size(low.reserve_bytes),
                self.taken_early.records
            ));
        } else if self.taken_early.records > 0 {
            sentences.push(format!(
                "{} lines went before their time because the disk was full.",
                self.taken_early.records
            ));
        }
        if self.damaged_blocks > 0 {
            sentences.push(format!(
                "{} stored blocks with {} lines are damaged and left out.",
                self.damaged_blocks, self.damaged_records
            ));
        }
        sentences
    }
}

/// `12.3 MB`, in units of 1,000.
fn size(bytes: u64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn what_is_wrong_is_said_in_words() {
        assert_eq!(Health::default().sentences(), Vec::<String>::new());
        let taken_early = Taken { blocks: 2, records: 900, raw_bytes: 1, stored_bytes: 1 };
        let low = LowDisk { since: Timestamp(0), free_bytes: 12_345_678, reserve_bytes: 268_435_456 };
        let health = Health {
            failing: Some(Failing { since: Timestamp(0), error: "database or disk is full".to_owned() }),
            low_disk: Some(low),
            taken_early,
            damaged_blocks: 1,
            damaged_records: 70,
        };
        expect![[r#"
            Lines cannot be written to the disk: database or disk is full. They stay in memory, and writing is tried again.
            The disk of the data directory has 12.3 MB free of the 268.4 MB kept in reserve. The oldest lines go before their time: 900 so far.
            1 stored blocks with 70 lines are damaged and left out."#]]
        .assert_eq(&health.sentences().join("\n"));
        let after = Health { taken_early, ..Health::default() };
        expect!["900 lines went before their time because the disk was full."]
            .assert_eq(&after.sentences().join("\n"));
    }
}
