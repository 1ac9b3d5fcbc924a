use std::time::Duration;

use miniman_hub::{Entry, SourceState};
use miniman_store::logs::GapReason;
use serde_json::json;

use super::*;

fn shown(events: &[(String, Value)]) -> String {
    events.iter().map(|(name, argument)| format!("{name} {argument}\n")).collect()
}

/// The `log_id` is random; everything else is not.
fn known(mut events: Vec<(String, Value)>) -> Vec<(String, Value)> {
    for (_, argument) in &mut events {
        if let Some(id) = argument.get_mut("log_id") {
            assert_eq!(id.as_str().unwrap().len(), 36);
            *id = "…".into();
        }
    }
    events
}

#[tokio::test(start_paused = true)]
async fn a_missing_key_is_named() {
    let house = House::new();
    let member = house.member().await;
    for payload in [json!({"room": "r"}), json!({"container_id": "web"}), json!({}), json!("web")] {
        house.stream(&member, payload).await;
    }
    house.delivery.join(&member, &json!({})).await;
    house.delivery.leave(&member, &json!({"room": 1})).await;
    insta::assert_snapshot!(shown(&pull(&member).await), @r#"
    status {"msg":"Missing key: container_id"}
    status {"msg":"Missing key: room"}
    status {"msg":"Missing key: container_id"}
    status {"msg":"Missing key: container_id"}
    status {"msg":"Missing key: room"}
    status {"msg":"room must be text"}
    "#);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_container_fails_and_its_room_is_not_joined() {
    let house = House::new();
    let member = house.member().await;
    house.stream(&member, json!({"container_id": "nope", "room": "r"})).await;
    house.delivery.join(&member, &json!({"room": "container_logs_nope"})).await;
    insta::assert_snapshot!(shown(&known(pull(&member).await)), @r#"
    docker_log_complete {"config_id":0,"container_id":"nope","error":"no such container","image_name":"","log_id":"…","operation_type":"stream_container_logs","status":"failed","success":false,"timestamp":"2026-11-21T14:02:07.000000000Z"}
    status {"msg":"Not joined: no such container"}
    "#);
    assert!(house.delivery.rooms().in_room("container_logs_nope").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stopped_container_sends_what_there_is_and_completes_in_the_form_it_was_asked_with() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..2);
    let entry = house.stop(&entry);
    let full = entry.container.id.as_str();
    for asked in ["web", full] {
        let member = house.member().await;
        house.stream(&member, json!({"container_id": asked, "room": "r"})).await;
        let events = pull_until(&member, "docker_log_complete").await;
        assert_eq!(lines(&events), numbered("web", 0..2));
        assert!(events.iter().all(|(_, argument)| argument["container_id"] == asked));
        assert_eq!(events.last().unwrap().1["status"], "completed");
        assert!(is_quiet(&member).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_a_stream_behind_its_last_line_and_a_restart_does_not() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..3);
    let member = house.member().await;
    house.stream(&member, json!({"container_id": "web", "room": "r"})).await;
    assert_eq!(lines(&pull(&member).await), numbered("web", 0..3));

    let stopped = house.stop(&entry);
    let waiting = tokio::time::timeout(Duration::from_secs(1), member.socket.outbox().pulled());
    assert!(waiting.await.is_err(), "a stop may be a restart");
    let started = house.start(&stopped);
    write(&entry, 3..5);
    assert_eq!(lines(&pull(&member).await), numbered("web", 3..5));
    assert!(is_quiet(&member).await);

    house.stop(&started);
    write(&entry, 5..700);
    let events = pull_until(&member, "docker_log_complete").await;
    assert_eq!(lines(&events), numbered("web", 5..700));
    assert_eq!(events.last().unwrap().0, "docker_log_complete");
}

#[tokio::test(start_paused = true)]
async fn asked_again_after_a_new_start_a_stream_goes_on_behind_its_last_line() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..3);
    let stopped = house.stop(&entry);
    let member = house.member().await;
    let ask = || house.stream(&member, json!({"container_id": "web", "room": "r"}));
    ask().await;
    assert_eq!(lines(&pull_until(&member, "docker_log_complete").await).len(), 3);
    // The same run: what there is, again.
    ask().await;
    assert_eq!(lines(&pull_until(&member, "docker_log_complete").await).len(), 3);
    house.start(&stopped);
    ask().await;
    write(&entry, 3..5);
    assert_eq!(lines(&pull(&member).await), numbered("web", 3..5));
}

#[tokio::test(start_paused = true)]
async fn a_second_request_replaces_the_first_and_doubles_no_line() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..3000);
    let member = house.member().await;
    let mut events = Vec::new();
    for _ in 0..3 {
        house.stream(&member, json!({"container_id": "web", "room": "r"})).await;
        events.extend(pull(&member).await);
    }
    while lines(&events).len() < 3000 {
        events.extend(pull(&member).await);
    }
    assert_eq!(lines(&events), numbered("web", 0..3000));
    assert!(is_quiet(&member).await);
    let ids: std::collections::BTreeSet<_> =
        events.iter().map(|(_, argument)| argument["log_id"].to_string()).collect();
    assert_eq!(ids.len(), 3, "each stream has a name of its own");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_for_long_goes_on_where_it_was() {
    let house = House::new();
    let entry = house.container("web");
    let member = house.member().await;
    house.stream(&member, json!({"container_id": "web", "room": "r"})).await;
    write(&entry, 0..10);
    let mut events = pull(&member).await;
    for round in 1..50 {
        write(&entry, round * 100 - 90..round * 100 + 10);
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    while lines(&events).len() < 4910 {
        events.extend(pull(&member).await);
    }
    assert_eq!(lines(&events), numbered("web", 0..4910));
}

#[tokio::test(start_paused = true)]
async fn missing_lines_are_told_where_they_would_be() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..1);
    entry.log.append_gap(Some(4), None, None, GapReason::RotatedAway, None).unwrap();
    write(&entry, 5..6);
    house.stop(&entry);
    let member = house.member().await;
    house.stream(&member, json!({"container_id": "web", "room": "r"})).await;
    let events = pull_until(&member, "docker_log_complete").await;
    let names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["docker_log", "status", "docker_log", "docker_log_complete"]);
    assert_eq!(events[1].1["msg"], "Log of web: 4 lines are missing here (rotated-away)");
}

