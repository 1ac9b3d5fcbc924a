//! Certificates made for the test, and a client that trusts only them.

use std::net::SocketAddr;

use rustls::pki_types::ServerName;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use super::*;
use crate::config::ServerConfig;
use crate::serve::{Listeners, bind, run};
use crate::testing::TestServer;

/// A directory with `cert.pem` and `key.pem`.
struct Files {
    dir: TempDir,
}

impl Files {
    fn new() -> Self {
        let files = Self { dir: TempDir::new().unwrap() };
        files.renew();
        files
    }

    fn certificate(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.dir.path().join("key.pem")
    }

    /// Another certificate for the same name, with another key.
    fn renew(&self) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(self.certificate(), made.cert.pem()).unwrap();
        std::fs::write(self.key(), made.signing_key.serialize_pem()).unwrap();
    }

    fn load(&self) -> Tls {
        Tls::load(&self.certificate(), &self.key()).unwrap()
    }
}

fn serve(tls: &Tls) -> (TestServer, SocketAddr) {
    let server = TestServer::set_up_with(ServerConfig { tls: true, ..ServerConfig::default() });
    let tcp = bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = tcp.local_addr().unwrap();
    let listeners = Listeners { tcp, tls: Some(tls.clone()), socket: None };
    server.state.tasks.spawn(run(listeners, server.state.clone(), server.state.shutdown.clone()));
    (server, address)
}

/// One request by somebody who trusts the certificate in `files` alone.
async fn ask(files: &Files, address: SocketAddr, head: &str) -> io::Result<String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(files.certificate()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    stream.write_all(format!("{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn over_tls_it_answers_and_asks_browsers_to_stay_there() {
    let files = Files::new();
    let (_server, address) = serve(&files.load());
    let answer = ask(&files, address, "GET /healthz HTTP/1.1").await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000"), "{answer}");
}

#[tokio::test]
async fn one_address_cannot_hold_all_handshakes() {
    let files = Files::new();
    let (_server, address) = serve(&files.load());
    let from = async |ip: [u8; 4]| {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((ip, 0).into()).unwrap();
        socket.connect(address).await.unwrap()
    };
    // Silent ones; the last of them is beyond the address's share, and not kept until it times out.
    let mut silent = Vec::new();
    for _ in 0..HANDSHAKES_MAX / 8 {
        silent.push(from([127, 0, 0, 2]).await);
    }
    let mut beyond = from([127, 0, 0, 2]).await;
    assert!(!matches!(beyond.read(&mut [0]).await, Ok(1..)), "closed");
    assert!(ask(&files, address, "GET /healthz HTTP/1.1").await.unwrap().contains("200"));
}

#[tokio::test]
async fn over_tls_our_origin_is_https() {
    let files = Files::new();
    let (_server, address) = serve(&files.load());
    let post = |origin| format!("POST /api/v1/logout HTTP/1.1\r\nCookie: a=b\r\nOrigin: {origin}");
    let ours = ask(&files, address, &post("https://localhost")).await.unwrap();
    assert!(ours.starts_with("HTTP/1.1 401"), "{ours}");
    let plain = ask(&files, address, &post("http://localhost")).await.unwrap();
    assert!(plain.starts_with("HTTP/1.1 403"), "{plain}");
}

#[tokio::test]
async fn a_renewed_pair_serves_new_connections() {
    let files = Files::new();
    let tls = files.load();
    let (_server, address) = serve(&tls);
    assert!(!tls.reload_if_changed(), "nothing has changed");
    files.renew();
    assert!(ask(&files, address, "GET /healthz HTTP/1.1").await.is_err(), "the old one is still served");
    assert!(tls.reload_if_changed());
    assert!(ask(&files, address, "GET /healthz HTTP/1.1").await.unwrap().contains("200"));
}

#[tokio::test]
async fn a_half_written_renewal_leaves_the_pair_before_in_force() {
    let (files, other) = (Files::new(), Files::new());
    let tls = files.load();
    let (_server, address) = serve(&tls);
    let trusted = Files::new();
    std::fs::copy(files.certificate(), trusted.certificate()).unwrap();
    std::fs::copy(other.certificate(), files.certificate()).unwrap();
    assert!(!tls.reload_if_changed());
    assert!(ask(&trusted, address, "GET /healthz HTTP/1.1").await.is_ok());
    std::fs::copy(other.key(), files.key()).unwrap();
    assert!(tls.reload_if_changed());
    assert!(ask(&other, address, "GET /healthz HTTP/1.1").await.is_ok());
}

#[tokio::test]
async fn a_peer_that_never_ends_its_handshake_is_let_go() {
    let files = Files::new();
    let (_server, address) = serve(&files.load());
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The head of a record that is never sent.
    stream.write_all(&[22, 3, 1, 2, 0]).await.unwrap();
    tokio::time::pause();
    let mut answer = Vec::new();
    // An end or a reset, but no waiting.
    drop(stream.read_to_end(&mut answer).await);
}

#[test]
fn each_mistake_in_the_files_is_a_sentence() {
    let files = Files::new();
    let told = |certificate: &Path, key: &Path| Tls::load(certificate, key).err().unwrap().to_string();
    let missing = files.dir.path().join("missing.pem");
    assert!(told(&missing, &files.key()).ends_with("missing.pem cannot be read"));
    assert!(told(&files.key(), &files.key()).contains("holds no certificate"));
    assert!(told(&files.certificate(), &files.certificate()).contains("holds no private key"));
    let other = Files::new();
    assert!(told(&files.certificate(), &other.key()).ends_with("do not fit together"));
    std::fs::write(&missing, vec![b'x'; PEM_BYTES_MAX as usize + 1]).unwrap();
    assert!(told(&missing, &files.key()).contains("longer than"));
}
