//! `/healthz` and `/readyz`: for orchestrators. Constant bodies, open to everyone, so they tell nothing.

use axum::Router;
use axum::routing::get;

use crate::state::AppState;

pub(crate) fn router() -> Router<AppState> {
    // A server that can be reached has opened its stores, so being ready is being alive; an engine that is away is
    // shown on the page and is no reason to restart MiniMan.
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(async || "ok\n"))
}
