//! `GET /metrics` for Prometheus, and the counting of requests.
//!
//! Only requests are counted as they come; all else is read from the hub and the store when somebody scrapes, so that
//! nothing on the way of a line pays for it. A scrape needs a login or a token like everything else, and tells of the
//! containers that the asker may see.

mod scrape;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{Method, header};
use metrics::{counter, describe_counter, with_local_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

use super::{blocking, problems};
use crate::access::sees_the_whole;
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

/// Counts of one server: not global, so that several can run in one process.
#[derive(Clone)]
pub(crate) struct Requests(Arc<PrometheusRecorder>);

impl Default for Requests {
    fn default() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        with_local_recorder(&recorder, || {
            describe_counter!("miniman_http_requests_total", "HTTP requests by route and status");
        });
        Self(Arc::new(recorder))
    }
}

/// The state of MiniMan in Prometheus' text format.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "service",
    responses(
        (status = 200, description = "Prometheus' text format", body = String, content_type = "text/plain"),
        problems::Unauthenticated,
    )
)]
pub(crate) async fn metrics(
    State(state): State<AppState>,
    Extension(requests): Extension<Requests>,
    principal: Principal,
) -> Result<Response, Problem> {
    let roster = state.hub.roster().borrow().clone();
    let (store, redactor) = (state.hub.store().clone(), state.hub.redactor().clone());
    let requests = if sees_the_whole(&principal) { requests.0.handle().render() } else { String::new() };
    let scrape = move || scrape::scrape(&principal, &roster, &store, &redactor);
    let scraped = blocking(move || Ok::<_, std::convert::Infallible>(scrape())).await?;
    let text = format!("{scraped}{requests}");
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// Counts a request by the route that it matched, so that ids in paths make no new series.
pub(crate) async fn count(
    Extension(requests): Extension<Requests>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    // A method that we do not know is a client's text: it makes no series.
    let method = match request.method() {
        method @ (&Method::GET | &Method::HEAD | &Method::POST | &Method::PUT | &Method::DELETE) => {
            method.to_string()
        }
        _ => "other".to_owned(),
    };
    let response = next.run(request).await;
    let labels = [
        ("route", route.unwrap_or_else(|| "other".to_owned())),
        ("method", method),
        ("status", response.status().as_u16().to_string()),
    ];
    with_local_recorder(&*requests.0, || counter!("miniman_http_requests_total", &labels).increment(1));
    response
}
