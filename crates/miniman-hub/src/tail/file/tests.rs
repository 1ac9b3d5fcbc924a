//! A tail on files that are written and rotated as Docker does it, one step at a time.

mod redaction;

use std::cell::Cell;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use miniman_engine::ContainerId;
use miniman_log::Timestamp;
use miniman_store::logs::{Bounds, Chunk, Log, LogIdentity, LogStore, LogStoreOptions, ReadMax};
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::sync::Notify;

use super::*;
use crate::tail::open::{Format, LogRoot, key_of};

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// Rotated files that are kept, as by `max-file=4`.
const KEPT: usize = 3;

/// A container's folder of log files, and what has been written into it.
struct Files {
    dir: TempDir,
    written: usize,
    compress: bool,
    /// Rotations that the tail was not told of.
    made: Cell<usize>,
}

impl Files {
    fn new(compress: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(ID)).unwrap();
        Self { dir, written: 0, compress, made: Cell::new(0) }
    }

    fn path(&self, suffix: &str) -> PathBuf {
        self.dir.path().join(ID).join(format!("{ID}-json.log{suffix}"))
    }

    fn append(&self, bytes: &[u8]) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.path("")).unwrap();
        file.write_all(bytes).unwrap();
    }

    fn write(&mut self, lines: usize) {
        for _ in 0..lines {
            self.append(entry(&format!("{}\\n", self.written), self.written).as_bytes());
            self.written += 1;
        }
    }

    /// A line of 40,000 bytes in three parts, of which the last is written by [`Files::end_line`].
    fn begin_line(&mut self) {
        let part = entry(&format!("{:x<16384}", format!("{}-", self.written)), self.written);
        self.append(part.as_bytes());
        self.append(entry(&"y".repeat(16_384), self.written).as_bytes());
    }

    fn end_line(&mut self) {
        self.append(entry("z\\n", self.written).as_bytes());
        self.written += 1;
    }

    fn rotate(&self) {
        if !self.path("").exists() {
            return;
        }
        for suffix in ["", ".gz"] {
            drop(fs::remove_file(self.path(&format!(".{KEPT}{suffix}"))));
            for n in (1..KEPT).rev() {
                drop(fs::rename(
                    self.path(&format!(".{n}{suffix}")),
                    self.path(&format!(".{}{suffix}", n + 1)),
                ));
            }
        }
        fs::rename(self.path(""), self.path(".1")).unwrap();
        File::create(self.path("")).unwrap();
        self.made.set(self.made.get() + 1);
        if self.compress {
            compress(&self.path(".1"), &self.path(".1.gz"));
        }
    }
}

fn entry(text: &str, number: usize) -> String {
    format!("{{\"log\":\"{text}\",\"stream\":\"stdout\",\"time\":\"2026-11-21T14:02:07.{number:09}Z\"}}\n")
}

fn compress(from: &Path, to: &Path) {
    let mut encoder = GzEncoder::new(File::create(to).unwrap(), Compression::fast());
    encoder.write_all(&fs::read(from).unwrap()).unwrap();
    encoder.finish().unwrap();
    fs::remove_file(from).unwrap();
}

/// A tail on such a folder, and its store.
struct Rig {
    data: TempDir,
    store: LogStore,
    log: Log,
    tail: FileTail,
    history: Option<History>,
    buffer: ReadBuffer,
}

impl Rig {
    fn open(files: &Files) -> Self {
        Self::open_on(tempfile::tempdir().unwrap(), files)
    }

    fn open_on(data: TempDir, files: &Files) -> Self {
        let store = LogStore::open(data.path(), LogStoreOptions::default()).unwrap();
        let log = store.log(&identity()).unwrap();
        let root = Arc::new(LogRoot::open(files.dir.path()).unwrap());
        let spec = FileTailSpec {
            dir: LogDir::new(root, ContainerId::parse(ID).unwrap(), Format::JsonFile),
            log: log.clone(),
            status: Arc::new(TailStatus::new(Arc::new(Notify::new()))),
            tty: false,
            truncated_at: None,
            redactor: Redactor::default(),
        };
        let tail = FileTail::open(spec).unwrap();
        let history = tail.take_history();
        Self { data, store, log, tail, history, buffer: ReadBuffer::new() }
    }

    fn reopen(self, files: &Files) -> Self {
        self.store.close().unwrap();
        let Self { data, store, log, tail, .. } = self;
        drop((store, log, tail));
        Self::open_on(data, files)
    }

    /// As the watcher looks.
    fn look(&self, files: &Files) {
        let catch_up = || (0..files.made.take()).for_each(|_| self.tail.file_made());
        catch_up();
        self.tail.look(catch_up).unwrap();
    }

    fn read(&mut self) {
        while self.tail.advance(&mut self.buffer).unwrap() == Turn::More {}
    }

