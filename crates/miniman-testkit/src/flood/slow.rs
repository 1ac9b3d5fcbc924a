//! Slowloris: requests that go on for ever, a few bytes at a time; every other one has a head that never ends, the rest a
//! body that is long in coming.

use std::io::Write;
use std::time::Duration;

use anyhow::Result;

use super::ground::Ground;
use super::wire::{connect, is_closed, stranger};

/// Two addresses: beyond the first 512 of one they would be closed at once.
const ADDRESSES: usize = 2;
/// Longer than a head may take.
const HOLD: Duration = Duration::from_secs(40);

pub(super) fn run(ground: &Ground) -> Result<String> {
    let count = ground.of(200, 1_000);
    let mut streams = Vec::new();
    for number in 0..count {
        let mut stream = connect(stranger(number % ADDRESSES), ground.address())?;
        let head = match (number / ADDRESSES) % 2 {
            0 => "GET /api/v1/me HTTP/1.1\r\nhost: localhost\r\n",
            _ => {
                "POST /api/v1/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                 content-length: 60000\r\n\r\n"
            }
        };
        // One beyond the address's share is closed before or after this.
        if stream.write_all(head.as_bytes()).is_ok() {
            streams.push(stream);
        }
    }
    streams.retain(|stream| !is_closed(stream));
    let opened = streams.len();
    ground.stands(HOLD, || {
        // Each in a packet of its own: what a server keeps of a piece may be more than the piece.
        streams.retain_mut(|stream| !is_closed(stream) && stream.write_all(b"x:y\r\n").is_ok());
    })?;
    Ok(format!("{opened} of {count} were open, {} were let go", opened - streams.len()))
}
