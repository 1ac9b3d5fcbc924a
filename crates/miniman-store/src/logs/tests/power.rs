//! What a power cut leaves: copies of the directory at random moments, and torn write-ahead logs. Each opens, and has all
//! up to its resume state.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use super::{Random, chunks, identity, lines, manual, now};
use crate::logs::{Chunk, GapReason, Log, LogStore, LogStoreOptions, ReadMax, RetentionPolicy};

/// Names the directory to the child that writes.
const WRITER: &str = "MINIMAN_STORE_TEST_WRITER";
const CUTS: u64 = 200;

/// What a resume state says: the log's bounds.
fn resume(first: i64, next: i64) -> Option<Vec<u8>> {
    Some([first.to_le_bytes(), next.to_le_bytes()].concat())
}

/// Every number of the resume state's bounds is a record once, or in a gap that retention left. Answers the next one.
fn check_prefix(log: &Log) -> i64 {
    let bounds = log.bounds();
    assert_eq!(log.resume(), resume(bounds.first, bounds.next).filter(|_| bounds.first < bounds.next));
    let mut next = bounds.first;
    for chunk in chunks(log, ReadMax::default()) {
        assert_eq!(chunk.first(), next);
        next = chunk.next();
        match chunk {
            Chunk::Gap(gap) => {
                assert_eq!(
                    (gap.reason, gap.missed),
                    (GapReason::Retention, Some((gap.to - gap.from + 1) as u64))
                );
            }
            Chunk::Records { first, batch, range } => {
                for (seq, index) in (first..).zip(range) {
                    assert_eq!(batch.get(index).body, format!("line {seq}"));
                }
            }
        }
    }
    assert_eq!(next, bounds.next);
    next
}

fn copy(from: &Path, to: &Path) {
    for name in ["logs.db", "logs.db-wal"] {
        match std::fs::copy(from.join(name), to.join(name)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            copied => drop(copied.unwrap()),
        }
    }
}

/// Opens what is in `dir` and checks it.
fn open_prefix(dir: &Path) -> i64 {
    let store = LogStore::open(dir, manual()).unwrap();
    let next = check_prefix(&store.log(&identity("a")).unwrap());
    store.close().unwrap();
    let report = LogStore::check(dir, |_| ()).unwrap();
    assert_eq!(report.findings, []);
    next
}

/// Appends, prepends, seals, merges, commits and takes as fast as it can, a byte on standard output each time, until nobody
/// reads those.
fn write_for_ever(dir: &Path) {
    let options = LogStoreOptions {
        retention: RetentionPolicy { total_bytes: 30_000, age: None },
        commit_interval: Duration::from_millis(1),
        open_bytes_max: 64 << 10,
        uncommitted_bytes_max: 256 << 10,
        reserve_bytes: 0,
        ballast_bytes: 0,
        ..LogStoreOptions::default()
    };
    let store = LogStore::open(dir, options).unwrap();
    let log = store.log(&identity("a")).unwrap();
    let mut random = Random(now().0 as u64);
    let (mut first, mut next) = (0, 0);
    while std::io::stdout().write_all(b".").is_ok() && std::io::stdout().flush().is_ok() {
        let count = 1 + random.below(500) as i64;
        if random.below(10) == 0 {
            first -= count;
            log.prepend(lines(first, count), resume(first, next)).unwrap();
        } else {
            log.append(&lines(next, count), resume(first, next + count)).unwrap();
            next += count;
        }
    }
}

/// The child; killed when dropped.
struct Writer(Child);

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Writer {
    fn start(dir: &Path, test: &str) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(WRITER, dir)
            .stdout(Stdio::piped())
            .spawn();
        Self(child.unwrap())
    }

    /// Waits for `steps` of its writing.
    fn wait(&mut self, steps: usize) {
        self.0.stdout.as_mut().unwrap().read_exact(&mut vec![0; steps]).unwrap();
    }

    /// Does something while it stands still.
    fn stopped(&self, act: impl FnOnce()) {
        let pid = Pid::from_child(&self.0);
        kill_process(pid, Signal::STOP).unwrap();
        let (_, status) = waitpid(Some(pid), WaitOptions::UNTRACED).unwrap().unwrap();
        assert!(status.stopped());
        act();
        kill_process(pid, Signal::CONT).unwrap();
    }
}

#[test]
fn a_power_cut_at_any_moment_leaves_a_clean_prefix() {
    if let Some(dir) = std::env::var_os(WRITER) {
        return write_for_ever(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    let mut writer =
        Writer::start(dir.path(), "logs::tests::power::a_power_cut_at_any_moment_leaves_a_clean_prefix");
    // libtest's own words, and the store's opening.
    writer.wait(100);
    let mut random = Random(now().0 as u64);
    let mut grown = Vec::new();
    for _ in 0..CUTS {
        writer.wait(1 + random.below(5) as usize);
        // Anywhere in what it does then.
        (0..random.below(200_000)).for_each(|_| std::hint::spin_loop());
        let copied = tempfile::tempdir().unwrap();
        writer.stopped(|| copy(dir.path(), copied.path()));
        grown.push(open_prefix(copied.path()));
    }
    assert!(grown.is_sorted(), "{grown:?}");
    assert!(grown.last() > grown.first());
}

#[test]
fn a_torn_write_ahead_log_leaves_a_clean_prefix() {
    let dir = tempfile::tempdir().unwrap();
    let store = LogStore::open(dir.path(), manual()).unwrap();
    let log = store.log(&identity("a")).unwrap();
    let mut random = Random(7);
    let mut next = 0;
    // Below 1,000 pages nothing moves into the database: only what was not synced yet can tear.
    for _ in 0..60 {
        let count = 1 + random.below(1_500) as i64;
        log.append(&lines(next, count), resume(0, next + count)).unwrap();
        next += count;
        store.settle();
    }
    let wal = std::fs::read(dir.path().join("logs.db-wal")).unwrap();
    assert!(wal.len() < 1_000 * 4_096, "{}", wal.len());
    let mut found = Vec::new();
    for cut in 0..200 {
        let copied = tempfile::tempdir().unwrap();
        copy(dir.path(), copied.path());
        let at = random.below(wal.len() as u64) as usize;
        let mut torn = wal.clone();
        match cut % 3 {
            0 => torn.truncate(at),
            // A sector that was not written, or with something else.
            1 => torn[at..].iter_mut().take(512).for_each(|byte| *byte = 0),
            _ => torn[at] ^= 1 + random.below(255) as u8,
        }
        std::fs::write(copied.path().join("logs.db-wal"), torn).unwrap();
        found.push(open_prefix(copied.path()));
    }
    found.sort_unstable();
    assert!(found[0] < next / 4 && *found.last().unwrap() > next / 4 * 3, "{found:?}");
}
