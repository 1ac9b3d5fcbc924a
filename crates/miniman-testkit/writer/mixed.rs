//! The lines that figures are taken from: JSON, access log, application log and logfmt, 172 bytes on average. A line depends
//! on its number only, so everybody who asks for as many has the same.

use std::io::Write;

/// What a line is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Access,
    Application,
    Logfmt,
}

/// Appends line `n` without its end.
pub(crate) fn push_line(n: u64, out: &mut Vec<u8>) -> Kind {
    let noise = mix(n);
    let (user, took, status) =
        (noise % 50_000, noise >> 20 & 1_023, [200, 200, 200, 204, 301, 404, 500][noise as usize % 7]);
    let path = ["/api/items", "/api/cart", "/", "/static/app.js", "/api/users/me", "/checkout"]
        [(noise >> 8) as usize % 6];
    let (minute, second, ms) = (n / 60_000 % 60, n / 1_000 % 60, n % 1_000);
    let (third, fourth) = (noise >> 40 & 255, noise >> 48 & 255);
    let request = request_id(n);
    let kind = [Kind::Json, Kind::Access, Kind::Application, Kind::Logfmt][(noise >> 32 & 3) as usize];
    let written = match kind {
        Kind::Json => write!(
            out,
            "{{\"level\":\"info\",\"ts\":\"2026-11-21T14:{minute:02}:{second:02}.{ms:03}Z\",\"msg\":\"request done\",\"path\":\"{path}/{user}\",\"status\":{status},\"took_ms\":{took},\"request_id\":\"{request:016x}\",\"remote\":\"10.0.{third}.{fourth}\"}}"
        ),
        Kind::Access => write!(
            out,
            "10.0.{third}.{fourth} - - [21/Nov/2026:14:{minute:02}:{second:02} +0000] \"GET {path}?id={user} HTTP/1.1\" {status} {} \"-\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36\"",
            took * 37
        ),
        Kind::Application => write!(
            out,
            "2026-11-21 14:{minute:02}:{second:02},{ms:03} WARN  [pool-{}-thread-{}] c.e.shop.OrderService - order {request:x} of user {user} is late by {took} ms, retrying ({} of 5)",
            noise & 7,
            noise >> 3 & 31,
            noise % 5
        ),
        Kind::Logfmt => write!(
            out,
            "level=error time=2026-11-21T14:{minute:02}:{second:02}Z caller=worker.go:{} msg=\"job did not finish\" job={request:016x} attempt={} err=\"dial tcp 10.1.{third}.{fourth}:5432: connect: connection refused\"",
            noise % 400,
            noise % 9
        ),
    };
    debug_assert!(written.is_ok(), "writing into a Vec cannot fail");
    kind
}

/// The id that a JSON, application or logfmt line holds, and no other line.
pub(crate) fn request_id(n: u64) -> u64 {
    mix(n ^ 0x5555)
}

/// splitmix64.
pub(crate) fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
