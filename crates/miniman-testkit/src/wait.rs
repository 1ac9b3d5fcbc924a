//! Waiting for a condition under a deadline, the one way this crate lets time pass.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How often [`wait_for`] looks again. Short, because a test's time is mostly spent in these waits.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Asks `condition` again and again until it answers `Some`, for at most `limit`.
///
/// Blocks the calling thread. For facts that nobody can notify about: a process that should be gone, a
/// daemon that should answer.
///
/// # Errors
/// When `limit` has passed, naming `what` was waited for.
pub fn wait_for<T>(what: &str, limit: Duration, mut condition: impl FnMut() -> Option<T>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(found) = condition() {
            return Ok(found);
        }
        if started.elapsed() >= limit {
            bail!("waited {limit:?} for {what}");
        }
        // Parking returns early when somebody unparks this thread: then it only looks once more.
        std::thread::park_timeout(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_with_the_condition() {
        let mut asked = 0;
        let found = wait_for("three questions", Duration::from_secs(10), || {
            asked += 1;
            (asked == 3).then_some(asked)
        });
        assert_eq!(found.unwrap(), 3);
    }

    #[test]
    fn waiting_in_vain_names_what_was_waited_for() {
        let error = wait_for::<()>("the moon", Duration::ZERO, || None).unwrap_err();
        assert_eq!(error.to_string(), "waited 0ns for the moon");
    }
}
