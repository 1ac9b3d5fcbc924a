//! Connections that say nothing, from many addresses together.

use std::time::Duration;

use anyhow::Result;

use super::ground::Ground;
use super::wire::{connect, is_closed, stranger};

const HOLD: Duration = Duration::from_secs(15);

pub(super) fn run(ground: &Ground) -> Result<String> {
    let (count, addresses) = ground.of((700, 1), (10_000, 40));
    let mut streams = Vec::new();
    for number in 0..count {
        streams.push(connect(stranger(number % addresses), ground.address())?);
        // Files are dear on this side too.
        if number % 500 == 499 {
            streams.retain(|stream| !is_closed(stream));
        }
    }
    ground.stands(HOLD, || streams.retain(|stream| !is_closed(stream)))?;
    Ok(format!("{} of {count} stayed open from {addresses} addresses", streams.len()))
}
