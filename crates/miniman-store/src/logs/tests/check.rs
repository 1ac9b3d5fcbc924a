//! Looking a store through, and its figures from outside.

use std::path::Path;

use expect_test::{Expect, expect};

use super::{alter, identity, lines, long_line, manual, open};
use crate::logs::{CheckReport, GapReason, LogStore, OpenError};

/// Two blocks of a line, a gap, a block of two lines below, and a journal.
fn some_store(dir: &Path) -> LogStore {
    let store = open(dir);
    let log = store.log(&identity("a")).unwrap();
    log.append(&long_line(300_000), None).unwrap();
    log.append_gap(Some(4), None, None, GapReason::RotatedAway, None).unwrap();
    log.append(&long_line(300_000), None).unwrap();
    log.prepend_gap(Some(4), None, None, GapReason::RotatedAway, None).unwrap();
    log.prepend(lines(-20, 2), None).unwrap();
    log.append(&lines(6, 10), None).unwrap();
    store.commit().unwrap();
    store
}

fn check(dir: &Path) -> CheckReport {
    let mut last = None;
    let report = LogStore::check(dir, |progress| last = Some(progress)).unwrap();
    let last = last.expect("progress is told");
    assert_eq!(last.blocks, last.blocks_total);
    report
}

fn check_damage(sql: &str, expected: &Expect) {
    let dir = tempfile::tempdir().unwrap();
    some_store(dir.path()).close().unwrap();
    alter(dir.path(), sql);
    let report = check(dir.path());
    let words: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    expected.assert_eq(&words.join("\n"));
    assert_eq!(report.findings_total, words.len() as u64);
}

#[test]
fn a_whole_store_is_clean_beside_a_server_and_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = some_store(dir.path());
    let beside = check(dir.path());
    assert_eq!(beside.findings, []);
    assert_eq!((beside.logs, beside.blocks, beside.gaps), (1, 3, 2));
    assert_eq!((beside.records, beside.journal_rows), (4, 1));
    store.close().unwrap();
    assert!(check(dir.path()).is_clean());
}

#[test]
fn damage_is_found_and_named() {
    check_damage(
        "UPDATE payloads SET bodies = CAST(bodies || 'x' AS BLOB) WHERE id = (SELECT id FROM blocks WHERE first_seq = 0)",
        &expect!["log 1, 0 to 0: the block: the checksum does not match"],
    );
    check_damage(
        "DELETE FROM payloads WHERE id = (SELECT id FROM blocks WHERE first_seq = 0); UPDATE blocks SET max_time = 7 WHERE first_seq = 5",
        &expect![[r#"
            log 1, 0 to 0: the block's payload or filter cannot be read
            log 1, 5 to 5: the block's row has other times or counts than its records"#]],
    );
    check_damage(
        "UPDATE filters SET bits = zeroblob(length(bits)) WHERE id = (SELECT id FROM blocks WHERE first_seq = -6)",
        &expect!["log 1, -6 to -5: the filter misses what the block holds, so a search would too"],
    );
    check_damage(
        "DELETE FROM gaps WHERE from_seq = 1; UPDATE gaps SET to_seq = 0",
        &expect![[r#"
            log 1, 0 to 0: the numbers are there twice
            log 1, 1 to 4: the numbers are in no block and no gap"#]],
    );
    check_damage(
        "UPDATE journal SET entries = CAST('?' AS BLOB); UPDATE blocks SET stored_bytes = 1 WHERE first_seq = -6",
        &expect![[r#"
            log 1, -6 to -5: the block's row has another size than what is stored
            row 1 of the journal: the bytes end early or carry on too long"#]],
    );
    check_damage(
        "DELETE FROM logs",
        &expect![[r#"
            3 blocks without a log
            2 gaps without a log"#]],
    );
}

#[test]
fn pages_that_sqlite_finds_damaged_are_findings() {
    let dir = tempfile::tempdir().unwrap();
    some_store(dir.path()).close().unwrap();
    let path = dir.path().join("logs.db");
    let mut bytes = std::fs::read(&path).unwrap();
    for page in bytes.chunks_mut(4_096).skip(3) {
        page[..64].fill(0xa5);
    }
    std::fs::write(&path, bytes).unwrap();
    let report = LogStore::check(dir.path(), |_| ()).unwrap();
    assert!(!report.is_clean());
    assert!(report.findings.iter().any(|finding| finding.what.starts_with("SQLite says")), "{report:?}");
}

#[test]
fn figures_are_read_from_outside() {
    let dir = tempfile::tempdir().unwrap();
    let store = some_store(dir.path());
    let log = store.logs().remove(0);
    log.set_retention("500MB".parse().unwrap()).unwrap();
    store.log(&identity("b")).unwrap();
    store.commit().unwrap();
    let figures = LogStore::figures(dir.path()).unwrap();
    let names: Vec<_> = figures.logs.iter().map(|log| log.identity.name.as_str()).collect();
    assert_eq!((figures.format, names), (3, vec!["a", "b"]));
    let of_log = &figures.logs[0];
    assert_eq!((of_log.blocks, of_log.gaps, of_log.missed, of_log.stored.records), (3, 2, Some(8), 4));
    assert_eq!(of_log.stored.stored_bytes, log.stored().stored_bytes);
    assert_eq!((of_log.bounds.first, of_log.bounds.next), (-6, 6), "without the journal");
    assert_eq!((of_log.retention.to_string(), of_log.id), ("500MB".to_owned(), log.id()));
    assert!(figures.journal_rows > 0 && figures.journal_bytes > 0 && figures.file_bytes > 0);
}

#[test]
fn what_cannot_be_looked_at_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let error = LogStore::figures(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Missing { .. }), "{error:?}");
    assert!(!dir.path().join("logs.db").exists(), "nothing is made by looking");
    LogStore::open(dir.path(), manual()).unwrap().close().unwrap();
    for (version, word) in [(1, "older"), (9, "newer")] {
        alter(dir.path(), &format!("PRAGMA user_version = {version}"));
        let error = LogStore::check(dir.path(), |_| ()).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}
