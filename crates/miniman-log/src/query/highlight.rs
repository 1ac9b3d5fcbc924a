//! Where in a line a query's terms stand.

use std::ops::Range;

use super::term::{Field, FieldTest, Node, Term};
use super::text::{Needle, Subject, ValueTest};
use super::{HIGHLIGHTS_MAX, fields};
use crate::ansi;

pub(super) fn of(root: &Node, body: &str) -> Vec<Range<usize>> {
    let visible = ansi::strip(body);
    let mut lower = Vec::new();
    let mut marks = Marks { subject: Subject::new(&visible, &mut lower), found: Vec::new() };
    marks.node(root, false);
    merged(marks.found)
}

struct Marks<'a> {
    subject: Subject<'a>,
    found: Vec<Range<usize>>,
}

impl Marks<'_> {
    fn node(&mut self, node: &Node, negated: bool) {
        match node {
            Node::And(nodes) | Node::Or(nodes) => nodes.iter().for_each(|node| self.node(node, negated)),
            Node::Not(node) => self.node(node, !negated),
            Node::Term(_) if negated => {}
            Node::Term(Term::Text(needle)) => self.needle(needle),
            Node::Term(Term::Regex(pattern)) => {
                let found = pattern.regex().find_iter(self.subject.text().as_bytes());
                self.found.extend(
                    found.map(|found| found.range()).filter(|range| !range.is_empty()).take(HIGHLIGHTS_MAX),
                );
            }
            Node::Term(Term::Field(field)) => self.field(field),
            Node::Term(Term::Level(_) | Term::Stream(_) | Term::Fact(..)) => {}
        }
    }

    fn needle(&mut self, needle: &Needle) {
        let len = needle.text().len();
        let found = needle.finder().find_iter(self.subject.bytes_for(needle.wants_folded()));
        self.found.extend(found.take(HIGHLIGHTS_MAX).map(|at| at..at + len));
    }

    fn field(&mut self, field: &Field) {
        if let Some(written) = &field.written {
            self.needle(written);
        }
        let (found, mut room) = (&mut self.found, HIGHLIGHTS_MAX);
        fields::any(self.subject.text(), &field.path, &mut String::new(), &mut |value| {
            let matches = match value.text {
                Some(text) => field.test.matches(text, &mut Vec::new()),
                None => field.test == FieldTest::Value(ValueTest::Exists),
            };
            if matches && !value.range.is_empty() {
                found.push(value.range);
                room -= 1;
            }
            room == 0
        });
    }
}

/// By rising start, overlaps and neighbours joined.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged.truncate(HIGHLIGHTS_MAX);
    merged
}
