//! What surrounds every route: host, setup, origin, bounds on the request, and headers on the answer.

mod gathered;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::Limited;
use tower_http::timeout::TimeoutBody;

use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::principal::{Asker, Principal};
use crate::problem::{Code, Problem, Refusal};
use crate::state::AppState;
use crate::{forwarded, host, origin, setup_gate};
use gathered::Gathered;

/// Longest body of any request; a Socket.IO poll's post is the largest that is meant to come.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// Longest body that an endpoint reads into memory by an extractor: a login or a selection, ~1 KB.
pub(crate) const EXTRACTED_BODY_BYTES_MAX: usize = 64 << 10;

/// A body must go on at least this often, so that slow senders hold nothing for long.
const BODY_STALL_MAX: Duration = Duration::from_secs(15);

/// And be whole after this: 64 KiB at 9 kbit/s. Who sends a byte every ten seconds never pauses for long.
const BODY_TIME_MAX: Duration = Duration::from_secs(60);

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

/// Browsers that were here once come by TLS for a year. Other hosts below this name may have none, and a preload list is
/// the owner's decision.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Puts the gate around all routes, the fallback included.
pub(crate) fn around(routes: Router<AppState>, state: &AppState) -> Router<AppState> {
    routes
        .layer(DefaultBodyLimit::max(EXTRACTED_BODY_BYTES_MAX))
        .layer(from_fn_with_state(state.clone(), pass))
}

async fn pass(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut response = match refuse(&parts, &state) {
        Some(refusal) => {
            // Whose browser was made to send it is worth knowing; most that is refused here is nobody's.
            if let Some(told) = forbidden(&refusal)
                && let Ok(principal) = Principal::of(&parts, &state).await
            {
                put_on_record(&state, &principal, &parts.method, &parts.uri, told).await;
            }
            refusal
        }
        None => {
            let asker = Asker::default();
            parts.extensions.insert(asker.clone());
            let (method, uri) = (parts.method.clone(), parts.uri.clone());
            let body = Body::new(TimeoutBody::new(BODY_STALL_MAX, Limited::new(body, BODY_BYTES_MAX)));
            let body = Body::new(Gathered::new(body, BODY_TIME_MAX));
            let response = next.run(Request::from_parts(parts, body)).await;
            if let (Some(principal), Some(told)) = (asker.principal(), forbidden(&response)) {
                put_on_record(&state, principal, &method, &uri, told).await;
            }
            response
        }
    };
    add_headers(response.headers_mut(), state.config.is_https());
    response
}

/// What the asker was told, when they had no right to it.
fn forbidden(response: &Response) -> Option<String> {
    let refusal = response.extensions().get::<Refusal>()?;
    (refusal.code == Code::Forbidden).then(|| refusal.detail.clone())
}

async fn put_on_record(state: &AppState, by: &Principal, method: &Method, uri: &Uri, told: String) {
    let event = AuditEvent::new(by, AuditAction::Request)
        // The path without what is asked for: that may hold anything.
        .on(format!("{method} {}", uri.path()))
        .outcome(AuditOutcome::Refused)
        .detail(told);
    // It is refused all the same; that it could not be written stands in our own diagnostics.
    drop(state.audit.record(event).await);
}

fn refuse(parts: &http::request::Parts, state: &AppState) -> Option<Response> {
    let authority = match host::check(parts, &state.config) {
        Ok(authority) => authority,
        Err(problem) => return Some(problem.into_response()),
    };
    if let Some(refusal) = plain_http(parts, authority, state) {
        return Some(refusal);
    }
    if state.accounts.setup_needed()
        && let Some(refusal) = setup_gate::refuse(parts, &state.config.base_path)
    {
        return Some(refusal);
    }
    origin::check(parts, authority, &state.config).err().map(IntoResponse::into_response)
}

/// A visitor that a proxy let in by plain HTTP though people are meant to come by TLS is sent there; what they would
/// have written is not taken.
fn plain_http(parts: &http::request::Parts, authority: &str, state: &AppState) -> Option<Response> {
    let plain = state.config.is_https() && forwarded::proto(parts).is_some_and(|proto| proto != "https");
    if !plain {
        return None;
    }
    let path = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let base = &state.config.base_path;
    let secure = HeaderValue::try_from(format!("https://{authority}{base}{path}")).ok();
    Some(match secure {
        Some(location) if matches!(parts.method, Method::GET | Method::HEAD) => {
            (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response()
        }
        _ => Problem::new(Code::Forbidden, "use https").into_response(),
    })
}

fn add_headers(headers: &mut HeaderMap, is_https: bool) {
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    // Pages and assets come with their own.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(CSP_NONE);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests;