    fn backfill(&mut self) {
        let Some(history) = &mut self.history else { return };
        for chunk in history.next().unwrap() {
            self.tail.prepend(chunk).unwrap();
        }
        if history.is_done() {
            self.history = None;
        }
    }

    fn finish(&mut self, files: &Files) {
        self.look(files);
        self.read();
        while self.history.is_some() {
            self.backfill();
        }
    }

    fn rows(&self) -> Vec<Option<usize>> {
        let mut rows = Vec::new();
        let mut from = self.log.bounds().first;
        while let Some(chunk) = self.log.read(from, ReadMax::BLOCK).unwrap() {
            from = chunk.next();
            match chunk {
                Chunk::Gap(_) => rows.push(None),
                Chunk::Records { batch, range, .. } => {
                    let bodies = range.map(|index| batch.get(index).body);
                    rows.extend(bodies.filter_map(number).map(Some));
                }
            }
        }
        rows
    }
}

/// A line's number; `None` for the rest of a line whose beginning was rotated away.
fn number(body: &str) -> Option<usize> {
    let text = body.split('-').next().unwrap();
    if text.starts_with(['y', 'z']) {
        return None;
    }
    if body.len() > 100 {
        // Whole, or cut where its end was rotated away.
        let whole = body.len() == 2 * 16_384 + 1 && body.ends_with("yz");
        assert!(whole || (body.len() <= 2 * 16_384 && body.ends_with(['x', 'y'])), "{} bytes", body.len());
    }
    text.parse().ok()
}

fn identity() -> LogIdentity {
    LogIdentity {
        engine: "local".to_owned(),
        container_id: ID.to_owned(),
        name: "web".to_owned(),
        image: "web:1".to_owned(),
        stack: None,
        service: None,
        number: None,
        created: Timestamp(0),
    }
}

#[derive(Debug, Clone)]
enum Step {
    Write(usize),
    BeginLine,
    EndLine,
    Rotate,
    Look,
    Read,
    Backfill,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..40_usize).prop_map(Step::Write),
        1 => Just(Step::BeginLine),
        1 => Just(Step::EndLine),
        2 => Just(Step::Rotate),
        3 => Just(Step::Look),
        3 => Just(Step::Read),
        1 => Just(Step::Backfill),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn every_line_is_there_once_or_a_gap_stands_in_its_place(
        before in 1..60_usize,
        compress in any::<bool>(),
        steps in proptest::collection::vec(step(), 0..60),
    ) {
        let mut files = Files::new(compress);
        files.write(before);
        let mut rig = Rig::open(&files);
        let mut in_line = false;
        for step in steps {
            match step {
                Step::Write(lines) if !in_line => files.write(lines),
                Step::BeginLine if !in_line => { files.begin_line(); in_line = true; }
                Step::EndLine if in_line => { files.end_line(); in_line = false; }
                Step::Rotate => files.rotate(),
                Step::Look => rig.look(&files),
                Step::Read => rig.read(),
                Step::Backfill => rig.backfill(),
                Step::Reopen => rig = rig.reopen(&files),
                Step::Write(_) | Step::BeginLine | Step::EndLine => {}
            }
        }
        if in_line {
            files.end_line();
        }
        rig.finish(&files);
        assert_complete(&rig.rows(), files.written);
    }
}

/// Numbers rise by one; where they do not, a gap stands.
fn assert_complete(rows: &[Option<usize>], written: usize) {
    let mut next = 0;
    let mut gap = false;
    for row in rows {
        match row {
            None => gap = true,
            Some(number) => {
                assert!(
                    *number == next || (gap && *number > next),
                    "{number} where {next} was due in {rows:?}"
                );
                (next, gap) = (number + 1, false);
            }
        }
    }
    assert!(next == written || gap, "{next} of {written} in {rows:?}");
}

#[test]
fn rotations_that_are_seen_lose_nothing() {
    let mut files = Files::new(false);
    let mut rig = Rig::open(&files);
    for _ in 0..40 {
        files.write(10);
        files.rotate();
        rig.look(&files);
        if files.written.is_multiple_of(50) {
            rig.read();
        }
    }
    rig.finish(&files);
    assert_eq!(rig.rows(), (0..400).map(Some).collect::<Vec<_>>());
}

#[test]
fn a_line_longer_than_a_chunk_is_whole_when_it_is_first_seen_in_its_middle() {
    let mut files = Files::new(false);
    files.write(3);
    files.begin_line();
    let part = entry(&"y".repeat(16_384), files.written);
    (0..300).for_each(|_| files.append(part.as_bytes()));
    let mut rig = Rig::open(&files);
    files.end_line();
    files.write(3);
    rig.finish(&files);
    let (mut lengths, mut from) = (Vec::new(), rig.log.bounds().first);
    while let Some(chunk) = rig.log.read(from, ReadMax::BLOCK).unwrap() {
        from = chunk.next();
        let Chunk::Records { batch, range, .. } = chunk else { panic!("a gap") };
        lengths.extend(range.map(|index| batch.get(index).body.len()));
    }
    assert_eq!(lengths, [1, 1, 1, 1 << 20, 1, 1, 1], "its 5 MB are cut at the cap");
}

