//! How many readings run at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::query::LogsQuery;
use crate::problem::{Code, Problem};

/// Answers without a small limit at once: each may keep a thread and 6 buffers of 320 KiB busy for as long as its
/// client reads; 8 × ~2 MB = 16 MB.
pub(crate) const EXPORTS_MAX: usize = 8;
/// Pages at once: each is over in milliseconds, so more wait a moment rather than being refused.
pub(crate) const PAGES_MAX: usize = 8;
/// Following answers at once: each holds a task and, while its client keeps up, no buffer.
pub(crate) const FOLLOWS_MAX: usize = 64;
/// Searches at once: each may keep a core busy.
pub(crate) const SEARCHES_MAX: usize = 4;
/// A limit up to this makes an answer a page: it does not wait behind downloads.
const PAGE_RECORDS_MAX: u64 = 10_000;
/// How long a request waits for its place.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The server's places for readings; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    exports: Arc<Semaphore>,
    pages: Arc<Semaphore>,
    follows: Arc<Semaphore>,
    searches: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self {
            exports: places(EXPORTS_MAX),
            pages: places(PAGES_MAX),
            follows: places(FOLLOWS_MAX),
            searches: places(SEARCHES_MAX),
        }
    }
}

impl Places {
    /// Waits for a place of the query's kind; it is given back by dropping it.
    pub(super) async fn take(&self, query: &LogsQuery) -> Result<OwnedSemaphorePermit, Problem> {
        let records = query.limit.or(query.tail);
        let (places, what) = if query.follow {
            (&self.follows, "following readers")
        } else if query.query.is_some() {
            (&self.searches, "searches")
        } else if records.is_some_and(|records| records <= PAGE_RECORDS_MAX) {
            (&self.pages, "pages")
        } else {
            (&self.exports, "downloads")
        };
        match timeout(WAIT_MAX, places.clone().acquire_owned()).await {
            Ok(permit) => Ok(permit.expect("the semaphore is never closed")),
            Err(_) => Err(Problem::new(
                Code::Unavailable,
                format!("too many {what} at once; try again in a moment"),
            )
            .retry_after(WAIT_MAX.as_secs())),
        }
    }
}
