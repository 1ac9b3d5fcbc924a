//! Disks that are full, nearly full, or cannot be written, each a small file system of its own.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{bodies, chunks, identity, lines, long_line, manual, noise};
use crate::logs::{Chunk, GapReason, Log, LogStore, LogStoreOptions, OpenError, ReadMax, StoreError};

const MIB: u64 = 1 << 20;

/// A mounted file system in memory; unmounted when dropped, by a panic too.
struct Mount {
    dir: tempfile::TempDir,
}

impl Mount {
    fn new(mib: u64) -> Self {
        let mount = Self { dir: tempfile::tempdir().unwrap() };
        run("mount", &["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"], mount.dir.path());
        mount
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn read_only(&self, read_only: bool) {
        run("mount", &["-o", if read_only { "remount,ro" } else { "remount,rw" }], self.dir.path());
    }

    /// Takes all space that is left.
    fn fill(&self) -> PathBuf {
        let path = self.dir.path().join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 4_096]).is_ok() {}
        path
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: a store that a panic left open keeps it until then.
        let done = Command::new("umount").arg("--lazy").arg(self.dir.path()).status();
        if !std::thread::panicking() {
            assert!(done.unwrap().success());
        }
    }
}

fn run(program: &str, arguments: &[&str], path: &Path) {
    let output = Command::new(program).args(arguments).arg(path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} needs root: {said}");
}

fn options(reserve_bytes: u64, ballast_bytes: u64) -> LogStoreOptions {
    LogStoreOptions { reserve_bytes, ballast_bytes, ..manual() }
}

/// Everything is there, or in the retention gap below it.
fn check_whole(log: &Log, written: i64) {
    let read = chunks(log, ReadMax::default());
    let missed: u64 = read
        .iter()
        .map(|chunk| match chunk {
            Chunk::Gap(gap) => {
                assert_eq!((gap.from, gap.reason), (0, GapReason::Retention));
                gap.missed.unwrap()
            }
            Chunk::Records { .. } => 0,
        })
        .sum();
    assert_eq!(read.last().map(Chunk::next), Some(written));
    assert_eq!(missed + log.stored().records, written as u64);
}

