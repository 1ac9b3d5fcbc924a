//! A level field at the top level of a JSON object.

use memchr::memmem;

use super::words;
use crate::Severity;
use crate::json_scan::{skip_space, string_end, value_end};

/// Objects are searched this far: structured loggers that put the level last write no 64 KiB before it.
const SEARCH_BYTES_MAX: usize = 64 * 1024;

pub(super) fn severity(line: &[u8]) -> Option<Severity> {
    let line = &line[..line.len().min(SEARCH_BYTES_MAX)];
    let mut at = 1;
    loop {
        at = skip_space(line, at);
        let key_end = string_end(line, at)?;
        let key = &line[at + 1..key_end - 1];
        at = skip_space(line, key_end);
        if line.get(at)? != &b':' {
            return None;
        }
        at = skip_space(line, at + 1);
        if let Some(kind) = KeyKind::of(key)
            && let Some(level) = kind.severity(line, at)
        {
            return Some(level);
        }
        at = skip_space(line, value_end(line, at)?);
        if line.get(at)? != &b',' {
            return None;
        }
        at += 1;
    }
}

/// What a key's value can be.
#[derive(Clone, Copy)]
enum KeyKind {
    /// A level word; or pino's number.
    Level,
    /// A level word.
    Word,
    /// OpenTelemetry's number.
    Otel,
    /// Python's `levelno`: tens as pino's, but 10 is debug.
    Python,
    /// syslog's number, as journald exports it.
    Syslog,
    /// MongoDB's initial.
    Initial,
}

impl KeyKind {
    fn of(key: &[u8]) -> Option<Self> {
        // Most keys are none of these, and most of those are told by their length.
        let kind = match key {
            b"level" | b"lvl" | b"Level" | b"LEVEL" => Self::Level,
            b"severity" | b"Severity" | b"SEVERITY" | b"log.level" | b"levelname" | b"level_name"
            | b"loglevel" | b"logLevel" | b"LogLevel" | b"log_level" | b"severityText" | b"severity_text"
            | b"SeverityText" | b"@l" | b"@level" => Self::Word,
            b"severity_number" | b"severityNumber" | b"SeverityNumber" => Self::Otel,
            b"levelno" => Self::Python,
            b"PRIORITY" => Self::Syslog,
            b"s" => Self::Initial,
            _ => return None,
        };
        Some(kind)
    }

    /// `at`: where in `line` the value starts.
    fn severity(self, line: &[u8], at: usize) -> Option<Severity> {
        if line.get(at)? == &b'"' {
            let text = &line[at + 1..string_end(line, at)? - 1];
            return match self {
                Self::Level | Self::Word => words::level(text.trim_ascii()),
                Self::Syslog => words::syslog(number(text)?),
                // `{"t":{"$date":…},"s":"I",…` is how each of MongoDB's lines starts.
                Self::Initial if line.starts_with(br#"{"t":{"$date""#) => words::initial(*text.first()?),
                _ => None,
            };
        }
        let end = at + line[at..].iter().position(|byte| !byte.is_ascii_digit())?;
        let number = number(&line[at..end])?;
        match self {
            // GELF's level is syslog's; its other fields tell it from a game's.
            Self::Level if number < 8 => {
                memmem::find(line, br#""short_message""#).and_then(|_| words::syslog(number))
            }
            Self::Level => words::pino(number),
            Self::Otel => {
                Severity::from_number(u8::try_from(number).ok()?).filter(|level| level.number() > 0)
            }
            Self::Python => match number {
                10 => Some(Severity::DEBUG),
                20 => Some(Severity::INFO),
                30 => Some(Severity::WARN),
                40 => Some(Severity::ERROR),
                50 => Some(Severity::ERROR2),
                _ => None,
            },
            Self::Syslog => words::syslog(number),
            Self::Word | Self::Initial => None,
        }
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
