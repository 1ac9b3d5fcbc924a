//! Engines that are not there, go and come back.

use miniman_engine::{ContainerState, EngineConfig, EngineStatus, MarkKind};
use miniman_testkit::{PrivateDocker, RunSpec};

use crate::rig::{Rig, exited};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_engine_it_says_what_was_tried_and_finds_it_later() {
    let docker = PrivateDocker::start().unwrap();
    docker.run(&RunSpec::sh("web", "true")).unwrap();
    docker.stop().unwrap();
    let mut rig = Rig::unconnected(docker, EngineConfig::default());
    let tries = |status: &EngineStatus| match status {
        EngineStatus::Connecting { tried } => tried.clone(),
        _ => Vec::new(),
    };
    let state = rig.state_where("a try", |state| !tries(&state.status).is_empty()).await;
    let tried = tries(&state.status);
    assert_eq!((tried.len(), tried[0].source.as_str()), (1, "DOCKER_HOST"));
    assert_eq!(tried[0].endpoint, rig.docker.host());
    assert!(tried[0].error.contains("no engine"), "{}", tried[0].error);
    rig.docker.start_again().unwrap();
    rig.resynced().await;
    assert_eq!(rig.state_now().status, EngineStatus::Connected);
    assert_eq!(rig.state_now().containers.len(), 1);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_restart_is_told_once_and_the_state_is_right_after_it() {
    let mut rig = Rig::new().await;
    rig.docker.run(&RunSpec::sh("always", "sleep 600").arg("--restart=always")).unwrap();
    rig.docker.run(&RunSpec::sh("once", "sleep 600")).unwrap();
    let (always, once) = (rig.id("always"), rig.id("once"));
    rig.marks_until(&once, |kind| *kind == MarkKind::Started).await;
    let before = rig.container(&always).started_at;
    rig.docker.stop().unwrap();
    let lost = rig.lost().await;
    assert_eq!(lost.containers.len(), 2);
    rig.docker.start_again().unwrap();
    rig.resynced().await;
    rig.state_where("the restart", |state| state.containers[&always].started_at > before).await;
    assert_eq!(rig.container(&always).state, ContainerState::Running);
    assert_eq!(rig.container(&once).state, ContainerState::Exited);
    let mut words = rig.all_words_until_now().await;
    words.retain(|word| !word.ends_with("killed") && !word.ends_with("stopped"));
    words.sort();
    assert_eq!(words, ["always: exited", "always: started", "once: exited"]);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_while_the_daemon_was_dead_is_told_from_inspect() {
    let mut rig = Rig::live_restoring().await;
    let fifo = "mkfifo /go; touch /ready; read go < /go; exit 5";
    rig.docker.run(&RunSpec::sh("job", fifo)).unwrap();
    let id = rig.id("job");
    rig.marks_until(&id, |kind| *kind == MarkKind::Started).await;
    miniman_testkit::wait_for("the script", std::time::Duration::from_secs(30), || {
        rig.docker.docker(&["exec", "job", "test", "-e", "/ready"]).ok()
    })
    .unwrap();
    let pid = rig.docker.inspect("job", "{{.State.Pid}}").unwrap();
    rig.docker.kill().unwrap();
    rig.lost().await;
    std::fs::write(format!("/proc/{pid}/root/go"), "go\n").unwrap();
    rig.docker.start_again().unwrap();
    rig.resynced().await;
    let kinds = rig.kinds_until(&id, |kind| matches!(kind, MarkKind::Exited { .. })).await;
    assert_eq!(kinds, [exited(5)]);
    assert_eq!(rig.container(&id).exit_code, Some(5));
    assert_eq!(rig.all_words_until_now().await, Vec::<String>::new());
    rig.end().await;
}
