//! One socket that sends events as fast as they are taken, and reads what comes back.

use std::io::Write;
use std::net::Shutdown;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::ground::Ground;
use super::wire::{Socket, frame, stranger};

/// What the sender tries to send.
const A_SECOND: u64 = 100_000;
/// Events in one write.
const AT_ONCE: u64 = 100;
const HOLD: Duration = Duration::from_secs(10);

/// Some of everything that a client may say, and something that it may not.
const EVENTS: [&str; 6] = [
    "42[\"join\",{\"room\":\"r\"}]",
    "42[\"log_ack\",{\"subscription\":\"s\",\"cursor\":\"1:1\"}]",
    "42[\"stream_container_logs\",{\"container_id\":\"nope\",\"room\":\"r\"}]",
    "42[\"stream_container_logs\",{\"batch\":true,\"subscription\":\"s\",\"query\":\"error OR /a+b/\"}]",
    "42[\"leave\",{\"room\":\"r\"}]",
    "42[\"nothing\",{}]",
];

pub(super) fn run(ground: &Ground) -> Result<String> {
    let token = ground.miniman.new_token("viewer")?;
    let mut socket = Socket::open(stranger(0), ground.address(), Some(&token))?;
    let stream = socket.stream().try_clone().context("share the socket")?;
    let writer = stream.try_clone().context("share the socket")?;
    let sent = AtomicU64::new(0);
    let begun = Instant::now();
    let stood = std::thread::scope(|scope| {
        scope.spawn(|| send(writer, &sent));
        scope.spawn(|| while socket.read().is_ok() {});
        let stood = ground.stands(HOLD, || {});
        // Ends both, also a writer who waits.
        drop(stream.shutdown(Shutdown::Both));
        stood
    });
    stood?;
    let rate = sent.into_inner() as f64 / begun.elapsed().as_secs_f64();
    Ok(format!("{rate:.0} events/s went out of {A_SECOND}"))
}

/// Sends until the socket is over, ahead of the clock by one write at most.
fn send(mut writer: impl Write, sent: &AtomicU64) {
    let frames: Vec<u8> =
        (0..AT_ONCE as usize).flat_map(|event| frame(EVENTS[event % EVENTS.len()])).collect();
    let begun = Instant::now();
    while writer.write_all(&frames).is_ok() {
        let count = sent.fetch_add(AT_ONCE, Ordering::AcqRel) + AT_ONCE;
        let due = begun + Duration::from_secs(1).mul_f64(count as f64 / A_SECOND as f64);
        if let Some(early) = due.checked_duration_since(Instant::now()) {
            std::thread::park_timeout(early);
        }
    }
}
