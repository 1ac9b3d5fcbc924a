//! Which format an answer has.

use http::{HeaderMap, header};

use super::query::{FormatWord, LogsQuery};
use crate::api::encode::Format;
use crate::problem::Problem;

/// By `?format=`, else by `Accept`; NDJSON when both leave it open.
///
/// # Errors
/// When nothing of what is accepted can be given.
pub(super) fn format(query: &LogsQuery, headers: &HeaderMap) -> Result<Format, Problem> {
    let word = match query.format {
        Some(word) => word,
        None => accepted(headers).ok_or_else(|| {
            Problem::bad_request(
                "Accept names none of application/x-ndjson, application/json, text/plain, text/csv",
            )
        })?,
    };
    if query.follow && word == FormatWord::Json {
        return Err(Problem::bad_request(
            "follow never ends, and a JSON document has to: accept application/x-ndjson",
        ));
    }
    Ok(word.format(query.timestamps))
}

/// The best of what `Accept` names; the first of equals.
fn accepted(headers: &HeaderMap) -> Option<FormatWord> {
    let values = headers.get_all(header::ACCEPT);
    if values.iter().next().is_none() {
        return Some(FormatWord::Ndjson);
    }
    let ranges = values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut best = None;
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let word = parts.next().and_then(word);
        let quality =
            parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if let Some(word) = word
            && quality > best.map_or(0.0, |(best, _): (f32, _)| best)
        {
            best = Some((quality, word));
        }
    }
    best.map(|(_, word)| word)
}

fn word(range: &str) -> Option<FormatWord> {
    match range.to_ascii_lowercase().as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/*" | "*/*" => Some(FormatWord::Ndjson),
        "application/json" => Some(FormatWord::Json),
        "text/plain" | "text/*" => Some(FormatWord::Text),
        "text/csv" => Some(FormatWord::Csv),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use miniman_log::Timestamp;

    use super::*;

    #[test]
    fn the_best_of_what_is_accepted_is_given() {
        let check = |accept: &str, expected: Option<FormatWord>| {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::try_from(accept).unwrap())]);
            assert_eq!(accepted(&headers), expected, "{accept}");
        };
        check("*/*", Some(FormatWord::Ndjson));
        check("text/plain", Some(FormatWord::Text));
        check("text/csv, application/json;q=0.9", Some(FormatWord::Csv));
        check("application/json;q=0.1, text/plain;q=0.2", Some(FormatWord::Text));
        check("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some(FormatWord::Ndjson));
        check("Application/JSON; charset=utf-8", Some(FormatWord::Json));
        check("image/png", None);
        check("text/plain;q=0", None);
        check("text/plain;q=loud", None);
        assert_eq!(accepted(&HeaderMap::new()), Some(FormatWord::Ndjson));
    }

    #[test]
    fn the_parameter_wins_over_the_header() {
        let query = LogsQuery::parse(Some("format=text&timestamps=true"), Timestamp(0)).unwrap();
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("application/json"))]);
        assert_eq!(format(&query, &headers).unwrap(), Format::Text { timestamps: true });
    }
}
