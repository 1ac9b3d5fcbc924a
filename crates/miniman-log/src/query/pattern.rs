//! Regular expressions, bounded, and made so that one search can run over many lines at once.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::{REGEX_BYTES_MAX, REGEX_DEPTH_MAX};

/// What a regex in a query is matched with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// A line, alone or among others that newlines end: no match holds a newline, and `^` and `$` are a line's ends.
    Line,
    /// A value, which can hold newlines.
    Value,
}

/// A regex as it was written, and compiled.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    source: String,
    ignore_case: bool,
    scope: Scope,
    regex: Regex,
    /// What `regex` was compiled from.
    hir: Hir,
}

/// What is wrong with a regex.
#[derive(Debug)]
pub(super) enum PatternError {
    /// At these bytes of its source.
    Syntax(Range<usize>, String),
    /// Compiled, it would be too large.
    TooLarge,
}

impl Pattern {
    pub(super) fn new(source: &str, ignore_case: bool, scope: Scope) -> Result<Self, PatternError> {
        let parsed = regex_syntax::ParserBuilder::new()
            .nest_limit(REGEX_DEPTH_MAX)
            .case_insensitive(ignore_case)
            .build()
            .parse(source)
            .map_err(|error| syntax_error(&error, source))?;
        // Before anything is made of it, what was written has to fit: the text of a large tree is larger still.
        compile(source, ignore_case)?;
        let hir = simplify(parsed, scope);
        let regex = compile(&hir.to_string(), false)?;
        Ok(Self { source: source.to_owned(), ignore_case, scope, regex, hir })
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn ignore_case(&self) -> bool {
        self.ignore_case
    }

    pub(super) fn regex(&self) -> &Regex {
        &self.regex
    }

    pub(super) fn hir(&self) -> &Hir {
        &self.hir
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.source, self.ignore_case, self.scope) == (&other.source, other.ignore_case, other.scope)
    }
}

fn compile(source: &str, ignore_case: bool) -> Result<Regex, PatternError> {
    RegexBuilder::new(source)
        .case_insensitive(ignore_case)
        .size_limit(REGEX_BYTES_MAX)
        // A printed tree nests a few groups deeper than its source.
        .nest_limit(REGEX_DEPTH_MAX * 8)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
            error => PatternError::Syntax(0..source.len(), error.to_string()),
        })
}

fn syntax_error(error: &regex_syntax::Error, source: &str) -> PatternError {
    let (span, message) = match error {
        regex_syntax::Error::Parse(error) => (error.span(), error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (error.span(), error.kind().to_string()),
        error => return PatternError::Syntax(0..source.len(), error.to_string()),
    };
    PatternError::Syntax(span.start.offset..span.end.offset, message)
}

/// Without captures, which nobody asks for, and fit for its scope. As deep as its source nests.
fn simplify(hir: Hir, scope: Scope) -> Hir {
    let lines = scope == Scope::Line;
    match hir.into_kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) if lines && literal.0.contains(&b'\n') => Hir::fail(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(simplify_class(class, lines)),
        HirKind::Look(Look::Start | Look::StartCRLF) if lines => Hir::look(Look::StartLF),
        HirKind::Look(Look::End | Look::EndCRLF) if lines => Hir::look(Look::EndLF),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(repetition) => {
            let sub = Box::new(simplify(*repetition.sub, scope));
            Hir::repetition(Repetition { sub, ..repetition })
        }
        HirKind::Capture(capture) => simplify(*capture.sub, scope),
        HirKind::Concat(hirs) => Hir::concat(hirs.into_iter().map(|hir| simplify(hir, scope)).collect()),
        HirKind::Alternation(hirs) => {
            Hir::alternation(hirs.into_iter().map(|hir| simplify(hir, scope)).collect())
        }
    }
}

/// Folding is of ASCII letters everywhere in the language; a regex's would add U+212A to `k` and U+017F to `s`, whose
/// blocks the filter then could not tell.
fn simplify_class(mut class: Class, lines: bool) -> Class {
    if let Class::Unicode(unicode) = &mut class
        && let [upper, lower, other] = unicode.ranges()
        && matches!(
            (upper.start(), upper.end(), lower.start(), lower.end(), other.start(), other.end()),
            ('K', 'K', 'k', 'k', '\u{212a}', '\u{212a}') | ('S', 'S', 's', 's', '\u{17f}', '\u{17f}')
        )
    {
        *unicode = regex_syntax::hir::ClassUnicode::new([*upper, *lower]);
    }
    if lines {
        match &mut class {
            Class::Unicode(class) => class.difference(&regex_syntax::hir::ClassUnicode::new([
                regex_syntax::hir::ClassUnicodeRange::new('\n', '\n'),
            ])),
            Class::Bytes(class) => class.difference(&regex_syntax::hir::ClassBytes::new([
                regex_syntax::hir::ClassBytesRange::new(b'\n', b'\n'),
            ])),
        }
    }
    class
}
