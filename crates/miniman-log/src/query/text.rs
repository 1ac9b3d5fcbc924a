//! What a text is compared with: words, whole values, wildcards.

use memchr::memmem;

use super::pattern::Pattern;

/// A text in a query: without a capital it means its other cases too, of ASCII letters.
#[derive(Debug, Clone)]
pub(super) struct Needle {
    text: String,
    /// Neither the text nor what it is compared with has capitals: it is compared with folded text.
    folded: bool,
    /// Boxed: prepared, it has some 300 bytes.
    finder: Box<memmem::Finder<'static>>,
}

impl Needle {
    pub(super) fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let folded = !text.chars().any(char::is_uppercase);
        Self::with_folding(text, folded)
    }

    /// Part of a text that has no capital, or of one that has.
    ///
    /// Where `folded`, `text` has none.
    pub(super) fn with_folding(text: impl Into<String>, folded: bool) -> Self {
        let text = text.into();
        let finder = Box::new(memmem::Finder::new(text.as_bytes()).into_owned());
        Self { text, folded, finder }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn folded(&self) -> bool {
        self.folded
    }

    /// Whether folding can make a difference: without letters, the text itself may be searched.
    pub(super) fn wants_folded(&self) -> bool {
        self.folded && self.text.bytes().any(|byte| byte.is_ascii_lowercase())
    }

    pub(super) fn finder(&self) -> &memmem::Finder<'static> {
        &self.finder
    }

    /// Whether `value` is this text as a whole.
    pub(super) fn equals(&self, value: &str) -> bool {
        if self.folded { value.eq_ignore_ascii_case(&self.text) } else { value == self.text }
    }
}

impl PartialEq for Needle {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// A text and, when something asks for it, the same with ASCII letters in lower case.
pub(super) struct Subject<'a> {
    text: &'a str,
    /// Empty until it is asked for.
    lower: &'a mut Vec<u8>,
    lowered: bool,
}

impl<'a> Subject<'a> {
    /// `scratch` is written over.
    pub(super) fn new(text: &'a str, scratch: &'a mut Vec<u8>) -> Self {
        Self { text, lower: scratch, lowered: false }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn contains(&mut self, needle: &Needle) -> bool {
        needle.finder.find(self.bytes_for(needle.wants_folded())).is_some()
    }

    /// The text's bytes, folded or as they are; positions in both are the same.
    pub(super) fn bytes_for(&mut self, folded: bool) -> &[u8] {
        if !folded {
            return self.text.as_bytes();
        }
        if !self.lowered {
            self.lower.clear();
            self.lower.extend_from_slice(self.text.as_bytes());
            self.lower.make_ascii_lowercase();
            self.lowered = true;
        }
        self.lower
    }
}

/// A value with `*` in it, each standing for any run of characters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Glob {
    source: String,
    /// What stands between the asterisks; the first and the last are empty where an asterisk begins or ends it.
    pieces: Vec<Needle>,
    folded: bool,
}

impl Glob {
    /// `source` holds at least one `*`.
    pub(super) fn new(source: &str) -> Self {
        let folded = Needle::new(source).folded();
        let pieces = source
            .split('*')
            // One capital makes all of the value exact.
            .map(|piece| Needle::with_folding(piece, folded))
            .collect();
        Self { source: source.to_owned(), pieces, folded }
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn folded(&self) -> bool {
        self.folded
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().map(Needle::text)
    }

    fn matches(&self, value: &str, scratch: &mut Vec<u8>) -> bool {
        let mut subject = Subject::new(value, scratch);
        let mut rest = subject.bytes_for(self.folded);
        let [first, middle @ .., last] = &self.pieces[..] else { return false };
        let Some(after) = rest.strip_prefix(first.text.as_bytes()) else { return false };
        let Some(before) = after.strip_suffix(last.text.as_bytes()) else { return false };
        rest = before;
        middle.iter().all(|piece| match piece.finder.find(rest) {
            Some(at) => {
                rest = &rest[at + piece.text.len()..];
                true
            }
            None => false,
        })
    }
}

/// What a whole value is asked: a field's, or a container's name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ValueTest {
    /// It is there.
    Exists,
    Equals(Needle),
    Glob(Glob),
    Regex(Pattern),
}

impl ValueTest {
    pub(super) fn matches(&self, value: &str, scratch: &mut Vec<u8>) -> bool {
        match self {
            Self::Exists => true,
            Self::Equals(needle) => needle.equals(value),
            Self::Glob(glob) => glob.matches(value, scratch),
            Self::Regex(pattern) => pattern.regex().is_match(value.as_bytes()),
        }
    }
}
