//! Instants to the nanosecond, as Docker writes them.

use std::fmt;

/// Nanoseconds since the Unix epoch, UTC.
///
/// Covers 1677 to 2262; [`Timestamp::parse`] refuses what lies outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// Length of what [`Timestamp::write_to`] writes: `2026-11-21T14:02:07.113000000Z`.
pub const RFC3339_LEN: usize = 30;

const NANOS_PER_SEC: i64 = 1_000_000_000;
const SECS_PER_DAY: i64 = 86_400;

impl Timestamp {
    /// Reads RFC 3339 with any number of fraction digits and any offset; digits past the ninth are dropped.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (date, rest) = (text.get(..10)?, text.get(10..)?);
        if date[4] != b'-' || date[7] != b'-' || !matches!(rest.first()?, b'T' | b't' | b' ') {
            return None;
        }
        let (year, month, day) = (digits(&date[..4])?, digits(&date[5..7])?, digits(&date[8..10])?);
        let time = rest.get(1..9)?;
        if time[2] != b':' || time[5] != b':' {
            return None;
        }
        let (hour, minute, second) = (digits(&time[..2])?, digits(&time[3..5])?, digits(&time[6..8])?);
        if !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
            return None;
        }
        // A leap second is folded into the one before, as Go does when it parses.
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let (nanos, zone) = fraction(rest.get(9..)?)?;
        let offset = zone_offset(zone)?;
        let secs =
            days_from_civil(year, month, day) * SECS_PER_DAY + hour * 3600 + minute * 60 + second.min(59)
                - offset;
        secs.checked_mul(NANOS_PER_SEC)?.checked_add(nanos).map(Self)
    }

    /// Writes `YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ`; years outside 0–9999 cannot occur in the type's range.
    pub fn write_to(self, out: &mut [u8; RFC3339_LEN]) {
        let secs = self.0.div_euclid(NANOS_PER_SEC);
        let nanos = self.0.rem_euclid(NANOS_PER_SEC);
        let (year, month, day) = civil_from_days(secs.div_euclid(SECS_PER_DAY));
        let clock = secs.rem_euclid(SECS_PER_DAY);
        *out = *b"0000-00-00T00:00:00.000000000Z";
        put(&mut out[0..4], year);
        put(&mut out[5..7], month);
        put(&mut out[8..10], day);
        put(&mut out[11..13], clock / 3600);
        put(&mut out[14..16], clock / 60 % 60);
        put(&mut out[17..19], clock % 60);
        put(&mut out[20..29], nanos);
    }

    /// Appends the RFC 3339 form.
    pub fn push_to(self, out: &mut Vec<u8>) {
        let mut text = [0; RFC3339_LEN];
        self.write_to(&mut text);
        out.extend_from_slice(&text);
    }

    pub fn from_parts(secs: i64, nanos: i64) -> Option<Self> {
        secs.checked_mul(NANOS_PER_SEC)?.checked_add(nanos).map(Self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; RFC3339_LEN];
        self.write_to(&mut text);
        f.write_str(std::str::from_utf8(&text).expect("only ASCII is written"))
    }
}

fn put(out: &mut [u8], mut value: i64) {
    for byte in out.iter_mut().rev() {
        *byte = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// `(nanoseconds, what follows the fraction)`.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(text) = text.strip_prefix(b".") else { return Some((0, text)) };
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if len == 0 {
        return None;
    }
    let kept = len.min(9);
    let nanos = digits(&text[..kept])? * 10_i64.pow(9 - kept as u32);
    Some((nanos, &text[len..]))
}

fn zone_offset(text: &[u8]) -> Option<i64> {
    match text {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = hours * 3600 + minutes * 60;
            Some(if *sign == b'-' { -offset } else { offset })
        }
        _ => None,
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

// Days and civil dates in the proleptic Gregorian calendar, counted in 400-year eras that start on 1 March
// (so that the leap day is an era's last).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn docker_and_offset_forms_are_read() {
        let check = |text: &str, shown: &str| {
            assert_eq!(Timestamp::parse(text.as_bytes()).unwrap().to_string(), shown);
        };
        check("2026-11-21T14:02:07.113Z", "2026-11-21T14:02:07.113000000Z");
        check("2026-11-21T14:02:07Z", "2026-11-21T14:02:07.000000000Z");
        check("2026-11-21T14:02:07.123456789012+01:30", "2026-11-21T12:32:07.123456789Z");
        check("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000000Z");
        check("2024-02-29T23:59:60Z", "2024-02-29T23:59:59.000000000Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13-01T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2026-11-21T14:02:07",
            "2026-11-21T14:02:07.Z",
        ] {
            assert_eq!(Timestamp::parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(nanos in any::<i64>()) {
            let text = Timestamp(nanos).to_string();
            // The lowest second of the range is not whole, so reading its start would leave the range.
            if nanos > i64::MIN + 1_000_000_000 {
                prop_assert_eq!(Timestamp::parse(text.as_bytes()), Some(Timestamp(nanos)));
            }
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..48)) {
            let _ = Timestamp::parse(&bytes);
        }
    }
}
