//! The seed's action routes on a real engine, as a browser's form and as a program ask.

use std::time::Duration;

use http::StatusCode;
use miniman_engine::{Container, ContainerState};
use miniman_store::app::{OperationOutcome, Role};
use miniman_testkit::{PrivateDocker, RunSpec};

use crate::config::ServerConfig;
use crate::testing::{ORIGIN, RequestTo, TestServer, code, post, text};

fn running(container: &Container) -> bool {
    container.state == ContainerState::Running
}

fn exited(container: &Container) -> bool {
    container.state == ContainerState::Exited
}

/// What Chromium sends with a form's post under `Referrer-Policy: same-origin`.
fn form(path: &str, cookie: &str, referrer: &str) -> RequestTo {
    post(path)
        .header("cookie", cookie)
        .header("origin", ORIGIN)
        .header("referer", referrer)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
        .header("sec-fetch-site", "same-origin")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document")
}

fn docker() -> PrivateDocker {
    PrivateDocker::start().expect("a private daemon starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_acts_and_leads_back_to_the_logs_page_or_the_list() {
    let docker = docker();
    let id = docker.run(&RunSpec::new("web", ["sleep", "1000"]).compose("shop", "web", 1)).unwrap();
    let server = TestServer::set_up_on(&docker, ServerConfig::default());
    let entry = server.present("web", running).await;
    let config_id = server.state.stack_ids.config_id(&entry);
    assert_eq!(config_id, 1);
    let cookie = server.cookie("ada").await;
    let mut changes = server.state.hub.changes();

    let logs_page = format!("/docker/logs/{config_id}/{id}");
    let restart = format!("/docker/containers/restart/{id}");
    let response = server.send(form(&restart, &cookie, &format!("{ORIGIN}{logs_page}")).empty()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()["location"], logs_page.as_str());
    let change = tokio::time::timeout(Duration::from_secs(10), changes.recv()).await.unwrap().unwrap();
    assert_eq!((change.action, change.success, change.container.id.as_str()), ("restart", true, id.as_str()));

    let stop = "/docker/containers/stop/web";
    let response = server.send(form(stop, &cookie, &format!("{ORIGIN}/")).empty()).await;
    assert_eq!(
        (response.status(), &response.headers()["location"]),
        (StatusCode::SEE_OTHER, &"/".parse().unwrap())
    );
    server.present("web", exited).await;

    let operations = server.store.operations(None, 10).unwrap();
    let told: Vec<_> = operations
        .iter()
        .map(|operation| (operation.who.as_str(), operation.action.as_str(), operation.outcome))
        .collect();
    assert_eq!(
        told,
        [("ada", "stop", OperationOutcome::Succeeded), ("ada", "restart", OperationOutcome::Succeeded)]
    );
    assert_eq!(operations[0].targets[0].container_id, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_the_operation_and_docker_s_own_words_when_it_failed() {
    let docker = docker();
    docker.create(&RunSpec::new("broken", ["/no/such/program"])).unwrap();
    let server = TestServer::set_up_on(&docker, ServerConfig::default());
    server.present("broken", |_| true).await;
    let token = format!("Bearer {}", server.token("ada"));
    let mut changes = server.state.hub.changes();
    let request = post("/docker/containers/start/broken")
        .header("authorization", &token)
        .header("accept", "application/json");
    let response = server.send(request.empty()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let operation: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(operation["outcome"], "failed");
    assert_eq!(operation["who"], "ada (token test)");
    let error = operation["targets"][0]["error"].as_str().unwrap();
    assert!(error.contains("no such file"), "{error}");
    let change = tokio::time::timeout(Duration::from_secs(10), changes.recv()).await.unwrap().unwrap();
    assert_eq!((change.action, change.success, change.error.as_deref()), ("start", false, Some(error)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_act_changes_nothing_and_leaves_no_operation() {
    let docker = docker();
    docker.run(&RunSpec::new("web", ["sleep", "1000"])).unwrap();
    let server = TestServer::set_up_on(&docker, ServerConfig::default());
    server.add_user("vera", Role::Viewer);
    server.present("web", running).await;
    let viewer = server.cookie("vera").await;
    let admin = server.cookie("ada").await;
    let stop = "/docker/containers/stop/web";
    let page = format!("{ORIGIN}/");

    assert_eq!(code(server.send(form(stop, &viewer, &page).empty()).await).await, "forbidden");
    let absent = form("/docker/containers/stop/absent", &admin, &page);
    assert_eq!(code(server.send(absent.empty()).await).await, "not_found");
    let foreign = post(stop).header("cookie", &admin).header("origin", "null");
    assert_eq!(code(server.send(foreign.empty()).await).await, "forbidden");
    let nobody = form(stop, "a=b", &page);
    let response = server.send(nobody.empty()).await;
    assert_eq!(
        (response.status(), &response.headers()["location"]),
        (StatusCode::SEE_OTHER, &"/login".parse().unwrap())
    );
    let program = post(stop).header("accept", "application/json");
    assert_eq!(code(server.send(program.empty()).await).await, "unauthenticated");

    assert!(server.store.operations(None, 10).unwrap().is_empty());
    assert_eq!(docker.inspect("web", "{{.State.Running}}").unwrap().trim(), "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_refuses_the_admin_too() {
    let docker = docker();
    docker.run(&RunSpec::new("web", ["sleep", "1000"])).unwrap();
    let config = ServerConfig { read_only: true, ..ServerConfig::default() };
    let server = TestServer::set_up_on(&docker, config);
    server.present("web", running).await;
    let cookie = server.cookie("ada").await;
    let stop = form("/docker/containers/stop/web", &cookie, &format!("{ORIGIN}/"));
    assert_eq!(code(server.send(stop.empty()).await).await, "forbidden");
    assert!(server.store.operations(None, 10).unwrap().is_empty());
}
