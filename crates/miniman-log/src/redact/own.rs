//! Patterns of the configuration and of a container's label.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

use super::{Found, Rule, rules};

/// Patterns of a configuration: each is looked for in every line.
pub const OWN_PATTERNS_MAX: usize = 64;
/// Bytes of a pattern.
pub const PATTERN_BYTES_MAX: usize = 1024;
/// Bytes of a pattern when compiled, and of what is kept to match it quickly.
const COMPILED_BYTES_MAX: usize = 256 * 1024;

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PatternError {
    #[error("there are more than {OWN_PATTERNS_MAX} patterns")]
    TooMany,
    #[error("the pattern is longer than {PATTERN_BYTES_MAX} bytes")]
    TooLong,
    #[error("the pattern matches where nothing stands, so it says nothing about a secret")]
    Empty,
    #[error("the pattern is no regex: {0}")]
    Regex(String),
    #[error("the pattern is too large when compiled; use smaller repetitions")]
    TooLarge,
}

#[derive(Debug, Clone)]
pub(super) struct Own {
    regex: Regex,
    rule: Rule,
}

impl Own {
    pub(super) fn new(source: &str, rule: Rule) -> Result<Self, PatternError> {
        if source.len() > PATTERN_BYTES_MAX {
            return Err(PatternError::TooLong);
        }
        let regex = RegexBuilder::new(source)
            .size_limit(COMPILED_BYTES_MAX)
            .dfa_size_limit(COMPILED_BYTES_MAX)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
                // Its text is drawn over several lines; the last one says what is wrong.
                error => {
                    let text = error.to_string();
                    let last = text.lines().last().unwrap_or_default();
                    PatternError::Regex(last.trim_start_matches("error: ").to_owned())
                }
            })?;
        if regex.is_match("") {
            return Err(PatternError::Empty);
        }
        Ok(Self { regex, rule })
    }

    pub(super) fn apply<'t>(&self, text: Cow<'t, str>, found: &mut Found) -> Cow<'t, str> {
        rules::replace(text, &self.regex, self.rule, found, |_| true)
    }
}
