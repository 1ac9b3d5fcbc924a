//! What the state says of containers.

use miniman_engine::{ContainerState, EngineConfig, EngineStatus, FileAccess, Health, OwnContainer};
use miniman_testkit::{PrivateDocker, RunSpec};

use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn containers_of_before_are_listed_as_inspect_describes_them() {
    let docker = PrivateDocker::start().unwrap();
    let web = RunSpec::sh("shop-web-2", "sleep 600").compose("shop", "web", 2);
    docker.run(&web.log("json-file", [("max-size", "10m"), ("max-file", "3"), ("labels", "x")])).unwrap();
    docker.run(&RunSpec::sh("failed", "exit 3").log("local", [])).unwrap();
    docker.wait("failed").unwrap();
    docker.create(&RunSpec::sh("new", "true").tty()).unwrap();
    let rig = Rig::with(docker, EngineConfig::default()).await;

    let state = rig.state_now();
    assert_eq!((state.status.clone(), state.containers.len()), (EngineStatus::Connected, 3));
    let info = state.info.as_ref().unwrap();
    assert_eq!(info.root_dir, rig.docker.data_root().display().to_string());
    assert!(
        info.endpoint.starts_with("unix:///")
            && !info.version.is_empty()
            && info.api_version.starts_with("1.")
    );

    let web = rig.container(&rig.id("shop-web-2"));
    assert_eq!((web.name.as_str(), web.state), ("shop-web-2", ContainerState::Running));
    assert_eq!(
        (web.stack.as_deref(), web.service.as_deref(), web.number),
        (Some("shop"), Some("web"), Some(2))
    );
    assert_eq!(web.log_driver, "json-file");
    assert_eq!(
        web.log_options.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>(),
        ["max-file=3", "max-size=10m"]
    );
    assert!(web.started_at > Some(web.created) && web.finished_at.is_none() && !web.is_self && !web.tty);
    assert!(web.image_id.starts_with("sha256:"));

    let failed = rig.container(&rig.id("failed"));
    assert_eq!((failed.state, failed.exit_code), (ContainerState::Exited, Some(3)));
    assert_eq!(failed.log_driver, "local");
    // Not in this order: the start is the daemon's clock once it knows, the end is containerd's.
    assert!(failed.started_at > Some(failed.created) && failed.finished_at > Some(failed.created));

    let new = rig.container(&rig.id("new"));
    assert_eq!(
        (new.state, new.exit_code, new.started_at, new.tty),
        (ContainerState::Created, None, None, true)
    );
    assert_eq!((new.health, new.stack.as_deref()), (Health::None, None));
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn log_files_of_roots_engine_on_a_socket_may_be_read() {
    let rig = Rig::new().await;
    assert_eq!(rig.engine.file_access(), FileAccess::Yes { root: rig.docker.data_root().join("containers") });
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_does_not_enter_a_stack_by_its_labels() {
    let docker = PrivateDocker::start().unwrap();
    docker.create(&RunSpec::sh("base", "true")).unwrap();
    let claim = "LABEL com.docker.compose.project=shop com.docker.compose.service=web com.docker.compose.config-hash=f00";
    docker.docker(&["commit", "--change", claim, "base", "forged"]).unwrap();
    let forged = |name: &str| RunSpec { image: "forged".into(), ..RunSpec::sh(name, "true") };
    docker.create(&forged("intruder")).unwrap();
    docker.create(&forged("member").compose("shop", "web", 1)).unwrap();
    let rig = Rig::with(docker, EngineConfig::default()).await;
    let intruder = rig.container(&rig.id("intruder"));
    assert_eq!((intruder.stack.as_deref(), intruder.service.as_deref()), (None, None));
    let member = rig.container(&rig.id("member"));
    assert_eq!((member.stack.as_deref(), member.service.as_deref()), (Some("shop"), Some("web")));
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_container_around_us_is_marked_as_ours() {
    let docker = PrivateDocker::start().unwrap();
    let id = docker.create(&RunSpec::sh("miniman", "true")).unwrap();
    let own_container = OwnContainer::from_texts("", &format!("0::/docker/{id}\n"), "");
    let rig = Rig::with(docker, EngineConfig { own_container, ..EngineConfig::default() }).await;
    assert!(rig.container(&rig.id("miniman")).is_self);
    rig.end().await;
}
