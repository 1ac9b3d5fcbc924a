//! `GET` and `POST /searches`, `DELETE /searches/{id}`: views under a name, one's own and shared ones.

#[cfg(test)]
mod tests;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, RawQuery, State};
use http::StatusCode;
use miniman_log::query::Query;
use miniman_store::app::{AppError, NewSearch, SavedSearch, UserId};

use super::parameters::Parameters;
use super::{Selectors, blocking, problems, wire};
use crate::access::{manage, share};
use crate::auth::bad_json;
use crate::principal::Principal;
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// A name is read in a list.
const NAME_CHARS_MAX: usize = 100;
/// Two queries of 4,096 bytes would be more, percent-encoded; a link of that length is passed on by nobody.
const QUERY_BYTES_MAX: usize = 8_192;
/// What a view's address holds beside the line that it is at.
const KNOWN: [&str; 9] =
    ["stack", "service", "container", "engine", "filter", "find", "since", "until", "columns"];

/// The asker's own searches and the shared ones, by name.
#[utoipa::path(
    get,
    path = "/api/v1/searches",
    tag = "searches",
    responses(
        (status = 200, description = "Shared ones where the asker sees what they select", body = wire::SavedSearches),
        problems::BadRequest, problems::Unauthenticated,
    )
)]
pub(crate) async fn searches(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::SavedSearches>, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let store = state.store.clone();
    let user_id = UserId(principal.user_id);
    let kept = blocking(move || store.searches(user_id)).await?;
    let searches = kept.iter().filter(|search| is_visible(&state, &principal, search));
    let searches = searches.map(|search| described(search, &principal)).collect();
    Ok(Json(wire::SavedSearches { searches }))
}

/// Saves a view under a name.
#[utoipa::path(
    post,
    path = "/api/v1/searches",
    tag = "searches",
    request_body = wire::SavedSearchBody,
    responses(
        (status = 201, description = "The search", body = wire::SavedSearch),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::Ambiguous,
    )
)]
pub(crate) async fn save_search(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
    body: Result<Json<wire::SavedSearchBody>, JsonRejection>,
) -> Result<(StatusCode, Json<wire::SavedSearch>), Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    if body.shared {
        share(&principal)?;
    }
    let name = body.name.trim().to_owned();
    check(&name, &body.query)?;
    let (store, now, who) = (state.store.clone(), state.clock.now(), principal.who());
    let user_id = UserId(principal.user_id);
    let added = blocking(move || {
        let search = NewSearch { user_id, name: &name, query: &body.query, shared: body.shared, who: &who };
        match store.add_search(search, now) {
            Ok(id) => store.search_by_id(id).map(|search| search.ok_or_else(|| Problem::not_found("search"))),
            Err(error @ (AppError::NameTaken | AppError::TooManySearches)) => {
                Ok(Err(Problem::new(Code::Conflict, error.to_string())))
            }
            Err(error) => Err(error),
        }
    });
    let search = added.await??;
    Ok((StatusCode::CREATED, Json(described(&search, &principal))))
}

/// Removes a search: one's own, or as an admin a shared one.
#[utoipa::path(
    delete,
    path = "/api/v1/searches/{id}",
    tag = "searches",
    params(("id" = i64, Path)),
    responses(
        (status = 204, description = "It is gone"),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::NotFound,
    )
)]
pub(crate) async fn remove_search(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<StatusCode, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let id: i64 = id.parse().map_err(|_| Problem::not_found("search"))?;
    let store = state.store.clone();
    let search = blocking(move || store.search_by_id(id)).await?;
    let search = search.filter(|search| is_visible(&state, &principal, search));
    let search = search.ok_or_else(|| Problem::not_found("search"))?;
    if search.user_id.0 != principal.user_id {
        manage(&principal)?;
    }
    let store = state.store.clone();
    blocking(move || store.remove_search(search.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn check(name: &str, query: &str) -> Result<(), Problem> {
    let length = name.chars().count();
    if length == 0 || length > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(Problem::bad_request(format!("name: give one of 1 to {NAME_CHARS_MAX} characters")));
    }
    if query.len() > QUERY_BYTES_MAX {
        return Err(Problem::bad_request(format!("query: it is longer than {QUERY_BYTES_MAX} bytes")));
    }
    let given = Parameters::parse(Some(query), &KNOWN)?;
    for field in ["filter", "find"] {
        if let Some(text) = given.one(field)? {
            Query::parse(text).map_err(|error| Problem::bad_request(format!("{field}: {error}")))?;
        }
    }
    Selectors::of(&given)?;
    Ok(())
}

/// One's own, or a shared one of which the asker sees what it selects: its names are nobody else's business.
fn is_visible(state: &AppState, principal: &Principal, search: &SavedSearch) -> bool {
    if search.user_id.0 == principal.user_id {
        return true;
    }
    if !search.shared {
        return false;
    }
    let roster = state.hub.roster().borrow().clone();
    let given = Parameters::parse(Some(&search.query), &KNOWN);
    let selectors = given.and_then(|given| Selectors::of(&given));
    selectors.is_ok_and(|selectors| selectors.resolve(principal, &roster, &state.stack_ids).is_ok())
        || manage(principal).is_ok()
}

fn described(search: &SavedSearch, principal: &Principal) -> wire::SavedSearch {
    let mine = search.user_id.0 == principal.user_id;
    wire::SavedSearch {
        id: search.id,
        name: search.name.clone(),
        query: search.query.clone(),
        shared: search.shared,
        mine,
        who: search.who.clone(),
        created: wire::time(search.created),
        removable: mine || manage(principal).is_ok(),
    }
}
