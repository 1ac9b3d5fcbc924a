//! The seed's dialogue, spoken by the official clients.

use std::collections::BTreeSet;

use miniman_testkit::{Kind, Request, RunSpec, SocketClient};
use serde_json::{Value, json};

use crate::rig::{LIMIT, Rig, number};

const LOG_KEYS: [&str; 8] =
    ["log_id", "operation_type", "config_id", "container_id", "image_name", "line", "timestamp", "status"];

#[test]
fn socket_io_client_runs_the_whole_dialogue() {
    dialogue(Kind::Node);
}

#[test]
fn python_socketio_runs_the_whole_dialogue() {
    dialogue(Kind::Python);
}

fn dialogue(kind: Kind) {
    let rig = Rig::start();
    refused_without_credentials(&rig, kind);

    // The second run is short: Python's client takes a while for each line.
    let script = "test -e /ran && exec numbered-writer --count 1000 --hold
        touch /ran; exec numbered-writer --count 100000 --rate 30000 --hold";
    let spec = RunSpec::sh("shop-web-1", script).compose("shop", "web", 1);
    let id = rig.docker.run(&spec).unwrap();
    let container = rig.present("shop-web-1");
    let mut client = rig.client(kind);
    missing_keys_are_told(&mut client);
    let room = format!("container_logs_{id}");
    join(&mut client, &room);

    client.emit("stream_container_logs", &json!({"container_id": id, "room": room})).unwrap();
    let first = lines(&client, kind, 100_000);
    let log_id = first["log_id"].clone();
    assert_eq!(first["container_id"], id.as_str());
    assert_eq!(first["config_id"], container["config_id"]);
    assert_eq!(first["image_name"], "miniman-sample:latest");

    // A restart: told, and the same stream goes on with the next run's lines.
    act(&rig, "restart", &id);
    let (mut told, mut went_on) = (None, false);
    while told.is_none() || !went_on {
        let event = client.until(LIMIT, |told| told.get("event").map(|_| told.clone())).unwrap();
        match event["event"].as_str().unwrap() {
            "docker_log" => went_on = event["args"][0]["log_id"] == log_id,
            "container_status_change" if event["args"][0]["action"] == "restart" => {
                told = Some(event["args"][0].clone());
            }
            "docker_log_complete" => panic!("a restart ends no stream: {event}"),
            _ => {}
        }
    }
    is_change(&told.unwrap(), &id, "restart", "running");

    // A stop: told, and the stream ends behind its last line.
    act(&rig, "stop", &id);
    let (mut told, mut complete) = (None, None);
    while told.is_none() || complete.is_none() {
        let event = client.until(LIMIT, |told| told.get("event").map(|_| told.clone())).unwrap();
        let argument = event["args"][0].clone();
        match event["event"].as_str().unwrap() {
            "container_status_change" if argument["action"] == "stop" => told = Some(argument),
            "docker_log_complete" => complete = Some(argument),
            _ => {}
        }
    }
    is_change(&told.unwrap(), &id, "stop", "stopped");
    is_complete(&complete.unwrap(), &id, &log_id);

    client.emit("leave", &json!({"room": room})).unwrap();
    let status = client.event("status", LIMIT).unwrap();
    assert_eq!(status, json!({"msg": format!("Left room: {room}")}));
}

/// The handshake says why; nothing else comes.
fn refused_without_credentials(rig: &Rig, kind: Kind) {
    for auth in [json!(null), json!({}), json!({"token": "mm_wrong"})] {
        let options = json!({"auth": auth, "reconnection": false});
        let client = SocketClient::start(kind, &rig.miniman.url(), &options).unwrap();
        let told = client.next(LIMIT).unwrap();
        let message = told["connect_error"].as_str().unwrap_or_else(|| panic!("{auth}: {told}"));
        assert!(message.len() > 10 && message.contains(' '), "a sentence, and not {message:?}");
    }
}

fn missing_keys_are_told(client: &mut SocketClient) {
    for (payload, missing) in [
        (json!({"room": "r"}), "container_id"),
        (json!({"container_id": "shop-web-1"}), "room"),
        (json!({}), "container_id"),
    ] {
        client.emit("stream_container_logs", &payload).unwrap();
        let status = client.event("status", LIMIT).unwrap();
        assert_eq!(status, json!({"msg": format!("Missing key: {missing}")}));
    }
}

fn join(client: &mut SocketClient, room: &str) {
    client.emit("join", &json!({"room": room})).unwrap();
    let status = client.event("status", LIMIT).unwrap();
    assert_eq!(status, json!({"msg": format!("Joined room: {room}")}));
}

/// Takes the lines `0..count`: each once, in order, with the contract's keys. Gives the first.
fn lines(client: &SocketClient, kind: Kind, count: u64) -> Value {
    let (mut numbers, mut first) = (Vec::new(), None);
    while (numbers.len() as u64) < count {
        let log = client.event("docker_log", LIMIT).unwrap_or_else(|error| {
            panic!("{} of {count} lines came; {error:#}", numbers.len());
        });
        is_log(&log);
        numbers.push(number(log["line"].as_str().unwrap()));
        first.get_or_insert(log);
    }
    if kind == Kind::Python {
        // The client runs its handlers in threads: the order is theirs, and not the wire's.
        numbers.sort_unstable();
    }
    for (expected, number) in numbers.into_iter().enumerate() {
        assert_eq!(number, expected as u64);
    }
    first.unwrap()
}

