//! What a line costs on its way from a source into a batch: `cargo bench -p miniman-log`.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use miniman_log::{
    ApiLogParser, IoStream, JsonFileParser, LINE_BYTES_MAX, LineJoiner, LocalParser, Part, PartSink,
    RecordBatch, Timestamp, ansi, severity_of,
};

/// Lines of one input; enough to fill the caches as a real read of 1 MiB does.
const LINES: usize = 6_000;

const SAMPLES: [(&str, &str); 6] = [
    (
        "json",
        r#"{"level":"info","ts":1763733727.113,"caller":"server/main.go:120","msg":"request done","method":"GET","path":"/api/v1/items","status":200,"ms":12.5}"#,
    ),
    (
        "json_level_last",
        r#"{"time":"2026-11-21T14:02:07.113Z","logger":"app.requests","message":"request done","method":"GET","path":"/api/v1/items","status":200,"ms":12.5,"level":"info"}"#,
    ),
    (
        "logfmt",
        r#"time="2026-11-21T14:02:07.113Z" level=info msg="request done" method=GET path=/api/v1/items status=200 duration=12.5ms"#,
    ),
    (
        "access",
        r#"172.17.0.1 - - [21/Nov/2026:14:02:07 +0000] "GET /api/v1/items?page=2 HTTP/1.1" 200 1234 "-" "Mozilla/5.0 (X11; Linux x86_64)""#,
    ),
    (
        "spring",
        "2026-11-21T14:02:07.113Z  INFO 1 --- [nio-8080-exec-1] com.example.app.ItemController : request done in 12.5 ms",
    ),
    (
        "plain",
        "request 3f2a9c done: GET /api/v1/items in 12.5 ms, nothing about it was remarkable at all, as nearly always",
    ),
];

/// Counts, so that nothing is optimised away.
#[derive(Default)]
struct Count(usize);

impl PartSink for Count {
    fn part(&mut self, part: Part<'_>, _start: u64, _end: u64) {
        self.0 += part.bytes.len();
    }

    fn damage(&mut self, _from: u64, _to: u64) {
        panic!("damage in a benchmark's input");
    }
}

struct Join(LineJoiner, RecordBatch);

impl PartSink for Join {
    fn part(&mut self, part: Part<'_>, _start: u64, _end: u64) {
        self.0.push(part, &mut self.1);
    }

    fn damage(&mut self, _from: u64, _to: u64) {
        panic!("damage in a benchmark's input");
    }
}

fn json_file_bytes(text: &str) -> Vec<u8> {
    let log = serde_json::to_string(&format!("{text}\n")).expect("text is JSON");
    let mut out = Vec::new();
    for index in 0..LINES {
        let time = Timestamp(1_763_733_727_000_000_000 + index as i64 * 1_000_003);
        out.extend(format!("{{\"log\":{log},\"stream\":\"stdout\",\"time\":\"{time}\"}}\n").bytes());
    }
    out
}

fn local_bytes(text: &str) -> Vec<u8> {
    // Every varint below is one or two bytes: text of under 16 KiB; the time is fixed.
    let mut entry = b"\x0a\x06stdout\x10\x80\xa5\xf4\xad\xd4\xb4\xf3\xbc\x18\x1a".to_vec();
    entry.extend([text.len() as u8 | 0x80, (text.len() >> 7) as u8]);
    entry.extend(text.bytes());
    let length = (entry.len() as u32).to_be_bytes();
    [&length[..], &entry, &length].concat().repeat(LINES)
}

fn api_bytes(text: &str) -> Vec<u8> {
    let payload = format!("2026-11-21T14:02:07.113000000Z {text}\n");
    let length = (payload.len() as u32).to_be_bytes();
    [&[1, 0, 0, 0], &length[..], payload.as_bytes()].concat().repeat(LINES)
}

fn sources(criterion: &mut Criterion) {
    for (name, text) in [SAMPLES[5], SAMPLES[0]] {
        let (json, local, api) = (json_file_bytes(text), local_bytes(text), api_bytes(text));
        let mut group = criterion.benchmark_group(format!("source_{name}"));
        group.throughput(Throughput::Bytes(json.len() as u64));
        group.bench_function("json_file", |bench| {
            bench.iter(|| JsonFileParser::new(0).feed(black_box(&json), &mut Count::default()));
        });
        group.throughput(Throughput::Bytes(local.len() as u64));
        group.bench_function("local", |bench| {
            bench.iter(|| LocalParser::new(0).feed(black_box(&local), &mut Count::default()));
        });
        group.throughput(Throughput::Bytes(api.len() as u64));
        group.bench_function("api", |bench| {
            bench.iter(|| ApiLogParser::new(false).feed(black_box(&api), &mut Count::default()));
        });
        group.throughput(Throughput::Elements(LINES as u64));
        group.bench_function("json_file_to_batch", |bench| {
            bench.iter_batched_ref(
                || Join(LineJoiner::new(LINE_BYTES_MAX, false), RecordBatch::new()),
                |join| JsonFileParser::new(0).feed(black_box(&json), join),
                BatchSize::LargeInput,
            );
        });
        group.finish();
    }
}

fn severities(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("severity");
    for (name, text) in SAMPLES {
        group.bench_function(name, |bench| bench.iter(|| severity_of(black_box(text))));
    }
    group.finish();
}

fn join(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("join");
    let text = SAMPLES[5].1.as_bytes();
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("whole_lines", |bench| {
        let part = Part { timestamp: Timestamp(1), iostream: IoStream::Stdout, bytes: text, newline: true };
        bench.iter_batched_ref(
            || (LineJoiner::new(LINE_BYTES_MAX, false), RecordBatch::new()),
            |(joiner, batch)| (0..LINES).filter(|_| joiner.push(black_box(part), batch)).count(),
            BatchSize::LargeInput,
        );
    });
    let full = vec![b'x'; miniman_log::PART_BYTES];
    group.throughput(Throughput::Bytes(64 * full.len() as u64));
    group.bench_function("one_mebibyte_line", |bench| {
        let part = Part { timestamp: Timestamp(1), iostream: IoStream::Stdout, bytes: &full, newline: false };
        bench.iter_batched_ref(
            || (LineJoiner::new(LINE_BYTES_MAX, false), RecordBatch::new()),
            |(joiner, batch)| {
                let open = (0..64).filter(|_| joiner.push(black_box(part), batch)).count();
                joiner.flush(batch);
                open
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn strip(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ansi_strip");
    group.bench_function("plain", |bench| bench.iter(|| ansi::strip(black_box(SAMPLES[5].1)).len()));
    let coloured = "\u{1b}[2m2026-11-21T14:02:07.113Z\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m \u{1b}[2mapp\u{1b}[0m: request done in 12.5 ms";
    group.bench_function("coloured", |bench| bench.iter(|| ansi::strip(black_box(coloured)).len()));
    group.finish();
}

criterion_group!(benches, sources, severities, join, strip);
criterion_main!(benches);
