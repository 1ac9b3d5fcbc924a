//! What inspect answers, and the details that are made of it.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{Details, HealthCheck, Limits, Mount, Network, RestartPolicy, Variable};
use crate::inspect::capped;
use crate::secrets::is_secret;

/// Of each list; what is beyond is counted. A container with more has them made by a program.
const ROWS_MAX: usize = 512;

/// Labels with these beginnings say what a container is.
const LABELS_SHOWN: [&str; 8] = [
    "org.opencontainers.image.",
    "com.docker.compose.project",
    "com.docker.compose.service",
    "com.docker.compose.version",
    "com.docker.compose.container-number",
    "com.docker.stack.namespace",
    "com.docker.swarm.service.name",
    "miniman.",
];

/// The fields of `GET /containers/{id}/json` that are read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DetailsAnswer {
    #[serde(default)]
    platform: Option<String>,
    #[serde(default)]
    config: Option<Config>,
    #[serde(default)]
    host_config: Option<HostConfig>,
    #[serde(default)]
    state: Option<State>,
    #[serde(default)]
    mounts: Option<Vec<MountAnswer>>,
    #[serde(default)]
    network_settings: Option<NetworkSettings>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    #[serde(default)]
    hostname: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    working_dir: Option<String>,
    #[serde(default)]
    env: Option<Vec<String>>,
    #[serde(default)]
    labels: Option<HashMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HostConfig {
    #[serde(default)]
    privileged: Option<bool>,
    #[serde(default)]
    readonly_rootfs: Option<bool>,
    #[serde(default)]
    network_mode: Option<String>,
    #[serde(default)]
    restart_policy: Option<RestartAnswer>,
    #[serde(default)]
    log_config: Option<LogConfig>,
    #[serde(default)]
    memory: Option<i64>,
    #[serde(default)]
    memory_reservation: Option<i64>,
    #[serde(default)]
    memory_swap: Option<i64>,
    #[serde(default, rename = "NanoCpus")]
    nano_cpus: Option<i64>,
    #[serde(default)]
    cpu_quota: Option<i64>,
    #[serde(default)]
    cpu_period: Option<i64>,
    #[serde(default)]
    pids_limit: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RestartAnswer {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    maximum_retry_count: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct LogConfig {
    #[serde(default, rename = "Type")]
    driver: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    #[serde(default)]
    health: Option<HealthAnswer>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HealthAnswer {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    failing_streak: Option<i64>,
    #[serde(default)]
    log: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MountAnswer {
    #[serde(default, rename = "Type")]
    kind: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    destination: Option<String>,
    #[serde(default, rename = "RW")]
    writable: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkSettings {
    #[serde(default)]
    networks: Option<BTreeMap<String, NetworkAnswer>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkAnswer {
    #[serde(default, rename = "IPAddress")]
    ip: Option<String>,
    #[serde(default, rename = "GlobalIPv6Address")]
    ipv6: Option<String>,
    #[serde(default)]
    gateway: Option<String>,
}

impl DetailsAnswer {
    pub(crate) fn details(self) -> Details {
        let config = self.config.unwrap_or_default();
        let host = self.host_config.unwrap_or_default();
        let all = config.labels.unwrap_or_default();
        let labels_all = all.len();
        let shown = all.into_iter().filter(|(name, _)| shows_label(name));
        let mut omitted = 0;
        let labels = bounded(shown.collect(), &mut omitted);
        let networks = self.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
        Details {
            hostname: capped(config.hostname),
            user: capped(config.user),
            working_dir: capped(config.working_dir),
            platform: capped(self.platform),
            privileged: host.privileged.unwrap_or(false),
            read_only: host.readonly_rootfs.unwrap_or(false),
            network_mode: capped(host.network_mode.clone()),
            restart: restart(host.restart_policy.as_ref()),
            log_driver: capped(host.log_config.as_ref().and_then(|log| log.driver.clone())),
            limits: limits(&host),
            health: self.state.and_then(|state| state.health).and_then(health),
            mounts: bounded(self.mounts.unwrap_or_default(), &mut omitted).into_iter().map(mount).collect(),
            networks: bounded(networks.into_iter().collect(), &mut omitted)
                .into_iter()
                .map(network)
                .collect(),
            labels_hidden: labels_all - labels.len(),
            labels: labels.into_iter().map(|(name, value)| (name, capped(Some(value)))).collect(),
            environment: bounded(config.env.unwrap_or_default(), &mut omitted)
                .into_iter()
                .map(|entry| variable(&entry))
                .collect(),
            omitted,
        }
    }
}

fn shows_label(name: &str) -> bool {
    LABELS_SHOWN.iter().any(|beginning| name.starts_with(beginning))
}

fn bounded<T>(mut rows: Vec<T>, omitted: &mut usize) -> Vec<T> {
    *omitted += rows.len().saturating_sub(ROWS_MAX);
    rows.truncate(ROWS_MAX);
    rows
}

fn restart(policy: Option<&RestartAnswer>) -> RestartPolicy {
    let name = policy.and_then(|policy| policy.name.clone()).filter(|name| !name.is_empty());
    let retries = policy.and_then(|policy| policy.maximum_retry_count).unwrap_or(0);
    RestartPolicy {
        name: capped(Some(name.unwrap_or_else(|| "no".into()))),
        retries_max: retries.try_into().unwrap_or(0),
    }
}

/// Zero and less stand for "not limited" everywhere in Docker's answer.
fn limits(host: &HostConfig) -> Limits {
    let positive =
        |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok()).filter(|value| *value > 0);
    let quota = positive(host.cpu_quota).map(|quota| {
        // 100 ms is the kernel's period where none is given.
        quota as f64 / positive(host.cpu_period).unwrap_or(100_000) as f64
    });
    Limits {
        memory_bytes: positive(host.memory),
        memory_reserved_bytes: positive(host.memory_reservation),
        memory_swap_bytes: positive(host.memory_swap),
        cpu_cores: positive(host.nano_cpus).map(|nanos| nanos as f64 / 1e9).or(quota),
        processes: positive(host.pids_limit),
    }
}

fn health(answer: HealthAnswer) -> Option<HealthCheck> {
    let status = capped(answer.status);
    (!status.is_empty() && status != "none").then(|| HealthCheck {
        status,
        failing_streak: answer.failing_streak.and_then(|streak| streak.try_into().ok()).unwrap_or(0),
        results: answer.log.map_or(0, |log| log.len()),
    })
}

fn mount(answer: MountAnswer) -> Mount {
    let named = answer.name.filter(|name| !name.is_empty());
    Mount {
        kind: capped(answer.kind),
        source: capped(named.or(answer.source)),
        destination: capped(answer.destination),
        read_only: !answer.writable.unwrap_or(true),
    }
}

fn network((name, answer): (String, NetworkAnswer)) -> Network {
    Network {
        name: capped(Some(name)),
        ip: capped(answer.ip),
        ipv6: capped(answer.ipv6),
        gateway: capped(answer.gateway),
    }
}

fn variable(entry: &str) -> Variable {
    let (name, value) = entry.split_once('=').unwrap_or((entry, ""));
    let shown = (!is_secret(name, value)).then(|| capped(Some(value.to_owned())));
    Variable { name: capped(Some(name.to_owned())), value: shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(json: &str) -> Details {
        serde_json::from_str::<DetailsAnswer>(json).unwrap().details()
    }

    #[test]
    fn secrets_of_the_environment_never_leave_the_parser() {
        let found = details(
            r#"{"Config":{"Env":["LOG_LEVEL=debug","DB_PASSWORD=hunter2","DB=postgres://a:hunter2@db/x","EMPTY=","BARE"],
                "Labels":{"org.opencontainers.image.version":"1.2","secret.label":"hunter2"},
                "Cmd":["--password=hunter2"]},"State":{"Health":{"Status":"healthy","Log":[{"Output":"hunter2"}]}}}"#,
        );
        let shown = |name: &str| {
            let variable = found.environment.iter().find(|variable| variable.name == name).unwrap();
            variable.value.as_deref()
        };
        assert_eq!((shown("LOG_LEVEL"), shown("EMPTY"), shown("BARE")), (Some("debug"), Some(""), Some("")));
        assert_eq!((shown("DB_PASSWORD"), shown("DB")), (None, None));
        assert_eq!((found.labels.len(), found.labels_hidden), (1, 1));
        assert!(!format!("{found:?}").contains("hunter2"));
    }

    #[test]
    fn limits_mounts_and_the_restart_policy_are_read_and_zero_is_no_limit() {
        let found = details(
            r#"{"HostConfig":{"Memory":536870912,"NanoCpus":1500000000,"PidsLimit":0,"MemorySwap":-1,
                "RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3},"ReadonlyRootfs":true},
                "Mounts":[{"Type":"volume","Name":"data","Source":"/var/lib/docker/volumes/data/_data","Destination":"/data","RW":true},
                {"Type":"bind","Source":"/etc/app","Destination":"/etc/app","RW":false}],
                "NetworkSettings":{"Networks":{"shop_default":{"IPAddress":"172.18.0.2"}}}}"#,
        );
        assert_eq!((found.limits.memory_bytes, found.limits.cpu_cores), (Some(536_870_912), Some(1.5)));
        assert_eq!((found.limits.processes, found.limits.memory_swap_bytes), (None, None));
        assert_eq!((found.restart.name.as_str(), found.restart.retries_max), ("on-failure", 3));
        let mounts: Vec<_> =
            found.mounts.iter().map(|mount| (mount.source.as_str(), mount.read_only)).collect();
        assert_eq!(mounts, [("data", false), ("/etc/app", true)]);
        assert_eq!(found.networks[0].ip, "172.18.0.2");
        assert_eq!(details("{}").restart.name, "no");
    }

    #[test]
    fn a_list_without_end_is_cut_and_counted() {
        let env: Vec<_> = (0..ROWS_MAX + 3).map(|index| format!(r#""A{index}=x""#)).collect();
        let found = details(&format!(r#"{{"Config":{{"Env":[{}]}}}}"#, env.join(",")));
        assert_eq!((found.environment.len(), found.omitted), (ROWS_MAX, 3));
    }
}
