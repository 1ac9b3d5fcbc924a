use tokio_tungstenite::tungstenite::Message;

use super::client::WebSocket;
use super::*;

async fn opened(server: &Server) -> WebSocket {
    let mut socket = server.websocket("EIO=4&transport=websocket").await;
    assert!(socket.text().await.starts_with('0'));
    socket
}

async fn connected(server: &Server) -> WebSocket {
    let mut socket = opened(server).await;
    socket.send("40").await;
    assert!(socket.text().await.starts_with("40{\"sid\":\""));
    socket
}

#[tokio::test]
async fn namespaces_are_joined_or_refused_in_words() {
    let server = Server::suite(|_| {}).await;
    for (connect, answer) in [
        ("40{\"token\":\"good\"}", "40{\"sid\":\""),
        ("40/custom,", "40/custom,{\"sid\":\""),
        ("40/custom", "40/custom,{\"sid\":\""),
        ("40/random", "44/random,{\"message\":\"Invalid namespace\"}"),
        ("40{\"token\":\"bad\"}", "44{\"data\":{\"code\":7},\"message\":\"a bad token\"}"),
    ] {
        let mut socket = opened(&server).await;
        socket.send(connect).await;
        let got = socket.text().await;
        assert!(got.starts_with(answer), "{connect}: {got}");
    }
}

#[tokio::test]
async fn a_client_that_joins_nothing_in_time_is_closed() {
    let server = Server::suite(|options| options.connect_timeout = Duration::from_millis(50)).await;
    assert!(opened(&server).await.is_over().await);
    let mut socket = connected(&server).await;
    socket.send("41").await;
    assert!(socket.is_over().await, "nor one that left all it had joined");
}

#[tokio::test]
async fn what_is_not_the_protocol_ends_the_session() {
    let server = Server::suite(|_| {}).await;
    for packets in [
        &["4abc"][..],
        &["42{}"],
        &["42abc[\"message\"]"],
        &["42/custom,[\"message\"]"],
        &["40"],
        &["451-[\"message\",{\"_placeholder\":true,\"num\":0}]", "42[\"message\"]"],
        &["44{\"message\":\"x\"}"],
    ] {
        let mut socket = connected(&server).await;
        for packet in packets {
            socket.send(packet).await;
        }
        assert!(socket.is_over().await, "{packets:?}");
    }
    let mut socket = connected(&server).await;
    socket.send_bytes(&[1]).await;
    assert!(socket.is_over().await);
}

#[tokio::test]
async fn events_come_back_with_what_is_attached() {
    let server = Server::suite(|_| {}).await;
    let mut socket = connected(&server).await;
    socket.send("42[\"message\",1,\"2\",{\"3\":[true]}]").await;
    assert_eq!(socket.text().await, "42[\"message-back\",1,\"2\",{\"3\":[true]}]");
    socket
        .send("452-[\"message\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]")
        .await;
    socket.send_bytes(&[1, 2, 3]).await;
    socket.send_bytes(&[4]).await;
    let back = "452-[\"message-back\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]";
    assert_eq!(socket.text().await, back);
    assert_eq!(socket.message().await, Some(Message::binary(vec![1, 2, 3])));
    assert_eq!(socket.message().await, Some(Message::binary(vec![4])));
    socket.send("42456[\"other\"]").await;
    assert_eq!(socket.text().await, "43456[1]");
}

#[tokio::test]
async fn events_of_one_client_are_handled_one_after_another() {
    let server = Server::suite(|_| {}).await;
    let mut socket = connected(&server).await;
    for _ in 0..100 {
        socket.send("42[\"slow\"]").await;
        socket.send("42[\"fast\"]").await;
    }
    for _ in 0..100 {
        assert_eq!(socket.text().await, "42[\"done\",\"slow\"]");
        assert_eq!(socket.text().await, "42[\"done\",\"fast\"]");
    }
}

#[tokio::test]
async fn a_disconnected_client_is_told_so_over_either_transport() {
    let server = Server::suite(|_| {}).await;
    let mut socket = connected(&server).await;
    socket.send("42[\"bye\"]").await;
    assert_eq!(socket.text().await, "41");
    assert!(socket.is_over().await);

    let session = server.polling().await;
    server.post(&session, "40").await;
    server.post(&session, "42[\"bye\"]").await;
    let mut got = String::new();
    while !got.ends_with('1') {
        let answer = server.get(&session).await;
        assert_eq!(answer.status, 200, "what was said before the end can still be fetched");
        got = format!("{got}\u{1e}{}", answer.body);
    }
    assert!(got.ends_with("41\u{1e}1"), "{got}");
    assert_eq!(server.get(&session).await.status, 400);
}

#[tokio::test]
async fn leaving_one_namespace_keeps_the_other() {
    let server = Server::suite(|_| {}).await;
    let mut socket = connected(&server).await;
    socket.send("40/custom").await;
    assert!(socket.text().await.starts_with("40/custom"));
    socket.send("41/custom").await;
    socket.send("42[\"message\",\"to the main one\"]").await;
    assert_eq!(socket.text().await, "42[\"message-back\",\"to the main one\"]");
}
