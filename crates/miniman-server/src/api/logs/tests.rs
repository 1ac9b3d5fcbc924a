//! `GET /logs`, asked through the whole router.

use http_body_util::BodyExt as _;
use miniman_log::Severity;
use serde_json::Value;

use super::*;
use crate::api::testing::{Fixture, SECOND, START, batch, log};
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
    assert_eq!(name("container=web-1&format=text").await, "attachment; filename=\"web-1.log\"");
    assert_eq!(name("stack=shop").await, "attachment; filename=\"logs.ndjson\"");
    assert_eq!(file_name("a b/\"ä"), "a_b___");
    assert_eq!(file_name("..x"), "_..x");
    assert_eq!(file_name(""), "_");
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

#[tokio::test]
async fn following_goes_on_with_what_comes_and_joins_nothing_else() {
    let shop = Fixture::shop().await;
    let response = shop.get("/api/v1/logs?container=db-1&follow=true&tail=1&format=text").await;
    let mut body = response.into_body();
    let next = async |body: &mut Body| {
        let frame = tokio::time::timeout(std::time::Duration::from_secs(10), body.frame()).await.unwrap();
        frame.map(|frame| String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
    };
    assert_eq!(next(&mut body).await.unwrap(), "db 3\n");
    let logs = shop.server.state.hub.store().logs();
    for log in &logs {
        let line = format!("{} goes on", log.identity().name);
        log.append(&batch([(START + 30 * SECOND, Severity::INFO, line)]), None).unwrap();
    }
    assert_eq!(next(&mut body).await.unwrap(), "db-1 goes on\n");
}

#[tokio::test]
async fn a_limit_ends_a_following_answer() {
    let shop = Fixture::shop().await;
    let response = shop.get("/api/v1/logs?container=db-1&follow=true&limit=4&format=text").await;
    let log =
        shop.server.state.hub.store().logs().into_iter().find(|log| log.identity().name == "db-1").unwrap();
    let lines = ["one", "two"].map(|line| (START + 30 * SECOND, Severity::INFO, line.to_owned()));
    log.append(&batch(lines), None).unwrap();
    let whole = tokio::time::timeout(std::time::Duration::from_secs(10), text(response)).await.unwrap();
    assert_eq!(whole, "db 1\ndb 2\ndb 3\none\n");
}

#[tokio::test]
async fn a_following_answer_breaks_when_the_session_ends() {
    let shop = Fixture::shop().await;
    let cookie = shop.server.cookie("ada").await;
    let request = crate::testing::get("/api/v1/logs?container=db-1&follow=true").header("cookie", &cookie);
    let mut body = shop.server.send(request.empty()).await.into_body();
    body.frame().await.unwrap().unwrap();
    let logout = crate::testing::post("/api/v1/logout")
        .header("cookie", &cookie)
        .header("origin", crate::testing::ORIGIN);
    assert_eq!(shop.server.send(logout.empty()).await.status(), http::StatusCode::NO_CONTENT);
    let end = tokio::time::timeout(std::time::Duration::from_secs(10), body.frame()).await.unwrap();
    assert!(end.unwrap().is_err(), "an answer that was cut does not look complete");
}

#[tokio::test]
async fn a_client_that_leaves_ends_its_reading() {
    let shop = Fixture::shop().await;
    let response = shop.get("/api/v1/logs?container=db-1&follow=true").await;
    let tasks = shop.server.state.tasks.len();
    drop(response);
    let state = shop.server.state.clone();
    crate::testing::eventually("the reading ends", || state.tasks.len() < tasks).await;
}
