//! A level word among what loggers write before the message.
//!
//! The head of a line is read piece by piece: times, numbers, bracketed groups, separators and a logger's name are
//! stepped over, a level word ends the search with success, anything else without.

use memchr::{memchr, memrchr};

use super::{logfmt, words};
use crate::Severity;

/// Pieces looked at. Times of several words, process, thread, logger: ten are many.
const PIECES_MAX: usize = 14;

/// A bracketed group longer than this belongs to the message.
const GROUP_BYTES_MAX: usize = 96;

/// A time or number longer than this is something else.
const NUMBER_BYTES_MAX: usize = 40;

pub(super) fn severity(line: &[u8]) -> Option<Severity> {
    Head { rest: line, seen: Seen::default(), nested: false }.search()
}

/// Steps over colours (SGR sequences) and white space.
pub(super) fn without_paint(mut bytes: &[u8]) -> &[u8] {
    loop {
        match bytes.first() {
            Some(b' ' | b'\t') => bytes = &bytes[1..],
            Some(b'\x1b') => match after_sgr(bytes) {
                Some(rest) => bytes = rest,
                None => return bytes,
            },
            _ => return bytes,
        }
    }
}

fn after_sgr(bytes: &[u8]) -> Option<&[u8]> {
    let parameters = bytes.strip_prefix(b"\x1b[")?;
    let len = parameters.iter().take(32).position(|byte| !matches!(byte, b'0'..=b'9' | b';' | b':'))?;
    (parameters[len] == b'm').then(|| &parameters[len + 1..])
}

/// What stood before the place that is looked at.
#[derive(Default, Clone, Copy)]
struct Seen {
    /// A date or a time of day.
    time: bool,
    /// A bracketed group.
    group: bool,
    /// Directly before: `-`, `|` or a tab.
    separator: bool,
    /// Directly before: a colour.
    paint: bool,
    /// A word taken for the logger's name.
    name: bool,
}

struct Head<'a> {
    rest: &'a [u8],
    seen: Seen,
    /// Inside brackets.
    nested: bool,
}

impl<'a> Head<'a> {
    fn search(&mut self) -> Option<Severity> {
        for _ in 0..PIECES_MAX {
            self.space();
            let step = match *self.rest.first()? {
                open @ (b'[' | b'(' | b'<') => self.group(open),
                b'-' | b'|' | b':' | b',' => self.separator(),
                // ClickHouse's query id.
                b'{' if self.seen.time => self.group(b'{'),
                b'0'..=b'9' => self.number(),
                byte if byte.is_ascii_alphabetic() || byte == b'_' => self.word(),
                _ => Step::Stop,
            };
            match step {
                Step::Over(len) => self.rest = &self.rest[len..],
                Step::Found(level) => return Some(level),
                Step::Stop => return None,
            }
        }
        None
    }

    fn space(&mut self) {
        self.seen.paint = false;
        loop {
            match self.rest.first() {
                Some(b' ') => self.rest = &self.rest[1..],
                Some(b'\t') => {
                    self.seen.separator = true;
                    self.rest = &self.rest[1..];
                }
                Some(b'\x1b') => match after_sgr(self.rest) {
                    Some(rest) => {
                        self.seen.paint = true;
                        self.rest = rest;
                    }
                    None => return,
                },
                _ => return,
            }
        }
    }

    fn separator(&mut self) -> Step {
        self.seen.separator = true;
        Step::Over(1)
    }

    fn group(&mut self, open: u8) -> Step {
        let close = match open {
            b'[' => b']',
            b'(' => b')',
            b'<' => b'>',
            _ => b'}',
        };
        let near = &self.rest[..self.rest.len().min(GROUP_BYTES_MAX)];
        // No group in a group: the inner one would be searched in `[`…`]` of its own.
        let Some(len) = memchr(close, near).filter(|_| !self.nested) else { return Step::Stop };
        let inside = without_paint(&near[1..len]);
        let word = &inside[..word_len(inside)];
        let alone = without_paint(&inside[word.len()..]).is_empty();
        let named = match open {
            b'[' => bracketed(inside, word, alone, self.seen),
            // Without a time before it, `<error>` is markup.
            b'<' if self.seen.time => alone.then(|| words::level(word)).flatten(),
            b'(' => (alone && is_upper(word)).then(|| words::level(word)).flatten(),
            b'<' => return Step::Stop,
            _ => None,
        };
        if let Some(level) = named {
            return Step::Found(level);
        }
        self.seen.time |= holds_time(inside);
        self.seen.group = true;
        self.seen.separator = false;
        Step::Over(len + 1)
    }

