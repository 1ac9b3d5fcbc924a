//! Text to tree: groups, operators and where a term begins and ends. What stands in a term is read in [`term`].
//!
//! Everything that is not clearly syntax is text, since people paste what they saw: `http://x`, `12:30:05`, `main()`,
//! `/var/log/x`, `a - b` and `std::vec` are words.

use std::ops::Range;

use super::term::{LevelTest, Node, Term};
use super::text::Needle;
use super::{QUERY_BYTES_MAX, QUERY_DEPTH_MAX, QUERY_TERMS_MAX, QueryError};

mod level;
mod term;
mod value;

pub(super) use term::is_reserved;

pub(super) fn parse(source: &str) -> Result<Node, QueryError> {
    if source.len() > QUERY_BYTES_MAX {
        let cut = source.floor_char_boundary(QUERY_BYTES_MAX);
        let hint = format!("shorten it to {QUERY_BYTES_MAX} bytes");
        return Err(QueryError::new(source, cut..source.len(), "the query is too long", hint));
    }
    let mut parser = Parser { source, at: 0, depth: 0, terms: 0, regexes: 0 };
    parser.space();
    if parser.peek().is_none() {
        return Ok(Node::And(Vec::new()));
    }
    let root = parser.alternatives()?;
    match parser.peek() {
        None => Ok(root),
        Some(_) => Err(parser.error(
            parser.at..parser.at + 1,
            "this parenthesis closes nothing",
            "take it away, or put it in quotes to search for it: \")\"",
        )),
    }
}

struct Parser<'s> {
    source: &'s str,
    at: usize,
    /// Groups and negations that are open.
    depth: usize,
    terms: usize,
    regexes: usize,
}

/// How alternatives and words are joined; anything else is a word, in lower case too.
const OPERATORS: [&str; 3] = ["OR", "AND", "NOT"];

impl<'s> Parser<'s> {
    /// `a b OR c`: words bind closer than `OR`.
    fn alternatives(&mut self) -> Result<Node, QueryError> {
        let mut branches = vec![self.sequence()?];
        while self.operator("OR") {
            self.at += "OR".len();
            branches.push(self.sequence()?);
        }
        Ok(Node::or(branches))
    }

    fn sequence(&mut self) -> Result<Node, QueryError> {
        let mut nodes = Vec::new();
        loop {
            self.space();
            if self.operator("AND") && !nodes.is_empty() {
                self.at += "AND".len();
                self.space();
                nodes.push(self.operand()?);
            } else if self.peek().is_none_or(|char| char == ')') || self.operator("OR") {
                break;
            } else {
                nodes.push(self.operand()?);
            }
        }
        if nodes.is_empty() {
            return Err(self.missing());
        }
        Ok(Node::and(nodes))
    }

    /// A term or group, negated or not.
    fn operand(&mut self) -> Result<Node, QueryError> {
        let negation = if self.operator("NOT") {
            "NOT".len()
        } else if self.is_minus() {
            1
        } else {
            0
        };
        if negation > 0 {
            return self.nested(negation, |parser| Ok(Node::not(parser.operand()?)));
        }
        match self.peek() {
            Some('(') => self.nested(1, Self::group),
            Some(')') | None => Err(self.missing()),
            Some(_) if self.operator("OR") || self.operator("AND") => Err(self.missing()),
            Some(_) => {
                self.terms += 1;
                if self.terms > QUERY_TERMS_MAX {
                    let hint =
                        format!("ask for {QUERY_TERMS_MAX} at most, or put alternatives into one /regex/");
                    return Err(self.error(self.at..self.source.len(), "the query has too many terms", hint));
                }
                self.term()
            }
        }
    }

    /// Steps over `skip` bytes and reads what stands there, one level deeper.
    fn nested(
        &mut self,
        skip: usize,
        read: impl FnOnce(&mut Self) -> Result<Node, QueryError>,
    ) -> Result<Node, QueryError> {
        if self.depth == QUERY_DEPTH_MAX {
            let hint = format!("nest {QUERY_DEPTH_MAX} deep at most; most parentheses can be left out");
            return Err(self.error(self.at..self.at + skip, "too many groups in each other", hint));
        }
        self.depth += 1;
        self.at += skip;
        self.space();
        let node = read(self)?;
        self.depth -= 1;
        Ok(node)
    }

    /// Behind its `(`.
    fn group(&mut self) -> Result<Node, QueryError> {
        let open = self.at;
        let node = self.alternatives()?;
        if self.peek() != Some(')') {
            let open = self.source[..open].rfind('(').unwrap_or(0);
            return Err(self.error(
                open..open + 1,
                "this parenthesis is not closed",
                "add \")\" where the group ends, or put it in quotes to search for it: \"(\"",
            ));
        }
        self.at += 1;
        Ok(node)
    }

    /// A term should stand here.
    fn missing(&self) -> QueryError {
        let before = self.source[..self.at].trim_end();
        if let Some(operator) = OPERATORS.into_iter().find(|operator| ends_with_word(before, operator)) {
            let from = before.len() - operator.len();
            return self.error(
                from..before.len(),
                format!("something is missing after {operator}"),
                format!("write a word after it, or \"{operator}\" in quotes to search for it"),
            );
        }
        if let Some(operator) = OPERATORS.into_iter().find(|operator| self.operator(operator)) {
            return self.error(
                self.at..self.at + operator.len(),
                format!("something is missing before {operator}"),
                format!("write a word before it, or \"{operator}\" in quotes to search for it"),
            );
        }
        if before.ends_with('(') {
            return self.error(
                before.len() - 1..self.at + usize::from(self.peek().is_some()),
                "nothing stands in these parentheses",
                "write what belongs together in them, or put them in quotes to search for them: \"()\"",
            );
        }
        self.error(
            self.at..self.at + 1,
            "this parenthesis closes nothing",
            "take it away, or put it in quotes to search for it: \")\"",
        )
    }

    /// Whether the operator stands here, alone.
    fn operator(&self, operator: &str) -> bool {
        self.rest().strip_prefix(operator).is_some_and(|rest| {
            rest.chars().next().is_none_or(|next| next.is_whitespace() || matches!(next, '(' | ')'))
        })
    }

    /// A dash before what it negates: `-x`, but neither `a - b` nor `--x`.
    fn is_minus(&self) -> bool {
        let mut chars = self.rest().chars();
        chars.next() == Some('-')
            && chars.next().is_some_and(|next| !next.is_whitespace() && !matches!(next, '-' | ')'))
    }

    fn space(&mut self) {
        self.at = self.source.len() - self.rest().trim_start().len();
    }

    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> QueryError {
        QueryError::new(self.source, span, message, hint)
    }
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word)
        .is_some_and(|rest| rest.chars().next_back().is_none_or(|last| last.is_whitespace() || last == '('))
}

fn text(needle: impl Into<String>) -> Node {
    Node::Term(Term::Text(Needle::new(needle)))
}
