//! The accept loop on real sockets.

use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

use super::*;
use crate::testing::TestServer;

const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn serve(server: &TestServer) -> (SocketAddr, JoinHandle<()>) {
    let listener = bind(LOCAL).unwrap();
    let address = listener.local_addr().unwrap();
    let run = run(listener, server.state.clone(), server.state.shutdown.clone());
    (address, server.state.tasks.spawn(run))
}

async fn ask(stream: &mut TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"ok\n") {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "{}", String::from_utf8_lossy(&answer));
    }
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let server = TestServer::set_up();
    let (address, _running) = serve(&server);
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        assert!(ask(&mut stream, "/healthz").await.starts_with("HTTP/1.1 200 OK\r\n"));
    }
}

#[tokio::test]
async fn a_head_with_a_nul_or_a_second_request_hidden_in_it_is_refused() {
    let server = TestServer::set_up();
    let (address, _running) = serve(&server);
    for head in [
        "GET /healthz\0 HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: miniman_session=a\0b\r\n",
        "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer a\0\r\n",
        "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nA\0: b\r\n",
        "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\0.evil.example\r\n",
        "GET /healthz HTTP/1.1\r\nHost : 127.0.0.1\r\n",
        "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n folded: x\r\n",
        "POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        "POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: +1\r\n",
        "POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: xchunked\r\n",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{head:?}: {answer}");
    }
}

#[tokio::test]
async fn shutdown_closes_idle_connections_and_the_listener() {
    let server = TestServer::set_up();
    let (address, running) = serve(&server);
    let mut stream = TcpStream::connect(address).await.unwrap();
    ask(&mut stream, "/healthz").await;
    server.state.shutdown.cancel();
    tokio::time::timeout(DRAIN_MAX, running).await.unwrap().unwrap();
    assert_eq!(stream.read_u8().await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_peer_that_never_ends_its_headers_is_let_go() {
    let server = TestServer::set_up();
    let (address, _running) = serve(&server);
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ").await.unwrap();
    // From here on time goes as fast as nothing else has to be done.
    tokio::time::pause();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn an_accepted_connection_sends_at_once_and_gives_up_a_silent_peer() {
    let listener = bind(LOCAL).unwrap();
    let (_client, accepted) =
        tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
    let (stream, _) = accepted.unwrap();
    tune(&stream).unwrap();
    assert!(stream.nodelay().unwrap());
    assert_eq!(SockRef::from(&stream).tcp_user_timeout().unwrap(), Some(TCP_USER_TIMEOUT));
}

#[test]
fn a_sleeping_client_is_given_up_by_the_protocol_and_not_by_tcp() {
    let options = crate::socket_io::Options::default();
    assert!(TCP_USER_TIMEOUT > options.ping_interval + options.ping_timeout);
}

#[tokio::test]
async fn a_taken_port_is_known_at_once() {
    let listener = bind(LOCAL).unwrap();
    let again = bind(listener.local_addr().unwrap());
    assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn the_page_is_reached_over_ipv6_too() {
    let Ok(listener) = bind("[::1]:0".parse().unwrap()) else {
        println!("skipped: this machine has no IPv6 loopback");
        return;
    };
    let address = listener.local_addr().unwrap();
    let server = TestServer::set_up();
    server.state.tasks.spawn(run(listener, server.state.clone(), server.state.shutdown.clone()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    ask(&mut stream, "/readyz").await;
}

#[tokio::test]
async fn the_unix_socket_answers_a_proxy_and_a_stale_one_is_replaced() {
    let server = TestServer::set_up();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("miniman.sock");
    drop(bind_socket(&path).unwrap());
    let socket = bind_socket(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, SOCKET_MODE);
    assert_eq!(bind_socket(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    let listeners = Listeners { tcp: bind(LOCAL).unwrap(), tls: None, socket: Some(socket) };
    server.state.tasks.spawn(run(listeners, server.state.clone(), server.state.shutdown.clone()));
    let mut stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    // The proxy calls us by a name of its own; what counts is what the visitor asked for.
    let ask = |host: &str| {
        format!(
            "GET /readyz HTTP/1.1\r\nHost: upstream\r\nX-Forwarded-Host: {host}\r\nConnection: close\r\n\r\n"
        )
    };
    stream.write_all(ask("localhost").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    stream.write_all(ask("evil.example").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
}

#[tokio::test]
async fn a_socket_path_that_is_a_file_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("precious");
    std::fs::write(&path, "data").unwrap();
    assert_eq!(bind_socket(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "data");
}

#[tokio::test]
async fn one_address_cannot_take_all_connections() {
    let server = TestServer::set_up();
    let (address, _running) = serve(&server);
    let from = async |ip: [u8; 4]| {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((ip, 0).into()).unwrap();
        socket.connect(address).await.unwrap()
    };
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS_MAX / 8 {
        held.push(from([127, 0, 0, 2]).await);
    }
    let mut beyond = from([127, 0, 0, 2]).await;
    assert!(beyond.read_u8().await.is_err(), "closed without a word");
    ask(&mut from([127, 0, 0, 1]).await, "/healthz").await;
    // A place that is given back is there for the next.
    ask(&mut held[0], "/healthz").await;
    drop(held.pop());
    let regained = async {
        loop {
            let mut stream = from([127, 0, 0, 2]).await;
            stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await.ok();
            if stream.read_u8().await.is_ok() {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), regained).await.unwrap();
}
