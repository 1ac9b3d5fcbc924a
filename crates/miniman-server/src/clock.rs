//! The wall clock, passed in so that tests can turn it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use miniman_log::Timestamp;

/// Tells the time; clones tell the same.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// `None` is the system's clock.
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    pub fn system() -> Self {
        Self { fixed: None }
    }

    /// A clock that stands until it is turned by [`Clock::advance`].
    pub fn at(now: Timestamp) -> Self {
        Self { fixed: Some(Arc::new(AtomicI64::new(now.0))) }
    }

    pub fn now(&self) -> Timestamp {
        if let Some(fixed) = &self.fixed {
            return Timestamp(fixed.load(Ordering::SeqCst));
        }
        // A clock before 1970 reads as 1970; one beyond 2262 as 2262.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    /// Turns a clock made by [`Clock::at`]; the system's is not ours to turn.
    pub fn advance(&self, by: Duration) {
        if let Some(fixed) = &self.fixed {
            fixed.fetch_add(i64::try_from(by.as_nanos()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}
