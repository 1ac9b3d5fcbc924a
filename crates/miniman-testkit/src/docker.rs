//! A private Docker daemon: own directory, own containerd, own socket.
//!
//! Invariant: it never outlives the process that started it. A reaper process (`reaper.sh`) holds the read end of a
//! pipe from us; when the pipe ends, by `Drop` or by our death, it kills daemon, containerd, shims and containers,
//! unmounts and removes everything. Containers have no network (`--bridge none`), and the daemon has one of its own:
//! in the machine's it would remove `docker0`, which the machine's engine needs.

mod image;
mod run;

use std::ffi::OsStr;
use std::fs::{DirBuilder, File};
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Signal;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

pub use image::SAMPLE_IMAGE;
pub use run::RunSpec;

use crate::wait_for;

/// A daemon answers after 0.4 s on an idle machine; a dozen at once on two cores stay far below this.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A daemon that stops waits up to 10 s for each container (all at once), and 15 s in all.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// Said when this machine cannot start a daemon.
const HOW_TO_START_A_DAEMON: &str = "a private Docker daemon needs root, dockerd and a static busybox; on Debian or Ubuntu:\n  \
     sudo apt-get update && sudo apt-get install -y docker.io busybox-static\n\
     then run the same command as root (sudo -E)";

/// What a test may want to be different about its daemon.
#[derive(Clone, Debug, Default)]
pub struct DaemonOptions {
    /// Containers go on while the daemon restarts.
    pub live_restore: bool,
    /// More arguments for dockerd, such as `--log-driver=local`.
    pub args: Vec<String>,
    /// Do not import [`SAMPLE_IMAGE`].
    pub no_image: bool,
}

/// A running daemon. Dropping it removes the daemon, its containers and its directory.
#[derive(Debug)]
pub struct PrivateDocker {
    dir: PathBuf,
    options: DaemonOptions,
    /// None while stopped.
    daemon: Mutex<Option<Child>>,
    /// Cleans up as soon as its standard input ends.
    reaper: Child,
}

impl PrivateDocker {
    /// Starts a daemon with defaults; it answers, and [`SAMPLE_IMAGE`] is there, when this returns.
    ///
    /// # Errors
    /// When not root, when `dockerd` or busybox is missing (the text says what to install), or when the daemon does
    /// not answer (with the end of its log).
    pub fn start() -> Result<PrivateDocker> {
        PrivateDocker::start_with(DaemonOptions::default())
    }

    /// As [`PrivateDocker::start`].
    ///
    /// # Errors
    /// As [`PrivateDocker::start`].
    pub fn start_with(options: DaemonOptions) -> Result<PrivateDocker> {
        ensure!(rustix::process::geteuid().is_root(), "not root: {HOW_TO_START_A_DAEMON}");
        ensure!(find_program("dockerd").is_some(), "no dockerd: {HOW_TO_START_A_DAEMON}");
        let dir = make_dir()?;
        let reaper = start_reaper(&dir)?;
        let docker = PrivateDocker { dir, options, daemon: Mutex::new(None), reaper };
        docker.start_again()?;
        if !docker.options.no_image {
            docker.import_image()?;
        }
        Ok(docker)
    }

    /// `unix:///…/docker.sock`, for `DOCKER_HOST` and `--docker-host`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// The daemon's socket.
    pub fn socket(&self) -> PathBuf {
        self.dir.join("docker.sock")
    }

    /// Docker's root directory; logs are below `containers/`.
    pub fn data_root(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// A directory that goes with the daemon, for what a test needs besides.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the daemon has written to its own log.
    pub fn daemon_log(&self) -> String {
        std::fs::read_to_string(self.dir.join("dockerd.log")).unwrap_or_default()
    }

    /// A `docker` command for this daemon, untouched by the user's contexts and configuration.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new("docker");
        command
            .env_remove("DOCKER_CONTEXT")
            .env_remove("DOCKER_TLS_VERIFY")
            .env("DOCKER_CONFIG", self.dir.join("config"))
            .env("DOCKER_HOST", self.host())
            .stdin(Stdio::null())
            .args(args);
        command
    }

    /// Runs `docker <args>`, and gives its standard output, trimmed.
    ///
    /// # Errors
    /// When it exits with anything but 0, with what it wrote to standard error.
    pub fn docker<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<String> {
        output_of(&mut self.command(args))
    }

    /// Creates and starts a container; gives its full id.
    ///
    /// # Errors
    /// Docker's text.
    pub fn run(&self, spec: &RunSpec) -> Result<String> {
        self.docker(&spec.args("run"))
    }

