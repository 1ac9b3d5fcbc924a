//! An answer that goes on with what comes.

use super::*;
use crate::api::testing::SECOND;

/// The next that comes of a body.
async fn next(body: &mut Body) -> String {
    let frame = tokio::time::timeout(std::time::Duration::from_secs(10), body.frame()).await.unwrap();
    String::from_utf8(frame.unwrap().unwrap().into_data().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn following_goes_on_with_what_comes_and_joins_nothing_else() {
    let shop = Fixture::shop().await;
    let response = shop.get("/api/v1/logs?container=db-1&follow=true&tail=1&format=text").await;
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await, "db 3\n");
    let logs = shop.server.state.hub.store().logs();
    for log in &logs {
        let line = format!("{} goes on", log.identity().name);
        log.append(&batch([(START + 30 * SECOND, Severity::INFO, line)]), None).unwrap();
    }
    assert_eq!(next(&mut body).await, "db-1 goes on\n");
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

#[tokio::test]
async fn following_gives_a_match_at_once_and_the_rest_of_its_group_as_it_comes() {
    let shop = Fixture::shop().await;
    let response = shop.get("/api/v1/logs?container=lone&query=boom&follow=true&format=text").await;
    let mut body = response.into_body();
    let lone = shop.server.state.hub.store().logs();
    let lone = lone.iter().find(|log| log.identity().name == "lone").unwrap();
    let mut at = START;
    let mut write = |line: &str| {
        at += 1_000;
        let level = miniman_log::severity_of(line);
        let mut one = miniman_log::RecordBatch::new();
        one.push(miniman_log::Timestamp(at), miniman_log::IoStream::Stderr, level, line.as_bytes(), 0);
        lone.append(&one, None).unwrap();
    };
    write("ERROR it did not work");
    write("java.lang.IllegalStateException: boom");
    assert_eq!(next(&mut body).await, "ERROR it did not work\njava.lang.IllegalStateException: boom\n");
    write("\tat com.example.App.run(App.java:10)");
    assert_eq!(next(&mut body).await, "\tat com.example.App.run(App.java:10)\n");
    write("INFO something else");
    write("INFO boom again");
    assert_eq!(next(&mut body).await, "INFO boom again\n");
}

#[tokio::test]
async fn what_comes_while_history_is_read_is_given_behind_it() {
    const HISTORY: i64 = 1_000;
    let line = |number: i64| (START + number, Severity::INFO, format!("{number} {}", "x".repeat(4_000)));
    // Far more than what waits for a client to take it, and of the last block only a part.
    let busy = Fixture::with(|logs| {
        log(logs, 'a', "busy", None).append(&batch((0..HISTORY).map(line)), None).unwrap();
    })
    .await;
    let response = busy.get("/api/v1/logs?container=busy&follow=true&format=text").await;
    let mut body = response.into_body();
    let mut came = next(&mut body).await;
    let log = busy.server.state.hub.store().logs().remove(0);
    log.append(&batch((HISTORY..HISTORY + 3).map(line)), None).unwrap();
    let last = format!("\n{} {}\n", HISTORY + 2, "x".repeat(4_000));
    while !came.ends_with(&last) {
        came += &next(&mut body).await;
    }
    let numbers = came.lines().map(|line| line.split_once(' ').unwrap().0.parse::<i64>().unwrap());
    assert!(numbers.eq(0..HISTORY + 3), "each line once, in order");
}
