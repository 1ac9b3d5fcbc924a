//! Records known to be missing.

use miniman_log::Timestamp;

/// How many numbers a gap skips when nobody can know how many records it stands for: 2^24, more than a burst that
/// three rotated files of 10 MB can swallow, and small against 2^53, where a browser's integers end.
pub const UNKNOWN_GAP_NUMBERS: u64 = 1 << 24;

/// A run of numbers without records, and what is known of the records that should be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// First number without a record.
    pub from: i64,
    /// Last number without a record, inclusive.
    pub to: i64,
    /// How many records are missing; `None` when nobody can know.
    pub missed: Option<u64>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub reason: GapReason,
}

/// Why records are missing. The numbers are part of the file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum GapReason {
    /// The source rotated the lines away before they were read.
    RotatedAway = 1,
    /// Bytes that could not be read: in the source, or a stored block that fails its checksum.
    Damaged = 2,
    /// The source, or the position in it, is gone.
    SourceLost = 3,
    /// Retention removed them.
    Retention = 4,
    /// The daemon told that it skipped lines.
    DaemonSkipped = 5,
    /// The source could not be read for a while.
    Unreadable = 6,
}

impl GapReason {
    pub const ALL: [Self; 6] = [
        Self::RotatedAway,
        Self::Damaged,
        Self::SourceLost,
        Self::Retention,
        Self::DaemonSkipped,
        Self::Unreadable,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::RotatedAway => "rotated-away",
            Self::Damaged => "damaged",
            Self::SourceLost => "source-lost",
            Self::Retention => "retention",
            Self::DaemonSkipped => "daemon-skipped",
            Self::Unreadable => "unreadable",
        }
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| *reason as i64 == number)
    }
}