    /// Creates a container without starting it; gives its full id.
    ///
    /// # Errors
    /// Docker's text.
    pub fn create(&self, spec: &RunSpec) -> Result<String> {
        self.docker(&spec.args("create"))
    }

    /// Waits for a container to end; gives its exit code.
    ///
    /// # Errors
    /// Docker's text.
    pub fn wait(&self, container: &str) -> Result<i32> {
        self.docker(&["wait", container])?.parse().context("read an exit code")
    }

    /// One field of `docker inspect`, by a Go template such as `{{.State.Status}}`.
    ///
    /// # Errors
    /// Docker's text.
    pub fn inspect(&self, container: &str, template: &str) -> Result<String> {
        self.docker(&["inspect", "--format", template, container])
    }

    /// Where the `json-file` driver writes this container's log; `id` is the full id.
    pub fn json_log(&self, id: &str) -> PathBuf {
        self.data_root().join("containers").join(id).join(format!("{id}-json.log"))
    }

    /// Ends the daemon as an administrator does: containers are stopped first, unless `live_restore`.
    ///
    /// # Errors
    /// When it does not end in 30 s.
    pub fn stop(&self) -> Result<()> {
        self.end_daemon(Signal::TERM)
    }

    /// Kills the daemon and its containerd; containers go on, and are not asked.
    ///
    /// # Errors
    /// When it does not end in 30 s.
    pub fn kill(&self) -> Result<()> {
        let pid_file = self.dir.join("exec/containerd/containerd.pid");
        let containerd: i32 = std::fs::read_to_string(&pid_file)
            .context("read containerd's process id")?
            .trim()
            .parse()
            .context("read containerd's process id")?;
        self.end_daemon(Signal::KILL)?;
        if let Some(pid) = rustix::process::Pid::from_raw(containerd) {
            // Gone already is as good.
            rustix::process::kill_process(pid, Signal::KILL).ok();
        }
        wait_for("containerd to end", STOP_LIMIT, || (!is_running(containerd)).then_some(()))?;
        // The next dockerd would take a zombie for a living containerd, and wait for it in vain.
        std::fs::remove_file(pid_file).context("remove containerd's process id")
    }

    /// Starts a stopped daemon again, in the same directory and on the same socket.
    ///
    /// # Errors
    /// When the daemon does not answer, with the end of its log.
    pub fn start_again(&self) -> Result<()> {
        let mut daemon = self.lock_daemon();
        ensure!(daemon.is_none(), "the daemon is running already");
        let mut child = self.dockerd()?.spawn().context("start dockerd")?;
        let answered = wait_for("dockerd to answer", START_LIMIT, || {
            if let Ok(Some(status)) = child.try_wait() {
                return Some(Err(anyhow::anyhow!("dockerd ended: {status}")));
            }
            answers(&self.socket()).then_some(Ok(()))
        });
        *daemon = Some(child);
        answered.and_then(|ended| ended).map_err(|error| error.context(self.log_end()))
    }

    /// [`PrivateDocker::stop`] and [`PrivateDocker::start_again`].
    ///
    /// # Errors
    /// As both.
    pub fn restart(&self) -> Result<()> {
        self.stop()?;
        self.start_again()
    }

