//! A viewer that loses its connection goes on exactly where it was.

use miniman_testkit::{Kind, RunSpec};
use serde_json::{Value, json};

use crate::rig::{Count, LIMIT, Rig};

const LINES: u64 = 60_000;

#[test]
fn a_viewer_that_reconnects_goes_on_behind_the_last_line_it_saw() {
    let rig = Rig::start();
    rig.docker.run(&RunSpec::numbered("web", LINES, 10_000, 60)).unwrap();
    rig.present("web");
    let (mut count, mut after) = (Count::default(), Value::Null);
    let mut connections = 0;
    while count.next < LINES {
        connections += 1;
        // A few batches a connection at first, some of them not acknowledged; then all the rest.
        let batches = if connections <= 5 { connections * 3 } else { u64::MAX };
        let mut client = rig.client(Kind::Node);
        if connections % 2 == 0 {
            client.acknowledge_batches().unwrap();
        }
        let view = json!({"batch": true, "container": "web", "subscription": "s", "after": after});
        let answer = client.ask("stream_container_logs", &view, LIMIT).unwrap();
        assert_eq!(answer, json!({"subscription": "s"}));
        for _ in 0..batches {
            if count.next == LINES {
                break;
            }
            let batch = client.event("log_batch", LIMIT).unwrap();
            count.take_records(batch["records"].as_array().unwrap());
            after = batch["last"].clone();
            if connections % 2 == 1 {
                let ack = json!({"subscription": "s", "cursor": after});
                client.emit("log_ack", &ack).unwrap();
            }
        }
    }
    assert!(connections > 5, "{connections} connections");
    assert_eq!(count.next, LINES);
}

#[test]
fn a_viewer_goes_on_over_a_restart_of_miniman() {
    let mut rig = Rig::start();
    rig.docker.run(&RunSpec::numbered("web", 20_000, 5_000, 60)).unwrap();
    rig.present("web");
    let mut client = rig.client(Kind::Node);
    client.acknowledge_batches().unwrap();
    let view = |after: &Value| json!({"batch": true, "container": "web", "after": after});
    client.ask("stream_container_logs", &view(&Value::Null), LIMIT).unwrap();
    let (mut count, mut after) = (Count::default(), Value::Null);
    while count.next < 5_000 {
        let batch = client.event("log_batch", LIMIT).unwrap();
        count.take_records(batch["records"].as_array().unwrap());
        after = batch["last"].clone();
    }
    assert!(rig.miniman.stop().unwrap().success());
    client.until(LIMIT, |told| told.get("disconnect").map(|_| ())).unwrap();
    rig.miniman.start_again().unwrap();
    rig.miniman.wait_for_engine().unwrap();
    rig.present("web");
    let mut client = rig.client(Kind::Node);
    client.acknowledge_batches().unwrap();
    client.ask("stream_container_logs", &view(&after), LIMIT).unwrap();
    while count.next < 20_000 {
        let batch = client.event("log_batch", LIMIT).unwrap();
        count.take_records(batch["records"].as_array().unwrap());
    }
}
