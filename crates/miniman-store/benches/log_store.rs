//! The log store at full speed on a deterministic mix of JSON, access-log and application lines, 172 bytes on average:
//! append until committed, read all of it forwards, cold first page at the end, and what it takes on disk.

#[path = "../../miniman-testkit/writer/mixed.rs"]
mod mixed;

use std::path::Path;
use std::time::{Duration, Instant};

use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};
use miniman_store::logs::{Chunk, Found, Histogram, LogIdentity, LogStore, LogStoreOptions, ReadMax};
use mixed::Kind;

const RECORDS: usize = 1_000_000;
/// What a tail hands over at once when it reads at full speed.
const BATCH_BYTES: usize = 256 * 1024;

fn main() {
    // First: the rest would leave memory behind that it could use unseen.
    idle_logs();
    let corpus = corpus();
    let raw: usize = corpus.iter().map(|batch| batch.body_bytes() + batch.len()).sum();
    let dir = tempfile::tempdir().expect("a temporary directory");
    report("corpus", format!("{RECORDS} records, {} bytes a line", raw / RECORDS));
    append(dir.path(), &corpus, raw);
    read(dir.path(), raw);
    search(dir.path(), &corpus);
}

/// Each on a store that was just opened: nothing is decoded yet.
fn search(dir: &Path, corpus: &[RecordBatch]) {
    // In one line alone: its request id.
    let middle = &corpus[corpus.len() / 2];
    let line = (0..middle.len()).map(|index| middle.get(index).body).find(|body| body.contains("request_id"));
    let id =
        line.and_then(|line| line.split("request_id\":\"").nth(1)).map(|rest| &rest[..16]).expect("an id");
    let cases = [
        ("rare word", id.to_owned(), usize::MAX),
        ("rare word of 6", id[..6].to_owned(), usize::MAX),
        ("common word, last 50", "request".to_owned(), 50),
        ("regex", "/took_ms\":10[0-9][0-9],/".to_owned(), usize::MAX),
        ("open regex", "/[0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]+ +[A-Z]+ .*of 5/".to_owned(), usize::MAX),
        ("field", "status:>=500".to_owned(), usize::MAX),
        ("level", "level:fatal".to_owned(), usize::MAX),
    ];
    for (name, text, limit) in cases {
        let store = LogStore::open(dir, LogStoreOptions::default()).expect("opens");
        let log = store.log(&identity(0)).expect("a log");
        let started = Instant::now();
        let mut search = log.search(&text.parse().expect("a query"));
        let (mut numbers, mut found) = (i64::MIN..i64::MAX, 0);
        while found < limit {
            let Some(searched) = search.backward(numbers.clone()).expect("reads") else { break };
            numbers.end = searched.covered.start;
            if let Found::Records { matches, .. } = searched.found {
                found += matches.len();
            }
        }
        report(name, format!("{:?} for {found} found", started.elapsed()));
        store.close().expect("closes");
    }
    let store = LogStore::open(dir, LogStoreOptions::default()).expect("opens");
    let log = store.log(&identity(0)).expect("a log");
    let started = Instant::now();
    let mut histogram = Histogram::new(Timestamp(START), 200_000 * RECORDS as i64 / 59, 60);
    log.count(i64::MIN..i64::MAX, &mut histogram).expect("counts");
    report("histogram", format!("{:?} in 60 buckets", started.elapsed()));
}

fn append(dir: &Path, corpus: &[RecordBatch], raw: usize) {
    let store = LogStore::open(dir, LogStoreOptions::default()).expect("opens");
    let log = store.log(&identity(0)).expect("a log");
    let (started, cpu) = (Instant::now(), cpu_time());
    for batch in corpus {
        log.append(batch, Some(vec![7; 100])).expect("appends");
    }
    store.commit().expect("commits");
    let (wall, cpu) = (started.elapsed(), cpu_time() - cpu);
    report(
        "append+seal+commit",
        format!("{} by wall clock, {} a core", rate(RECORDS, wall), rate(RECORDS, cpu)),
    );
    let stats = store.stats();
    let stored = stats.stored_bytes as f64 / raw as f64;
    store.close().expect("closes");
    let file = std::fs::metadata(dir.join("logs.db")).expect("the file").len();
    report(
        "stored",
        format!("{stored:.4} of raw in blocks and filters, {:.4} as a file", file as f64 / raw as f64),
    );
    parts(dir, raw);
}

