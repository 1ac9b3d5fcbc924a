//! The page in Chromium: Playwright's specs against a server and a daemon of their own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use anyhow::{Context, Result};
use miniman_testkit::PrivateDocker;
use miniman_testkit::miniman::bare_command;

use crate::counts::Counts;
use crate::steps::run_counting;
use crate::web::npm;

/// Runs the specs, all or those whose title holds `filter`, `repeat` times each.
///
/// # Errors
/// When daemon or server don't start, or a spec fails.
pub(crate) fn run(binary: &Path, filter: Option<&str>, repeat: u32, counts: &mut Counts) -> Result<()> {
    let docker = PrivateDocker::start()?;
    let (_server, link) = start_server(binary, &docker)?;
    let url = link.split("/setup#").next().context("read the setup link")?;
    let mut specs = npm("web", ["run", "--silent", "e2e", "--"]);
    if let Some(filter) = filter {
        specs.args(["--pass-with-no-tests", "--grep", filter]);
    }
    specs.env("MINIMAN_E2E_REPEAT", repeat.to_string());
    specs.env("MINIMAN_URL", url).env("MINIMAN_SETUP_LINK", &link).env("DOCKER_HOST", docker.host());
    run_counting(&mut specs, counts)
}

/// A server without a user, and the link that it printed for making one.
fn start_server(binary: &Path, docker: &PrivateDocker) -> Result<(Server, String)> {
    let mut command = bare_command(binary);
    command.args(["--listen", "127.0.0.1:0", "--docker-host", &docker.host(), "--data-dir"]);
    command.arg(docker.dir().join("miniman")).stdout(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("start {}", binary.display()))?;
    let output = child.stdout.take().expect("its output was asked to be a pipe");
    let mut server = Server { child, output: BufReader::new(output) };
    let mut lines = server.output.by_ref().lines().map_while(Result::ok);
    let link = lines.find(|line| line.contains("/setup#")).context("miniman printed no setup link")?;
    Ok((server, link.trim().to_owned()))
}

/// Killed when the specs are through: what it does at a stop has tests of its own.
struct Server {
    child: Child,
    /// Kept open: with it closed the next line that miniman prints would end it.
    output: BufReader<ChildStdout>,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("xtask: miniman may be left: {error}");
        }
    }
}
