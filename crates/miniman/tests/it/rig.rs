//! A daemon, MiniMan on it, and what the tests ask of both.

use std::time::Duration;

use miniman_testkit::{DaemonOptions, Kind, MiniMan, PrivateDocker, SocketClient};
use serde_json::{Value, json};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_miniman");

/// Nothing here takes this long, on however busy a machine; a test that gets here has failed.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

pub(crate) struct Rig {
    // Ends before its daemon does.
    pub(crate) miniman: MiniMan,
    pub(crate) docker: PrivateDocker,
}

impl Rig {
    pub(crate) fn start() -> Rig {
        Rig::start_with(DaemonOptions::default())
    }

    pub(crate) fn start_with(options: DaemonOptions) -> Rig {
        let docker = PrivateDocker::start_with(options).unwrap();
        let miniman = MiniMan::start(BINARY, &docker).unwrap();
        Rig { miniman, docker }
    }

    pub(crate) fn client(&self, kind: Kind) -> SocketClient {
        SocketClient::connect(kind, &self.miniman.url(), self.miniman.token(), LIMIT).unwrap()
    }

    /// Waits until MiniMan knows a container.
    pub(crate) fn present(&self, name: &str) -> Value {
        self.miniman
            .wait_for_container(name, LIMIT, |container| {
                (container["present"] == true).then(|| container.clone())
            })
            .unwrap()
    }

    /// The whole log of a container that ends, once all of it is stored: rows of NDJSON.
    pub(crate) fn settled(&self, name: &str) -> Vec<Value> {
        self.settle(name);
        self.rows(&format!("container={name}"))
    }

    /// Waits until a container has ended, and all that it wrote is stored.
    pub(crate) fn settle(&self, name: &str) {
        self.docker.wait(name).unwrap();
        self.present(name);
        let mut client = self.client(Kind::Node);
        // It may be read behind its writer: what comes still must not fill the client's window.
        client.acknowledge_batches().unwrap();
        let view = json!({"batch": true, "container": name, "tail": 0});
        client.ask("stream_container_logs", &view, LIMIT).unwrap();
        // It is told behind the last line.
        client.event("docker_log_complete", LIMIT).unwrap();
        self.miniman.wait_for_records(name, 0, LIMIT).unwrap();
    }

    /// What `GET /logs` answers, as rows.
    pub(crate) fn rows(&self, query: &str) -> Vec<Value> {
        let answer = self.miniman.get(&format!("/api/v1/logs?{query}")).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        rows_of(&answer.body)
    }
}

pub(crate) fn rows_of(ndjson: &[u8]) -> Vec<Value> {
    let lines = ndjson.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

/// The number that a line of `numbered-writer` or `seq` starts with.
pub(crate) fn number(line: &str) -> u64 {
    let word = line.split(' ').next().unwrap_or_default();
    word.parse().unwrap_or_else(|_| panic!("no numbered line: {line:?}"))
}

/// Takes numbered lines that come one by one, and fails at the first that is not the next.
#[derive(Debug, Default)]
pub(crate) struct Count {
    pub(crate) next: u64,
}

impl Count {
    pub(crate) fn take(&mut self, line: &str) {
        assert_eq!(number(line), self.next, "line {} is {line:?}", self.next);
        self.next += 1;
    }

    /// The records of a batch, or the rows of an answer.
    pub(crate) fn take_records(&mut self, records: &[Value]) {
        for record in records {
            self.take(record["body"].as_str().unwrap_or_else(|| panic!("no record: {record}")));
        }
    }
}
