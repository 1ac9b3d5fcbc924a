#![no_main]

mod site;

use std::sync::Mutex;

use axum::body::Body;
use http::{Request, StatusCode};
use libfuzzer_sys::fuzz_target;
use miniman_server::socket_io::{Message, Packet, decode_payload};
use site::Site;

const HANDSHAKE: &str = "/socket.io/?EIO=4&transport=polling";

/// A connected session's address, until something that was posted ended it, and how many posts it had.
static SESSION: Mutex<Option<(String, u32)>> = Mutex::new(None);

fuzz_target!(|body: &[u8]| {
    // What is read is written as it is understood.
    for message in decode_payload(body).unwrap_or_default() {
        if let Message::Text(text) = message
            && let Ok(packet) = Packet::parse(&text)
        {
            let mut written = Vec::new();
            packet.write(&mut written);
            let written = std::str::from_utf8(&written).unwrap().strip_prefix('4').unwrap();
            assert_eq!(Packet::parse(written).as_ref(), Ok(&packet));
        }
    }
    let site = site::site();
    let mut session = SESSION.lock().unwrap();
    let (address, posts) = session.take().unwrap_or_else(|| (open(site), 0));
    let request =
        Request::post(&address).header("host", "localhost").body(Body::from(body.to_vec())).unwrap();
    if site.check(request) != Some(StatusCode::OK) {
        return;
    }
    // What it answers is taken now and then, so that it never waits for us.
    if posts % 16 == 15 {
        let poll = Request::get(&address).header("host", "localhost").body(Body::empty()).unwrap();
        if site.check(poll).is_some_and(|status| status != StatusCode::OK) {
            return;
        }
    }
    *session = Some((address, posts + 1));
});

fn open(site: &Site) -> String {
    let get = |address: &str| {
        let request = Request::get(address).header("host", "localhost").body(Body::empty()).unwrap();
        site.ask(request).unwrap()
    };
    let (_, _, open) = get(HANDSHAKE);
    let open: serde_json::Value = serde_json::from_slice(open.strip_prefix(b"0").unwrap()).unwrap();
    let address = format!("{HANDSHAKE}&sid={}", open["sid"].as_str().unwrap());
    let token = site.bearer.strip_prefix("Bearer ").unwrap();
    let connect = format!("40{{\"token\":\"{token}\"}}");
    let request = Request::post(&address).header("host", "localhost").body(Body::from(connect)).unwrap();
    assert_eq!(site.ask(request).unwrap().0, StatusCode::OK);
    assert!(get(&address).2.starts_with(b"40"));
    address
}
