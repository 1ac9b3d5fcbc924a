//! Logins with wrong passwords as fast as they can be sent, from many addresses, while the admin logs in.

use std::collections::VecDeque;
use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;

use super::ground::Ground;
use super::wire::{Asking, HOME, connect, post, read_head, stranger};
use crate::miniman::{ADMIN, PASSWORD};

const ADDRESSES: usize = 20;
const A_SECOND: u32 = 1_000;
/// Answers that are waited for at once; the asker of the oldest leaves then.
const WAITING_MAX: usize = 1_000;

pub(super) fn run(ground: &Ground) -> Result<String> {
    let count = ground.of(500, 20_000);
    let mut waiting = VecDeque::new();
    let (mut refused, mut logged_in) = (0, None);
    let begun = Instant::now();
    for number in 0..count {
        // Paced, or it would be another flood.
        if let Some(early) =
            (begun + Duration::from_secs(1) * number / A_SECOND).checked_duration_since(Instant::now())
        {
            std::thread::park_timeout(early);
        }
        let body = json!({"username": format!("user{number}"), "password": "wrong password"}).to_string();
        let mut stream = connect(stranger(number as usize % ADDRESSES), ground.address())?;
        if stream.write_all(post(ground.address(), "/api/v1/login", &body).as_bytes()).is_ok() {
            waiting.push_back(stream);
        }
        if waiting.len() > WAITING_MAX {
            refused += waiting.pop_front().map_or(0, is_refused);
        }
        if number == count / 2 {
            logged_in = Some(std::thread::spawn(login(ground)));
        }
    }
    let rate = f64::from(count) / begun.elapsed().as_secs_f64();
    ground.stands(Duration::ZERO, || {})?;
    refused += waiting.drain(..).map(is_refused).sum::<u32>();
    let took = match logged_in {
        Some(login) => login.join().map_err(|_| anyhow::anyhow!("the admin's login panicked"))??,
        None => Duration::ZERO,
    };
    Ok(format!(
        "{rate:.0}/s; {refused} of {count} told to come back; the admin was in after {} ms",
        took.as_millis()
    ))
}

/// The admin comes in with the right password, while others guess at others.
fn login(ground: &Ground) -> impl FnOnce() -> Result<Duration> + Send + 'static {
    let address = ground.address();
    move || {
        let body = json!({"username": ADMIN, "password": PASSWORD}).to_string();
        let asked = Instant::now();
        let status = Asking::open(HOME, address)?.post("/api/v1/login", &body)?;
        ensure!(status == 200, "the admin's login is answered with {status}");
        Ok(asked.elapsed())
    }
}

/// 1 if it is told to come back; one without an answer yet is left.
fn is_refused(stream: TcpStream) -> u32 {
    if stream.set_nonblocking(true).is_err() {
        return 0;
    }
    u32::from(read_head(&mut BufReader::new(stream)).is_ok_and(|(status, _)| status == 429))
}
