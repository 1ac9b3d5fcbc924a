//! Bodies of a gigabyte, told beforehand or in chunks, again and again on several connections.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;

use super::ground::Ground;
use super::wire::{connect, stranger};

const SENDERS: usize = 4;
const BODY_BYTES: u64 = 1 << 30;
const HOLD: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Sent {
    ended: AtomicBool,
    bodies: AtomicU64,
    /// Of the body of which most was taken.
    most: AtomicU64,
}

pub(super) fn run(ground: &Ground) -> Result<String> {
    let (sent, address) = (Sent::default(), ground.address());
    std::thread::scope(|scope| {
        for number in 0..SENDERS {
            let sent = &sent;
            scope.spawn(move || {
                while !sent.ended.load(Ordering::Acquire) {
                    let taken = send(address, number);
                    sent.most.fetch_max(taken, Ordering::AcqRel);
                    sent.bodies.fetch_add(1, Ordering::AcqRel);
                }
            });
        }
        let stood = ground.stands(HOLD, || {});
        sent.ended.store(true, Ordering::Release);
        stood
    })?;
    let (bodies, most) = (sent.bodies.into_inner(), sent.most.into_inner());
    anyhow::ensure!(most < BODY_BYTES / 16, "{most} bytes of a body were taken");
    Ok(format!("{bodies} bodies; of none were more than {} KiB sent", most >> 10))
}

/// Sends a body until the server has had enough of it; gives how many bytes went out, buffers on the way included.
fn send(address: SocketAddr, number: usize) -> u64 {
    let Ok(mut stream) = connect(stranger(number), address) else { return 0 };
    let chunked = number % 2 == 1;
    let length = if chunked {
        "transfer-encoding: chunked".to_owned()
    } else {
        format!("content-length: {BODY_BYTES}")
    };
    let head = format!(
        "POST /api/v1/login HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n{length}\r\n\r\n"
    );
    let mut chunk = vec![b' '; 64 << 10];
    if chunked {
        chunk.splice(0..0, *b"10000\r\n");
        chunk.extend_from_slice(b"\r\n");
    }
    let mut taken = 0;
    if stream.write_all(head.as_bytes()).is_err() {
        return taken;
    }
    while taken < BODY_BYTES && stream.write_all(&chunk).is_ok() {
        taken += chunk.len() as u64;
    }
    taken
}
