//! The real binary, running on a data directory of its own.
//!
//! Invariant: it never outlives the [`MiniMan`] that started it; dropping that asks it to end, and a test that has not
//! failed yet fails when it does not end cleanly. It serves a port that the system chose, and keeps it over restarts.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal};
use serde_json::Value;
use tempfile::TempDir;

use crate::http::{Answer, Request};
use crate::{PrivateDocker, wait_for};

/// Starting takes a fraction of a second; a machine that runs a dozen daemons at once gets more.
const START_LIMIT: Duration = Duration::from_secs(60);

/// MiniMan gives its tasks 10 s, and then closes its store.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// The admin that is made at the first start, and what opens the door.
pub const ADMIN: &str = "admin";
pub const PASSWORD: &str = "correct horse battery";

/// What a test may want to be different about its server.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    /// A directory of the caller's, such as a small disk.
    pub data_dir: Option<PathBuf>,
    /// More arguments, such as `--disk-reserve=16MiB`.
    pub args: Vec<String>,
}

/// A running (or just now stopped) MiniMan.
#[derive(Debug)]
pub struct MiniMan {
    binary: PathBuf,
    /// Holds what is not MiniMan's own: its standard error, the admin's password.
    dir: TempDir,
    data_dir: PathBuf,
    args: Vec<String>,
    docker_host: String,
    address: SocketAddr,
    running: Option<Running>,
    /// An API token with the admin's rights.
    token: String,
}

#[derive(Debug)]
struct Running {
    child: Child,
}

impl MiniMan {
    /// Starts `binary` on a daemon; its page answers, and the daemon's containers are listed, when this returns.
    ///
    /// # Errors
    /// When it does not start, with what it said.
    pub fn start(binary: impl AsRef<Path>, docker: &PrivateDocker) -> Result<MiniMan> {
        let miniman = MiniMan::start_on(binary, &docker.host())?;
        miniman.wait_for_engine()?;
        Ok(miniman)
    }

    /// Starts `binary` for an engine that need not be there.
    ///
    /// # Errors
    /// As [`MiniMan::start`].
    pub fn start_on(binary: impl AsRef<Path>, docker_host: &str) -> Result<MiniMan> {
        MiniMan::start_with(binary, docker_host, ServerOptions::default())
    }

    /// As [`MiniMan::start_on`], with what a test wants to be different.
    ///
    /// # Errors
    /// As [`MiniMan::start`].
    pub fn start_with(
        binary: impl AsRef<Path>,
        docker_host: &str,
        options: ServerOptions,
    ) -> Result<MiniMan> {
        let dir = tempfile::Builder::new().prefix("miniman-data-").tempdir().context("make a directory")?;
        std::fs::write(dir.path().join("password"), PASSWORD).context("write the password")?;
        let mut miniman = MiniMan {
            binary: binary.as_ref().to_owned(),
            data_dir: options.data_dir.unwrap_or_else(|| dir.path().join("data")),
            args: options.args,
            dir,
            docker_host: docker_host.to_owned(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            running: None,
            token: String::new(),
        };
        miniman.start_again()?;
        miniman.token = miniman.new_token("admin")?;
        Ok(miniman)
    }

    /// Where it serves.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An API token with the admin's rights.
    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn data_dir(&self) -> PathBuf {
        self.data_dir.clone()
    }

    /// What it wrote to standard error so far.
    pub fn diagnostics(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("stderr")).unwrap_or_default()
    }

