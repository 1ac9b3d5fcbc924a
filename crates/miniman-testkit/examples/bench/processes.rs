//! What a process has used, from /proc.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use miniman_testkit::MiniMan;

/// `CONFIG_HZ` as user space sees it: 100 on every Linux that matters here.
const TICKS_PER_SECOND: u64 = 100;

/// CPU time of a process and its threads so far.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("read a process' CPU time")?;
    let fields: Vec<&str> = stat.rsplit_once(") ").context("read stat")?.1.split(' ').collect();
    // utime and stime are the 14th and 15th fields; the state, here the first, is the third.
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

/// The most memory that MiniMan has held at once, in MB.
pub(crate) fn peak_memory_mb(miniman: &MiniMan) -> Result<f64> {
    let kib = u32::try_from(miniman.memory_kb("VmHWM")?).context("more than 4 TiB")?;
    Ok(f64::from(kib) * 1_024.0 / 1e6)
}

/// A stretch of time over which CPU is compared.
pub(crate) struct Meter {
    pid: u32,
    started: Instant,
    cpu: Duration,
}

impl Meter {
    pub(crate) fn start(pid: u32) -> Result<Meter> {
        Ok(Meter { pid, started: Instant::now(), cpu: cpu(pid)? })
    }

    /// Percent of one core since the start.
    pub(crate) fn percent(&self) -> Result<f64> {
        let used = cpu(self.pid)?.saturating_sub(self.cpu);
        Ok(used.as_secs_f64() / self.started.elapsed().as_secs_f64() * 100.0)
    }
}
