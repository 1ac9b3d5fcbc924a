//! Reading a million stored lines: as text and as NDJSON, beside `docker logs`.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use miniman_testkit::{MiniMan, PrivateDocker, RunSpec};

use crate::processes::peak_memory_mb;
use crate::report::Section;
use crate::server::{count_answer_lines, count_lines};

const LINES: u64 = 1_000_000;
const LINE_BYTES: usize = 172;
/// The best of these counts: a page cache that is still being filled is not what is compared.
const TRIES: usize = 3;

pub(crate) fn run(docker: &PrivateDocker, binary: &Path) -> Result<Section> {
    let name = "history";
    docker.run(&RunSpec::numbered(name, LINES, 0, LINE_BYTES))?;
    docker.wait(name)?;
    let by_docker = best(|| read_with_docker(docker, name))?;

    let miniman = MiniMan::start(binary, docker)?;
    let started = Instant::now();
    miniman.wait_for_records(name, LINES, Duration::from_secs(120))?;
    let storing = started.elapsed().as_secs_f64();
    let read_in = peak_memory_mb(&miniman)?;
    let path = format!("/api/v1/logs?container={name}");
    let text = best(|| count_answer_lines(&miniman, &path, "text/plain"))?;
    let ndjson = best(|| count_answer_lines(&miniman, &path, "application/x-ndjson"))?;
    let memory = peak_memory_mb(&miniman)?;
    drop(miniman);
    docker.docker(&["rm", "--force", name])?;

    let mut section = Section::new("history of 1,000,000 lines");
    section.row("as text, s", by_docker, text);
    section.row("as NDJSON, s", by_docker, ndjson);
    section.note(&format!(
        "stored in {storing:.1} s after the start; {read_in:.0} MB at most, {memory:.0} MB with reading"
    ));
    Ok(section)
}

fn best(mut read: impl FnMut() -> Result<u64>) -> Result<f64> {
    let mut shortest = f64::INFINITY;
    for _ in 0..TRIES {
        let started = Instant::now();
        let lines = read()?;
        shortest = shortest.min(started.elapsed().as_secs_f64());
        ensure!(lines == LINES, "{lines} lines instead of {LINES}");
    }
    Ok(shortest)
}

fn read_with_docker(docker: &PrivateDocker, name: &str) -> Result<u64> {
    let mut child = docker.command(&["logs", name]).stdout(Stdio::piped()).spawn()?;
    let lines = count_lines(child.stdout.take().context("read docker logs")?)?;
    child.wait()?;
    Ok(lines)
}
