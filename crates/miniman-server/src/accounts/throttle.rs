//! Slowing down guesses at passwords, before anything is hashed.
//!
//! Every try counts as failed until it succeeds, so tries in parallel slow each other down. A count only ever delays,
//! and never longer than [`DELAY_MAX`]: nobody can lock a person out by guessing at their name. What is counted by
//! user is keyed by a hash, so that a password typed into the name field is kept nowhere.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::peer::AddressKey;
use crate::places::fair_share;

/// Tries that cost nothing: people mistype.
const FREE_TRIES: u32 = 5;
/// The first delay; each further try doubles it.
const DELAY_FIRST: Duration = Duration::from_millis(250);
/// 250 ms × 2^5: a guesser gets 10,800 tries a day and slot, a person waits eight seconds at worst.
const DELAY_MAX: Duration = Duration::from_secs(8);
/// Beyond this a count stops rising, so that it is forgotten within minutes: 5 free, 5 doublings to the maximum, 2 more.
const COUNT_MAX: u32 = 12;
/// One try is forgotten each time this has passed.
const FORGET_ONE_EVERY: Duration = Duration::from_secs(30);

/// Tries that wait or are checked at once, over all addresses: 256 × ~4 KB of request state = 1 MB. One address has its
/// [`fair_share`] of them, 32 while it is the only one, so that a few addresses keep nobody out; more are told to come
/// back.
const AT_ONCE_MAX: usize = 256;
/// Keys remembered: 2 × 10,000 × ~40 B = 0.8 MB.
const KEYS_MAX: usize = 10_000;

/// Counts of tries by address and by user.
#[derive(Default)]
pub(super) struct Throttle {
    counts: Arc<Mutex<Counts>>,
    hasher: RandomState,
}

#[derive(Default)]
struct Counts {
    addresses: HashMap<AddressKey, Count>,
    users: HashMap<u64, Count>,
    at_once: usize,
}

#[derive(Clone, Copy)]
struct Count {
    tries: u32,
    at_once: usize,
    since: Instant,
}

/// Too many tries at once.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Throttled {
    pub(super) retry_after_s: u64,
}

/// A try that was let through; it stays counted as failed unless [`Try::succeeded`].
pub(super) struct Try {
    counts: Arc<Mutex<Counts>>,
    address: AddressKey,
    user: u64,
}

impl Throttle {
    /// Waits as long as earlier tries from this address or at this user demand.
    pub(super) async fn admit(&self, address: AddressKey, username: &str) -> Result<Try, Throttled> {
        let user = self.hasher.hash_one(username.to_ascii_lowercase());
        let delay = self.lock().enter(address, user, Instant::now())?;
        // Made before the wait, so that an asker who leaves during it gives the place back.
        let admitted = Try { counts: self.counts.clone(), address, user };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        Ok(admitted)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn enter(&mut self, address: AddressKey, user: u64, now: Instant) -> Result<Duration, Throttled> {
        let of_address = slot(&mut self.addresses, address, now);
        // Without the one that is asked for.
        let free = AT_ONCE_MAX.saturating_sub(self.at_once + 1);
        if self.at_once >= AT_ONCE_MAX || of_address.at_once >= fair_share(free) {
            return Err(Throttled { retry_after_s: DELAY_MAX.as_secs() });
        }
        of_address.at_once += 1;
        self.at_once += 1;
        let by_address = of_address.another();
        let by_user = slot(&mut self.users, user, now).another();
        Ok(by_address.max(by_user))
    }
}

impl Count {
    /// Counts one more try and says how long it has to wait.
    fn another(&mut self) -> Duration {
        let delay = match self.tries.checked_sub(FREE_TRIES) {
            Some(beyond) => DELAY_FIRST.saturating_mul(1 << beyond.min(16)).min(DELAY_MAX),
            None => Duration::ZERO,
        };
        self.tries = (self.tries + 1).min(COUNT_MAX);
        delay
    }

    fn forget(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since).as_secs() / FORGET_ONE_EVERY.as_secs();
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        self.tries = self.tries.saturating_sub(passed);
        self.since += FORGET_ONE_EVERY.saturating_mul(passed.min(COUNT_MAX));
        if self.tries == 0 {
            self.since = now;
        }
    }
}

/// The key's count, as of now; makes room when the table is full.
fn slot<K: Eq + Hash + Copy>(table: &mut HashMap<K, Count>, key: K, now: Instant) -> &mut Count {
    if table.len() >= KEYS_MAX && !table.contains_key(&key) {
        make_room(table, now);
    }
    let count = table.entry(key).or_insert(Count { tries: 0, at_once: 0, since: now });
    count.forget(now);
    count
}

/// Drops what is forgotten; when that is not enough, the tenth whose tries are longest ago, so that a flood of keys
/// pays for one sweep in a thousand.
fn make_room<K: Eq + Hash>(table: &mut HashMap<K, Count>, now: Instant) {
    table.retain(|_, count| {
        count.forget(now);
        count.tries > 0 || count.at_once > 0
    });
    if table.len() < KEYS_MAX {
        return;
    }
    let mut ages: Vec<Instant> = table.values().map(|count| count.since).collect();
    let (_, cutoff, _) = ages.select_nth_unstable(KEYS_MAX / 10);
    let cutoff = *cutoff;
    // Who waits keeps the count that the wait is counted in; there are at most AT_ONCE_MAX of them.
    table.retain(|_, count| count.since > cutoff || count.at_once > 0);
}

impl Try {
    /// The password was right: the user's count starts anew, and this try of the address was none.
    ///
    /// The address' other tries stay: a guesser with one good account must not wipe the others' traces.
    pub(super) fn succeeded(self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.users.remove(&self.user);
        if let Some(count) = counts.addresses.get_mut(&self.address) {
            count.tries = count.tries.saturating_sub(1);
        }
    }
}

impl Drop for Try {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.at_once = counts.at_once.saturating_sub(1);
        if let Some(count) = counts.addresses.get_mut(&self.address) {
            count.at_once = count.at_once.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests;
