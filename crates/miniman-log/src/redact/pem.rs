//! Private keys in PEM: from `BEGIN` to `END`, in one line or over many.
//!
//! Once a key has begun, lines that look like a part of it are replaced until it ends. Others are left as they are: they
//! come from another thread of the program, or the begin was only spoken of. A key is given up after
//! [`FOREIGN_LINES_MAX`] such lines in a row, and after [`KEY_LINES_MAX`] in all, so a key that never ends takes no log
//! with it; and what a line becomes is settled by that many lines of its stream before it.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use super::{Before, Found, Rule};
use crate::ansi;

/// In place of a key, or of its first line.
pub(super) const BEGUN: &str = "[redacted: private key]";
/// In place of a line that is a part of a key.
const CONTINUED: &str = "[redacted: private key, continued]";

/// Lines that are no part of a key, in a row, after which it is over.
const FOREIGN_LINES_MAX: u8 = 32;
/// An RSA key of 16,384 bits has 200 lines of 64.
const KEY_LINES_MAX: u16 = 512;
/// The first line of a key is at least so long; the last one may be shorter.
const FIRST_LINE_BYTES_MIN: usize = 16;
/// Behind a logger's time and level, and behind a `BEGIN` in the middle of a line, so much of a key tells that it is one.
const RUN_BYTES_MIN: usize = 32;
/// Keys are written in lines of 64 (PEM) or 70 (OpenSSH); only such lines tell a key whose begin is not there.
const LINE_BYTES: [usize; 2] = [64, 70];

/// Quotes and the like around such a line, where it is to be told quickly.
const TRIMMED_BYTES_MAX: usize = 16;

const MARK: &[u8] = b"PRIVATE KEY";
const DASHES: &[u8] = b"-----BEGIN";

static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    let marker = "-{4,5} ?(?:(BEGIN)|END) (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)? ?-{4,5}";
    Regex::new(marker).expect("the pattern stands above")
});

/// What a stored record says of the key around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyText {
    /// A key begins in it.
    Begun,
    /// It was a part of one that had begun before.
    Continued,
}

impl KeyText {
    /// Of the text that replaced the record's; what stands first in it.
    pub fn of(body: &str) -> Option<Self> {
        let at = |text: &str| memmem::find(body.as_bytes(), text.as_bytes());
        match (at(BEGUN), at(CONTINUED)) {
            (None, None) => None,
            (Some(begun), Some(continued)) if begun < continued => Some(Self::Begun),
            (Some(_), None) => Some(Self::Begun),
            (_, Some(_)) => Some(Self::Continued),
        }
    }
}

/// Whether a part of a line may tell that what follows is in the middle of a key: quick, and true of parts between which
/// a begin was split.
pub fn may_tell_of_key(bytes: &[u8]) -> bool {
    // What splits one of them leaves the other whole.
    let begins = || memmem::find(bytes, MARK).is_some() || memmem::find(bytes, DASHES).is_some();
    let continues = || std::str::from_utf8(bytes).is_ok_and(is_line_of_key);
    begins() || ((LINE_BYTES[0]..=LINE_BYTES[1] + TRIMMED_BYTES_MAX).contains(&bytes.len()) && continues())
}

/// One stream's progress.
#[derive(Debug, Default)]
pub(super) struct Pem {
    state: State,
    begun: u64,
}

#[derive(Debug, Default)]
enum State {
    /// The lines before are not known: the next one may be in the middle of a key.
    #[default]
    Unknown,
    Outside,
    Inside(Key),
}

#[derive(Debug, Default)]
struct Key {
    lines: u16,
    /// In a row, until now.
    foreign: u8,
    /// A line of it has come.
    material: bool,
    /// Its lines stand behind a logger's prefix.
    prefixed: bool,
    /// Its begin was not seen.
    orphan: bool,
}

impl Pem {
    pub(super) fn presume(&mut self, before: Before) {
        self.state = match before {
            Before::Nothing => State::Outside,
            Before::Unknown => State::Unknown,
            Before::Key => State::Inside(Key { material: true, ..Key::default() }),
        };
    }

    pub(super) fn missed(&mut self) {
        if matches!(self.state, State::Outside) {
            self.state = State::Unknown;
        }
    }

    pub(super) fn in_key(&self) -> bool {
        matches!(self.state, State::Inside(_))
    }

    /// Whether the next line has to be read even if it holds nothing that a secret has.
    pub(super) fn reads_on(&self) -> bool {
        !matches!(self.state, State::Outside)
    }

    pub(super) fn begun(&self) -> u64 {
        self.begun
    }

    /// `None` when the line stays as it is.
    pub(super) fn line(&mut self, text: &str, found: &mut Found) -> Option<String> {
        if matches!(self.state, State::Unknown) {
            self.state = State::Outside;
            if is_line_of_key(&ansi::strip(text)) {
                self.begin(Key { material: true, orphan: true, ..Key::default() });
            }
        }
        let mut out = Rewritten::default();
        let mut rest = Some(text);
        while let Some(text) = rest {
            rest = match &mut self.state {
                State::Inside(key) => {
                    let (over, rest) = key.read(text, &mut out);
                    if over {
                        self.state = State::Outside;
                    }
                    rest
                }
                State::Outside | State::Unknown => self.outside(text, &mut out, found),
            };
        }
        out.changed.then_some(out.text)
    }

