//! One term: a word, a phrase, a regex, or a name with what is asked of it.

use super::value::{glob_parts, name_parts, value_parts};
use super::{LevelTest, Parser, level, text};
use crate::IoStream;
use crate::query::pattern::{Pattern, PatternError, Scope};
use crate::query::quantity::{Comparison, Operator};
use crate::query::term::{Fact, Field, FieldTest, Node, Term};
use crate::query::text::{Glob, Needle, ValueTest};
use crate::query::{QUERY_REGEXES_MAX, QueryError, REGEX_BYTES_MAX};

/// Names that are not looked for in the line; `.level` is.
const RESERVED: [&str; 5] = ["level", "stream", "container", "stack", "service"];

pub(in crate::query) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

impl Parser<'_> {
    /// Reads the term that starts here; something does.
    pub(super) fn term(&mut self) -> Result<Node, QueryError> {
        if self.peek() == Some('"') {
            return self.phrase();
        }
        if let Some(pattern) = self.regex(Scope::Line)? {
            return Ok(Node::Term(Term::Regex(pattern)));
        }
        let start = self.at;
        let end = self.word_end();
        let word = &self.source[start..end];
        let Some(name) = name_of(word) else {
            self.at = end;
            return Ok(text(word));
        };
        let value = start + name.len() + 1;
        if !is_reserved(name) && is_no_value(&self.source[value..end]) {
            self.at = end;
            return Ok(text(word));
        }
        self.at = value;
        match name {
            "level" => self.level(start).map(|level| Node::Term(Term::Level(level))),
            "stream" => self.stream(start),
            "container" => self.fact(Fact::Container, start),
            "stack" => self.fact(Fact::Stack, start),
            "service" => self.fact(Fact::Service, start),
            name => self.field(name.strip_prefix('.').unwrap_or(name), start),
        }
    }

    fn phrase(&mut self) -> Result<Node, QueryError> {
        let start = self.at;
        let phrase = self.quoted()?;
        if phrase.is_empty() {
            return Err(self.error(
                start..self.at,
                "nothing stands between these quotes",
                "write the text to search for between them",
            ));
        }
        Ok(text(phrase))
    }

    /// The text of the quotes that open here.
    fn quoted(&mut self) -> Result<String, QueryError> {
        let start = self.at;
        let mut phrase = String::new();
        let mut chars = self.source[start + 1..].char_indices();
        while let Some((at, char)) = chars.next() {
            match char {
                '"' => {
                    self.at = start + 1 + at + 1;
                    return Ok(phrase);
                }
                '\\' => match chars.clone().next() {
                    Some((_, escaped @ ('"' | '\\'))) => {
                        phrase.push(escaped);
                        chars.next();
                    }
                    // Any other backslash is one: `"C:\temp"`.
                    _ => phrase.push('\\'),
                },
                char => phrase.push(char),
            }
        }
        Err(self.error(
            start..start + 1,
            "this quote is not closed",
            "add \" where the text ends, or write \"\\\"\" to search for a quote",
        ))
    }

    /// The regex that stands here: between slashes, and with nothing but flags behind. Any other slash is text, as of a path.
    fn regex(&mut self, scope: Scope) -> Result<Option<Pattern>, QueryError> {
        let start = self.at;
        let Some(inside) = self.rest().strip_prefix('/') else { return Ok(None) };
        let Some(len) = unescaped_slash(inside) else { return Ok(None) };
        let (source, behind) = (&inside[..len], &inside[len + 1..]);
        let (ignore_case, behind) = match behind.strip_prefix('i') {
            Some(behind) => (true, behind),
            None => (false, behind),
        };
        if source.is_empty() || !behind.chars().next().is_none_or(|next| next.is_whitespace() || next == ')')
        {
            return Ok(None);
        }
        self.at = self.source.len() - behind.len();
        self.regexes += 1;
        if self.regexes > QUERY_REGEXES_MAX {
            return Err(self.error(
                start..self.at,
                "the query has too many regexes",
                format!("ask for {QUERY_REGEXES_MAX} at most; alternatives fit into one: /a|b/"),
            ));
        }
        Pattern::new(source, ignore_case, scope).map(Some).map_err(|error| match error {
            PatternError::Syntax(span, message) => self.error(
                start + 1 + span.start..start + 1 + span.end,
                format!("this regex is not valid: {message}"),
                "mend it, or use quotes to search for it as text",
            ),
            PatternError::TooLarge => self.error(
                start..self.at,
                "this regex is too large",
                format!("repeat less or use narrower classes: compiled it may have {REGEX_BYTES_MAX} bytes"),
            ),
        })
    }

    fn level(&mut self, start: usize) -> Result<LevelTest, QueryError> {
        let from = self.at;
        self.at = self.word_end();
        let source = &self.source[from..self.at];
        level::parse(source).ok_or_else(|| {
            self.error(
                start..self.at,
                if source.is_empty() {
                    "level: needs a value".to_owned()
                } else {
                    format!("{source} is no level")
                },
                "levels are trace, debug, info, warn, error, fatal and none: level:error, level:>=warn",
            )
        })
    }

    fn stream(&mut self, start: usize) -> Result<Node, QueryError> {
        let from = self.at;
        self.at = self.word_end();
        match self.source[from..self.at].to_ascii_lowercase().parse::<IoStream>() {
            Ok(stream) => Ok(Node::Term(Term::Stream(stream))),
            Err(()) => Err(self.error(
                start..self.at,
                "this is no stream",
                "streams are stdout and stderr: stream:stderr",
            )),
        }
    }

    fn fact(&mut self, fact: Fact, start: usize) -> Result<Node, QueryError> {
        let (test, _) = self.value(start)?;
        Ok(Node::Term(Term::Fact(fact, test)))
    }

    fn field(&mut self, path: &str, start: usize) -> Result<Node, QueryError> {
        let (test, written) = match self.comparison(start)? {
            Some(comparison) => (FieldTest::Compare(comparison), false),
            None => {
                let (test, written) = self.value(start)?;
                (FieldTest::Value(test), written)
            }
        };
        let written = match &test {
            FieldTest::Value(ValueTest::Equals(value)) if written => {
                Some(Needle::new(format!("{path}:{}", value.text())))
            }
            _ => None,
        };
        let path = Needle::new(path);
        let mut required = required_of_value(&test);
        let required_of_value = required.len();
        required.extend(name_parts(path.text(), path.folded()));
        let field = Field { path, test, written, required, required_of_value };
        Ok(Node::Term(Term::Field(Box::new(field))))
    }

    fn comparison(&mut self, start: usize) -> Result<Option<Comparison>, QueryError> {
        let end = self.word_end();
        let Some((operator, bound)) = Operator::leading(&self.source[self.at..end]) else { return Ok(None) };
        self.at = end;
        match Comparison::new(operator, bound) {
            Some(comparison) => Ok(Some(comparison)),
            None => Err(self.error(
                start..end,
                "only numbers, durations and sizes can be compared",
                "write status:>=500, took:>1.5s or size:<10MB; put it in quotes to search for it as text",
            )),
        }
    }

    /// What a value is asked, and whether it stood there as a plain word.
    fn value(&mut self, start: usize) -> Result<(ValueTest, bool), QueryError> {
        if self.peek() == Some('"') {
            return Ok((ValueTest::Equals(Needle::new(self.quoted()?)), false));
        }
        if let Some(pattern) = self.regex(Scope::Value)? {
            return Ok((ValueTest::Regex(pattern), false));
        }
        let from = self.at;
        self.at = self.word_end();
        match &self.source[from..self.at] {
            "" => Err(self.error(
                start..self.at,
                format!("{} needs a value", &self.source[start..self.at]),
                format!("write {0}web, {0}web-* or {0}*", &self.source[start..self.at]),
            )),
            "*" => Ok((ValueTest::Exists, false)),
            value if value.contains('*') => Ok((ValueTest::Glob(Glob::new(value)), false)),
            value => Ok((ValueTest::Equals(Needle::new(value)), true)),
        }
    }

    /// Where the word that stands here ends: at white space, or at a parenthesis that closes none of its own, so that
    /// `main()` is a word and `(main())` a group of it.
    fn word_end(&self) -> usize {
        let mut open = 0_usize;
        for (at, char) in self.rest().char_indices() {
            match char {
                '(' => open += 1,
                ')' => match open.checked_sub(1) {
                    Some(less) => open = less,
                    None => return self.at + at,
                },
                char if char.is_whitespace() => return self.at + at,
                _ => {}
            }
        }
        self.source.len()
    }
}

