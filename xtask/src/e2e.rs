//! The page in Chromium: Playwright's specs against a server and a daemon of their own.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use miniman_testkit::PrivateDocker;
use miniman_testkit::miniman::bare_command;
use miniman_testkit::oidc::{CLIENT_ID, CLIENT_SECRET, OidcProvider, Told};

use crate::counts::Counts;
use crate::steps::{run as run_command, run_counting};
use crate::web::npm;

/// Runs the specs, all or those whose title holds `filter`, `repeat` times each.
///
/// # Errors
/// When daemon or server don't start, or a spec fails.
pub(crate) fn run(binary: &Path, filter: Option<&str>, repeat: u32, counts: &mut Counts) -> Result<()> {
    let stage = Stage::start_with_provider(binary)?;
    let mut specs = stage.command("e2e");
    if let Some(filter) = filter {
        specs.args(["--pass-with-no-tests", "--grep", filter]);
    }
    specs.env("MINIMAN_E2E_REPEAT", repeat.to_string());
    run_counting(&mut specs, counts)
}

/// Where a provider sends people back to; on loopback any port is taken, and the server's is not known yet.
const CALLBACK: &str = "http://127.0.0.1/api/v1/oidc/callback";

/// A daemon, and a server on it without a user.
pub(crate) struct Stage {
    docker: PrivateDocker,
    link: String,
    _server: Server,
    /// Where people may log in too.
    provider: Option<OidcProvider>,
}

impl Stage {
    /// # Errors
    /// When one of them does not start.
    pub(crate) fn start(binary: &Path) -> Result<Stage> {
        let docker = PrivateDocker::start()?;
        let (server, link) = start_server(binary, &docker, &[])?;
        Ok(Stage { docker, link, _server: server, provider: None })
    }

    /// With an OpenID Connect provider whose group `staff` may see logs.
    ///
    /// # Errors
    /// When one of them does not start.
    fn start_with_provider(binary: &Path) -> Result<Stage> {
        let docker = PrivateDocker::start()?;
        let provider = OidcProvider::start(Told::InToken, CALLBACK)?;
        let secret = docker.dir().join("oidc-secret");
        fs::write(&secret, CLIENT_SECRET).context("write the provider's secret")?;
        let args = [
            format!("--oidc-issuer={}", provider.issuer()),
            format!("--oidc-client-id={CLIENT_ID}"),
            format!("--oidc-client-secret-file={}", secret.display()),
            "--group-role=staff=viewer".to_owned(),
        ];
        let (server, link) = start_server(binary, &docker, &args)?;
        Ok(Stage { docker, link, _server: server, provider: Some(provider) })
    }

    /// One of the page's scripts that drive Chromium.
    fn command(&self, script: &str) -> Command {
        let mut command = npm("web", ["run", "--silent", script, "--"]);
        let url = self.link.split("/setup#").next().unwrap_or_default();
        command.env("MINIMAN_URL", url).env("MINIMAN_SETUP_LINK", &self.link);
        command.env("DOCKER_HOST", self.docker.host());
        if let Some(provider) = &self.provider {
            command.env("MINIMAN_PROVIDER", provider.issuer());
        }
        command
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it fails.
    pub(crate) fn run(&self, script: &str, env: &[(&str, &OsStr)]) -> Result<()> {
        run_command(self.command(script).envs(env.iter().copied()))
    }
}

/// A server without a user, and the link that it printed for making one.
fn start_server(binary: &Path, docker: &PrivateDocker, args: &[String]) -> Result<(Server, String)> {
    let mut command = bare_command(binary);
    command.args(["--listen", "127.0.0.1:0", "--docker-host", &docker.host(), "--data-dir"]);
    command.arg(docker.dir().join("miniman")).args(args).stdout(Stdio::piped());
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
