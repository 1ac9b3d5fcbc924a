//! Deciding record by record.

use super::necessary::fact_matches;
use super::term::{Field, FieldTest, Node, Term};
use super::text::{Subject, ValueTest};
use super::{Facts, Query, fields};
use crate::{RecordRef, ansi};

/// A query with the buffers that matching needs, so that no record costs an allocation.
///
/// The buffers grow to the longest line seen.
#[derive(Debug, Clone)]
pub struct Matcher {
    query: Query,
    visible: String,
    scratch: Scratch,
}

#[derive(Debug, Clone, Default)]
struct Scratch {
    lower: Vec<u8>,
    value_lower: Vec<u8>,
    unescaped: String,
}

impl Matcher {
    pub(super) fn new(query: Query) -> Self {
        Self { query, visible: String::new(), scratch: Scratch::default() }
    }

    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Whether the record matches. Its `severity` is the one that `level:` asks for: of a group's continuation, the
    /// caller puts the group's there.
    pub fn matches(&mut self, record: &RecordRef<'_>, facts: &Facts<'_>) -> bool {
        let text = if ansi::is_plain(record.body.as_bytes()) {
            record.body
        } else {
            self.visible.clear();
            ansi::strip_into(record.body, &mut self.visible);
            &self.visible
        };
        let Scratch { lower, value_lower, unescaped } = &mut self.scratch;
        let subject = Subject::new(text, lower);
        Evaluation { record, facts, subject, value_lower, unescaped }.node(&self.query.root)
    }
}

struct Evaluation<'a> {
    record: &'a RecordRef<'a>,
    facts: &'a Facts<'a>,
    subject: Subject<'a>,
    value_lower: &'a mut Vec<u8>,
    unescaped: &'a mut String,
}

impl Evaluation<'_> {
    /// As deep as the query nests.
    fn node(&mut self, node: &Node) -> bool {
        match node {
            Node::And(nodes) => nodes.iter().all(|node| self.node(node)),
            Node::Or(nodes) => nodes.iter().any(|node| self.node(node)),
            Node::Not(node) => !self.node(node),
            Node::Term(term) => self.term(term),
        }
    }

    fn term(&mut self, term: &Term) -> bool {
        match term {
            Term::Text(needle) => self.subject.contains(needle),
            Term::Regex(pattern) => pattern.regex().is_match(self.subject.text().as_bytes()),
            Term::Field(field) => self.field(field),
            Term::Level(level) => level.set.contains(self.record.severity),
            Term::Stream(stream) => self.record.iostream == *stream,
            Term::Fact(fact, test) => fact_matches(*fact, test, self.facts),
        }
    }

    fn field(&mut self, field: &Field) -> bool {
        if !field.required.iter().all(|needle| self.subject.contains(needle)) {
            return false;
        }
        if field.written.as_ref().is_some_and(|written| self.subject.contains(written)) {
            return true;
        }
        let lower = &mut *self.value_lower;
        fields::any(self.subject.text(), &field.path, self.unescaped, &mut |value| match value.text {
            Some(text) => field.test.matches(text, lower),
            // An object or array has no text that could be compared.
            None => field.test == FieldTest::Value(ValueTest::Exists),
        })
    }
}
