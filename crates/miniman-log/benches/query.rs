//! What a query costs a line, and a block of lines: `cargo bench -p miniman-log --bench query`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use miniman_log::query::Haystack;
use miniman_log::{Facts, Grouper, IoStream, Query, RecordBatch, Timestamp, severity_of};

/// About a block of 256 KiB, of lines as in a busy log.
const LINES: usize = 1_800;

const QUERIES: [(&str, &str); 9] = [
    ("rare_word", "9f8e7d6c"),
    ("exact_word", "Panicked"),
    ("two_words", "request timeout"),
    ("regex_literal", r"/item \d+ failed/"),
    ("regex_open", r"/\d{3} [a-z]+ \d+$/"),
    ("regex_folded", "/request failed/i"),
    ("json_field", "status:503"),
    ("json_compared", "ms:>=900"),
    ("level_and_word", "level:>=warn request"),
];

fn block() -> RecordBatch {
    let mut batch = RecordBatch::new();
    for index in 0..LINES {
        let (path, ms) = (index * 31 % 777, index * 7 % 913);
        let body = match index % 3 {
            0 => format!(
                r#"{{"level":"info","ts":1763733727.{index},"msg":"request done","method":"GET","path":"/api/v1/items/{path}","status":200,"ms":{ms}}}"#
            ),
            1 => format!(
                r#"172.17.0.1 - - [21/Nov/2026:14:02:07 +0000] "GET /api/v1/items/{path} HTTP/1.1" 200 {ms} "-" "Mozilla/5.0""#
            ),
            _ => format!(
                "2026-11-21 14:02:07.113 DEBUG [worker-{path}] c.example.app.ItemController : item {index} done in {ms} ms"
            ),
        };
        batch.push_str(Timestamp(index as i64), IoStream::Stdout, severity_of(&body), &body, 0);
    }
    batch
}

fn matching(criterion: &mut Criterion) {
    let (batch, facts) = (block(), Facts::default());
    let mut group = criterion.benchmark_group("query_match");
    group.throughput(Throughput::Bytes(batch.body_bytes() as u64));
    for (name, source) in QUERIES {
        let mut matcher = Query::parse(source).expect(source).matcher();
        group.bench_function(name, |bench| {
            bench.iter(|| batch.iter().filter(|record| matcher.matches(record, &facts)).count());
        });
    }
    group.finish();
}

/// As a search does it: the whole block first, then what was found.
fn searching(criterion: &mut Criterion) {
    let (batch, facts) = (block(), Facts::default());
    let mut group = criterion.benchmark_group("query_search");
    group.throughput(Throughput::Bytes(batch.body_bytes() as u64));
    for (name, source) in QUERIES {
        let query = Query::parse(source).expect(source);
        let Some(finder) = query.finder() else { continue };
        let (mut matcher, mut haystack) = (query.matcher(), Haystack::new());
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let found = finder.lines(&batch, &mut haystack);
                found.filter(|line| finder.is_exact() || matcher.matches(&batch.get(*line), &facts)).count()
            });
        });
    }
    group.finish();
}

fn parsing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("query_parse");
    for (name, source) in QUERIES {
        group.bench_function(name, |bench| bench.iter(|| Query::parse(black_box(source))));
    }
    group.finish();
}

fn grouping(criterion: &mut Criterion) {
    let batch = block();
    let mut group = criterion.benchmark_group("group");
    group.throughput(Throughput::Elements(batch.len() as u64));
    group.bench_function("plain_lines", |bench| {
        let mut out = Vec::new();
        bench.iter(|| Grouper::new().push_batch(black_box(&batch), &mut out));
    });
    group.finish();
}

criterion_group!(benches, matching, searching, parsing, grouping);
criterion_main!(benches);
