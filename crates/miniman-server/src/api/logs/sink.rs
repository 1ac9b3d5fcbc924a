//! The way from a thread that encodes to the body that is sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use miniman_store::logs::LogId;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::places::ReadingPlace;
use super::sight::InSight;
use crate::state::AppState;

/// Chunks between the encoder and the socket: the encoder fills one while the socket sends another.
const CHUNKS_MAX: usize = 2;

/// A client that takes no chunk for this long is given up, so that a download that somebody forgot holds no place.
const STALL_MAX: Duration = Duration::from_secs(120);

/// Sends chunks, as long as the asker may have them and wants them.
#[derive(Clone)]
pub(super) struct Sink {
    chunks: mpsc::Sender<Result<Bytes, Stopped>>,
    sight: Arc<InSight>,
    shutdown: CancellationToken,
}

/// Why a reading ended before its end. The connection is closed, so that half an answer never looks whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stopped {
    #[error("the client left")]
    Left,
    #[error("the client took nothing for {} s", STALL_MAX.as_secs())]
    Stalled,
    #[error("the asker's rights changed")]
    Revoked,
    #[error("the log could not be read")]
    Failed,
    #[error("the server stops")]
    Shutdown,
}

/// The body: what the sink was given, in order. Holds the reading's place among all readings until it is dropped.
pub(super) struct Chunks {
    chunks: mpsc::Receiver<Result<Bytes, Stopped>>,
    first: Option<Bytes>,
    sight: Arc<InSight>,
    _place: ReadingPlace,
}

/// Both ends; `place` is given back when the body is dropped.
pub(super) fn channel(state: &AppState, sight: InSight, place: ReadingPlace) -> (Sink, Chunks) {
    let (sender, receiver) = mpsc::channel(CHUNKS_MAX);
    let sight = Arc::new(sight);
    let sink = Sink { chunks: sender, sight: sight.clone(), shutdown: state.shutdown.clone() };
    (sink, Chunks { chunks: receiver, first: None, sight, _place: place })
}

impl Sink {
    /// Sends a chunk and waits until there is room for it. For blocking threads only.
    pub(super) fn send(&self, chunk: Bytes) -> Result<(), Stopped> {
        Handle::current().block_on(self.send_async(chunk))
    }

    /// The same for tasks.
    ///
    /// # Cancel safety
    /// A chunk whose sending is dropped was not sent.
    pub(super) async fn send_async(&self, chunk: Bytes) -> Result<(), Stopped> {
        self.check()?;
        let sent = timeout(STALL_MAX, self.chunks.send(Ok(chunk)));
        tokio::select! {
            sent = sent => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(Stopped::Left),
                Err(_) => Err(Stopped::Stalled),
            },
            () = self.sight.ended() => Err(Stopped::Revoked),
        }
    }

    /// Waits until the asker may be given nothing more.
    pub(super) async fn revoked(&self) {
        self.sight.ended().await;
    }

    /// Another log has joined the answer.
    pub(super) fn join(&self, log: LogId) {
        self.sight.join(log);
    }

    /// Whether reading is to go on: the asker's rights hold, and the server runs.
    pub(super) fn check(&self) -> Result<(), Stopped> {
        if !self.sight.holds() {
            Err(Stopped::Revoked)
        } else if self.shutdown.is_cancelled() {
            Err(Stopped::Shutdown)
        } else {
            Ok(())
        }
    }

    /// [`Sink::check`], and whether the client is still there: for who sends nothing for a while.
    pub(super) fn go_on(&self) -> Result<(), Stopped> {
        if self.chunks.is_closed() { Err(Stopped::Left) } else { self.check() }
    }

    /// As [`Sink::fail`], for blocking threads.
    pub(super) fn fail_blocking(&self, why: Stopped) {
        Handle::current().block_on(self.fail(why));
    }

    /// Ends the body in an error, if somebody is there to see it.
    pub(super) async fn fail(&self, why: Stopped) {
        if why != Stopped::Left {
            // A client that left meanwhile needs no telling.
            drop(timeout(STALL_MAX, self.chunks.send(Err(why))).await);
        }
    }

    /// Waits until the client has left.
    pub(super) async fn left(&self) {
        self.chunks.closed().await;
    }
}

impl Chunks {
    /// Waits for the first chunk, so that what fails before it can still be answered with a status.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn begun(mut self) -> Result<Self, Stopped> {
        self.first = self.chunks.recv().await.transpose()?;
        Ok(self)
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, Stopped>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => self.chunks.poll_recv(context),
        };
        match next {
            // It may have waited here for a client that reads slowly.
            Poll::Ready(Some(Ok(_))) if !self.sight.holds() => Poll::Ready(Some(Err(Stopped::Revoked))),
            next => next,
        }
    }
}
