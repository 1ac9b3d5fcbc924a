//! What the server is told at its start.

use std::net::IpAddr;
use std::time::Duration;

use miniman_store::logs::LogRetention;

use crate::accounts::{ForwardAuth, GroupRoles, SESSION_LIFETIME_DEFAULT};

/// How the server behaves towards its clients. Checked by whoever parses the command line.
#[derive(Debug, Clone, Default)]
pub struct ServerConfig {
    /// Host names that may stand in `Host`, beside IP literals and `localhost`; lower case, without port.
    pub allowed_hosts: Vec<String>,
    /// Where people reach MiniMan when that is not where it listens: `https://logs.example.com`, no trailing slash.
    /// Its host is allowed, its origin is an allowed origin; `https` makes cookies `Secure`.
    pub public_url: Option<String>,
    /// The server itself speaks TLS.
    pub tls: bool,
    /// Path that everything is served below: `/logs`, without a slash at its end; empty for the root.
    pub base_path: String,
    /// Addresses whose `X-Forwarded-*` headers are believed; canonical, so that no IPv4 address is mapped.
    pub trusted_proxies: Vec<IpAddr>,
    /// A proxy that asks for logins itself.
    pub forward_auth: Option<ForwardAuth>,
    /// A provider that people may log in at.
    pub oidc: Option<OidcConfig>,
    /// Which groups of a proxy or provider give which role.
    pub group_roles: GroupRoles,
    /// Refuses every action.
    pub read_only: bool,
    /// What is kept of all logs when nothing is set on the page; `None` for the default.
    pub retention: Option<LogRetention>,
    /// How long after the login a session ends; `None` for [`crate::accounts::SESSION_LIFETIME_DEFAULT`].
    pub session_lifetime: Option<Duration>,
    /// How long the audit is kept; `None` for [`crate::audit::RETENTION_DEFAULT`].
    pub audit_retention: Option<Duration>,
}

/// An OpenID Connect provider, and MiniMan's account there.
#[derive(Clone)]
pub struct OidcConfig {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    /// Besides `openid`.
    pub scopes: Vec<String>,
    pub groups_claim: String,
}

impl std::fmt::Debug for OidcConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcConfig").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl ServerConfig {
    pub fn session_lifetime(&self) -> Duration {
        self.session_lifetime.unwrap_or(SESSION_LIFETIME_DEFAULT)
    }

    /// Whether browsers reach us by TLS, so that cookies get `Secure` and the `__Host-` prefix.
    pub fn is_https(&self) -> bool {
        self.tls || self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}