#[test]
fn as_many_rotations_at_once_as_files_are_kept_lose_nothing() {
    for compress in [false, true] {
        let mut files = Files::new(compress);
        files.write(10);
        let mut rig = Rig::open(&files);
        rig.look(&files);
        for _ in 0..3 {
            for _ in 0..=KEPT {
                files.rotate();
                files.write(10);
            }
            rig.look(&files);
            rig.read();
        }
        rig.finish(&files);
        assert_eq!(rig.rows(), (0..files.written).map(Some).collect::<Vec<_>>());
        (0..KEPT + 2).for_each(|_| {
            files.rotate();
            files.write(10);
        });
        rig.finish(&files);
        assert_eq!(rig.rows().iter().filter(|row| row.is_none()).count(), 1);
    }
}

#[test]
fn one_empty_compressed_file_is_not_taken_for_another() {
    let mut files = Files::new(true);
    files.write(1);
    let mut rig = Rig::open(&files);
    files.rotate();
    rig = rig.reopen(&files);
    files.rotate();
    files.write(1);
    files.rotate();
    files.rotate();
    rig.finish(&files);
    assert!(rig.rows().contains(&Some(1)), "{:?}", rig.rows());
}

#[test]
fn what_comes_after_a_first_sight_of_nothing_counts_up_over_a_restart_too() {
    for made in [false, true] {
        let mut files = Files::new(false);
        if made {
            files.append(b"");
        }
        let mut rig = Rig::open(&files);
        files.write(5);
        files.rotate();
        files.write(5);
        rig = rig.reopen(&files);
        rig.finish(&files);
        // Whoever followed has these numbers in a cursor: they are not history now.
        assert_eq!(rig.log.bounds(), Bounds { first: 0, next: 10 });
        assert_eq!(rig.rows(), (0..10).map(Some).collect::<Vec<_>>());
    }
}

#[test]
fn a_history_whose_begin_went_while_nobody_read_it_has_a_gap_there() {
    let mut files = Files::new(false);
    for _ in 0..3 {
        files.write(10);
        files.rotate();
    }
    files.write(10);
    let mut rig = Rig::open(&files);
    rig.backfill();
    rig = rig.reopen(&files);
    files.rotate();
    rig = rig.reopen(&files);
    rig.finish(&files);
    let expected = [None].into_iter().chain((10..40).map(Some));
    assert_eq!(rig.rows(), expected.collect::<Vec<_>>());
    let rows = rig.rows();
    rig = rig.reopen(&files);
    rig.finish(&files);
    assert_eq!(rig.rows(), rows, "it is told once");
}

#[test]
fn a_log_is_open_from_its_first_line_on_until_its_end_was_read() {
    let open = |rig: &Rig| Resume::of(&rig.log).unwrap().open;
    let mut files = Files::new(false);
    let mut rig = Rig::open(&files);
    assert!(!open(&rig));
    // Its start is not known yet, and may never be.
    files.write(1);
    rig.finish(&files);
    assert!(open(&rig));
    rig = rig.reopen(&files);
    assert!(open(&rig));
    rig.tail.set_exited();
    files.write(1);
    rig.finish(&files);
    assert!(!open(&rig));
    // A run that has written nothing yet.
    rig.tail.set_running();
    rig.finish(&files);
    assert!(open(&rig));
}

#[test]
fn a_line_whose_end_was_rotated_away_takes_nothing_from_the_next() {
    let mut files = Files::new(false);
    files.write(1);
    let mut rig = Rig::open(&files);
    files.begin_line();
    files.rotate();
    files.end_line();
    (0..=KEPT).for_each(|_| files.rotate());
    files.write(1);
    rig.finish(&files);
    assert_eq!(rig.rows(), [Some(0), Some(1), None, Some(2)]);
}

#[test]
fn a_rotation_that_is_under_way_hides_nothing() {
    let mut files = Files::new(false);
    files.write(10);
    files.rotate();
    files.write(10);
    let mut rig = Rig::open(&files);
    rig.look(&files);
    rig.finish(&files);
    // Between the two renames of a rotation, then between the last one and the new file.
    fs::rename(files.path(".1"), files.path(".2")).unwrap();
    files.write(1);
    rig = rig.reopen(&files);
    rig.look(&files);
    rig.read();
    fs::rename(files.path(""), files.path(".1")).unwrap();
    rig = rig.reopen(&files);
    rig.look(&files);
    rig.read();
    files.write(5);
    rig.finish(&files);
    assert_eq!(rig.rows(), (0..files.written).map(Some).collect::<Vec<_>>());
}

