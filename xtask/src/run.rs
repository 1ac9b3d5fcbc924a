//! `run` and `demo`: page, binary, engine, and then MiniMan in this process' place. `bench`, `chaos` and `flood` share how they build.
//!
//! xtask ends by becoming MiniMan (`exec`), so that Ctrl-C, signals and exit codes are MiniMan's own. The sample
//! engine's reaper waits for the same process, and removes the engine when it ended, however that was.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use miniman_testkit::{PrivateDocker, sample};

use crate::e2e;
use crate::install;
use crate::steps::{command, run as run_command};
use crate::suite;
use crate::web;

/// The demo's admin; it sees nothing but sample containers, and only on this machine unless told otherwise.
const DEMO_USERNAME: &str = "admin";
const DEMO_PASSWORD: &str = "miniman-demo";

/// Starts MiniMan on the engine that the Docker CLI would use, else on a sample engine.
///
/// # Errors
/// When something does not build, or no engine answers and none can be started here.
pub(crate) fn run(release: bool, sample: bool, args: &[String]) -> Result<()> {
    let mut miniman = Command::new(build(release)?);
    miniman.args(args);
    if !sample && engine_answers(&miniman)? {
        return Err(miniman.exec()).context("start miniman");
    }
    if !sample {
        println!(
            "No Docker engine answers (tried: see above). Starting a sample engine with example containers."
        );
    }
    on_sample_engine(miniman, None)
}

/// Starts MiniMan on a sample engine, with an admin whose password everybody knows.
///
/// # Errors
/// When something does not build, or the engine does not start.
pub(crate) fn demo(release: bool, args: &[String]) -> Result<()> {
    let mut miniman = Command::new(build(release)?);
    miniman.args(args);
    println!("Log in as {DEMO_USERNAME} with the password {DEMO_PASSWORD}.");
    on_sample_engine(miniman, Some((DEMO_USERNAME, DEMO_PASSWORD)))
}

/// Measures MiniMan beside `docker logs`; the example `bench` of miniman-testkit does.
///
/// # Errors
/// When something does not build, or a measurement breaks off.
pub(crate) fn bench() -> Result<()> {
    install::install(&install::ENGINE)?;
    let miniman = build(true)?;
    let mut bench = command(
        "cargo",
        ["run", "--quiet", "--release", "--package", "miniman-testkit", "--example", "bench", "--"],
    );
    run_command(bench.arg(miniman))
}

/// Measures the page in Chromium, on a release build and a daemon of its own.
///
/// # Errors
/// When something does not build, or a measurement breaks off.
pub(crate) fn bench_page() -> Result<()> {
    install::install(install::ENGINE.iter().chain(&install::BROWSER_AND_CLIENTS))?;
    e2e::Stage::start(&build(true)?)?.run("bench", &[])
}

/// Takes pictures of the page into `folder`.
///
/// # Errors
/// When something does not build, or a page does not come to look as it should.
pub(crate) fn screenshots(folder: &Path) -> Result<()> {
    install::install(install::ENGINE.iter().chain(&install::BROWSER_AND_CLIENTS))?;
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let folder = folder.canonicalize().with_context(|| format!("find {}", folder.display()))?;
    e2e::Stage::start(&build(false)?)?.run("screens", &[("MINIMAN_SCREENSHOTS", folder.as_os_str())])?;
    println!("The pictures are in {}.", folder.display());
    Ok(())
}

/// Breaks things around MiniMan; the example `chaos` of miniman-testkit does.
///
/// # Errors
/// When something does not build, or a line is neither stored nor reported.
pub(crate) fn chaos(scenarios: &[String], seed: Option<u64>) -> Result<()> {
    install::install(&install::ENGINE)?;
    suite::install_clients()?;
    let miniman = build(true)?;
    let mut chaos = command(
        "cargo",
        ["run", "--quiet", "--release", "--package", "miniman-testkit", "--example", "chaos", "--"],
    );
    chaos.arg(miniman).args(scenarios);
    if let Some(seed) = seed {
        chaos.arg("--seed").arg(seed.to_string());
    }
    run_command(&mut chaos)
}

/// Floods MiniMan; the example `flood` of miniman-testkit does.
///
/// # Errors
/// When something does not build, or somebody healthy waited too long.
pub(crate) fn flood(scenarios: &[String]) -> Result<()> {
    let miniman = build(true)?;
    let mut flood = command(
        "cargo",
        ["run", "--quiet", "--release", "--package", "miniman-testkit", "--example", "flood", "--"],
    );
    run_command(flood.arg(miniman).args(scenarios))
}

/// Builds what is not up to date, and gives the binary's path.
fn build(release: bool) -> Result<PathBuf> {
    web::build_if_changed()?;
    println!("building miniman (the first time takes some minutes)");
    let mut cargo = command("cargo", ["build", "--quiet", "--package", "miniman"]);
    cargo.args(release.then_some("--release"));
    run_command(&mut cargo)?;
    binary(release)
}

/// Where Cargo puts the binary.
///
/// # Errors
/// When the system does not say where this program lies.
pub(crate) fn binary(release: bool) -> Result<PathBuf> {
    // xtask lies in <target>/debug, wherever the user put <target>.
    let xtask = std::env::current_exe().context("find target directory")?;
    let debug = xtask.parent().context("find target directory")?;
    Ok(if release { debug.with_file_name("release") } else { debug.to_owned() }.join("miniman"))
}

/// Asks miniman itself, which looks where the Docker CLI does; what it tried is on standard error.
fn engine_answers(miniman: &Command) -> Result<bool> {
    let mut check = Command::new(miniman.get_program());
    check.arg("engine").args(miniman.get_args()).stdin(Stdio::null());
    Ok(check.status().context("start miniman engine")?.success())
}

fn on_sample_engine(mut miniman: Command, admin: Option<(&str, &str)>) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!(
            "the sample engine needs Linux; start Docker (for example Docker Desktop), then run this again"
        );
    }
    install::install(&install::ENGINE)?;
    let docker = PrivateDocker::start()?;
    sample::start_stacks(&docker)?;
    // Beside the daemon, so that it goes with the containers that it is about.
    miniman.arg("--docker-host").arg(docker.host()).arg("--data-dir").arg(docker.dir().join("miniman"));
    if let Some((username, password)) = admin {
        let file = docker.dir().join("password");
        std::fs::write(&file, password).context("write the demo's password")?;
        miniman.env("MINIMAN_ADMIN_USERNAME", username).env("MINIMAN_ADMIN_PASSWORD_FILE", file);
    }
    println!("The sample engine is {}; it is removed when MiniMan ends.", docker.host());
    docker.outlive_exec()?;
    Err(miniman.exec()).context("start miniman")
}
