//! A million lines at once, faster than files rotate away under any reader that stops to think.

use std::thread;
use std::time::Duration;

use miniman_testkit::{Kind, RunSpec, SocketClient};
use serde_json::{Value, json};

use crate::rig::{Count, LIMIT, Rig};

const LINES: u64 = 1_000_000;

/// A debug build on a busy machine takes about a minute for both viewers.
const READ_LIMIT: Duration = Duration::from_secs(300);

#[test]
fn following_viewers_have_every_line_of_a_burst_that_rotates_json_files() {
    burst(|spec| spec.log("json-file", [("max-size", "10m"), ("max-file", "3")]));
}

#[test]
fn following_viewers_have_every_line_of_a_burst_with_the_local_driver() {
    burst(|spec| spec.log("local", []));
}

/// Viewers that follow from before the first line: one in batches, one a line at a time.
fn burst(driver: impl Fn(RunSpec) -> RunSpec) {
    let rig = Rig::start();
    rig.docker.create(&driver(RunSpec::numbered("burst", LINES, 0, 60))).unwrap();
    rig.present("burst");
    let (mut batches, mut seed) = (rig.client(Kind::Node), rig.client(Kind::Node));
    batches.acknowledge_batches().unwrap();
    let view = json!({"batch": true, "container": "burst"});
    batches.ask("stream_container_logs", &view, LIMIT).unwrap();
    rig.docker.docker(&["start", "burst"]).unwrap();
    // A stream of what does not run ends at once.
    let begun = |container: &Value| (container["state"] != "created").then_some(());
    rig.miniman.wait_for_container("burst", LIMIT, begun).unwrap();
    seed.emit("stream_container_logs", &json!({"container_id": "burst", "room": "r"})).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || read_batches(&batches));
        scope.spawn(move || read_lines(&seed));
    });
    assert_eq!(rig.present("burst")["log"]["gaps"], 0);
}

/// Reads until every line has come, and on to the end of the stream.
fn read_batches(client: &SocketClient) {
    let mut count = Count::default();
    let read = client.until(READ_LIMIT, |told| {
        let argument = &told["args"][0];
        match told["event"].as_str()? {
            "log_batch" => count.take_records(argument["records"].as_array().unwrap()),
            "log_gap" => panic!("{argument}"),
            // The container was not started yet when the view began: that stop is told too.
            "docker_log_complete" if count.next > 0 => return Some(()),
            _ => {}
        }
        None
    });
    read.unwrap_or_else(|error| panic!("{} lines in batches; {error:#}", count.next));
    assert_eq!(count.next, LINES);
}

fn read_lines(client: &SocketClient) {
    let mut count = Count::default();
    let read = client.until(READ_LIMIT, |told| {
        let argument = &told["args"][0];
        match told["event"].as_str()? {
            "docker_log" => count.take(argument["line"].as_str().unwrap()),
            "status" => panic!("{argument}"),
            "docker_log_complete" => return Some(()),
            _ => {}
        }
        None
    });
    read.unwrap_or_else(|error| panic!("{} lines one by one; {error:#}", count.next));
    assert_eq!(count.next, LINES);
}
