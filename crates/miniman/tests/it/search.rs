//! Searching what containers wrote, over the API, the socket and the command line.

use miniman_testkit::miniman::bare_command;
use miniman_testkit::{Kind, RunSpec};
use serde_json::{Value, json};

use crate::rig::{BINARY, LIMIT, Rig};

/// A trace between two lines, and a word by which it goes on.
const WRITES_A_TRACE: &str = r"echo 'INFO started'
echo 'ERROR request did not finish'
echo 'java.lang.IllegalStateException: boom'
printf '\tat com.example.App.run(App.java:10)\n'
echo 'Caused by: java.sql.SQLException: gone'
echo 'INFO goes on'";

const TRACE: [&str; 4] = [
    "ERROR request did not finish",
    "java.lang.IllegalStateException: boom",
    "\tat com.example.App.run(App.java:10)",
    "Caused by: java.sql.SQLException: gone",
];

fn bodies(rows: &[Value]) -> Vec<&str> {
    rows.iter().filter_map(|row| row["body"].as_str()).collect()
}

#[test]
fn one_line_of_a_trace_finds_all_of_it() {
    let rig = Rig::start();
    rig.docker.run(&RunSpec::sh("jvm", WRITES_A_TRACE)).unwrap();
    rig.settle("jvm");
    let rows = rig.rows("container=jvm&query=SQLException");
    assert_eq!(bodies(&rows), TRACE);
    assert_eq!(rows.last().unwrap()["summary"]["matched"], 4);
    assert_eq!(bodies(&rig.rows("container=jvm&query=level:error+boom")), TRACE);
    let info = rig.rows("container=jvm&query=level:info");
    assert_eq!(bodies(&info), ["INFO started", "INFO goes on"]);
    assert_eq!(info.last().unwrap()["summary"]["unspecified"], 3);

    let mut client = rig.client(Kind::Node);
    client.acknowledge_batches().unwrap();
    let view = json!({"batch": true, "container": "jvm", "query": "SQLException"});
    client.ask("stream_container_logs", &view, LIMIT).unwrap();
    let batch = client.event("log_batch", LIMIT).unwrap();
    assert_eq!(bodies(batch["records"].as_array().unwrap()), TRACE);

    let output = bare_command(std::path::Path::new(BINARY))
        .args(["logs", "jvm", "--query", "SQLException", "-C", "1", "--server", &rig.miniman.url()])
        .env("MINIMAN_TOKEN", rig.miniman.token())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let around: Vec<&str> = ["INFO started"].into_iter().chain(TRACE).chain(["INFO goes on"]).collect();
    assert_eq!(printed.lines().collect::<Vec<_>>(), around, "{}", String::from_utf8_lossy(&output.stderr));
}
