//! Logins between the two redirects.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use miniman_store::app::SecretHash;
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};
use tokio::time::Instant;

use crate::peer::AddressKey;
use crate::places::fair_share;

/// How long somebody may take to log in at the provider.
pub(super) const LIFETIME: Duration = Duration::from_secs(600);

/// Logins under way: 1,000 × ~1 KB = 1 MB. Anybody can begin one. An address has its [`fair_share`] of them, 125 while
/// nobody else has any, and beyond it its own oldest goes, so that one address ends nobody else's; when all are taken,
/// the oldest of all goes.
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
pub(super) struct Pending(Mutex<HashMap<SecretHash, UnderWay>>);

struct UnderWay {
    since: Instant,
    address: AddressKey,
    departed: Departed,
}

impl Pending {
    pub(super) fn keep(&self, key: SecretHash, address: AddressKey, departed: Departed) {
        let since = Instant::now();
        let mut pending = self.lock();
        pending.retain(|_, login| since.duration_since(login.since) < LIFETIME);
        let of_address = pending.values().filter(|login| login.address == address).count();
        // Without the one that is asked for.
        let free = PENDING_MAX.saturating_sub(pending.len() + 1);
        if of_address >= fair_share(free) {
            remove_oldest(&mut pending, |login| login.address == address);
        } else if pending.len() >= PENDING_MAX {
            remove_oldest(&mut pending, |_| true);
        }
        pending.insert(key, UnderWay { since, address, departed });
    }

    /// Once only.
    pub(super) fn take(&self, key: &SecretHash) -> Option<Departed> {
        let login = self.lock().remove(key)?;
        (login.since.elapsed() < LIFETIME).then_some(login.departed)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SecretHash, UnderWay>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn remove_oldest(pending: &mut HashMap<SecretHash, UnderWay>, of: impl Fn(&UnderWay) -> bool) {
    let oldest = pending.iter().filter(|(_, login)| of(login)).min_by_key(|(_, login)| login.since);
    if let Some(key) = oldest.map(|(key, _)| *key) {
        pending.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::accounts::Secret;
    use crate::peer::Peer;

    fn address(last: u32) -> AddressKey {
        Peer((Ipv4Addr::from(0x0a00_0000 + last), 1).into()).key()
    }

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
        pending.keep(first, address(1), departed());
        pending.keep(second, address(1), departed());
        assert!(pending.take(&first).is_some());
        assert!(pending.take(&first).is_none());
        tokio::time::advance(LIFETIME).await;
        assert!(pending.take(&second).is_none());
    }

    #[tokio::test]
    async fn logins_under_way_are_bounded() {
        let pending = Pending::default();
        for last in 0..PENDING_MAX as u32 + 10 {
            pending.keep(Secret::random().hash(), address(last), departed());
        }
        assert_eq!(pending.lock().len(), PENDING_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_begins_many_logins_ends_its_own_and_nobody_elses() {
        let pending = Pending::default();
        let somebody = Secret::random().hash();
        pending.keep(somebody, address(1), departed());
        let first = Secret::random().hash();
        pending.keep(first, address(2), departed());
        for _ in 0..PENDING_MAX + 10 {
            tokio::time::advance(Duration::from_millis(1)).await;
            pending.keep(Secret::random().hash(), address(2), departed());
        }
        assert!(pending.lock().len() <= 1 + PENDING_MAX / 8);
        assert!(pending.take(&first).is_none());
        assert!(pending.take(&somebody).is_some());
    }
}
