//! What of a view is in flight: sent, and not acknowledged yet.
//!
//! Acknowledgements are cumulative and name a batch by the cursor it ended at. A client's handlers may finish out of
//! order, so one that names no batch in flight is ignored: it was covered by a later one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Bytes in flight before a view waits; it always has at least one batch. 256 KiB at 20 ms of round trip are 13 MB/s.
pub(super) const WINDOW_BYTES: usize = 256 * 1024;

/// Shared by a pump and the event that acknowledges.
#[derive(Debug, Default)]
pub(super) struct Window {
    sent: Mutex<VecDeque<Sent>>,
    acknowledged: Notify,
}

#[derive(Debug)]
struct Sent {
    cursor: String,
    bytes: usize,
    /// A part of the bytes that all views may have in flight.
    _share: Option<OwnedSemaphorePermit>,
}

impl Window {
    /// Notes a batch as sent. A share of `all` is taken when there is one: a view's first batch goes out regardless.
    pub(super) fn sent(&self, cursor: String, bytes: usize, all: &Arc<Semaphore>) {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let share = Arc::clone(all).try_acquire_many_owned(kib).ok();
        self.lock().push_back(Sent { cursor, bytes, _share: share });
    }

    /// Takes everything up to `cursor` as arrived.
    pub(super) fn acknowledge(&self, cursor: &str) {
        let mut sent = self.lock();
        let Some(at) = sent.iter().position(|batch| batch.cursor == cursor) else { return };
        sent.drain(..=at);
        drop(sent);
        self.acknowledged.notify_one();
    }

    pub(super) fn is_idle(&self) -> bool {
        self.lock().is_empty()
    }

    /// Whether another batch may go out.
    pub(super) fn is_open(&self, all: &Semaphore) -> bool {
        let sent = self.lock();
        let bytes: usize = sent.iter().map(|batch| batch.bytes).sum();
        sent.is_empty() || (bytes < WINDOW_BYTES && all.available_permits() > 0)
    }

    /// Completes after an acknowledgement that took something; one before the call counts once.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub(super) async fn changed(&self) {
        self.acknowledged.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Sent>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(1024))
    }

    #[test]
    fn acknowledgements_are_cumulative_and_unknown_ones_are_ignored() {
        let (window, all) = (Window::default(), all());
        for cursor in ["1:0", "1:1", "1:2"] {
            window.sent(cursor.to_owned(), WINDOW_BYTES / 2, &all);
        }
        assert!(!window.is_open(&all));
        window.acknowledge("1:9");
        assert!(!window.is_open(&all));
        window.acknowledge("1:1");
        assert!(window.is_open(&all) && !window.is_idle());
        window.acknowledge("1:0");
        assert!(!window.is_idle(), "an old acknowledgement takes nothing");
        window.acknowledge("1:2");
        assert!(window.is_idle());
        assert_eq!(all.available_permits(), 1024);
    }

    #[test]
    fn a_view_with_nothing_in_flight_may_always_send_one_batch() {
        let (one, other, all) = (Window::default(), Window::default(), all());
        one.sent("1:0".to_owned(), 1024 * 1024, &all);
        assert_eq!(all.available_permits(), 0);
        assert!(other.is_open(&all));
        other.sent("2:0".to_owned(), 10, &all);
        assert!(!other.is_open(&all), "a second one waits for room over all");
        one.acknowledge("1:0");
        assert!(other.is_open(&all));
    }

    #[test]
    fn a_batch_larger_than_the_window_still_goes_out() {
        let (window, all) = (Window::default(), all());
        assert!(window.is_open(&all));
        window.sent("1:0".to_owned(), 2 * WINDOW_BYTES, &all);
        assert!(!window.is_open(&all));
    }
}
