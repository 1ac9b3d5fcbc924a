//! What inspect says, cut down to the fields that a [`Container`] may have.

use std::collections::{BTreeMap, HashMap};

use miniman_log::Timestamp;
use miniman_log::redact::PATTERN_BYTES_MAX;
use serde::Deserialize;

use crate::labels::{Labels, Membership};
use crate::{Container, ContainerId, ContainerState, Health, Port};

/// The fields of `GET /containers/{id}/json` that are read; all others never leave the parser.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Inspect {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    image: Option<String>,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    restart_count: Option<i64>,
    #[serde(default)]
    state: Option<InspectState>,
    #[serde(default)]
    config: Option<InspectConfig>,
    #[serde(default)]
    host_config: Option<InspectHostConfig>,
    #[serde(default)]
    network_settings: Option<InspectNetwork>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectState {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    exit_code: Option<i64>,
    #[serde(default, rename = "OOMKilled")]
    oom_killed: Option<bool>,
    #[serde(default)]
    started_at: Option<String>,
    #[serde(default)]
    finished_at: Option<String>,
    #[serde(default)]
    health: Option<InspectHealth>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectHealth {
    #[serde(default)]
    status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectConfig {
    #[serde(default)]
    image: Option<String>,
    #[serde(default)]
    tty: Option<bool>,
    #[serde(default)]
    labels: Option<Labels>,
    #[serde(default)]
    stop_timeout: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectHostConfig {
    #[serde(default)]
    log_config: Option<InspectLogConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectLogConfig {
    #[serde(default, rename = "Type")]
    driver: Option<String>,
    #[serde(default)]
    config: Option<HashMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectNetwork {
    #[serde(default)]
    ports: Option<HashMap<String, Option<Vec<InspectBinding>>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectBinding {
    #[serde(default)]
    host_ip: Option<String>,
    #[serde(default)]
    host_port: Option<String>,
}

/// Ports shown of one container; a published range can be thousands.
const PORTS_MAX: usize = 256;

/// An image may set it too: its logs are kept within the store's size whatever it says.
const RETENTION_LABEL: &str = "miniman.retention";
const MULTILINE_LABEL: &str = "miniman.multiline";
/// Longer than any pattern that is taken, so that none is taken that was cut.
const MULTILINE_BYTES_MAX: usize = 2 * 1024;
/// An image may set these too: they only change how its own lines are shown.
const HIDE_LABEL: &str = "miniman.hide";
/// Longer than any rule that is taken, so that none is taken that was cut.
const HIDE_BYTES_MAX: usize = 2 * 1024;
const MESSAGE_LABEL: &str = "miniman.message";

/// An image may set it too: it can only add to what is redacted of its own lines.
const REDACT_LABEL: &str = "miniman.redact";

/// Docker's own limit lies below; image references are at most 255 and a tag of 128.
const TEXT_BYTES_MAX: usize = 512;

/// Options that say how a log is kept. Others stay out: some drivers have tokens in theirs.
const LOG_OPTIONS: [&str; 6] =
    ["max-size", "max-file", "compress", "mode", "max-buffer-size", "cache-disabled"];

impl Inspect {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn image_id(&self) -> &str {
        self.image.as_deref().unwrap_or("")
    }

    pub(crate) fn labels(&self) -> Option<&Labels> {
        self.config.as_ref()?.labels.as_ref()
    }

    /// Seconds that a stop waits before it kills, where the container says so itself.
    pub(crate) fn stop_timeout_secs(&self) -> Option<u64> {
        self.config.as_ref()?.stop_timeout?.try_into().ok()
    }

    pub(crate) fn into_container(
        self,
        id: ContainerId,
        place: Membership,
        own_labels: BTreeMap<String, String>,
        is_self: bool,
    ) -> Container {
        let retention = self.labels().and_then(|labels| labels.get(RETENTION_LABEL).cloned());
        let redact = self.labels().and_then(|labels| labels.get(REDACT_LABEL)).map(|text| pattern(text));
        let multiline = self.labels().and_then(|labels| labels.get(MULTILINE_LABEL).cloned());
        let hide = self.labels().and_then(|labels| labels.get(HIDE_LABEL).cloned());
        let message = self.labels().and_then(|labels| labels.get(MESSAGE_LABEL).cloned());
        let image_id = capped(self.image);
        let state = self.state.as_ref();
        let word = state.and_then(|state| state.status.as_deref()).unwrap_or("");
        // A word that is not known yet: neither running nor gone is safe to claim, and "dead" is Docker's for broken.
        let what = ContainerState::parse(word).unwrap_or(ContainerState::Dead);
        let health = state.and_then(|state| state.health.as_ref()?.status.as_deref());
        let ended = !what.is_up() && what != ContainerState::Created;
        let (tty, image) =
            self.config.map_or((false, None), |config| (config.tty.unwrap_or(false), config.image));
        let log = self.host_config.and_then(|host| host.log_config);
        let (driver, options) = log.map_or((None, None), |log| (log.driver, log.config));
        Container {
            id,
            name: capped(self.name).trim_start_matches('/').to_owned(),
            image: capped(image),
            image_id,
            state: what,
            // Docker keeps the last word of a stopped container's health; it says nothing about now.
            health: if what.is_up() { Health::parse(health.unwrap_or("")) } else { Health::None },
            exit_code: state.and_then(|state| state.exit_code).filter(|_| ended),
            oom_killed: state.and_then(|state| state.oom_killed).unwrap_or(false),
            restart_count: self.restart_count.and_then(|count| count.try_into().ok()).unwrap_or(0),
            created: time(self.created.as_deref()).unwrap_or_default(),
            started_at: time(state.and_then(|state| state.started_at.as_deref())),
            finished_at: time(state.and_then(|state| state.finished_at.as_deref())),
            tty,
            log_driver: capped(driver),
            log_options: options.map(kept_options).unwrap_or_default(),
            stack: place.stack,
            service: place.service,
            number: place.number,
            own_labels,
            ports: self.network_settings.and_then(|network| network.ports).map(ports).unwrap_or_default(),
            retention: retention.map(|text| capped(Some(text))),
            redact,
            multiline: multiline.map(|text| cut_at(text, MULTILINE_BYTES_MAX)),
            hide: hide.map(|text| cut_at(text, HIDE_BYTES_MAX)),
            message: message.map(|text| capped(Some(text))),
            is_self,
        }
    }
}

/// Docker writes `0001-01-01T00:00:00Z` for never, which lies outside what a [`Timestamp`] can be.
fn time(text: Option<&str>) -> Option<Timestamp> {
    Timestamp::parse(text?.as_bytes())
}

/// Text of an engine, cut where it is absurdly long.
pub(crate) fn capped(text: Option<String>) -> String {
    cut_at(text.unwrap_or_default(), TEXT_BYTES_MAX)
}

fn cut_at(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
    }
    text
}

/// A pattern that is too long stays too long, by less than a character: cut to what is allowed it would be another one.
fn pattern(text: &str) -> String {
    text[..text.floor_char_boundary(PATTERN_BYTES_MAX + 4)].to_owned()
}

fn kept_options(options: HashMap<String, String>) -> BTreeMap<String, String> {
    let kept = |key: &str| LOG_OPTIONS.contains(&key);
    options.into_iter().filter(|(key, _)| kept(key)).map(|(key, value)| (key, capped(Some(value)))).collect()
}

fn ports(ports: HashMap<String, Option<Vec<InspectBinding>>>) -> Vec<Port> {
    let mut found = Vec::new();
    for (name, bindings) in ports {
        let Some((port, protocol)) = name.split_once('/') else { continue };
        let (Ok(private_port), Some(protocol)) = (port.parse(), protocol_word(protocol)) else { continue };
        let bound = bindings.unwrap_or_default();
        if bound.is_empty() {
            found.push(Port { ip: None, private_port, public_port: None, protocol });
        }
        found.extend(bound.into_iter().take(PORTS_MAX).map(|binding| Port {
            ip: binding.host_ip.and_then(|ip| ip.parse().ok()),
            private_port,
            public_port: binding.host_port.and_then(|port| port.parse().ok()),
            protocol,
        }));
    }
    found.sort_by_key(|port| (port.private_port, port.protocol, port.public_port, port.ip));
    found.truncate(PORTS_MAX);
    found
}

fn protocol_word(word: &str) -> Option<&'static str> {
    ["tcp", "udp", "sctp"].into_iter().find(|known| *known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(json: &str) -> Container {
        let inspect: Inspect = serde_json::from_str(json).unwrap();
        let id = ContainerId::parse(inspect.id()).unwrap();
        inspect.into_container(id, Membership::default(), BTreeMap::new(), false)
    }

    fn with(state: &str, rest: &str) -> Container {
        container(&format!(r#"{{"Id":"{}","State":{state}{rest}}}"#, "ab".repeat(32)))
    }

    #[test]
    fn a_running_container_has_no_exit_code_and_a_stopped_one_no_health() {
        let up = with(
            r#"{"Status":"running","ExitCode":0,"Health":{"Status":"healthy","Log":[{"Output":"s3cret"}]}}"#,
            "",
        );
        assert_eq!((up.state, up.exit_code, up.health), (ContainerState::Running, None, Health::Healthy));
        let down = with(
            r#"{"Status":"exited","ExitCode":137,"OOMKilled":true,"Health":{"Status":"unhealthy"}}"#,
            "",
        );
        assert_eq!((down.exit_code, down.oom_killed, down.health), (Some(137), true, Health::None));
    }

    #[test]
    fn never_is_no_time() {
        let new = with(r#"{"Status":"created","StartedAt":"0001-01-01T00:00:00Z","ExitCode":0}"#, "");
        assert_eq!((new.started_at, new.exit_code), (None, None));
    }

    #[test]
    fn a_pattern_that_is_too_long_is_not_cut_to_another_one() {
        let label = |text: &str| {
            let rest = format!(r#","Config":{{"Labels":{{"miniman.redact":"{text}"}}}}"#);
            with("null", &rest).redact.unwrap()
        };
        assert_eq!(label("pin=([0-9]+)"), "pin=([0-9]+)");
        assert!(label(&"x".repeat(PATTERN_BYTES_MAX + 99)).len() > PATTERN_BYTES_MAX);
    }

    #[test]
    fn only_options_that_say_how_a_log_is_kept_are_kept() {
        let rest = r#","HostConfig":{"LogConfig":{"Type":"splunk","Config":{"max-size":"10m","splunk-token":"s3cret"}}}"#;
        let found = with("null", rest);
        assert_eq!(found.log_driver, "splunk");
        assert_eq!(found.log_options, BTreeMap::from([("max-size".into(), "10m".into())]));
    }

    #[test]
    fn ports_are_sorted_and_nonsense_left_out() {
        let rest = r#","NetworkSettings":{"Ports":{"443/tcp":null,"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},
            {"HostIp":"::","HostPort":"8080"}],"x/tcp":null,"1/carrier-pigeon":null,"99999/tcp":null}}"#;
        let shown: Vec<_> = with("null", rest)
            .ports
            .iter()
            .map(|port| format!("{:?} {:?} {}", port.ip, port.public_port, port.private_port))
            .collect();
        assert_eq!(shown, ["Some(0.0.0.0) Some(8080) 80", "Some(::) Some(8080) 80", "None None 443"]);
    }

    #[test]
    fn an_answer_of_nothing_but_an_id_is_a_container_still() {
        let bare = container(&format!(r#"{{"Id":"{}"}}"#, "ab".repeat(32)));
        assert_eq!((bare.name.as_str(), bare.state), ("", ContainerState::Dead));
    }
}
