//! How many sessions one address may hold that have not joined a namespace: a door that costs memory before anyone
//! has shown a right to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::peer::{AddressKey, Peer};

#[derive(Debug, Default)]
pub(super) struct Addresses {
    waiting: Mutex<HashMap<AddressKey, usize>>,
}

/// A place among an address's waiting sessions; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    addresses: Arc<Addresses>,
    address: AddressKey,
}

impl Addresses {
    /// `None` when `max` sessions of this address wait already.
    pub(super) fn enter(self: &Arc<Self>, peer: Peer, max: usize) -> Option<Place> {
        let address = peer.key();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.entry(address).or_default();
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(Place { addresses: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.addresses.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = waiting.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_fills_up_and_gives_places_back() {
        let addresses = Arc::new(Addresses::default());
        let enter = |text: &str| addresses.enter(Peer(text.parse().unwrap()), 2);
        let first = enter("[2001:db8::1]:1").unwrap();
        let _second = enter("[2001:db8::2]:1").unwrap();
        assert!(enter("[2001:db8::3]:1").is_none());
        assert!(enter("[2001:db8:0:1::1]:1").is_some());
        assert!(enter("192.0.2.1:1").is_some());
        drop(first);
        assert!(enter("[2001:db8::3]:1").is_some());
    }
}
