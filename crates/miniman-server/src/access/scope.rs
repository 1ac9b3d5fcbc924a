//! Whom somebody sees: patterns over names and labels, so that a recreated container stays in and another one out.
//!
//! A pattern is `ENGINE/FIELD:GLOB`, with more `/FIELD:GLOB` behind it where all have to fit: `local/stack:shop`,
//! `*/stack:shop/service:web`, `local/name:web-*`, `local/label:team=payments`. A scope is a list of patterns of which
//! one has to fit. Globs are of whole names, `*` any text and `?` one character; there is no negation, so that
//! what nobody thought of is outside.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use miniman_engine::Container;
use miniman_hub::Entry;

/// Patterns of one scope: each is asked at every emission.
pub const PATTERNS_MAX: usize = 50;
/// Bytes of one pattern: two names of 255 at most and their words.
pub const PATTERN_BYTES_MAX: usize = 600;

/// What somebody sees at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    engine: Glob,
    /// Each has to fit.
    conditions: Vec<(Field, Glob)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Stack,
    Service,
    Name,
    /// `key=value`, of labels that the container does not have from its image.
    Label,
}

/// Of a whole name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Glob(String);

/// Why a scope can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadScope {
    #[error("a scope has 1 to {PATTERNS_MAX} patterns; leave it out for no limit")]
    Count,
    #[error("a scope's pattern has at most {PATTERN_BYTES_MAX} bytes and no control characters")]
    Text,
    #[error(
        "{0:?} is no scope: give engine, field and name as in local/stack:shop, */name:web-* or \
         local/label:team=payments; fields are stack, service, name and label"
    )]
    Pattern(String),
}

/// Scopes that each have to include a container: a user's, and within it a token's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight(Arc<[Scope]>);

impl Scope {
    /// # Errors
    /// [`BadScope`]. No pattern at all is refused: it would look like no limit and see nothing.
    pub fn parse<T: AsRef<str>>(patterns: &[T]) -> Result<Self, BadScope> {
        if !(1..=PATTERNS_MAX).contains(&patterns.len()) {
            return Err(BadScope::Count);
        }
        patterns.iter().map(|pattern| pattern.as_ref().parse()).collect::<Result<_, _>>().map(Self)
    }

    /// As it is stored: a pattern a line.
    pub fn stored(&self) -> String {
        self.texts().collect::<Vec<_>>().join("\n")
    }

    /// What can't be read any more sees nothing.
    pub(crate) fn of_stored(text: &str) -> Self {
        let lines: Vec<_> = text.lines().collect();
        Self::parse(&lines).unwrap_or_else(|error| {
            tracing::error!(%error, "a stored scope can't be read: whoever has it sees no container");
            Self(Vec::new())
        })
    }

    /// Its patterns.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(Pattern::to_string)
    }

    pub(super) fn includes(&self, entry: &Entry) -> bool {
        self.0.iter().any(|pattern| pattern.fits(entry))
    }

    /// Whether what it includes tells of labels.
    pub(super) fn asks_for_labels(&self) -> bool {
        self.0.iter().any(|pattern| pattern.conditions.iter().any(|(field, _)| *field == Field::Label))
    }
}

impl Sight {
    /// Without a limit.
    pub(crate) fn everything() -> Self {
        Self(Arc::new([]))
    }

    pub(crate) fn within(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(scopes.into_iter().collect())
    }

    /// Whether there is anything that it leaves out.
    pub(crate) fn is_limited(&self) -> bool {
        !self.0.is_empty()
    }

    pub(super) fn includes(&self, entry: &Entry) -> bool {
        self.0.iter().all(|scope| scope.includes(entry))
    }

    /// The patterns of each scope.
    pub(crate) fn texts(&self) -> Vec<Vec<String>> {
        self.0.iter().map(|scope| scope.texts().collect()).collect()
    }
}

impl Pattern {
    fn fits(&self, entry: &Entry) -> bool {
        let fits = |(field, glob): &(Field, Glob)| field.fits(glob, &entry.container);
        self.engine.fits(entry.engine.as_str()) && self.conditions.iter().all(fits)
    }
}

impl FromStr for Pattern {
    type Err = BadScope;

    fn from_str(text: &str) -> Result<Self, BadScope> {
        if text.len() > PATTERN_BYTES_MAX || text.chars().any(char::is_control) {
            return Err(BadScope::Text);
        }
        let bad = || BadScope::Pattern(text.to_owned());
        let (engine, mut rest) =
            text.split_once('/').filter(|(engine, _)| !engine.is_empty()).ok_or_else(bad)?;
        let mut conditions = Vec::new();
        while !rest.is_empty() {
            let (word, value) = rest.split_once(':').ok_or_else(bad)?;
            let field = Field::parse(word).ok_or_else(bad)?;
            // A label may have slashes: it comes last.
            let whole = field == Field::Label;
            let (glob, behind) = value
                .split_once('/')
                .filter(|_| !whole)
                .map_or((value, None), |(glob, rest)| (glob, Some(rest)));
            let named = if whole { glob.find('=').is_some_and(|at| at > 0) } else { !glob.is_empty() };
            if !named || behind == Some("") || conditions.iter().any(|(known, _)| *known == field) {
                return Err(bad());
            }
            conditions.push((field, Glob(glob.to_owned())));
            rest = behind.unwrap_or_default();
        }
        if conditions.is_empty() {
            return Err(bad());
        }
        Ok(Self { engine: Glob(engine.to_owned()), conditions })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.engine.0)?;
        self.conditions.iter().try_for_each(|(field, glob)| write!(f, "/{}:{}", field.as_str(), glob.0))
    }
}

impl Field {
    const ALL: [Self; 4] = [Self::Stack, Self::Service, Self::Name, Self::Label];

    fn as_str(self) -> &'static str {
        match self {
            Self::Stack => "stack",
            Self::Service => "service",
            Self::Name => "name",
            Self::Label => "label",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == word)
    }

    fn fits(self, glob: &Glob, container: &Container) -> bool {
        match self {
            Self::Stack => container.stack.as_deref().is_some_and(|stack| glob.fits(stack)),
            Self::Service => container.service.as_deref().is_some_and(|service| glob.fits(service)),
            Self::Name => glob.fits(&container.name),
            Self::Label => {
                let Some((key, value)) = glob.0.split_once('=') else { return false };
                container.own_labels.get(key).is_some_and(|own| fits(value, own))
            }
        }
    }
}

impl Glob {
    fn fits(&self, name: &str) -> bool {
        fits(&self.0, name)
    }
}

/// Looks back to the last `*` only: in the worst case the product of both lengths, and both are bounded.
fn fits(glob: &str, name: &str) -> bool {
    let (glob, name): (Vec<char>, Vec<char>) = (glob.chars().collect(), name.chars().collect());
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < name.len() {
        match glob.get(at) {
            Some('*') => {
                star = Some((at + 1, read));
                at += 1;
            }
            Some(&one) if one == '?' || one == name[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((behind, taken)) = star else { return false };
                star = Some((behind, taken + 1));
                (at, read) = (behind, taken + 1);
            }
        }
    }
    glob[at..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests;
