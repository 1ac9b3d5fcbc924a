//! Bursts that rotate faster than Docker's own reader can follow.

use miniman_testkit::RunSpec;

use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn a_million_lines_in_one_burst_lose_none() {
    let rig = Rig::start().await;
    let rotating = [("max-size", "10m"), ("max-file", "3")];
    rig.docker.run(&RunSpec::numbered("json", 1_000_000, 0, 100).log("json-file", rotating)).unwrap();
    rig.hub.settled("json").await.assert_numbered(1_000_000);
    rig.docker.run(&RunSpec::numbered("local", 1_000_000, 0, 100).log("local", [])).unwrap();
    rig.hub.settled("local").await.assert_numbered(1_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn four_busy_containers_lose_none() {
    let rig = Rig::start().await;
    let names = ["one", "two", "three", "four"];
    for name in names {
        let spec = RunSpec::numbered(name, 100_000, 0, 100)
            .log("json-file", [("max-size", "1m"), ("max-file", "3")]);
        rig.docker.run(&spec).unwrap();
    }
    for name in names {
        rig.hub.settled(name).await.assert_numbered(100_000);
    }
}
