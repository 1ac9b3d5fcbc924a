//! Tails by the engine's API, where files cannot be read.

use miniman_hub::SourceState;
use miniman_testkit::{PrivateDocker, RunSpec};

use crate::rig::Running;

#[tokio::test(flavor = "multi_thread")]
async fn without_files_the_api_is_read_and_the_page_is_told() {
    let (docker, data, empty) = rig();
    let hub = Running::start(&docker, data.path(), Some(empty.path()));
    hub.connected().await;
    docker.run(&RunSpec::numbered("api", 20_000, 0, 60)).unwrap();
    hub.settled("api").await.assert_numbered(20_000);
    let entry = hub.entry("api", |_| true).await;
    assert!(matches!(&entry.source, SourceState::Api { why } if why.contains("mount")), "{:?}", entry.source);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_hub_overlaps_and_repeats_nothing() {
    let (docker, data, empty) = rig();
    let mut hub = Running::start(&docker, data.path(), Some(empty.path()));
    docker.run(&RunSpec::numbered("busy", 30_000, 10_000, 60)).unwrap();
    for _ in 0..3 {
        let before = hub.entry("busy", |entry| entry.log.bounds().next > 0).await.log.bounds().next;
        hub.stop().await;
        hub = Running::start(&docker, data.path(), Some(empty.path()));
        hub.entry("busy", |entry| entry.settled || entry.log.bounds().next > before + 2_000).await;
    }
    hub.settled("busy").await.assert_numbered(30_000);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_source_repeats_nothing() {
    let (docker, data, empty) = rig();
    let hub = Running::start(&docker, data.path(), Some(empty.path()));
    docker.run(&RunSpec::numbered("busy", 30_000, 10_000, 60)).unwrap();
    hub.entry("busy", |entry| entry.log.bounds().next > 5_000).await;
    hub.stop().await;
    let hub = Running::start(&docker, data.path(), None);
    hub.settled("busy").await.assert_numbered(30_000);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_key_over_reconnects_is_redacted_and_repeated_nowhere() {
    const LINE: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    // The begin is long past when it is asked for again: more than the overlap of 2 s.
    let script = format!(
        "echo before; echo -----BEGIN PRIVATE KEY-----; echo app: {LINE}; until [ -e /go ]; do echo tick >&2; sleep 0.1; done; \
         echo app: {LINE}; until [ -e /end ]; do echo tick >&2; sleep 0.1; done; \
         echo app: {LINE}; echo -----END PRIVATE KEY-----; echo after"
    );
    let (docker, data, empty) = rig();
    let mut hub = Running::start(&docker, data.path(), Some(empty.path()));
    docker.run(&RunSpec::sh("keys", &script)).unwrap();
    for (ticks, file) in [(30, "/go"), (60, "/end")] {
        hub.entry("keys", |entry| entry.log.bounds().next > ticks).await;
        hub.stop().await;
        hub = Running::start(&docker, data.path(), Some(empty.path()));
        docker.docker(&["exec", "keys", "touch", file]).unwrap();
    }
    let mut lines = hub.settled("keys").await.lines;
    lines.retain(|line| line != "tick");
    let continued = "[redacted: private key, continued]";
    let expected = ["before", "[redacted: private key]", continued, continued, continued, continued, "after"];
    assert_eq!(lines, expected);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_keeps_nothing_is_said() {
    let (docker, data, _empty) = rig();
    let hub = Running::start(&docker, data.path(), None);
    docker.run(&RunSpec::sh("silent", "echo gone").log("none", [])).unwrap();
    let entry = hub.entry("silent", |entry| entry.settled).await;
    assert!(
        matches!(&entry.source, SourceState::Unreadable { why } if why.contains("none")),
        "{:?}",
        entry.source
    );
    hub.stop().await;
}

fn rig() -> (PrivateDocker, tempfile::TempDir, tempfile::TempDir) {
    (PrivateDocker::start().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap())
}
