//! Level words, and the numbers some loggers use instead.

use crate::Severity;

/// Longer than any level word; `informational` has 13 bytes.
const WORD_BYTES_MAX: usize = 16;

/// The level that `word` names, in any case.
pub(crate) fn level(word: &[u8]) -> Option<Severity> {
    let mut buffer = [0; WORD_BYTES_MAX];
    let lower = buffer.get_mut(..word.len())?;
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    let lower: &[u8] = lower;
    Some(match lower {
        b"trace" | b"trc" | b"verbose" | b"vrb" | b"trce" | b"finest" | b"finer" | b"silly" => {
            Severity::TRACE
        }
        b"debug" | b"dbg" | b"dbug" | b"debg" | b"fine" => Severity::DEBUG,
        b"info" | b"inf" | b"information" | b"informational" | b"success" => Severity::INFO,
        b"notice" => Severity::INFO2,
        b"warn" | b"wrn" | b"warning" => Severity::WARN,
        b"error" | b"err" | b"eror" | b"fail" | b"severe" => Severity::ERROR,
        b"critical" | b"crit" | b"crt" => Severity::ERROR2,
        b"alert" => Severity::ERROR3,
        b"fatal" | b"ftl" | b"fata" | b"panic" | b"pnc" | b"dpanic" | b"emerg" | b"emergency" => {
            Severity::FATAL
        }
        _ => return None,
    })
}

/// glog's, klog's and MongoDB's initials.
pub(super) fn initial(letter: u8) -> Option<Severity> {
    Some(match letter {
        b'T' => Severity::TRACE,
        b'D' => Severity::DEBUG,
        b'I' => Severity::INFO,
        b'W' => Severity::WARN,
        b'E' => Severity::ERROR,
        b'C' => Severity::ERROR2,
        b'F' => Severity::FATAL,
        _ => return None,
    })
}

/// pino's and bunyan's numbers.
pub(super) fn pino(number: u64) -> Option<Severity> {
    Some(match number {
        10 => Severity::TRACE,
        20 => Severity::DEBUG,
        30 => Severity::INFO,
        40 => Severity::WARN,
        50 => Severity::ERROR,
        60 => Severity::FATAL,
        _ => return None,
    })
}

/// syslog's severities, 0 to 7.
pub(super) fn syslog(number: u64) -> Option<Severity> {
    const LEVELS: [Severity; 8] = [
        Severity::FATAL,
        Severity::ERROR3,
        Severity::ERROR2,
        Severity::ERROR,
        Severity::WARN,
        Severity::INFO2,
        Severity::INFO,
        Severity::DEBUG,
    ];
    LEVELS.get(usize::try_from(number).ok()?).copied()
}
