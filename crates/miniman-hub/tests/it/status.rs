//! What happened to containers: changes, marks, and who is there.

use miniman_engine::Action;
use miniman_hub::{Change, From, SourceState, View};
use miniman_store::logs::{LogRetention, ReadMax, RetentionPolicy};
use miniman_testkit::RunSpec;
use tokio::sync::broadcast;

use crate::rig::{Everybody, LIMIT, Rig, is_over};

const FOREVER: &str = "echo started; while true; do sleep 0.1; done";

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_by_hand_is_one_change() {
    let rig = Rig::start().await;
    let mut changes = rig.hub.hub.changes();
    rig.docker.run(&RunSpec::sh("web", FOREVER)).unwrap();
    assert_eq!(next(&mut changes).await.action, "create");
    assert_eq!(next(&mut changes).await.action, "start");
    rig.docker.docker(&["restart", "web"]).unwrap();
    let change = next(&mut changes).await;
    assert_eq!((change.action, change.success), ("restart", true));
    rig.docker.docker(&["stop", "web"]).unwrap();
    assert_eq!(next(&mut changes).await.action, "stop");
    rig.docker.docker(&["start", "web"]).unwrap();
    assert_eq!(next(&mut changes).await.action, "start");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_of_ours_is_one_change() {
    let rig = Rig::start().await;
    let mut changes = rig.hub.hub.changes();
    rig.docker.run(&RunSpec::sh("web", FOREVER)).unwrap();
    assert_eq!(next(&mut changes).await.action, "create");
    assert_eq!(next(&mut changes).await.action, "start");
    let entry = rig.hub.entry("web", |entry| entry.log.stored().records == 1).await;
    for action in [Action::Restart, Action::Stop, Action::Start, Action::Kill] {
        rig.hub.hub.act(&entry, action, "ann").await.unwrap();
        assert_eq!(next(&mut changes).await.action, action.as_str());
    }
    let error = rig.hub.hub.act(&entry, Action::Kill, "ann").await.unwrap_err();
    let change = next(&mut changes).await;
    assert_eq!(
        (change.action, change.success, change.error.as_deref()),
        ("kill", false, Some(error.text.as_str()))
    );
    let marks = entry.log.marks(None, None, 100).unwrap();
    let kept: Vec<_> =
        marks.iter().filter(|mark| mark.kind == "action").map(|mark| mark.detail.as_str()).collect();
    assert_eq!(kept.len(), 5, "{kept:?}");
    assert_eq!(kept[0], r#"{"action":"restart","error":null,"success":true,"who":"ann"}"#);
    assert!(kept[4].contains(r#""success":false"#), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recreated_container_begins_with_a_mark_and_the_old_log_stays() {
    let rig = Rig::start().await;
    let spec = RunSpec::sh("shop-web-1", "echo one").compose("shop", "web", 1);
    rig.docker.run(&spec).unwrap();
    rig.hub.settled("shop-web-1").await;
    rig.docker.docker(&["rename", "shop-web-1", "0123456789ab_shop-web-1"]).unwrap();
    let spec = RunSpec::sh("shop-web-1", "echo two").compose("shop", "web", 1);
    rig.docker.run(&spec).unwrap();
    rig.docker.docker(&["rm", "-f", "0123456789ab_shop-web-1"]).unwrap();
    let old = rig.hub.entry("0123456789ab_shop-web-1", |entry| !entry.present).await;
    assert_eq!(rig.hub.read(&old).await.lines, ["one"]);
    let new = rig.hub.entry("shop-web-1", |entry| entry.present && is_over(entry)).await;
    assert_eq!(rig.hub.read(&new).await.lines, ["two"]);
    let marks = new.log.marks(None, None, 100).unwrap();
    assert_eq!(marks.iter().filter(|mark| mark.kind == "recreated").count(), 1, "{marks:?}");
    assert!(marks.iter().any(|mark| mark.kind == "exited"), "{marks:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_removed_container_wrote_last_is_read() {
    let rig = Rig::start().await;
    rig.docker.run(&RunSpec::sh("brief", "seq 0 4999").arg("--rm")).unwrap();
    let entry = rig.hub.entry("brief", |entry| !entry.present && is_over(entry)).await;
    rig.hub.read(&entry).await.assert_numbered(5_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_log_is_settled_too() {
    let rig = Rig::start().await;
    rig.docker.run(&RunSpec::sh("quiet", "true")).unwrap();
    assert!(rig.hub.settled("quiet").await.lines.is_empty());
}

async fn next(changes: &mut broadcast::Receiver<std::sync::Arc<Change>>) -> std::sync::Arc<Change> {
    tokio::time::timeout(LIMIT, changes.recv()).await.expect("a change").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_limits_its_own_log_and_one_that_is_wrong_is_told() {
    let rig = Rig::start().await;
    rig.docker.run(&RunSpec::sh("kept", "true").arg("--label=miniman.retention=7d,500MB")).unwrap();
    rig.docker.run(&RunSpec::sh("odd", "true").arg("--label=miniman.retention=10m")).unwrap();
    let kept = rig.hub.entry("kept", is_over).await;
    assert_eq!(kept.log.retention().to_string(), "1w,500MB");
    let odd = rig.hub.entry("odd", is_over).await;
    assert_eq!(odd.log.retention(), LogRetention::default());
    let SourceState::Files { note: Some(note) } = &odd.source else { panic!("{:?}", odd.source) };
    assert!(note.contains("miniman.retention"), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_adds_to_what_is_redacted_and_one_that_is_wrong_is_told() {
    let rig = Rig::start().await;
    let script = "echo pin=1234 for 4111111111111111";
    rig.docker.run(&RunSpec::sh("kept", script).label("miniman.redact", "pin=([0-9]+)")).unwrap();
    rig.docker.run(&RunSpec::sh("odd", script).label("miniman.redact", "off(")).unwrap();
    let kept = rig.hub.settled("kept").await;
    assert_eq!(kept.lines, ["pin=[redacted: label pattern] for [redacted: card number]"]);
    assert_eq!(rig.hub.settled("odd").await.lines, ["pin=1234 for [redacted: card number]"]);
    let odd = rig.hub.entry("odd", is_over).await;
    let SourceState::Files { note: Some(note) } = &odd.source else { panic!("{:?}", odd.source) };
    assert!(note.contains("miniman.redact"), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_tells_what_begins_a_record_and_one_that_is_wrong_is_told() {
    let rig = Rig::start().await;
    let lines = "echo 'BEGIN one'; echo plain; echo boom; echo 'BEGIN two'";
    let labelled =
        |name, label: &str| RunSpec::sh(name, lines).arg(&format!("--label=miniman.multiline={label}"));
    rig.docker.run(&labelled("own", "^BEGIN")).unwrap();
    rig.docker.run(&labelled("odd", "(BEGIN")).unwrap();
    let own = rig.hub.entry("own", is_over).await;
    let mut view = View::searching(
        rig.hub.hub.roster(),
        [(own.log.clone(), From::Start)],
        Some("boom".parse().unwrap()),
    );
    let piece = view.next(ReadMax::default()).await.unwrap();
    let found: Vec<_> = piece.records().map(|(_, batch, index)| batch.get(index).body.to_owned()).collect();
    assert_eq!(found, ["BEGIN one", "plain", "boom"]);
    let odd = rig.hub.entry("odd", is_over).await;
    let SourceState::Files { note: Some(note) } = &odd.source else { panic!("{:?}", odd.source) };
    assert_eq!(note, "the label miniman.multiline is ignored: the pattern is no regex: unclosed group");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_containers_log_goes_when_retention_took_all_of_it() {
    let rig = Rig::start().await;
    rig.docker.run(&RunSpec::sh("brief", "seq 0 4999").arg("--rm")).unwrap();
    let entry = rig.hub.entry("brief", |entry| !entry.present && is_over(entry)).await;
    rig.hub.read(&entry).await.assert_numbered(5_000);
    rig.hub.hub.store().set_retention(RetentionPolicy { total_bytes: 0, age: None });
    rig.hub.roster("the log to go", |roster| roster.seen_by(&Everybody).next().is_none().then_some(())).await;
}
