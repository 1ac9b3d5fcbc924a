//! `GET /logs`, asked through the whole router.

mod following;

use std::io::Read as _;

use expect_test::expect;
use http_body_util::BodyExt as _;
use miniman_log::Severity;
use serde_json::Value;

use super::*;
use crate::api::testing::{Fixture, START, batch, log};
use crate::testing::text;

/// Of each row but a search's summary.
fn bodies(ndjson: &str) -> Vec<String> {
    let row = |line: &str| -> String {
        let row: Value = serde_json::from_str(line).unwrap();
        match &row["gap"] {
            Value::Null => row["body"].as_str().unwrap().to_owned(),
            gap => format!("gap of {}", gap["missed"]),
        }
    };
    ndjson.lines().filter(|line| !line.starts_with("{\"summary\"")).map(row).collect()
}

const WEB: [&str; 11] =
    ["web 0", "web 1", "web 2", "web 3", "web 4", "gap of 4", "web 5", "web 6", "web 7", "web 8", "web 9"];

#[tokio::test]
async fn a_container_is_found_by_name_prefix_and_id() {
    let shop = Fixture::shop().await;
    let id = "a".repeat(64);
    for asked in ["web-1", "aaaa", id.as_str()] {
        let rows = shop.ok(&format!("/api/v1/logs?container={asked}")).await;
        assert_eq!(bodies(&rows), WEB, "{asked}");
    }
    assert_eq!(shop.ok("/api/v1/logs?container=lone").await, "");
}

#[tokio::test]
async fn several_logs_are_merged_by_time() {
    let shop = Fixture::shop().await;
    let expected = [
        "web 0", "web 1", "db 1", "web 2", "db 2", "web 3", "db 3", "web 4", "gap of 4", "web 5", "web 6",
        "web 7", "web 8", "web 9",
    ];
    for query in [
        "stack=shop",
        "",
        "container=web-1&container=db-1",
        "service=web&service=db",
        "engine=local",
        "stack=1",
    ] {
        assert_eq!(bodies(&shop.ok(&format!("/api/v1/logs?{query}")).await), expected, "{query}");
    }
    let mut newest_first = bodies(&shop.ok("/api/v1/logs?order=desc").await);
    newest_first.reverse();
    assert_eq!(newest_first, expected);
    assert_eq!(bodies(&shop.ok("/api/v1/logs?tail=7").await), expected[6..]);
}

#[tokio::test]
async fn kinds_of_selectors_narrow_each_other() {
    let shop = Fixture::shop().await;
    let db = bodies(&shop.ok("/api/v1/logs?stack=shop&service=db").await);
    assert_eq!(db, ["db 1", "db 2", "db 3"]);
    assert_eq!(shop.ok("/api/v1/logs?container=web-1&service=db").await, "");
}

#[tokio::test]
async fn a_part_is_chosen_by_position_time_count_and_columns() {
    let shop = Fixture::shop().await;
    let check = async |query: &str, expected: &[&str]| {
        let rows = shop.ok(&format!("/api/v1/logs?container=web-1&{query}")).await;
        assert_eq!(bodies(&rows), expected, "{query}");
    };
    check("limit=2", &WEB[..2]).await;
    check("tail=2", &WEB[9..]).await;
    check("tail=6", &WEB[4..]).await;
    check("tail=100", &WEB).await;
    check("order=desc&limit=2", &["web 9", "web 8"]).await;
    check("after=1:2", &WEB[3..]).await;
    check("after=1:4", &WEB[5..]).await;
    check("after=1:8", &WEB[6..]).await;
    check("before=1:2", &WEB[..2]).await;
    check("after=1:0&before=1:3", &WEB[1..3]).await;
    check("after=99:1", &WEB).await;
    check("since=2026-11-21T13:47:14Z", &WEB[8..]).await;
    check("until=2026-11-21T13:47:09Z", &WEB[..2]).await;
    check("since=893s", &WEB[8..]).await;
    check("severity=error&until=2026-11-21T13:47:11Z", &["web 1", "web 3"]).await;
    check("severity=error&tail=2", &["web 7", "web 9"]).await;
    check("iostream=stdout&limit=2", &["web 0", "web 2"]).await;
    check("severity=fatal", &["gap of 4"]).await;
    check("after=1:999", &[]).await;
}

