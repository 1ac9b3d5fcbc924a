//! Engines over the network, and what pretends to be one.

use std::net::SocketAddr;
use std::path::PathBuf;

use futures_util::StreamExt;
use miniman_engine::{
    Action, ContainerState, DockerEnv, Engine, EngineConfig, EngineStatus, FileAccess, Tried,
};
use miniman_testkit::{PrivateDocker, RunSpec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::rig::{Rig, within};

/// What `dockerd -H tcp://` is: the same API on a port.
async fn port_of(socket: PathBuf, tasks: &TaskTracker, shutdown: &CancellationToken) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (own_tasks, own_shutdown) = (tasks.clone(), shutdown.clone());
    tasks.spawn(own_shutdown.clone().run_until_cancelled_owned(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = UnixStream::connect(&socket).await.unwrap();
            own_tasks.spawn(own_shutdown.clone().run_until_cancelled_owned(async move {
                tokio::io::copy_bidirectional(&mut near, &mut far).await.ok();
            }));
        }
    }));
    address
}

/// Answers every request with the same bytes.
async fn port_that_says(
    answer: &'static [u8],
    tasks: &TaskTracker,
    shutdown: &CancellationToken,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(shutdown.clone().run_until_cancelled_owned(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            if stream.read(&mut request).await.is_ok_and(|len| len > 0) {
                stream.write_all(answer).await.ok();
            }
        }
    }));
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_plain_tcp_all_works_but_files_stay_closed() {
    let docker = PrivateDocker::start().unwrap();
    docker.create(&RunSpec::sh("web", "echo hello; sleep 600")).unwrap();
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let address = port_of(docker.socket(), &tasks, &shutdown).await;
    let host = Some(format!("tcp://{address}"));
    let rig = Rig::with(docker, EngineConfig { host: host.clone(), ..EngineConfig::default() }).await;
    let id = rig.id("web");
    assert_eq!(rig.state_now().info.as_ref().map(|info| info.endpoint.clone()), host);
    rig.engine.act(&id, Action::Start).await.unwrap();
    rig.state_where("the start", |state| state.containers[&id].state == ContainerState::Running).await;
    let mut log = rig.engine.follow_logs(&id, None, true).await.unwrap();
    let line = within("a line", log.next()).await.unwrap().unwrap();
    assert!(line.ends_with(b"hello\n"));
    let FileAccess::No { reason } = rig.engine.file_access() else { panic!("files are open") };
    assert!(reason.contains("over the network"), "{reason}");
    shutdown.cancel();
    rig.lost().await;
    rig.end().await;
}

async fn tried(host: String) -> Vec<Tried> {
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let config = EngineConfig { host: Some(host), env: DockerEnv::default(), ..EngineConfig::default() };
    let (engine, _events) = Engine::start(config, &tasks, shutdown.clone());
    let mut state = engine.state();
    let tries =
        |status: &EngineStatus| matches!(status, EngineStatus::Connecting { tried } if !tried.is_empty());
    let found = within("a try", state.wait_for(|state| tries(&state.status))).await.unwrap().status.clone();
    shutdown.cancel();
    tasks.close();
    within("the loop's end", tasks.wait()).await;
    match found {
        EngineStatus::Connecting { tried } => tried,
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_engine_is_told_in_words() {
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let page = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>";
    let web = port_that_says(page, &tasks, &shutdown).await;
    let noise = port_that_says(b"\xff\xfe\0\r\n\r\n", &tasks, &shutdown).await;
    for (host, part) in [
        (format!("tcp://{web}"), "no API version"),
        (format!("tcp://{noise}"), "no API version"),
        ("ssh://user@host".to_owned(), "not supported yet"),
        ("ssh://-oProxyCommand=sh".to_owned(), "refused"),
        ("unix:///nowhere/docker.sock".to_owned(), "no socket at this path"),
    ] {
        let tried = tried(host.clone()).await;
        assert_eq!((tried[0].endpoint.as_str(), tried[0].source.as_str()), (host.as_str(), "--docker-host"));
        assert!(tried[0].error.contains(part), "{tried:?}");
    }
    shutdown.cancel();
}
