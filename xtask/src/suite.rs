//! `test` and `ci`: the whole suite, in the order in which it tells most soonest.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use miniman_testkit::docker::find_program;

use crate::advisories;
use crate::e2e;
use crate::image;
use crate::install;
use crate::steps::{Steps, command, run};
use crate::web::{self, npm};

/// CI's own limit, from an empty cache on two cores.
pub(crate) const CI_LIMIT: Duration = Duration::from_secs(40 * 60);

/// The official Socket.IO clients that the suite runs.
const CLIENTS: &str = "crates/miniman-testkit/clients";

/// Everything; ends the process with 1 when something failed, was skipped, or took longer than `limit`.
pub(crate) fn whole(limit: Option<Duration>) {
    let mut steps = Steps::default();
    prepare(&mut steps);
    // The image's test would build it too, but beside tests that measure time.
    steps.step("build for the image", image::static_binary("quick").arg("--quiet"));
    steps.step("format", &mut command("cargo", ["fmt", "--all", "--check"]));
    let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    steps.step("clippy", &mut command("cargo", clippy));
    steps.tests("Rust tests", &mut command("cargo", ["test", "--workspace", "--no-fail-fast"]));
    if find_program("cargo-deny").is_some() {
        let deny = ["deny", "--log-level", "error", "check", "bans", "licenses", "sources"];
        steps.step("dependencies", &mut command("cargo", deny));
    } else {
        // Licences and sources have tests of xtask's own.
        println!(
            "\n── dependencies\nnot checked by cargo-deny: it is not installed (cargo install --locked cargo-deny)"
        );
    }
    steps.part("advisories: crates", advisories::of_crates);
    steps.part("advisories: npm packages", || advisories::of_packages("web", CLIENTS));
    steps.step("page: types", &mut npm("web", ["run", "check"]));
    steps.step("page: lint", &mut npm("web", ["run", "lint"]));
    steps.tests("page: unit tests", &mut npm("web", ["run", "test"]));
    steps.counted("page: in Chromium", |counts| e2e::run(&crate::run::binary(false)?, None, 1, counts));
    steps.finish(limit, false);
}

/// Only tests with `filter` in their names, of any kind; ends the process with 1 when one failed.
pub(crate) fn filtered(filter: &str) {
    let mut steps = Steps::default();
    prepare(&mut steps);
    steps.tests("Rust tests", &mut command("cargo", ["test", "--workspace", "--no-fail-fast", filter]));
    steps.tests("page: unit tests", &mut npm("web", ["run", "test", "--", "-t", filter]));
    steps.counted("page: in Chromium", |counts| {
        e2e::run(&crate::run::binary(false)?, Some(filter), 1, counts)
    });
    steps.finish(None, true);
}

/// Only the page's specs, `repeat` times each; ends the process with 1 when one failed.
pub(crate) fn page_only(filter: Option<&str>, repeat: u32) {
    let mut steps = Steps::default();
    steps.part("install", || install::install(install::ENGINE.iter().chain(&install::BROWSER_AND_CLIENTS)));
    steps.part("OpenID Connect provider", || web::install_packages(CLIENTS));
    steps.part("build the page", web::build_if_changed);
    steps.step("build miniman", &mut command("cargo", ["build", "--package", "miniman", "--quiet"]));
    steps
        .counted("page: in Chromium", |counts| e2e::run(&crate::run::binary(false)?, filter, repeat, counts));
    steps.finish(None, true);
}

/// Installs what the suite needs and builds the page, which the binary embeds.
fn prepare(steps: &mut Steps) {
    steps.part("install", || install::install(install::ENGINE.iter().chain(&install::BROWSER_AND_CLIENTS)));
    steps.part("Socket.IO clients", install_clients);
    steps.part("build the page", web::build_if_changed);
    // Apart, so that the table tells compiling from testing.
    steps.step("build", &mut command("cargo", ["test", "--workspace", "--no-run", "--quiet"]));
    steps.step("build miniman", &mut command("cargo", ["build", "--package", "miniman", "--quiet"]));
}

/// The official Socket.IO clients, where they are missing.
///
/// # Errors
/// When npm or pip has one.
pub(crate) fn install_clients() -> Result<()> {
    if !Path::new(CLIENTS).exists() {
        return Ok(());
    }
    web::install_packages(CLIENTS)?;
    let python = format!("{CLIENTS}/.venv/bin/python");
    if !Path::new(&python).exists() {
        run(&mut command("python3", ["-m", "venv", &format!("{CLIENTS}/.venv")]))?;
    }
    run(&mut command(
        &python,
        [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            &format!("{CLIENTS}/requirements.txt"),
        ],
    ))
}