#[tokio::test]
async fn a_query_finds_its_lines_in_one_log_and_in_all() {
    let shop = Fixture::shop().await;
    let check = async |path: &str, expected: &[&str], scanned: u64| {
        let rows = shop.ok(&format!("/api/v1/logs?{path}")).await;
        let (rows, summary) = rows.trim_end().rsplit_once('\n').unwrap_or(("", rows.trim_end()));
        assert_eq!(bodies(rows), expected, "{path}");
        let summary: Value = serde_json::from_str(summary).unwrap();
        let matched = expected.iter().filter(|row| !row.starts_with("gap")).count();
        assert_eq!(summary["summary"]["matched"], matched, "{path}");
        assert_eq!(summary["summary"]["scanned"], scanned, "{path}");
        assert!(summary["summary"]["elapsed_ms"].is_u64(), "{path}");
    };
    check("container=web-1&query=%223%22", &["web 3", "gap of 4"], 10).await;
    check("query=3", &["web 3", "db 3", "gap of 4"], 13).await;
    check("query=3&order=desc", &["gap of 4", "db 3", "web 3"], 13).await;
    check("query=web+-3+OR+2&tail=2", &["web 8", "web 9"], 2).await;
    check("query=level:error+web&order=desc&limit=2", &["web 9", "web 7"], 8).await;
    check("query=container:db-*", &["db 1", "db 2", "db 3"], 3).await;
    check("query=service:web+/%5Eweb+%5B01%5D/", &["web 0", "web 1", "gap of 4"], 10).await;
    let page = shop.json("/api/v1/logs?query=db&format=json&limit=2").await;
    assert_eq!((page["records"].as_array().unwrap().len(), &page["summary"]["matched"]), (2, &2.into()));
    let rest = format!("/api/v1/logs?query=db&format=json&after={}", page["next"].as_str().unwrap());
    assert_eq!(shop.json(&rest).await["records"][0]["body"], "db 3");
    assert!(shop.json("/api/v1/logs?format=json").await.get("summary").is_none());
}

