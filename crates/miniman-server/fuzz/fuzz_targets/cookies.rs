#![no_main]

#[expect(dead_code, reason = "it asks without credentials")]
mod site;

use axum::body::Body;
use http::{HeaderValue, Request, StatusCode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|cookies: Vec<&[u8]>| {
    let mut request = Request::get("/api/v1/me").header("host", "localhost").body(Body::empty()).unwrap();
    for cookie in cookies {
        let Ok(value) = HeaderValue::from_bytes(cookie) else { return };
        request.headers_mut().append("cookie", value);
    }
    assert_eq!(site::site().check(request), Some(StatusCode::UNAUTHORIZED), "nobody has logged in");
});
