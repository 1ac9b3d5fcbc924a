//! Logins between the two redirects.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use miniman_store::app::SecretHash;
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};
use tokio::time::Instant;

/// How long somebody may take to log in at the provider.
pub(super) const LIFETIME: Duration = Duration::from_secs(600);

/// Logins under way: 1,000 × ~1 KB = 1 MB. Anybody can begin one, so when it is full the oldest goes.
const PENDING_MAX: usize = 1_000;

/// What has to fit when somebody comes back.
pub(super) struct Departed {
    pub(super) state: CsrfToken,
    pub(super) nonce: Nonce,
    pub(super) verifier: PkceCodeVerifier,
    pub(super) redirect_uri: String,
    /// An own path.
    pub(super) next: String,
    /// Whoever comes back has to have logged in anew.
    pub(super) again: bool,
}

/// By the hash of the cookie's secret.
#[derive(Default)]
pub(super) struct Pending(Mutex<HashMap<SecretHash, (Instant, Departed)>>);

impl Pending {
    pub(super) fn keep(&self, key: SecretHash, departed: Departed) {
        let now = Instant::now();
        let mut pending = self.lock();
        pending.retain(|_, (since, _)| now.duration_since(*since) < LIFETIME);
        if pending.len() >= PENDING_MAX
            && let Some(oldest) = pending.iter().min_by_key(|(_, (since, _))| *since).map(|(key, _)| *key)
        {
            pending.remove(&oldest);
        }
        pending.insert(key, (now, departed));
    }

    /// Once only.
    pub(super) fn take(&self, key: &SecretHash) -> Option<Departed> {
        let (since, departed) = self.lock().remove(key)?;
        (since.elapsed() < LIFETIME).then_some(departed)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SecretHash, (Instant, Departed)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Secret;

    fn departed() -> Departed {
        let (_, verifier) = openidconnect::PkceCodeChallenge::new_random_sha256();
        Departed {
            state: CsrfToken::new_random(),
            nonce: Nonce::new_random(),
            verifier,
            redirect_uri: String::new(),
            next: "/".to_owned(),
            again: false,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_under_way_ends_after_ten_minutes_and_is_taken_once() {
        let pending = Pending::default();
        let (first, second) = (Secret::random().hash(), Secret::random().hash());
        pending.keep(first, departed());
        pending.keep(second, departed());
        assert!(pending.take(&first).is_some());
        assert!(pending.take(&first).is_none());
        tokio::time::advance(LIFETIME).await;
        assert!(pending.take(&second).is_none());
    }

    #[tokio::test]
    async fn logins_under_way_are_bounded() {
        let pending = Pending::default();
        for _ in 0..PENDING_MAX + 10 {
            pending.keep(Secret::random().hash(), departed());
        }
        assert_eq!(pending.lock().len(), PENDING_MAX);
    }
}
