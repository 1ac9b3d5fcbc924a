//! `error`, `>=warn`, `none`, `17`: which severities are meant.

use super::LevelTest;
use crate::Severity;
use crate::query::quantity::Operator;
use crate::query::term::SeveritySet;
use crate::severity::words;

pub(super) fn parse(source: &str) -> Option<LevelTest> {
    let set = match Operator::leading(source) {
        Some((operator, name)) => compared(operator, name)?,
        None if source == "*" => SeveritySet::range(Severity::TRACE, highest()),
        None if source.eq_ignore_ascii_case("none") => {
            SeveritySet::range(Severity::UNSPECIFIED, Severity::UNSPECIFIED)
        }
        None => {
            let (low, high) = named(source)?;
            SeveritySet::range(low, high)
        }
    };
    Some(LevelTest { source: source.to_owned(), set })
}

/// A line without a level is neither above nor below one.
fn compared(operator: Operator, name: &str) -> Option<SeveritySet> {
    let (low, high) = named(name).filter(|(low, _)| *low != Severity::UNSPECIFIED)?;
    let levels = SeveritySet::range(Severity::TRACE, highest());
    let at_least = |level: Severity| SeveritySet::range(level, highest());
    let set = match operator {
        Operator::GreaterOrEqual => at_least(low),
        Operator::Less => at_least(low).complement(),
        Operator::LessOrEqual => SeveritySet::range(Severity::TRACE, high),
        Operator::Greater => SeveritySet::range(Severity::TRACE, high).complement(),
    };
    Some(set.intersection(levels))
}

/// The lowest and the highest number that the name stands for: four of `error`, one of `critical` or `17`.
fn named(name: &str) -> Option<(Severity, Severity)> {
    if let Ok(number) = name.parse::<u8>() {
        let level = Severity::from_number(number)?;
        return Some((level, level));
    }
    let low = words::level(name.as_bytes())?;
    // Each of OpenTelemetry's six levels starts four numbers.
    let high = if low.number() % 4 == 1 { Severity::from_number(low.number() + 3)? } else { low };
    Some((low, high))
}

fn highest() -> Severity {
    Severity::from_number(Severity::COUNT as u8 - 1).unwrap_or(Severity::FATAL)
}
