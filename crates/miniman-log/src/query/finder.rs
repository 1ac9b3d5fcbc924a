//! Finding the lines that may match, many lines at once.

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

use super::REGEX_BYTES_MAX;
use super::necessary::{Necessary, Reading, TELLING_BYTES_MIN};
use super::term::{Node, Term};
use crate::{RecordBatch, ansi};

/// A search for lines of a batch. It finds every line that matches the query it was made from.
#[derive(Debug, Clone)]
pub struct Finder {
    kind: Kind,
    exact: bool,
}

#[derive(Debug, Clone)]
enum Kind {
    Literal {
        /// Boxed: prepared, it has some 300 bytes.
        finder: Box<memmem::Finder<'static>>,
        /// It is looked for in the folded text.
        folded: bool,
    },
    Regex(Regex),
}

impl Finder {
    pub(super) fn new(root: &Node) -> Option<Self> {
        match root {
            // No line holds a newline; matching line by line comes to the same.
            Node::Term(Term::Text(needle)) if !needle.text().contains('\n') => {
                let kind = Kind::Literal {
                    finder: Box::new(needle.finder().clone()),
                    folded: needle.wants_folded(),
                };
                Some(Self { kind, exact: true })
            }
            Node::Term(Term::Regex(pattern)) => match Self::candidates(&Reading::telling().node(root, false))
            {
                // memmem is several times as fast as most regexes; what it finds is looked at again.
                Some(finder) if finder.literal_len() >= TELLING_BYTES_MIN => Some(finder),
                _ => Some(Self { kind: Kind::Regex(pattern.regex().clone()), exact: true }),
            },
            _ => Self::candidates(&Reading::telling().node(root, false)),
        }
    }

    /// Whether a line that was found is sure to match; else a [`super::Matcher`] decides.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    fn literal_len(&self) -> usize {
        match &self.kind {
            Kind::Literal { finder, .. } => finder.needle().len(),
            Kind::Regex(_) => 0,
        }
    }

    /// The most telling part of a condition.
    fn candidates(condition: &Necessary) -> Option<Self> {
        match condition {
            Necessary::Literal { bytes, folded } if !bytes.contains(&b'\n') => {
                let finder = Box::new(memmem::Finder::new(bytes).into_owned());
                let folded = *folded && bytes.iter().any(u8::is_ascii_lowercase);
                Some(Self { kind: Kind::Literal { finder, folded }, exact: false })
            }
            Necessary::And(all) => {
                let found = all.iter().filter_map(Self::candidates);
                found.max_by_key(Self::literal_len)
            }
            Necessary::Or(any) => {
                let branches: Option<Vec<_>> = any.iter().map(longest_literal).collect();
                any_of(&branches?).map(|regex| Self { kind: Kind::Regex(regex), exact: false })
            }
            _ => None,
        }
    }
}

/// `(bytes, folded)`.
fn longest_literal(condition: &Necessary) -> Option<(&[u8], bool)> {
    match condition {
        Necessary::Literal { bytes, folded } if !bytes.contains(&b'\n') => Some((bytes, *folded)),
        Necessary::And(all) => all.iter().filter_map(longest_literal).max_by_key(|(bytes, _)| bytes.len()),
        _ => None,
    }
}

/// A regex that finds any of the literals; `None` when there are too many.
fn any_of(literals: &[(&[u8], bool)]) -> Option<Regex> {
    use std::fmt::Write as _;
    let mut source = String::new();
    for (bytes, folded) in literals {
        let flags = if *folded { "i-u" } else { "-u" };
        write!(source, "{}(?{flags}:", if source.is_empty() { "" } else { "|" }).ok()?;
        bytes.iter().try_for_each(|byte| write!(source, "\\x{byte:02x}")).ok()?;
        source.push(')');
    }
    RegexBuilder::new(&source).size_limit(REGEX_BYTES_MAX).build().ok()
}

/// A buffer for [`Finder::lines`] to lay a batch's visible text out in, where the batch itself will not do.
///
/// Used again and again, it keeps its memory: about the largest batch's bodies.
#[derive(Debug, Default)]
pub struct Haystack {
    text: Vec<u8>,
    ends: Vec<u32>,
    line: String,
}

impl Haystack {
    pub fn new() -> Self {
        Self::default()
    }

    /// Every line's visible text, each ended by a newline, which `ends` tell the place of.
    fn lay_out(&mut self, batch: &RecordBatch) {
        self.ends.clear();
        self.text.reserve(batch.body_bytes() + batch.len());
        let plain = ansi::is_plain(batch.bodies());
        for index in 0..batch.len() {
            let body = batch.body(index);
            if plain || ansi::is_plain(body) {
                self.text.extend_from_slice(body);
            } else {
                self.line.clear();
                ansi::strip_into(batch.get(index).body, &mut self.line);
                self.text.extend_from_slice(self.line.as_bytes());
            }
            self.ends.push(u32::try_from(self.text.len()).expect("a batch has far less than 4 GiB"));
            self.text.push(b'\n');
        }
    }
}

impl Finder {
    /// The indices of the records that the search finds in `batch`, rising.
    ///
    /// All bodies are searched as one text, before anybody looks where one begins.
    pub fn lines<'a>(&'a self, batch: &'a RecordBatch, haystack: &'a mut Haystack) -> Lines<'a> {
        haystack.text.clear();
        let (folded, joined) = match &self.kind {
            Kind::Literal { folded, .. } => (*folded, ansi::is_plain(batch.bodies())),
            // Its lines have to end somewhere.
            Kind::Regex(_) => (false, false),
        };
        if !joined {
            haystack.lay_out(batch);
        } else if folded {
            haystack.text.extend_from_slice(batch.bodies());
        } else {
            return Lines { finder: self, text: batch.bodies(), ends: batch.ends(), next: 0 };
        }
        if folded {
            haystack.text.make_ascii_lowercase();
        }
        let ends = if joined { batch.ends() } else { &haystack.ends };
        Lines { finder: self, text: &haystack.text, ends, next: 0 }
    }
}

/// Indices of records, found by [`Finder::lines`].
#[derive(Debug)]
pub struct Lines<'a> {
    finder: &'a Finder,
    /// Bodies one behind the other, with a newline behind each or with nothing.
    text: &'a [u8],
    /// Where each body ends.
    ends: &'a [u32],
    /// The line to go on at.
    next: usize,
}

impl Iterator for Lines<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.next < self.ends.len() {
            let from = if self.next == 0 { 0 } else { self.ends[self.next - 1] as usize };
            let (line, inside) = match &self.finder.kind {
                Kind::Literal { finder, .. } => {
                    let at = from + finder.find(&self.text[from..])?;
                    let line = self.line_of(at + 1);
                    // Without newlines it may begin in one line and end in the next; none behind it ends in the first.
                    (line, at + finder.needle().len() <= self.ends[line] as usize)
                }
                Kind::Regex(regex) => {
                    // The newline before it is there, so that `^` and `\b` see it.
                    let from = if self.next == 0 { 0 } else { from + 1 };
                    let at = regex.find_at(self.text, from)?.start();
                    // Behind the last newline there is no line, though `^` is there.
                    (self.line_of(at), at < self.text.len())
                }
            };
            self.next = line + 1;
            if inside {
                return Some(line);
            }
        }
        None
    }
}

impl Lines<'_> {
    /// The first line that ends at or behind `at`.
    fn line_of(&self, at: usize) -> usize {
        self.next + self.ends[self.next..].partition_point(|end| (*end as usize) < at)
    }
}
