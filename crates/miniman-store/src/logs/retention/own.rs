//! A log's own limits and their text, as in the container label `miniman.retention`: `7d`, `500MB`, `7d,500MB`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Seconds of each unit of age, the largest last.
const AGE_UNITS: [(&str, u64); 5] = [("s", 1), ("min", 60), ("h", 3_600), ("d", 86_400), ("w", 604_800)];
/// Bytes of each unit of size, the largest last.
const SIZE_UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
    ("TB", 1_000_000_000_000),
    ("TiB", 1 << 40),
];

/// What one log keeps, beside what the whole store may. Kept with the log, so it outlives the container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogRetention {
    /// Instead of the policy's age; whole seconds.
    pub age: Option<Duration>,
    /// Compressed bytes of this log's blocks and filters, at most. The total of all logs holds all the same.
    pub bytes: Option<u64>,
}

/// Why a text is no retention.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogRetentionError {
    #[error("a retention is an age, a size or both, as in 7d,500MB; got an empty one")]
    Empty,
    #[error(
        "{0:?} is no age and no size; ages end in s, min, h, d or w, sizes in kB, MB, GB, TB, KiB, MiB, GiB or TiB, as in 7d,500MB"
    )]
    Unit(String),
    /// Docker's `max-size=10m` means megabytes, and elsewhere 10m are minutes: guessing wrong would erase a log.
    #[error("{0:?} could be minutes or megabytes; write min or MB")]
    Ambiguous(String),
    #[error("{0:?} does not begin with a whole number above zero and below 2^63 of its smallest unit")]
    Number(String),
    #[error("a retention has one age and one size at most; got {0:?}")]
    Twice(String),
}

impl FromStr for LogRetention {
    type Err = LogRetentionError;

    /// Age and size in either order, with a comma between; units in any case.
    fn from_str(text: &str) -> Result<Self, LogRetentionError> {
        let mut retention = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (number, unit) = (&part[..digits], part[digits..].trim_start());
            let find = |units: &[(&str, u64)]| {
                units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|(_, size)| *size)
            };
            let scaled = |size: u64| {
                let number: u64 = number.parse().ok()?;
                number.checked_mul(size).filter(|scaled| (1..1 << 63).contains(scaled))
            };
            let wrong = || LogRetentionError::Number(part.to_owned());
            let twice = if let Some(seconds) = find(&AGE_UNITS) {
                let age = Duration::from_secs(scaled(seconds).ok_or_else(wrong)?);
                retention.age.replace(age).is_some()
            } else if let Some(bytes) = find(&SIZE_UNITS) {
                retention.bytes.replace(scaled(bytes).ok_or_else(wrong)?).is_some()
            } else if unit.eq_ignore_ascii_case("m") {
                return Err(LogRetentionError::Ambiguous(part.to_owned()));
            } else {
                return Err(LogRetentionError::Unit(part.to_owned()));
            };
            if twice {
                return Err(LogRetentionError::Twice(text.to_owned()));
            }
        }
        if retention == Self::default() { Err(LogRetentionError::Empty) } else { Ok(retention) }
    }
}

impl fmt::Display for LogRetention {
    /// The shortest text that reads back as this; empty without limits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(age) = self.age {
            write_scaled(f, age.as_secs().max(1), &AGE_UNITS)?;
        }
        if self.age.is_some() && self.bytes.is_some() {
            f.write_str(",")?;
        }
        self.bytes.map_or(Ok(()), |bytes| write_scaled(f, bytes.max(1), &SIZE_UNITS))
    }
}

/// In the largest unit that divides it.
fn write_scaled(f: &mut fmt::Formatter<'_>, number: u64, units: &[(&str, u64)]) -> fmt::Result {
    let fits = units.iter().rev().find(|(_, size)| number.is_multiple_of(*size));
    let (unit, size) = fits.expect("everything is a multiple of one");
    write!(f, "{}{unit}", number / size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, shown: &str) {
        let shown_now = match text.parse::<LogRetention>() {
            Ok(retention) => retention.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(shown_now, shown, "{text:?}");
    }

    #[test]
    fn a_label_is_read_or_refused_in_words() {
        check("7d", "1w");
        check("500MB", "500MB");
        check("7d,500MB", "1w,500MB");
        check(" 1024 mib , 36 H ", "36h,1GiB");
        check("90min", "90min");
        check("", "a retention is an age, a size or both, as in 7d,500MB; got an empty one");
        check(",", "a retention is an age, a size or both, as in 7d,500MB; got an empty one");
        check("10m", "\"10m\" could be minutes or megabytes; write min or MB");
        check("7d,8d", "a retention has one age and one size at most; got \"7d,8d\"");
        let number = "does not begin with a whole number above zero and below 2^63 of its smallest unit";
        for wrong in ["0d", "d", "99999999999999999999MB", "99999999TiB"] {
            check(wrong, &format!("{wrong:?} {number}"));
        }
        for wrong in ["forever", "7", "-7d", "1.5GB", "7 days", "٣d"] {
            let refused = wrong.parse::<LogRetention>();
            assert_eq!(refused, Err(LogRetentionError::Unit(wrong.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(age in prop::option::of(1..1_u64 << 40), bytes in prop::option::of(1..1_u64 << 62)) {
            let retention = LogRetention { age: age.map(Duration::from_secs), bytes };
            match retention.to_string().parse::<LogRetention>() {
                Ok(back) => prop_assert_eq!(back, retention),
                Err(error) => prop_assert_eq!((error, retention), (LogRetentionError::Empty, LogRetention::default())),
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,20}") {
            drop(text.parse::<LogRetention>());
        }
    }
}
