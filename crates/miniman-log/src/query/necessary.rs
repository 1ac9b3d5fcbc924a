//! What a record must have to match, for whoever can rule out many records at once.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::Facts;
use super::term::{Fact, Field, Node, SeveritySet, Term};
use super::text::{Needle, ValueTest};
use crate::{IoStream, Severity};

/// A shorter literal stands in too many lines to be worth looking for.
pub(super) const TELLING_BYTES_MIN: usize = 3;

/// A condition that every matching record fulfils; records that do not match may fulfil it too.
///
/// Literals are about a body's visible text (what [`crate::ansi::strip`] leaves): a filter or a search over bodies that hold
/// terminal sequences has to leave these out first, as [`super::Finder::lines`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Necessary {
    /// Nothing is known.
    Any,
    /// No record matches.
    Nothing,
    /// The visible text holds `bytes`: where `folded`, after both were put in lower case by ASCII letters (`bytes` is
    /// already), else exactly.
    Literal {
        bytes: Vec<u8>,
        folded: bool,
    },
    /// The record's severity, as the matcher is given it, is one of these.
    ///
    /// Where that is the effective one of [`crate::Grouped`], a record that names no level itself can have any, and one
    /// that names a level keeps it: a block whose records name neither one of these nor [`Severity::UNSPECIFIED`] holds
    /// no match.
    Severity(SeveritySet),
    Stream(IoStream),
    /// All of them; two or more.
    And(Vec<Necessary>),
    /// One of them; two or more.
    Or(Vec<Necessary>),
}

impl Necessary {
    fn and(all: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for condition in all {
            match condition {
                Self::Any => {}
                Self::Nothing => return Self::Nothing,
                Self::And(inner) => kept.extend(inner),
                other if kept.contains(&other) => {}
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Any,
            1 => kept.swap_remove(0),
            _ => Self::And(kept),
        }
    }

    fn or(any: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for condition in any {
            match condition {
                Self::Any => return Self::Any,
                Self::Nothing => {}
                Self::Or(inner) => kept.extend(inner),
                other if kept.contains(&other) => {}
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Nothing,
            1 => kept.swap_remove(0),
            _ => Self::Or(kept),
        }
    }

    fn literal(needle: &Needle) -> Self {
        if needle.text().is_empty() {
            return Self::Any;
        }
        Self::Literal { bytes: needle.text().as_bytes().to_vec(), folded: needle.folded() }
    }

    /// A record's severity is one of `set`.
    fn severity(set: SeveritySet) -> Self {
        match set {
            SeveritySet::ALL => Self::Any,
            set if set.complement() == SeveritySet::ALL => Self::Nothing,
            set => Self::Severity(set),
        }
    }

    /// Whether a record with this visible text can match. Slow, for tests and for few records.
    pub fn admits(&self, visible: &str, iostream: IoStream, severity: Severity) -> bool {
        match self {
            Self::Any => true,
            Self::Nothing => false,
            Self::Literal { bytes, folded: false } => {
                memchr::memmem::find(visible.as_bytes(), bytes).is_some()
            }
            Self::Literal { bytes, folded: true } => {
                memchr::memmem::find(visible.to_ascii_lowercase().as_bytes(), bytes).is_some()
            }
            Self::Severity(set) => set.contains(severity),
            Self::Stream(stream) => *stream == iostream,
            Self::And(all) => all.iter().all(|one| one.admits(visible, iostream, severity)),
            Self::Or(any) => any.iter().any(|one| one.admits(visible, iostream, severity)),
        }
    }
}

/// How a query's conditions are read out of it.
pub(super) struct Reading<'a> {
    /// Without them every fact may be.
    facts: Option<&'a Facts<'a>>,
    field: fn(&Field) -> Necessary,
}

impl<'a> Reading<'a> {
    /// All that is known, for a filter.
    pub(super) fn whole(facts: Option<&'a Facts<'a>>) -> Self {
        Self { facts, field: |field| Necessary::and(field.required.iter().map(Necessary::literal)) }
    }

    /// What tells lines apart, for a search: a field's name may stand in all of them, so its value is looked for.
    pub(super) fn telling() -> Self {
        let field = |field: &Field| {
            let values = &field.required[..field.required_of_value];
            let tells = values.iter().any(|needle| needle.text().len() >= TELLING_BYTES_MIN);
            let needles = if tells { values } else { &field.required[..] };
            Necessary::and(needles.iter().map(Necessary::literal))
        };
        Self { facts: None, field }
    }

