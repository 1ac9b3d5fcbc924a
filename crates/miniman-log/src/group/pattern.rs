//! An owner's own way to tell heads, from the label `miniman.multiline`.

use regex::{Regex, RegexBuilder};

/// Bytes of a pattern.
pub const HEAD_PATTERN_BYTES_MAX: usize = 1024;
/// Bytes of a pattern when compiled: one a container may be in use, so it is less than a query's.
const COMPILED_BYTES_MAX: usize = 256 * 1024;

/// A regex that a group's first line matches, of the line's first 512 bytes without terminal sequences.
#[derive(Debug, Clone)]
pub struct HeadPattern(Regex);

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HeadPatternError {
    #[error("the pattern is longer than {HEAD_PATTERN_BYTES_MAX} bytes")]
    TooLong,
    #[error("the pattern is empty: every line would begin a group")]
    Empty,
    #[error("the pattern is no regex")]
    Regex(#[from] regex::Error),
}

impl PartialEq for HeadPattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl HeadPattern {
    /// # Errors
    /// What is wrong with the regex, or that it is too large.
    pub fn new(source: &str) -> Result<Self, HeadPatternError> {
        if source.len() > HEAD_PATTERN_BYTES_MAX {
            return Err(HeadPatternError::TooLong);
        }
        if source.is_empty() {
            return Err(HeadPatternError::Empty);
        }
        Ok(Self(RegexBuilder::new(source).size_limit(COMPILED_BYTES_MAX).build()?))
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}
