//! Shapes that other people's clients read: a change here is a change of the contract.

use serde_json::json;

use super::*;

fn record() -> Record {
    Record {
        cursor: "12:345".into(),
        container_id: "a".repeat(64),
        seq: 345,
        timestamp: "2026-11-21T14:02:07.113000000Z".into(),
        iostream: IoStreamWord::Stderr,
        severity: 17,
        body: "it broke".into(),
        cut: None,
        context: None,
    }
}

#[test]
fn a_record_has_its_documented_keys_in_their_order() {
    let text = serde_json::to_string(&record()).unwrap();
    let expected = format!(
        r#"{{"cursor":"12:345","container_id":"{}","seq":345,"timestamp":"2026-11-21T14:02:07.113000000Z","iostream":"stderr","severity":17,"body":"it broke"}}"#,
        "a".repeat(64)
    );
    assert_eq!(text, expected);
    let cut = Record { cut: Some(9), ..record() };
    assert_eq!(serde_json::to_value(cut).unwrap()["cut"], 9);
}

#[test]
fn a_gap_names_what_nobody_knows_as_null() {
    let gap = Gap {
        container_id: "a".repeat(64),
        from: "12:1".into(),
        to: "12:16777216".into(),
        missed: None,
        since: None,
        until: None,
        reason: "source-lost".into(),
    };
    assert_eq!(gap.sentence(), "an unknown number of lines missing (source-lost)");
    let row = serde_json::to_value(GapRow { gap }).unwrap();
    assert_eq!(
        row,
        json!({"gap": {
            "container_id": "a".repeat(64), "from": "12:1", "to": "12:16777216",
            "missed": null, "since": null, "until": null, "reason": "source-lost",
        }})
    );
}

#[test]
fn events_look_as_documented() {
    let mark = Mark {
        container_id: "a".repeat(64),
        name: "web-1".into(),
        after: "12:345".into(),
        timestamp: "2026-11-21T14:02:07.113000000Z".into(),
        kind: "exited".into(),
        text: "web-1 exited 1".into(),
        detail: json!({"exit_code": 1}),
    };
    let events = json!({
        "stream_container_logs": StreamContainerLogs { batch: Some(true), tail: Some(100), ..StreamContainerLogs::default() },
        "log_ack": LogAck { subscription: "s1".into(), cursor: "12:345".into() },
        "docker_log": DockerLog {
            log_id: "12".into(),
            operation_type: "stream_container_logs".into(),
            config_id: 1,
            container_id: "web-1".into(),
            image_name: "busybox:1".into(),
            line: "it broke".into(),
            timestamp: "2026-11-21T14:02:07.113000000Z".into(),
            status: "running".into(),
        },
        "docker_log_complete": DockerLogComplete {
            log_id: "12".into(),
            operation_type: "stream_container_logs".into(),
            config_id: 1,
            container_id: "web-1".into(),
            image_name: "busybox:1".into(),
            success: true,
            timestamp: "2026-11-21T14:02:07.113000000Z".into(),
            status: "completed".into(),
            error: None,
            subscription: None,
        },
        "container_status_change": ContainerStatusChange {
            container_id: "web-1".into(),
            status: "running".into(),
            action: "restart".into(),
            timestamp: "2026-11-21T14:02:07.113000000Z".into(),
            success: true,
            error: None,
        },
        "status": StatusMessage { msg: "Joined room: r1".into() },
        "log_batch": LogBatch {
            subscription: "s1".into(),
            first: "12:345".into(),
            last: "12:345".into(),
            records: vec![record()],
        },
        "log_gap": LogGap {
            subscription: "s1".into(),
            container_id: "a".repeat(64),
            from: "12:346".into(),
            to: "12:350".into(),
            missed: Some(5),
            since: None,
            until: None,
            reason: "rotated-away".into(),
        },
        "log_mark": LogMark { subscription: "s1".into(), mark },
        "containers_changed": ContainersChanged { generation: 7 },
    });
    insta::assert_json_snapshot!(events);
}
