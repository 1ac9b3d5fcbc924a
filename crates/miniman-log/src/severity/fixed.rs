//! Formats that start in one fixed way.

use super::words;
use crate::Severity;

/// What some programs put before their messages, to the letter.
const STARTS: [(&[u8], Severity); 13] = [
    (b"PHP Warning: ", Severity::WARN),
    (b"PHP Notice: ", Severity::INFO2),
    (b"PHP Deprecated: ", Severity::INFO2),
    (b"PHP Fatal error: ", Severity::FATAL),
    (b"PHP Parse error: ", Severity::FATAL),
    (b"npm ERR! ", Severity::ERROR),
    (b"npm error ", Severity::ERROR),
    (b"npm WARN ", Severity::WARN),
    (b"npm warn ", Severity::WARN),
    (b"npm notice ", Severity::INFO2),
    // Go's runtime, when a program ends by it.
    (b"fatal error: ", Severity::FATAL),
    // rustc and cargo: `error[E0412]: …`, `warning: …` is a level word with a colon.
    (b"error[E", Severity::ERROR),
    (b"Fatal error: ", Severity::FATAL),
];

pub(super) fn severity(line: &[u8]) -> Option<Severity> {
    match line.first()? {
        b'<' => syslog_priority(line),
        b'D' | b'I' | b'W' | b'E' | b'F' | b'C' | b'A' => {
            klog(line).or_else(|| ruby(line)).or_else(|| starts(line))
        }
        b'P' | b'n' | b'f' | b'e' => starts(line),
        _ => None,
    }
}

fn starts(line: &[u8]) -> Option<Severity> {
    STARTS.iter().find(|(start, _)| line.starts_with(start)).map(|(_, level)| *level)
}

/// `<3>text`: facility × 8 + severity, up to 191.
fn syslog_priority(line: &[u8]) -> Option<Severity> {
    let len = line.iter().take(5).position(|byte| *byte == b'>')?;
    let digits = &line[1..len];
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let priority = digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    (priority <= 191).then(|| words::syslog(priority % 8)).flatten()
}

/// `E0412 14:02:07.113000       1 main.go:10] text`, of klog and glog (which may write the year too).
fn klog(line: &[u8]) -> Option<Severity> {
    let digits = line[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let clock = line[1..].get(digits..digits + 7)?;
    let is_clock = matches!(clock, [b' ', h1, h2, b':', m1, m2, b':'] if [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()));
    (matches!(digits, 4 | 8) && is_clock).then(|| words::initial(line[0])).flatten()
}

/// `I, [2026-11-21T14:02:07.113 #1]  INFO -- : text`, of Ruby's logger; `A` is its unknown.
fn ruby(line: &[u8]) -> Option<Severity> {
    line[1..].starts_with(b", [2").then(|| words::initial(line[0])).flatten()
}
