#![no_main]

mod site;

use axum::body::Body;
use http::{Request, Uri};
use libfuzzer_sys::fuzz_target;

const ROUTES: [&str; 8] = [
    "/api/v1/logs",
    "/api/v1/logs/histogram",
    "/api/v1/marks",
    "/api/v1/containers",
    "/api/v1/operations",
    "/api/v1/audit",
    "/socket.io/",
    "/",
];

fuzz_target!(|input: (u8, &str)| {
    let (route, query) = input;
    let route = ROUTES[usize::from(route) % ROUTES.len()];
    let Ok(uri) = format!("{route}?{query}").parse::<Uri>() else { return };
    let site = site::site();
    let request = Request::get(uri).header("host", "localhost").header("authorization", &site.bearer);
    site.check(request.body(Body::empty()).unwrap());
});
