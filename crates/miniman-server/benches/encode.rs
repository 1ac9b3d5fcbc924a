//! How fast rows of `GET /logs` are written: 172-byte lines of prose and of JSON, in every format.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};
use miniman_server::api::encode::{Encoder, Format, LogTag};

const RECORDS: usize = 10_000;
const BODY_BYTES: usize = 172;

fn batch(line: impl Fn(usize) -> String) -> RecordBatch {
    let mut batch = RecordBatch::new();
    for index in 0..RECORDS {
        let mut body = line(index);
        body.truncate(BODY_BYTES);
        let time = Timestamp(1_795_269_727_000_000_000 + index as i64 * 13_000_000);
        batch.push(time, IoStream::Stdout, Severity::INFO, body.as_bytes(), 0);
    }
    batch
}

fn prose(index: usize) -> String {
    format!(
        "2026-11-21 14:02:07,113 INFO worker-{index}: finished the job in {index} ms {}",
        "and went on ".repeat(12)
    )
}

fn json(index: usize) -> String {
    format!(
        r#"{{"level":"info","msg":"request done","method":"GET","path":"/orders/{index}","status":200,"bytes":{index},"ms":3,"trace":"4bf92f3577b34da6a3ce929d0e0e4736","user":"u-{index}","node":"n1"}}"#
    )
}

fn encode(criterion: &mut Criterion) {
    let tag = LogTag::new(12, &"0123456789abcdef".repeat(4));
    let formats = [
        ("ndjson", Format::Ndjson),
        ("text", Format::Text { timestamps: false }),
        ("text with times", Format::Text { timestamps: true }),
        ("csv", Format::Csv),
    ];
    for (kind, batch) in [("prose", batch(prose)), ("json", batch(json))] {
        let mut group = criterion.benchmark_group(format!("encode/{kind}"));
        group.throughput(Throughput::Bytes(batch.body_bytes() as u64));
        for (name, format) in formats {
            let mut encoder = Encoder::new(format);
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    let mut bytes = 0;
                    for index in 0..batch.len() {
                        encoder.record(&tag, 1_000_000 + index as i64, &batch, index);
                        if encoder.is_full() {
                            bytes += encoder.take().len();
                        }
                    }
                    bytes
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, encode);
criterion_main!(benches);
