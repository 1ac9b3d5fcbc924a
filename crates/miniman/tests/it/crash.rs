//! kill -9 at any moment.

use miniman_testkit::RunSpec;
use serde_json::Value;

use crate::rig::{Count, LIMIT, Rig};

const LINES: u64 = 200_000;
const KILLS: u64 = 20;

#[test]
fn killed_twenty_times_nothing_is_missing_and_nothing_doubled() {
    let mut rig = Rig::start();
    let spec = RunSpec::numbered("writer", LINES, 10_000, 60)
        .log("json-file", [("max-size", "2m"), ("max-file", "20")]);
    rig.docker.run(&spec).unwrap();
    for kill in 1..=KILLS {
        // As far as the log has got, and never twice at the same distance from a start or a commit. Where it is late,
        // MiniMan is killed while it catches up: all kills come before the last line.
        let stored = kill * LINES / (KILLS + 1) + kill * 7_919 % 3_000;
        let far_enough = |container: &Value| (container["log"]["records"].as_u64()? >= stored).then_some(());
        rig.miniman.wait_for_container("writer", LIMIT, far_enough).unwrap();
        rig.miniman.kill().unwrap();
        rig.miniman.start_again().unwrap();
    }
    rig.miniman.wait_for_engine().unwrap();
    let rows = rig.settled("writer");
    let mut count = Count::default();
    count.take_records(&rows);
    assert_eq!(count.next, LINES);
    let seqs: Vec<_> = rows.iter().map(|row| row["seq"].as_i64().unwrap()).collect();
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1));
}
