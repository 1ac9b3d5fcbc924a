//! Login at an OpenID Connect provider: the authorization code flow with PKCE, state and nonce.
//!
//! Who somebody is, is the pair of issuer and subject; never an e-mail address, which a provider may let people type. What
//! is kept between the two redirects lies here, under a secret that only this browser has in a cookie, for ten minutes
//! and once. Whatever goes wrong ends on the login page, in words; what a provider says about it goes to our own
//! diagnostics.

mod callback;
mod http_client;
mod pending;
mod provider;
mod start;

use std::sync::Arc;

use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};

use crate::config::OidcConfig;
use crate::state::AppState;
use pending::Pending;
use provider::Provider;

/// The cookie that ties the way back to the browser that left.
const COOKIE: &str = "miniman_oidc";

/// Why somebody is back on the login page.
#[derive(Debug, thiserror::Error)]
enum OidcError {
    #[error("the provider can't be reached, or says what is no answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("what the provider says about the user can't be believed")]
    Unsound(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The person, or the provider, said no.
    #[error("the provider refused: {0}")]
    Refused(String),
    #[error("the way back came too late, twice, or in another browser")]
    Expired,
    #[error("the provider let the user in without asking for the login again")]
    NotAgain,
    #[error("none of the user's groups has a role")]
    NoRole,
    #[error("the user is not let in")]
    Admit(#[from] crate::accounts::AdmitError),
}

impl OidcError {
    /// As the login page knows it.
    fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Unsound(_) => "unsound",
            Self::Refused(_) => "refused",
            Self::Expired => "expired",
            Self::NotAgain => "not_again",
            Self::NoRole => "no_role",
            Self::Admit(_) => "failed",
        }
    }

    fn unreachable(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unreachable(Box::new(error))
    }

    fn unsound(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unsound(Box::new(error))
    }

    /// Back to the login page.
    fn answer(&self, state: &AppState) -> Response {
        let error = self as &dyn std::error::Error;
        tracing::warn!(error, "a login at the provider came to nothing");
        Redirect::to(&format!("{}/login?error={}", state.config.base_path, self.code())).into_response()
    }
}

/// The provider, and the logins under way at it; clones share both.
#[derive(Clone)]
pub struct Oidc {
    provider: Arc<Provider>,
    pending: Arc<Pending>,
}

impl Oidc {
    pub(crate) fn new(config: OidcConfig) -> Self {
        Self { provider: Arc::new(Provider::new(config)), pending: Arc::default() }
    }
}

/// The two routes, when a provider is configured.
pub(crate) fn router(state: &AppState) -> Router<AppState> {
    let Some(oidc) = &state.oidc else { return Router::new() };
    Router::new()
        .route("/api/v1/oidc/login", get(start::start))
        .route("/api/v1/oidc/callback", get(callback::callback))
        .layer(Extension(oidc.clone()))
}

/// Where the provider sends people back to: the public address, else the host that this request names, which the gate
/// has checked.
fn redirect_uri(state: &AppState, parts: &http::request::Parts) -> Option<String> {
    let config = &state.config;
    let origin = match &config.public_url {
        Some(url) => url.clone(),
        None => {
            let host = crate::host::check(parts, config).ok()?;
            format!("{}://{host}", if config.is_https() { "https" } else { "http" })
        }
    };
    Some(format!("{origin}{}/api/v1/oidc/callback", config.base_path))
}

#[cfg(test)]
mod tests;
