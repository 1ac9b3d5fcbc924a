//! The raw log stream of the API.

use futures_util::StreamExt;
use miniman_engine::{ContainerId, LogStream, LogsError};
use miniman_log::Timestamp;
use miniman_testkit::RunSpec;

use crate::rig::{Rig, within};

async fn whole(mut stream: LogStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(chunk) = within("log bytes", stream.next()).await {
        bytes.extend_from_slice(&chunk.unwrap());
    }
    bytes
}

/// `(stream number, payload)` of each frame.
fn frames(mut bytes: &[u8]) -> Vec<(u8, String)> {
    let mut frames = Vec::new();
    while let Some((header, rest)) = bytes.split_first_chunk::<8>() {
        let len = u32::from_be_bytes([header[4], header[5], header[6], header[7]]) as usize;
        frames.push((header[0], String::from_utf8(rest[..len].to_vec()).unwrap()));
        bytes = &rest[len..];
    }
    frames
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_come_as_docker_sends_them_and_since_is_exact() {
    let rig = Rig::new().await;
    rig.docker.run(&RunSpec::sh("job", "echo one; echo two >&2; echo three")).unwrap();
    rig.docker.wait("job").unwrap();
    let id = rig.id("job");
    // Two pipes have no order among them.
    let mut all = frames(&whole(rig.engine.follow_logs(&id, None, false).await.unwrap()).await);
    all.sort_by_key(|(_, text)| text.split(' ').nth(1).map(str::to_owned));
    let shown: Vec<_> = all.iter().map(|(stream, text)| (*stream, text.split_once(' ').unwrap().1)).collect();
    assert_eq!(shown, [(1, "one\n"), (1, "three\n"), (2, "two\n")]);
    let three = Timestamp::parse(all[1].1.split(' ').next().unwrap().as_bytes()).unwrap();
    for (since, expected) in [(three, true), (Timestamp(three.0 + 1), false)] {
        let rest = frames(&whole(rig.engine.follow_logs(&id, Some(since), false).await.unwrap()).await);
        assert_eq!(rest.iter().any(|(_, text)| text.ends_with("three\n")), expected);
    }
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminals_bytes_come_bare() {
    let rig = Rig::new().await;
    rig.docker.run(&RunSpec::sh("tty", "printf '\\001odd\\n'").tty()).unwrap();
    rig.docker.wait("tty").unwrap();
    let bytes = whole(rig.engine.follow_logs(&rig.id("tty"), None, false).await.unwrap()).await;
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.split_once(' ').unwrap().1, "\u{1}odd\r\n");
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_followed_log_goes_on_until_the_container_ends() {
    let rig = Rig::new().await;
    rig.docker.run(&RunSpec::sh("web", "mkfifo /go; echo first; read go < /go; echo last")).unwrap();
    let mut stream = rig.engine.follow_logs(&rig.id("web"), None, true).await.unwrap();
    let first = within("the first line", stream.next()).await.unwrap().unwrap();
    assert!(frames(&first)[0].1.ends_with("first\n"));
    rig.docker(&["exec", "web", "sh", "-c", "echo go > /go"]);
    let rest = frames(&whole(stream).await);
    assert_eq!(rest.len(), 1);
    assert!(rest[0].1.ends_with("last\n"));
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_followed_says_why() {
    let rig = Rig::new().await;
    let absent = ContainerId::parse(&"0".repeat(64)).unwrap();
    assert_eq!(rig.engine.follow_logs(&absent, None, true).await.err(), Some(LogsError::NotFound));
    rig.docker.run(&RunSpec::sh("mute", "true").log("none", [])).unwrap();
    let error = rig.engine.follow_logs(&rig.id("mute"), None, false).await.err();
    assert!(matches!(&error, Some(LogsError::Engine(text)) if text.contains("reading")), "{error:?}");
    rig.end().await;
}
