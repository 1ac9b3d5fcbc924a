//! How the real binary is reached: TLS of its own, a path, a unix socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use miniman_testkit::miniman::bare_command;
use miniman_testkit::wait_for;
use tempfile::TempDir;

use crate::rig::{BINARY, LIMIT};

/// A server with a certificate, a base path and a socket, and no engine.
struct Served {
    dir: TempDir,
    child: Child,
    address: String,
    /// Kept open, as a terminal would be.
    _output: Box<dyn Iterator<Item = String>>,
}

impl Served {
    fn start() -> Served {
        let dir = tempfile::tempdir().unwrap();
        certificate(dir.path(), "");
        std::fs::write(dir.path().join("password"), "correct horse battery").unwrap();
        let mut command = command_in(dir.path(), "127.0.0.1:0");
        command.args(["--admin-username", "admin", "--admin-password-file"]).arg(dir.path().join("password"));
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        // Lines of the audit may stand before and behind it.
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let url = output.find_map(|line| line.strip_prefix("MiniMan serves https://").map(str::to_owned));
        let address = url.expect("it tells its address").strip_suffix("/logs").unwrap().to_owned();
        Served { dir, child, address, _output: Box::new(output) }
    }

    fn run(&self, args: &[&str]) -> Output {
        command_in(self.dir.path(), &self.address).args(args).output().unwrap()
    }

    /// A request as the proxy on this machine sends it.
    fn ask_socket(&self, path: &str) -> String {
        let mut stream = UnixStream::connect(self.dir.path().join("socket")).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn command_in(dir: &Path, listen: &str) -> Command {
    let mut command = bare_command(Path::new(BINARY));
    let option = |name: &str, file: &str| format!("--{name}={}", dir.join(file).display());
    command
        .args([option("data-dir", "data"), option("tls-cert", "cert.pem"), option("tls-key", "key.pem")])
        .args([option("listen-socket", "socket"), "--base-path=/logs".to_owned()])
        .args(["--docker-host=unix:///nonexistent", "--listen", listen]);
    command
}

fn certificate(dir: &Path, prefix: &str) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let paths = (dir.join(format!("{prefix}cert.pem")), dir.join(format!("{prefix}key.pem")));
    std::fs::write(&paths.0, made.cert.pem()).unwrap();
    std::fs::write(&paths.1, made.signing_key.serialize_pem()).unwrap();
    paths
}

#[test]
fn over_tls_and_below_a_path_the_commands_reach_their_server() {
    let served = Served::start();
    assert!(served.run(&["health"]).status.success());
    let token = served.run(&["token", "create", "--name", "t", "--role", "viewer"]).stdout;
    let token = String::from_utf8(token).unwrap();
    let logs = command_in(served.dir.path(), &served.address)
        .arg("logs")
        .env("MINIMAN_TOKEN", token.trim())
        .output()
        .unwrap();
    assert!(logs.status.success(), "{}", String::from_utf8_lossy(&logs.stderr));
    let page = served.ask_socket("/logs/login");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("=\"/logs/first.js\""), "{page}");
    assert!(page.contains("strict-transport-security"), "{page}");
}

#[test]
fn a_renewed_certificate_is_served_without_a_restart() {
    let served = Served::start();
    let (certificate, key) = certificate(served.dir.path(), "new-");
    std::fs::rename(certificate, served.dir.path().join("cert.pem")).unwrap();
    std::fs::rename(key, served.dir.path().join("key.pem")).unwrap();
    // `health` reads the new file at once, and fails until the server does.
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&served.child),
        rustix::process::Signal::HUP,
    )
    .unwrap();
    wait_for("the new certificate", LIMIT, || served.run(&["health"]).status.success().then_some(()))
        .unwrap();
}

#[test]
fn tls_files_that_cannot_serve_end_the_start_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    certificate(dir.path(), "");
    std::fs::write(dir.path().join("key.pem"), "not a key").unwrap();
    let output = command_in(dir.path(), "127.0.0.1:0").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("key.pem holds no private key in PEM"), "{said}");
}