    fn number(&mut self) -> Step {
        let near = &self.rest[..self.rest.len().min(NUMBER_BYTES_MAX)];
        let number = Number::read(near);
        if number.is_time(near) {
            self.seen.time = true;
        } else if number.other {
            return Step::Stop;
        } else if number.len >= 10 {
            self.seen.time = true; // seconds or more since 1970
        } else if !self.seen.time && !self.before_separator(number.len) {
            // A process or thread number stands behind a time; elsewhere it counts something.
            return Step::Stop;
        }
        self.seen.separator = false;
        Step::Over(number.len)
    }

    fn word(&mut self) -> Step {
        let len = word_len(self.rest);
        let (word, behind) = self.rest.split_at(len);
        if let Some(level) = words::level(word) {
            if is_upper(word) && upper_is_level(word, behind) || self.other_is_level(word, behind) {
                return Step::Found(level);
            }
        } else if let Some(level) = postgres(word, behind) {
            return Step::Found(level);
        }
        if logfmt::key_len(self.rest).is_some() {
            return logfmt::severity(self.rest).map_or(Step::Stop, Step::Found);
        }
        if is_calendar_word(word) {
            self.seen.separator = false;
            return Step::Over(len);
        }
        self.name(len)
    }

    /// A logger's name: between separators, or with a time before it and no word of any language. Only one, or two
    /// between separators.
    fn name(&mut self, word_len: usize) -> Step {
        let name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.$:/@#-".contains(byte);
        let near = &self.rest[..self.rest.len().min(NUMBER_BYTES_MAX * 2)];
        let len = near.iter().position(|byte| !name(byte)).unwrap_or(near.len());
        // A colon at its end separates.
        let trimmed = near[..len].iter().rposition(|byte| *byte != b':').map_or(0, |at| at + 1);
        let compound = trimmed > word_len;
        let apart = self.seen.separator && self.before_separator(trimmed);
        let told = self.seen.time && compound && !self.seen.name;
        if !apart && !told || trimmed == 0 {
            return Step::Stop;
        }
        // Monolog's `channel.ERROR: text`.
        if let Some(dot) = memrchr(b'.', &near[..trimmed])
            && near[trimmed..].starts_with(b":")
            && is_upper(&near[dot + 1..trimmed])
            && let Some(level) = words::level(&near[dot + 1..trimmed])
        {
            return Step::Found(level);
        }
        self.seen.name = true;
        self.seen.separator = false;
        Step::Over(trimmed)
    }

    /// Whether ` -`, ` |` or a tab follows.
    fn before_separator(&self, len: usize) -> bool {
        let behind = &self.rest[len..];
        let next = behind.iter().find(|byte| **byte != b' ');
        behind.first() == Some(&b'\t')
            || matches!(next, Some(b'|'))
            || behind.trim_ascii_start().starts_with(b"- ")
    }

    /// A level word that isn't all capitals is a word of the message, unless something sets it apart.
    fn other_is_level(&self, word: &[u8], behind: &[u8]) -> bool {
        // Java's levels are capitals; in small letters they are words.
        if word.len() >= 4 && word[..4].eq_ignore_ascii_case(b"fine") {
            return false;
        }
        let painted = self.seen.paint && behind.first() == Some(&b'\x1b');
        let apart = self.seen.separator
            && (self.seen.time || self.seen.name)
            && (behind.is_empty() || self.next_is_separator(behind));
        painted || apart || is_colon(without_paint_only(behind))
    }

    fn next_is_separator(&self, behind: &[u8]) -> bool {
        let at = self.rest.len() - behind.len();
        self.before_separator(at)
    }
}

enum Step {
    Over(usize),
    Found(Severity),
    Stop,
}

