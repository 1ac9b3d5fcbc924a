//! How many of something one address or user may hold at once: a door that costs memory must not be held open by one
//! of them alone.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

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