#[test]
fn the_end_of_one_run_does_not_settle_the_next() {
    let mut files = Files::new(false);
    let mut rig = Rig::open(&files);
    rig.look(&files);
    files.write(1);
    rig.tail.set_exited();
    rig.tail.set_running();
    rig.read();
    assert!(!rig.tail.status.settled());
    rig.tail.set_exited();
    assert!(!rig.tail.status.settled());
    rig.read();
    assert!(rig.tail.status.settled());
}

#[test]
fn an_emptied_file_is_a_gap_and_read_from_its_start() {
    let mut files = Files::new(false);
    files.write(10);
    let mut rig = Rig::open(&files);
    rig.read();
    rig.backfill();
    File::create(files.path("")).unwrap();
    files.write(3);
    rig.finish(&files);
    let rows = rig.rows();
    assert_eq!(rows.iter().filter(|row| row.is_none()).count(), 1);
    assert_eq!(rows.iter().flatten().copied().collect::<Vec<_>>(), (0..13).collect::<Vec<_>>());
}

#[test]
fn zeros_after_a_crash_are_a_gap_and_what_follows_is_read() {
    let mut files = Files::new(false);
    let mut rig = Rig::open(&files);
    files.write(2);
    files.append(&[0; 4_096]);
    files.append(b"\n");
    files.write(2);
    rig.finish(&files);
    assert_eq!(rig.rows(), [Some(0), Some(1), None, Some(2), Some(3)]);
}

#[test]
fn a_link_in_place_of_the_file_is_not_followed() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), entry("secret\\n", 1)).unwrap();
    let files = Files::new(false);
    let rig = Rig::open(&files);
    std::os::unix::fs::symlink(secret.path(), files.path("")).unwrap();
    assert!(rig.tail.look(|| {}).is_err());
    assert!(rig.rows().is_empty());
}

#[test]
fn what_lies_among_rotated_files_and_is_none_is_not_read_and_the_log_goes_on() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), entry("99\\n", 1)).unwrap();
    let mut files = Files::new(false);
    files.write(2);
    let mut rig = Rig::open(&files);
    let put: [&dyn Fn(&Path); 2] =
        [&|path| std::os::unix::fs::symlink(secret.path(), path).unwrap(), &|path| {
            let mode = rustix::fs::Mode::from_raw_mode(0o600);
            rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        }];
    for put in put {
        // Of the turn before, and read.
        drop(fs::remove_file(files.path(".1")));
        put(&files.path(".1"));
        // A walk that meets it opens nothing, and does not wait for a writer to the pipe.
        assert!(rig.tail.look(|| {}).is_ok(), "the file that is written is found before it");
        files.write(2);
        rig.read();
        // It moves on as Docker's own would, and what it was renamed to is not read either.
        files.rotate();
        files.write(2);
        rig.finish(&files);
        rig = rig.reopen(&files);
        rig.finish(&files);
        fs::remove_file(files.path(".2")).unwrap();
    }
    assert_eq!(rig.rows(), (0..files.written).map(Some).collect::<Vec<_>>());
}

#[test]
fn a_compressed_file_that_can_not_be_unpacked_is_a_gap_and_the_next_is_read() {
    let mut files = Files::new(false);
    files.write(1);
    let mut rig = Rig::open(&files);
    rig.finish(&files);
    files.write(1);
    rig.read();
    let mut rig = rig.reopen(&files);
    // Two rotations that nobody saw; the older of the two files is broken behind its first line.
    files.rotate();
    files.write(1);
    let mut random: Vec<u8> = Vec::new();
    let mut state = 1_u32;
    random.resize_with(200_000, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + (state >> 28) as u8
    });
    files.append(entry(&String::from_utf8(random).unwrap(), 3).as_bytes());
    files.rotate();
    compress(&files.path(".1"), &files.path(".1.gz"));
    let packed = fs::read(files.path(".1.gz")).unwrap();
    fs::write(files.path(".1.gz"), &packed[..packed.len() / 2]).unwrap();
    files.write(1);
    rig.finish(&files);
    assert_eq!(rig.rows(), [Some(0), Some(1), None, Some(3)]);
}

#[test]
fn an_exit_ends_a_line_without_a_newline() {
    let files = Files::new(false);
    let mut rig = Rig::open(&files);
    files.append(entry(&"7".repeat(16_384), 1).as_bytes());
    rig.look(&files);
    rig.read();
    assert_eq!(rig.log.bounds().next, 0);
    rig.tail.set_exited();
    rig.read();
    assert_eq!(rig.log.bounds().next, 1);
    assert!(rig.tail.status.settled());
}
