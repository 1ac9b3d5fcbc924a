//! The seed's routes: `/docker/containers/{start,stop,restart}/<container_id>`. Its logs page,
//! `/docker/logs/<config_id>/<container_id>`, is a route of the page's own and served by [`crate::ui`].

mod act;
mod referrer;

use axum::Router;
use axum::routing::post;

use crate::state::AppState;

pub(crate) fn router() -> Router<AppState> {
    // Only what the seed has: kill, pause and remove are under /api/v1.
    Router::new()
        .route("/docker/containers/start/{container_id}", post(act::start))
        .route("/docker/containers/stop/{container_id}", post(act::stop))
        .route("/docker/containers/restart/{container_id}", post(act::restart))
}

#[cfg(test)]
mod tests;
