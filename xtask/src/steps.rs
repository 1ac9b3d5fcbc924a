//! Running a command as a step: its name is printed, its output shown, its time taken, its tests counted.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::counts::Counts;

/// The outcomes of the steps so far. A failed step does not end the run: one look should show all that is wrong.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Done>,
}

struct Done {
    name: String,
    took: Duration,
    counts: Counts,
    error: Option<String>,
}

impl Steps {
    /// Runs a command whose exit code is all that it says.
    pub(crate) fn step(&mut self, name: &str, command: &mut Command) {
        self.record(name, || run(command));
    }

    /// Runs a command that runs tests, and counts them from its output.
    pub(crate) fn tests(&mut self, name: &str, command: &mut Command) {
        self.counted(name, |counts| run_counting(command, counts));
    }

    /// Runs a part of xtask itself that runs tests.
    pub(crate) fn counted(&mut self, name: &str, part: impl FnOnce(&mut Counts) -> Result<()>) {
        let mut counts = Counts::default();
        self.record(name, || part(&mut counts));
        if let Some(last) = self.done.last_mut() {
            last.counts = counts;
        }
    }

    /// Runs a part of xtask itself.
    pub(crate) fn part(&mut self, name: &str, part: impl FnOnce() -> Result<()>) {
        self.record(name, part);
    }

    fn record(&mut self, name: &str, step: impl FnOnce() -> Result<()>) {
        heading(name);
        let started = Instant::now();
        let error = step().err().map(|error| format!("{error:#}"));
        if let Some(error) = &error {
            eprintln!("{name}: {error}");
        }
        let (name, took) = (name.to_owned(), started.elapsed());
        self.done.push(Done { name, took, counts: Counts::default(), error });
    }

    /// Prints how long each step took, what failed, and the sum of all tests as the last line. Ends the process with 1
    /// when a step failed, all together took longer than `limit`, or, unless `some_only`, a test was skipped.
    pub(crate) fn finish(self, limit: Option<Duration>, some_only: bool) {
        heading("Summary");
        let mut sum = Counts::default();
        let mut total = Duration::ZERO;
        let mut wrong = Vec::new();
        for done in &self.done {
            let verdict = if done.error.is_some() { "FAILED" } else { "ok" };
            println!("{:>7.1} s  {:<32} {verdict}", done.took.as_secs_f64(), done.name);
            sum.add(done.counts);
            total += done.took;
            wrong.extend(done.error.as_ref().map(|_| done.name.clone()));
        }
        println!("{:>7.1} s  in all", total.as_secs_f64());
        if let Some(limit) = limit.filter(|limit| total > *limit) {
            wrong.push(format!("longer than {} minutes", limit.as_secs() / 60));
        }
        if sum.skipped > 0 && !some_only {
            wrong.push("skipped tests".to_owned());
        }
        if !wrong.is_empty() {
            println!("not well: {}", wrong.join(", "));
        }
        println!("{sum}");
        if !wrong.is_empty() {
            std::process::exit(1);
        }
    }
}

fn heading(name: &str) {
    println!("\n── {name}");
}

/// Runs a command to its end.
///
/// # Errors
/// When it can't be started or exits with anything but 0.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("start {line}"))?;
    if !status.success() {
        bail!("{line}: {status}");
    }
    Ok(())
}

/// Runs a command to its end, showing its output and counting the tests in it.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_counting(command: &mut Command, counts: &mut Counts) -> Result<()> {
    let line = describe(command);
    let mut child = command
        // Counts are read from it, and escape sequences would stand between them.
        .env("NO_COLOR", "1")
        .env_remove("FORCE_COLOR")
        .env("CARGO_TERM_COLOR", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("start {line}"))?;
    let output = BufReader::new(child.stdout.take().expect("stdout was asked to be a pipe"));
    for text in output.split(b'\n') {
        let text = text.context("read a command's output")?;
        let text = String::from_utf8_lossy(&text);
        counts.read(&text);
        println!("{text}");
    }
    std::io::stdout().flush().context("write to the terminal")?;
    let status = child.wait().with_context(|| format!("wait for {line}"))?;
    if !status.success() {
        bail!("{line}: {status}");
    }
    Ok(())
}

fn describe(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy()));
    words.join(" ")
}

/// `command("npm", ["ci"])`.
pub(crate) fn command<const N: usize>(program: &str, args: [&str; N]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}
