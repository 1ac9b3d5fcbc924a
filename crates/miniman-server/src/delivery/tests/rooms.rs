use serde_json::json;

use super::*;

fn statuses(events: &[(String, Value)]) -> Vec<String> {
    let statuses = events.iter().filter(|(name, _)| name == "status");
    statuses.map(|(_, status)| status["msg"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn everyone_in_a_room_hears_who_joins_and_leaves() {
    let house = House::new();
    let (one, two) = (house.member().await, house.member().await);
    house.delivery.join(&one, &json!({"room": "r1"})).await;
    house.delivery.join(&two, &json!({"room": "r1"})).await;
    house.delivery.leave(&two, &json!({"room": "r1"})).await;
    house.delivery.leave(&two, &json!({"room": "r1"})).await;
    assert_eq!(statuses(&pull(&one).await), ["Joined room: r1", "Joined room: r1", "Left room: r1"]);
    assert_eq!(statuses(&pull(&two).await), ["Joined room: r1", "Left room: r1", "Left room: r1"]);
}

#[tokio::test(start_paused = true)]
async fn names_and_texts_have_at_most_128_bytes() {
    let house = House::new();
    let member = house.member().await;
    house.delivery.join(&member, &json!({"room": "x".repeat(128)})).await;
    house.delivery.join(&member, &json!({"room": "x".repeat(129)})).await;
    let said = statuses(&pull(&member).await);
    assert_eq!((said[0].len(), said[1].as_str()), (128, "room is longer than 128 bytes"));
}

#[tokio::test(start_paused = true)]
async fn everyone_in_a_room_gets_each_line_once_whoever_asked() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..2);
    let (asks, asks_too, before, after) =
        (house.member().await, house.member().await, house.member().await, house.member().await);
    house.delivery.join(&before, &json!({"room": "r"})).await;
    house.stream(&asks, json!({"container_id": "web", "room": "r"})).await;
    house.stream(&asks_too, json!({"container_id": "web", "room": "r"})).await;
    house.delivery.join(&after, &json!({"room": "r"})).await;
    write(&entry, 2..4);
    for member in [&asks, &asks_too, &before, &after] {
        assert_eq!(lines(&pull(member).await), numbered("web", 0..4));
        assert!(is_quiet(member).await);
    }
}

#[tokio::test(start_paused = true)]
async fn two_rooms_shared_with_two_askers_still_give_each_line_once() {
    let house = House::new();
    let entry = house.container("web");
    let (one, two, listener) = (house.member().await, house.member().await, house.member().await);
    for room in ["r", "s"] {
        house.delivery.join(&listener, &json!({"room": room})).await;
    }
    house.stream(&one, json!({"container_id": "web", "room": "r"})).await;
    house.stream(&two, json!({"container_id": "web", "room": "s"})).await;
    write(&entry, 0..3);
    assert_eq!(lines(&pull(&listener).await), numbered("web", 0..3));
    house.delivery.leave(&one, &json!({"room": "r"})).await;
    write(&entry, 3..5);
    let events = pull_until(&listener, "docker_log").await;
    assert_eq!(lines(&events), numbered("web", 3..5), "the other room's goes on");
}

#[tokio::test(start_paused = true)]
async fn leaving_ends_what_was_streamed_and_tells_those_who_listened() {
    let house = House::new();
    let entry = house.container("web");
    let (asks, listens) = (house.member().await, house.member().await);
    house.delivery.join(&listens, &json!({"room": "r"})).await;
    house.stream(&asks, json!({"container_id": "web", "room": "r"})).await;
    write(&entry, 0..1);
    assert_eq!(lines(&pull(&asks).await).len(), 1);
    assert_eq!(lines(&pull(&listens).await).len(), 1);
    house.delivery.leave(&asks, &json!({"room": "r"})).await;
    write(&entry, 1..2);
    let names = |events: Vec<(String, Value)>| events.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(pull(&asks).await), ["status"]);
    assert_eq!(names(pull(&listens).await), ["status", "docker_log_complete"]);
    assert!(is_quiet(&asks).await && is_quiet(&listens).await);
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_goes_ends_what_it_streamed() {
    let house = House::new();
    let entry = house.container("web");
    let (asks, listens) = (house.member().await, house.member().await);
    house.delivery.join(&listens, &json!({"room": "r"})).await;
    house.stream(&asks, json!({"container_id": "web", "room": "r"})).await;
    house.delivery.depart(&asks);
    write(&entry, 0..1);
    let events = pull_until(&listens, "docker_log_complete").await;
    assert!(lines(&events).is_empty());
    assert!(is_quiet(&listens).await);
    assert_eq!(house.delivery.rooms().members().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_listener_reads_to_the_end_although_the_asker_is_through() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..1000);
    let stopped = house.stop(&entry);
    let (asks, listens) = (house.member().await, house.member().await);
    house.delivery.join(&listens, &json!({"room": "r"})).await;
    house.stream(&asks, json!({"container_id": "web", "room": "r"})).await;
    let mut heard = pull(&listens).await;
    assert_eq!(lines(&pull_until(&asks, "docker_log_complete").await).len(), 1000);
    house.delivery.join(&listens, &json!({"room": "other"})).await;
    house.delivery.leave(&listens, &json!({"room": "other"})).await;
    heard.extend(pull_until(&listens, "docker_log_complete").await);
    assert_eq!(lines(&heard), numbered("web", 0..1000));
    // The next run, asked for by the same one, reaches the listener too and doubles nothing.
    house.start(&stopped);
    house.stream(&asks, json!({"container_id": "web", "room": "r"})).await;
    write(&entry, 1000..1002);
    assert_eq!(lines(&pull(&listens).await), numbered("web", 1000..1002));
}

#[tokio::test(start_paused = true)]
async fn a_socket_has_at_most_so_many_rooms_and_streams() {
    let house = House::new();
    let member = house.member().await;
    for room in 0..65 {
        house.delivery.join(&member, &json!({"room": format!("r{room}")})).await;
    }
    let said = statuses(&pull(&member).await);
    assert_eq!(said.last().unwrap(), "A socket may be in 64 rooms");
    house.container("web");
    for view in 0..33 {
        let answer = house
            .stream(&member, json!({"batch": true, "container": "web", "subscription": format!("s{view}")}))
            .await
            .unwrap();
        assert_eq!(answer.get("error").is_some(), view == 32, "{answer}");
    }
    house.stream(&member, json!({"container_id": "web", "room": "r1"})).await;
    let events = pull(&member).await;
    assert_eq!(events[0].1["error"], "a socket may have 32 streams");
}
