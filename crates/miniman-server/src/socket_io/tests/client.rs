//! Bare HTTP and WebSocket, as little as the tests need.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{PATIENCE, Server};

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Server {
    pub(super) async fn request(&self, method: &str, query: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(self.head(method, query, headers, body).as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        read_answer(stream).await
    }

    /// A GET whose answer is read later.
    pub(super) async fn begin_get(&self, query: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(self.head("GET", query, "", b"").as_bytes()).await.unwrap();
        stream
    }

    fn head(&self, method: &str, query: &str, headers: &str, body: &[u8]) -> String {
        let address = self.address;
        let length = body.len();
        format!(
            "{method} /io/?{query} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
        )
    }

    pub(super) async fn get(&self, query: &str) -> Answer {
        self.request("GET", query, "", b"").await
    }

    /// Opens a polling session; the rest of a query that names it.
    pub(super) async fn polling(&self) -> String {
        let answer = self.get("EIO=4&transport=polling").await;
        assert_eq!(answer.status, 200);
        let open: serde_json::Value = serde_json::from_str(answer.body.strip_prefix('0').unwrap()).unwrap();
        format!("EIO=4&transport=polling&sid={}", open["sid"].as_str().unwrap())
    }

    pub(super) async fn post(&self, session: &str, body: &str) -> Answer {
        self.request("POST", session, "", body.as_bytes()).await
    }

    pub(super) async fn websocket(&self, query: &str) -> WebSocket {
        self.try_websocket(query).await.expect("accepted")
    }

    /// `None` when the handshake is refused.
    pub(super) async fn try_websocket(&self, query: &str) -> Option<WebSocket> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("ws://{}/io/?{query}", self.address).into_client_request().unwrap();
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.ok()?;
        Some(WebSocket { socket })
    }
}

pub(super) async fn read_answer(mut stream: TcpStream) -> Answer {
    let mut text = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text)).await.expect("an answer").unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

pub(super) struct WebSocket {
    pub(super) socket: WebSocketStream<TcpStream>,
}

impl WebSocket {
    pub(super) async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(super) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.socket.send(Message::binary(bytes.to_vec())).await.unwrap();
    }

    /// The next message; `None` when the connection is over.
    pub(super) async fn message(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("a message or the end");
        match next {
            Some(Ok(Message::Close(_)) | Err(_)) | None => None,
            Some(Ok(message)) => Some(message),
        }
    }

    /// The next text; pings are skipped.
    pub(super) async fn text(&mut self) -> String {
        loop {
            match self.message().await.expect("a text and not the end") {
                Message::Text(text) if text.as_str() == "2" => {}
                Message::Text(text) => return text.as_str().to_owned(),
                other => panic!("{other:?}"),
            }
        }
    }

    pub(super) async fn is_over(&mut self) -> bool {
        while let Some(message) = self.message().await {
            assert_eq!(message, Message::text("2"), "nothing but pings before the end");
        }
        true
    }
}
