use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use super::client::read_answer;
use super::*;

#[tokio::test]
async fn a_handshake_tells_the_session_and_its_settings() {
    let server = Server::echo(|_| {}).await;
    let answer = server.get("EIO=4&transport=polling").await;
    let open: Value = serde_json::from_str(answer.body.strip_prefix('0').unwrap()).unwrap();
    assert_eq!(open["upgrades"], serde_json::json!(["websocket"]));
    assert_eq!(
        (&open["pingInterval"], &open["pingTimeout"], &open["maxPayload"]),
        (&15_000.into(), &45_000.into(), &1_000.into())
    );
    assert_eq!(open["sid"].as_str().unwrap().len(), 22, "128 bits in base64");
    assert!(!answer.head.contains("access-control"), "no CORS in the product");

    let mut socket = server.websocket("EIO=4&transport=websocket").await;
    let open: Value = serde_json::from_str(socket.text().await.strip_prefix('0').unwrap()).unwrap();
    assert_eq!(open["upgrades"], serde_json::json!([]));
}

#[tokio::test]
async fn requests_that_fit_nothing_are_refused_with_the_protocols_codes() {
    let server = Server::echo(|_| {}).await;
    for (method, query, code) in [
        ("GET", "transport=polling", 5),
        ("GET", "EIO=3&transport=polling", 5),
        ("GET", "EIO=abc&transport=polling", 5),
        ("GET", "EIO=4", 0),
        ("GET", "EIO=4&transport=abc", 0),
        ("GET", "EIO=4&transport=polling&j=0", 0),
        ("POST", "EIO=4&transport=polling", 2),
        ("PUT", "EIO=4&transport=polling", 2),
        ("GET", "EIO=4&transport=polling&sid=unknown", 1),
        ("GET", "EIO=4&transport=websocket&sid=unknown", 1),
        ("GET", "EIO=4&transport=websocket", 3),
    ] {
        let answer = server.request(method, query, "", b"").await;
        let error: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, &error["code"]), (400, &code.into()), "{method} {query}");
    }
    assert!(server.try_websocket("EIO=3&transport=websocket").await.is_none());
    let session = server.polling().await;
    assert_eq!(server.request("PUT", &session, "", b"").await.status, 400);
}