/// What each part takes, straight from the tables.
fn parts(dir: &Path, raw: usize) {
    let connection = rusqlite::Connection::open(dir.join("logs.db")).expect("opens");
    for (part, sql) in [
        ("bodies", "SELECT sum(length(bodies)) FROM payloads"),
        ("columns", "SELECT sum(length(columns)) FROM payloads"),
        ("filters", "SELECT sum(length(bits)) FROM filters"),
        ("blocks", "SELECT count(*) FROM blocks"),
    ] {
        let value: i64 = connection.query_row(sql, [], |row| row.get(0)).expect("a number");
        report(part, format!("{value} ({:.4} of raw)", value as f64 / raw as f64));
    }
}

fn read(dir: &Path, raw: usize) {
    let started = Instant::now();
    let store = LogStore::open(dir, LogStoreOptions::default()).expect("opens");
    let log = store.log(&identity(0)).expect("a log");
    report("open", format!("{:?}", started.elapsed()));
    let started = Instant::now();
    let last = log.read_back(i64::MAX, ReadMax::default()).expect("reads").expect("a page");
    report(
        "first page at the end",
        format!("{:?} for {} records", started.elapsed(), last.next() - last.first()),
    );
    for (name, max) in [("blocks", ReadMax::BLOCK), ("64 KiB", ReadMax::default())] {
        let started = Instant::now();
        let (mut from, mut records, mut bytes) = (i64::MIN, 0, 0);
        while let Some(chunk) = log.read(from, max).expect("reads") {
            from = chunk.next();
            let Chunk::Records { batch, range, .. } = chunk else { continue };
            records += range.len();
            bytes += range.map(|index| batch.get(index).body.len() + 1).sum::<usize>();
        }
        assert_eq!((records, bytes), (RECORDS, raw));
        report("forward scan", format!("{} in {name}", rate(records, started.elapsed())));
    }
    let started = Instant::now();
    let middle = log.seek(Timestamp(START + 100_000 * RECORDS as i64)).expect("seeks");
    report("seek", format!("{:?} to {middle}", started.elapsed()));
}

/// A thousand quiet logs: what a second of a line each costs.
fn idle_logs() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let store = LogStore::open(dir.path(), LogStoreOptions::default()).expect("opens");
    let before = resident_kib();
    let logs: Vec<_> = (0..1_000).map(|n| store.log(&identity(n)).expect("a log")).collect();
    store.commit().expect("commits");
    let written = store.stats().journal_bytes;
    let (started, cpu) = (Instant::now(), cpu_time());
    for (n, log) in logs.iter().enumerate() {
        let mut batch = RecordBatch::new();
        push(&mut batch, n as u64);
        let resume: Vec<u8> = (0..100_usize).map(|byte| (byte * n) as u8).collect();
        log.append(&batch, Some(resume)).expect("appends");
    }
    store.commit().expect("commits");
    let journal = store.stats().journal_bytes - written;
    report("1,000 quiet logs", format!("{journal} bytes and {:?} of a core a second", cpu_time() - cpu));
    report(
        "1,000 quiet logs",
        format!("{:?}, {} KiB resident more", started.elapsed(), resident_kib() - before),
    );
}

const START: i64 = 1_770_000_000_000_000_000;

fn corpus() -> Vec<RecordBatch> {
    let mut batches = vec![RecordBatch::new()];
    for n in 0..RECORDS as u64 {
        if batches[batches.len() - 1].body_bytes() >= BATCH_BYTES {
            batches.push(RecordBatch::new());
        }
        let last = batches.len() - 1;
        push(&mut batches[last], n);
    }
    batches
}

fn push(batch: &mut RecordBatch, n: u64) {
    let noise = mixed::mix(n);
    let mut body = Vec::with_capacity(256);
    let severity = match mixed::push_line(n, &mut body) {
        Kind::Json => Severity::INFO,
        Kind::Access => Severity::UNSPECIFIED,
        Kind::Application => Severity::WARN,
        Kind::Logfmt => Severity::ERROR,
    };
    let stream = if noise >> 34 & 7 == 0 { IoStream::Stderr } else { IoStream::Stdout };
    // 5,000 lines a second, give or take.
    let time = START + n as i64 * 200_000 + (noise >> 10 & 0x3_ffff) as i64;
    batch.push(Timestamp(time), stream, severity, &body, 0);
}

fn identity(n: usize) -> LogIdentity {
    LogIdentity {
        engine: "local".to_owned(),
        container_id: format!("{n:064x}"),
        name: format!("shop-web-{n}"),
        image: "shop/web:1.2".to_owned(),
        stack: Some("shop".to_owned()),
        service: Some("web".to_owned()),
        number: Some(n as u32),
        created: Timestamp(0),
    }
}

/// Of all threads.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

fn rate(records: usize, time: Duration) -> String {
    format!("{:.0}k records/s", records as f64 / time.as_secs_f64() / 1_000.0)
}

#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn report(name: &str, figure: String) {
    println!("{name:<24}{figure}");
}
