//! What is kept, changed on a running server.

use miniman_testkit::{Request, RunSpec, wait_for};
use serde_json::{Value, json};

use crate::rig::{LIMIT, Rig};

const PATH: &str = "/api/v1/settings/retention";

fn set(rig: &Rig, limit: &str) -> Value {
    let answer = rig.miniman.send(Request::new("PUT", PATH).json(&json!({ "limit": limit }))).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()
}

#[test]
fn a_limit_takes_lines_at_once_and_outlives_a_kill() {
    let mut rig = Rig::start();
    rig.docker.run(&RunSpec::sh("flood", "seq 1 400000")).unwrap();
    rig.settle("flood");
    let told = |rig: &Rig| rig.miniman.get(PATH).unwrap().json().unwrap();
    let held = |rig: &Rig| told(rig)["logs"][0]["stored_bytes"].as_u64();
    wait_for("blocks on disk", LIMIT, || held(&rig).filter(|bytes| *bytes > 100_000)).unwrap();
    let takes = set(&rig, "30d,50kB")["takes"].clone();
    assert_eq!(takes["logs"], 1, "{takes}");
    wait_for("the oldest lines to go", LIMIT, || held(&rig).filter(|bytes| *bytes <= 50_000)).unwrap();
    assert!(told(&rig)["taken"]["records"].as_u64() >= takes["records"].as_u64(), "{takes}");
    set(&rig, "7d,3GB");
    rig.miniman.kill().unwrap();
    rig.miniman.start_again().unwrap();
    let limits = told(&rig)["limits"].clone();
    assert_eq!((&limits["limit"], &limits["size"]["source"]), (&json!("1w,3GB"), &json!("setting")));
    assert_eq!(limits["setting"]["who"], "admin (token test)");
}
