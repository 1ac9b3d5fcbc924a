//! What the tasks need from the machine, and how it gets there: by apt as root on Debian and its kin; elsewhere the
//! exact command is printed.

use std::path::Path;

use anyhow::{Result, bail};
use miniman_testkit::docker::find_program;

use crate::steps::{command, run};

/// A program, or any of its other names, and the Debian package that brings it.
pub(crate) struct Need {
    programs: &'static [&'static str],
    package: &'static str,
}

/// For the sample engine and for tests' daemons.
pub(crate) const ENGINE: [Need; 2] = [
    Need { programs: &["dockerd"], package: "docker.io" },
    Need { programs: &["busybox"], package: "busybox-static" },
];

/// For the tests, besides.
pub(crate) const BROWSER_AND_CLIENTS: [Need; 2] = [
    Need { programs: &["chromium", "chromium-browser", "google-chrome"], package: "chromium" },
    Need { programs: &["python3"], package: "python3-venv" },
];

/// Newer Debians split the `docker` command from docker.io.
const DOCKER_CLI: Need = Need { programs: &["docker"], package: "docker-cli" };

impl Need {
    fn is_met(&self) -> bool {
        self.programs.iter().any(|program| find_program(program).is_some())
            // On Debian the module comes apart from the interpreter.
            && (self.package != "python3-venv" || python_has_ensurepip())
    }
}

fn python_has_ensurepip() -> bool {
    command("python3", ["-c", "import ensurepip"]).output().is_ok_and(|output| output.status.success())
}

/// Installs what is missing.
///
/// # Errors
/// When something is missing and this is not root on a machine with apt; the text is what to run.
pub(crate) fn install<'a>(needs: impl IntoIterator<Item = &'a Need>) -> Result<()> {
    let mut missing: Vec<&str> =
        needs.into_iter().filter(|need| !need.is_met()).map(|need| need.package).collect();
    if missing.is_empty() {
        if DOCKER_CLI.is_met() {
            return Ok(());
        }
        missing.push(DOCKER_CLI.package);
    }
    if !is_root() || find_program("apt-get").is_none() {
        bail!("not installed: {}. {}", missing.join(", "), how(&missing));
    }
    run(&mut command("apt-get", ["update", "-qq"]))?;
    apt_get_install(&missing)?;
    if !DOCKER_CLI.is_met() {
        apt_get_install(&[DOCKER_CLI.package])?;
    }
    Ok(())
}

fn apt_get_install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    println!("installing {}", packages.join(" "));
    run(command("apt-get", ["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

fn how(missing: &[&str]) -> String {
    if find_program("apt-get").is_some() {
        format!(
            "Run:\n  sudo apt-get update && sudo apt-get install -y {}\nand this again as root (sudo -E).",
            missing.join(" ")
        )
    } else if Path::new("/etc/fedora-release").exists() {
        "Run:\n  sudo dnf install -y moby-engine busybox chromium python3\nand this again as root.".to_owned()
    } else {
        "Install Docker Engine (https://docs.docker.com/engine/install/), a static busybox, Chromium and Python 3 \
         by your system's means, and run this again as root."
            .to_owned()
    }
}

/// Whether this process may start a Docker daemon and install packages.
pub(crate) fn is_root() -> bool {
    // The effective user id is the second number.
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        status
            .lines()
            .find_map(|line| line.strip_prefix("Uid:"))
            .is_some_and(|ids| ids.split_whitespace().nth(1) == Some("0"))
    })
}