    /// A command of the binary with this one's data, address and engine, and nothing of the tester's environment.
    pub fn command<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = bare_command(&self.binary);
        command
            .arg("--data-dir")
            .arg(self.data_dir())
            .args(["--docker-host", &self.docker_host])
            .args(["--listen", &self.address.to_string()])
            .args(args);
        command
    }

    /// Runs a command to its end.
    ///
    /// # Errors
    /// When it can't be run; a failure of its own is in the output.
    pub fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Result<Output> {
        self.command(args).output().context("run miniman")
    }

    /// A new API token of the admin's, which the running server accepts when this returns.
    ///
    /// # Errors
    /// What `miniman token create` said.
    pub fn new_token(&self, role: &str) -> Result<String> {
        let output = self.run(["token", "create", "--name", "test", "--role", role])?;
        ensure!(output.status.success(), "token create: {}", String::from_utf8_lossy(&output.stderr));
        let token = String::from_utf8(output.stdout).context("read the token")?.trim().to_owned();
        wait_for("the server to know a token", START_LIMIT, || {
            let me = Request::get("/api/v1/me").bearer(&token).send(self.address).ok()?;
            (me.status == 200).then_some(())
        })?;
        Ok(token)
    }

    /// A GET as admin, read to its end.
    ///
    /// # Errors
    /// When there is no whole answer; any status is one.
    pub fn get(&self, path: &str) -> Result<Answer> {
        self.send(Request::get(path))
    }

    /// Any request as admin, unless it has credentials of its own.
    ///
    /// # Errors
    /// As [`MiniMan::get`].
    pub fn send(&self, request: Request) -> Result<Answer> {
        let request = if request.has_credentials() { request } else { request.bearer(&self.token) };
        request.send(self.address)
    }

    /// One container as `GET /api/v1/containers` tells of it; the one that is present if several had the name.
    ///
    /// # Errors
    /// When there is no such container, or no answer.
    pub fn container(&self, name: &str) -> Result<Value> {
        let list = self.get("/api/v1/containers")?.json()?;
        let containers = list["containers"].as_array().context("read the containers")?;
        let named = || containers.iter().filter(|container| container["name"] == name);
        let present = named().find(|container| container["present"] == true);
        present.or_else(|| named().next()).cloned().with_context(|| format!("no container {name} in {list}"))
    }

    /// Waits until a container is listed and `condition` likes it.
    ///
    /// # Errors
    /// When `limit` has passed, with how the container stood last.
    pub fn wait_for_container<T>(
        &self,
        name: &str,
        limit: Duration,
        mut condition: impl FnMut(&Value) -> Option<T>,
    ) -> Result<T> {
        let mut last = None;
        let found = wait_for(&format!("the container {name}"), limit, || {
            let container = self.container(name);
            let found = container.as_ref().ok().and_then(&mut condition);
            last = Some(container);
            found
        });
        found.with_context(|| format!("{name} is {last:?}; miniman said: {}", self.diagnostics()))
    }

    /// Waits until all of a log is stored: so many records, and all history read.
    ///
    /// # Errors
    /// As [`MiniMan::wait_for_container`].
    pub fn wait_for_records(&self, name: &str, records: u64, limit: Duration) -> Result<()> {
        self.wait_for_container(name, limit, |container| {
            let log = &container["log"];
            let history_is_read = log["backfill"]["done"].as_bool().unwrap_or(true);
            (log["records"].as_u64()? >= records && history_is_read).then_some(())
        })
    }

    /// Waits until the engine is connected and its containers are listed.
    ///
    /// # Errors
    /// When it is not in time, with what MiniMan says about it.
    pub fn wait_for_engine(&self) -> Result<()> {
        let connected = wait_for("a connected engine", START_LIMIT, || {
            let list = self.get("/api/v1/containers").ok()?.json().ok()?;
            (list["engines"][0]["status"] == "connected").then_some(())
        });
        connected.with_context(|| format!("miniman said: {}", self.diagnostics()))
    }

    /// # Errors
    /// When it does not run.
    pub fn pid(&self) -> Result<u32> {
        Ok(self.running.as_ref().context("miniman is stopped")?.child.id())
    }

    /// A status line of `/proc/<pid>/status` in kB, such as `VmRSS` or `VmHWM`.
    ///
    /// # Errors
    /// When it does not run.
    pub fn memory_kb(&self, line: &str) -> Result<u64> {
        let pid = self.pid()?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("read its status")?;
        let value = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
        value.and_then(|value| value.trim().strip_suffix(" kB")?.parse().ok()).context("find the value")
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&mut self) -> Result<()> {
        let mut running = self.running.take().context("miniman is stopped")?;
        running.child.kill().context("kill miniman")?;
        let status = running.child.wait().context("wait for miniman")?;
        ensure!(
            status.signal() == Some(9),
            "it had ended by itself: {status}; it said: {}",
            self.diagnostics()
        );
        Ok(())
    }

    /// SIGTERM, as orchestrators and `systemctl stop` do it; gives how it ended.
    ///
    /// # Errors
    /// When it does not end in 30 s; it is killed then.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        let mut running = self.running.take().context("miniman is stopped")?;
        rustix::process::kill_process(Pid::from_child(&running.child), Signal::TERM)
            .context("signal miniman")?;
        let ended = wait_for("miniman to end", STOP_LIMIT, || running.child.try_wait().transpose());
        if ended.is_err() {
            running.child.kill().and_then(|()| running.child.wait()).context("kill miniman")?;
        }
        ended.with_context(|| format!("it said: {}", self.diagnostics()))?.context("wait for miniman")
    }

    /// Starts it on the same data and port.
    ///
    /// # Errors
    /// When it runs already, or does not start, with what it said.
    pub fn start_again(&mut self) -> Result<()> {
        ensure!(self.running.is_none(), "miniman is running already");
        let stderr = File::options().create(true).append(true).open(self.dir.path().join("stderr"))?;
        let mut command = self.command(["--admin-username", ADMIN, "--admin-password-file"]);
        command.arg(self.dir.path().join("password")).args(&self.args).stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().with_context(|| format!("start {}", self.binary.display()))?;
        let mut stdout = BufReader::new(child.stdout.take().expect("its output was asked to be a pipe"));
        let address = printed_address(&mut stdout);
        // From here on dropping ends it.
        self.running = Some(Running { child });
        // What it prints from now on, the audit, is read, so that it never waits for us.
        std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        self.address = address.with_context(|| format!("miniman said: {}", self.diagnostics()))?;
        Ok(())
    }
}

/// The binary with nothing of the tester's environment that it would read.
pub fn bare_command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    let own = std::env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        name.starts_with("MINIMAN_") || name.starts_with("DOCKER_")
    });
    own.for_each(|(name, _)| {
        command.env_remove(name);
    });
    command.stdin(Stdio::null());
    command
}

/// The address in the link that it prints when it is ready, which is what it prints for people.
fn printed_address(stdout: &mut impl BufRead) -> Result<SocketAddr> {
    let mut printed = String::new();
    loop {
        let start = printed.len();
        if stdout.read_line(&mut printed).context("read its output")? == 0 {
            anyhow::bail!("it ended without printing its address: {printed:?}");
        }
        if let Some((_, rest)) = printed[start..].split_once("http://") {
            let end = rest.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(rest.len());
            return rest[..end].parse().with_context(|| format!("read the address in {printed:?}"));
        }
    }
}

impl Drop for MiniMan {
    fn drop(&mut self) {
        if self.running.is_none() {
            return;
        }
        if std::thread::panicking() {
            if let Err(error) = self.kill() {
                eprintln!("miniman-testkit: {error:#}");
            }
            eprintln!("miniman said: {}", self.diagnostics());
            return;
        }
        let status = self.stop().unwrap_or_else(|error| panic!("{error:#}"));
        assert!(status.success(), "{status}; it said: {}", self.diagnostics());
    }
}
