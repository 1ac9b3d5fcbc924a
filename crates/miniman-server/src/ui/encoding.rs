//! Which compressed copy of a file a client takes.

use http::{HeaderMap, HeaderValue, header};

/// How a file is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// Smallest first.
    pub(super) const COMPRESSED: [Self; 2] = [Self::Brotli, Self::Gzip];

    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }

    fn token(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// `Content-Encoding`, unless it is the plain file.
    pub(super) fn header(self) -> Option<HeaderValue> {
        (self != Self::Identity).then(|| HeaderValue::from_static(self.token()))
    }

    /// What the client takes, best first; the plain file is always last.
    pub(super) fn accepted(headers: &HeaderMap) -> impl Iterator<Item = Self> {
        let accepts = |encoding: &Self| {
            headers
                .get_all(header::ACCEPT_ENCODING)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .any(|offer| takes(offer, encoding.token()))
        };
        Self::COMPRESSED.into_iter().filter(accepts).chain([Self::Identity])
    }
}

/// Whether one offer (`br;q=0.9`) takes this encoding. Weights are not compared: the smallest file serves everyone.
fn takes(offer: &str, token: &str) -> bool {
    let mut parts = offer.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(token));
    let refused = parts.any(|weight| {
        weight
            .strip_prefix("q=")
            .is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
    });
    named && !refused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(accept: &'static str) -> Encoding {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accept))]);
        Encoding::accepted(&headers).next().unwrap()
    }

    #[test]
    fn the_smallest_accepted_encoding_is_taken() {
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip, deflate", Encoding::Gzip),
            ("GZIP;q=0.5", Encoding::Gzip),
            ("br;q=0, gzip", Encoding::Gzip),
            ("", Encoding::Identity),
            ("identity", Encoding::Identity),
            ("bread", Encoding::Identity),
        ] {
            assert_eq!(first(accept), expected, "{accept}");
        }
    }
}