#[tokio::test]
async fn pages_of_any_size_hold_every_row_once_in_both_directions() {
    let shop = Fixture::shop().await;
    for query in ["container=web-1", "stack=shop", "stack=shop&severity=error", "query=level:error+OR+2"] {
        let all = bodies(&shop.ok(&format!("/api/v1/logs?{query}")).await);
        for limit in 1..=4 {
            for (order, direction) in [("asc", "after"), ("desc", "before")] {
                let mut rows = Vec::new();
                let mut from = String::new();
                loop {
                    let path = format!("/api/v1/logs?{query}&order={order}&limit={limit}&format=json{from}");
                    let page = shop.json(&path).await;
                    let records = page["records"].as_array().unwrap();
                    rows.extend(records.iter().flat_map(|row| bodies(&row.to_string())));
                    let Some(next) = page["next"].as_str() else { break };
                    // Ascending pages have no end but an empty one: more may come.
                    if records.is_empty() && order == "asc" {
                        break;
                    }
                    from = format!("&{direction}={next}");
                }
                if order == "desc" {
                    rows.reverse();
                }
                assert_eq!(rows, all, "{query} {order} by {limit}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_that_ends_within_a_block_goes_on_where_it_ended() {
    let shop = Fixture::shop().await;
    for end in ["before=1:3", "until=2026-11-21T13:47:10Z"] {
        let page = shop.json(&format!("/api/v1/logs?container=web-1&format=json&{end}")).await;
        assert_eq!((page["records"].as_array().unwrap().len(), &page["next"]), (3, &"1:2".into()), "{end}");
    }
}

#[tokio::test]
async fn the_format_follows_accept_and_the_parameter() {
    let shop = Fixture::shop().await;
    let check = async |query: &str, accept: &str, content_type: &str, start: &str| {
        let response = shop.get_as(&format!("/api/v1/logs?container=web-1&{query}"), accept).await;
        assert_eq!(response.headers()["content-type"], content_type);
        assert_eq!(response.headers()["cache-control"], "no-store");
        let text = text(response).await;
        assert!(text.starts_with(start), "{text}");
    };
    check("", "*/*", "application/x-ndjson", "{\"cursor\":\"1:0\",").await;
    check("", "application/json", "application/json", "{\"records\":[{\"cursor\":\"1:0\",").await;
    check("", "text/plain", "text/plain; charset=utf-8", "web 0\nweb 1\n").await;
    check(
        "timestamps=true",
        "text/plain",
        "text/plain; charset=utf-8",
        "2026-11-21T13:47:07.000000000Z web 0\n",
    )
    .await;
    check("", "text/csv", "text/csv; charset=utf-8; header=present", "cursor,container_id,").await;
    check("format=text", "application/json", "text/plain; charset=utf-8", "web 0\n").await;
}

#[tokio::test]
async fn a_download_has_a_safe_file_name() {
    let shop = Fixture::shop().await;
    let name = async |query: &str| {
        let response = shop.get(&format!("/api/v1/logs?{query}&download=true")).await;
        response.headers()["content-disposition"].to_str().unwrap().to_owned()
    };
    expect![[r#"attachment; filename="web-1_20261121T134707Z_20261121T134716Z.log""#]]
        .assert_eq(&name("container=web-1&format=text").await);
    expect![[r#"attachment; filename="shop_20261121T130000Z_20261121T134716Z.ndjson""#]]
        .assert_eq(&name("stack=shop&since=2026-11-21T13:00:00Z").await);
    expect![[r#"attachment; filename="logs_20261121T134707Z_20261121T134716Z.csv.gz""#]]
        .assert_eq(&name("format=csv&compress=gzip").await);
}

async fn bytes(response: Response) -> Vec<u8> {
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

#[tokio::test]
async fn an_answer_is_packed_as_it_was_asked_for() {
    let shop = Fixture::shop().await;
    let plain = text(shop.get("/api/v1/logs?container=web-1&format=text").await).await;
    let unpack = |encoding: &str, bytes: &[u8]| match encoding {
        "gzip" => {
            let mut text = String::new();
            flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
            text
        }
        _ => String::from_utf8(zstd::decode_all(bytes).unwrap()).unwrap(),
    };
    for (packing, kind) in [("gzip", "application/gzip"), ("zstd", "application/zstd")] {
        let path = "/api/v1/logs?container=web-1&format=text";
        let response = shop.get_packed(path, packing).await;
        assert_eq!(response.headers()["content-encoding"], packing);
        assert_eq!(unpack(packing, &bytes(response).await), plain);
        let response = shop.get(&format!("{path}&compress={packing}")).await;
        assert_eq!(response.headers()["content-type"], kind);
        assert!(!response.headers().contains_key("content-encoding"));
        assert_eq!(unpack(packing, &bytes(response).await), plain);
    }
    let json = shop.get_packed("/api/v1/logs?format=json", "gzip").await;
    assert!(!json.headers().contains_key("content-encoding"));
    assert_eq!(shop.refused("/api/v1/logs?compress=lzma").await, (400, "bad_request".to_owned()));
    assert_eq!(shop.refused("/api/v1/logs?compress=gzip&follow=true").await, (400, "bad_request".to_owned()));
}

#[tokio::test]
async fn what_cannot_be_found_or_understood_is_refused() {
    let shop = Fixture::with(|logs| {
        log(logs, 'a', "web-1", Some(("shop", "web")));
        let named_like_an_id = "a".repeat(12);
        log(logs, 'b', &named_like_an_id, None);
    })
    .await;
    let check = async |query: &str, status: u16, code: &str| {
        assert_eq!(
            shop.refused(&format!("/api/v1/logs?{query}")).await,
            (status, code.to_owned()),
            "{query}"
        );
    };
    check("container=nobody", 404, "not_found").await;
    check("container=aaaaaaaaaaaa", 409, "ambiguous").await;
    check("container=web-1&container=nobody", 404, "not_found").await;
    check("stack=nothing", 404, "not_found").await;
    check("stack=77", 404, "not_found").await;
    check("service=nothing", 404, "not_found").await;
    check("engine=nowhere", 404, "not_found").await;
    check("query=(error", 400, "bad_request").await;
    check("kontainer=web-1", 400, "bad_request").await;
    let request = crate::testing::get("/api/v1/logs").empty();
    assert_eq!(crate::testing::code(shop.server.send(request).await).await, "unauthenticated");
}

#[tokio::test]
async fn a_large_log_arrives_whole_in_every_format() {
    const RECORDS: i64 = 60_000;
    let line =
        |index: i64| (START + index, Severity::INFO, format!("line {index:>7} {}", "\"x\" ".repeat(10)));
    let big = Fixture::with(|logs| {
        let log = log(logs, 'a', "big", None);
        for start in (0..RECORDS).step_by(1000) {
            log.append(&batch((start..start + 1000).map(line)), None).unwrap();
        }
    })
    .await;
    let text = big.ok("/api/v1/logs?container=big&format=text").await;
    assert!(text.lines().eq((0..RECORDS).map(|index| line(index).2)));
    let rows = big.ok("/api/v1/logs?container=big").await;
    let mut seen = 0;
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        assert_eq!((row["seq"].as_i64(), row["body"].as_str()), (Some(seen), Some(line(seen).2.as_str())));
        seen += 1;
    }
    assert_eq!(seen, RECORDS);
    let newest = big.ok("/api/v1/logs?container=big&order=desc&format=text").await;
    assert!(newest.lines().eq((0..RECORDS).rev().map(|index| line(index).2)));
    let page = big.json("/api/v1/logs?container=big&format=json&tail=20000").await;
    assert_eq!(page["records"].as_array().unwrap().len(), 20_000);
    assert_eq!(page["next"], format!("1:{}", RECORDS - 1));
}

/// `jvm` writes a trace between two lines, `py` one that names no level; `access` names none at all.
async fn traces() -> Fixture {
    Fixture::with(|logs| {
        let write = |digit, name, lines: &[(Severity, &str)]| {
            let lines =
                (0..).zip(lines).map(|(at, (level, body))| (START + at * 1_000, *level, (*body).to_owned()));
            let mut written = miniman_log::RecordBatch::new();
            for (time, level, body) in lines {
                let (time, stream) = (miniman_log::Timestamp(time), miniman_log::IoStream::Stderr);
                written.push(time, stream, level, body.as_bytes(), 0);
            }
            log(logs, digit, name, None).append(&written, None).unwrap();
        };
        let none = Severity::UNSPECIFIED;
        write(
            'a',
            "jvm",
            &[
                (Severity::INFO, "INFO started"),
                (Severity::ERROR, "ERROR request did not finish"),
                (none, "java.lang.IllegalStateException: boom"),
                (none, "\tat com.example.App.run(App.java:10)"),
                (none, "Caused by: java.sql.SQLException: gone"),
                (Severity::INFO, "INFO goes on"),
            ],
        );
        write(
            'b',
            "py",
            &[
                (none, "Traceback (most recent call last):"),
                (none, "  File \"x.py\", line 1, in f"),
                (none, "ValueError: gone"),
                (none, "done"),
            ],
        );
        write('c', "access", &[(none, "GET /gone 404"), (none, "GET / 200")]);
    })
    .await
}

#[tokio::test]
async fn a_line_that_matches_brings_its_group() {
    let shop = traces().await;
    let trace = [
        "ERROR request did not finish",
        "java.lang.IllegalStateException: boom",
        "\tat com.example.App.run(App.java:10)",
        "Caused by: java.sql.SQLException: gone",
    ];
    let check = async |query: &str, expected: &[&str], unspecified: u64| {
        for order in ["asc", "desc"] {
            let answer = shop.ok(&format!("/api/v1/logs?{query}&order={order}")).await;
            let mut rows = bodies(&answer);
            if order == "desc" {
                rows.reverse();
            }
            assert_eq!(rows, expected, "{query} {order}");
            let summary: Value = serde_json::from_str(answer.lines().last().unwrap()).unwrap();
            assert_eq!(summary["summary"]["unspecified"], unspecified, "{query} {order}");
        }
    };
    check("container=jvm&query=SQLException", &trace, 0).await;
    check("container=jvm&query=level:error+boom", &trace, 0).await;
    check("container=jvm&query=level:info+boom", &[], 3).await;
    check("container=jvm&query=level:info", &["INFO started", "INFO goes on"], 3).await;
    let python = ["Traceback (most recent call last):", "  File \"x.py\", line 1, in f", "ValueError: gone"];
    check("container=py&query=level:error", &python, 1).await;
    check("container=access&query=level:error", &[], 2).await;
    check("container=access&query=gone&severity=error", &[], 1).await;
    let counted = shop.json("/api/v1/logs/histogram?container=jvm&query=SQLException").await;
    assert_eq!(counted["records"], 4);
}

#[tokio::test]
async fn context_stands_around_matches_and_nothing_comes_twice() {
    let shop = Fixture::shop().await;
    let rows = async |asked: &str| -> Vec<String> {
        let rows = shop.ok(&format!("/api/v1/logs?{asked}")).await;
        let rows = rows.lines().filter(|line| !line.starts_with("{\"summary\"")).map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let near = if row["context"] == true { "*" } else { "" };
            bodies(line).remove(0) + near
        });
        rows.collect()
    };
    let three = ["web 2*", "web 3", "web 4*", "gap of 4"];
    assert_eq!(rows("container=web-1&query=3&context=1").await, three);
    let around = ["web 1*", "web 2", "web 3*", "web 4", "gap of 4", "web 5*", "web 6", "web 7*"];
    assert_eq!(rows("container=web-1&query=2+OR+4+OR+6&context=1").await, around);
    let mut newest_first = rows("container=web-1&query=2+OR+4+OR+6&context=1&order=desc").await;
    newest_first.reverse();
    assert_eq!(newest_first, around);
    assert_eq!(rows("container=web-1&query=web&context=5").await, WEB);
    assert_eq!(rows("container=web-1&query=2+OR+6&context=1&limit=1").await, ["web 1*", "web 2", "web 3*"]);
    assert_eq!(
        rows("container=web-1&query=2+OR+8&context=2&tail=1").await,
        ["web 6*", "web 7*", "web 8", "web 9*"]
    );
    assert_eq!(
        rows("container=web-1&query=web&severity=error&context=1&limit=1").await,
        ["web 0*", "web 1", "web 2*"]
    );
    let both = ["web 2*", "db 2*", "web 3", "db 3", "web 4*", "gap of 4"];
    assert_eq!(rows("stack=shop&query=3&context=1").await, both);
    assert_eq!(shop.refused("/api/v1/logs?context=1").await.0, 400);
    let csv = shop.ok("/api/v1/logs?container=db-1&query=3&context=1&format=csv").await;
    assert!(csv.contains("db 2,,true\r\n") && csv.contains("db 3,,\r\n"), "{csv}");
}

#[tokio::test]
async fn pages_with_context_hold_every_row_once() {
    let shop = Fixture::shop().await;
    for (order, direction) in [("asc", "after"), ("desc", "before")] {
        let asked = format!("container=web-1&query=0+OR+4+OR+6+OR+9&context=2&order={order}&format=json");
        let (mut rows, mut from) = (Vec::new(), String::new());
        for _ in 0..9 {
            let page = shop.json(&format!("/api/v1/logs?{asked}&limit=1{from}")).await;
            let records = page["records"].as_array().unwrap();
            rows.extend(records.iter().filter_map(|row| row["seq"].as_i64()));
            let Some(next) = page["next"].as_str() else { break };
            from = format!("&{direction}={next}");
        }
        if order == "desc" {
            rows.reverse();
        }
        // 0 to 4, a gap of four numbers, and 9 to 13.
        assert_eq!(rows, [0, 1, 2, 3, 4, 9, 10, 11, 12, 13], "{order}");
    }
}
