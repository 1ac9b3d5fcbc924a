//! Secrets that are looked up rather than remembered: session, token and setup secrets, 256 random bits each.
//!
//! 256 bits can't be guessed, so a plain SHA-256 is what the database keeps: no salt and no slow hash is needed, and
//! a lookup by hash leaks no timing that would help to guess.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniman_store::app::SecretHash;
use sha2::{Digest, Sha256};

const SECRET_BYTES: usize = 32;

/// Before API tokens, so that people and secret scanners know one when they see one.
const TOKEN_PREFIX: &str = "mm_";

/// A secret in the clear; exists only on its way to or from its holder.
pub(crate) struct Secret([u8; SECRET_BYTES]);

impl Secret {
    pub(crate) fn random() -> Self {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes).expect("the kernel's random source has no failure once it is seeded");
        Self(bytes)
    }

    /// Reads what [`Secret::text`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // Base64 of 32 bytes; longer input is not worth decoding.
        if text.len() != 43 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// Reads what [`Secret::token`] wrote.
    pub(crate) fn parse_token(text: &str) -> Option<Self> {
        Self::parse(text.strip_prefix(TOKEN_PREFIX)?)
    }

    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(crate) fn token(&self) -> String {
        format!("{TOKEN_PREFIX}{}", self.text())
    }

    pub(crate) fn hash(&self) -> SecretHash {
        Sha256::digest(self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_survives_being_written_and_read() {
        let secret = Secret::random();
        assert_eq!(Secret::parse(&secret.text()).unwrap().hash(), secret.hash());
        assert_eq!(Secret::parse_token(&secret.token()).unwrap().hash(), secret.hash());
    }

    #[test]
    fn two_secrets_differ() {
        assert_ne!(Secret::random().text(), Secret::random().text());
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in ["", "mm_", "mm_AAAA", "ä", &"A".repeat(42), &"A".repeat(44), &"*".repeat(43)] {
            assert!(Secret::parse(text).is_none(), "{text:?}");
            assert!(Secret::parse_token(text).is_none(), "{text:?}");
        }
    }
}
