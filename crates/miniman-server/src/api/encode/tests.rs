use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::api::wire::{Gap, GapRow, Record};

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn one(timestamp: i64, iostream: IoStream, severity: Severity, body: &str, cut: u64) -> RecordBatch {
    let mut batch = RecordBatch::new();
    batch.push(Timestamp(timestamp), iostream, severity, body.as_bytes(), cut);
    batch
}

fn text(encoder: &mut Encoder) -> String {
    String::from_utf8(encoder.take().to_vec()).unwrap()
}

fn encoded(format: Format, records: &[(i64, &RecordBatch)]) -> String {
    let (mut encoder, tag) = (Encoder::new(format), LogTag::new(12, ID));
    for (seq, batch) in records {
        encoder.record(&tag, *seq, batch, 0);
    }
    encoder.finish(Some("12:9"), None);
    text(&mut encoder)
}

fn gap() -> Gap {
    Gap {
        container_id: ID.into(),
        from: "12:10".into(),
        to: "12:13".into(),
        missed: Some(4),
        since: Some("2026-11-21T14:02:07.000000000Z".into()),
        until: None,
        reason: "rotated-away".into(),
    }
}

#[test]
fn formats_look_as_documented() {
    let first = one(1_795_269_727_113_000_000, IoStream::Stdout, Severity::INFO, "GET \"/\" 200", 0);
    let second = one(1_795_269_728_000_000_001, IoStream::Stderr, Severity::UNSPECIFIED, "=1+1, cut", 9);
    for (format, expected) in [
        (
            Format::Ndjson,
            format!(
                "{{\"cursor\":\"12:-1\",\"container_id\":\"{ID}\",\"seq\":-1,\"timestamp\":\"2026-11-21T14:02:07.113000000Z\",\"iostream\":\"stdout\",\"severity\":9,\"body\":\"GET \\\"/\\\" 200\"}}\n\
                 {{\"cursor\":\"12:0\",\"container_id\":\"{ID}\",\"seq\":0,\"timestamp\":\"2026-11-21T14:02:08.000000001Z\",\"iostream\":\"stderr\",\"severity\":0,\"body\":\"=1+1, cut\",\"cut\":9}}\n"
            ),
        ),
        (Format::Text { timestamps: false }, "GET \"/\" 200\n=1+1, cut [9 bytes cut]\n".to_owned()),
        (
            Format::Text { timestamps: true },
            "2026-11-21T14:02:07.113000000Z GET \"/\" 200\n2026-11-21T14:02:08.000000001Z =1+1, cut [9 bytes cut]\n"
                .to_owned(),
        ),
        (
            Format::Csv,
            format!(
                "cursor,container_id,seq,timestamp,iostream,severity,body,cut,context\r\n\
                 12:-1,{ID},-1,2026-11-21T14:02:07.113000000Z,stdout,9,\"GET \"\"/\"\" 200\",,\r\n\
                 12:0,{ID},0,2026-11-21T14:02:08.000000001Z,stderr,0,\"'=1+1, cut\",9,\r\n"
            ),
        ),
    ] {
        assert_eq!(encoded(format, &[(-1, &first), (0, &second)]), expected);
    }
}

