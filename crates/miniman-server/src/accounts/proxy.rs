//! Forward-auth: a proxy that asks for logins itself and says in headers who came through.
//!
//! Believed of a proxy that proved itself: over the unix socket, or from an exact `--trusted-proxy` address *and* with the
//! shared secret, since whoever gets to send from that address would otherwise be anybody they like.

use http::HeaderName;
use http::request::Parts;
use subtle::ConstantTimeEq as _;

use super::external::Vouched;
use super::{Accounts, AuthError};
use crate::forwarded::FromProxy;
use crate::peer::Peer;
use crate::principal::Principal;

/// The proxy's proof; it has to set it itself, and to drop what a visitor sent under the name.
const SECRET_HEADER: HeaderName = HeaderName::from_static("x-miniman-proxy-secret");

/// Stands where a provider's issuer would: no issuer is without a scheme.
const ISSUER: &str = "forward-auth";

/// Names of the headers, and what the proxy has to prove itself by.
#[derive(Debug, Clone)]
pub struct ForwardAuth {
    pub user_header: HeaderName,
    pub groups_header: HeaderName,
    /// `None`: only the unix socket will do.
    pub secret: Option<ProxySecret>,
}

/// A secret that no debug output shows.
#[derive(Clone)]
pub struct ProxySecret(pub String);

impl std::fmt::Debug for ProxySecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProxySecret")
    }
}

impl ForwardAuth {
    /// Whom the request names, if a proxy could: whether it did so rightly is not looked at yet. What a browser's own
    /// cookies are to other requests, the proxy's login is to this one.
    pub(crate) fn names_somebody(&self, parts: &Parts) -> bool {
        parts.extensions.get::<FromProxy>().is_some() && parts.headers.contains_key(&self.user_header)
    }

    /// `None` when the request is not from the proxy or names nobody.
    fn user<'a>(&self, parts: &'a Parts) -> Result<Option<&'a str>, AuthError> {
        let Some(proxy) = parts.extensions.get::<FromProxy>().filter(|_| self.names_somebody(parts)) else {
            return Ok(None);
        };
        if !proxy.unix && !self.is_proved(parts) {
            return Err(AuthError::Proxy);
        }
        let mut users = parts.headers.get_all(&self.user_header).iter();
        match (users.next().and_then(|user| user.to_str().ok()), users.next()) {
            (Some(""), None) => Ok(None),
            (Some(user), None) => Ok(Some(user)),
            // Two of them: one may be the visitor's own.
            _ => Err(AuthError::Proxy),
        }
    }

    fn is_proved(&self, parts: &Parts) -> bool {
        let mut sent = parts.headers.get_all(&SECRET_HEADER).iter();
        match (&self.secret, sent.next(), sent.next()) {
            (Some(secret), Some(sent), None) => secret.0.as_bytes().ct_eq(sent.as_bytes()).into(),
            _ => false,
        }
    }

    /// Split at what the usual proxies put between groups: commas (Authelia), bars (authentik).
    fn groups<'a>(&self, parts: &'a Parts) -> Vec<&'a str> {
        let values = parts.headers.get_all(&self.groups_header).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split([',', '|']))
            .map(str::trim)
            .collect()
    }
}

impl Accounts {
    /// Whom the proxy vouches for; `None` when it names nobody that is in a group with a role.
    pub(super) async fn authenticate_proxy(&self, parts: &Parts) -> Result<Option<Principal>, AuthError> {
        let Some(forward) = &self.inner.config.forward_auth else { return Ok(None) };
        let Some(user) = forward.user(parts)? else { return Ok(None) };
        let Some(role) = self.inner.config.group_roles.role(&forward.groups(parts)) else { return Ok(None) };
        let vouched = Vouched {
            kind: "proxy",
            issuer: ISSUER.to_owned(),
            subject: user.to_owned(),
            name: user.to_owned(),
            role,
        };
        self.authenticate_vouched(Peer::of(&parts.extensions), vouched).await.map(Some)
    }
}

#[cfg(test)]
mod tests;
