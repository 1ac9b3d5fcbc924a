//! `GET /api/v1/oidc/callback`: back from the provider.

use axum::Extension;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{HeaderMap, header};
use std::borrow::Cow;
use subtle::ConstantTimeEq as _;

use super::{COOKIE, Oidc, OidcError};
use crate::accounts::{Login, Origin, Secret};
use crate::peer::Peer;
use crate::state::AppState;

pub(super) async fn callback(
    State(state): State<AppState>,
    Extension(oidc): Extension<Oidc>,
    parts: Parts,
) -> Response {
    let base = &state.config.base_path;
    match arrive(&state, &oidc, &parts).await {
        Ok((login, next)) => {
            let gone = format!("{COOKIE}=; HttpOnly; SameSite=Lax; Path={base}/api/v1/oidc; Max-Age=0");
            let session = state.accounts.cookie().set(&login.secret, login.lifetime(state.clock.now()));
            let cookies = AppendHeaders([
                (header::SET_COOKIE, gone.parse().expect("plain path segments and constants are valid")),
                (header::SET_COOKIE, session),
            ]);
            (cookies, Redirect::to(&format!("{base}{next}"))).into_response()
        }
        Err(error) => {
            let peer = Peer::of(&parts.extensions);
            if let Err(failure) = state.accounts.refused_external(peer, error.code()).await {
                tracing::error!(error = &failure as &dyn std::error::Error, "put a refusal on record");
            }
            error.answer(&state)
        }
    }
}

async fn arrive(state: &AppState, oidc: &Oidc, parts: &Parts) -> Result<(Login, String), OidcError> {
    let departed = cookie(&parts.headers)
        .and_then(Secret::parse)
        .and_then(|secret| oidc.pending.take(&secret.hash()))
        .ok_or(OidcError::Expired)?;
    let query = parts.uri.query().unwrap_or_default();
    let same: bool = parameter(query, "state")
        .is_some_and(|state| state.as_bytes().ct_eq(departed.state.secret().as_bytes()).into());
    if !same {
        return Err(OidcError::Expired);
    }
    if let Some(error) = parameter(query, "error") {
        return Err(OidcError::Refused(error.escape_default().to_string()));
    }
    let code = parameter(query, "code").ok_or_else(|| OidcError::Refused("no code".to_owned()))?;
    let next = departed.next.clone();
    let vouched = oidc.provider.arrive(departed, code.into_owned(), &state.config.group_roles).await?;
    let login = state
        .accounts
        .login_external(Origin::of(Peer::of(&parts.extensions), &parts.headers), vouched)
        .await?;
    Ok((login, next))
}

/// A parameter that came exactly once.
fn parameter<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

/// The cookie's value, if it came exactly once.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut found = pairs
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    match (found.next(), found.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}