/// The name when the word is `name:…`. A leading dot says that a field of the line is meant: `.level:30`.
fn name_of(word: &str) -> Option<&str> {
    let name = &word[..word.find(':')?];
    let bare = name.strip_prefix('.').unwrap_or(name);
    let starts =
        bare.chars().next().is_some_and(|first| first.is_alphabetic() || matches!(first, '_' | '@' | '$'));
    let inside = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | '@' | '$' | '/');
    let steps = bare.split('.').all(|step| !step.is_empty());
    (starts && steps && bare.chars().all(inside)).then_some(name)
}

/// What follows a name's colon in words that are no field: `error:`, `std::vec`, `http://x`, `C:\temp`.
fn is_no_value(value: &str) -> bool {
    value.is_empty() || value.starts_with(':') || value.starts_with("//") || value.starts_with('\\')
}

/// What every line holds in which the field passes the test, by its value alone.
fn required_of_value(test: &FieldTest) -> Vec<Needle> {
    match test {
        FieldTest::Value(ValueTest::Equals(value)) => value_parts(value.text(), value.folded()),
        FieldTest::Value(ValueTest::Glob(glob)) => glob_parts(glob),
        FieldTest::Value(ValueTest::Exists | ValueTest::Regex(_)) | FieldTest::Compare(_) => Vec::new(),
    }
}

/// Where the next slash stands that no backslash escapes.
fn unescaped_slash(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'/', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'/' {
            return Some(at);
        }
        at += 2;
    }
}
