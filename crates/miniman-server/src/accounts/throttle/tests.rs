use std::net::SocketAddr;

use super::*;
use crate::peer::Peer;

fn address(ip: &str) -> AddressKey {
    Peer(SocketAddr::new(ip.parse().unwrap(), 1)).key()
}

async fn waited(throttle: &Throttle, ip: &str, user: &str) -> Duration {
    let before = Instant::now();
    drop(throttle.admit(address(ip), user).await.unwrap_or_else(|_| panic!("{ip} is let through")));
    before.elapsed()
}

#[tokio::test(start_paused = true)]
async fn the_first_tries_are_free_and_then_each_waits_longer_up_to_a_maximum() {
    let throttle = Throttle::default();
    let mut delays = Vec::new();
    for _ in 0..12 {
        delays.push(waited(&throttle, "192.0.2.1", "ada").await.as_millis());
    }
    assert_eq!(delays[..5], [0; 5]);
    assert!((250..300).contains(&delays[5]), "{delays:?}");
    assert!(delays.is_sorted(), "{delays:?}");
    assert!((8_000..8_100).contains(&delays[11]), "{delays:?}");
}

#[tokio::test(start_paused = true)]
async fn guessing_at_a_user_from_many_addresses_delays_but_never_locks_out() {
    let throttle = Throttle::default();
    for last in 0..200u8 {
        assert!(waited(&throttle, &format!("192.0.2.{last}"), "ada").await <= DELAY_MAX);
    }
    assert!(waited(&throttle, "198.51.100.1", "ada").await <= DELAY_MAX);
    assert_eq!(
        waited(&throttle, "198.51.100.1", "grace").await,
        Duration::ZERO,
        "others are not slowed down"
    );
}

#[tokio::test(start_paused = true)]
async fn tries_are_forgotten_with_time() {
    let throttle = Throttle::default();
    for _ in 0..12 {
        waited(&throttle, "192.0.2.1", "ada").await;
    }
    tokio::time::advance(FORGET_ONE_EVERY * COUNT_MAX).await;
    assert_eq!(waited(&throttle, "192.0.2.1", "ada").await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_success_clears_the_user_but_not_what_the_address_did() {
    let throttle = Throttle::default();
    for name in 0..10 {
        waited(&throttle, "192.0.2.1", &format!("user{name}")).await;
    }
    throttle
        .admit(address("192.0.2.1"), "mallory")
        .await
        .unwrap_or_else(|_| panic!("is let through"))
        .succeeded();
    assert!(waited(&throttle, "192.0.2.1", "ada").await >= DELAY_FIRST);
}

#[tokio::test(start_paused = true)]
async fn one_address_can_not_take_every_place() {
    let throttle = Throttle::default();
    let mut held = Vec::new();
    for _ in 0..AT_ONCE_MAX / 8 {
        held.push(
            throttle.admit(address("192.0.2.1"), "ada").await.unwrap_or_else(|_| panic!("is let through")),
        );
    }
    assert!(throttle.admit(address("192.0.2.1"), "ada").await.is_err());
    assert!(throttle.admit(address("192.0.2.2"), "ada").await.is_ok());
    held.pop();
    assert!(throttle.admit(address("192.0.2.1"), "ada").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn many_addresses_together_leave_a_place_for_who_comes_next() {
    let throttle = Throttle::default();
    let mut counts = throttle.lock();
    let now = Instant::now();
    for number in 0..2_000 {
        drop(counts.enter(address(&format!("192.0.2.{}", number % 50)), 1, now));
    }
    assert!(counts.at_once > AT_ONCE_MAX / 2, "{}", counts.at_once);
    for last in 1..=10 {
        assert!(counts.enter(address(&format!("198.51.100.{last}")), 2, now).is_ok(), "{last}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_table_of_keys_is_bounded() {
    let throttle = Throttle::default();
    let now = Instant::now();
    let mut counts = throttle.lock();
    for user in 0..(2 * KEYS_MAX as u64) {
        slot(&mut counts.users, user, now).another();
    }
    assert!(counts.users.len() <= KEYS_MAX);
}
