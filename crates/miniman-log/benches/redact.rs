//! What redaction costs a line: `cargo bench -p miniman-log --bench redact`.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use miniman_log::{IoStream, LogRedactor, RecordBatch, Redactor, Severity, Timestamp};

/// As many as a read of 1 MiB has.
const LINES: usize = 6_000;

/// Lines as services write them: JSON, access log, application log; full of digits and ids, without a secret.
fn clean_line(index: usize) -> String {
    let (n, id) = (index * 7_919 % 100_000, index as u64 * 0x9e37_79b9_7f4a_7c15);
    match index % 4 {
        0 => format!(
            r#"{{"level":"info","ts":1763733727.{n:06},"caller":"server/main.go:120","msg":"request done","method":"GET","path":"/api/v1/items/{n}","status":200,"trace_id":"{id:016x}{id:016x}","ms":12.5}}"#
        ),
        1 => format!(
            r#"172.17.0.{} - - [21/Nov/2026:14:02:07 +0000] "GET /api/v1/items?page={n} HTTP/1.1" 200 {n} "-" "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.6099.109""#,
            n % 256
        ),
        2 => format!(
            "2026-11-21T14:02:07.{:03}Z  INFO 1 --- [nio-8080-exec-1] com.example.app.ItemController : request {id} done in 12.5 ms",
            n % 1_000
        ),
        _ => format!(
            r#"time="2026-11-21T14:02:07.{:09}Z" level=info msg="request done" method=GET path=/api/v1/items/{n} status=200 duration=12.5ms request=550e8400-e29b-41d4-a716-4466554{n:05}"#,
            n
        ),
    }
}

fn batch(line: impl Fn(usize) -> String) -> RecordBatch {
    let mut batch = RecordBatch::new();
    for index in 0..LINES {
        let body = line(index);
        batch.push(Timestamp(index as i64), IoStream::Stdout, Severity::INFO, body.as_bytes(), 0);
    }
    batch
}

fn redact(criterion: &mut Criterion) {
    let one_in = |n: usize| {
        move |index: usize| match index % n {
            0 => format!("GET /items Authorization: Bearer {index:040}"),
            _ => clean_line(index),
        }
    };
    let built_in = Redactor::default();
    let own = built_in.with_label(r"password=(\S+)").expect("a regex");
    let cases = [
        ("clean", batch(clean_line), built_in.clone()),
        ("one_in_100", batch(one_in(100)), built_in.clone()),
        ("every_line", batch(one_in(1)), built_in),
        ("clean_with_an_own_pattern", batch(clean_line), own),
    ];
    let mut group = criterion.benchmark_group("redact");
    for (name, batch, redactor) in cases {
        for (unit, throughput) in [
            ("lines", Throughput::Elements(LINES as u64)),
            ("bytes", Throughput::Bytes(batch.body_bytes() as u64)),
        ] {
            group.throughput(throughput);
            let mut log = LogRedactor::new(&redactor);
            group.bench_function(format!("{name}_{unit}"), |bench| {
                bench.iter_batched(
                    || batch.clone(),
                    |batch| log.batch(black_box(batch)),
                    BatchSize::LargeInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, redact);
criterion_main!(benches);
