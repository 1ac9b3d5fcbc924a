//! What happens to containers is told, once and in order.

use miniman_engine::{ContainerState, Health, MarkKind};
use miniman_testkit::RunSpec;

use crate::rig::{Rig, exited, killed};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_containers_life_is_told_from_creation_to_removal() {
    let mut rig = Rig::new().await;
    rig.docker.run(&RunSpec::sh("web", "sleep 600")).unwrap();
    let id = rig.id("web");
    rig.docker(&["pause", "web"]);
    rig.docker(&["unpause", "web"]);
    rig.docker(&["kill", "web"]);
    rig.docker(&["rm", "web"]);
    let marks = rig.marks_until(&id, |kind| *kind == MarkKind::Removed).await;
    let kinds: Vec<_> = marks.iter().map(|mark| mark.kind.clone()).collect();
    let (paused, unpaused) = (MarkKind::Paused, MarkKind::Unpaused);
    let expected =
        [MarkKind::Created, MarkKind::Started, paused, unpaused, killed("9"), exited(137), MarkKind::Removed];
    assert_eq!(kinds, expected);
    assert!(marks.is_sorted_by_key(|mark| mark.timestamp));
    assert_eq!(rig.removed().await, id);
    assert_eq!(rig.state_now().containers.len(), 0);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_by_hand_shows_in_marks_and_state() {
    let mut rig = Rig::new().await;
    rig.docker.run(&RunSpec::sh("web", "sleep 600")).unwrap();
    let id = rig.id("web");
    rig.marks_until(&id, |kind| *kind == MarkKind::Started).await;
    let before = rig.container(&id).started_at;
    rig.docker(&["restart", "web"]);
    let kinds = rig.kinds_until(&id, |kind| *kind == MarkKind::Restarted).await;
    // The test's containers are stopped by the kill signal.
    let expected = [killed("9"), exited(137), MarkKind::Stopped, MarkKind::Started, MarkKind::Restarted];
    assert_eq!(kinds, expected);
    let after = rig.container(&id);
    assert!(after.started_at > before && after.state == ContainerState::Running);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exit_keeps_its_code_and_the_state_is_never_behind_the_mark() {
    let mut rig = Rig::new().await;
    rig.docker.run(&RunSpec::sh("job", "exit 7")).unwrap();
    let id = rig.id("job");
    let marks = rig.marks_until(&id, |kind| matches!(kind, MarkKind::Exited { .. })).await;
    let last = marks.last().unwrap();
    assert_eq!(last.kind, exited(7));
    assert_eq!((last.container.state, last.container.exit_code), (ContainerState::Exited, Some(7)));
    assert_eq!(rig.container(&id).state, ContainerState::Exited);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarts_by_policy_are_counted() {
    let mut rig = Rig::new().await;
    rig.docker.run(&RunSpec::sh("crashing", "exit 4").arg("--restart=on-failure:2")).unwrap();
    let id = rig.id("crashing");
    let mut exits = 0;
    let kinds = rig
        .kinds_until(&id, |kind| *kind == MarkKind::RestartedByPolicy { count: 2 })
        .await
        .into_iter()
        .inspect(|kind| exits += usize::from(*kind == exited(4)))
        .filter(|kind| *kind != exited(4))
        .collect::<Vec<_>>();
    let by_policy = |count| MarkKind::RestartedByPolicy { count };
    assert_eq!(kinds, [MarkKind::Created, MarkKind::Started, by_policy(1), by_policy(2)]);
    assert_eq!(exits, 2);
    assert_eq!(rig.kinds_until(&id, |_| true).await, [exited(4)]);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rename_is_told_and_the_name_follows() {
    let mut rig = Rig::new().await;
    rig.docker.create(&RunSpec::sh("old", "true")).unwrap();
    let id = rig.id("old");
    rig.docker(&["rename", "old", "new"]);
    let marks = rig.marks_until(&id, |kind| matches!(kind, MarkKind::Renamed { .. })).await;
    let last = marks.last().unwrap();
    assert_eq!(last.kind, MarkKind::Renamed { from: "old".into(), to: "new".into() });
    assert_eq!((last.container.name.as_str(), rig.container(&id).name.as_str()), ("new", "new"));
    rig.end().await;
}

/// Compose creates the replacement under a temporary name, removes the old one and renames.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recreation_as_compose_does_it_ends_under_the_old_name() {
    let mut rig = Rig::new().await;
    let web = |name: &str| RunSpec::sh(name, "sleep 600").compose("shop", "web", 1);
    rig.docker.run(&web("shop-web-1")).unwrap();
    let old = rig.id("shop-web-1");
    let temporary = format!("{}_shop-web-1", old.short());
    rig.docker.create(&web(&temporary)).unwrap();
    let new = rig.id(&temporary);
    rig.docker(&["stop", "shop-web-1"]);
    rig.docker(&["rm", "shop-web-1"]);
    rig.docker(&["rename", &temporary, "shop-web-1"]);
    rig.docker(&["start", "shop-web-1"]);
    let kinds = rig.kinds_until(&new, |kind| *kind == MarkKind::Started).await;
    let renamed = MarkKind::Renamed { from: temporary, to: "shop-web-1".into() };
    assert_eq!(kinds, [MarkKind::Created, renamed, MarkKind::Started]);
    let state = rig.state_now();
    assert_eq!(state.containers.keys().collect::<Vec<_>>(), [&new]);
    assert_eq!(rig.container(&new).name, "shop-web-1");
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_changes_are_told() {
    let mut rig = Rig::new().await;
    let spec = RunSpec::sh("web", "touch /ok; sleep 600")
        .arg("--health-cmd=test -f /ok")
        .arg("--health-interval=200ms")
        .arg("--health-retries=1");
    rig.docker.run(&spec).unwrap();
    let id = rig.id("web");
    rig.marks_until(&id, |kind| *kind == MarkKind::Health(Health::Healthy)).await;
    assert_eq!(rig.container(&id).health, Health::Healthy);
    rig.docker(&["exec", "web", "rm", "/ok"]);
    let kinds = rig.kinds_until(&id, |kind| *kind == MarkKind::Health(Health::Unhealthy)).await;
    // Of the execs nothing shows.
    assert_eq!(kinds, [MarkKind::Health(Health::Unhealthy)]);
    assert_eq!(rig.container(&id).health, Health::Unhealthy);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_without_memory_is_seen_to_be_killed() {
    let mut rig = Rig::new().await;
    let spec = RunSpec::sh("greedy", "exec tail /dev/zero").arg("--memory=16m").arg("--memory-swap=16m");
    rig.docker.run(&spec).unwrap();
    let id = rig.id("greedy");
    let marks = rig.marks_until(&id, |kind| matches!(kind, MarkKind::Exited { .. })).await;
    // containerd tells of the memory and of the end in two ways of which either may be the quicker on a busy machine.
    let told = marks.iter().any(|mark| mark.kind == MarkKind::Oom);
    assert_eq!(marks.last().unwrap().kind, MarkKind::Exited { exit_code: Some(137), oom_killed: told });
    if !told {
        rig.marks_until(&id, |kind| *kind == MarkKind::Oom).await;
    }
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_executed_in_a_container_is_nobodys_business() {
    let mut rig = Rig::new().await;
    rig.docker.run(&RunSpec::sh("web", "sleep 600")).unwrap();
    rig.docker(&["exec", "web", "sh", "-c", "true -psecret"]);
    rig.docker(&["top", "web"]);
    assert_eq!(rig.all_words_until_now().await, ["web: created", "web: started"]);
    rig.end().await;
}
