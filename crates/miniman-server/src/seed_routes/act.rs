//! `POST /docker/containers/{start,stop,restart}/<container_id>`: a form's button, or a program that accepts JSON.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{HeaderMap, header};
use miniman_engine::Action;

use super::referrer::way_back;
use crate::access;
use crate::accounts::AuthError;
use crate::operations;
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

pub(super) async fn start(state: State<AppState>, path: Path<String>, parts: Parts) -> Response {
    answer(&state, &path, &parts, Action::Start).await
}

pub(super) async fn stop(state: State<AppState>, path: Path<String>, parts: Parts) -> Response {
    answer(&state, &path, &parts, Action::Stop).await
}

pub(super) async fn restart(state: State<AppState>, path: Path<String>, parts: Parts) -> Response {
    answer(&state, &path, &parts, Action::Restart).await
}

async fn answer(state: &AppState, asked: &str, parts: &Parts, action: Action) -> Response {
    let base = &state.config.base_path;
    let json = accepts_json(&parts.headers);
    let principal = match Principal::of(parts, state).await {
        Ok(principal) => principal,
        // A person whose session has ended wants the login page, not a problem.
        Err(AuthError::Missing | AuthError::Invalid) if !json && accepts_html(&parts.headers) => {
            return Redirect::to(&format!("{base}/login")).into_response();
        }
        Err(error) => return Problem::from(error).into_response(),
    };
    match act(state, &principal, asked, action).await {
        Ok(operation) if json => Json(crate::api::wire::Operation::of(&operation)).into_response(),
        // Also when Docker refused: the page hears of it by its socket, as the seed's did.
        Ok(_) => Redirect::to(&way_back(&parts.headers, asked, base)).into_response(),
        Err(problem) => problem.into_response(),
    }
}

async fn act(
    state: &AppState,
    principal: &Principal,
    asked: &str,
    action: Action,
) -> Result<miniman_store::app::Operation, Problem> {
    let roster = state.hub.roster().borrow().clone();
    let entry = access::find(principal, &roster, asked)?;
    operations::perform(state, principal, &entry, action).await
}

fn accepts_json(headers: &HeaderMap) -> bool {
    accepts(headers, "application/json")
}

fn accepts_html(headers: &HeaderMap) -> bool {
    accepts(headers, "text/html")
}

/// Whether the type is named; `*/*` names none.
fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offer| offer.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(kind)))
}
