//! Acting: on the right container, with Docker's own words when it fails.

use miniman_engine::{
    Action, ActionErrorKind, ContainerId, ContainerState, EngineConfig, MarkKind, OwnContainer,
};
use miniman_testkit::{PrivateDocker, RunSpec};

use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_action_does_what_it_says() {
    let mut rig = Rig::new().await;
    rig.docker.create(&RunSpec::sh("web", "sleep 600")).unwrap();
    let id = rig.id("web");
    for (action, state) in [
        (Action::Start, ContainerState::Running),
        // What is so already is done.
        (Action::Start, ContainerState::Running),
        (Action::Pause, ContainerState::Paused),
        (Action::Unpause, ContainerState::Running),
        (Action::Restart, ContainerState::Running),
        (Action::Stop, ContainerState::Exited),
        (Action::Stop, ContainerState::Exited),
        (Action::Start, ContainerState::Running),
        (Action::Kill, ContainerState::Exited),
    ] {
        rig.engine.act(&id, action).await.unwrap();
        let is_so = |found: &miniman_engine::EngineState| {
            found.containers.get(&id).is_some_and(|found| found.state == state)
        };
        rig.state_where(action.as_str(), is_so).await;
    }
    rig.engine.act(&id, Action::Remove).await.unwrap();
    rig.marks_until(&id, |kind| *kind == MarkKind::Removed).await;
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_docker_refuses_keeps_its_text() {
    let rig = Rig::new().await;
    rig.docker.run(&RunSpec::sh("up", "sleep 600")).unwrap();
    rig.docker.create(&RunSpec::sh("new", "true")).unwrap();
    let absent = ContainerId::parse(&"0".repeat(64)).unwrap();
    for (id, action, kind, part) in [
        (absent, Action::Start, ActionErrorKind::NotFound, "No such container"),
        (rig.id("up"), Action::Remove, ActionErrorKind::Conflict, "running container"),
        (rig.id("new"), Action::Pause, ActionErrorKind::Conflict, "not running"),
        (rig.id("new"), Action::Kill, ActionErrorKind::Conflict, "not running"),
    ] {
        let error = rig.engine.act(&id, action).await.unwrap_err();
        assert_eq!(error.kind, kind, "{action}: {error}");
        assert!(error.text.contains(part), "{action}: {error}");
    }
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_named_as_anothers_id_is_not_the_one_acted_on() {
    let rig = Rig::new().await;
    rig.docker.run(&RunSpec::sh("meant", "sleep 600")).unwrap();
    let meant = rig.id("meant");
    rig.docker.run(&RunSpec::sh(meant.short(), "sleep 600")).unwrap();
    rig.docker.run(&RunSpec::sh(meant.as_str(), "sleep 600")).unwrap();
    rig.engine.act(&meant, Action::Kill).await.unwrap();
    let state = rig
        .state_where("three containers, one dead", |state| {
            state.containers.len() == 3 && state.containers[&meant].state == ContainerState::Exited
        })
        .await;
    let mut names: Vec<_> =
        state.containers.values().map(|found| (found.name.as_str(), found.state)).collect();
    names.sort_by_key(|(name, _)| name.len());
    let running = ContainerState::Running;
    assert_eq!(
        names,
        [("meant", ContainerState::Exited), (meant.short(), running), (meant.as_str(), running)]
    );
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_container_is_not_acted_on() {
    let docker = PrivateDocker::start().unwrap();
    let id = docker.run(&RunSpec::sh("miniman", "sleep 600")).unwrap();
    let own_container = OwnContainer::from_texts("", &format!("0::/docker/{id}\n"), "");
    let rig = Rig::with(docker, EngineConfig { own_container, ..EngineConfig::default() }).await;
    let error = rig.engine.act(&rig.id("miniman"), Action::Stop).await.unwrap_err();
    assert_eq!(error.kind, ActionErrorKind::OwnContainer);
    assert_eq!(rig.docker.inspect("miniman", "{{.State.Status}}").unwrap(), "running");
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_is_gone_is_unreachable() {
    let rig = Rig::new().await;
    rig.docker.create(&RunSpec::sh("web", "true")).unwrap();
    let id = rig.id("web");
    rig.docker.stop().unwrap();
    rig.lost().await;
    let error = rig.engine.act(&id, Action::Start).await.unwrap_err();
    assert_eq!(error.kind, ActionErrorKind::Unreachable);
    rig.end().await;
}
