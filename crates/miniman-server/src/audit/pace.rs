//! How often refusals are written: a flood of them must neither fill the disk nor push older rows out of the record.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::peer::AddressKey;

/// Refusals of one address that are written at once; a person who mistypes stays below.
const ADDRESS_BURST: u32 = 20;
/// Then one each minute.
const ADDRESS_EVERY: Duration = Duration::from_secs(60);
/// The same over all addresses: at one in ten seconds, 8,640 a day, a flood takes 57 days to fill
/// [`ROWS_MAX`](super::ROWS_MAX).
const ALL_BURST: u32 = 200;
const ALL_EVERY: Duration = Duration::from_secs(10);
/// Addresses remembered: 4,096 × ~40 B = 160 KB. Beyond them the bound over all holds alone.
const ADDRESSES_MAX: usize = 4_096;

#[derive(Default)]
pub(super) struct Pace {
    all: Bucket,
    addresses: HashMap<AddressKey, Bucket>,
    unwritten: u64,
}

/// What was written and is not yet forgotten.
#[derive(Clone, Copy, Default)]
struct Bucket {
    written: u32,
    since: Option<Instant>,
}

impl Pace {
    /// How many were left out since the last that was written; `None` when this one is left out too.
    pub(super) fn admit(&mut self, address: Option<AddressKey>, now: Instant) -> Option<u64> {
        self.all.forget(ALL_EVERY, now);
        let mut fits = self.all.written < ALL_BURST;
        if let Some(bucket) = address.and_then(|address| self.address(address, now)) {
            fits &= bucket.written < ADDRESS_BURST;
            bucket.written += u32::from(fits);
        }
        if !fits {
            self.unwritten += 1;
            return None;
        }
        self.all.written += 1;
        Some(std::mem::take(&mut self.unwritten))
    }

    fn address(&mut self, address: AddressKey, now: Instant) -> Option<&mut Bucket> {
        if self.addresses.len() >= ADDRESSES_MAX && !self.addresses.contains_key(&address) {
            self.addresses.retain(|_, bucket| {
                bucket.forget(ADDRESS_EVERY, now);
                bucket.written > 0
            });
            if self.addresses.len() >= ADDRESSES_MAX {
                return None;
            }
        }
        let bucket = self.addresses.entry(address).or_default();
        bucket.forget(ADDRESS_EVERY, now);
        Some(bucket)
    }
}

impl Bucket {
    fn forget(&mut self, every: Duration, now: Instant) {
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since).as_secs() / every.as_secs();
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        self.written = self.written.saturating_sub(passed);
        self.since = Some(if self.written == 0 { now } else { since + every * passed });
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;
    use crate::peer::Peer;

    fn address(last: u32) -> Option<AddressKey> {
        Some(Peer(SocketAddr::from((Ipv4Addr::from(0x0a00_0000 + last), 1))).key())
    }

    #[test]
    fn one_address_writes_its_burst_then_one_a_minute_and_what_was_left_out_is_counted() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        for _ in 0..ADDRESS_BURST {
            assert_eq!(pace.admit(address(1), now), Some(0));
        }
        for _ in 0..50 {
            assert_eq!(pace.admit(address(1), now), None);
        }
        assert_eq!(pace.admit(address(2), now), Some(50), "others are still written");
        assert_eq!(pace.admit(address(1), now + ADDRESS_EVERY), Some(0));
        assert_eq!(pace.admit(address(1), now + ADDRESS_EVERY), None);
        assert_eq!(pace.admit(address(1), now + ADDRESS_EVERY * 2), Some(1));
    }

    #[test]
    fn many_addresses_together_are_bounded_in_rows_and_in_memory() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        let written = (0..20_000).filter(|last| pace.admit(address(*last), now).is_some()).count();
        assert_eq!(written, ALL_BURST as usize);
        assert!(pace.addresses.len() <= ADDRESSES_MAX);
        assert_eq!(pace.admit(None, now + ALL_EVERY), Some(20_000 - u64::from(ALL_BURST)));
    }
}
