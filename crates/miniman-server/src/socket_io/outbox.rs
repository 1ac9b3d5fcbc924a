//! The one way out to a client: control packets first, then the sources in turn, pulled by the transport.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::Notify;

use super::Burst;
use super::engine_packet::Outgoing;

/// Control packets that may wait. They answer what the client asked or tell it of a change, ~200 B each:
/// 1,024 × 200 B ≈ 0.2 MB.
const CONTROL_PACKETS_MAX: usize = 1_024;
/// Bytes of them, so that answers with attachments are bounded too; one packet always fits.
const CONTROL_BYTES_MAX: usize = 1 << 20;

/// What produces a run of packets each time the transport has room: a pump. It ends by itself.
pub type Source = Pin<Box<dyn Stream<Item = Burst> + Send>>;

/// Names a source within its outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceId(u64);

/// Why an emit did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmitError {
    #[error("the client does not take its control packets")]
    Full,
    #[error("the session is closed")]
    Closed,
}

/// Handle to a client's outbox; clones share it.
#[derive(Clone, Default)]
pub struct Outbox {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    control: Mutex<Control>,
    /// Apart from `control`, so that a source may emit while it is polled.
    sources: Mutex<Sources>,
    /// Told when control packets were taken or the outbox was closed.
    room: Notify,
    next_source: AtomicU64,
}

#[derive(Default)]
struct Control {
    ping: bool,
    packets: VecDeque<Outgoing>,
    bytes: usize,
    /// Done to the sources at the next pull, before anything is taken.
    changes: Vec<Change>,
    waker: Option<Waker>,
    closed: bool,
}

enum Change {
    Add(SourceId, Source),
    Remove(SourceId),
}

#[derive(Default)]
struct Sources {
    running: Vec<(SourceId, Source)>,
    /// Whose turn it is.
    turn: usize,
}

/// What a pull found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pulled {
    /// Closed, and all control packets are out.
    pub(super) finished: bool,
}

impl Outbox {
    pub fn new() -> Self {
        Self::default()
    }

    /// Queues packets that belong together, or says that there is no room for them now.
    pub(super) fn try_push(&self, packets: Vec<Outgoing>) -> Result<(), EmitError> {
        let mut control = self.control();
        if control.closed {
            return Err(EmitError::Closed);
        }
        let bytes: usize = packets.iter().map(Outgoing::byte_len).sum();
        let full = control.packets.len() + packets.len() > CONTROL_PACKETS_MAX
            || control.bytes + bytes > CONTROL_BYTES_MAX;
        if full && !control.packets.is_empty() {
            return Err(EmitError::Full);
        }
        control.bytes += bytes;
        control.packets.extend(packets);
        wake(control);
        Ok(())
    }

    /// Queues packets that belong together, waiting for room.
    ///
    /// # Cancel safety
    /// Cancel safe: nothing is queued when it is dropped early.
    pub(super) async fn push(&self, packets: Vec<Outgoing>) -> Result<(), EmitError> {
        loop {
            let room = self.shared.room.notified();
            tokio::pin!(room);
            // Registered before the try, so that room made in between is not missed.
            room.as_mut().enable();
            match self.try_push(packets.clone()) {
                Err(EmitError::Full) => room.await,
                done => return done,
            }
        }
    }

    /// Starts a source. It is polled when the transport has room and everything said before is out.
    pub fn start(&self, source: Source) -> SourceId {
        let id = SourceId(self.shared.next_source.fetch_add(1, Ordering::Relaxed));
        let mut control = self.control();
        if control.closed {
            drop(control);
            drop(source);
            return id;
        }
        control.changes.push(Change::Add(id, source));
        wake(control);
        id
    }

    /// Ends a source: it yields nothing after this returns, though what it yielded before may be on its way.
    pub fn stop(&self, id: SourceId) {
        let mut control = self.control();
        if control.closed {
            return;
        }
        // A source that no pull has seen yet leaves nothing behind: the list stays within the sources there are.
        let unseen =
            control.changes.iter().position(|change| matches!(change, Change::Add(new, _) if *new == id));
        let removed = match unseen {
            Some(at) => Some(control.changes.remove(at)),
            None => {
                control.changes.push(Change::Remove(id));
                None
            }
        };
        wake(control);
        drop(removed);
    }

