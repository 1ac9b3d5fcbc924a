//! What goes wrong around MiniMan, and what containers write that no one expects.

use std::time::{Duration, Instant};

use miniman_testkit::{Kind, MiniMan, PrivateDocker, RunSpec, SocketClient, wait_for};
use serde_json::{Value, json};

use crate::rig::{BINARY, Count, LIMIT, Rig};

/// What MiniMan may hold, whatever a viewer does.
const MEMORY_KB_MAX: u64 = 100_000;

#[test]
fn a_services_view_goes_on_when_its_container_is_recreated() {
    let rig = Rig::start();
    let spec = |text: &str| RunSpec::sh("shop-web-1", text).compose("shop", "web", 1);
    let first = rig.docker.run(&spec("echo one; sleep 1000")).unwrap();
    rig.present("shop-web-1");
    let mut client = rig.client(Kind::Node);
    client.acknowledge_batches().unwrap();
    let view = json!({"batch": true, "stack": "shop", "service": "web"});
    client.ask("stream_container_logs", &view, LIMIT).unwrap();
    let next = || client.event("log_batch", LIMIT).unwrap()["records"][0].clone();
    let one = next();
    assert_eq!((&one["body"], &one["container_id"]), (&json!("one"), &json!(first)));
    rig.docker.docker(&["rm", "--force", "shop-web-1"]).unwrap();
    let second = rig.docker.run(&spec("echo two; sleep 1000")).unwrap();
    let two = next();
    assert_eq!((&two["body"], &two["container_id"]), (&json!("two"), &json!(second)));
    // Both stay readable, by the service's name.
    let rows = rig.rows("stack=shop&service=web");
    let bodies: Vec<_> = rows.iter().map(|row| row["body"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["one", "two"]);
}

#[test]
fn readers_that_stop_for_thirty_seconds_cost_no_memory_and_miss_nothing() {
    const LINES: u64 = 300_000;
    const STALL: Duration = Duration::from_secs(30);
    let rig = Rig::start();
    rig.docker.run(&RunSpec::numbered("web", LINES, 20_000, 100).hold()).unwrap();
    rig.present("web");
    let connect = || {
        let options = json!({
            "auth": {"token": rig.miniman.token()}, "reconnection": false, "transports": ["websocket"]
        });
        let client = SocketClient::start(Kind::Node, &rig.miniman.url(), &options).unwrap();
        client.until(LIMIT, |told| told.get("connect").map(|_| ())).unwrap();
        client
    };
    let (mut batches, mut seed) = (connect(), connect());
    batches.acknowledge_batches().unwrap();
    batches.ask("stream_container_logs", &json!({"batch": true, "container": "web"}), LIMIT).unwrap();
    seed.emit("stream_container_logs", &json!({"container_id": "web", "room": "r"})).unwrap();
    let (mut by_batch, mut by_line) = (Count::default(), Count::default());
    take_batch(&batches, &mut by_batch);
    by_line.take(seed.event("docker_log", LIMIT).unwrap()["line"].as_str().unwrap());

    batches.set_reading(false).unwrap();
    seed.set_reading(false).unwrap();
    let stalled_at = Instant::now();
    wait_for("30 s of not reading", STALL + LIMIT, || (stalled_at.elapsed() >= STALL).then_some(())).unwrap();
    rig.miniman.wait_for_records("web", LINES, LIMIT).unwrap();
    let peak = rig.miniman.memory_kb("VmHWM").unwrap();
    assert!(peak < MEMORY_KB_MAX, "{peak} kB");
    // They were stalled indeed: what had come before is far from all.
    while let Ok(told) = batches.next(Duration::ZERO) {
        if told["event"] == "log_batch" {
            by_batch.take_records(told["args"][0]["records"].as_array().unwrap());
        }
    }
    assert!(by_batch.next < LINES / 2, "{} lines came to one who does not read", by_batch.next);

    batches.set_reading(true).unwrap();
    seed.set_reading(true).unwrap();
    while by_batch.next < LINES {
        take_batch(&batches, &mut by_batch);
    }
    while by_line.next < LINES {
        by_line.take(seed.event("docker_log", LIMIT).unwrap()["line"].as_str().unwrap());
    }
    let peak = rig.miniman.memory_kb("VmHWM").unwrap();
    assert!(peak < MEMORY_KB_MAX, "{peak} kB");
}

fn take_batch(client: &SocketClient, count: &mut Count) {
    let batch = client.event("log_batch", LIMIT).unwrap();
    count.take_records(batch["records"].as_array().unwrap());
}

#[test]
fn odd_lines_are_told_as_they_were_written() {
    let rig = Rig::start();
    let script = r"
        printf '\n'; printf 'a\rb\n'; printf 'x\000y\n'; printf 'bad \377 byte\n';
        head -c 16384 /dev/zero | tr '\0' 'e'; echo;
        head -c 16385 /dev/zero | tr '\0' 'f'; echo;
        head -c 10485760 /dev/zero | tr '\0' 'g'; echo;
        printf 'no newline at the end'";
    for driver in ["json-file", "local"] {
        rig.docker.run(&RunSpec::sh(driver, script).log(driver, [])).unwrap();
        let rows = rig.settled(driver);
        let bodies: Vec<_> = rows.iter().map(|row| row["body"].as_str().unwrap()).collect();
        let (long, short): (Vec<_>, Vec<_>) = bodies.into_iter().partition(|body| body.len() > 100);
        let expected = ["", "a\rb", "x\0y", "bad \u{fffd} byte", "no newline at the end"];
        assert_eq!(short, expected, "{driver}");
        let lengths: Vec<_> = long.iter().map(|body| (&body[..1], body.len())).collect();
        assert_eq!(lengths, [("e", 16_384), ("f", 16_385), ("g", 1 << 20)], "{driver}");
        let cut: Vec<_> = rows.iter().filter_map(|row| row["cut"].as_u64()).collect();
        assert_eq!(cut, [10_485_760 - (1 << 20)], "{driver}");
    }
    let peak = rig.miniman.memory_kb("VmHWM").unwrap();
    assert!(peak < MEMORY_KB_MAX, "{peak} kB");
}

#[test]
fn a_terminals_line_ends_and_an_empty_log_are_no_lines_of_their_own() {
    let rig = Rig::start();
    rig.docker.run(&RunSpec::sh("tty", "echo one; echo two >&2").tty()).unwrap();
    rig.docker.run(&RunSpec::sh("silent", "true")).unwrap();
    let rows = rig.settled("tty");
    let bodies: Vec<_> = rows.iter().map(|row| row["body"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["one", "two"]);
    assert!(rig.settled("silent").is_empty());
    // The stream of an empty log ends, rather than waiting for a first line.
    let mut client = rig.client(Kind::Node);
    client.emit("stream_container_logs", &json!({"container_id": "silent", "room": "r"})).unwrap();
    assert_eq!(client.event("docker_log_complete", LIMIT).unwrap()["status"], "completed");
}

#[test]
fn a_clock_that_jumps_back_changes_no_order() {
    let docker = PrivateDocker::start().unwrap();
    let id = docker.run(&RunSpec::sh("web", "seq 0 99")).unwrap();
    docker.wait("web").unwrap();
    docker.stop().unwrap();
    let path = docker.json_log(&id);
    let log = std::fs::read_to_string(&path).unwrap();
    let jumped: Vec<String> = log.lines().enumerate().map(|(index, line)| at(line, index)).collect();
    assert_eq!(jumped.len(), 100);
    std::fs::write(&path, jumped.join("\n") + "\n").unwrap();
    docker.start_again().unwrap();

    let rig = Rig { miniman: MiniMan::start(BINARY, &docker).unwrap(), docker };
    let rows = rig.settled("web");
    let mut count = Count::default();
    count.take_records(&rows);
    assert_eq!(count.next, 100);
    let times: Vec<_> = rows.iter().map(|row| row["timestamp"].as_str().unwrap()).collect();
    assert!(times[49] > times[50], "{} {}", times[49], times[50]);
    // A page, its continuation and the end: in the log's order.
    let page = rig.rows("container=web&limit=60");
    let after = page[59]["cursor"].as_str().unwrap();
    let rest = rig.rows(&format!("container=web&after={after}"));
    assert_eq!([page, rest].concat(), rows);
    assert_eq!(rig.rows("container=web&tail=60"), rows[40..]);
}

/// The line of a json-file log with another time: after 50 lines the clock goes back by an hour.
fn at(line: &str, index: usize) -> String {
    let mut entry: Value = serde_json::from_str(line).unwrap();
    let hour = if index < 50 { 12 } else { 11 };
    entry["time"] = json!(format!("2026-01-02T{hour}:00:{:02}.000000001Z", index % 50));
    entry.to_string()
}
