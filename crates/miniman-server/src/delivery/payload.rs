//! What clients send with their events, checked and bounded.

use serde_json::Value;

/// Bytes of a room's name and of a `status` text.
pub(super) const TEXT_BYTES_MAX: usize = 128;
/// Bytes of a subscription's name.
const SUBSCRIPTION_BYTES_MAX: usize = 64;
/// Bytes of a container's id or name, a stack's, a service's, an engine's: Docker's longest are 253.
const NAME_BYTES_MAX: usize = 256;
/// Names in one selection: 512 × 256 B = 128 KiB, above what a payload may hold.
const NAMES_MAX: usize = 512;

/// A payload that cannot be used, in words for who sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct BadPayload(pub(super) String);

/// A text that has to be there.
pub(super) fn text<'a>(payload: &'a Value, key: &str, max: usize) -> Result<&'a str, BadPayload> {
    match payload.get(key) {
        None | Some(Value::Null) => Err(BadPayload(format!("Missing key: {key}"))),
        Some(Value::String(text)) if text.is_empty() => Err(BadPayload(format!("Missing key: {key}"))),
        Some(Value::String(text)) => checked(text, key, max),
        Some(_) => Err(BadPayload(format!("{key} must be text"))),
    }
}

pub(super) fn room(payload: &Value) -> Result<&str, BadPayload> {
    text(payload, "room", TEXT_BYTES_MAX)
}

pub(super) fn container_id(payload: &Value) -> Result<&str, BadPayload> {
    text(payload, "container_id", NAME_BYTES_MAX)
}

pub(super) fn subscription(payload: &Value) -> Result<Option<&str>, BadPayload> {
    optional(payload, "subscription", SUBSCRIPTION_BYTES_MAX)
}

/// A text that may be absent.
pub(super) fn optional<'a>(payload: &'a Value, key: &str, max: usize) -> Result<Option<&'a str>, BadPayload> {
    match payload.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => text(payload, key, max).map(Some),
    }
}

/// One name or a list of names; absent is none.
pub(super) fn names(payload: &Value, key: &str) -> Result<Vec<String>, BadPayload> {
    let one = |value: &Value| match value {
        Value::String(name) if !name.is_empty() => checked(name, key, NAME_BYTES_MAX).map(str::to_owned),
        Value::Number(id) if id.is_u64() => Ok(id.to_string()),
        _ => Err(BadPayload(format!("{key} must be a name or a list of names"))),
    };
    match payload.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) if items.len() > NAMES_MAX => {
            Err(BadPayload(format!("{key} has more than {NAMES_MAX} names")))
        }
        Some(Value::Array(items)) => items.iter().map(one).collect(),
        Some(value) => Ok(vec![one(value)?]),
    }
}

pub(super) fn count(payload: &Value, key: &str) -> Result<Option<u64>, BadPayload> {
    match payload.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(count) => Ok(Some(count)),
            None => Err(BadPayload(format!("{key} must be a number"))),
        },
    }
}

/// Absent is false.
pub(super) fn flag(payload: &Value, key: &str) -> Result<bool, BadPayload> {
    match payload.get(key) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(BadPayload(format!("{key} must be true or false"))),
    }
}

pub(super) fn is_true(payload: &Value, key: &str) -> bool {
    payload.get(key) == Some(&Value::Bool(true))
}

fn checked<'a>(text: &'a str, key: &str, max: usize) -> Result<&'a str, BadPayload> {
    if text.len() > max {
        return Err(BadPayload(format!("{key} is longer than {max} bytes")));
    }
    if text.chars().any(char::is_control) {
        return Err(BadPayload(format!("{key} must be printable text")));
    }
    Ok(text)
}

/// The start of a text that fits into `max` bytes.
pub(super) fn shortened(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_missing_is_named() {
        let said = |payload: Value| room(&payload).map(str::to_owned).map_err(|error| error.0);
        assert_eq!(said(json!({"room": "r1"})), Ok("r1".to_owned()));
        for payload in [json!({}), json!(null), json!("r1"), json!({"room": ""}), json!({"room": null})] {
            assert_eq!(said(payload), Err("Missing key: room".to_owned()));
        }
        assert_eq!(said(json!({"room": 5})), Err("room must be text".to_owned()));
        assert_eq!(said(json!({"room": "a\u{7}"})), Err("room must be printable text".to_owned()));
        assert_eq!(said(json!({"room": "x".repeat(129)})), Err("room is longer than 128 bytes".to_owned()));
    }

    #[test]
    fn names_come_alone_or_as_a_list() {
        assert_eq!(names(&json!({}), "stack"), Ok(vec![]));
        assert_eq!(names(&json!({"stack": "shop"}), "stack"), Ok(vec!["shop".to_owned()]));
        assert_eq!(names(&json!({"stack": 3}), "stack"), Ok(vec!["3".to_owned()]));
        assert_eq!(names(&json!({"stack": ["a", "b"]}), "stack"), Ok(vec!["a".to_owned(), "b".to_owned()]));
        for payload in
            [json!({"stack": ""}), json!({"stack": [""]}), json!({"stack": {}}), json!({"stack": [1.5]})]
        {
            assert!(names(&payload, "stack").is_err(), "{payload}");
        }
    }

    #[test]
    fn a_shortened_text_ends_between_characters() {
        assert_eq!(shortened("a€b", 2), "a");
        assert_eq!(shortened("a€b", 4), "a€");
        assert_eq!(shortened("ab", 4), "ab");
    }
}