    /// Queues a ping ahead of everything.
    pub(super) fn ping(&self) {
        let mut control = self.control();
        control.ping = true;
        wake(control);
    }

    /// Takes no more; what is queued still goes out, sources end.
    pub(super) fn close(&self) {
        let mut control = self.control();
        control.closed = true;
        let changes = std::mem::take(&mut control.changes);
        wake(control);
        drop(changes);
        self.shared.room.notify_waiters();
    }

    /// Hands packets to `take` until `room` bytes are given or nothing is ready. Pending means: nothing was given,
    /// and the task is woken when there is something.
    pub(super) fn poll_pull(
        &self,
        cx: &mut Context<'_>,
        room: usize,
        take: &mut dyn FnMut(Outgoing),
    ) -> Poll<Pulled> {
        let mut sources = self.shared.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let mut given = Given { packets: 0, bytes: 0, take };
        if self.pull_control(cx, &mut sources, &mut given) {
            sources.running.clear();
            return Poll::Ready(Pulled { finished: true });
        }
        sources.poll(cx, room, &mut given);
        if given.packets == 0 { Poll::Pending } else { Poll::Ready(Pulled { finished: false }) }
    }

    /// Gives all control packets; true when the outbox is closed.
    fn pull_control(&self, cx: &mut Context<'_>, sources: &mut Sources, given: &mut Given<'_>) -> bool {
        let mut control = self.control();
        control.waker = Some(cx.waker().clone());
        let changes = std::mem::take(&mut control.changes);
        let ping = std::mem::take(&mut control.ping);
        let packets = std::mem::take(&mut control.packets);
        control.bytes = 0;
        let closed = control.closed;
        drop(control);
        sources.apply(changes);
        if ping {
            given.give(Outgoing::Text(Bytes::from_static(b"2")));
        }
        if !packets.is_empty() {
            self.shared.room.notify_waiters();
        }
        packets.into_iter().for_each(|packet| given.give(packet));
        closed
    }

    /// What one pull gives, as a transport would take it; waits until there is something.
    #[cfg(test)]
    pub(crate) async fn pulled(&self) -> Vec<String> {
        let mut texts = Vec::new();
        std::future::poll_fn(|cx| {
            self.poll_pull(cx, 64 * 1024, &mut |packet| match packet {
                Outgoing::Text(text) => texts.push(String::from_utf8(text.to_vec()).unwrap()),
                Outgoing::Binary(bytes) => texts.push(format!("{bytes:?}")),
            })
        })
        .await;
        texts
    }

    fn control(&self) -> MutexGuard<'_, Control> {
        self.shared.control.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the transport outside the lock.
fn wake(mut control: MutexGuard<'_, Control>) {
    let waker = control.waker.take();
    drop(control);
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl Sources {
    fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Add(id, source) => self.running.push((id, source)),
                Change::Remove(id) => self.running.retain(|(running, _)| *running != id),
            }
        }
    }

    /// One burst from each that has one, again and again until the room is used or none has.
    fn poll(&mut self, cx: &mut Context<'_>, room: usize, given: &mut Given<'_>) {
        let mut idle = 0;
        while given.bytes < room && idle < self.running.len() {
            self.turn %= self.running.len();
            match self.running[self.turn].1.as_mut().poll_next(cx) {
                Poll::Ready(Some(burst)) => {
                    burst.into_packets().for_each(|packet| given.give(Outgoing::Text(packet)));
                    idle = 0;
                    self.turn += 1;
                }
                Poll::Ready(None) => drop(self.running.remove(self.turn)),
                Poll::Pending => {
                    idle += 1;
                    self.turn += 1;
                }
            }
        }
    }
}

/// Counts what one pull gave.
struct Given<'a> {
    packets: usize,
    bytes: usize,
    take: &'a mut dyn FnMut(Outgoing),
}

impl Given<'_> {
    fn give(&mut self, packet: Outgoing) {
        self.packets += 1;
        self.bytes += packet.byte_len();
        (self.take)(packet);
    }
}
