//! A thousand containers that run and say nothing: what MiniMan costs beside them, and how soon it serves; alone, and
//! with ten million lines stored.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use miniman_testkit::{MiniMan, PrivateDocker, RunSpec, wait_for};
use serde_json::Value;

use crate::processes::{Meter, peak_memory_mb};
use crate::report::Section;
use crate::server::joined;
use crate::stored::READ_IN;

const CONTAINERS: usize = 1_000;
/// Starting containers is bounded by the daemon.
const STARTERS: usize = 4;
const STRETCH: Duration = Duration::from_secs(20);
const SETTLE: Duration = Duration::from_secs(120);
const STORED: u64 = 10_000_000;
const STORED_NAME: &str = "stored-10M";

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
    section.note(&start(&mut server)?);
    docker.run(&RunSpec::mixed(STORED_NAME, STORED))?;
    docker.wait(STORED_NAME)?;
    server.wait_for_records(STORED_NAME, STORED, READ_IN)?;
    section.note(&format!(
        "with {} million lines stored beside them: {}",
        STORED / 1_000_000,
        start(&mut server)?
    ));
    Ok(section)
}

/// From the start of the process to its first answer, and to the whole list.
fn start(server: &mut MiniMan) -> Result<String> {
    server.stop()?;
    let started = Instant::now();
    server.start_again()?;
    ensure!(server.get("/readyz")?.status == 200, "not ready");
    let ready = started.elapsed();
    wait_for("all containers to be listed", SETTLE, || all_listed(server).ok()?.then_some(()))?;
    let listed = started.elapsed();
    Ok(format!("started in {:.2} s, all listed after {:.2} s", ready.as_secs_f64(), listed.as_secs_f64()))
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
