//! Marks: what happened to a container, kept beside its lines, and the words for it.

use miniman_engine::{Health, MarkKind};
use miniman_log::Timestamp;
use miniman_store::logs::{Log, Mark};
use serde_json::{Value, json};

use crate::Change;

/// The kind of the mark that a container's successor begins with.
pub const RECREATED: &str = "recreated";
/// The kind of the mark that an action asked for here ends with.
pub const ACTION: &str = "action";

/// More than a container has in one instant.
const MARKS_AT_ONCE: usize = 64;

pub(crate) fn mark(timestamp: Timestamp, kind: &str, detail: String) -> Mark {
    // The store places it.
    Mark { timestamp, kind: kind.to_owned(), after_seq: 0, detail }
}

/// How an action that `who` asked for ended.
pub(crate) fn acted(change: &Change, who: &str) -> Mark {
    let Change { action, success, error, .. } = change;
    let detail = json!({"action": action, "success": success, "error": error, "who": who});
    mark(change.timestamp, ACTION, detail.to_string())
}

pub(crate) fn keep(log: &Log, mark: Mark) {
    if let Err(error) = log.mark(mark) {
        tracing::warn!(log = %log.id(), %error, "a mark could not be kept");
    }
}

/// As [`keep`], unless it was kept before; whether it was kept now. Blocking.
pub(crate) fn keep_once(log: &Log, mark: Mark) -> bool {
    let at = Some(mark.timestamp);
    let known = log.marks(at, at, MARKS_AT_ONCE).unwrap_or_default();
    let new = known.iter().all(|known| known.kind != mark.kind);
    if new {
        keep(log, mark);
    }
    new
}

/// What is kept of an event besides its kind and time: a JSON object.
pub(crate) fn detail(kind: &MarkKind) -> String {
    let value = match kind {
        MarkKind::Exited { exit_code, oom_killed } => {
            json!({"exit_code": exit_code, "oom_killed": oom_killed})
        }
        MarkKind::RestartedByPolicy { count } => json!({"count": count}),
        MarkKind::Killed { signal } => json!({"signal": signal}),
        MarkKind::Health(health) => json!({"health": health.as_str()}),
        MarkKind::Renamed { from, to } => json!({"from": from, "to": to}),
        MarkKind::Created
        | MarkKind::Started
        | MarkKind::Oom
        | MarkKind::Stopped
        | MarkKind::Restarted
        | MarkKind::Paused
        | MarkKind::Unpaused
        | MarkKind::Removed => json!({}),
    };
    value.to_string()
}

pub(crate) fn recreated_detail(from_image: &str, to_image: &str) -> String {
    json!({"from_image": from_image, "to_image": to_image}).to_string()
}

/// A mark in words: `web-1 exited 137 (out of memory)`.
pub fn text(name: &str, kind: &str, detail: &Value) -> String {
    let word = |key: &str| detail.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
    let number = |key: &str| detail.get(key).and_then(Value::as_i64);
    match kind {
        "exited" => {
            let code = number("exit_code").map_or_else(String::new, |code| format!(" {code}"));
            let oom = detail.get("oom_killed").and_then(Value::as_bool).unwrap_or(false);
            format!("{name} exited{code}{}", if oom { " (out of memory)" } else { "" })
        }
        "oom" => format!("{name} ran out of memory"),
        "restarted-by-policy" => match number("count") {
            Some(count) => format!("{name} was restarted by policy, {} time", ordinal(count)),
            None => format!("{name} was restarted by policy"),
        },
        "killed" => format!("{name} was sent signal {}", word("signal")),
        "health" => match word("health").as_str() {
            word if word == Health::Starting.as_str() => format!("{name}: health check starting"),
            word => format!("{name} is {word}"),
        },
        "renamed" => format!("{} was renamed to {}", word("from"), word("to")),
        // The seed's words.
        ACTION => match detail.get("success").and_then(Value::as_bool) {
            Some(true) => format!("--- Container {} action successful ---", word("action")),
            _ => {
                let error = detail.get("error").and_then(Value::as_str).unwrap_or("Unknown error");
                format!("--- Container {} action failed: {error} ---", word("action"))
            }
        },
        RECREATED => match (word("from_image"), word("to_image")) {
            (from, to) if from == to => format!("{name} was recreated · {to}"),
            (from, to) => format!("{name} was recreated · {from} → {to}"),
        },
        other => format!("{name} was {other}"),
    }
}

fn ordinal(number: i64) -> String {
    let suffix = match (number % 10, number % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_read_as_sentences() {
        let check =
            |kind: &str, detail: Value, expected: &str| assert_eq!(text("web-1", kind, &detail), expected);
        check("exited", json!({"exit_code": 137, "oom_killed": true}), "web-1 exited 137 (out of memory)");
        check("exited", json!({"exit_code": null}), "web-1 exited");
        check("restarted-by-policy", json!({"count": 4}), "web-1 was restarted by policy, 4th time");
        check("restarted-by-policy", json!({"count": 22}), "web-1 was restarted by policy, 22nd time");
        check("health", json!({"health": "unhealthy"}), "web-1 is unhealthy");
        check("renamed", json!({"from": "a", "to": "b"}), "a was renamed to b");
        check(
            "recreated",
            json!({"from_image": "a:1", "to_image": "a:2"}),
            "web-1 was recreated · a:1 → a:2",
        );
        check("started", json!({}), "web-1 was started");
        let action = |success: bool, error: Option<&str>| json!({"action": "restart", "success": success, "error": error, "who": "ann"});
        check("action", action(true, None), "--- Container restart action successful ---");
        check("action", action(false, Some("no")), "--- Container restart action failed: no ---");
        check("action", action(false, None), "--- Container restart action failed: Unknown error ---");
    }
}
