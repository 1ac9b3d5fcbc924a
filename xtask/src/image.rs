//! `image`: the static binary and the container image around it.

use std::process::Command;

use anyhow::Result;

use crate::steps::{command, run};
use crate::web;

/// Debian's libc links statically for this target; the Dockerfile copies from there.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Builds page, static binary and image.
///
/// # Errors
/// When one of them does not build.
pub(crate) fn build(tag: &str) -> Result<()> {
    web::build_if_changed()?;
    run(&mut static_binary("release"))?;
    run(&mut command("docker", ["build", "--tag", tag, "."]))
}

/// Builds `target/<TARGET>/<profile>/miniman`, which needs nothing from the system it runs on.
pub(crate) fn static_binary(profile: &str) -> Command {
    let mut cargo =
        command("cargo", ["build", "--package", "miniman", "--target", TARGET, "--profile", profile]);
    // With --target, RUSTFLAGS leave build scripts and proc macros alone, which can't be static.
    cargo.env("RUSTFLAGS", "-C target-feature=+crt-static");
    cargo
}
