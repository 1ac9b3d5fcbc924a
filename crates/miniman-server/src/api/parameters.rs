//! Query strings: known names, each as often as it may, values that say what is wrong with them.
//!
//! By hand and not by `serde`: selectors repeat, and an unknown name has to be an error. `?strem=stderr` answered with
//! everything would look like an answer.

use miniman_log::Timestamp;

/// Longest query string. hyper takes no longer URI than 65,534 bytes; a cursor over 2,000 logs fits.
pub(crate) const QUERY_BYTES_MAX: usize = 60_000;
/// Parameters in one query string: a selection of hundreds of containers, not of thousands.
pub(crate) const PARAMETERS_MAX: usize = 512;
/// What is echoed of a bad value.
const ECHOED_CHARS: usize = 40;

/// What is wrong with a query string, for the asker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadParameter(pub(crate) String);

/// A query string's parameters, taken one name after another.
#[derive(Debug)]
pub(crate) struct Parameters {
    pairs: Vec<(String, String)>,
}

impl Parameters {
    /// # Errors
    /// When the query string is too long, holds too many parameters, or one whose name is not in `known`.
    pub(crate) fn parse(query: Option<&str>, known: &[&str]) -> Result<Self, BadParameter> {
        let query = query.unwrap_or_default();
        if query.len() > QUERY_BYTES_MAX {
            return Err(BadParameter(format!("the query string is longer than {QUERY_BYTES_MAX} bytes")));
        }
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().take(PARAMETERS_MAX + 1).collect();
        if pairs.len() > PARAMETERS_MAX {
            return Err(BadParameter(format!("there are more than {PARAMETERS_MAX} parameters")));
        }
        let unknown: Vec<_> = pairs
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !known.contains(name))
            .map(echo)
            .collect();
        match unknown.as_slice() {
            [] => Ok(Self { pairs }),
            [one] => Err(BadParameter(format!("unknown parameter {one}"))),
            many => Err(BadParameter(format!("unknown parameters {}", many.join(", ")))),
        }
    }

    /// All values of a parameter that may repeat; an empty one is an error, because it would select everything.
    pub(crate) fn many(&self, name: &str) -> Result<Vec<String>, BadParameter> {
        let values: Vec<_> = self.values(name).map(str::to_owned).collect();
        if values.iter().any(String::is_empty) {
            return Err(BadParameter(format!("{name} is empty")));
        }
        Ok(values)
    }

    /// The value of a parameter that may be given once.
    pub(crate) fn one<'a>(&'a self, name: &str) -> Result<Option<&'a str>, BadParameter> {
        let mut values = self.values(name);
        let value = values.next();
        if values.next().is_some() {
            return Err(BadParameter(format!("{name} is given twice")));
        }
        Ok(value)
    }

    /// The value, read by `read`; `expected` says what it has to be.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, BadParameter> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        let parsed = read(value).ok_or_else(|| bad_value(name, value, expected))?;
        Ok(Some(parsed))
    }

    /// `true`, `1` or nothing behind the name; `false` or `0`; `default` when absent.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool, BadParameter> {
        let flag = self.parsed(name, "true or false", |value| match value {
            "true" | "1" | "" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })?;
        Ok(flag.unwrap_or(default))
    }

    /// A count from `1` to `max`.
    pub(crate) fn count(&self, name: &str, max: u64) -> Result<Option<u64>, BadParameter> {
        let expected = if max == u64::MAX {
            "a number from 1 up".to_owned()
        } else {
            format!("a number from 1 to {max}")
        };
        self.parsed(name, &expected, |value| value.parse().ok().filter(|count| (1..=max).contains(count)))
    }

    /// A time, or a duration before `now`.
    pub(crate) fn time(&self, name: &str, now: Timestamp) -> Result<Option<Timestamp>, BadParameter> {
        self.parsed(name, "a time (2026-11-21T14:02:07Z) or a duration (15m, 2h)", |value| time(value, now))
    }

    fn values<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.pairs.iter().filter(move |pair| pair.0 == name).map(|pair| pair.1.as_str())
    }
}

pub(crate) fn bad_value(name: &str, value: &str, expected: &str) -> BadParameter {
    BadParameter(format!("{name} is {}, not {expected}", echo(value)))
}

