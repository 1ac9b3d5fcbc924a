//! How many readings run at once, in all and of one user.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::query::LogsQuery;
use crate::principal::Principal;
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
    exports: Arc<Kind>,
    pages: Arc<Kind>,
    follows: Arc<Kind>,
    searches: Arc<Kind>,
}

/// The places of one kind of reading.
#[derive(Debug)]
struct Kind {
    what: &'static str,
    all: Arc<Semaphore>,
    /// One user gets three quarters: one who downloads everything leaves a place for somebody else.
    of_user_max: usize,
    /// Of users who have a place or wait for one.
    of_users: Mutex<HashMap<i64, Weak<Semaphore>>>,
}

/// A taken place; given back when dropped.
#[derive(Debug)]
pub(super) struct ReadingPlace {
    _of_user: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            exports: Kind::new("downloads", EXPORTS_MAX),
            pages: Kind::new("pages", PAGES_MAX),
            follows: Kind::new("following readers", FOLLOWS_MAX),
            searches: Kind::new("searches", SEARCHES_MAX),
        }
    }
}

impl Places {
    /// Waits for a place of the query's kind.
    pub(super) async fn take(
        &self,
        principal: &Principal,
        query: &LogsQuery,
    ) -> Result<ReadingPlace, Problem> {
        let records = query.limit.or(query.tail);
        let kind = if query.follow {
            &self.follows
        } else if query.query.is_some() {
            &self.searches
        } else if records.is_some_and(|records| records <= PAGE_RECORDS_MAX) {
            &self.pages
        } else {
            &self.exports
        };
        match timeout(WAIT_MAX, kind.take(principal.user_id)).await {
            Ok(place) => Ok(place.expect("the semaphores are never closed")),
            Err(_) => Err(Problem::new(
                Code::Unavailable,
                format!("too many {} at once; try again in a moment", kind.what),
            )
            .retry_after(WAIT_MAX.as_secs())),
        }
    }
}

impl Kind {
    fn new(what: &'static str, max: usize) -> Arc<Self> {
        Arc::new(Self {
            what,
            all: Arc::new(Semaphore::new(max)),
            of_user_max: max - max / 4,
            of_users: Mutex::default(),
        })
    }

    /// Its user's place first, so that who waits for their own places keeps none from others.
    async fn take(&self, user: i64) -> Result<ReadingPlace, AcquireError> {
        let of_user = self.of_user(user).acquire_owned().await?;
        let of_all = self.all.clone().acquire_owned().await?;
        Ok(ReadingPlace { _of_user: of_user, _of_all: of_all })
    }

    fn of_user(&self, user: i64) -> Arc<Semaphore> {
        let mut of_users = self.of_users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = of_users.get(&user).and_then(Weak::upgrade) {
            return places;
        }
        of_users.retain(|_, places| places.strong_count() > 0);
        let places = Arc::new(Semaphore::new(self.of_user_max));
        of_users.insert(user, Arc::downgrade(&places));
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_user_leaves_a_quarter_for_others() {
        let kind = Kind::new("searches", SEARCHES_MAX);
        let taken = async |user| timeout(WAIT_MAX, kind.take(user)).await.ok()?.ok();
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(taken(1).await.expect("a place"));
        }
        assert!(taken(1).await.is_none());
        let other = taken(2).await.expect("a place for somebody else");
        assert!(taken(3).await.is_none(), "four in all");
        held.pop();
        assert!(taken(1).await.is_some(), "a place that was given back");
        drop((held, other));
        drop(taken(4).await.expect("a place"));
        assert_eq!(kind.of_users.lock().unwrap().len(), 1, "who has none is forgotten");
    }
}
