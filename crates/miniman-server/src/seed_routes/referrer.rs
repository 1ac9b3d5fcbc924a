//! The way back from an action to the logs page it was asked from.

use http::{HeaderMap, header};

/// Where to go after an action on the container that was asked for as `asked`: its logs page if the action came from
/// there, else the list.
///
/// The location is put together from a number and the container asked for; nothing of the header is echoed.
pub(super) fn way_back(headers: &HeaderMap, asked: &str, base: &str) -> String {
    let referrer = headers.get(header::REFERER).and_then(|referrer| referrer.to_str().ok());
    match referrer.and_then(|referrer| logs_page(referrer, base)) {
        Some((config_id, container)) if container == asked => {
            format!("{base}/docker/logs/{config_id}/{asked}")
        }
        _ => format!("{base}/"),
    }
}

/// The `config_id` and container of a logs page's address.
fn logs_page<'a>(referrer: &'a str, base: &str) -> Option<(u32, &'a str)> {
    let (_, rest) = referrer.split_once("://")?;
    let path = &rest[rest.find('/')?..];
    let path = path.split(['?', '#']).next()?.strip_prefix(base)?;
    let (config_id, container) = path.strip_prefix("/docker/logs/")?.split_once('/')?;
    let container = container.strip_suffix('/').unwrap_or(container);
    // `u32::from_str` takes a leading plus.
    let digits = config_id.bytes().all(|byte| byte.is_ascii_digit());
    Some((digits.then(|| config_id.parse().ok())??, container))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn back(referrer: &'static str) -> String {
        let headers = HeaderMap::from_iter([(header::REFERER, HeaderValue::from_static(referrer))]);
        way_back(&headers, "web-1", "")
    }

    #[test]
    fn from_the_containers_logs_page_the_way_back_is_that_page() {
        for (referrer, expected) in [
            ("http://127.0.0.1:5647/docker/logs/7/web-1", "/docker/logs/7/web-1"),
            ("http://127.0.0.1:5647/docker/logs/0/web-1?q=x#y", "/docker/logs/0/web-1"),
            ("https://logs.example.com/docker/logs/4294967295/web-1/", "/docker/logs/4294967295/web-1"),
            ("http://127.0.0.1:5647/docker/logs/007/web-1", "/docker/logs/7/web-1"),
        ] {
            assert_eq!(back(referrer), expected, "{referrer}");
        }
    }

    #[test]
    fn from_anywhere_else_the_way_back_is_the_list() {
        for referrer in [
            "http://127.0.0.1:5647/",
            "http://127.0.0.1:5647/docker/logs/7/web-2",
            "http://127.0.0.1:5647/docker/logs/7/web-1/more",
            "http://127.0.0.1:5647/docker/logs/4294967296/web-1",
            "http://127.0.0.1:5647/docker/logs/+7/web-1",
            "http://127.0.0.1:5647/docker/logs//web-1",
            "http://127.0.0.1:5647/x/docker/logs/7/web-1",
            "//evil.example/docker/logs/7/web-1",
            "/docker/logs/7/web-1",
            "",
        ] {
            assert_eq!(back(referrer), "/", "{referrer}");
        }
    }

    #[test]
    fn a_name_that_is_no_part_of_an_address_leads_to_the_list() {
        for (asked, referrer) in [
            ("web-1\r\nset-cookie: a=b", "http://h/docker/logs/7/web-1%0D%0Aset-cookie:%20a=b"),
            ("/evil.example", "http://h/docker/logs/7//evil.example?x"),
            ("web 1", "http://h/docker/logs/7/web%201"),
        ] {
            let headers = HeaderMap::from_iter([(header::REFERER, HeaderValue::from_static(referrer))]);
            let back = way_back(&headers, asked, "");
            assert!(back == "/" || back == "/docker/logs/7//evil.example", "{asked:?}: {back}");
            assert!(!back.starts_with("//") && HeaderValue::try_from(&back).is_ok(), "{back}");
        }
    }

    #[test]
    fn below_a_path_the_way_back_is_below_it() {
        let from = |referrer: &'static str| {
            let headers = HeaderMap::from_iter([(header::REFERER, HeaderValue::from_static(referrer))]);
            way_back(&headers, "web-1", "/logs")
        };
        assert_eq!(from("https://example.com/logs/docker/logs/7/web-1"), "/logs/docker/logs/7/web-1");
        assert_eq!(from("https://example.com/docker/logs/7/web-1"), "/logs/");
    }

    #[test]
    fn without_a_referrer_the_way_back_is_the_list() {
        assert_eq!(way_back(&HeaderMap::new(), "web-1", ""), "/");
    }
}
