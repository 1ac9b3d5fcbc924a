//! TLS from two PEM files that are read again when they change.
//!
//! Whoever renews a certificate replaces the files at any moment and in any order, so they are looked at every few
//! seconds and at SIGHUP, and a pair that does not fit together leaves the one before in force: a half-written renewal
//! never takes the door off its hinges. rustls with ring; TLS 1.2 and 1.3; HTTP/1.1, as Socket.IO needs it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::peer::AddressKey;
use crate::places::{Places, fair_share};

/// A handshake takes three packets and a signature; one that takes longer is somebody who holds the door.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Handshakes under way over all addresses: 512 × ~40 KB of rustls' buffers = 20 MB. Further ones wait within their
/// [`HANDSHAKE_TIMEOUT`]; one address has its [`fair_share`] of them.
const HANDSHAKES_MAX: usize = 512;

/// How often the files are looked at: renewed certificates have weeks, a mistake wants to be seen soon.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Longest certificate or key file: a chain of ten with 4,096-bit keys has ~25 KB.
const PEM_BYTES_MAX: u64 = 1 << 20;

/// The pair of files, and what they held when they last fitted together; clones share it.
#[derive(Clone)]
pub struct Tls {
    inner: Arc<Inner>,
}

struct Inner {
    certificate: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
    handshakes: Semaphore,
    addresses: Arc<Places<AddressKey>>,
}

struct Current {
    acceptor: TlsAcceptor,
    /// As looked at last, sound or not, so that a mistake is told once.
    stamps: [Option<Stamp>; 2],
}

/// What changes when a file is written or replaced.
type Stamp = (SystemTime, u64, u64);

/// Why the files can't serve.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{} cannot be read", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is longer than {} bytes", path.display(), PEM_BYTES_MAX)]
    TooLong { path: PathBuf },
    #[error("{} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)", path.display())]
    NoCertificate { path: PathBuf },
    #[error("{} holds no private key in PEM without a passphrase (-----BEGIN PRIVATE KEY-----)", path.display())]
    NoKey { path: PathBuf },
    #[error("{} and {} do not fit together", certificate.display(), key.display())]
    Mismatch { certificate: PathBuf, key: PathBuf, source: rustls::Error },
}

impl Tls {
    /// # Errors
    /// A sentence for each way in which the files can be wrong.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let stamps = [stamp(certificate), stamp(key)];
        let acceptor = acceptor(certificate, key)?;
        let inner = Inner {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: Mutex::new(Current { acceptor, stamps }),
            handshakes: Semaphore::new(HANDSHAKES_MAX),
            addresses: Arc::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Reads the files again whenever they have changed, and at SIGHUP, until `shutdown`. From the call on, and not only
    /// once the future runs, SIGHUP means that and no longer ends the process.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn keep_fresh(self, shutdown: CancellationToken) -> impl Future<Output = ()> {
        let mut hangup = signal(SignalKind::hangup()).ok();
        async move {
            let mut hung_up = async || match &mut hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            };
            loop {
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    _ = hung_up() => {}
                    () = shutdown.cancelled() => return,
                }
                self.look_once().await;
            }
        }
    }

    async fn look_once(&self) {
        let tls = self.clone();
        // The files may lie on a network's disk.
        drop(tokio::task::spawn_blocking(move || tls.reload_if_changed()).await);
    }

    /// Whether new files are in force now.
    pub(super) fn reload_if_changed(&self) -> bool {
        let Inner { certificate, key, .. } = &*self.inner;
        let stamps = [stamp(certificate), stamp(key)];
        if self.current().stamps == stamps {
            return false;
        }
        let loaded = acceptor(certificate, key);
        let mut current = self.current();
        current.stamps = stamps;
        match loaded {
            Ok(acceptor) => {
                current.acceptor = acceptor;
                tracing::info!(certificate = %certificate.display(), "the TLS certificate was read again");
                true
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "the TLS files have changed and can't be used; the ones before go on");
                false
            }
        }
    }

    /// Speaks TLS with a connection, within a bounded time. An address that has too many handshakes under way is refused
    /// another one; without an address nothing is counted.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
        address: Option<AddressKey>,
    ) -> io::Result<TlsStream<TcpStream>> {
        let handshake = async {
            let _place = self.inner.handshakes.acquire().await.map_err(io::Error::other)?;
            let share = fair_share(self.inner.handshakes.available_permits());
            let _of_address = match address {
                Some(address) => {
                    let place = self.inner.addresses.enter(address, share);
                    Some(place.ok_or_else(|| io::Error::other("too many handshakes of this address"))?)
                }
                None => None,
            };
            let acceptor = self.current().acceptor.clone();
            acceptor.accept(stream).await
        };
        tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await?
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Current> {
        self.inner.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::NoCertificate { path: certificate.to_owned() })?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { path: certificate.to_owned() });
    }
    let private =
        PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| TlsError::NoKey { path: key.to_owned() })?;
    let mismatch =
        |source| TlsError::Mismatch { certificate: certificate.to_owned(), key: key.to_owned(), source };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(mismatch)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(mismatch)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let broken = |source| TlsError::Read { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(broken)?.len() > PEM_BYTES_MAX {
        return Err(TlsError::TooLong { path: path.to_owned() });
    }
    std::fs::read(path).map_err(broken)
}

fn stamp(path: &Path) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len(), meta.ino()))
}

mod pinned;

pub use pinned::connect as connect_pinned;

#[cfg(test)]
mod tests;
