//! Millions of mixed lines: reading them in, what they take, and finding things in them; beside `grep` on the plain file
//! and `docker logs | grep`.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use miniman_testkit::{MiniMan, PrivateDocker, RunSpec};
use serde_json::Value;

use crate::mixed;
use crate::processes::{cpu, peak_memory_mb};
use crate::report::Section;
use crate::server::count_answer_lines;

/// 10M lines are read in within a minute on a busy machine.
pub(crate) const READ_IN: Duration = Duration::from_secs(300);
const MILLION: u64 = 1_000_000;

pub(crate) fn run(docker: &PrivateDocker, binary: &Path, lines: u64) -> Result<Section> {
    let name = format!("mixed-{}M", lines / MILLION);
    docker.run(&RunSpec::mixed(&name, lines))?;
    docker.wait(&name)?;
    let word = rare_word(lines / 2);
    let mut section = Section::new(&format!("{} million mixed lines, stored", lines / MILLION));

    let mut miniman = MiniMan::start(binary, docker)?;
    read_in(&miniman, &name, lines, &mut section)?;
    let plain = docker.dir().join("plain");
    let by_docker = seconds(|| piped(docker, &name, &word))?;
    write_plain(docker, &name, &plain)?;
    grep(&plain, &word)?;
    let by_grep = seconds(|| grep(&plain, &word))?;
    std::fs::remove_file(&plain)?;
    docker.docker(&["rm", &name])?;

    let logs = format!("/api/v1/logs?container={name}");
    // Each by a process that has read nothing yet.
    let mut cold = |path: &str| -> Result<(f64, Value)> {
        miniman.stop()?;
        miniman.start_again()?;
        // A view is complete once the engine has said what there is; that is waited for, and no part of reading.
        miniman.wait_for_engine()?;
        let started = Instant::now();
        let answer = miniman.get(path)?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        ensure!(answer.status == 200, "{path}: {}", answer.text());
        Ok((ms, answer.json()?))
    };
    let found = |answer: &Value| answer["records"].as_array().map_or(0, Vec::len);

    let (ms, answer) = cold(&format!("{logs}&query={word}&format=json"))?;
    ensure!(found(&answer) == 1, "{word} was found {} times: {answer}", found(&answer));
    section.row("rare word, ms", by_docker * 1e3, ms);
    section.note(&format!("grep -c on the plain file: {:.0} ms", by_grep * 1e3));
    let (ms, _) = cold(&format!("{logs}&query={}&format=json", &word[..6]))?;
    section.note(&format!("rare word of 6 characters: {ms:.0} ms"));
    let (ms, answer) = cold(&format!("{logs}&query=request&order=desc&limit=50&format=json"))?;
    section.note(&format!("common word, newest 50: {ms:.1} ms for {}", found(&answer)));
    let regexes = [("regex", "/took_ms%22:10%5B0-9%5D%5B0-9%5D,/"), ("open regex", OPEN_REGEX)];
    for (what, regex) in regexes {
        let (ms, answer) = cold(&format!("{logs}&query={regex}&limit=100000&format=json"))?;
        section.note(&format!("{what}: {ms:.0} ms for {}", found(&answer)));
    }
    let (ms, answer) = cold(&format!("/api/v1/logs/histogram?container={name}"))?;
    section.note(&format!(
        "histogram: {ms:.1} ms for {} buckets",
        answer["buckets"].as_array().map_or(0, Vec::len)
    ));
    let (ms, _) = cold(&format!("{logs}&tail=100&format=json"))?;
    section.note(&format!("first page at the end: {ms:.1} ms"));

    let mut export = |what: &str, path: &str| -> Result<()> {
        miniman.stop()?;
        miniman.start_again()?;
        let started = Instant::now();
        let exported = count_answer_lines(&miniman, path, "text/plain")?;
        let took = started.elapsed();
        ensure!(exported == lines, "{exported} lines instead of {lines}");
        let memory = peak_memory_mb(&miniman)?;
        section.note(&format!("{what}: {:.2} s, {memory:.0} MB of memory at most", took.as_secs_f64()));
        Ok(())
    };
    export("all as text", &logs)?;
    section.note(&start(&mut miniman)?);
    Ok(section)
}

fn read_in(miniman: &MiniMan, name: &str, lines: u64, section: &mut Section) -> Result<()> {
    let started = Instant::now();
    let before = cpu(miniman.pid()?)?;
    miniman.wait_for_records(name, lines, READ_IN)?;
    let (wall, used) = (started.elapsed(), cpu(miniman.pid()?)?.saturating_sub(before));
    section.note(&format!(
        "read in at {:.0} lines/s by wall clock, {:.0} lines/s a core",
        per_second(lines, wall),
        per_second(lines, used)
    ));
    let log = &miniman.container(name)?["log"];
    let (raw, stored) = (figure(log, "bytes")? + lines as f64, figure(log, "stored_bytes")?);
    section.note(&format!(
        "stored at {:.3} of {:.0} bytes a line, filters and times included; {:.0} MB of memory at most",
        stored / raw,
        raw / lines as f64,
        peak_memory_mb(miniman)?
    ));
    Ok(())
}

const OPEN_REGEX: &str =
    "/%5B0-9%5D%7B2%7D:%5B0-9%5D%7B2%7D:%5B0-9%5D%7B2%7D,%5B0-9%5D%2B%20%2B%5BA-Z%5D%2B%20.*of%205/";

/// From the start of the process to its first answer.
fn start(miniman: &mut MiniMan) -> Result<String> {
    miniman.stop()?;
    let started = Instant::now();
    miniman.start_again()?;
    ensure!(miniman.get("/readyz")?.status == 200, "not ready");
    Ok(format!("started in {:.2} s", started.elapsed().as_secs_f64()))
}

/// The id of the first line from `n` on that has one.
fn rare_word(mut n: u64) -> String {
    while mixed::push_line(n, &mut Vec::new()) == mixed::Kind::Access {
        n += 1;
    }
    format!("{:016x}", mixed::request_id(n))
}

fn figure(value: &Value, key: &str) -> Result<f64> {
    value[key].as_f64().with_context(|| format!("read {key}"))
}

fn per_second(lines: u64, time: Duration) -> f64 {
    lines as f64 / time.as_secs_f64()
}

fn seconds(mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed().as_secs_f64())
}

fn grep(plain: &Path, word: &str) -> Result<()> {
    expect_one(Command::new("grep").args(["-c", word]).arg(plain))
}

fn piped(docker: &PrivateDocker, name: &str, word: &str) -> Result<()> {
    let mut logs = docker.command(&["logs", name]).stdout(Stdio::piped()).spawn()?;
    let output = logs.stdout.take().context("read docker logs")?;
    expect_one(Command::new("grep").args(["-c", word]).stdin(output))?;
    ensure!(logs.wait()?.success(), "docker logs failed");
    Ok(())
}

fn expect_one(grep: &mut Command) -> Result<()> {
    let output = grep.output().context("run grep")?;
    ensure!(output.stdout == b"1\n", "grep counts {}", String::from_utf8_lossy(&output.stdout).trim());
    Ok(())
}

fn write_plain(docker: &PrivateDocker, name: &str, plain: &Path) -> Result<()> {
    let status = docker.command(&["logs", name]).stdout(File::create(plain)?).status()?;
    ensure!(status.success(), "docker logs failed");
    Ok(())
}