fn is_log(log: &Value) {
    let keys: BTreeSet<_> = log.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(LOG_KEYS), "{log}");
    assert_eq!(log["operation_type"], "stream_container_logs");
    assert_eq!(log["status"], "running");
    let timestamp = log["timestamp"].as_str().unwrap();
    assert!(timestamp.len() == "2026-01-01T00:00:00.000000000Z".len() && timestamp.ends_with('Z'), "{log}");
}

fn is_change(change: &Value, id: &str, action: &str, status: &str) {
    let keys: Vec<_> = change.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["action", "container_id", "status", "success", "timestamp"], "{change}");
    assert_eq!(
        (&change["container_id"], &change["action"], &change["status"], &change["success"]),
        (&json!(id), &json!(action), &json!(status), &json!(true))
    );
}

fn is_complete(complete: &Value, asked: &str, log_id: &Value) {
    let keys: BTreeSet<_> = complete.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "log_id",
        "operation_type",
        "config_id",
        "container_id",
        "image_name",
        "success",
        "timestamp",
        "status",
    ];
    assert_eq!(keys, BTreeSet::from(expected), "{complete}");
    assert_eq!(
        (&complete["container_id"], &complete["success"], &complete["status"], &complete["log_id"]),
        (&json!(asked), &json!(true), &json!("completed"), log_id)
    );
}

fn act(rig: &Rig, action: &str, id: &str) {
    let answer = rig.miniman.send(Request::post(&format!("/docker/containers/{action}/{id}"))).unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
}

#[test]
fn everyone_in_a_room_gets_each_line_once_whoever_asked() {
    let rig = Rig::start();
    rig.docker.run(&RunSpec::numbered("web", 20_000, 10_000, 0).hold()).unwrap();
    rig.present("web");
    let mut listener = rig.client(Kind::Node);
    join(&mut listener, "control");
    let mut askers = [(Kind::Node, rig.client(Kind::Node)), (Kind::Python, rig.client(Kind::Python))];
    for (_, asker) in &mut askers {
        asker.emit("stream_container_logs", &json!({"container_id": "web", "room": "control"})).unwrap();
    }
    for (kind, asker) in &askers {
        lines(asker, *kind, 20_000);
    }
    lines(&listener, Kind::Node, 20_000);
    // Whatever is doubled would come before the end of the stream.
    rig.docker.docker(&["stop", "web"]).unwrap();
    for client in askers.iter().map(|(_, asker)| asker).chain([&listener]) {
        is_complete_without_more_lines(client);
    }
}

#[test]
fn a_second_request_replaces_the_first() {
    let rig = Rig::start();
    rig.docker.run(&RunSpec::numbered("web", 20_000, 10_000, 0).hold()).unwrap();
    rig.present("web");
    let mut client = rig.client(Kind::Node);
    for _ in 0..5 {
        client.emit("stream_container_logs", &json!({"container_id": "web", "room": "control"})).unwrap();
    }
    lines(&client, Kind::Node, 20_000);
    rig.docker.docker(&["stop", "web"]).unwrap();
    is_complete_without_more_lines(&client);
}

fn is_complete_without_more_lines(client: &SocketClient) {
    let found = client.until(LIMIT, |told| {
        assert_ne!(told["event"], "docker_log", "{told}");
        (told["event"] == "docker_log_complete").then(|| told["args"][0].clone())
    });
    assert_eq!(found.unwrap()["status"], "completed");
}

#[test]
fn a_container_is_named_back_as_it_was_asked_for() {
    let rig = Rig::start();
    let id = rig.docker.run(&RunSpec::sh("job", "seq 0 4")).unwrap();
    rig.settled("job");
    let mut client = rig.client(Kind::Node);
    for form in [id.as_str(), &id[..12], "job"] {
        client.emit("stream_container_logs", &json!({"container_id": form, "room": "r"})).unwrap();
        let log = client.event("docker_log", LIMIT).unwrap();
        assert_eq!((&log["container_id"], &log["line"]), (&json!(form), &json!("0")));
        let complete = client.event("docker_log_complete", LIMIT).unwrap();
        is_complete(&complete, form, &log["log_id"]);
        // The next stream of the same container starts at its beginning only when this one has been left.
        client.emit("leave", &json!({"room": "r"})).unwrap();
        client.event("status", LIMIT).unwrap();
    }
}

#[test]
fn a_container_that_is_not_there_is_refused_in_words() {
    let rig = Rig::start();
    for kind in [Kind::Node, Kind::Python] {
        let mut client = rig.client(kind);
        client.emit("stream_container_logs", &json!({"container_id": "nope", "room": "r"})).unwrap();
        let complete = client.event("docker_log_complete", LIMIT).unwrap();
        assert_eq!((&complete["success"], &complete["status"]), (&json!(false), &json!("failed")));
        assert_eq!(complete["container_id"], "nope");
        assert_eq!(complete["error"], "no such container");
        client.emit("join", &json!({"room": "container_logs_nope"})).unwrap();
        let status = client.event("status", LIMIT).unwrap();
        assert!(status["msg"].as_str().unwrap().starts_with("Not joined: "), "{status}");
    }
}
