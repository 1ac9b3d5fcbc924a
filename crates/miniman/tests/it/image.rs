//! The container image: what `Dockerfile` builds, run as `compose.yaml` runs it, on a daemon of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use miniman_testkit::{PrivateDocker, Request, RunSpec, wait_for};
use serde_json::Value;

use crate::rig::LIMIT;

/// Docker's name for the machine that the Dockerfile copies from.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Static and with the page inside, as a release, but not optimised for minutes.
const PROFILE: &str = "quick";

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A key of `compose.yaml`'s service, and the argument of `docker run` that says the same.
const HARDENING: [(&str, &str); 4] = [
    ("cap_drop: [ALL]", "--cap-drop=ALL"),
    ("security_opt: [\"no-new-privileges:true\"]", "--security-opt=no-new-privileges:true"),
    ("read_only: true", "--read-only"),
    ("tmpfs: [/tmp]", "--tmpfs=/tmp"),
];

#[test]
fn the_image_serves_the_page_and_tails_from_mounted_files() {
    build_static_binary();
    let docker = PrivateDocker::start().unwrap();
    docker.run(&RunSpec::sh("writer", "seq 1 1000; sleep 1000")).unwrap();
    build_image(&docker);
    let server = Server::start(&docker);

    wait_for("Docker to call it healthy", LIMIT, || {
        (docker.inspect("miniman", "{{.State.Health.Status}}").ok()? == "healthy").then_some(())
    })
    .unwrap();
    docker.docker(&["exec", "miniman", "/miniman", "health"]).unwrap();

    let page = server.get("/", "text/html");
    assert!(page.contains("<!doctype html>") && page.contains("/_app/"), "{page}");

    let lines = wait_for("the writer's lines", LIMIT, || {
        let lines = server.get("/api/v1/logs?container=writer", "text/plain");
        (lines.lines().count() == 1000).then_some(lines)
    })
    .unwrap();
    assert!(lines.lines().eq((1..=1000).map(|n| n.to_string())));

    // It has done all this with as few rights as compose.yaml gives it.
    let host = "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.Privileged}} {{.HostConfig.SecurityOpt}}";
    assert_eq!(docker.inspect("miniman", host).unwrap(), "true [ALL] false [no-new-privileges:true]");
    let pid = docker.inspect("miniman", "{{.State.Pid}}").unwrap();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    for (name, value) in [("CapPrm", "0000000000000000"), ("CapEff", "0000000000000000"), ("NoNewPrivs", "1")]
    {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(":\t"));
        assert_eq!(line, Some(value), "{name}");
    }

    let list: Value = serde_json::from_str(&server.get("/api/v1/containers", "application/json")).unwrap();
    let containers = list["containers"].as_array().unwrap();
    let named = |name: &str| containers.iter().find(|container| container["name"] == name).unwrap();
    assert_eq!(named("writer")["log"]["source"], "files", "{list}");
    assert_eq!(named("miniman")["is_self"], true, "{list}");

    docker.docker(&["stop", "--time", "30", "miniman"]).unwrap();
    assert_eq!(docker.inspect("miniman", "{{.State.ExitCode}}").unwrap(), "0");
    docker.docker(&["rm", "miniman"]).unwrap();
    docker.docker(&["rmi", "miniman:test"]).unwrap();
}

/// MiniMan in its container, with the only network that the daemon has: its own.
struct Server<'a> {
    docker: &'a PrivateDocker,
    address: SocketAddr,
    token: String,
}

impl Server<'_> {
    fn start(docker: &PrivateDocker) -> Server<'_> {
        // Nobody else is in the daemon's network.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 5647));
        let containers = docker.data_root().join("containers");
        let password = docker.dir().join("password");
        std::fs::write(&password, "correct horse battery").unwrap();
        let mount = |from: &Path, to: &Path| format!("--volume={}:{}", from.display(), to.display());
        let args = [
            "run",
            "--detach",
            "--name=miniman",
            "--network=host",
            "--health-interval=1s",
            &format!("--env=MINIMAN_LISTEN={address}"),
            "--env=MINIMAN_ADMIN_USERNAME=admin",
            "--env=MINIMAN_ADMIN_PASSWORD_FILE=/password",
            &(mount(&password, Path::new("/password")) + ":ro"),
            &mount(&docker.socket(), Path::new("/var/run/docker.sock")),
            &(mount(&containers, &containers) + ":ro"),
        ];
        let compose = std::fs::read_to_string(Path::new(ROOT).join("compose.yaml")).unwrap();
        for (key, _) in HARDENING {
            assert!(compose.lines().any(|line| line.trim() == key), "compose.yaml has lost {key}");
        }
        let hardening = HARDENING.map(|(_, argument)| argument);
        docker.docker(&[&args[..], &hardening, &["miniman:test"]].concat()).unwrap();
        let token = wait_for("an API token", LIMIT, || {
            let args = ["exec", "miniman", "/miniman", "token", "create", "--name=test", "--role=viewer"];
            docker.docker(&args).ok()
        })
        .unwrap_or_else(|error| panic!("{error}; miniman said: {:?}", docker.docker(&["logs", "miniman"])));
        Server { docker, address, token }
    }

    fn get(&self, path: &str, accept: &str) -> String {
        let request = || Request::get(path).bearer(&self.token).accept(accept).send(self.address).unwrap();
        let answer = self.docker.in_network(request).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }
}

/// As `cargo xtask image` builds it, but for the profile.
fn build_static_binary() {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", PROFILE, "--package", "miniman", "--target", TARGET])
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .current_dir(ROOT)
        .status()
        .unwrap();
    assert!(status.success());
}

fn build_image(docker: &PrivateDocker) {
    let profile = format!("PROFILE={PROFILE}");
    let mut build =
        docker.command(&["build", "--quiet", "--build-arg", &profile, "--tag", "miniman:test", "."]);
    // Docker 20.10 has no BuildKit that a newer client would speak to.
    let output = build.env("DOCKER_BUILDKIT", "0").current_dir(ROOT).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
