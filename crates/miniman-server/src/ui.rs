//! The page, served from the binary: assets as they were built and compressed, `index.html` for every route of the
//! page's own.
//!
//! Release builds embed `web/build`; debug builds read it from disk at each request, so that a rebuilt page shows
//! without compiling. What is served is ours alone; no container's output passes here.

mod encoding;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::problem::{Code, Problem};
use crate::state::AppState;
use encoding::Encoding;

#[derive(RustEmbed)]
#[folder = "../../web/build"]
struct Assets;

const INDEX: &str = "index.html";

/// Names under this carry a hash of their content: they never change.
const IMMUTABLE: &str = "_app/immutable/";

/// Scripts from our own files only, no inline ones; styles may stand in attributes, as the virtual list's rows do.
const CSP_PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'",
);

/// Whether a path names a file of the page, other than the page itself.
pub(crate) fn is_asset(path: &str) -> bool {
    let name = path.trim_start_matches('/');
    name != INDEX && !is_compressed_name(name) && Assets::get(name).is_some()
}

/// The router's fallback: an asset, else the page. Programs get a problem instead of a page.
pub(crate) async fn page(State(state): State<AppState>, parts: Parts) -> Response {
    let path = parts.uri.path();
    if is_for_programs(path) {
        return Problem::not_found("route").into_response();
    }
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return Problem::new(Code::MethodNotAllowed, "pages are only read").into_response();
    }
    let name = path.trim_start_matches('/');
    if is_asset(path) {
        return serve(name, &parts.headers);
    }
    // A missing script must not be answered by a page: the browser would cache and run it as one.
    if name.starts_with("_app/") {
        return Problem::not_found("file").into_response();
    }
    match state.config.base_path.as_str() {
        "" => serve(INDEX, &parts.headers),
        base => serve_below(base),
    }
}

/// The page with its own files' addresses below `base`; it reads from them where it is. Some 1 KB, put together each time.
fn serve_below(base: &str) -> Response {
    let Some(file) = Assets::get(INDEX) else { return Problem::not_found("file").into_response() };
    let page = String::from_utf8_lossy(&file.data);
    let page = page.replace("=\"/", &format!("=\"{base}/"));
    let mut response = Body::from(page).into_response_with_type(INDEX);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, cache_control(INDEX));
    headers.insert(header::CONTENT_SECURITY_POLICY, CSP_PAGE);
    response
}

/// Whether a path is under one of the prefixes that programs speak to.
pub(crate) fn is_for_programs(path: &str) -> bool {
    ["/api", "/socket.io", "/docker/containers", "/metrics"]
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Compressed copies are served under the plain name only.
fn is_compressed_name(name: &str) -> bool {
    Encoding::COMPRESSED.iter().any(|encoding| name.ends_with(encoding.suffix()))
}

fn serve(name: &str, asked: &HeaderMap) -> Response {
    let Some((file, encoding)) = best(name, asked) else {
        return Problem::not_found("file").into_response();
    };
    let etag = etag(&file);
    let mut response = if is_known(asked, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(bytes::Bytes::from_owner(file.data)).into_response_with_type(name)
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag);
    headers.insert(header::CACHE_CONTROL, cache_control(name));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CONTENT_SECURITY_POLICY, CSP_PAGE);
    if let Some(encoding) = encoding.header() {
        headers.insert(header::CONTENT_ENCODING, encoding);
    }
    response
}

/// The file in the best encoding that is built and accepted.
fn best(name: &str, asked: &HeaderMap) -> Option<(EmbeddedFile, Encoding)> {
    Encoding::accepted(asked)
        .find_map(|encoding| Some((Assets::get(&format!("{name}{}", encoding.suffix()))?, encoding)))
}

fn etag(file: &EmbeddedFile) -> HeaderValue {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(34);
    text.push('"');
    // 128 bits of it are plenty to tell two builds apart.
    for byte in &file.metadata.sha256_hash()[..16] {
        write!(text, "{byte:02x}").expect("writing to a String does not fail");
    }
    text.push('"');
    HeaderValue::try_from(text).expect("hex in quotes is a valid header")
}

fn is_known(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .any(|tag| tag.trim_ascii() == etag.as_bytes())
}

/// Hashed names for good; the page and the rest are asked for again each time, and mostly answered 304.
fn cache_control(name: &str) -> HeaderValue {
    HeaderValue::from_static(if name.starts_with(IMMUTABLE) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    })
}

trait IntoTypedResponse {
    fn into_response_with_type(self, name: &str) -> Response;
}

impl IntoTypedResponse for Body {
    fn into_response_with_type(self, name: &str) -> Response {
        let mime = mime_guess::from_path(name).first_or_octet_stream();
        let text = matches!((mime.type_(), mime.subtype()), (mime_guess::mime::TEXT, _))
            || mime.subtype() == mime_guess::mime::JAVASCRIPT;
        let charset = if text { "; charset=utf-8" } else { "" };
        let value = HeaderValue::try_from(format!("{}{charset}", mime.essence_str()))
            .unwrap_or(HeaderValue::from_static("application/octet-stream"));
        ([(header::CONTENT_TYPE, value)], self).into_response()
    }
}

#[cfg(test)]
mod tests;
