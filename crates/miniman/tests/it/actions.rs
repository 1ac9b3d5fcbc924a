//! Acting on containers, and hearing of what others did to them.

use miniman_testkit::{Kind, MiniMan, Request, RunSpec};
use serde_json::{Value, json};

use crate::rig::{LIMIT, Rig};

/// What the page may take to show what happened outside.
const SHOWN_AFTER_NANOS: i64 = 1_000_000_000;

fn post(miniman: &MiniMan, path: &str, referrer: &str) -> (u16, String) {
    let request = Request::post(path).header("referer", referrer).accept("text/html");
    let answer = miniman.send(request).unwrap();
    (answer.status, answer.header("location").unwrap_or_default().to_owned())
}

#[test]
fn an_action_leads_back_to_the_logs_page_it_came_from_and_else_to_the_list() {
    let rig = Rig::start();
    let id = rig.docker.run(&RunSpec::sh("web", "sleep 1000").compose("shop", "web", 1)).unwrap();
    let config_id = rig.present("web")["config_id"].clone();
    let (url, page) = (rig.miniman.url(), format!("/docker/logs/{config_id}/{id}"));
    let started_at = || rig.docker.inspect("web", "{{.State.StartedAt}}").unwrap();

    let before = started_at();
    let restart = format!("/docker/containers/restart/{id}");
    assert_eq!(post(&rig.miniman, &restart, &format!("{url}{page}")), (303, page.clone()));
    assert_ne!(started_at(), before);
    assert_eq!(post(&rig.miniman, &restart, &format!("{url}/")), (303, "/".to_owned()));
    assert_eq!(
        post(&rig.miniman, &restart, "https://elsewhere.example/docker/logs/1/x"),
        (303, "/".to_owned())
    );

    let stop = format!("/docker/containers/stop/{id}");
    assert_eq!(post(&rig.miniman, &stop, &format!("{url}{page}")), (303, page.clone()));
    assert_eq!(rig.docker.inspect("web", "{{.State.Status}}").unwrap(), "exited");
    let start = format!("/docker/containers/start/{id}");
    assert_eq!(post(&rig.miniman, &start, &format!("{url}{page}")), (303, page));
    assert_eq!(rig.docker.inspect("web", "{{.State.Status}}").unwrap(), "running");

    let logs_page =
        rig.miniman.send(Request::get(&format!("/docker/logs/{config_id}/{id}")).accept("text/html"));
    assert_eq!(logs_page.unwrap().status, 200);
}

#[test]
fn a_restart_by_hand_is_told_within_a_second() {
    let rig = Rig::start();
    let id = rig.docker.run(&RunSpec::sh("web", "sleep 1000")).unwrap();
    rig.present("web");
    let mut client = rig.client(Kind::Node);
    let room = format!("container_logs_{id}");
    client.emit("join", &json!({ "room": room })).unwrap();
    client.event("status", LIMIT).unwrap();
    rig.docker.docker(&["restart", "web"]).unwrap();
    let told = client.until(LIMIT, |told| {
        let change = &told["args"][0];
        (told["event"] == "container_status_change" && change["action"] == "restart").then(|| change.clone())
    });
    let heard_at = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let told = told.unwrap();
    assert_eq!((&told["status"], &told["success"]), (&json!("running"), &json!(true)));
    assert_eq!(told["container_id"], id.as_str());
    // Docker's own time of the restart, on this machine's clock.
    let happened_at = nanos(told["timestamp"].as_str().unwrap());
    let after = i64::try_from(heard_at.as_nanos()).unwrap() - happened_at;
    assert!((0..SHOWN_AFTER_NANOS).contains(&after), "heard after {after} ns");
}

/// Nanoseconds since 1970 of the time of day in an RFC 3339 time, of today.
fn nanos(text: &str) -> i64 {
    miniman_log::Timestamp::parse(text.as_bytes()).unwrap().0
}

