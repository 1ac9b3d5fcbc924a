//! What surrounds every route: host, setup, origin, bounds on the request, and headers on the answer.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body_util::Limited;
use tower_http::timeout::TimeoutBody;

use crate::state::AppState;
use crate::{host, origin, setup_gate};

/// Longest body of any request; a Socket.IO poll's post is the largest that is meant to come.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// Longest body that an endpoint reads into memory by an extractor: a login or a selection, ~1 KB.
pub(crate) const EXTRACTED_BODY_BYTES_MAX: usize = 64 << 10;

/// A body must go on at least this often, so that slow senders hold nothing for long.
const BODY_STALL_MAX: Duration = Duration::from_secs(15);

/// For answers that are no page: they may load and run nothing.
const CSP_NONE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// On every answer. The referrer is kept for our own pages: the seed's redirect back needs it, and `no-referrer` would
/// make form posts send `Origin: null`.
const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("x-permitted-cross-domain-policies"), HeaderValue::from_static("none")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
        ),
    ),
];

/// Puts the gate around all routes, the fallback included.
pub(crate) fn around(routes: Router<AppState>, state: &AppState) -> Router<AppState> {
    routes
        .layer(DefaultBodyLimit::max(EXTRACTED_BODY_BYTES_MAX))
        .layer(from_fn_with_state(state.clone(), pass))
}

async fn pass(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut response = match refuse(&parts, &state) {
        Some(refusal) => refusal,
        None => {
            let body = Body::new(TimeoutBody::new(BODY_STALL_MAX, Limited::new(body, BODY_BYTES_MAX)));
            next.run(Request::from_parts(parts, body)).await
        }
    };
    add_headers(response.headers_mut());
    response
}

fn refuse(parts: &http::request::Parts, state: &AppState) -> Option<Response> {
    let authority = match host::check(parts, &state.config) {
        Ok(authority) => authority,
        Err(problem) => return Some(problem.into_response()),
    };
    if state.accounts.setup_needed()
        && let Some(refusal) = setup_gate::refuse(parts)
    {
        return Some(refusal);
    }
    origin::check(parts, authority, &state.config).err().map(IntoResponse::into_response)
}

fn add_headers(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    // Pages and assets come with their own.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(CSP_NONE);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests;
