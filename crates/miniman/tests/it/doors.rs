//! How the real binary is reached: TLS of its own, a path, a unix socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use miniman_testkit::miniman::bare_command;
use miniman_testkit::{Kind, Proxy, Request, SocketClient, Upstream, wait_for};
use serde_json::json;
use tempfile::TempDir;

use crate::rig::{BINARY, LIMIT};

const PASSWORD: &str = "correct horse battery";

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
        Served::start_with(&[])
    }

    fn start_with(args: &[&str]) -> Served {
        let dir = tempfile::tempdir().unwrap();
        certificate(dir.path(), "");
        std::fs::write(dir.path().join("password"), PASSWORD).unwrap();
        let mut command = command_in(dir.path(), "127.0.0.1:0");
        command.args(args);
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

    /// A proxy on this machine that serves MiniMan's path as `https://logs.example.com/logs`, and asks for logins itself:
    /// here whoever says `X-Login: ada` has logged in as ada.
    fn behind_a_proxy(&self) -> Proxy {
        let proxy = Proxy::start(Upstream::Unix(self.dir.path().join("socket")), |head| {
            let login = head.header("x-login").map(str::to_owned);
            for own in ["Remote-User", "Remote-Groups", "X-Forwarded-Host", "X-Forwarded-Proto"] {
                head.remove(own);
            }
            if let Some(user) = login {
                head.set("Remote-User", &user);
                head.set("Remote-Groups", "staff,ops");
            }
            let claimed =
                head.header("x-forwarded-for").map(|claimed| format!("{claimed}, ")).unwrap_or_default();
            head.set("X-Forwarded-For", &format!("{claimed}203.0.113.7"));
            head.set("X-Forwarded-Host", "logs.example.com");
            head.set("X-Forwarded-Proto", "https");
            true
        });
        proxy.unwrap()
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

#[test]
fn below_a_path_behind_a_proxy_the_page_the_api_and_sockets_are_reached() {
    let served = Served::start_with(&["--public-url=https://logs.example.com"]);
    let proxy = served.behind_a_proxy();
    let send = |request: Request| request.send(proxy.address()).unwrap();
    let page = send(Request::get("/logs/login").accept("text/html"));
    assert!(page.status == 200 && page.text().contains("=\"/logs/first.js\""), "{}", page.text());
    assert_eq!(send(Request::get("/login")).status, 404, "beside the path there is nothing");

    let credentials = json!({ "username": "admin", "password": PASSWORD });
    let login = |origin: &str| {
        let request = Request::post("/logs/api/v1/login").header("origin", origin);
        // What a visitor claims of where they come from stands left of what the proxy knows.
        send(request.header("x-forwarded-for", "198.51.100.9").json(&credentials))
    };
    let foreign = login(&format!("http://{}", proxy.address()));
    assert_eq!(foreign.status, 403, "people come by https://logs.example.com: {}", foreign.text());
    let answer = login("https://logs.example.com");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let set = answer.header("set-cookie").unwrap();
    assert!(set.contains("Path=/logs;") && set.contains("Secure"), "{set}");
    let cookie = set.split(';').next().unwrap();
    let audit = send(Request::get("/logs/api/v1/audit").header("cookie", cookie)).json().unwrap();
    let addresses = audit.to_string();
    assert!(addresses.contains("203.0.113.7") && !addresses.contains("198.51.100.9"), "{audit}");

    let mut create = command_in(served.dir.path(), "127.0.0.1:0");
    let token = create.args(["token", "create", "--name", "t", "--role", "viewer"]).output().unwrap();
    assert!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
    let token = String::from_utf8(token.stdout).unwrap();
    // The server learns of it a little later.
    wait_for("the token", LIMIT, || {
        let me = Request::get("/logs/api/v1/me").bearer(token.trim()).send(proxy.address()).ok()?;
        (me.status == 200).then_some(())
    })
    .unwrap();
    for transport in ["polling", "websocket"] {
        let options = json!({
            "auth": { "token": token.trim() }, "path": "/logs/socket.io/", "transports": [transport],
            "reconnection": false
        });
        let client =
            SocketClient::start(Kind::Node, &format!("http://{}", proxy.address()), &options).unwrap();
        let first = client.next(LIMIT).unwrap();
        assert!(first.get("connect").is_some(), "{transport}: {first}");
    }
}

#[test]
fn who_the_proxy_has_let_in_is_in_and_nobody_says_so_themselves() {
    let served = Served::start_with(&[
        "--public-url=https://logs.example.com",
        "--forward-auth-user-header=Remote-User",
        "--group-role=ops=operator",
    ]);
    let proxy = served.behind_a_proxy();
    let me = |name: &str, value: &str| {
        Request::get("/logs/api/v1/me").header(name, value).send(proxy.address()).unwrap()
    };
    let ada = me("x-login", "ada").json().unwrap();
    assert_eq!((&ada["username"], &ada["role"]), (&json!("proxy:ada"), &json!("operator")), "{ada}");
    // The proxy takes away what visitors say of themselves, and MiniMan has nothing else to go by.
    assert_eq!(me("remote-user", "ada").status, 401);
    // A write needs an Origin of ours, as with a cookie: the proxy's login goes with every request by itself.
    let write = |origin: Option<&str>| {
        let request = Request::post("/logs/api/v1/searches").header("x-login", "ada");
        let request = origin.map_or(request.clone(), |origin| request.header("origin", origin));
        request.json(&json!({})).send(proxy.address()).unwrap().status
    };
    assert_eq!(write(None), 403);
    assert_eq!(write(Some("https://evil.example")), 403);
    assert_eq!(write(Some("https://logs.example.com")), 400);
}
