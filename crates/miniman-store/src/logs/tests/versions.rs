//! Files of older formats.

use std::path::Path;

use rusqlite::Connection;

use super::{bodies, identity, lines, long_line, open};
use crate::logs::database::Refused;
use crate::logs::migrate::{MIGRATIONS, Migration, migrate};
use crate::logs::{LogStore, OpenError};

fn version(path: &Path) -> i64 {
    let file = Connection::open(path).unwrap();
    file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

/// A store as the first version left it, with lines in blocks and in the journal.
fn version_1(dir: &Path) {
    let store = open(dir);
    let log = store.log(&identity("a")).unwrap();
    log.append(&lines(0, 50), Some(vec![1])).unwrap();
    log.append(&long_line(300_000), None).unwrap();
    log.append(&lines(51, 5), Some(vec![7])).unwrap();
    store.close().unwrap();
    let file = Connection::open(dir.join("logs.db")).unwrap();
    file.execute_batch("ALTER TABLE logs DROP COLUMN retention; ALTER TABLE logs DROP COLUMN multiline; ALTER TABLE logs DROP COLUMN message; PRAGMA user_version = 1;").unwrap();
}

#[test]
fn a_file_of_the_first_version_is_migrated_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    version_1(dir.path());
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    assert_eq!((bodies(&log).len(), log.resume()), (56, Some(vec![7])));
    log.set_retention("7d".parse().unwrap()).unwrap();
    store.close().unwrap();
    let kept = dir.path().join("logs.db.v1");
    assert_eq!((version(&dir.path().join("logs.db")), version(&kept)), (3, 1));
    assert!(!dir.path().join("logs.db.v1.partial").exists());
    // What was kept opens as it was.
    std::fs::rename(kept, dir.path().join("logs.db")).unwrap();
    assert_eq!(bodies(&open(dir.path()).log(&identity("a")).unwrap()).len(), 56);
}

#[test]
fn every_version_there_was_leads_to_the_present_one() {
    assert!(MIGRATIONS.iter().map(|step| step.from).eq(1..crate::logs::database::FORMAT_VERSION));
}

#[test]
fn a_step_that_does_not_succeed_leaves_the_version_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logs.db");
    let file = Connection::open(&path).unwrap();
    file.execute_batch("CREATE TABLE a (n); INSERT INTO a VALUES (7); PRAGMA user_version = 5;").unwrap();
    let steps = [
        Migration { from: 5, sql: "ALTER TABLE a ADD COLUMN m DEFAULT 8;" },
        Migration { from: 6, sql: "DELETE FROM a; ALTER TABLE missing ADD COLUMN m;" },
    ];
    assert!(matches!(migrate(&file, &path, 5, 7, &steps), Err(Refused::Sqlite(_))));
    drop(file);
    assert_eq!((version(&path), version(&dir.path().join("logs.db.v5"))), (6, 5));
    let file = Connection::open(&path).unwrap();
    let row = file.query_row("SELECT n, m FROM a", [], |row| Ok((row.get(0)?, row.get(1)?)));
    assert_eq!(row.unwrap(), (7, 8));
    let steps = [Migration { from: 6, sql: "DELETE FROM a;" }];
    assert!(matches!(migrate(&file, &path, 6, 7, &steps), Ok(true)));
    assert_eq!(version(&path), 7);
    assert!(matches!(migrate(&file, &path, 7, 9, &steps), Ok(false)), "no step starts there");
}

#[test]
fn without_a_copy_nothing_is_migrated() {
    let dir = tempfile::tempdir().unwrap();
    version_1(dir.path());
    // A directory in its place: nothing can be renamed to it.
    std::fs::create_dir_all(dir.path().join("logs.db.v1/there")).unwrap();
    let error = LogStore::open(dir.path(), super::manual()).err().unwrap();
    assert!(matches!(error, OpenError::Copy { .. }), "{error:?}");
    assert_eq!(version(&dir.path().join("logs.db")), 1);
    std::fs::remove_dir_all(dir.path().join("logs.db.v1")).unwrap();
    open(dir.path());
}
