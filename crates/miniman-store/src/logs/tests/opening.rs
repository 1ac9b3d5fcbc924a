//! Directories, locks, versions.

use std::os::unix::fs::PermissionsExt;

use super::{bodies, identity, lines, manual, open};
use crate::logs::{LogStore, OpenError, StoreError};

fn refusal(dir: &std::path::Path) -> OpenError {
    LogStore::open(dir, manual()).err().expect("the directory is refused")
}

#[test]
fn a_second_store_on_a_directory_is_refused_with_the_holder() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    match refusal(dir.path()) {
        OpenError::InUse { pid, .. } => assert_eq!(pid, Some(std::process::id())),
        other => panic!("{other}"),
    }
    drop(store);
    open(dir.path());
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let path = dir.path().join("logs.db");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 4).unwrap();
    let before = std::fs::read(&path).unwrap();
    match refusal(dir.path()) {
        OpenError::Newer { found: 4, supported: 3, .. } => {}
        other => panic!("{other}"),
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logs.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    assert!(matches!(refusal(dir.path()), OpenError::Foreign { .. }));
    std::fs::write(&path, b"this is no database, and it is longer than a header of sixteen bytes").unwrap();
    assert!(matches!(refusal(dir.path()), OpenError::Foreign { .. }));
}

#[test]
fn a_path_that_cannot_be_a_directory_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let error = refusal(&file.join("below"));
    assert!(matches!(error, OpenError::Directory { .. }));
    assert!(error.to_string().contains("below"));
}

#[test]
fn directory_and_files_are_private() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("data");
    let store = open(&dir);
    store.log(&identity("a")).unwrap().append(&lines(0, 1), None).unwrap();
    store.commit().unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for file in std::fs::read_dir(&dir).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_log_keeps_its_id_and_takes_over_a_new_name() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let first = store.log(&identity("a")).unwrap();
    let second = store.log(&identity("b")).unwrap();
    assert_ne!(first.id(), second.id());
    let mut renamed = identity("a");
    renamed.name = "renamed".to_owned();
    assert_eq!(store.log(&renamed).unwrap().id(), first.id());
    store.close().unwrap();
    let store = open(dir.path());
    assert_eq!(*store.get(first.id()).unwrap().identity(), renamed);
    assert_eq!(store.logs().len(), 2);
    let third = store.log(&identity("c")).unwrap();
    assert!(third.id() > second.id());
}

#[test]
fn a_closed_store_takes_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    log.append(&lines(0, 3), None).unwrap();
    store.close().unwrap();
    store.close().unwrap();
    assert!(matches!(log.append(&lines(3, 1), None), Err(StoreError::Closed)));
    assert!(matches!(store.log(&identity("b")), Err(StoreError::Closed)));
    assert!(matches!(store.commit(), Err(StoreError::Closed)));
    let store = open(dir.path());
    assert_eq!(bodies(&store.log(&identity("a")).unwrap()).len(), 3);
}

#[test]
fn the_file_is_made_as_the_format_says() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let reader = rusqlite::Connection::open(dir.path().join("logs.db")).unwrap();
    let pragma = |name: &str| reader.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(
        (pragma("user_version"), pragma("application_id"), pragma("auto_vacuum")),
        (3, 0x4d4d_6c67, 2)
    );
    let mode: String = reader.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    drop(reader);
    store.log(&identity("a")).unwrap().append(&lines(0, 1), None).unwrap();
    store.close().unwrap();
    assert!(!dir.path().join("logs.db-wal").exists(), "a clean end leaves one file");
}