    /// What `node` needs to be true, or where `negated`, to be false. As deep as the query nests.
    pub(super) fn node(&self, node: &Node, negated: bool) -> Necessary {
        let each = |nodes: &[Node]| -> Vec<_> { nodes.iter().map(|node| self.node(node, negated)).collect() };
        match node {
            Node::Not(inner) => self.node(inner, !negated),
            Node::And(nodes) if !negated => Necessary::and(each(nodes)),
            Node::And(nodes) => Necessary::or(each(nodes)),
            Node::Or(nodes) if !negated => Necessary::or(each(nodes)),
            Node::Or(nodes) => Necessary::and(each(nodes)),
            Node::Term(term) => self.term(term, negated),
        }
    }

    fn term(&self, term: &Term, negated: bool) -> Necessary {
        match term {
            Term::Level(level) if negated => Necessary::severity(level.set.complement()),
            Term::Level(level) => Necessary::severity(level.set),
            Term::Stream(IoStream::Stdout) if negated => Necessary::Stream(IoStream::Stderr),
            Term::Stream(IoStream::Stderr) if negated => Necessary::Stream(IoStream::Stdout),
            Term::Stream(stream) => Necessary::Stream(*stream),
            Term::Fact(fact, test) => match self.facts {
                Some(facts) if fact_matches(*fact, test, facts) == negated => Necessary::Nothing,
                _ => Necessary::Any,
            },
            Term::Text(_) | Term::Regex(_) | Term::Field(_) if negated => Necessary::Any,
            Term::Text(needle) => Necessary::literal(needle),
            Term::Regex(pattern) => of_hir(pattern.hir()),
            Term::Field(field) => (self.field)(field),
        }
    }
}

/// Facts are the same for all of a log, so this may allocate.
pub(super) fn fact_matches(fact: Fact, test: &ValueTest, facts: &Facts<'_>) -> bool {
    let value = match fact {
        Fact::Container => facts.container,
        Fact::Stack => facts.stack,
        Fact::Service => facts.service,
    };
    // A container of no stack has no stack that could match.
    !value.is_empty() && test.matches(value, &mut Vec::new())
}

/// As deep as the regex nests.
fn of_hir(hir: &Hir) -> Necessary {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Necessary::Any,
        HirKind::Literal(_) | HirKind::Class(_) => Run::of(std::slice::from_ref(hir)),
        HirKind::Repetition(repetition) if repetition.min == 0 => Necessary::Any,
        HirKind::Repetition(repetition) => of_hir(&repetition.sub),
        HirKind::Capture(capture) => of_hir(&capture.sub),
        HirKind::Concat(hirs) => Run::of(hirs),
        HirKind::Alternation(hirs) => Necessary::or(hirs.iter().map(of_hir)),
    }
}

/// Letters next to each other in a regex, while they are known.
#[derive(Default)]
struct Run {
    bytes: Vec<u8>,
    folded: bool,
    found: Vec<Necessary>,
}

impl Run {
    fn of(hirs: &[Hir]) -> Necessary {
        let mut run = Self::default();
        for hir in hirs {
            match hir.kind() {
                HirKind::Literal(literal) => run.bytes.extend_from_slice(&literal.0),
                // An assertion takes no room.
                HirKind::Look(_) | HirKind::Empty => {}
                HirKind::Class(class) => match folded_letter(class) {
                    Some(letter) => {
                        run.bytes.push(letter);
                        run.folded = true;
                    }
                    None => {
                        run.end();
                        if is_empty(class) {
                            return Necessary::Nothing;
                        }
                    }
                },
                _ => {
                    run.end();
                    run.found.push(of_hir(hir));
                }
            }
        }
        run.end();
        Necessary::and(run.found)
    }

    fn end(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        let folded = std::mem::take(&mut self.folded);
        if folded {
            bytes.make_ascii_lowercase();
        }
        if !bytes.is_empty() {
            self.found.push(Necessary::Literal { bytes, folded });
        }
    }
}

fn is_empty(class: &Class) -> bool {
    match class {
        Class::Unicode(class) => class.ranges().is_empty(),
        Class::Bytes(class) => class.ranges().is_empty(),
    }
}

/// The lower case of the one ASCII letter that the class holds in both its cases.
fn folded_letter(class: &Class) -> Option<u8> {
    let pair = match class {
        Class::Unicode(class) => match class.ranges() {
            [upper, lower] if upper.start() == upper.end() && lower.start() == lower.end() => {
                (u8::try_from(upper.start()).ok()?, u8::try_from(lower.start()).ok()?)
            }
            _ => return None,
        },
        Class::Bytes(class) => match class.ranges() {
            [upper, lower] if upper.start() == upper.end() && lower.start() == lower.end() => {
                (upper.start(), lower.start())
            }
            _ => return None,
        },
    };
    (pair.0.is_ascii_uppercase() && pair.0.to_ascii_lowercase() == pair.1).then_some(pair.1)
}
