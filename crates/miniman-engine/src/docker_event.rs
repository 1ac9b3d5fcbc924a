//! One line of the engine's event stream, by an allow-list.
//!
//! `exec_create: sh -c … -psecret` is an event too: what is not named here does not exist for us.

use std::collections::HashMap;

use miniman_log::Timestamp;
use serde::Deserialize;

use crate::labels::{Labels, Membership};
use crate::{Container, ContainerId, ContainerState, Health};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DockerEvent {
    pub(crate) at: Timestamp,
    pub(crate) id: ContainerId,
    pub(crate) action: DockerAction,
    /// What the engine says of the container beside: name, image and labels.
    pub(crate) attributes: Labels,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum DockerAction {
    Create { name: String },
    Start,
    Restart,
    Die { exit_code: Option<i64> },
    Stop,
    Kill { signal: String },
    Pause,
    Unpause,
    Oom,
    Rename { from: String, to: String },
    Destroy,
    Health(Health),
    Update,
}

impl DockerAction {
    /// Whether it tells that the container ran.
    pub(crate) fn is_of_a_run(&self) -> bool {
        matches!(self, Self::Start | Self::Restart | Self::Die { .. } | Self::Oom | Self::Health(_))
    }
}

/// The `filters` of `GET /events`: the same allow-list, so that health checks' execs cost nothing. `health_status`
/// matches by prefix in Docker. Podman's own words stand beside Docker's.
pub(crate) const EVENT_FILTERS: &str = r#"{"type":["container"],"event":["create","start","restart","die","died","stop","kill","pause","unpause","oom","rename","destroy","remove","health_status","update"]}"#;

#[derive(Deserialize)]
struct Line {
    #[serde(default, rename = "Type")]
    kind: Option<String>,
    #[serde(default, rename = "Action")]
    action: Option<String>,
    #[serde(default, rename = "Actor")]
    actor: Option<Actor>,
    #[serde(default)]
    time: Option<i64>,
    #[serde(default, rename = "timeNano")]
    time_nano: Option<i64>,
}

#[derive(Deserialize)]
struct Actor {
    #[serde(default, rename = "ID")]
    id: Option<String>,
    #[serde(default, rename = "Attributes")]
    attributes: Option<HashMap<String, String>>,
}

/// Signals and names are short; anything else is not Docker's.
const WORD_BYTES_MAX: usize = 255;

impl DockerEvent {
    /// A container that is gone before it could be looked at: what its events tell of it.
    pub(crate) fn into_container(self, place: Membership) -> Container {
        let text = |key: &str| {
            let value = self.attributes.get(key).filter(|value| value.len() <= WORD_BYTES_MAX);
            value.cloned().unwrap_or_default()
        };
        Container {
            name: text("name").trim_start_matches('/').to_owned(),
            image: text("image"),
            image_id: String::new(),
            state: ContainerState::Exited,
            health: Health::None,
            exit_code: None,
            oom_killed: false,
            restart_count: 0,
            created: self.at,
            started_at: None,
            finished_at: None,
            tty: false,
            log_driver: String::new(),
            log_options: Default::default(),
            stack: place.stack,
            service: place.service,
            number: place.number,
            // Its image's are among the attributes.
            own_labels: Default::default(),
            ports: Vec::new(),
            retention: None,
            redact: None,
            multiline: None,
            hide: None,
            message: None,
            is_self: false,
            id: self.id,
        }
    }
}

/// `None` for everything that is not an allowed event of a container.
pub(crate) fn parse(line: &[u8]) -> Option<DockerEvent> {
    let line: Line = serde_json::from_slice(line).ok()?;
    if line.kind.as_deref() != Some("container") {
        return None;
    }
    let actor = line.actor?;
    let id = ContainerId::parse(actor.id.as_deref()?)?;
    let attributes = actor.attributes.unwrap_or_default();
    let action = action(line.action.as_deref()?, &attributes)?;
    let nanos = line.time_nano.filter(|nanos| *nanos != 0);
    let at = nanos.map(Timestamp).or_else(|| Timestamp::from_parts(line.time?, 0))?;
    Some(DockerEvent { at, id, action, attributes })
}

fn action(word: &str, attributes: &HashMap<String, String>) -> Option<DockerAction> {
    let text = |key: &str| {
        attributes.get(key).filter(|value| value.len() <= WORD_BYTES_MAX).cloned().unwrap_or_default()
    };
    let name = |key: &str| text(key).trim_start_matches('/').to_owned();
    if let Some(health) = word.strip_prefix("health_status") {
        let health = health.trim_start_matches(':').trim();
        return Some(DockerAction::Health(Health::parse(if health.is_empty() {
            attributes.get("health_status")?
        } else {
            health
        })));
    }
    Some(match word {
        "create" => DockerAction::Create { name: name("name") },
        "start" => DockerAction::Start,
        "restart" => DockerAction::Restart,
        "die" | "died" => {
            let code = attributes.get("exitCode").or_else(|| attributes.get("containerExitCode"));
            DockerAction::Die { exit_code: code.and_then(|code| code.parse().ok()) }
        }
        "stop" => DockerAction::Stop,
        "kill" => DockerAction::Kill { signal: text("signal") },
        "pause" => DockerAction::Pause,
        "unpause" => DockerAction::Unpause,
        "oom" => DockerAction::Oom,
        "rename" => DockerAction::Rename { from: name("oldName"), to: name("name") },
        "destroy" | "remove" => DockerAction::Destroy,
        "update" => DockerAction::Update,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(action: &str, attributes: &str) -> Option<DockerAction> {
        let id = "ab".repeat(32);
        let line = format!(
            r#"{{"status":"{action}","id":"{id}","from":"busybox","Type":"container","Action":"{action}",
            "Actor":{{"ID":"{id}","Attributes":{{{attributes}}}}},"scope":"local","time":1700000000,"timeNano":1700000000123456789}}"#
        );
        parse(line.as_bytes()).map(|event| {
            assert_eq!(event.at, Timestamp(1_700_000_000_123_456_789));
            event.action
        })
    }

    #[test]
    fn allowed_actions_are_read_with_what_belongs_to_them() {
        let check = |action: &str, attributes: &str, expected: DockerAction| {
            assert_eq!(parsed(action, attributes), Some(expected), "{action}");
        };
        check("die", r#""exitCode":"137""#, DockerAction::Die { exit_code: Some(137) });
        check("die", "", DockerAction::Die { exit_code: None });
        check("kill", r#""signal":"15""#, DockerAction::Kill { signal: "15".into() });
        check(
            "rename",
            r#""name":"new","oldName":"/old""#,
            DockerAction::Rename { from: "old".into(), to: "new".into() },
        );
        check("health_status: unhealthy", "", DockerAction::Health(Health::Unhealthy));
        check("create", r#""name":"web""#, DockerAction::Create { name: "web".into() });
    }

    #[test]
    fn what_is_not_allowed_does_not_pass() {
        for action in [
            "exec_create: sh -c mysql -psecret",
            "exec_start: sh",
            "exec_die",
            "attach",
            "top",
            "resize",
            "",
            "DIE",
        ] {
            assert_eq!(parsed(action, ""), None, "{action}");
        }
    }

    #[test]
    fn nonsense_is_no_event() {
        for line in [
            &b""[..],
            b"{}",
            b"null",
            b"\xff\xfe",
            br#"{"Type":"network","Action":"create","Actor":{"ID":"x"},"timeNano":1}"#,
            br#"{"Type":"container","Action":"start","Actor":{"ID":"../../etc"},"timeNano":1}"#,
            br#"{"Type":"container","Action":"start","Actor":{"ID":7},"timeNano":1}"#,
        ] {
            assert_eq!(parse(line), None);
        }
    }
}
