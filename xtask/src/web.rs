//! The page: its packages, its build, its generated types.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Result, bail};
use miniman_testkit::docker::find_program;

use crate::steps::{command, run};

/// What the page is made of; anything newer than the last build causes another.
const SOURCES: [&str; 6] = [
    "web/src",
    "web/static",
    "web/package-lock.json",
    "web/svelte.config.js",
    "web/vite.config.ts",
    "web/scripts",
];
/// Not `index.html`: the server's build script puts a placeholder there, so that a fresh clone compiles.
const BUILT: &str = "web/build/_app/version.json";

/// Builds the page if its sources changed since the last build.
///
/// # Errors
/// When npm is missing or fails.
pub(crate) fn build_if_changed() -> Result<()> {
    let newest = SOURCES.iter().filter_map(|path| newest_change(Path::new(path))).max();
    if newest.is_some() && newest < newest_change(Path::new(BUILT)) {
        return Ok(());
    }
    println!("building the page (web/)");
    install_packages("web")?;
    build()
}

/// Writes the types from the server's OpenAPI document, and builds the page.
///
/// # Errors
/// When the server does not compile, or npm is missing or fails.
pub(crate) fn types_and_page() -> Result<()> {
    install_packages("web")?;
    run(&mut npm("web", ["run", "protocol"]))?;
    build()
}

/// Only what went wrong is worth reading.
fn build() -> Result<()> {
    run(&mut npm("web", ["run", "--silent", "build", "--", "--logLevel", "warn"]))
}

/// `npm ci` in `dir`, unless its lock file is what is installed already.
///
/// # Errors
/// When npm is missing or fails.
pub(crate) fn install_packages(dir: &str) -> Result<()> {
    if find_program("npm").is_none() {
        bail!("npm is missing: install Node.js 20.19 or later (https://nodejs.org/en/download)");
    }
    let dir_path = Path::new(dir);
    let wanted = newest_change(&dir_path.join("package-lock.json"));
    let installed = newest_change(&dir_path.join("node_modules/.package-lock.json"));
    if wanted.is_some() && wanted < installed {
        return Ok(());
    }
    run(&mut npm(dir, ["ci", "--no-audit", "--no-fund"]))
}

/// An npm command in `dir`.
pub(crate) fn npm<const N: usize>(dir: &str, args: [&str; N]) -> Command {
    let mut npm = command("npm", args);
    npm.current_dir(dir);
    npm
}

/// The latest change of a file, or of anything below a directory; None when it is not there.
fn newest_change(path: &Path) -> Option<SystemTime> {
    let meta = std::fs::metadata(path).ok()?;
    let own = meta.modified().ok();
    if !meta.is_dir() {
        return own;
    }
    let below =
        std::fs::read_dir(path).ok()?.flatten().filter_map(|entry| newest_change(&entry.path())).max();
    own.max(below)
}