fn echo(text: &str) -> String {
    let short: String = text.chars().take(ECHOED_CHARS).collect();
    if short.len() < text.len() { format!("{short:?}…") } else { format!("{short:?}") }
}

/// Reads RFC 3339, or a duration as the time that long before `now`.
pub fn time(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Some(nanos) = duration_nanos(text) {
        return Some(Timestamp(now.0.saturating_sub(nanos)));
    }
    Timestamp::parse(text.as_bytes()).or_else(|| {
        // A `+01:00` that was not percent-encoded arrives as a space.
        let (time, zone) = text.rsplit_once(' ')?;
        Timestamp::parse(format!("{time}+{zone}").as_bytes())
    })
}

/// `90s`, `15m`, `2h`, `7d`, `1w`, and several in a row: `1h30m`.
pub(crate) fn duration_nanos(text: &str) -> Option<i64> {
    const SECOND: i64 = 1_000_000_000;
    let mut rest = text;
    let mut sum = 0_i64;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = match &rest[..letters] {
            "ms" => SECOND / 1000,
            "s" => SECOND,
            "m" => 60 * SECOND,
            "h" => 3600 * SECOND,
            "d" => 86_400 * SECOND,
            "w" => 7 * 86_400 * SECOND,
            _ => return None,
        };
        rest = &rest[letters..];
        sum = sum.checked_add(count.checked_mul(unit)?)?;
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_269_727_000_000_000);

    #[test]
    fn times_and_durations_are_read() {
        let check = |text: &str, shown: Option<&str>| {
            assert_eq!(time(text, NOW).map(|time| time.to_string()).as_deref(), shown, "{text}");
        };
        assert_eq!(NOW.to_string(), "2026-11-21T14:02:07.000000000Z");
        check("2026-11-21T14:02:07.5Z", Some("2026-11-21T14:02:07.500000000Z"));
        check("2026-11-21T15:02:07+01:00", Some("2026-11-21T14:02:07.000000000Z"));
        check("2026-11-21T15:02:07 01:00", Some("2026-11-21T14:02:07.000000000Z"));
        check("15m", Some("2026-11-21T13:47:07.000000000Z"));
        check("1h30m", Some("2026-11-21T12:32:07.000000000Z"));
        check("250ms", Some("2026-11-21T14:02:06.750000000Z"));
        check("1w1d", Some("2026-11-13T14:02:07.000000000Z"));
        for text in [
            "",
            "15",
            "m",
            "-5m",
            "5x",
            "1h 5m",
            "yesterday",
            "99999999999999999999s",
            "9999999999d",
            "ä",
            "5ä",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn names_and_counts_of_parameters_are_checked() {
        let check = |query: &str, expected: &str| {
            let error = Parameters::parse(Some(query), &["a", "b"]).and_then(|parameters| {
                parameters.one("b")?;
                parameters.many("a")?;
                parameters.count("b", 10)
            });
            assert_eq!(error.unwrap_err().0, expected);
        };
        check("strem=x", "unknown parameter \"strem\"");
        check("a=1&c=2&d=3", "unknown parameters \"c\", \"d\"");
        check("b=1&b=2", "b is given twice");
        check("a=", "a is empty");
        check("b=11", "b is \"11\", not a number from 1 to 10");
        check("b=0", "b is \"0\", not a number from 1 to 10");
        check(&"a=1&".repeat(PARAMETERS_MAX + 1), "there are more than 512 parameters");
        check(&"a".repeat(QUERY_BYTES_MAX + 1), "the query string is longer than 60000 bytes");
        check(&format!("{}=1", "x".repeat(100)), &format!("unknown parameter \"{}\"…", "x".repeat(40)));
    }

    #[test]
    fn flags_are_read() {
        let flag =
            |query| Parameters::parse(Some(query), &["f"]).and_then(|parameters| parameters.flag("f", false));
        assert_eq!(flag("f"), Ok(true));
        assert_eq!(flag("f=1"), Ok(true));
        assert_eq!(flag("f=false"), Ok(false));
        assert_eq!(flag(""), Ok(false));
        assert!(flag("f=maybe").is_err());
    }
}
