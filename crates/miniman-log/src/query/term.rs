//! A query as a tree, in one shape for all texts that mean the same.

use super::pattern::Pattern;
use super::quantity::Comparison;
use super::text::{Needle, ValueTest};
use crate::{IoStream, Severity};

/// Built by [`Node::and`], [`Node::or`] and [`Node::not`] alone, which keep it flat: no group holds one of its own kind
/// or a single node, and nothing is negated twice.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Empty: everything matches.
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Term(Term),
}

impl Node {
    pub(super) fn and(nodes: Vec<Node>) -> Self {
        let mut flat = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.swap_remove(0) } else { Self::And(flat) }
    }

    /// `nodes` is not empty.
    pub(super) fn or(nodes: Vec<Node>) -> Self {
        let mut flat = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.swap_remove(0) } else { Self::Or(flat) }
    }

    pub(super) fn not(node: Node) -> Self {
        match node {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    /// The line holds it.
    Text(Needle),
    /// The line matches it somewhere.
    Regex(Pattern),
    Field(Box<Field>),
    Level(LevelTest),
    Stream(IoStream),
    Fact(Fact, ValueTest),
}

/// What a caller knows of a record beside the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    Container,
    Stack,
    Service,
}

impl Fact {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Stack => "stack",
            Self::Service => "service",
        }
    }
}

/// A field of the line's JSON or logfmt.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) path: Needle,
    pub(super) test: FieldTest,
    /// `path:value` as it was written without quotes: a line that says just that matches too, so that
    /// `localhost:8080` is found where it is no field.
    pub(super) written: Option<Needle>,
    /// What the line holds whenever one of its fields passes the test; looked for before fields are read.
    /// Its value's parts come before its name's.
    pub(super) required: Vec<Needle>,
    /// How many of them are its value's.
    pub(super) required_of_value: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum FieldTest {
    Value(ValueTest),
    Compare(Comparison),
}

impl FieldTest {
    pub(super) fn matches(&self, value: &str, scratch: &mut Vec<u8>) -> bool {
        match self {
            Self::Value(test) => test.matches(value, scratch),
            Self::Compare(comparison) => comparison.matches(value),
        }
    }
}

/// Which severities a record may have.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LevelTest {
    /// As it was written: `>=warn`.
    pub(super) source: String,
    pub(super) set: SeveritySet,
}

/// A set of severities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeveritySet(u32);

impl SeveritySet {
    /// Every severity, [`Severity::UNSPECIFIED`] too.
    pub const ALL: Self = Self((1 << Severity::COUNT) - 1);

    /// The severities from `low` to `high`, both among them.
    pub fn range(low: Severity, high: Severity) -> Self {
        let up_to = |number: u8| (1_u32 << number) - 1;
        Self(up_to(high.number() + 1) & !up_to(low.number()))
    }

    pub fn contains(self, severity: Severity) -> bool {
        self.0 >> severity.number() & 1 == 1
    }

    pub fn with(self, severity: Severity) -> Self {
        Self(self.0 | 1 << severity.number())
    }

    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn complement(self) -> Self {
        Self(!self.0 & Self::ALL.0)
    }

    /// By rising number.
    pub fn iter(self) -> impl Iterator<Item = Severity> {
        (0..Severity::COUNT as u8)
            .filter_map(Severity::from_number)
            .filter(move |level| self.contains(*level))
    }
}
