//! Secrets taken out of lines, before anything keeps, indexes, hashes or shows them.
//!
//! [`Redactor`] holds the rules; [`LogRedactor`] is one log's progress through them, because a private key lies over many
//! lines. It works on whole records, so what a log driver split into parts is seen joined. What a record becomes depends on
//! itself and on the records of its stream since the last begin of a key, on nothing else: a log may be read from any
//! place on once the lines before it were looked at ([`Before`]).
//!
//! Nearly no line holds a secret, so a batch is looked over as one ([`candidates`]) for what every secret has (a word, or
//! digits in a row), and only records that have one are read by the rules.

mod candidates;
mod card;
mod own;
mod pem;
mod rules;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{IoStream, LINE_BYTES_MAX, RecordBatch};
use candidates::Marked;
use own::Own;
use pem::Pem;

pub use own::{OWN_PATTERNS_MAX, PATTERN_BYTES_MAX, PatternError};
pub use pem::{KeyText, may_tell_of_key};

/// What a secret was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    PrivateKey,
    BearerToken,
    Jwt,
    AwsAccessKeyId,
    AwsSecretAccessKey,
    AwsSessionToken,
    CardNumber,
    /// A pattern of the configuration.
    Own,
    /// The pattern of a container's label.
    Label,
}

impl Rule {
    pub const ALL: [Self; 9] = [
        Self::PrivateKey,
        Self::BearerToken,
        Self::Jwt,
        Self::AwsAccessKeyId,
        Self::AwsSecretAccessKey,
        Self::AwsSessionToken,
        Self::CardNumber,
        Self::Own,
        Self::Label,
    ];

    /// As metrics name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PrivateKey => "private_key",
            Self::BearerToken => "bearer_token",
            Self::Jwt => "jwt",
            Self::AwsAccessKeyId => "aws_access_key_id",
            Self::AwsSecretAccessKey => "aws_secret_access_key",
            Self::AwsSessionToken => "aws_session_token",
            Self::CardNumber => "card_number",
            Self::Own => "own",
            Self::Label => "label",
        }
    }

    /// What stands in the secret's place. No rule finds anything in it.
    pub fn replacement(self) -> &'static str {
        match self {
            Self::PrivateKey => pem::BEGUN,
            Self::BearerToken => "[redacted: bearer token]",
            Self::Jwt => "[redacted: JSON web token]",
            Self::AwsAccessKeyId => "[redacted: AWS access key id]",
            Self::AwsSecretAccessKey => "[redacted: AWS secret access key]",
            Self::AwsSessionToken => "[redacted: AWS session token]",
            Self::CardNumber => "[redacted: card number]",
            Self::Own => "[redacted: own pattern]",
            Self::Label => "[redacted: label pattern]",
        }
    }
}

/// How often each rule replaced something.
#[derive(Debug, Default)]
struct Found([u64; Rule::ALL.len()]);

impl Found {
    fn add(&mut self, rule: Rule) {
        self.0[rule as usize] += 1;
    }
}

/// The rules. Cheap to clone; clones count together.
#[derive(Debug, Clone)]
pub struct Redactor {
    built_in: bool,
    own: Arc<[Own]>,
    counts: Arc<[AtomicU64; Rule::ALL.len()]>,
}

impl Default for Redactor {
    /// The built-in rules.
    fn default() -> Self {
        Self { built_in: true, own: Arc::default(), counts: Arc::default() }
    }
}

impl Redactor {
    /// The built-in rules, or none of them, and own patterns: regexes, of which the first group is the secret, or all of a
    /// match without a group.
    ///
    /// # Errors
    /// What is wrong with a pattern, or that there are too many.
    pub fn new(built_in: bool, patterns: &[impl AsRef<str>]) -> Result<Self, PatternError> {
        if patterns.len() > OWN_PATTERNS_MAX {
            return Err(PatternError::TooMany);
        }
        let own = patterns.iter().map(|pattern| Own::new(pattern.as_ref(), Rule::Own));
        Ok(Self { built_in, own: own.collect::<Result<_, _>>()?, counts: Arc::default() })
    }

    /// These rules and one more, of a container's label.
    ///
    /// # Errors
    /// What is wrong with the pattern.
    pub fn with_label(&self, pattern: &str) -> Result<Self, PatternError> {
        let label = Own::new(pattern, Rule::Label)?;
        Ok(Self { own: self.own.iter().cloned().chain([label]).collect(), ..self.clone() })
    }

    /// How often each rule has replaced something, where [`LogRedactor::count`] told it.
    pub fn counts(&self) -> impl Iterator<Item = (Rule, u64)> {
        Rule::ALL.into_iter().map(|rule| (rule, self.counts[rule as usize].load(Ordering::Relaxed)))
    }
}

/// What is known of the lines before the first one that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// No private key is unfinished.
    Nothing,
    /// They are gone, or were not looked at: lines of a private key may come without its begin.
    Unknown,
    /// A private key had begun.
    Key,
}

/// One log on its way through the rules.
#[derive(Debug)]
pub struct LogRedactor {
    redactor: Redactor,
    pem: [Pem; IoStream::ALL.len()],
    found: Found,
    /// Kept for its room.
    marked: Marked,
}