/// The level in `[…]`: alone, `[core:error]` of Apache, or behind a time: `[2026-11-21T14:02:07Z INFO  app]`.
fn bracketed(inside: &[u8], word: &[u8], alone: bool, seen: Seen) -> Option<Severity> {
    if alone {
        // MySQL's.
        return words::level(word).or_else(|| (word == b"Note" && seen.time).then_some(Severity::INFO));
    }
    if let Some(colon) = memchr(b':', inside)
        && seen.time
        && inside[..colon].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && let Some(level) = words::level(&inside[colon + 1..])
    {
        return Some(level);
    }
    // Jupyter's: `[I 2026-11-21 14:02:07.113 App]`.
    if let [letter, b' ', digit, ..] = inside
        && digit.is_ascii_digit()
    {
        return words::initial(*letter);
    }
    Head { rest: inside, seen: Seen { time: seen.time, ..Seen::default() }, nested: true }.search()
}

/// PostgreSQL's own words, which mean something else elsewhere: `LOG:  `, `DEBUG1:  `; and NestJS's `LOG [App]`.
fn postgres(word: &[u8], behind: &[u8]) -> Option<Severity> {
    match word {
        b"LOG" if behind.starts_with(b":") || behind.starts_with(b" [") => Some(Severity::INFO),
        b"DEBUG1" | b"DEBUG2" | b"DEBUG3" | b"DEBUG4" | b"DEBUG5" if behind.starts_with(b":") => {
            Some(Severity::DEBUG)
        }
        _ => None,
    }
}

/// What may stand behind a level in capitals. `TRACE /path` is a request.
fn upper_is_level(word: &[u8], behind: &[u8]) -> bool {
    match behind.first() {
        None | Some(b':' | b'|' | b']' | b'[' | b'(' | b'\t' | b'/' | b'>' | b'\x1b') => true,
        Some(b' ') if word == b"FINE" || word == b"FAIL" || word == b"SUCCESS" => false,
        Some(b' ') => !(word == b"TRACE" && behind.starts_with(b" /")),
        _ => false,
    }
}

/// `: text`, unless the text is a lone value, as of a setting or a counter: `error: 0`, `debug: false`.
fn is_colon(behind: &[u8]) -> bool {
    let Some(text) = behind.strip_prefix(b":") else { return false };
    let text = without_paint(text).trim_ascii_end();
    if text.is_empty() {
        return false;
    }
    let lone = [
        &b"true"[..],
        b"false",
        b"null",
        b"none",
        b"nil",
        b"None",
        b"[]",
        b"{}",
        b"yes",
        b"no",
        b"on",
        b"off",
        b"{",
        b"[",
    ];
    let number = text.iter().all(|byte| byte.is_ascii_digit() || b".,%".contains(byte));
    !number && !lone.contains(&text)
}

fn without_paint_only(mut bytes: &[u8]) -> &[u8] {
    while let Some(rest) = after_sgr(bytes) {
        bytes = rest;
    }
    bytes
}

fn word_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).unwrap_or(bytes.len())
}

fn is_upper(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// A run of what numbers, dates and clocks are made of.
struct Number {
    len: usize,
    /// How many of `:./-`.
    separators: usize,
    digit: bool,
    /// Whether it holds more than digits and dots.
    other: bool,
}

impl Number {
    fn read(bytes: &[u8]) -> Self {
        let mut number = Self { len: 0, separators: 0, digit: false, other: false };
        for byte in bytes {
            match byte {
                b'0'..=b'9' => number.digit = true,
                b'.' => number.separators += 1,
                b':' | b'/' | b'-' => {
                    number.separators += 1;
                    number.other = true;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b',' | b'+' | b'_' => number.other = true,
                _ => break,
            }
            number.len += 1;
        }
        number
    }

    /// Two separators of a date or a clock, or a clock with its half of the day (`2:02PM`).
    fn is_time(&self, bytes: &[u8]) -> bool {
        let text = &bytes[..self.len];
        self.separators >= 2 || self.separators == 1 && (text.ends_with(b"AM") || text.ends_with(b"PM"))
    }
}

/// Whether a bracketed text has a date or a clock in it, as `[Fri Nov 21 14:02:07 2026]`.
fn holds_time(inside: &[u8]) -> bool {
    inside.split(|byte| *byte == b' ').any(|word| {
        let number = Number::read(word);
        number.digit && number.is_time(word)
    })
}

/// Parts of a date in words: months, weekdays, halves of the day, zones.
fn is_calendar_word(word: &[u8]) -> bool {
    const WORDS: [&[u8]; 27] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
        b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun", b"AM", b"PM", b"UTC", b"GMT", b"Z", b"CET",
        b"CEST", b"EST",
    ];
    word.len() <= 4 && WORDS.contains(&word)
}