#[test]
fn actions_are_recorded_with_who_and_how_they_ended() {
    let rig = Rig::start();
    let id = rig.docker.run(&RunSpec::sh("web", "sleep 1000")).unwrap();
    rig.present("web");
    let act = |method, path: &str| {
        let answer = rig.miniman.send(Request::new(method, path)).unwrap();
        (answer.status, answer.json().unwrap())
    };
    let (status, stopped) = act("POST", "/api/v1/containers/web/stop");
    assert_eq!((status, &stopped["outcome"]), (200, &json!("succeeded")), "{stopped}");
    let state = |wanted: &str| {
        let found = |container: &Value| (container["state"] == wanted).then_some(());
        rig.miniman.wait_for_container("web", LIMIT, found).unwrap();
    };
    state("exited");
    // Docker refuses to pause what does not run.
    let (status, refused) = act("POST", "/api/v1/containers/web/pause");
    assert!(status >= 400 || refused["outcome"] == "failed", "{status} {refused}");
    act("POST", "/api/v1/containers/web/start");
    state("running");
    let (_, refused) = act("DELETE", "/api/v1/containers/web");
    assert_eq!(refused["outcome"], "failed", "Docker removes nothing that runs: {refused}");
    assert!(refused["targets"][0]["error"].as_str().unwrap().contains("running"), "{refused}");
    act("POST", "/api/v1/containers/web/kill");
    state("exited");
    let (status, removed) = act("DELETE", "/api/v1/containers/web");
    assert_eq!((status, &removed["outcome"]), (200, &json!("succeeded")), "{removed}");
    assert!(rig.docker.inspect("web", "{{.Id}}").is_err());
    let gone = |container: &Value| (container["present"] == false).then_some(());
    rig.miniman.wait_for_container("web", LIMIT, gone).unwrap();

    let operations = rig.miniman.get("/api/v1/operations").unwrap().json().unwrap();
    let operations = operations["operations"].as_array().unwrap();
    for (action, outcome) in
        [("stop", "succeeded"), ("start", "succeeded"), ("kill", "succeeded"), ("remove", "succeeded")]
    {
        let operation = operations.iter().find(|operation| operation["action"] == action);
        let operation = operation.unwrap_or_else(|| panic!("no {action} in {operations:?}"));
        assert_eq!(operation["outcome"], outcome);
        assert_eq!(operation["who"], "admin (token test)");
        let target = &operation["targets"][0];
        assert_eq!((&target["container_id"], &target["name"]), (&json!(id), &json!("web")));
        assert!(operation["finished_at"].as_str() >= operation["started_at"].as_str());
    }
}

#[test]
fn a_viewer_may_look_and_not_act() {
    let rig = Rig::start();
    let id = rig.docker.run(&RunSpec::sh("web", "echo hello; sleep 1000")).unwrap();
    rig.present("web");
    let started_at = rig.docker.inspect("web", "{{.State.StartedAt}}").unwrap();
    let viewer = rig.miniman.new_token("viewer").unwrap();
    let operator = rig.miniman.new_token("operator").unwrap();
    let status = |token: &str, method, path: &str| {
        rig.miniman.send(Request::new(method, path).bearer(token)).unwrap().status
    };
    assert_eq!(status(&viewer, "GET", "/api/v1/logs?container=web"), 200);
    for action in ["start", "stop", "restart", "kill", "pause"] {
        assert_eq!(status(&viewer, "POST", &format!("/api/v1/containers/web/{action}")), 403, "{action}");
    }
    for action in ["start", "stop", "restart"] {
        assert_eq!(status(&viewer, "POST", &format!("/docker/containers/{action}/{id}")), 403, "{action}");
    }
    assert_eq!(status(&viewer, "DELETE", "/api/v1/containers/web"), 403);
    assert_eq!(status(&operator, "DELETE", "/api/v1/containers/web"), 403);
    assert_eq!(rig.docker.inspect("web", "{{.State.StartedAt}}").unwrap(), started_at);
    assert_eq!(status(&operator, "POST", "/api/v1/containers/web/restart"), 200);
    // Nobody at all.
    let nobody = |request: Request| request.send(rig.miniman.address()).unwrap().status;
    assert_eq!(nobody(Request::get("/api/v1/logs?container=web")), 401);
    assert_eq!(nobody(Request::post("/api/v1/containers/web/stop")), 401);
}
