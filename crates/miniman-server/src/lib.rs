//! The web server: HTTP, Socket.IO, accounts and the embedded page.
//!
//! [`run`] serves a bound listener until it is told to stop. Every request passes [`gate`] (host, origin, setup,
//! security headers); every look at a container passes [`access::authorize`], the only maker of [`access::Granted`].
//! Wire types live here: the domain crates know no JSON.

pub mod access;
pub mod accounts;
pub mod api;
pub mod audit;
mod auth;
mod base_path;
mod clock;
pub mod config;
mod cookie;
pub mod delivery;
mod forwarded;
mod gate;
mod health;
mod hide_rules;
mod host;
#[cfg(feature = "oidc")]
mod oidc;
pub mod operations;
mod origin;
mod peer;
mod places;
pub mod principal;
pub mod problem;
pub mod retention;
#[cfg(test)]
mod rights_tests;
mod seed_routes;
mod serve;
mod setup_gate;
pub mod socket_io;
mod stack_ids;
pub mod state;
#[cfg(test)]
mod testing;
mod ui;

pub use access::{Denied, Granted, authorize};
pub use accounts::{Accounts, ForwardAuth, GroupRoles, ProxySecret};
pub use audit::{Actor, Audit, AuditAction, AuditEvent, AuditOutcome};
pub use base_path::{InvalidBasePath, parse_base_path};
pub use clock::Clock;
pub use config::{OidcConfig, ServerConfig};
pub use peer::Peer;
pub use principal::{Credential, Permission, Permissions, Principal, Role};
pub use problem::{Code, Problem};
pub use serve::{Listeners, Tls, TlsError, bind, bind_socket, connect_pinned, run};
pub use state::AppState;

/// Every route with the whole [`gate`] around it: what [`run`] serves, and what tests call.
pub fn router(state: AppState) -> axum::Router {
    let routes = axum::Router::new()
        .merge(auth::router())
        .merge(api::router())
        .merge(delivery::router(&state))
        .merge(seed_routes::router())
        .merge(health::router())
        .method_not_allowed_fallback(async || {
            Problem::new(Code::MethodNotAllowed, "the route has other methods")
        })
        .fallback(ui::page);
    #[cfg(feature = "oidc")]
    let routes = routes.merge(oidc::router(&state));
    let routes = gate::around(api::measured(routes), &state);
    base_path::mount(routes.with_state(state.clone()), &state.config.base_path)
}
