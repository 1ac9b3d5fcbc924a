//! `GET /api/v1/oidc/login?next=/logs`: off to the provider, with `again=true` to log in anew, however long ago it was.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::header;
use http::request::Parts;

use super::pending::LIFETIME;
use super::{COOKIE, Oidc, OidcError, redirect_uri};
use crate::accounts::Secret;
use crate::peer::Peer;
use crate::state::AppState;

/// Longest own path that somebody is brought back to; a view of many containers has some 2 KB.
const NEXT_BYTES_MAX: usize = 4 << 10;

pub(super) async fn start(
    State(state): State<AppState>,
    Extension(oidc): Extension<Oidc>,
    parts: Parts,
) -> Response {
    match depart(&state, &oidc, &parts).await {
        Ok(response) => response,
        Err(error) => error.answer(&state),
    }
}

async fn depart(state: &AppState, oidc: &Oidc, parts: &Parts) -> Result<Response, OidcError> {
    let redirect_uri = redirect_uri(state, parts).ok_or(OidcError::Expired)?;
    let again = asked(parts, "again").is_some_and(|again| again == "true");
    let (url, departed) = oidc.provider.depart(redirect_uri, next(parts), again).await?;
    let secret = Secret::random();
    oidc.pending.keep(secret.hash(), Peer::of(&parts.extensions).key(), departed);
    let base = &state.config.base_path;
    let secure = if state.config.is_https() { "; Secure" } else { "" };
    // Lax: the way back is a navigation that another site causes.
    let cookie = format!(
        "{COOKIE}={}; HttpOnly; SameSite=Lax; Path={base}/api/v1/oidc; Max-Age={}{secure}",
        secret.text(),
        LIFETIME.as_secs()
    );
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(url.as_str())).into_response())
}

/// Where to go afterwards: an own path, whatever is asked for.
fn next(parts: &Parts) -> String {
    asked(parts, "next").filter(|next| is_own_path(next)).unwrap_or_else(|| "/".to_owned())
}

fn asked(parts: &Parts, name: &str) -> Option<String> {
    let query = parts.uri.query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Browsers take `//host` and `/\host` for another site, and drop tabs and line ends before they look.
fn is_own_path(next: &str) -> bool {
    let mut bytes = next.bytes();
    next.len() <= NEXT_BYTES_MAX
        && bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_on_is_an_own_path() {
        for path in ["/", "/logs?container=web&q=a%20b", "/docker/logs/1/web"] {
            assert!(is_own_path(path), "{path}");
        }
        for path in [
            "",
            "logs",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/a\r\nSet-Cookie: x=y",
            "https://evil.example",
            "/a\\b",
            "/ä",
        ] {
            assert!(!is_own_path(path), "{path:?}");
        }
        assert!(!is_own_path(&format!("/{}", "x".repeat(NEXT_BYTES_MAX))));
    }
}
