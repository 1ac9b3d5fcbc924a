//! What a container uses: one reading, and the difference of two.

use miniman_log::Timestamp;
use serde::Deserialize;

/// What the engine counted for a container up to one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub read: Timestamp,
    /// Processor time that its processes took since it started, all cores together.
    pub cpu_nanos: u64,
    /// Without the page cache that the kernel would give up at once.
    pub memory_bytes: u64,
    /// `None`: as much as the machine has.
    pub memory_limit_bytes: Option<u64>,
    /// `None`: it has no network of its own.
    pub network: Option<NetworkBytes>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkBytes {
    pub received: u64,
    pub sent: u64,
}

/// What a container did between two readings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UsageRates {
    /// 1.0 is one core.
    pub cpu_cores: f64,
    pub received_per_sec: Option<f64>,
    pub sent_per_sec: Option<f64>,
}

impl Usage {
    /// Since an earlier reading; `None` when it is not earlier, or the container started anew in between.
    pub fn since(&self, earlier: &Self) -> Option<UsageRates> {
        let nanos = self.read.0.checked_sub(earlier.read.0).filter(|nanos| *nanos > 0)? as f64;
        let cpu = self.cpu_nanos.checked_sub(earlier.cpu_nanos)? as f64 / nanos;
        let per_sec = |of: fn(NetworkBytes) -> u64| {
            let bytes = of(self.network?).checked_sub(of(earlier.network?))?;
            Some(bytes as f64 * 1e9 / nanos)
        };
        Some(UsageRates {
            cpu_cores: cpu,
            received_per_sec: per_sec(|network| network.received),
            sent_per_sec: per_sec(|network| network.sent),
        })
    }
}

/// The fields of `GET /containers/{id}/stats` that are read.
#[derive(Debug, Deserialize)]
pub(crate) struct StatsAnswer {
    #[serde(default)]
    read: Option<String>,
    #[serde(default)]
    cpu_stats: Option<CpuStats>,
    #[serde(default)]
    memory_stats: Option<MemoryStats>,
    #[serde(default)]
    networks: Option<std::collections::HashMap<String, NetworkStats>>,
}

#[derive(Debug, Deserialize)]
struct CpuStats {
    #[serde(default)]
    cpu_usage: Option<CpuUsage>,
}

#[derive(Debug, Deserialize)]
struct CpuUsage {
    #[serde(default)]
    total_usage: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct MemoryStats {
    #[serde(default)]
    usage: Option<u64>,
    #[serde(default)]
    limit: Option<u64>,
    #[serde(default)]
    stats: Option<MemoryParts>,
}

#[derive(Debug, Default, Deserialize)]
struct MemoryParts {
    /// cgroups of version 2, then of version 1.
    #[serde(default)]
    inactive_file: Option<u64>,
    #[serde(default)]
    total_inactive_file: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct NetworkStats {
    #[serde(default)]
    rx_bytes: u64,
    #[serde(default)]
    tx_bytes: u64,
}

impl StatsAnswer {
    /// `None` for a container that does not run: the engine answers with zeros and no time.
    pub(crate) fn usage(self) -> Option<Usage> {
        let read = Timestamp::parse(self.read?.as_bytes()).filter(|read| read.0 > 0)?;
        let cpu_nanos = self.cpu_stats?.cpu_usage?.total_usage?;
        let memory = self.memory_stats?;
        let parts = memory.stats.unwrap_or_default();
        let cache = parts.total_inactive_file.or(parts.inactive_file).unwrap_or(0);
        let networks = self.networks.filter(|networks| !networks.is_empty());
        Some(Usage {
            read,
            cpu_nanos,
            memory_bytes: memory.usage?.saturating_sub(cache),
            memory_limit_bytes: memory.limit.filter(|limit| *limit > 0),
            network: networks.map(|networks| NetworkBytes {
                received: networks.values().fold(0, |sum, one| sum.saturating_add(one.rx_bytes)),
                sent: networks.values().fold(0, |sum, one| sum.saturating_add(one.tx_bytes)),
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(json: &str) -> Option<Usage> {
        serde_json::from_str::<StatsAnswer>(json).unwrap().usage()
    }

    const RUNNING: &str = r#"{"read":"2026-11-21T14:02:07.5Z","cpu_stats":{"cpu_usage":{"total_usage":4000000000}},
        "memory_stats":{"usage":900,"limit":4096,"stats":{"inactive_file":200}},
        "networks":{"eth0":{"rx_bytes":10,"tx_bytes":1},"eth1":{"rx_bytes":20,"tx_bytes":2}}}"#;

    #[test]
    fn a_reading_leaves_the_page_cache_out_and_adds_all_networks() {
        let read = usage(RUNNING).unwrap();
        assert_eq!((read.memory_bytes, read.memory_limit_bytes), (700, Some(4096)));
        assert_eq!(read.network, Some(NetworkBytes { received: 30, sent: 3 }));
    }

    #[test]
    fn what_does_not_run_has_no_reading() {
        let stopped = r#"{"read":"0001-01-01T00:00:00Z","cpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{}}"#;
        assert_eq!(usage(stopped), None);
        assert_eq!(usage("{}"), None);
    }

    #[test]
    fn two_readings_give_rates_and_a_restart_between_gives_none() {
        let first = usage(RUNNING).unwrap();
        let second = Usage {
            read: Timestamp(first.read.0 + 2_000_000_000),
            cpu_nanos: first.cpu_nanos + 1_000_000_000,
            network: Some(NetworkBytes { received: 2_030, sent: 3 }),
            ..first
        };
        let rates = second.since(&first).unwrap();
        assert_eq!(
            (rates.cpu_cores, rates.received_per_sec, rates.sent_per_sec),
            (0.5, Some(1_000.0), Some(0.0))
        );
        assert_eq!(first.since(&first), None);
        let anew = Usage { cpu_nanos: 5, ..second };
        assert_eq!(anew.since(&first), None);
    }
}
