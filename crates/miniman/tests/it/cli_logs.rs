//! `miniman logs` without a server: from the engine.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use miniman_testkit::miniman::bare_command;
use miniman_testkit::{MiniMan, PrivateDocker, RunSpec};
use serde_json::Value;

use crate::rig::{BINARY, Count, LIMIT, rows_of};

/// Nobody listens there.
const NOBODY: &str = "127.0.0.1:1";

fn command(docker: &PrivateDocker, args: &[&str]) -> Command {
    let mut command = bare_command(Path::new(BINARY));
    command.args(["--docker-host", &docker.host(), "--listen", NOBODY, "logs"]).args(args);
    command
}

fn logs(docker: &PrivateDocker, args: &[&str]) -> Output {
    command(docker, args).output().unwrap()
}

/// Standard output of a reading that succeeds.
fn lines(docker: &PrivateDocker, args: &[&str]) -> Vec<String> {
    let output = logs(docker, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a container to its end.
fn ran(docker: &PrivateDocker, spec: &RunSpec) -> String {
    let id = docker.run(spec).unwrap();
    docker.wait(&spec.name).unwrap();
    id
}

/// A container that writes each of these lines a little after the one before.
fn saying(name: &str, lines: &[&str]) -> RunSpec {
    let script: Vec<_> = lines.iter().map(|line| format!("echo '{line}'; sleep 0.02")).collect();
    RunSpec::sh(name, &script.join("; "))
}

#[test]
fn one_log_is_read_by_name_by_id_and_by_its_ends() {
    let docker = PrivateDocker::start().unwrap();
    let id = ran(&docker, &RunSpec::numbered("web", 1_000, 0, 60));
    ran(&docker, &saying("other", &["not asked for"]));
    let mut count = Count::default();
    lines(&docker, &["web"]).iter().for_each(|line| count.take(line));
    assert_eq!(count.next, 1_000);
    for asked in [&id[..], &id[..8], "/web"] {
        assert_eq!(lines(&docker, &[asked]).len(), 1_000, "{asked}");
    }
    let mut last = Count { next: 990 };
    lines(&docker, &["-n", "10", "web"]).iter().for_each(|line| last.take(line));
    assert_eq!(last.next, 1_000);
    assert_eq!(lines(&docker, &["-n", "5000", "web"]).len(), 1_000);

    let said = said(&logs(&docker, &["-n", "1", "web"]));
    assert_eq!(said.lines().count(), 1, "{said}");
    for told in [NOBODY, &docker.host(), "burst"] {
        assert!(said.contains(told), "{told} is not in {said}");
    }
}

#[test]
fn times_bound_a_reading() {
    let docker = PrivateDocker::start().unwrap();
    ran(&docker, &saying("web", &["one", "two", "three", "four"]));
    let stamped = lines(&docker, &["-t", "web"]);
    let time = |at: usize| stamped[at].split_once(' ').unwrap().0.to_owned();
    assert_eq!(lines(&docker, &["--since", &time(1), "web"]), ["two", "three", "four"]);
    assert_eq!(lines(&docker, &["--until", &time(2), "web"]), ["one", "two"]);
    assert_eq!(lines(&docker, &["--since", &time(1), "--until", &time(3), "web"]), ["two", "three"]);
    assert_eq!(lines(&docker, &["--until", &time(3), "-n", "2", "web"]), ["two", "three"]);
    assert_eq!(lines(&docker, &["--since", "1h", "-n", "1", "web"]), ["four"]);
    assert!(lines(&docker, &["--until", "1h", "web"]).is_empty());
}

#[test]
fn several_logs_are_merged_by_time_and_selected_by_what_they_belong_to() {
    let docker = PrivateDocker::start().unwrap();
    // In turns: each waits until the other one has spoken.
    for turn in 0..3 {
        for (service, number) in [("web", 1), ("db", 2)] {
            let name = format!("shop-{service}-{turn}");
            let line = format!("{service} {turn}");
            ran(&docker, &saying(&name, &[&line]).compose("shop", service, number));
        }
    }
    ran(&docker, &saying("lone", &["alone"]));
    let in_turns = ["web 0", "db 0", "web 1", "db 1", "web 2", "db 2"];
    assert_eq!(lines(&docker, &["--stack", "shop"]), in_turns);
    assert_eq!(lines(&docker, &["shop-db-2", "shop-web-2"]), in_turns[4..]);
    assert_eq!(lines(&docker, &["--service", "web"]), ["web 0", "web 1", "web 2"]);
    assert_eq!(lines(&docker, &["-n", "3"]), ["web 2", "db 2", "alone"]);
    assert_eq!(lines(&docker, &["--stack", "shop", "-n", "2", "-q", "web"]), ["web 1", "web 2"]);
}

/// What a search by the server gives is what a search without it gives.
#[test]
fn lines_are_found_filtered_and_written_as_the_server_does_it() {
    let docker = PrivateDocker::start().unwrap();
    ran(&docker, &RunSpec::mixed("shop", 4_000));
    let trace = "ready\nlevel=error msg=first\nTraceback (most recent call last):\n  File \"a.py\", line 1\nValueError: no\nlevel=info token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P";
    ran(&docker, &RunSpec::new("trace", ["printf", &format!("{}\\n", trace.replace('\n', "\\n"))]));
    let mut miniman = MiniMan::start(BINARY, &docker).unwrap();
    miniman.wait_for_records("shop", 4_000, LIMIT).unwrap();
    miniman.wait_for_records("trace", 6, LIMIT).unwrap();
    let asked: [&[&str]; 16] = [
        &["shop"],
        &["--format", "text", "-t", "shop", "trace"],
        &["--severity", ">=warn", "shop"],
        &["--severity", "error", "-n", "7", "shop", "trace"],
        &["-q", "checkout -cache"],
        &["-q", "level:error"],
        &["-q", "level:none trace", "trace"],
        &["-q", "ValueError", "trace"],
        &["-q", "ValueError", "-n", "2", "trace"],
        &["-q", "level:>=error OR ready", "--severity", "none", "trace"],
        &["-q", "container:trace"],
        &["-q", "first", "-C", "1"],
        &["-q", "ready OR ValueError", "-C", "2", "--since", "1h"],
        &["-q", "checkout level:warn", "-C", "3"],
        &["-q", "level:error", "-C", "2", "--severity", "info", "shop"],
        &["-q", "stream:stderr"],
    ];
    let token = miniman.token().to_owned();
    let by_server = asked.map(|args| {
        let mut command = miniman.command([&["logs"], format(args), args].concat());
        let output = command.env("MINIMAN_TOKEN", &token).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
        assert_eq!(said(&output), "", "the server was asked");
        output.stdout
    });
    assert!(miniman.stop().unwrap().success());
    for (args, by_server) in asked.into_iter().zip(by_server) {
        let output = logs(&docker, &[format(args), args].concat());
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
        if format(args).is_empty() {
            assert!(output.stdout == by_server, "{args:?}");
            continue;
        }
        assert_eq!(comparable(args, &output.stdout), comparable(args, &by_server), "{args:?}");
    }
}

/// Rows, where the test does not ask for something else.
fn format(args: &[&str]) -> &'static [&'static str] {
    if args.contains(&"--format") { &[] } else { &["--format", "ndjson"] }
}

/// Without what numbers a server's log, and what it took: the server finds the last lines without reading all.
fn comparable(args: &[&str], ndjson: &[u8]) -> Vec<Value> {
    let mut rows = rows_of(ndjson);
    for row in &mut rows {
        match row.get_mut("summary").and_then(Value::as_object_mut) {
            Some(summary) => {
                summary.remove("elapsed_ms");
                if args.contains(&"-n") {
                    summary.remove("scanned");
                }
            }
            None => row.as_object_mut().unwrap().retain(|name, _| !["cursor", "seq"].contains(&&name[..])),
        }
    }
    rows
}

#[test]
fn every_format_is_written() {
    let docker = PrivateDocker::start().unwrap();
    let id = ran(&docker, &saying("web", &["plain", "level=error msg=\"no, sir\""]));
    let csv = lines(&docker, &["--format", "csv", "web"]);
    assert_eq!(csv.len(), 3, "{csv:?}");
    assert!(csv[0].starts_with("cursor,container_id,seq,") && csv[1].contains(&id), "{csv:?}");
    let json: Value = serde_json::from_str(&lines(&docker, &["--format", "json", "web"]).concat()).unwrap();
    assert_eq!(json["records"][1]["severity"], 17);
    assert_eq!(json["next"], Value::Null);
    let found = lines(&docker, &["--format", "json", "-q", "level:error", "web"]).concat();
    let json: Value = serde_json::from_str(&found).unwrap();
    assert_eq!((&json["summary"]["scanned"], &json["summary"]["matched"]), (&2.into(), &1.into()));
    assert_eq!(json["summary"]["unspecified"], 1);
}

#[test]
fn following_shows_what_was_there_and_what_comes_until_it_is_ended() {
    let docker = PrivateDocker::start().unwrap();
    ran(&docker, &saying("before", &["long", "ago"]));
    docker.run(&RunSpec::sh("web", "echo ready; mkfifo /in; while :; do cat /in; done")).unwrap();
    docker.run(&RunSpec::sh("db", "mkfifo /in; while :; do cat /in; done")).unwrap();
    let say = |name: &str, line: &str| {
        docker.docker(&["exec", name, "sh", "-c", &format!("echo '{line}' > /in")]).unwrap();
    };
    let mut following = Following::start(&docker, &["-f"]);
    following.expect(&["long", "ago", "ready"]);
    for turn in 0..3 {
        for name in ["db", "web"] {
            let line = format!("{name} says {turn}");
            say(name, &line);
            following.expect(&[&line]);
        }
    }
    let mut found = Following::start(&docker, &["-f", "-n", "1", "-q", "says -web", "--format", "ndjson"]);
    assert_eq!(found.record()["body"], "db says 2");
    say("web", "web says no");
    say("db", "db says yes");
    assert_eq!(found.record()["body"], "db says yes");
    following.expect(&["web says no", "db says yes"]);

    // It goes on while one of the containers runs, and ends with the last.
    docker.docker(&["stop", "db"]).unwrap();
    say("web", "still here");
    following.expect(&["still here"]);
    docker.docker(&["stop", "web"]).unwrap();
    assert!(following.child.wait().unwrap().success());
    assert!(found.child.wait().unwrap().success());
}

/// A reading that goes on, killed when it is dropped.
struct Following {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Following {
    fn start(docker: &PrivateDocker, args: &[&str]) -> Self {
        let mut child = command(docker, args).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("it goes on").unwrap()
    }

    fn expect(&mut self, lines: &[&str]) {
        for line in lines {
            assert_eq!(self.line(), *line);
        }
    }

    fn record(&mut self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}

#[test]
fn what_cannot_be_read_is_refused_in_words() {
    let docker = PrivateDocker::start().unwrap();
    docker.run(&RunSpec::sh("web", "sleep 1000")).unwrap();
    docker.run(&RunSpec::sh("mute", "sleep 1000").log("none", [])).unwrap();
    let refused = |args: &[&str], told: &str| {
        let output = logs(&docker, args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(output.stdout.is_empty());
        assert!(said(&output).contains(told), "{args:?}: {}", said(&output));
    };
    refused(&["nope"], "the engine has no container \"nope\"");
    refused(&["--stack", "nope"], "the engine has no stack \"nope\"");
    refused(&["--engine", "nope"], "there is no engine \"nope\"");
    refused(&["--since", "soon"], "since is \"soon\", not a time");
    refused(&["-q", "(web"], "this parenthesis is not closed");
    refused(&["-f", "--format", "json", "web"], "use ndjson");
    refused(&["-q", "x", "-C", "3", "-n", "5", "web"], "need a server");
    refused(&["mute"], "mute: ");
    let beside = logs(&docker, &[]);
    assert_eq!(beside.status.code(), Some(0));
    assert!(said(&beside).contains("mute: "), "{}", said(&beside));

    ran(&docker, &saying("secret", &["pin=1234"]).label("miniman.redact", "pin=(\\d+)"));
    assert_eq!(lines(&docker, &["secret"]), ["pin=[redacted: label pattern]"]);
    ran(&docker, &saying("wrong", &["pin=1234"]).label("miniman.redact", "("));
    let wrong = logs(&docker, &["wrong"]);
    assert!(said(&wrong).contains("wrong: the label miniman.redact redacts nothing"), "{}", said(&wrong));

    // A server that was named is meant.
    let named = logs(&docker, &["--server", &format!("http://{NOBODY}"), "web"]);
    assert_eq!(named.status.code(), Some(1));
    assert!(said(&named).contains("refused") && !said(&named).contains("engine"), "{}", said(&named));

    docker.stop().unwrap();
    let neither = logs(&docker, &["web"]);
    assert_eq!(neither.status.code(), Some(1));
    for told in [NOBODY, &docker.host(), "no engine answers"] {
        assert!(said(&neither).contains(told), "{told} is not in {}", said(&neither));
    }
}
