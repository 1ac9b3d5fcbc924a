//! Sockets, every other one with a token: one user's and nobody's, from many addresses.

use std::time::Duration;

use anyhow::Result;

use super::ground::Ground;
use super::wire::{Socket, is_closed, stranger};

const HOLD: Duration = Duration::from_secs(10);

pub(super) fn run(ground: &Ground) -> Result<String> {
    let (count, addresses) = ground.of((400, 2), (10_000, 40));
    let viewer = ground.miniman.new_token("viewer")?;
    let (mut users, mut nobodys) = (Vec::new(), Vec::new());
    for number in 0..count {
        let (token, sockets) = match (number / addresses) % 2 {
            0 => (Some(viewer.as_str()), &mut users),
            _ => (None, &mut nobodys),
        };
        if let Ok(socket) = Socket::open(stranger(number % addresses), ground.address(), token) {
            sockets.push(socket);
        }
    }
    let opened = nobodys.len();
    ground.stands(HOLD, || nobodys.retain(|socket| !is_closed(socket.stream())))?;
    let let_go = opened - nobodys.len();
    Ok(format!(
        "{count} tried; {} of one user's stayed, {opened} of nobody's opened, {let_go} let go",
        users.len()
    ))
}
