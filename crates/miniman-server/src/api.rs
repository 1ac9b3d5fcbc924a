//! The HTTP interface under `/api/v1`, `/metrics`, and the document that describes it all.
//!
//! A handler reads: parameters, rights, work, answer. Which containers a request may touch is decided by
//! [`crate::access`] alone; what goes over the wire is in [`wire`]; rows of logs are written by [`encode`].

mod actions;
mod audit;
mod containers;
#[cfg(test)]
mod doc_tests;
pub mod encode;
mod hide_rules;
mod logs;
mod marks;
mod metrics;
mod openapi;
mod operations;
mod parameters;
mod problems;
mod retention;
mod roles;
mod searches;
pub(crate) mod selection;
mod sessions;
mod stacks;
#[cfg(test)]
pub(crate) mod testing;
mod tokens;
mod users;
pub mod wire;

use std::error::Error;

use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Extension, Router};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use self::logs::export::keeps;
pub use self::logs::query::{FormatWord, LogsQuery};
pub(crate) use self::marks::wire_mark;
pub use self::openapi::openapi_json;
pub use self::parameters::BadParameter;
pub(crate) use self::parameters::duration_nanos;
pub use self::parameters::time as parse_time;
pub use self::selection::Selectors;
use crate::problem::Problem;
use crate::state::AppState;

/// The routes of this module, absolute.
pub(crate) fn router() -> Router<AppState> {
    let (router, _) = documented().split_for_parts();
    router
        .route("/api/openapi.json", get(openapi::document))
        .layer(Extension(logs::Places::default()))
        .layer(Extension(containers::RecentErrors::default()))
        .layer(Extension(containers::Stats::default()))
}

/// Counts all requests to `routes`: for [`crate::router`] to put around everything.
pub(crate) fn measured(routes: Router<AppState>) -> Router<AppState> {
    routes.layer(from_fn(metrics::count)).layer(Extension(metrics::Requests::default()))
}

/// The routes and what is written about them.
fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(logs::logs))
        .routes(routes!(logs::histogram::histogram))
        .routes(routes!(containers::containers))
        .routes(routes!(containers::stats::containers_stats))
        .routes(routes!(containers::container, actions::remove_container))
        .routes(routes!(containers::details::container_details))
        .routes(routes!(actions::act_on_container))
        .routes(routes!(stacks::stacks))
        .routes(routes!(actions::act_on_stack))
        .routes(routes!(actions::act_on_service))
        .routes(routes!(operations::operations))
        .routes(routes!(operations::operation))
        .routes(routes!(marks::marks))
        .routes(routes!(hide_rules::hide_rules, hide_rules::add_hide_rule))
        .routes(routes!(hide_rules::remove_hide_rule))
        .routes(routes!(retention::retention, retention::set_retention, retention::reset_retention))
        .routes(routes!(roles::roles, roles::add_role))
        .routes(routes!(roles::change_role, roles::remove_role))
        .routes(routes!(users::users, users::add_user))
        .routes(routes!(users::change_user, users::remove_user))
        .routes(routes!(tokens::tokens, tokens::create_token))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(sessions::sessions, sessions::end_other_sessions))
        .routes(routes!(sessions::end_session))
        .routes(routes!(audit::audit))
        .routes(routes!(searches::searches, searches::save_search))
        .routes(routes!(searches::remove_search))
        .routes(routes!(metrics::metrics))
}

/// Runs what blocks off the async threads.
async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, Problem>
where
    T: Send + 'static,
    E: Error + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| Problem::internal(&error)),
        Err(error) => Err(Problem::internal(&error)),
    }
}

#[cfg(test)]
mod tests;
