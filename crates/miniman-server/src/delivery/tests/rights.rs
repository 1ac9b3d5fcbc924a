//! A limited sight on a socket: each event, rooms, notices, and a container that leaves it.

use miniman_store::app::Role;
use serde_json::json;

use super::super::application::ClientEvent;
use super::*;

/// Of what came, what tells of `db`.
fn tells_of_db(events: &[(String, Value)]) -> bool {
    events.iter().any(|(name, argument)| {
        name.starts_with("docker_log") && argument["error"].is_null()
            || name == "container_status_change"
            || argument["msg"] == "Joined room: container_logs_db"
    })
}

fn house() -> House {
    let house = House::new();
    house.server.add_user("vera", Role::Viewer);
    house.server.add_user("olga", Role::Operator);
    house.server.add_scoped_user("scott", Role::Viewer, &["local/name:web"]);
    house
}

#[tokio::test(start_paused = true)]
async fn every_event_gives_everyone_what_is_theirs() {
    let house = house();
    let db = house.container("db");
    write(&db, 0..1);
    for asked in ClientEvent::ALL {
        for (user, sees) in [("vera", true), ("scott", false), ("olga", true), ("ada", true)] {
            let member = house.member_of(user).await;
            let delivery = &house.delivery;
            let (asks, payload) = match asked {
                ClientEvent::Join => (true, json!({"room": "container_logs_db"})),
                ClientEvent::Stream => (true, json!({"container_id": "db", "room": "r"})),
                ClientEvent::Leave => (false, json!({"room": "container_logs_db"})),
                ClientEvent::Stop => (false, json!({"subscription": "s"})),
                ClientEvent::Acknowledge => (false, json!({"subscription": "s", "cursor": "2:0"})),
            };
            delivery.on(&member, asked, &payload).await;
            let mut came = Vec::new();
            while let Ok(packets) = soon(member.socket.outbox().pulled()).await {
                came.extend(packets.iter().map(|packet| event(packet)));
            }
            assert_eq!(tells_of_db(&came), asks && sees, "{asked:?} as {user}: {came:?}");
            delivery.depart(&member);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_nul_in_what_a_socket_sends_finds_nothing() {
    let house = house();
    write(&house.container("db"), 0..1);
    let nul = "db\u{0}";
    for asked in ClientEvent::ALL {
        for payload in [
            json!({"room": nul, "container_id": nul}),
            json!({"room": "r", "container_id": "\u{0}", nul: nul}),
            json!({"batch": true, "container": [nul], "subscription": nul}),
            json!({"batch": true, "stack": nul, "query": nul, "after": nul}),
            json!({"subscription": nul, "cursor": nul}),
            json!(nul),
        ] {
            let member = house.member_of("ada").await;
            house.delivery.on(&member, asked, &payload).await;
            let mut came = Vec::new();
            while let Ok(packets) = soon(member.socket.outbox().pulled()).await {
                came.extend(packets.iter().map(|packet| event(packet)));
            }
            assert!(!tells_of_db(&came), "{asked:?} {payload}: {came:?}");
            house.delivery.depart(&member);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_view_in_batches_of_a_foreign_container_is_refused_as_an_absent_one() {
    let house = house();
    house.container("db");
    let scott = house.member_of("scott").await;
    let of =
        async |name: &str| house.stream(&scott, json!({"batch": true, "container": name})).await.unwrap();
    assert_eq!(of("db").await, of("nope").await);
    assert_eq!(of("db").await["error"]["code"], "not_found");
}

#[tokio::test(start_paused = true)]
async fn an_admins_stream_into_a_room_never_reaches_a_scoped_member() {
    let house = house();
    let (web, db) = (house.container("web"), house.container("db"));
    write(&db, 0..2);
    write(&web, 0..2);
    let (ada, scott) = (house.member_of("ada").await, house.member_of("scott").await);
    house.delivery.join(&scott, &json!({"room": "r1"})).await;
    house.stream(&ada, json!({"container_id": "db", "room": "r1"})).await;
    write(&db, 2..4);
    assert_eq!(lines(&pull(&ada).await), numbered("db", 0..4));
    pull_until(&scott, "status").await;
    assert!(is_quiet(&scott).await);
    // Nor when they come later, and what is theirs reaches them.
    house.delivery.leave(&scott, &json!({"room": "r1"})).await;
    house.delivery.join(&scott, &json!({"room": "r1"})).await;
    house.stream(&ada, json!({"container_id": "web", "room": "r1"})).await;
    assert_eq!(lines(&pull_until(&scott, "docker_log").await), numbered("web", 0..2));
    write(&db, 4..6);
    assert!(is_quiet(&scott).await);
}

#[tokio::test(start_paused = true)]
async fn a_container_that_is_renamed_out_of_sight_ends_its_stream() {
    let house = house();
    let web = house.container("web");
    write(&web, 0..2);
    let scott = house.member_of("scott").await;
    house.stream(&scott, json!({"container_id": "web", "room": "r"})).await;
    house.stream(&scott, json!({"batch": true, "container": "web", "subscription": "s"})).await;
    let mut came = pull(&scott).await;
    while lines(&came).len() < 2 || came.iter().all(|(name, _)| name != "log_batch") {
        came.extend(pull(&scott).await);
    }
    house.change(&web, |container, _| container.name = "secret".to_owned());
    write(&web, 2..4);
    let end = pull_until(&scott, "docker_log_complete").await;
    assert_eq!(end.last().unwrap().1["error"], "no such container");
    assert!(lines(&end).is_empty() && end.iter().all(|(name, _)| name != "log_batch"), "{end:?}");
    assert!(is_quiet(&scott).await);
}

#[tokio::test(start_paused = true)]
async fn what_happens_to_foreign_containers_is_not_told() {
    let house = house();
    let (web, db) = (house.container("web"), house.container("db"));
    let scott = house.member_of("scott").await;
    scott.socket.start(house.delivery.notices(&scott));
    house.stop(&db);
    house.tell(&db, "stop", Some("db said no"));
    assert!(is_quiet(&scott).await);
    house.stop(&web);
    assert_eq!(pull(&scott).await, [("containers_changed".to_owned(), json!({"generation": 1}))]);
}

async fn soon<T>(future: impl Future<Output = T>) -> Result<T, tokio::time::error::Elapsed> {
    tokio::time::timeout(std::time::Duration::from_secs(10), future).await
}