#[test]
fn a_page_is_one_json_document() {
    let record = one(0, IoStream::Stdout, Severity::INFO, "a", 0);
    let page: serde_json::Value =
        serde_json::from_str(&encoded(Format::Json, &[(0, &record), (1, &record)])).unwrap();
    assert_eq!(page["records"].as_array().unwrap().len(), 2);
    assert_eq!(page["next"], "12:9");
    let mut empty = Encoder::new(Format::Json);
    empty.finish(None, None);
    assert_eq!(text(&mut empty), r#"{"records":[],"next":null}"#);
}

#[test]
fn a_gap_stands_in_its_place_in_every_format() {
    let gap_row = |format| {
        let mut encoder = Encoder::new(format);
        drop(encoder.take());
        encoder.gap(&gap());
        text(&mut encoder)
    };
    let json = serde_json::to_string(&GapRow { gap: gap() }).unwrap();
    assert_eq!(gap_row(Format::Ndjson), format!("{json}\n"));
    assert_eq!(gap_row(Format::Json), json);
    assert_eq!(
        gap_row(Format::Text { timestamps: true }),
        "--- 4 lines missing, from 2026-11-21T14:02:07.000000000Z (rotated-away) ---\n"
    );
    assert_eq!(
        gap_row(Format::Csv),
        format!(
            "12:13,{ID},,2026-11-21T14:02:07.000000000Z,gap,,\"4 lines missing, from 2026-11-21T14:02:07.000000000Z (rotated-away)\",,\r\n"
        )
    );
}

#[test]
fn cells_that_a_spreadsheet_would_run_are_prefixed() {
    for start in ["=", "+", "-", "@", "\t", "\r"] {
        let record = one(0, IoStream::Stdout, Severity::UNSPECIFIED, &format!("{start}cmd"), 0);
        let row = encoded(Format::Csv, &[(0, &record)]);
        assert!(row.contains(&format!(",\"'{start}cmd\",")), "{row:?}");
    }
}

#[test]
fn a_full_chunk_says_so_and_the_next_one_starts_empty() {
    let body = "x".repeat(1000);
    let record = one(0, IoStream::Stdout, Severity::UNSPECIFIED, &body, 0);
    let (mut encoder, tag) = (Encoder::new(Format::Ndjson), LogTag::new(1, ID));
    let mut rows = 0;
    while !encoder.is_full() {
        encoder.record(&tag, rows, &record, 0);
        rows += 1;
    }
    let chunk = encoder.take();
    assert!(chunk.len() >= CHUNK_BYTES && chunk.len() < CHUNK_BYTES + 2000);
    assert!(encoder.is_empty());
    encoder.record(&tag, rows, &record, 0);
    assert!(encoder.take().starts_with(b"{\"cursor\""));
}

#[test]
fn a_filter_counts_what_it_keeps() {
    let mut batch = RecordBatch::new();
    for severity in [0, 9, 17, 21] {
        let severity = Severity::from_number(severity).unwrap();
        batch.push(Timestamp(0), IoStream::Stdout, severity, b"", 0);
        batch.push(Timestamp(0), IoStream::Stderr, severity, b"", 0);
    }
    assert_eq!(RecordFilter::ALL.count(&batch, 1..7), 6);
    let errors = RecordFilter { severities: 0xff << 17, iostreams: 0b100 };
    assert_eq!(errors.count(&batch, 0..8), 2);
}

proptest! {
    #[test]
    fn any_record_is_written_as_serde_json_writes_it(
        seq in any::<i64>(),
        // Two times, so that the text of a second is reused and replaced.
        times in prop::collection::vec((-4_000_000_000_000_000_000_i64..=4_000_000_000_000_000_000, 0..2_000_000_000_i64), 1..4),
        stderr in any::<bool>(),
        severity in 0..25_u8,
        body in "(?s).{0,120}",
        cut in prop_oneof![Just(0), 1..u64::from(u32::MAX)],
    ) {
        let iostream = if stderr { IoStream::Stderr } else { IoStream::Stdout };
        let severity = Severity::from_number(severity).unwrap();
        let (mut encoder, tag) = (Encoder::new(Format::Ndjson), LogTag::new(7, ID));
        for (base, step) in times {
            for timestamp in [base, base + step] {
                let batch = one(timestamp, iostream, severity, &body, cut);
                encoder.record(&tag, seq, &batch, 0);
                let expected = Record {
                    cursor: format!("7:{seq}"),
                    container_id: ID.into(),
                    seq,
                    timestamp: Timestamp(timestamp).to_string(),
                    iostream: iostream.into(),
                    severity: severity.number(),
                    body: body.clone(),
                    cut: (cut > 0).then_some(cut),
                    context: None,
                };
                prop_assert_eq!(text(&mut encoder), format!("{}\n", serde_json::to_string(&expected).unwrap()));
            }
        }
    }
}