/// Commits and lets retention work until a commit succeeds.
fn commit_at_last(store: &LogStore) {
    for _ in 0..20 {
        let outcome = store.commit();
        store.shared().wait_for_retention();
        match outcome {
            Ok(()) => return,
            Err(StoreError::Commit(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    panic!("room was not made: {:?}", store.health());
}

#[test]
fn the_oldest_go_early_so_that_the_reserve_stays_free() {
    let mount = Mount::new(48);
    let store = LogStore::open(&mount.path(), options(16 * MIB, MIB)).unwrap();
    let log = store.log(&identity("a")).unwrap();
    let line = noise(300_000);
    for n in 1..=300 {
        log.append(&line, Some(vec![n as u8])).unwrap();
        if n % 10 == 0 {
            store.settle();
        }
    }
    let (stats, health) = (store.stats(), store.health());
    assert!(health.failing.is_none(), "{health:?}");
    let low = health.low_disk.expect("the disk is nearly full");
    assert_eq!(low.reserve_bytes, 16 * MIB);
    assert!(health.sentences()[0].contains("oldest lines go before their time"), "{:?}", health.sentences());
    assert_eq!((stats.taken, stats.ballast_bytes), (health.taken_early, MIB));
    assert!(stats.free_bytes.unwrap() > 8 * MIB, "{stats:?}");
    check_whole(&log, 300);
    store.crash();
    let store = LogStore::open(&mount.path(), options(0, MIB)).unwrap();
    let log = store.log(&identity("a")).unwrap();
    check_whole(&log, 300);
    assert_eq!(log.resume(), Some(vec![300_u32 as u8]));
    store.settle();
    assert_eq!(store.health(), crate::logs::Health::default(), "without a reserve all is well");
    store.close().unwrap();
}

#[test]
fn a_disk_without_any_space_gets_the_ballast_and_the_oldest() {
    let mount = Mount::new(112);
    let store = LogStore::open(&mount.path(), options(0, 32 * MIB)).unwrap();
    let log = store.log(&identity("a")).unwrap();
    let line = noise(300_000);
    for _ in 0..60 {
        log.append(&line, None).unwrap();
    }
    store.settle();
    assert_eq!((store.stats().ballast_bytes, log.stored().records), (32 * MIB, 60));
    let filler = mount.fill();
    // The write-ahead log has room for some.
    let mut written = 60;
    let error = loop {
        for _ in 0..10 {
            log.append(&line, None).unwrap();
        }
        written += 10;
        match store.commit() {
            Ok(()) => assert!(written < 300, "the disk is full"),
            Err(StoreError::Commit(error)) => break error,
            Err(other) => panic!("{other}"),
        }
    };
    assert!(error.contains("full"), "{error}");
    commit_at_last(&store);
    let health = store.health();
    assert!(health.failing.is_none() && health.taken_early.records > 0, "{health:?}");
    assert_eq!(store.stats().ballast_bytes, 0);
    check_whole(&log, written);
    // It goes on for as long as it takes.
    for _ in 0..10 {
        for _ in 0..20 {
            log.append(&line, None).unwrap();
        }
        commit_at_last(&store);
    }
    check_whole(&log, written + 200);
    std::fs::remove_file(filler).unwrap();
    store.settle();
    store.settle();
    let stats = store.stats();
    assert_eq!((stats.ballast_bytes, stats.health.low_disk), (32 * MIB, None));
    assert_eq!(stats.health.sentences().len(), 1, "what went is still told");
    store.close().unwrap();
    let store = LogStore::open(&mount.path(), options(0, 32 * MIB)).unwrap();
    check_whole(&store.log(&identity("a")).unwrap(), written + 200);
    store.close().unwrap();
}

#[test]
fn on_a_disk_that_never_has_enough_for_the_ballast_too_all_is_well_again() {
    let mount = Mount::new(48);
    let store = LogStore::open(&mount.path(), options(16 * MIB, 20 * MIB)).unwrap();
    let log = store.log(&identity("a")).unwrap();
    let write = || {
        for _ in 0..20 {
            log.append(&noise(300_000), None).unwrap();
        }
    };
    write();
    store.settle();
    let filler = mount.fill();
    write();
    commit_at_last(&store);
    assert!(store.health().low_disk.is_some());
    std::fs::remove_file(filler).unwrap();
    store.settle();
    store.settle();
    assert_eq!(store.health().low_disk, None);
    check_whole(&log, 40);
    store.close().unwrap();
}

#[test]
fn a_full_disk_is_no_reason_not_to_start() {
    let mount = Mount::new(24);
    let store = LogStore::open(&mount.path(), options(0, 4 * MIB)).unwrap();
    let log = store.log(&identity("a")).unwrap();
    for _ in 0..20 {
        log.append(&noise(300_000), None).unwrap();
    }
    store.settle();
    store.close().unwrap();
    mount.fill();
    let store = LogStore::open(&mount.path(), options(0, 4 * MIB)).unwrap();
    let log = store.log(&identity("a")).unwrap();
    log.append(&lines(20, 1), None).unwrap();
    commit_at_last(&store);
    check_whole(&log, 21);
    store.close().unwrap();
}

#[test]
fn a_full_disk_without_a_ballast_refuses_the_start_in_words() {
    let mount = Mount::new(8);
    LogStore::open(&mount.path(), options(0, 0)).unwrap().close().unwrap();
    let filler = mount.fill();
    let error = LogStore::open(&mount.path(), options(0, 0)).err().expect("SQLite has no room to begin");
    assert!(matches!(error, OpenError::Full { .. }), "{error:?}");
    assert!(error.to_string().contains("no space left"), "{error}");
    std::fs::remove_file(filler).unwrap();
    LogStore::open(&mount.path(), options(0, 0)).unwrap();
}

#[test]
fn a_read_only_directory_is_refused_in_words() {
    let mount = Mount::new(8);
    let store = LogStore::open(&mount.path(), options(0, 0)).unwrap();
    store.log(&identity("a")).unwrap().append(&long_line(10), None).unwrap();
    store.close().unwrap();
    mount.read_only(true);
    let error = LogStore::open(&mount.path(), options(0, 0)).err().expect("it cannot be written");
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    assert!(error.to_string().contains("cannot be written"), "{error}");
    assert!(LogStore::check(&mount.path(), |_| ()).unwrap().is_clean(), "looking works");
    mount.read_only(false);
    let store = LogStore::open(&mount.path(), options(0, 0)).unwrap();
    assert_eq!(bodies(&store.log(&identity("a")).unwrap()).len(), 1);
}
