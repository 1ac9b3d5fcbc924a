use std::time::Duration;

use miniman_store::logs::{GapReason, Mark};
use serde_json::json;

use super::*;

const SUBSCRIBE: &str = "s";

async fn subscribe(house: &House, member: &Arc<Member>, mut payload: Value) {
    payload["batch"] = true.into();
    payload["subscription"] = SUBSCRIBE.into();
    let answer = house.stream(member, payload).await;
    assert_eq!(answer, Some(json!({"subscription": SUBSCRIBE})));
}

fn acknowledge(house: &House, member: &Arc<Member>, cursor: &Value) {
    house.delivery.acknowledge(member, &json!({"subscription": SUBSCRIBE, "cursor": cursor}));
}

fn bodies(batch: &Value) -> Vec<String> {
    let records = batch["records"].as_array().unwrap();
    records.iter().map(|record| record["body"].as_str().unwrap().to_owned()).collect()
}

/// The one event of the next pull, which is a batch.
async fn batch(member: &Member) -> Value {
    let mut events = pull(member).await;
    assert_eq!(events.len(), 1, "{events:?}");
    let (name, batch) = events.remove(0);
    assert_eq!(name, "log_batch");
    batch
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_its_shape() {
    let house = House::new();
    let entry = house.container("web");
    let member = house.member().await;
    subscribe(&house, &member, json!({"container_id": "web"})).await;
    write(&entry, 0..2);
    let packet = member.socket.outbox().pulled().await.remove(0);
    insta::assert_snapshot!(packet, @r#"42["log_batch",{"subscription":"s","first":"1:0","last":"1:1","records":[{"cursor":"1:0","container_id":"0000000000000000000000000000000000000000000000000000000000000003","seq":0,"timestamp":"1970-01-01T00:00:00.000000000Z","iostream":"stdout","severity":0,"body":"web 0"},{"cursor":"1:1","container_id":"0000000000000000000000000000000000000000000000000000000000000003","seq":1,"timestamp":"1970-01-01T00:00:00.000000001Z","iostream":"stdout","severity":0,"body":"web 1"}]}]"#);
}

#[tokio::test(start_paused = true)]
async fn a_view_with_a_query_gives_what_it_finds_and_nothing_else() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..10);
    let member = house.member().await;
    subscribe(&house, &member, json!({"container_id": "web", "query": "/[2468]$/", "tail": 2})).await;
    let first = batch(&member).await;
    assert_eq!(bodies(&first), ["web 6", "web 8"]);
    acknowledge(&house, &member, &first["last"]);
    write(&entry, 10..15);
    let second = batch(&member).await;
    assert_eq!(bodies(&second), ["web 12", "web 14"]);
    assert_eq!((&second["first"], &second["last"]), (&json!("1:12"), &json!("1:14")));

    let wrong = json!({"batch": true, "container_id": "web", "query": "(web"});
    let answer = house.stream(&member, wrong).await.unwrap();
    assert!(answer["error"]["detail"].as_str().unwrap().starts_with("query: this parenthesis"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn records_are_what_serde_would_write() {
    let house = House::new();
    let entry = house.container("web");
    let member = house.member().await;
    subscribe(&house, &member, json!({"container_id": "web"})).await;
    let mut batch = RecordBatch::new();
    batch.push(Timestamp(-1), IoStream::Stderr, Severity::ERROR, b"\x1b[31m\"red\" \xff", 7);
    entry.log.append(&batch, None).unwrap();
    let events = pull(&member).await;
    let expected = crate::api::wire::Record {
        cursor: format!("{}:0", entry.log.id()),
        container_id: entry.container.id.to_string(),
        seq: 0,
        timestamp: "1969-12-31T23:59:59.999999999Z".to_owned(),
        iostream: IoStream::Stderr.into(),
        severity: 17,
        body: "\u{1b}[31m\"red\" \u{fffd}".to_owned(),
        cut: Some(7),
        context: None,
    };
    assert_eq!(events[0].1["records"][0], serde_json::to_value(expected).unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_line_goes_out_at_once_when_idle_and_gathers_behind_a_batch_in_flight() {
    let house = House::new();
    let entry = house.container("web");
    let member = house.member().await;
    subscribe(&house, &member, json!({"container": ["web"]})).await;
    let begun = tokio::time::Instant::now();
    write(&entry, 0..1);
    let first = batch(&member).await;
    assert_eq!(begun.elapsed(), Duration::ZERO);

    write(&entry, 1..2);
    let early = tokio::time::timeout(Duration::from_millis(20), member.socket.outbox().pulled());
    assert!(early.await.is_err(), "it gathers");
    write(&entry, 2..4);
    let second = batch(&member).await;
    assert_eq!(bodies(&second), numbered("web", 1..4));
    assert!(begun.elapsed() < Duration::from_millis(50));

    acknowledge(&house, &member, &first["last"]);
    acknowledge(&house, &member, &second["last"]);
    let begun = tokio::time::Instant::now();
    write(&entry, 4..5);
    assert_eq!(bodies(&batch(&member).await), numbered("web", 4..5));
    assert_eq!(begun.elapsed(), Duration::ZERO, "all is acknowledged: at once again");
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_ends_the_gathering() {
    let house = House::new();
    let entry = house.container("web");
    let member = house.member().await;
    subscribe(&house, &member, json!({"container": ["web"]})).await;
    write(&entry, 0..1);
    let first = batch(&member).await;
    write(&entry, 1..2);
    let begun = tokio::time::Instant::now();
    let (second, ()) = tokio::join!(batch(&member), async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        acknowledge(&house, &member, &first["last"]);
    });
    assert_eq!(bodies(&second), numbered("web", 1..2));
    assert!(begun.elapsed() <= Duration::from_millis(6));
}

#[tokio::test(start_paused = true)]
async fn a_window_is_kept_and_opened_by_cumulative_acknowledgements() {
    let house = House::new();
    let entry = house.container("web");
    // 3 MB in lines of 1 KB.
    write_long(&entry, 0..3000, 1000);
    let member = house.member().await;
    subscribe(&house, &member, json!({"container": ["web"]})).await;
    let mut batches = Vec::new();
    let in_flight = |batches: &[Value]| batches.iter().map(|batch| batch.to_string().len()).sum::<usize>();
    while let Ok(pulled) = tokio::time::timeout(Duration::from_secs(1), member.socket.outbox().pulled()).await
    {
        batches.extend(pulled.iter().map(|packet| event(packet).1));
    }
    assert!((256 * 1024..512 * 1024).contains(&in_flight(&batches)), "{}", in_flight(&batches));

    acknowledge(&house, &member, &json!("1:123456"));
    assert!(is_quiet(&member).await, "an unknown acknowledgement opens nothing");

    let mut got: Vec<String> = batches.iter().flat_map(bodies).collect();
    let mut last = batches.last().unwrap()["last"].clone();
    while got.len() < 3000 {
        acknowledge(&house, &member, &last);
        let events = pull(&member).await;
        got.extend(events.iter().flat_map(|(_, batch)| bodies(batch)));
        last = events.last().unwrap().1["last"].clone();
    }
    let numbers: Vec<_> = got.iter().map(|body| body.trim_end_matches('x').to_owned()).collect();
    assert_eq!(numbers, numbered("web", 0..3000));
}

#[tokio::test(start_paused = true)]
async fn a_view_goes_on_behind_a_cursor_or_starts_so_many_records_before_the_end() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..10);
    let member = house.member().await;
    let after = format!("{}:6", entry.log.id());
    subscribe(&house, &member, json!({"container": "web", "after": after})).await;
    assert_eq!(bodies(&batch(&member).await), numbered("web", 7..10));
    subscribe(&house, &member, json!({"container": "web", "tail": 2})).await;
    assert_eq!(bodies(&batch(&member).await), numbered("web", 8..10));
    subscribe(&house, &member, json!({"container": "web"})).await;
    assert_eq!(bodies(&batch(&member).await), numbered("web", 0..10), "the one of the same name is replaced");
    house.delivery.stop(&member, &json!({"subscription": SUBSCRIBE})).await;
    write(&entry, 10..11);
    assert!(is_quiet(&member).await);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_subscribed_to_is_answered_with_an_error() {
    let house = House::new();
    house.container("web");
    let member = house.member().await;
    for (payload, code) in [
        (json!({"batch": true, "container": "nope"}), "not_found"),
        (json!({"batch": true, "stack": ["nope"]}), "not_found"),
        (json!({"batch": true, "container": "web", "after": "x"}), "bad_request"),
        (json!({"batch": true, "container": "web", "tail": "x"}), "bad_request"),
        (json!({"batch": true, "container": {}}), "bad_request"),
        (json!({"batch": true, "container": "web", "subscription": "x".repeat(65)}), "bad_request"),
        (json!({"batch": true, "container": "web", "room": "container_logs_nope"}), "bad_request"),
    ] {
        let answer = house.stream(&member, payload.clone()).await.unwrap();
        assert_eq!(answer["error"]["code"], code, "{payload} {answer}");
    }
    assert!(is_quiet(&member).await);
}

#[tokio::test(start_paused = true)]
async fn a_gap_comes_between_the_batches_around_it() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..2);
    entry.log.append_gap(Some(3), None, None, GapReason::RotatedAway, None).unwrap();
    write(&entry, 5..6);
    let member = house.member().await;
    subscribe(&house, &member, json!({"container": "web"})).await;
    let events = pull_until(&member, "log_gap").await;
    assert_eq!(bodies(&events[0].1), numbered("web", 0..2));
    assert_eq!(events[0].1["last"], format!("{}:1", entry.log.id()), "the batch ends before the gap");
    insta::assert_snapshot!(events[1].1, @r#"{"container_id":"0000000000000000000000000000000000000000000000000000000000000003","from":"1:2","missed":3,"reason":"rotated-away","since":null,"subscription":"s","to":"1:4","until":null}"#);
    assert_eq!(bodies(&batch(&member).await), numbered("web", 5..6));
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_told_and_ends_nothing() {
    let house = House::new();
    let entry = house.container("web");
    write(&entry, 0..2);
    let member = house.member().await;
    subscribe(&house, &member, json!({"container": "web"})).await;
    let first = batch(&member).await;
    acknowledge(&house, &member, &first["last"]);
    let stopped = house.stop(&entry);
    write(&entry, 2..3);
    let events = pull_until(&member, "docker_log_complete").await;
    assert_eq!(bodies(&events[0].1), numbered("web", 2..3));
    let complete = &events[1].1;
    assert_eq!((&complete["subscription"], &complete["status"]), (&json!("s"), &json!("completed")));
    assert!(is_quiet(&member).await, "it is told once");
    acknowledge(&house, &member, &events[0].1["last"]);
    let started = house.start(&stopped);
    write(&entry, 3..4);
    assert_eq!(bodies(&batch(&member).await), numbered("web", 3..4));
    house.stop(&started);
    pull_until(&member, "docker_log_complete").await;
}

#[tokio::test(start_paused = true)]
async fn what_joins_a_view_later_is_read_from_its_beginning() {
    let house = House::new();
    let one = house.container("web-1");
    let member = house.member().await;
    subscribe(&house, &member, json!({})).await;
    write(&one, 0..1);
    let first = batch(&member).await;
    acknowledge(&house, &member, &first["last"]);
    let two = house.container("web-two");
    write(&two, 0..1);
    let second = batch(&member).await;
    assert_eq!(bodies(&second), numbered("web-two", 0..1));
    assert_eq!(second["last"], format!("{}:0,{}:0", one.log.id(), two.log.id()));
}

#[tokio::test(start_paused = true)]
async fn marks_are_told_once_as_they_happen() {
    let house = House::new();
    let entry = house.container("web");
    let mark = |kind: &str| Mark {
        timestamp: house.server.clock.now(),
        kind: kind.to_owned(),
        after_seq: 0,
        detail: r#"{"exit_code":137}"#.to_owned(),
    };
    let member = house.member().await;
    subscribe(&house, &member, json!({"container": "web"})).await;
    assert!(is_quiet(&member).await);
    entry.log.mark(mark("exited")).unwrap();
    let marked = Arc::new(Entry { marks: 1, ..Entry::clone(&entry) });
    house.put(marked.clone());
    let events = pull(&member).await;
    assert_eq!((events.len(), events[0].0.as_str()), (1, "log_mark"));
    assert_eq!(events[0].1["mark"]["kind"], "exited");
    assert_eq!(events[0].1["subscription"], "s");
    entry.log.mark(mark("started")).unwrap();
    house.put(Arc::new(Entry { marks: 2, ..Entry::clone(&marked) }));
    let events = pull(&member).await;
    assert_eq!((events.len(), &events[0].1["mark"]["kind"]), (1, &json!("started")));
}
