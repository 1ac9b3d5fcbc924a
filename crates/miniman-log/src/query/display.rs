//! A query as text again: the shortest form that reads back as the same query.

use std::fmt;

use super::Query;
use super::parse::is_reserved;
use super::pattern::Pattern;
use super::term::{Field, FieldTest, Node, Term};
use super::text::ValueTest;

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        node(&self.root, f)
    }
}

fn node(root: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match root {
        Node::And(nodes) => joined(nodes, " ", |node| matches!(node, Node::Or(_)), f),
        Node::Or(nodes) => joined(nodes, " OR ", |node| matches!(node, Node::And(_)), f),
        Node::Not(inner) => {
            f.write_str("-")?;
            in_group(inner, matches!(**inner, Node::And(_) | Node::Or(_)), f)
        }
        Node::Term(one) => term(one, f),
    }
}

fn joined(
    nodes: &[Node],
    between: &str,
    grouped: fn(&Node) -> bool,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (index, inner) in nodes.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        in_group(inner, grouped(inner), f)?;
    }
    Ok(())
}

fn in_group(inner: &Node, grouped: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !grouped {
        return node(inner, f);
    }
    f.write_str("(")?;
    node(inner, f)?;
    f.write_str(")")
}

fn term(one: &Term, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match one {
        Term::Text(needle) if is_plain_word(needle.text()) => f.write_str(needle.text()),
        Term::Text(needle) => quoted(needle.text(), f),
        Term::Regex(regex) => pattern(regex, f),
        Term::Field(one) => field(one, f),
        Term::Level(level) => write!(f, "level:{}", level.source),
        Term::Stream(stream) => write!(f, "stream:{}", stream.as_str()),
        Term::Fact(fact, test) => {
            write!(f, "{}:", fact.name())?;
            // Facts have no other spelling that quotes would turn off.
            value(test, false, f)
        }
    }
}

fn field(one: &Field, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let path = one.path.text();
    write!(f, "{}{path}:", if is_reserved(path) { "." } else { "" })?;
    match &one.test {
        FieldTest::Value(test) => value(test, one.written.is_some(), f),
        FieldTest::Compare(comparison) => write!(f, "{comparison}"),
    }
}

/// `written`: the value stood without quotes, and that means something.
fn value(test: &ValueTest, written: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match test {
        ValueTest::Exists => f.write_str("*"),
        ValueTest::Equals(needle) if written => f.write_str(needle.text()),
        ValueTest::Equals(needle) => quoted(needle.text(), f),
        ValueTest::Glob(glob) => f.write_str(glob.source()),
        ValueTest::Regex(regex) => pattern(regex, f),
    }
}

fn pattern(regex: &Pattern, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "/{}/{}", regex.source(), if regex.ignore_case() { "i" } else { "" })
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether the text can stand without quotes anywhere, whatever follows it.
fn is_plain_word(text: &str) -> bool {
    let inside =
        |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | '=' | ',' | '%' | '+');
    text.chars().next().is_some_and(|first| inside(first) && first != '-')
        && text.chars().all(inside)
        && !matches!(text, "OR" | "AND" | "NOT")
}