#[tokio::test]
async fn who_is_not_admitted_gets_no_session_and_no_poll() {
    let server = Server::echo(|_| {}).await;
    let refused = "x-refuse: 1\r\n";
    let answer = server.request("GET", "EIO=4&transport=polling", refused, b"").await;
    assert_eq!((answer.status, answer.body.as_str()), (403, r#"{"code":4,"message":"not you"}"#));
    let session = server.polling().await;
    assert_eq!(server.request("GET", &session, refused, b"").await.status, 403);
    assert_eq!(server.request("POST", &session, refused, b"4x").await.status, 403);
    assert_eq!(server.post(&session, "4x").await.body, "ok", "the session is unharmed");
}

#[tokio::test]
async fn polling_carries_text_and_binary_in_order() {
    let server = Server::echo(|_| {}).await;
    let session = server.polling().await;
    for payload in ["4hello €", "4test1\u{1e}4test2\u{1e}4test3", "4hello\u{1e}bAQIDBA=="] {
        let posted = server.post(&session, payload).await;
        assert_eq!((posted.status, posted.body.as_str()), (200, "ok"));
        let mut got = server.get(&session).await.body;
        while got.len() < payload.len() {
            got = format!("{got}\u{1e}{}", server.get(&session).await.body);
        }
        assert_eq!(got, payload);
    }
}

#[tokio::test]
async fn an_invalid_or_too_large_payload_ends_the_session() {
    let server = Server::echo(|_| {}).await;
    for (payload, status) in [("abc".to_owned(), 400), ("4".repeat(1_001), 413), ("2".to_owned(), 400)] {
        let session = server.polling().await;
        assert_eq!(server.post(&session, &payload).await.status, status);
        assert_eq!(server.get(&session).await.status, 400);
    }
    let session = server.polling().await;
    let binary = "content-type: application/octet-stream\r\n";
    assert_eq!(server.request("POST", &session, binary, b"4x").await.status, 400);
    for message in ["abc".to_owned(), String::new(), "2".to_owned(), "4".repeat(1_001)] {
        let mut socket = server.websocket("EIO=4&transport=websocket").await;
        socket.text().await;
        socket.send(&message).await;
        assert!(socket.is_over().await);
    }
}

#[tokio::test]
async fn a_second_poll_ends_both_and_the_session() {
    let server = Server::echo(|_| {}).await;
    let session = server.polling().await;
    let (one, two) = tokio::join!(server.get(&session), server.get(&session));
    let (closed, refused) = if one.status == 200 { (one, two) } else { (two, one) };
    assert_eq!((closed.body.as_str(), refused.status), ("1", 400));
    assert_eq!(server.get(&session).await.status, 400);
}

#[tokio::test]
async fn a_poll_that_is_dropped_ends_the_session() {
    let server = Server::echo(|_| {}).await;
    let session = server.polling().await;
    drop(server.begin_get(&session).await);
    let ended = tokio::time::timeout(PATIENCE, async {
        while server.post(&session, "6").await.status == 200 {
            tokio::task::yield_now().await;
        }
    });
    ended.await.expect("the session ends");
}

#[tokio::test]
async fn a_client_closes_by_polling_and_its_poll_ends_with_nothing() {
    let server = Server::echo(|_| {}).await;
    for poll_first in [true, false] {
        let session = server.polling().await;
        let poll = if poll_first { Some(server.begin_get(&session).await) } else { None };
        assert_eq!(server.post(&session, "1").await.body, "ok");
        let answer = match poll {
            Some(poll) => read_answer(poll).await,
            None => server.get(&session).await,
        };
        assert_eq!((answer.status, answer.body.as_str()), (200, "6"));
        assert_eq!(server.get(&session).await.status, 400);
    }
}

#[tokio::test]
async fn websockets_carry_text_and_binary_and_close() {
    let server = Server::echo(|_| {}).await;
    let mut socket = server.websocket("EIO=4&transport=websocket").await;
    socket.text().await;
    socket.send("4hello").await;
    assert_eq!(socket.text().await, "4hello");
    socket.send_bytes(&[1, 2, 3, 4]).await;
    assert_eq!(socket.message().await, Some(Message::binary(vec![1, 2, 3, 4])));
    socket.send("1").await;
    assert!(socket.is_over().await);
}

#[tokio::test]
async fn an_upgrade_moves_the_session_and_what_waits_in_it() {
    let server = Server::echo(|_| {}).await;
    let session = server.polling().await;
    let websocket = session.replace("polling", "websocket");
    let poll = server.begin_get(&session).await;
    let mut socket = server.websocket(&websocket).await;
    socket.send("2probe").await;
    assert_eq!(socket.text().await, "3probe");
    assert_eq!(read_answer(poll).await.body, "6", "the poll under way ends with nothing");
    assert_eq!(server.get(&session).await.body, "6");
    assert_eq!(server.post(&session, "4sent by polling").await.body, "ok");
    socket.send("5").await;
    assert_eq!(socket.text().await, "4sent by polling");
    socket.send("4hello").await;
    assert_eq!(socket.text().await, "4hello");
    assert_eq!(server.get(&session).await.status, 400);
    assert_eq!(server.post(&session, "4x").await.status, 400);
    let mut second = server.websocket(&websocket).await;
    assert!(second.is_over().await);
    socket.send("4still").await;
    assert_eq!(socket.text().await, "4still");
}

#[tokio::test]
async fn a_websocket_that_waits_is_closed_when_another_takes_the_session_over() {
    let server = Server::echo(|options| options.upgrade_timeout = Duration::from_secs(3_600)).await;
    let websocket = server.polling().await.replace("polling", "websocket");
    let mut first = server.websocket(&websocket).await;
    let mut second = server.websocket(&websocket).await;
    first.send("2probe").await;
    assert_eq!(first.text().await, "3probe");
    first.send("5").await;
    assert!(second.is_over().await);
    first.send("4hello").await;
    assert_eq!(first.text().await, "4hello");
}

#[tokio::test]
async fn a_probe_that_fails_leaves_the_session_polling() {
    let server = Server::echo(|_| {}).await;
    let session = server.polling().await;
    let websocket = session.replace("polling", "websocket");
    let mut socket = server.websocket(&websocket).await;
    socket.send("4not a probe").await;
    assert!(socket.is_over().await);
    let mut socket = server.websocket(&websocket).await;
    socket.send("2probe").await;
    assert_eq!(socket.text().await, "3probe");
    drop(socket);
    server.post(&session, "4hello").await;
    let mut got = server.get(&session).await.body;
    while got == "6" {
        got = server.get(&session).await.body;
    }
    assert_eq!(got, "4hello");
}

#[tokio::test]
async fn pings_keep_a_session_and_their_absence_ends_it() {
    let short = |options: &mut Options| {
        options.ping_interval = Duration::from_millis(60);
        options.ping_timeout = Duration::from_millis(200);
    };
    let server = Server::echo(short).await;
    let session = server.polling().await;
    for _ in 0..3 {
        assert_eq!(server.get(&session).await.body, "2");
        assert_eq!(server.post(&session, "3").await.status, 200);
    }
    assert_eq!(server.get(&session).await.body, "2");
    assert_eq!(server.get(&session).await.body, "1", "no answer: the poll under way ends with the session");
    assert_eq!(server.get(&session).await.status, 400);

    let mut socket = server.websocket("EIO=4&transport=websocket").await;
    socket.text().await;
    for _ in 0..3 {
        assert_eq!(socket.message().await, Some(Message::text("2")));
        socket.send("3").await;
    }
    assert!(socket.is_over().await);
}

#[tokio::test]
async fn sessions_are_bounded() {
    let server = Server::echo(|options| options.sessions_max = 2).await;
    let (_one, two) = (server.polling().await, server.polling().await);
    assert_eq!(server.get("EIO=4&transport=polling").await.status, 503);
    server.post(&two, "1").await;
    server.get(&two).await;
    let again = tokio::time::timeout(PATIENCE, async {
        while server.get("EIO=4&transport=polling").await.status == 503 {
            tokio::task::yield_now().await;
        }
    });
    again.await.expect("a place is free again");
}

#[tokio::test]
async fn a_server_that_stops_says_goodbye() {
    let server = Server::echo(|_| {}).await;
    let session = server.polling().await;
    let poll = server.begin_get(&session).await;
    let mut socket = server.websocket("EIO=4&transport=websocket").await;
    socket.text().await;
    server.shutdown.cancel();
    assert!(socket.is_over().await);
    assert_eq!(read_answer(poll).await.body, "1");
    server.tasks.close();
    tokio::time::timeout(PATIENCE, server.tasks.wait()).await.expect("no task is left");
}
