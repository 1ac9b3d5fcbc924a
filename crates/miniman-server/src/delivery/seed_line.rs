//! `docker_log`: one event a line, as the seed's clients read it.

use std::sync::Arc;

use miniman_log::RecordRef;
use serde_json::json;

use crate::api::wire::{DockerLogComplete, time};
use crate::socket_io::{Burst, write_json};
use miniman_log::Timestamp;

pub(super) const OPERATION: &str = "stream_container_logs";

/// What all events of one stream have in common.
#[derive(Debug, Clone)]
pub(super) struct StreamLabel {
    /// Names the stream, and stays the same until it ends.
    pub(super) log_id: Arc<str>,
    pub(super) config_id: u32,
    /// In the form that was asked with.
    pub(super) container_id: Arc<str>,
    pub(super) image_name: Arc<str>,
}

impl StreamLabel {
    /// Of a stream that has no one container, or none that may be named.
    pub(super) fn unnamed(log_id: Arc<str>) -> Self {
        Self { log_id, config_id: 0, container_id: "".into(), image_name: "".into() }
    }

    pub(super) fn completed(&self, now: Timestamp) -> DockerLogComplete {
        self.complete(now, None)
    }

    pub(super) fn failed(&self, now: Timestamp, error: &str) -> DockerLogComplete {
        self.complete(now, Some(error.to_owned()))
    }

    fn complete(&self, now: Timestamp, error: Option<String>) -> DockerLogComplete {
        DockerLogComplete {
            log_id: self.log_id.to_string(),
            operation_type: OPERATION.to_owned(),
            config_id: self.config_id,
            container_id: self.container_id.to_string(),
            image_name: self.image_name.to_string(),
            success: error.is_none(),
            timestamp: time(now),
            status: if error.is_none() { "completed" } else { "failed" }.to_owned(),
            error,
            subscription: None,
        }
    }
}

/// Writes a stream's events; what they share is encoded once.
#[derive(Debug)]
pub(super) struct LineEncoder {
    /// Everything before the line.
    head: Vec<u8>,
}

impl LineEncoder {
    pub(super) fn new(label: &StreamLabel) -> Self {
        let shared = json!([
            "docker_log",
            {
                "log_id": *label.log_id,
                "operation_type": OPERATION,
                "config_id": label.config_id,
                "container_id": *label.container_id,
                "image_name": *label.image_name,
            }
        ]);
        let mut head = b"42".to_vec();
        // Field order is the contract's, which a map of serde_json does not keep.
        head.extend_from_slice(b"[\"docker_log\",{");
        for key in ["log_id", "operation_type", "config_id", "container_id", "image_name"] {
            write_json(&mut head, key);
            head.push(b':');
            write_json(&mut head, &shared[1][key]);
            head.push(b',');
        }
        head.extend_from_slice(b"\"line\":");
        Self { head }
    }

    pub(super) fn push(&self, burst: &mut Burst, record: RecordRef<'_>) {
        burst.packet(|out| {
            out.extend_from_slice(&self.head);
            if record.cut == 0 {
                write_json(out, record.body);
            } else {
                // Nothing is hidden in silence: the event has no key for what the line cap cut.
                write_json(out, &format!("{} [{} bytes cut]", record.body, record.cut));
            }
            out.extend_from_slice(b",\"timestamp\":\"");
            record.timestamp.push_to(out);
            out.extend_from_slice(b"\",\"status\":\"running\"}]");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::wire::DockerLog;
    use miniman_log::{IoStream, Severity};
    use proptest::prelude::*;

    fn label() -> StreamLabel {
        StreamLabel {
            log_id: "0e6f…".into(),
            config_id: 3,
            container_id: "we\"b".into(),
            image_name: "busybox:latest".into(),
        }
    }

    fn record(body: &str, cut: u64) -> RecordRef<'_> {
        RecordRef { timestamp: Timestamp(0), iostream: IoStream::Stdout, severity: Severity::INFO, body, cut }
    }

    #[test]
    fn a_line_has_the_seeds_keys_in_the_seeds_order() {
        let mut burst = Burst::new();
        LineEncoder::new(&label()).push(&mut burst, record("hello \"world\"\u{1b}[0m", 0));
        insta::assert_snapshot!(burst.texts()[0], @r#"42["docker_log",{"log_id":"0e6f…","operation_type":"stream_container_logs","config_id":3,"container_id":"we\"b","image_name":"busybox:latest","line":"hello \"world\"\u001b[0m","timestamp":"1970-01-01T00:00:00.000000000Z","status":"running"}]"#);
    }

    #[test]
    fn a_cut_line_says_what_is_missing() {
        let mut burst = Burst::new();
        LineEncoder::new(&label()).push(&mut burst, record("x", 9));
        assert!(burst.texts()[0].contains(r#""line":"x [9 bytes cut]","timestamp""#));
    }

    #[test]
    fn an_end_says_how_it_ended() {
        let shown = |complete| serde_json::to_string(&complete).unwrap();
        insta::assert_snapshot!(shown(label().completed(Timestamp(0))), @r#"{"log_id":"0e6f…","operation_type":"stream_container_logs","config_id":3,"container_id":"we\"b","image_name":"busybox:latest","success":true,"timestamp":"1970-01-01T00:00:00.000000000Z","status":"completed"}"#);
        insta::assert_snapshot!(shown(label().failed(Timestamp(0), "no such container")), @r#"{"log_id":"0e6f…","operation_type":"stream_container_logs","config_id":3,"container_id":"we\"b","image_name":"busybox:latest","success":false,"timestamp":"1970-01-01T00:00:00.000000000Z","status":"failed","error":"no such container"}"#);
    }

    proptest! {
        #[test]
        fn any_line_is_written_as_serde_writes_it(body in "(?s).{0,80}") {
            let label = label();
            let mut burst = Burst::new();
            LineEncoder::new(&label).push(&mut burst, record(&body, 0));
            let expected = DockerLog {
                log_id: label.log_id.to_string(),
                operation_type: OPERATION.to_owned(),
                config_id: 3,
                container_id: label.container_id.to_string(),
                image_name: label.image_name.to_string(),
                line: body,
                timestamp: time(Timestamp(0)),
                status: "running".to_owned(),
            };
            let expected = format!("42[\"docker_log\",{}]", serde_json::to_string(&expected).unwrap());
            prop_assert_eq!(&burst.texts()[0], &expected);
        }
    }
}
