//! Following live lines: latency at the reader, and what it costs MiniMan and dockerd.
//!
//! One container writes steadily. Three stretches, one after the other: nobody reads; `docker logs -f` reads; MiniMan
//! reads its files and viewers follow it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use miniman_testkit::{MiniMan, PrivateDocker, RunSpec};

use crate::numbers::{Seen, now_ns};
use crate::processes::{Meter, peak_memory_mb};
use crate::report::Section;
use crate::server::{daemon_pid, joined};
use crate::socket::Viewer;

/// Long enough for 10,000 lines at the lowest rate, so that a p99 rests on a hundred.
const STRETCH: Duration = Duration::from_secs(10);
/// Readers connect and history is read before a stretch counts.
const SETTLE: Duration = Duration::from_secs(2);
const LINE_BYTES: usize = 120;

pub(crate) fn run(docker: &PrivateDocker, binary: &Path, rate: u64, viewers: usize) -> Result<Section> {
    let name = format!("writer-{rate}-{viewers}");
    docker.run(&RunSpec::numbered(&name, u64::MAX, rate, LINE_BYTES))?;
    pass(SETTLE);
    let dockerd = daemon_pid(docker)?;

    let meter = Meter::start(dockerd)?;
    pass(STRETCH);
    let idle_dockerd = meter.percent()?;

    let (mut by_docker, docker_dockerd) = follow_with_docker(docker, &name, viewers, dockerd)?;

    let server = MiniMan::start(binary, docker)?;
    server.wait_for_records(&name, 1, Duration::from_secs(60))?;
    let (mut by_miniman, miniman_dockerd, miniman) = follow_with_miniman(&server, &name, viewers, dockerd)?;
    let memory = peak_memory_mb(&server)?;
    drop(server);
    docker.docker(&["rm", "--force", &name])?;

    let title = match viewers {
        1 => format!("{rate} lines a second, 1 viewer"),
        _ => format!("{rate} lines a second, {viewers} viewers"),
    };
    let mut section = Section::new(&title);
    section.row("latency p50, ms", by_docker.quantile_ms(0.5), by_miniman.quantile_ms(0.5));
    section.row("latency p99, ms", by_docker.quantile_ms(0.99), by_miniman.quantile_ms(0.99));
    section.row("dockerd, % of a core", docker_dockerd, miniman_dockerd);
    section.note(&format!("dockerd without any reader: {idle_dockerd:.1} %"));
    section.note(&format!("MiniMan: {miniman:.1} % of a core, {memory:.0} MB at most"));
    section.note(&format!(
        "lines missing or doubled: docker logs {} of {}, MiniMan {} of {}",
        by_docker.wrong,
        by_docker.lines(),
        by_miniman.wrong,
        by_miniman.lines()
    ));
    Ok(section)
}

fn follow_with_docker(
    docker: &PrivateDocker,
    name: &str,
    viewers: usize,
    dockerd: u32,
) -> Result<(Seen, f64)> {
    let mut children = Vec::new();
    for _ in 0..viewers {
        let mut command = docker.command(&["logs", "--follow", "--tail=0", name]);
        children.push(command.stdout(Stdio::piped()).spawn().context("start docker logs")?);
    }
    pass(SETTLE);
    let meter = Meter::start(dockerd)?;
    let outputs: Vec<_> = children.iter_mut().filter_map(|child| child.stdout.take()).collect();
    let seen = thread::scope(|scope| {
        let readers: Vec<_> = outputs.into_iter().map(|output| scope.spawn(|| read_lines(output))).collect();
        pass(STRETCH);
        let percent = meter.percent();
        children.iter_mut().try_for_each(std::process::Child::kill)?;
        let mut all = Seen::default();
        for reader in readers {
            all.merge(joined(reader.join())?);
        }
        Ok::<_, anyhow::Error>((all, percent?))
    })?;
    for mut child in children {
        child.wait()?;
    }
    Ok(seen)
}

/// Lines that waited in the pipe while nobody measured are not counted.
fn read_lines(output: impl std::io::Read) -> Result<Seen> {
    let mut reader = BufReader::with_capacity(256 * 1024, output);
    let (mut seen, mut line) = (Seen::default(), String::new());
    let started = now_ns();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || !line.ends_with('\n') {
            return Ok(seen);
        }
        let written = line.split(' ').nth(1).and_then(|ns| ns.parse::<u64>().ok());
        if written.is_some_and(|written| written >= started) {
            seen.line(line.trim_end(), now_ns());
        }
    }
}

fn follow_with_miniman(
    server: &MiniMan,
    name: &str,
    viewers: usize,
    dockerd: u32,
) -> Result<(Seen, f64, f64)> {
    let ended = AtomicBool::new(false);
    let viewers = (0..viewers).map(|_| Viewer::connect(server, name)).collect::<Result<Vec<_>>>()?;
    thread::scope(|scope| {
        let readers: Vec<_> = viewers.into_iter().map(|viewer| scope.spawn(|| viewer.read(&ended))).collect();
        let (dockerd, miniman) = (Meter::start(dockerd)?, Meter::start(server.pid()?)?);
        pass(STRETCH);
        let percents = (dockerd.percent(), miniman.percent());
        ended.store(true, Ordering::Relaxed);
        let mut all = Seen::default();
        for reader in readers {
            all.merge(joined(reader.join())?);
        }
        Ok((all, percents.0?, percents.1?))
    })
}

/// Lets time pass: here it is what is measured.
pub(crate) fn pass(time: Duration) {
    let started = std::time::Instant::now();
    while let Some(left) = time.checked_sub(started.elapsed()) {
        thread::park_timeout(left);
    }
}
