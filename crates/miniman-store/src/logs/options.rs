//! Bounds that a deployment or a test may set.

use std::time::Duration;

use super::RetentionPolicy;

/// What the store keeps, what it may hold in memory and how often it commits.
#[derive(Debug, Clone)]
pub struct LogStoreOptions {
    /// What is kept from the start on; given here rather than set later, so that nothing goes that should stay.
    pub retention: RetentionPolicy,
    /// Bytes that stay free on the disk; below, the oldest blocks go early. 0 waits for a commit to find no space.
    pub reserve_bytes: u64,
    /// Bytes of a file that only takes space, which a full disk gets so that blocks can be deleted. 0 does without; under
    /// 32 MiB it may not do: what the write-ahead log holds, up to 16 MiB and a commit, has to fit into the database.
    pub ballast_bytes: u64,
    /// A commit follows at most this long after a change.
    pub commit_interval: Duration,
    /// Raw bytes of all open blocks together; over it the largest seal.
    pub open_bytes_max: usize,
    /// An open block seals at this age, so that the journal stays short.
    pub open_age_max: Duration,
    /// Raw bytes of sealed blocks that wait for their commit; at half of it a commit starts early, at all of it
    /// appends wait.
    pub uncommitted_bytes_max: usize,
    /// Raw bytes of decoded blocks that are kept for readers.
    pub cache_bytes_max: usize,
    /// Connections for reading; a read waits for one when all are in use.
    pub readers_max: usize,
}

impl Default for LogStoreOptions {
    /// 32 + 8 + 8 MiB of lines in memory at the very most, of 100 MB for the process; an idle store holds next to
    /// nothing. On disk 2 GiB, with 256 MiB kept free and a ballast of 64 MiB.
    fn default() -> Self {
        Self {
            retention: RetentionPolicy::default(),
            reserve_bytes: 256 << 20,
            ballast_bytes: 64 << 20,
            commit_interval: Duration::from_secs(1),
            open_bytes_max: 32 << 20,
            open_age_max: Duration::from_secs(600),
            uncommitted_bytes_max: 8 << 20,
            cache_bytes_max: 8 << 20,
            readers_max: 4,
        }
    }
}