impl LogRedactor {
    /// For a log of which nothing was read before.
    pub fn new(redactor: &Redactor) -> Self {
        Self {
            redactor: redactor.clone(),
            pem: Default::default(),
            found: Found::default(),
            marked: Marked::default(),
        }
    }

    /// Says what came before the next record of `stream`.
    pub fn presume(&mut self, stream: IoStream, before: Before) {
        self.pem[stream.index()].presume(before);
    }

    /// Records are missing before the next one.
    pub fn missed(&mut self) {
        self.pem.iter_mut().for_each(Pem::missed);
    }

    /// Whether the next record of `stream` may continue a private key.
    pub fn in_key(&self, stream: IoStream) -> bool {
        self.pem[stream.index()].in_key()
    }

    /// How many keys have begun in `stream`.
    pub fn keys_begun(&self, stream: IoStream) -> u64 {
        self.pem[stream.index()].begun()
    }

    /// The records without secrets; those that had none are as they were. To be given all records in order.
    pub fn batch(&mut self, batch: RecordBatch) -> RecordBatch {
        let mut marked = std::mem::take(&mut self.marked);
        marked.clear();
        if self.redactor.built_in {
            marked.mark(&batch);
        }
        let redacted = self.rewrite(&batch, &marked);
        self.marked = marked;
        redacted.unwrap_or(batch)
    }

    /// Adds what was found to the redactor's counts.
    pub fn count(&mut self) {
        for (total, found) in self.redactor.counts.iter().zip(std::mem::take(&mut self.found).0) {
            if found > 0 {
                total.fetch_add(found, Ordering::Relaxed);
            }
        }
    }

    /// What was found so far was counted when it was read before.
    pub fn forget_count(&mut self) {
        self.found = Found::default();
    }

    /// One line without secrets.
    pub fn line<'t>(&mut self, stream: IoStream, text: &'t str) -> Cow<'t, str> {
        let built_in = self.redactor.built_in;
        self.line_by(built_in, built_in, stream, text)
    }

    /// By the built-in rules that may find something, and by own patterns.
    fn line_by<'t>(&mut self, words: bool, digits: bool, stream: IoStream, text: &'t str) -> Cow<'t, str> {
        let mut line = Cow::Borrowed(text);
        if words {
            if let Some(replaced) = self.pem[stream.index()].line(text, &mut self.found) {
                line = Cow::Owned(replaced);
            }
            line = rules::words(line, &mut self.found);
        }
        if digits {
            line = rules::cards(line, &mut self.found);
        }
        for own in &*self.redactor.own {
            line = own.apply(line, &mut self.found);
        }
        line
    }

    /// `None` when nothing changes.
    fn rewrite(&mut self, batch: &RecordBatch, marked: &Marked) -> Option<RecordBatch> {
        let mut rewritten = RecordBatch::new();
        // Records before this one are in `rewritten`, once there is anything to rewrite.
        let mut copied = 0;
        let mut words = marked.words.iter().map(|index| *index as usize).peekable();
        let mut digits = marked.digits.iter().map(|index| *index as usize).peekable();
        let mut due = IoStream::ALL.map(|stream| self.due(stream, batch, 0));
        let mut next = 0;
        loop {
            let due_next = due[0].min(due[1]);
            let marks = [words.peek(), digits.peek()].into_iter().flatten().copied();
            let built_in = marks.min().unwrap_or(usize::MAX).min(due_next);
            let index = if self.redactor.own.is_empty() { built_in } else { next };
            if index >= batch.len() {
                break;
            }
            next = index + 1;
            let record = batch.get(index);
            let by_words = words.next_if_eq(&index).is_some() || due_next == index;
            let by_digits = digits.next_if_eq(&index).is_some();
            let line = self.line_by(by_words, by_digits, record.iostream, record.body);
            if let Cow::Owned(line) = line {
                rewritten.extend_from(batch, copied..index);
                let body = &line[..line.floor_char_boundary(LINE_BYTES_MAX)];
                let cut = record.cut + (line.len() - body.len()) as u64;
                rewritten.push_str(record.timestamp, record.iostream, record.severity, body, cut);
                copied = next;
            }
            if by_words {
                due[record.iostream.index()] = self.due(record.iostream, batch, next);
            }
        }
        if copied == 0 {
            return None;
        }
        rewritten.extend_from(batch, copied..batch.len());
        Some(rewritten)
    }

    /// The next record of `stream` that has to be read because of those before it; `usize::MAX` when none has.
    fn due(&self, stream: IoStream, batch: &RecordBatch, from: usize) -> usize {
        if !self.redactor.built_in || !self.pem[stream.index()].reads_on() {
            return usize::MAX;
        }
        let next = memchr::memchr(stream as u8, &batch.iostreams()[from..]);
        next.map_or(usize::MAX, |at| from + at)
    }
}

/// `bytes` without what the built-in rules find in them alone; nearly always as they are.
pub fn without_secrets(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !candidates::any(bytes) {
        return Cow::Borrowed(bytes);
    }
    let mut redactor = LogRedactor::new(&Redactor::default());
    redactor.presume(IoStream::Stdout, Before::Nothing);
    let text = String::from_utf8_lossy(bytes);
    match redactor.line(IoStream::Stdout, &text) {
        Cow::Owned(line) => Cow::Owned(line.into_bytes()),
        Cow::Borrowed(_) => Cow::Borrowed(bytes),
    }
}

#[cfg(test)]
mod tests;