    /// Returns what is left to be read.
    fn outside<'t>(&mut self, text: &'t str, out: &mut Rewritten, found: &mut Found) -> Option<&'t str> {
        let Some(marker) = Marker::all(text).find(|marker| marker.begins) else {
            out.text.push_str(text);
            return None;
        };
        let (upto, behind) = text.split_at(marker.place.end);
        let next = Marker::all(behind).next();
        let (part, rest) = match &next {
            Some(next) if !next.begins => {
                out.text.push_str(&upto[..marker.place.start]);
                out.replace(BEGUN);
                found.add(Rule::PrivateKey);
                self.begun += 1;
                return Some(&behind[next.place.end..]);
            }
            Some(next) => (&behind[..next.place.start], Some(&behind[next.place.start..])),
            None => (behind, None),
        };
        let begins = begins(part);
        if begins == Begins::No {
            out.text.push_str(upto);
            out.text.push_str(part);
            return rest;
        }
        out.text.push_str(&upto[..marker.place.start]);
        out.replace(BEGUN);
        found.add(Rule::PrivateKey);
        if begins == Begins::Bare {
            out.text.push_str(part);
        }
        self.begin(Key { material: begins == Begins::WithMaterial, ..Key::default() });
        rest
    }

    fn begin(&mut self, key: Key) {
        self.state = State::Inside(key);
        self.begun += 1;
    }
}

impl Key {
    /// Returns whether the key is over, and what is left to be read.
    fn read<'t>(&mut self, text: &'t str, out: &mut Rewritten) -> (bool, Option<&'t str>) {
        match Marker::all(text).next() {
            Some(marker) if !marker.begins => {
                out.replace(CONTINUED);
                (true, Some(&text[marker.place.end..]))
            }
            Some(marker) => {
                let (before, rest) = text.split_at(marker.place.start);
                if !before.is_empty() {
                    self.line(before, out);
                }
                (true, Some(rest))
            }
            None => (self.line(text, out), None),
        }
    }

    /// Returns whether the key is over.
    fn line(&mut self, text: &str, out: &mut Rewritten) -> bool {
        self.lines += 1;
        let part = self.lines <= KEY_LINES_MAX && self.has_part(&ansi::strip(text));
        if part {
            out.replace(CONTINUED);
            return false;
        }
        out.text.push_str(text);
        self.foreign += 1;
        self.orphan || self.lines > KEY_LINES_MAX || self.foreign > FOREIGN_LINES_MAX
    }

    /// Whether the line is a part of the key, or holds one.
    fn has_part(&mut self, line: &str) -> bool {
        let trimmed = line.trim_matches(|char| !is_base64(char));
        let alone = !trimmed.is_empty() && trimmed.chars().all(is_base64);
        if self.orphan {
            return alone && trimmed.len() <= LINE_BYTES[1];
        }
        let is_long = |text: &str, min| text.len() >= min && is_mixed(text);
        let part = match alone {
            true => self.material || is_long(trimmed, FIRST_LINE_BYTES_MIN),
            false => runs(trimmed).any(|run| is_long(run, RUN_BYTES_MIN)),
        };
        if part {
            (self.material, self.prefixed, self.foreign) = (true, !alone, 0);
            return true;
        }
        // The last line of a key is short, so what a logger put before it hides it.
        let last = self.prefixed && self.foreign == 0;
        self.foreign += u8::from(last);
        last
    }
}

/// A line on its way to one with replacements.
#[derive(Default)]
struct Rewritten {
    text: String,
    changed: bool,
}

impl Rewritten {
    fn replace(&mut self, with: &str) {
        self.text.push_str(with);
        self.changed = true;
    }
}

/// `-----BEGIN PRIVATE KEY-----` or the end, of any kind of private key.
struct Marker {
    begins: bool,
    place: Range<usize>,
}

impl Marker {
    fn all(text: &str) -> impl Iterator<Item = Self> {
        // Nearly every line has none, and this finds that out quicker.
        let has_any = memmem::find(text.as_bytes(), MARK).is_some();
        let found = has_any.then(|| MARKER.captures_iter(text));
        found.into_iter().flatten().filter_map(|captures| {
            Some(Self { begins: captures.get(1).is_some(), place: captures.get(0)?.range() })
        })
    }
}

/// How a line goes on behind a `BEGIN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// As a sentence: the begin was only spoken of.
    No,
    /// Quotes and ends of line at most: the key follows in the next line.
    Bare,
    /// With the key.
    WithMaterial,
}

fn begins(behind: &str) -> Begins {
    let behind = ansi::strip(behind);
    let is_part = |run: &str| run.len() >= RUN_BYTES_MIN && is_mixed(run);
    if runs(&behind).any(is_part) {
        Begins::WithMaterial
    // An escaped end of line is one letter, or two.
    } else if behind.chars().filter(char::is_ascii_alphanumeric).count() <= 2 {
        Begins::Bare
    } else {
        Begins::No
    }
}

/// Whether it can only be a line in the middle of a key, or of something else that nobody reads.
fn is_line_of_key(line: &str) -> bool {
    let trimmed = line.trim_matches(|char| !is_base64(char));
    LINE_BYTES.contains(&trimmed.len())
        && trimmed.chars().all(is_base64)
        && is_mixed(trimmed)
        && trimmed.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_base64(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '+' | '/' | '=')
}

/// Letters in both cases: no hexadecimal digest, and no path in lower case.
fn is_mixed(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase()) && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char| !is_base64(char))
}
