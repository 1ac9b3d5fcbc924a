//! One line of a container's output, in OpenTelemetry's words.

use crate::Timestamp;

/// Which of a container's two output streams a line came from (OpenTelemetry's `log.iostream`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum IoStream {
    Stdout = 1,
    Stderr = 2,
}

impl IoStream {
    pub const ALL: [Self; 2] = [Self::Stdout, Self::Stderr];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }

    /// 0 for stdout, 1 for stderr: the place in an array of one thing a stream.
    pub fn index(self) -> usize {
        self as usize - 1
    }

    /// Docker's stream numbers, as in the attach header and the `local` driver: 1 and 2.
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Stdout),
            2 => Some(Self::Stderr),
            _ => None,
        }
    }
}

impl std::str::FromStr for IoStream {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|stream| stream.as_str() == text).ok_or(())
    }
}

/// OpenTelemetry's severity number: 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal; 0 when
/// the line names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Severity(u8);

impl Severity {
    pub const UNSPECIFIED: Self = Self(0);
    pub const TRACE: Self = Self(1);
    pub const DEBUG: Self = Self(5);
    pub const INFO: Self = Self(9);
    /// syslog's `notice`: more than info, less than a warning.
    pub const INFO2: Self = Self(10);
    pub const WARN: Self = Self(13);
    pub const ERROR: Self = Self(17);
    /// syslog's `critical`.
    pub const ERROR2: Self = Self(18);
    /// syslog's `alert`.
    pub const ERROR3: Self = Self(19);
    pub const FATAL: Self = Self(21);
    /// One more than the largest number.
    pub const COUNT: usize = 25;

    /// `None` over 24.
    pub fn from_number(number: u8) -> Option<Self> {
        (usize::from(number) < Self::COUNT).then_some(Self(number))
    }

    pub fn number(self) -> u8 {
        self.0
    }

    /// `trace`, `debug`, `info`, `warn`, `error`, `fatal`, or `""` when unspecified.
    pub fn name(self) -> &'static str {
        ["", "trace", "debug", "info", "warn", "error", "fatal"][usize::from(self.0).div_ceil(4)]
    }
}

/// A record on its own, for places where one is handled at a time. [`crate::RecordBatch`] holds many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    pub timestamp: Timestamp,
    pub iostream: IoStream,
    pub severity: Severity,
    /// The line without its newline. Always UTF-8: other bytes were replaced by U+FFFD when it was read.
    pub body: String,
    /// Bytes that the line cap cut from the end; 0 for nearly every line.
    pub cut: u64,
}