    /// Does `work` in the daemon's network, where containers with `--network=host` listen.
    ///
    /// # Errors
    /// When the daemon does not run.
    pub fn in_network<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T> {
        let pid = self.lock_daemon().as_ref().context("the daemon is not running")?.id();
        let network = File::open(format!("/proc/{pid}/ns/net")).context("open the daemon's network")?;
        let enter = || move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network));
        // A thread of its own: there is no way back.
        let there = std::thread::scope(|scope| scope.spawn(|| enter().map(|()| work())).join());
        there.unwrap_or_else(|panic| std::panic::resume_unwind(panic)).context("enter the daemon's network")
    }

    /// Leaves the daemon to the program that this process turns into by `exec`: it is removed when that program ends.
    ///
    /// # Errors
    /// When the pipe to the reaper can't be kept open; the daemon is removed then.
    pub fn outlive_exec(self) -> Result<()> {
        let pipe = self.reaper.stdin.as_ref().expect("the reaper's input is only taken by drop");
        rustix::io::fcntl_setfd(pipe, rustix::io::FdFlags::empty()).context("keep the reaper's pipe")?;
        std::mem::forget(self);
        Ok(())
    }

    fn dockerd(&self) -> Result<Command> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.dir.join("dockerd.log"))
            .context("open dockerd's log")?;
        let mut command = Command::new("unshare");
        command
            .args(["--net", "sh", "-c", "\"$0\" ip link set lo up; exec dockerd \"$@\""])
            .arg(image::busybox()?)
            .arg("--config-file")
            .arg(self.dir.join("daemon.json"))
            .arg("--data-root")
            .arg(self.data_root())
            .arg("--exec-root")
            .arg(self.dir.join("exec"))
            .arg("--pidfile")
            .arg(self.dir.join("dockerd.pid"))
            .arg("--host")
            .arg(self.host())
            .args(["--bridge", "none", "--iptables=false", "--ip6tables=false"])
            // systemd as cgroup driver would need a running systemd, which CI containers lack.
            .args(["--exec-opt", "native.cgroupdriver=cgroupfs"])
            .args(self.options.live_restore.then_some("--live-restore"))
            .args(&self.options.args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            // Ctrl-C is for us; the reaper ends the daemon.
            .process_group(0);
        Ok(command)
    }

    fn end_daemon(&self, signal: Signal) -> Result<()> {
        let mut slot = self.lock_daemon();
        let Some(mut daemon) = slot.take() else { bail!("the daemon is not running") };
        rustix::process::kill_process(rustix::process::Pid::from_child(&daemon), signal)
            .context("signal dockerd")?;
        let ended = wait_for("dockerd to end", STOP_LIMIT, || daemon.try_wait().transpose())
            .and_then(|status| Ok(status?));
        if let Err(error) = ended {
            *slot = Some(daemon);
            return Err(error.context(self.log_end()));
        }
        Ok(())
    }

    fn import_image(&self) -> Result<()> {
        let mut child = self
            .command(&["import", "--change", "CMD [\"sh\"]"])
            .args(["--change", "ENV PATH=/bin", "-", SAMPLE_IMAGE])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("run docker import (is the Docker CLI installed?)")?;
        let tar = image::root_tar()?;
        let mut stdin = child.stdin.take().expect("stdin was asked to be a pipe");
        let written = std::io::Write::write_all(&mut stdin, &tar);
        drop(stdin);
        let output = child.wait_with_output().context("wait for docker import")?;
        ensure!(output.status.success(), "docker import: {}", String::from_utf8_lossy(&output.stderr));
        written.context("send the image to docker import")
    }

    fn lock_daemon(&self) -> MutexGuard<'_, Option<Child>> {
        // A test that panicked in between left a child or none, and both are fine.
        self.daemon.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_end(&self) -> String {
        let log = self.daemon_log();
        let lines: Vec<&str> = log.lines().rev().take(12).collect();
        format!("dockerd's log ends:\n{}", lines.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for PrivateDocker {
    fn drop(&mut self) {
        // The end of its input is the reaper's sign to clean up; its script is bounded.
        drop(self.reaper.stdin.take());
        if let Err(error) = self.reaper.wait() {
            eprintln!("miniman-testkit: {} may be left: {error}", self.dir.display());
        }
        if let Some(mut daemon) = self.lock_daemon().take() {
            // Dead by the reaper's hand; only its exit status is still to be collected.
            drop(daemon.wait());
        }
    }
}

/// `/tmp/miniman-…`: short, as a socket's path has at most 107 bytes.
fn make_dir() -> Result<PathBuf> {
    let dir = tempfile::Builder::new().prefix("miniman-").tempdir().context("make a directory")?.keep();
    DirBuilder::new().mode(0o700).create(dir.join("config")).context("make docker's config directory")?;
    // Without a file of its own dockerd would read /etc/docker/daemon.json.
    std::fs::write(dir.join("daemon.json"), "{}").context("write daemon.json")?;
    Ok(dir)
}

fn start_reaper(dir: &Path) -> Result<Child> {
    Command::new("sh")
        .arg("-c")
        .arg(include_str!("docker/reaper.sh"))
        .arg("miniman-reaper")
        .arg(dir)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A group of its own: Ctrl-C and a killed group must not take the clean-up along.
        .process_group(0)
        .spawn()
        .context("start the clean-up process")
}

/// Whether a daemon answers `GET /_ping` on `socket`.
fn answers(socket: &Path) -> bool {
    ping(socket).unwrap_or(false)
}

fn ping(socket: &Path) -> std::io::Result<bool> {
    use std::io::{Read, Write};
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(status.ends_with(b" 200"))
}

/// Whether a process is there and more than a zombie.
fn is_running(pid: i32) -> bool {
    // `<pid> (<name>) <state> …`, where the name may hold anything.
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .ok()
        .and_then(|stat| Some(stat.rsplit_once(") ")?.1.starts_with(['Z', 'X'])))
        .is_some_and(|ended| !ended)
}

/// The first `name` in `PATH`.
pub fn find_program(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// Runs a command to its end; its standard output, trimmed.
fn output_of(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("run {command:?}"))?;
    if !output.status.success() {
        let args: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
        bail!("docker {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests;
