//! The command line: what it says and how it exits; starting and stopping.

use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use miniman_testkit::miniman::bare_command;
use miniman_testkit::{Kind, MiniMan, PrivateDocker, Request, RunSpec};
use serde_json::{Value, json};

use crate::rig::{BINARY, Count, LIMIT, Rig};

/// An orchestrator's patience before it kills.
const STOP_MAX: Duration = Duration::from_secs(10);

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn bad_configuration_exits_64_with_all_that_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("miniman.toml");
    std::fs::write(&config, "lisen = \"127.0.0.1:1\"\n").unwrap();
    let output = bare_command(Path::new(BINARY))
        .args(["--listen", "nowhere", "--public-url", "logs.example.com/x", "--admin-username", "root"])
        .arg("--config")
        .arg(&config)
        .arg("--data-dir")
        .arg(dir.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(64));
    let said = said(&output);
    for wrong in ["--listen", "--public-url", "--admin-password-file", "lisen"] {
        assert!(said.contains(wrong), "{wrong} is not in {said}");
    }
    assert!(!dir.path().join("miniman.db").exists(), "nothing was begun");
    let unknown = bare_command(Path::new(BINARY)).arg("--no-such-option").output().unwrap();
    assert_eq!(unknown.status.code(), Some(64));
}

#[test]
fn health_tells_a_server_that_answers_from_one_that_does_not() {
    let mut rig = Rig::start();
    assert_eq!(rig.miniman.run(["health"]).unwrap().status.code(), Some(0));
    assert!(rig.miniman.stop().unwrap().success());
    let output = rig.miniman.run(["health"]).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains(&rig.miniman.address().to_string()), "{}", said(&output));
}

#[test]
fn a_second_process_on_the_same_data_is_refused_in_words() {
    let rig = Rig::start();
    // On another port, so that it is the data that it is refused for.
    let output = bare_command(Path::new(BINARY))
        .args(["--listen", "127.0.0.1:0", "--docker-host", &rig.docker.host(), "--data-dir"])
        .arg(rig.miniman.data_dir())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(said.starts_with("miniman: ") && said.contains("another"), "{said}");
    assert_eq!(rig.miniman.get("/healthz").unwrap().status, 200);
}

#[test]
fn the_store_is_looked_at_beside_the_server_and_after_it() {
    let mut rig = Rig::start();
    rig.docker.run(&RunSpec::numbered("web", 5_000, 5_000, 60)).unwrap();
    rig.miniman.wait_for_records("web", 5_000, LIMIT).unwrap();
    let looked_at = |rig: &Rig| {
        for command in ["check", "stats"] {
            let output = rig.miniman.run(["store", command]).unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", said(&output));
            assert!(!output.stdout.is_empty());
        }
    };
    looked_at(&rig);
    assert!(rig.miniman.stop().unwrap().success());
    looked_at(&rig);
    let elsewhere = tempfile::tempdir().unwrap();
    let output = bare_command(Path::new(BINARY))
        .args(["store", "check", "--data-dir"])
        .arg(elsewhere.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("there is no"), "{}", said(&output));
}

#[test]
fn without_an_engine_it_says_what_was_tried_and_finds_the_engine_when_it_comes() {
    let docker = PrivateDocker::start().unwrap();
    docker.stop().unwrap();
    let miniman = MiniMan::start_on(BINARY, &docker.host()).unwrap();
    let page = miniman.send(Request::get("/").accept("text/html")).unwrap();
    assert_eq!(page.status, 200);
    let tried = miniman_testkit::wait_for("what was tried", LIMIT, || {
        let list = miniman.get("/api/v1/containers").ok()?.json().ok()?;
        let engine = list["engines"][0].clone();
        (!engine["tried"].as_array()?.is_empty()).then_some(engine)
    })
    .unwrap();
    assert_eq!(tried["status"], "connecting");
    assert_eq!(tried["tried"][0]["endpoint"], docker.host().as_str());
    assert!(tried["tried"][0]["error"].as_str().unwrap().len() > 5, "{tried}");

    docker.start_again().unwrap();
    docker.run(&RunSpec::sh("web", "echo hello; sleep 1000")).unwrap();
    let running = |container: &Value| (container["state"] == "running").then_some(());
    miniman.wait_for_container("web", LIMIT, running).unwrap();
    miniman.wait_for_records("web", 1, LIMIT).unwrap();
    // Its daemon outlives it.
    drop(miniman);
}

#[test]
fn a_stop_in_the_middle_of_everything_ends_in_time_and_loses_nothing() {
    let mut rig = Rig::start();
    rig.docker.run(&RunSpec::numbered("web", 30_000, 10_000, 60)).unwrap();
    rig.present("web");
    let mut client = rig.client(Kind::Node);
    client.acknowledge_batches().unwrap();
    client.ask("stream_container_logs", &json!({"batch": true, "container": "web"}), LIMIT).unwrap();
    client.event("log_batch", LIMIT).unwrap();
    let (answer, following) = Request::get("/api/v1/logs?container=web&follow=true")
        .bearer(rig.miniman.token())
        .begin(rig.miniman.address())
        .unwrap();
    assert_eq!(answer.status, 200);

    let asked_at = Instant::now();
    let status = rig.miniman.stop().unwrap();
    assert!(status.success(), "{status}: {}", rig.miniman.diagnostics());
    assert!(asked_at.elapsed() < STOP_MAX, "{:?}", asked_at.elapsed());
    client.until(LIMIT, |told| told.get("disconnect").map(|_| ())).unwrap();
    drop(following);

    rig.miniman.start_again().unwrap();
    rig.miniman.wait_for_engine().unwrap();
    let mut count = Count::default();
    count.take_records(&rig.settled("web"));
    assert_eq!(count.next, 30_000);
}

#[test]
fn orchestrators_and_prometheus_get_their_answers() {
    let rig = Rig::start();
    for path in ["/healthz", "/readyz"] {
        let answer = Request::get(path).send(rig.miniman.address()).unwrap();
        assert_eq!(answer.status, 200, "{path}");
    }
    let metrics = rig.miniman.get("/metrics").unwrap();
    assert_eq!(metrics.status, 200);
    assert!(metrics.text().contains("# TYPE miniman_"), "{}", metrics.text());
    let document = rig.miniman.get("/api/openapi.json").unwrap().json().unwrap();
    assert_eq!(document["openapi"].as_str().unwrap()[..3], *"3.1");
}
