//! Secrets in what containers write: on no byte of the disk, in no view.

use std::path::Path;

use miniman_testkit::{RunSpec, wait_for};

use crate::rig::{LIMIT, Rig};

const TOKEN: &str = "0123456789abcdefghijZYXWVUTSRQPONMLKJIHG";
const CARD: &str = "4111111111111111";
const LINES: [&str; 5] = [
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
    "MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu",
    "NMoSfm76oqFvAp8Gy0iz5sxjZmSnXyCdPEovGhLa0VzMaQ8s+CLOyS56YyCFGeJZ",
    "qgtzJ6GR3eqoYSW9b9UMvkBpZODSctWSNGj3P7jRFDO5VoTwCQAWbFnOjDfH5Ulg",
    "p2PKSQnSJP3AJLQNFNe7br1XbrhV",
];

/// Docker hands on what stands in a line after 16,384 bytes: half of the token.
const FILLER: usize = 16_384 - " Authorization: Bearer ".len() - TOKEN.len() / 2;

#[test]
fn a_token_and_a_private_key_over_a_kill_are_on_no_byte_of_the_disk() {
    let script = format!(
        "echo card {CARD}
        head -c {FILLER} /dev/zero | tr '\\0' '.'
        printf ' Authorization: Bearer {TOKEN}'
        echo -----BEGIN PRIVATE KEY----- >&2
        printf '%s\\n%s\\n' {} {} >&2
        while [ ! -e /go ]; do sleep 0.05; done
        echo ' the end'
        printf '%s\\n%s\\n%s\\n' {} {} {} >&2
        echo -----END PRIVATE KEY----- >&2",
        LINES[0], LINES[1], LINES[2], LINES[3], LINES[4]
    );
    for driver in ["json-file", "local"] {
        let mut rig = Rig::start();
        // While anything is written, all that was read is committed every second.
        rig.docker.run(&RunSpec::sh("ticker", "while true; do echo tick; sleep 0.1; done")).unwrap();
        rig.docker.run(&RunSpec::sh("app", &script).log(driver, [])).unwrap();
        // The card, and of the key its begin and two lines; the token is not in a line yet.
        rig.miniman.wait_for_records("app", 4, LIMIT).unwrap();
        let commits = metric(&rig, "miniman_store_commits_total");
        let committed = || (metric(&rig, "miniman_store_commits_total") > commits + 1).then_some(());
        wait_for("a commit", LIMIT, committed).unwrap();
        assert_eq!(metric(&rig, "miniman_redactions_total{rule=\"private_key\"}"), 1);
        assert_eq!(metric(&rig, "miniman_redactions_total{rule=\"card_number\"}"), 1);
        rig.miniman.kill().unwrap();
        assert_no_secret_below(&rig.miniman.data_dir());
        rig.miniman.start_again().unwrap();
        rig.miniman.wait_for_engine().unwrap();
        rig.docker.docker(&["exec", "app", "touch", "/go"]).unwrap();
        rig.docker.wait("app").unwrap();
        rig.miniman.wait_for_records("app", 9, LIMIT).unwrap();
        let rows = rig.rows("container=app");
        assert_eq!(metric(&rig, "miniman_redactions_total{rule=\"bearer_token\"}"), 1, "{driver}");
        rig.miniman.kill().unwrap();
        assert_no_secret_below(&rig.miniman.data_dir());

        let of = |stream: &str| -> Vec<_> {
            let rows = rows.iter().filter(|row| row["iostream"] == stream);
            rows.map(|row| row["body"].as_str().unwrap().trim_start_matches('.')).collect()
        };
        let token = " Authorization: Bearer [redacted: bearer token] the end";
        assert_eq!(of("stdout"), ["card [redacted: card number]", token], "{driver}");
        let continued = "[redacted: private key, continued]";
        let key = [&["[redacted: private key]"][..], &[continued; 6]].concat();
        assert_eq!(of("stderr"), key, "{driver}");
    }
}

/// A metric's value; of a counter that counted nothing, 0.
fn metric(rig: &Rig, name: &str) -> u64 {
    let text = rig.miniman.get("/metrics").unwrap().text();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map_or(0, |value| value.parse().unwrap())
}

fn assert_no_secret_below(dir: &Path) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_no_secret_below(&path);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let halves = TOKEN.split_at(TOKEN.len() / 2);
        for secret in LINES.into_iter().chain([CARD, halves.0, halves.1]) {
            // The first bytes of a long line are secret too.
            let part = &secret[..secret.len().min(16)];
            assert!(!text.contains(part), "{part} in {}", path.display());
        }
    }
}