#[tokio::test(start_paused = true)]
async fn a_log_that_cannot_be_read_fails_with_the_reason() {
    let house = House::new();
    let entry = house.container("web");
    let source = SourceState::Unreadable { why: "the syslog driver keeps no log to read".to_owned() };
    house.put(Arc::new(Entry { source, ..Entry::clone(&entry) }));
    let member = house.member().await;
    house.stream(&member, json!({"container_id": "web", "room": "r"})).await;
    let events = pull(&member).await;
    assert_eq!(events[0].1["status"], "failed");
    assert_eq!(events[0].1["error"], "the syslog driver keeps no log to read");
}

#[tokio::test(start_paused = true)]
async fn revoked_rights_end_every_view_with_an_error_and_the_socket_for_good() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..1);
    let member = house.member().await;
    house.stream(&member, json!({"container_id": "web", "room": "r"})).await;
    house.stream(&member, json!({"batch": true, "container": "web", "subscription": "s"})).await;
    pull(&member).await;
    // The last admin can't be removed.
    house.server.add_user("root", miniman_store::app::Role::Admin);
    house.server.store.remove_user(miniman_store::app::UserId(member.principal.user_id)).unwrap();
    house.server.state.accounts.reload_now();
    write(&entry, 1..2);
    assert!(!house.server.state.accounts.still_valid(&member.principal));
    house.delivery.revoke(&member);
    house.delivery.revoke(&member);
    let said = member.socket.outbox().pulled().await;
    assert_eq!(said.len(), 3, "{said:?}");
    for (said, named) in said.iter().zip([None, Some("s")]) {
        let (name, complete) = event(said);
        assert_eq!((name.as_str(), complete["status"].as_str()), ("docker_log_complete", Some("failed")));
        assert_eq!(complete.get("subscription").and_then(Value::as_str), named);
    }
    assert_eq!(said[2], "41", "no line after the rights ended");
}

#[tokio::test(start_paused = true)]
async fn changes_are_told_in_the_form_a_socket_knows_the_container_by() {
    let house = House::new();
    let (web, other) = (house.container("web"), house.container("other"));
    let full = web.container.id.as_str();
    let (streaming, in_room, elsewhere) = (house.member().await, house.member().await, house.member().await);
    for member in [&streaming, &in_room, &elsewhere] {
        member.socket.start(house.delivery.notices(member));
        house.delivery.join(member, &json!({"room": "r"})).await;
        pull(member).await;
    }
    house.stream(&streaming, json!({"container_id": "web", "room": "s"})).await;
    house.delivery.join(&in_room, &json!({"room": format!("container_logs_{full}")})).await;
    for member in [&streaming, &in_room, &elsewhere] {
        while !is_quiet(member).await {}
    }
    house.tell(&other, "start", None);
    house.tell(&web, "restart", None);
    house.tell(&web, "stop", Some("no permission"));
    house.tell(&web, "oom", None);
    let told = |events: Vec<(String, Value)>| shown(&events);
    insta::assert_snapshot!(told(pull(&streaming).await), @r#"
    container_status_change {"action":"restart","container_id":"web","status":"running","success":true,"timestamp":"2026-11-21T14:02:07.000000000Z"}
    container_status_change {"action":"stop","container_id":"web","error":"no permission","status":"error","success":false,"timestamp":"2026-11-21T14:02:07.000000000Z"}
    container_status_change {"action":"oom","container_id":"web","status":"running","success":true,"timestamp":"2026-11-21T14:02:07.000000000Z"}
    "#);
    let forms: Vec<_> =
        pull(&in_room).await.into_iter().map(|(_, change)| change["container_id"].clone()).collect();
    assert_eq!(forms, [full, full, full]);
    assert!(is_quiet(&elsewhere).await);
}

#[tokio::test(start_paused = true)]
async fn changes_that_were_missed_are_made_up_from_how_things_stand() {
    let house = House::new();
    let web = house.container("web");
    let member = house.member().await;
    member.socket.start(house.delivery.notices(&member));
    house.stream(&member, json!({"container_id": "web", "room": "r"})).await;
    assert!(is_quiet(&member).await);
    for _ in 0..40 {
        house.tell(&web, "kill", None);
    }
    let events = pull(&member).await;
    assert_eq!(events[0].0, "containers_changed");
    assert_eq!(events[1].1["status"], "running");
}

#[tokio::test(start_paused = true)]
async fn the_list_of_containers_is_said_to_have_changed_four_times_a_second_at_most() {
    let house = House::new();
    let member = house.member().await;
    member.socket.start(house.delivery.notices(&member));
    let web = house.container("web");
    assert_eq!(pull(&member).await.len(), 1);
    let begun = tokio::time::Instant::now();
    for _ in 0..100 {
        house.put(web.clone());
    }
    let events = pull(&member).await;
    assert_eq!(events, [("containers_changed".to_owned(), json!({"generation": 101}))]);
    assert!(begun.elapsed() >= Duration::from_millis(240));
    assert!(is_quiet(&member).await);
}
