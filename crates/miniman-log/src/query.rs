//! The language in which people ask for lines, in the page, the API, the command line and alerts.
//!
//! `docs/query.md` tells it to users; in short: words AND together, `"a phrase"`, `/regex/i`, `-not`, `OR`, `( )`,
//! `field:value`, `level:>=warn`, `stream:stderr`, `container:name`. A text is [parsed](Query::parse) once; a [`Matcher`]
//! then decides record by record.
//!
//! Lines are matched by their **visible text**: what [`crate::ansi::strip`] leaves, so that a coloured line is found by what
//! people see of it. [`Query::necessary`] and [`Query::finder`] are about visible text too. Who rules out or searches many
//! bodies at once must leave terminal sequences out first where [`crate::ansi::is_plain`] does not tell that there are
//! none; [`Finder::lines`] does so.
//!
//! Letters fold as ASCII only. Everything is bounded by the constants below; nothing backtracks.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::RecordRef;

mod display;
mod error;
mod fields;
mod finder;
mod highlight;
mod matcher;
mod necessary;
mod parse;
mod pattern;
mod quantity;
mod term;
mod text;

pub use error::QueryError;
pub use finder::{Finder, Haystack, Lines};
pub use matcher::Matcher;
pub use necessary::Necessary;
pub use term::SeveritySet;

/// Bytes of a query.
pub const QUERY_BYTES_MAX: usize = 4096;
/// Groups and negations in each other.
pub const QUERY_DEPTH_MAX: usize = 64;
/// Words, phrases, regexes, fields of one query.
pub const QUERY_TERMS_MAX: usize = 256;
/// Regexes of one query: compiled, 16 × 1 MiB at most.
pub const QUERY_REGEXES_MAX: usize = 16;
/// Bytes of one regex when compiled.
pub const REGEX_BYTES_MAX: usize = 1024 * 1024;
/// Groups and repetitions in each other, in a regex.
pub const REGEX_DEPTH_MAX: u32 = 64;
/// Objects and arrays in each other that a field is looked for in; deeper ones are stepped over.
pub const FIELD_DEPTH_MAX: usize = 32;
/// Highlights of one body; what else matched in it is not told.
pub const HIGHLIGHTS_MAX: usize = 256;

/// A parsed query. Clones share what was compiled.
#[derive(Clone)]
pub struct Query {
    root: Arc<term::Node>,
}

/// What is known of a record's log beside the record. Empty where there is none: a container of no stack has no stack and
/// no service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts<'a> {
    /// The container's name, without Docker's leading slash.
    pub container: &'a str,
    pub stack: &'a str,
    pub service: &'a str,
}

impl Query {
    /// Reads a query. Empty and blank text is the query that everything matches.
    ///
    /// # Errors
    /// What is wrong, where, and what to write instead.
    pub fn parse(source: &str) -> Result<Self, QueryError> {
        Ok(Self { root: Arc::new(parse::parse(source)?) })
    }

    /// The query that everything matches.
    pub fn all() -> Self {
        Self { root: Arc::new(term::Node::And(Vec::new())) }
    }

    /// Whether nothing is asked: every record matches.
    pub fn is_empty(&self) -> bool {
        matches!(&*self.root, term::Node::And(nodes) if nodes.is_empty())
    }

    /// Something to match many records with. It keeps buffers, so one serves one thread.
    pub fn matcher(&self) -> Matcher {
        Matcher::new(self.clone())
    }

    /// Whether one record matches; for many, [`Query::matcher`] is cheaper.
    pub fn matches(&self, record: &RecordRef<'_>, facts: &Facts<'_>) -> bool {
        self.matcher().matches(record, facts)
    }

    /// What every matching record of any log fulfils.
    pub fn necessary(&self) -> Necessary {
        necessary::Reading::whole(None).node(&self.root, false)
    }

    /// What every matching record of a log with these facts fulfils; [`Necessary::Nothing`] when the log can be left out.
    pub fn necessary_in(&self, facts: &Facts<'_>) -> Necessary {
        necessary::Reading::whole(Some(facts)).node(&self.root, false)
    }

    /// Whether `level:` is asked, so that lines without a level may have been left out by that alone.
    pub fn asks_level(&self) -> bool {
        fn asks(node: &term::Node) -> bool {
            match node {
                term::Node::And(nodes) | term::Node::Or(nodes) => nodes.iter().any(asks),
                term::Node::Not(node) => asks(node),
                term::Node::Term(term) => matches!(term, term::Term::Level(_)),
            }
        }
        asks(&self.root)
    }

    /// What finds lines that may match in a buffer of many; `None` when only each line by itself can tell.
    pub fn finder(&self) -> Option<Finder> {
        Finder::new(&self.root)
    }

    /// What the query found in a body: byte ranges of the body's visible text ([`crate::ansi::strip`]; the body
    /// itself when it is plain), by rising start, neither empty nor touching, [`HIGHLIGHTS_MAX`] at most.
    ///
    /// Negated terms show nothing; the others show wherever they occur, whether or not the record matches.
    pub fn highlights(&self, body: &str) -> Vec<Range<usize>> {
        highlight::of(&self.root, body)
    }
}

/// By what is asked, not by how it was written: `a  (b)` is `a b`.
impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Query").field(&self.to_string()).finish()
    }
}

impl std::str::FromStr for Query {
    type Err = QueryError;

    fn from_str(source: &str) -> Result<Self, QueryError> {
        Self::parse(source)
    }
}

#[cfg(test)]
mod doc_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
