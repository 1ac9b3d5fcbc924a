//! Where a session was begun, as far as the browser says.

use http::{HeaderMap, header};

/// Longest text of a browser's name for itself, in bytes; today's are some 120.
const BROWSER_BYTES_MAX: usize = 200;

/// The `User-Agent` as far as it is printable ASCII, so that whoever looks at the list of sessions sees nothing else.
pub(crate) fn browser(headers: &HeaderMap) -> String {
    let told = headers.get(header::USER_AGENT).map_or(&b""[..], |value| value.as_bytes());
    let printable = told.iter().filter(|byte| (b' '..=b'~').contains(byte));
    printable.take(BROWSER_BYTES_MAX).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_is_printable_and_bounded() {
        let told = |bytes: &[u8]| {
            let value = HeaderValue::from_bytes(bytes).unwrap();
            browser(&HeaderMap::from_iter([(header::USER_AGENT, value)]))
        };
        assert_eq!(told(b"Mozilla/5.0 \xc3\xa4\tFirefox"), "Mozilla/5.0 Firefox");
        assert_eq!(told(&[b'x'; 1_000]).len(), BROWSER_BYTES_MAX);
        assert_eq!(browser(&HeaderMap::new()), "");
    }
}
