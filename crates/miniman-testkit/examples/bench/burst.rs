//! A burst at the daemon's full speed: whether MiniMan keeps up, and for how much of a core.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use miniman_testkit::{MiniMan, PrivateDocker, RunSpec};

use crate::processes::{Meter, peak_memory_mb};
use crate::report::Section;

const LINES: u64 = 2_000_000;

pub(crate) fn run(docker: &PrivateDocker, binary: &Path) -> Result<Section> {
    let name = "burst";
    let server = MiniMan::start(binary, docker)?;
    let meter = Meter::start(server.pid()?)?;
    let started = Instant::now();
    docker.run(&RunSpec::mixed(name, LINES))?;
    docker.wait(name)?;
    let writing = started.elapsed();
    let percent = meter.percent()?;
    server.wait_for_records(name, LINES, Duration::from_secs(120))?;
    let behind = started.elapsed().saturating_sub(writing);
    let mut section = Section::new("2 million mixed lines at the daemon's full speed");
    section.note(&format!(
        "written at {:.0} lines/s; all stored {:.2} s after the last",
        LINES as f64 / writing.as_secs_f64(),
        behind.as_secs_f64()
    ));
    section.note(&format!("MiniMan: {percent:.1} % of a core, {:.0} MB at most", peak_memory_mb(&server)?));
    drop(server);
    docker.docker(&["rm", name])?;
    Ok(section)
}
