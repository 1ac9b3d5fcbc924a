//! How many of something one address or user may hold at once: a door that costs memory must not be held open by one
//! of them alone, nor by some of them together.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// One key may hold a seventh of what is free, which is an eighth of all when it is the only one. The more is taken, the
/// less another one gets, so that twenty addresses together leave a quarter of all places free, and a hundred a
/// sixteenth: whoever comes with nothing yet is let in.
const FREE_PLACES_A_PLACE: usize = 7;

/// How many places one key may hold while so many are free.
pub(crate) fn fair_share(free: usize) -> usize {
    // The last place goes to who has none.
    (free / FREE_PLACES_A_PLACE).max(1)
}

/// Counts by key. Bounded by the places that are taken: a key without any is forgotten.
#[derive(Debug)]
pub(crate) struct Places<K> {
    taken: Mutex<HashMap<K, usize>>,
}

/// A taken place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place<K: Hash + Eq + Copy> {
    places: Arc<Places<K>>,
    key: K,
}

impl<K> Default for Places<K> {
    fn default() -> Self {
        Self { taken: Mutex::default() }
    }
}

impl<K: Hash + Eq + Copy> Places<K> {
    /// `None` when this key holds `max` places already.
    pub(crate) fn enter(self: &Arc<Self>, key: K, max: usize) -> Option<Place<K>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(key).or_default();
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(Place { places: Arc::clone(self), key })
    }
}

impl<K: Hash + Eq + Copy> Place<K> {
    pub(crate) fn key(&self) -> K {
        self.key
    }
}

impl<K: Hash + Eq + Copy> Drop for Place<K> {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Peer;

    /// So many places are free once that many addresses have taken all that they get of 4,096, and the most that one has.
    fn left_by(addresses: usize) -> (usize, usize) {
        let places = Arc::new(Places::default());
        let mut held = Vec::new();
        let mut free = 4_096;
        loop {
            let before = held.len();
            for address in 0..addresses {
                // The place that is asked for is taken before it is known whose it is.
                if free > 0
                    && let Some(place) = places.enter(address, fair_share(free - 1))
                {
                    held.push(place);
                    free -= 1;
                }
            }
            if held.len() == before {
                let most = places.taken.lock().unwrap().values().copied().max();
                return (free, most.unwrap_or_default());
            }
        }
    }

    #[test]
    fn one_gets_an_eighth_and_many_together_leave_places() {
        assert_eq!(left_by(1), (3_584, 512));
        let (free, most) = left_by(20);
        assert!(free > 1_024 && most < 160, "{free} {most}");
        let (free, most) = left_by(100);
        assert!(free > 256 && most < 50, "{free} {most}");
        let (free, _) = left_by(2_000);
        assert!(free > 0, "{free}");
    }

    #[test]
    fn a_network_fills_up_and_gives_places_back() {
        let places = Arc::new(Places::default());
        let enter = |text: &str| places.enter(Peer(text.parse().unwrap()).key(), 2);
        let first = enter("[2001:db8::1]:1").unwrap();
        let _second = enter("[2001:db8::2]:1").unwrap();
        assert!(enter("[2001:db8::3]:1").is_none());
        assert!(enter("[2001:db8:0:1::1]:1").is_some());
        assert!(enter("192.0.2.1:1").is_some());
        drop(first);
        assert!(enter("[2001:db8::3]:1").is_some());
    }
}
