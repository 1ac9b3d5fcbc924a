//! Until an admin exists, nothing answers but what makes one.

use axum::response::{IntoResponse, Redirect, Response};
use http::Method;
use http::request::Parts;

use crate::problem::{Code, Problem};
use crate::ui;

/// The answer to a request that has to wait for the setup; `None` for the setup itself.
pub(crate) fn refuse(parts: &Parts, base: &str) -> Option<Response> {
    let path = parts.uri.path();
    let is_read = matches!(parts.method, Method::GET | Method::HEAD);
    let open = match path {
        "/api/v1/setup" => parts.method == Method::POST,
        "/setup" | "/healthz" | "/readyz" => is_read,
        _ => is_read && ui::is_asset(path),
    };
    if open {
        return None;
    }
    let is_page = is_read && !ui::is_for_programs(path);
    Some(if is_page {
        // The link's token stands in a fragment that the browser keeps; there is nothing to carry over.
        Redirect::to(&format!("{base}/setup")).into_response()
    } else {
        Problem::new(Code::SetupRequired, "open the setup link that MiniMan printed at its start")
            .into_response()
    })
}
