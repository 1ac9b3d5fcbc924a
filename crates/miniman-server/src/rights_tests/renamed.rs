//! A container's name that goes to another one while its log is read, on a real engine.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt as _;
use miniman_store::app::Role;
use miniman_testkit::{PrivateDocker, RunSpec};
use tokio::time::timeout;

use super::broken_off;
use crate::config::ServerConfig;
use crate::testing::{TestServer, eventually, get, text};

/// Longest wait for what is to come.
const LIMIT: Duration = Duration::from_secs(30);

/// As `/api/v1/logs?container=web` answers this user, in text.
async fn answer(server: &TestServer, user: &str, more: &str) -> Body {
    let request = get(&format!("/api/v1/logs?container=web&format=text{more}"));
    let request = request.header("authorization", &format!("Bearer {}", server.token(user)));
    let response = server.send(request.empty()).await;
    assert_eq!(response.status(), 200);
    response.into_body()
}

async fn next(body: &mut Body) -> String {
    let frame = timeout(LIMIT, body.frame()).await.expect("something comes").unwrap().unwrap();
    String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_of_a_container_ends_when_its_name_goes_to_another() {
    let docker = PrivateDocker::start().unwrap();
    // More than what waits for a client to take it.
    docker.run(&RunSpec::numbered("web", 1_000, 0, 3_000).hold()).unwrap();
    let server = TestServer::set_up_on(&docker, ServerConfig::default());
    server.add_scoped_user("scott", Role::Viewer, &["local/name:web"]);
    let before = server.present("web", |_| true).await;
    eventually("all lines are stored", || before.log.stored().records == 1_000).await;
    let mut export = answer(&server, "scott", "").await;
    let mut follow = answer(&server, "scott", "&tail=1&follow=true").await;
    let mut follow_of_all = answer(&server, "ada", "&tail=1&follow=true").await;
    for body in [&mut export, &mut follow, &mut follow_of_all] {
        next(body).await;
    }

    docker.docker(&["rename", "web", "before"]).unwrap();
    let id = docker.run(&RunSpec::sh("web", "echo the new one; exec sleep 1000")).unwrap();
    let now = server.present("web", |container| container.id.as_str() == id).await;
    for body in [export, follow] {
        assert_eq!(timeout(LIMIT, broken_off(body)).await.expect("it ends"), 0, "not a byte more");
    }
    // Who sees both goes on with the one that has the name.
    assert_eq!(next(&mut follow_of_all).await, "the new one\n");
    eventually("the new line is stored", || now.log.stored().records == 1).await;
    let anew = answer(&server, "scott", "").await;
    assert_eq!(text(http::Response::new(anew)).await, "the new one\n");
}
