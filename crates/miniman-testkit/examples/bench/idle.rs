//! A thousand containers that run and say nothing: what MiniMan costs beside them, and how soon it serves.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use miniman_testkit::{MiniMan, PrivateDocker, RunSpec, wait_for};
use serde_json::Value;

use crate::processes::{Meter, peak_memory_mb};
use crate::report::Section;
use crate::server::joined;

const CONTAINERS: usize = 1_000;
/// Starting containers is bounded by the daemon.
const STARTERS: usize = 4;
const STRETCH: Duration = Duration::from_secs(20);
const SETTLE: Duration = Duration::from_secs(120);

pub(crate) fn run(docker: &PrivateDocker, binary: &Path) -> Result<Section> {
    start_all(docker)?;
    let mut server = MiniMan::start(binary, docker)?;
    wait_for("all containers to be listed", SETTLE, || all_listed(&server).ok()?.then_some(()))?;
    let meter = Meter::start(server.pid()?)?;
    crate::live::pass(STRETCH);
    let percent = meter.percent()?;
    let memory = server.memory_kb("VmRSS")? as f64 * 1_024.0 / 1e6;
    let mut section = Section::new("1,000 running containers that say nothing");
    section.note(&format!(
        "MiniMan: {percent:.2} % of a core, {memory:.0} MB resident, {:.0} MB at most",
        peak_memory_mb(&server)?
    ));
    server.stop()?;
    let started = Instant::now();
    server.start_again()?;
    ensure!(server.get("/readyz")?.status == 200, "not ready");
    let ready = started.elapsed();
    wait_for("all containers to be listed", SETTLE, || all_listed(&server).ok()?.then_some(()))?;
    section.note(&format!(
        "started in {:.2} s, all containers listed after {:.2} s",
        ready.as_secs_f64(),
        started.elapsed().as_secs_f64()
    ));
    Ok(section)
}

fn start_all(docker: &PrivateDocker) -> Result<()> {
    std::thread::scope(|scope| {
        let starters: Vec<_> = (0..STARTERS)
            .map(|starter| {
                scope.spawn(move || -> Result<()> {
                    for n in (starter..CONTAINERS).step_by(STARTERS) {
                        docker.run(&RunSpec::sh(&format!("idle-{n}"), "echo ready; exec sleep 100000"))?;
                    }
                    Ok(())
                })
            })
            .collect();
        starters.into_iter().try_for_each(|starter| joined(starter.join()))
    })
}

/// Whether each has its line.
fn all_listed(server: &MiniMan) -> Result<bool> {
    let answer = server.get("/api/v1/containers")?.json()?;
    let containers = answer["containers"].as_array().context("read the list")?;
    let ready = |container: &&Value| container["log"]["records"] == 1;
    Ok(containers.iter().filter(ready).count() == CONTAINERS)
}
