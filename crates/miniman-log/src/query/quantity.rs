//! Numbers, durations and sizes, and their comparison.

use std::cmp::Ordering;
use std::fmt;

/// What a quantity counts. Only like is compared with like; but a plain number of a field is taken for bytes where a
/// size is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    None,
    Nanoseconds,
    Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quantity {
    number: f64,
    unit: Unit,
}

const UNITS: [(&str, f64, Unit); 21] = [
    ("ns", 1.0, Unit::Nanoseconds),
    ("us", 1e3, Unit::Nanoseconds),
    // U+00B5 and U+03BC look the same and both are in use.
    ("µs", 1e3, Unit::Nanoseconds),
    ("μs", 1e3, Unit::Nanoseconds),
    ("ms", 1e6, Unit::Nanoseconds),
    ("s", 1e9, Unit::Nanoseconds),
    ("m", 60e9, Unit::Nanoseconds),
    ("h", 3600e9, Unit::Nanoseconds),
    ("d", 86_400e9, Unit::Nanoseconds),
    ("B", 1.0, Unit::Bytes),
    ("kB", 1e3, Unit::Bytes),
    ("KB", 1e3, Unit::Bytes),
    ("MB", 1e6, Unit::Bytes),
    ("GB", 1e9, Unit::Bytes),
    ("TB", 1e12, Unit::Bytes),
    ("KiB", 1024.0, Unit::Bytes),
    ("MiB", 1_048_576.0, Unit::Bytes),
    ("GiB", 1_073_741_824.0, Unit::Bytes),
    ("TiB", 1_099_511_627_776.0, Unit::Bytes),
    ("kb", 1e3, Unit::Bytes),
    ("mb", 1e6, Unit::Bytes),
];

impl Quantity {
    /// Reads `500`, `-0.5`, `1e3`, `12ms`, `1m30s`, `10 MB`; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_ascii();
        let (sign, digits) = match text.as_bytes().first()? {
            b'-' => (-1.0, &text[1..]),
            b'+' => (1.0, &text[1..]),
            _ => (1.0, text),
        };
        let (first, mut rest) = leading(digits)?;
        let mut sum = first;
        while !rest.is_empty() {
            // 1m30s: all of it are durations.
            let (next, after) = leading(rest)?;
            if sum.unit != Unit::Nanoseconds || next.unit != Unit::Nanoseconds {
                return None;
            }
            sum.number += next.number;
            rest = after;
        }
        Some(Self { number: sign * sum.number, unit: sum.unit })
    }

    /// `None` when the two count different things.
    fn compare(self, bound: Self) -> Option<Ordering> {
        let like = self.unit == bound.unit || (self.unit == Unit::None && bound.unit == Unit::Bytes);
        if like { self.number.partial_cmp(&bound.number) } else { None }
    }
}

/// A number with its unit, and what follows.
fn leading(text: &str) -> Option<(Quantity, &str)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut len = digits(0);
    if len == 0 {
        return None;
    }
    if bytes.get(len) == Some(&b'.') {
        len += 1 + digits(len + 1);
    }
    if matches!(bytes.get(len), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(len + 1), Some(b'+' | b'-')));
        let exponent = digits((len + 1 + sign).min(bytes.len()));
        if exponent > 0 {
            len += 1 + sign + exponent;
        }
    }
    let number: f64 = text[..len].parse().ok()?;
    let rest = text[len..].trim_ascii_start();
    let unit_len = rest.find(|char: char| !char.is_alphabetic()).unwrap_or(rest.len());
    if unit_len == 0 {
        return Some((Quantity { number, unit: Unit::None }, rest));
    }
    let (_, factor, unit) = UNITS.iter().find(|(name, ..)| *name == &rest[..unit_len])?;
    Some((Quantity { number: number * factor, unit: *unit }, &rest[unit_len..]))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// The operator that `text` starts with, and what follows.
    pub(super) fn leading(text: &str) -> Option<(Self, &str)> {
        // Longer ones first.
        [Self::LessOrEqual, Self::GreaterOrEqual, Self::Less, Self::Greater]
            .into_iter()
            .find_map(|operator| Some((operator, text.strip_prefix(operator.as_str())?)))
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// `>=500` as a question to a value.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    operator: Operator,
    bound: Quantity,
    /// The bound as it was written.
    source: String,
}

impl Comparison {
    /// `None` when `bound` is no quantity.
    pub(super) fn new(operator: Operator, bound: &str) -> Option<Self> {
        Some(Self { operator, bound: Quantity::parse(bound)?, source: bound.to_owned() })
    }

    /// A value that is no quantity, or one of another kind, does not match.
    pub(super) fn matches(&self, value: &str) -> bool {
        Quantity::parse(value)
            .and_then(|value| value.compare(self.bound))
            .is_some_and(|ordering| self.operator.holds(ordering))
    }
}

impl PartialEq for Comparison {
    fn eq(&self, other: &Self) -> bool {
        (self.operator, &self.source) == (other.operator, &other.source)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.operator.as_str(), self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_is_compared_with_like() {
        let check = |value: &str, operator, bound: &str, expected: bool| {
            let comparison = Comparison::new(operator, bound).expect(bound);
            assert_eq!(comparison.matches(value), expected, "{value} {comparison}");
        };
        check("500", Operator::GreaterOrEqual, "500", true);
        check("499.9", Operator::GreaterOrEqual, "500", false);
        check("-3", Operator::Less, "0", true);
        check("5e2", Operator::Greater, "499", true);
        check("1.5s", Operator::Greater, "1s", true);
        check("900ms", Operator::Greater, "1s", false);
        check("1m30s", Operator::Greater, "89s", true);
        check("1h0m1s", Operator::Greater, "1h", true);
        check("1200µs", Operator::Greater, "1ms", true);
        check("2 s", Operator::Greater, "1s", true);
        check("10485761", Operator::Greater, "10MiB", true);
        check("2 GB", Operator::Greater, "1GiB", true);
        check("1500", Operator::Greater, "1s", false);
        check("2s", Operator::Greater, "1", false);
        check("1s30MB", Operator::Greater, "1s", false);
        check("fast", Operator::Less, "1s", false);
        check("", Operator::Less, "1", false);
        check("10ä", Operator::Less, "11", false);
    }
}
