//! Going on where reading had come to.

use miniman_log::Timestamp;
use miniman_testkit::RunSpec;

use crate::rig::{Everybody, Rig};

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_hub_loses_and_repeats_nothing() {
    let mut rig = Rig::start().await;
    let spec = RunSpec::numbered("busy", 60_000, 10_000, 60)
        .log("json-file", [("max-size", "1m"), ("max-file", "5")]);
    rig.docker.run(&spec).unwrap();
    for _ in 0..4 {
        let before = rig.hub.entry("busy", |entry| entry.log.bounds().next > 0).await.log.bounds().next;
        rig = rig.restart_hub().await;
        rig.hub.entry("busy", |entry| entry.settled || entry.log.bounds().next > before + 5_000).await;
    }
    rig.hub.settled("busy").await.assert_numbered(60_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_in_parts_survives_a_restart_in_between() {
    let rig = Rig::start().await;
    let script = "head -c 40000 /dev/zero | tr '\\0' 'a'; echo other >&2; while [ ! -e /go ]; do sleep 0.05; done; echo tail";
    rig.docker.run(&RunSpec::sh("parts", script)).unwrap();
    rig.hub.entry("parts", |entry| entry.log.stored().records == 1).await;
    let rig = rig.restart_hub().await;
    rig.docker.docker(&["exec", "parts", "touch", "/go"]).unwrap();
    let lines = rig.hub.settled("parts").await.lines;
    assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), ["other".len(), 40_004]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_rotated_away_meanwhile_is_a_gap() {
    let rig = Rig::start().await;
    let script = "echo first; while [ ! -e /go ]; do sleep 0.05; done; seq 1 200000; sleep 0.2; echo last";
    let spec = RunSpec::sh("rotates", script).log("json-file", [("max-size", "100k"), ("max-file", "2")]);
    rig.docker.run(&spec).unwrap();
    rig.hub.entry("rotates", |entry| entry.log.stored().records == 1).await;
    let crate::rig::Rig { docker, dir, hub } = rig;
    hub.stop().await;
    docker.docker(&["exec", "rotates", "touch", "/go"]).unwrap();
    docker.wait("rotates").unwrap();
    let hub = crate::rig::Running::start(&docker, dir.path(), None);
    let content = hub.settled("rotates").await;
    assert_eq!(content.gaps, 1, "{} lines from {:?}", content.lines.len(), content.lines.first());
    assert_eq!(content.lines.first().map(String::as_str), Some("first"));
    assert_eq!(content.lines.last().map(String::as_str), Some("last"));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_daemon_is_followed_again() {
    let rig = Rig::start().await;
    let script = "echo before; while [ ! -e /go ]; do sleep 0.05; done; echo after";
    rig.docker.run(&RunSpec::sh("survivor", script).arg("--restart=always")).unwrap();
    let entry = rig.hub.entry("survivor", |entry| entry.log.stored().records == 1).await;
    rig.docker.restart().unwrap();
    // The policy starts it again: the script begins anew.
    rig.hub.entry("survivor", |entry| entry.log.stored().records == 2).await;
    assert_eq!(rig.hub.read(&entry).await.lines, ["before", "before"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_container_wrote_before_it_went_unseen_is_a_gap_and_nothing_of_one_that_had_ended() {
    let rig = Rig::start().await;
    let crate::rig::Rig { docker, dir, hub } = rig;
    docker
        .run(&RunSpec::sh("writes", "echo seen; until [ -e /go ]; do sleep 0.05; done; echo unseen"))
        .unwrap();
    docker.run(&RunSpec::sh("ended", "echo all")).unwrap();
    hub.entry("writes", |entry| entry.log.stored().records == 1).await;
    hub.settled("ended").await.assert_lines(&["all"], 0);
    hub.stop().await;
    docker.docker(&["exec", "writes", "touch", "/go"]).unwrap();
    docker.wait("writes").unwrap();
    docker.docker(&["rm", "writes", "ended"]).unwrap();
    let hub = crate::rig::Running::start(&docker, dir.path(), None);
    let told = hub.entry("writes", |entry| entry.settled && !entry.log.gaps().is_empty()).await;
    hub.read(&told).await.assert_lines(&["seen"], 1);
    hub.settled("ended").await.assert_lines(&["all"], 0);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_whose_end_the_daemon_tells_again_after_its_removal_has_no_gap() {
    let rig = Rig::start().await;
    let crate::rig::Rig { docker, dir, hub } = rig;
    hub.stop().await;
    let script = "echo all; until [ -e /tmp/end ]; do sleep 0.05; done";
    docker.run(&RunSpec::sh("ended", script)).unwrap();
    // Its start has been told by now, however soon its line was there: the next one is told of the end alone.
    let started = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let started = Timestamp(i64::try_from(started.as_nanos()).unwrap());
    docker.docker(&["exec", "ended", "touch", "/tmp/end"]).unwrap();
    docker.wait("ended").unwrap();
    // Its end was before this one looked.
    let hub = crate::rig::Running::start(&docker, dir.path(), None);
    let last = hub.settled("ended").await;
    last.assert_lines(&["all"], 0);
    hub.stop().await;
    docker.docker(&["rm", "ended"]).unwrap();
    let hub = crate::rig::Running::start_since(&docker, dir.path(), None, Some(started));
    let told = hub
        .entry("ended", |entry| {
            let marks = entry.log.marks(None, None, 10).unwrap();
            entry.settled && marks.iter().any(|mark| mark.kind == "removed")
        })
        .await;
    assert_eq!(told.log.gaps(), []);
    let kinds: Vec<_> = told.log.marks(None, None, 10).unwrap().into_iter().map(|mark| mark.kind).collect();
    assert_eq!(kinds, ["exited", "removed"]);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_came_and_went_before_it_could_be_looked_at_is_a_gap_told_once() {
    let rig = Rig::start().await;
    let crate::rig::Rig { docker, dir, hub } = rig;
    docker.run(&RunSpec::sh("before", "echo before")).unwrap();
    hub.settled("before").await.assert_lines(&["before"], 0);
    hub.stop().await;
    let compose = RunSpec::sh("shop-job-1", "echo nobody reads this").compose("shop", "job", 1);
    docker.run(&compose).unwrap();
    docker.wait("shop-job-1").unwrap();
    docker.create(&RunSpec::sh("never-ran", "echo nothing")).unwrap();
    docker.docker(&["rm", "shop-job-1", "never-ran"]).unwrap();
    for after in ["after-1", "after-2"] {
        let hub = crate::rig::Running::start_since(&docker, dir.path(), None, Some(Timestamp(1)));
        let told = hub.entry("shop-job-1", |entry| entry.settled && !entry.log.gaps().is_empty()).await;
        assert_eq!(
            (told.container.stack.as_deref(), told.container.service.as_deref()),
            (Some("shop"), Some("job"))
        );
        hub.read(&told).await.assert_lines(&[], 1);
        // What the daemon told again is through by the time that a container made now is seen.
        docker.run(&RunSpec::sh(after, "echo after")).unwrap();
        hub.settled(after).await.assert_lines(&["after"], 0);
        docker.docker(&["rm", after]).unwrap();
        hub.roster("the removal", |roster| {
            let gone = |name: &str| {
                roster.seen_by(&Everybody).any(|entry| entry.container.name == name && !entry.present)
            };
            gone(after).then_some(())
        })
        .await;
        assert_eq!(told.log.gaps().len(), 1);
        assert!(
            !hub.hub.roster().borrow().seen_by(&Everybody).any(|entry| entry.container.name == "never-ran")
        );
        let kinds: Vec<_> =
            told.log.marks(None, None, 10).unwrap().into_iter().map(|mark| mark.kind).collect();
        assert_eq!(kinds, ["created", "started", "exited", "removed"]);
        hub.stop().await;
    }
}
