//! `GET` and `POST /hide-rules`, `DELETE /hide-rules/{id}`.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, RawQuery, State};
use http::StatusCode;
use miniman_hub::Roster;
use miniman_log::query::Query;
use miniman_store::app::{AppError, HideRuleRow, NewHideRule, UserId};
use miniman_store::logs::ServiceName;

use super::parameters::Parameters;
use super::{blocking, problems, wire};
use crate::access::{manage, sees_what_is_about, visible};
use crate::auth::bad_json;
use crate::hide_rules::{RULE_BYTES_MAX, of_label, service_of};
use crate::principal::Principal;
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// The asker's own rules, everyone's, and those of containers' labels, for services that the asker may see.
#[utoipa::path(
    get,
    path = "/api/v1/hide-rules",
    tag = "hide-rules",
    responses(
        (status = 200, description = "By stack and service", body = wire::HideRules),
        problems::BadRequest, problems::Unauthenticated,
    )
)]
pub(crate) async fn hide_rules(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::HideRules>, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let roster = state.hub.roster().borrow().clone();
    let kept = state.hide_rules.rows(&principal).into_iter();
    let kept = kept.filter(|row| row.user_id.is_some() || is_visible(&principal, &roster, &service(row)));
    let mut rules: Vec<_> = kept.map(|row| described(&row, &principal)).collect();
    rules.extend(labels(&principal, &roster));
    rules.sort_by(|a, b| (&a.stack, &a.service, &a.id).cmp(&(&b.stack, &b.service, &b.id)));
    Ok(Json(wire::HideRules { rules }))
}

/// Hides lines of a service from the asker's views, or from everyone's.
#[utoipa::path(
    post,
    path = "/api/v1/hide-rules",
    tag = "hide-rules",
    request_body = wire::HideRuleBody,
    responses(
        (status = 201, description = "The rule", body = wire::HideRule),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::NotFound, problems::Ambiguous,
    )
)]
pub(crate) async fn add_hide_rule(
    State(state): State<AppState>,
    principal: Principal,
    RawQuery(raw): RawQuery,
    body: Result<Json<wire::HideRuleBody>, JsonRejection>,
) -> Result<(StatusCode, Json<wire::HideRule>), Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let Json(body) = body.map_err(|rejection| bad_json(&rejection))?;
    if body.everyone {
        manage(&principal)?;
    }
    check(&body)?;
    let roster = state.hub.roster().borrow().clone();
    let service = ServiceName { stack: body.stack, service: body.service };
    if !is_visible(&principal, &roster, &service) {
        return Err(Problem::not_found("service"));
    }
    let (rules, now, who) = (state.hide_rules.clone(), state.clock.now(), principal.who());
    let user_id = (!body.everyone).then_some(UserId(principal.user_id));
    let added = blocking(move || {
        let ServiceName { stack, service } = &service;
        let rule =
            NewHideRule { user_id, stack: stack.as_deref(), service, query: body.query.trim(), who: &who };
        match rules.add(rule, now) {
            Err(AppError::TooMany { most }) => Ok(Err(most)),
            added => added.map(Ok),
        }
    });
    let row = added.await?.map_err(|most| {
        let detail = format!("there are {most} hide rules already: remove one first");
        Problem::new(Code::Conflict, detail)
    })?;
    Ok((StatusCode::CREATED, Json(described(&row, &principal))))
}

/// Removes a rule: one's own, or as an admin one of everyone's.
#[utoipa::path(
    delete,
    path = "/api/v1/hide-rules/{id}",
    tag = "hide-rules",
    params(("id" = i64, Path)),
    responses(
        (status = 204, description = "It is gone"),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::NotFound,
    )
)]
pub(crate) async fn remove_hide_rule(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<StatusCode, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let roster = state.hub.roster().borrow().clone();
    let own = state.hide_rules.rows(&principal).into_iter().find(|row| row.id.to_string() == id);
    let row = own.ok_or_else(|| Problem::not_found("hide rule"))?;
    if row.user_id.is_none() {
        if !is_visible(&principal, &roster, &service(&row)) {
            return Err(Problem::not_found("hide rule"));
        }
        manage(&principal)?;
    }
    let rules = state.hide_rules.clone();
    blocking(move || rules.remove(row.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn check(body: &wire::HideRuleBody) -> Result<(), Problem> {
    let query = &body.query;
    if body.stack.iter().chain([&body.service]).any(|name| name.chars().any(char::is_control)) {
        return Err(Problem::bad_request("stack, service: a name has no control characters"));
    }
    if query.contains('\0') {
        return Err(Problem::bad_request("query: it may not hold U+0000"));
    }
    if query.len() > RULE_BYTES_MAX {
        return Err(Problem::bad_request(format!("query: it is longer than {RULE_BYTES_MAX} bytes")));
    }
    let parsed = Query::parse(query).map_err(|error| Problem::bad_request(format!("query: {error}")))?;
    if parsed.is_empty() {
        return Err(Problem::bad_request("query: an empty one would hide every line; say what to hide"));
    }
    Ok(())
}

fn service(row: &HideRuleRow) -> ServiceName {
    ServiceName { stack: row.stack.clone(), service: row.service.clone() }
}

/// Whether the asker may see a container of the service, or an admin may clean up what is of none any more.
fn is_visible(principal: &Principal, roster: &Arc<Roster>, service: &ServiceName) -> bool {
    sees_what_is_about(principal, roster, |entry| service_of(entry) == *service)
}

fn described(row: &HideRuleRow, principal: &Principal) -> wire::HideRule {
    let mine = row.user_id.is_some();
    wire::HideRule {
        id: Some(row.id),
        stack: row.stack.clone(),
        service: row.service.clone(),
        query: row.query.clone(),
        whose: if mine { wire::HideRuleFor::Me } else { wire::HideRuleFor::Everyone },
        who: Some(row.who.clone()),
        created: Some(wire::time(row.created)),
        removable: mine || manage(principal).is_ok(),
    }
}

/// One a service and text: replicas have the same labels.
fn labels(principal: &Principal, roster: &Roster) -> Vec<wire::HideRule> {
    let mut rules: Vec<_> = visible(principal, roster)
        .filter_map(|entry| of_label(entry))
        .map(|(text, rule)| wire::HideRule {
            id: None,
            stack: rule.service.stack,
            service: rule.service.service,
            query: text.to_owned(),
            whose: wire::HideRuleFor::Label,
            who: None,
            created: None,
            removable: false,
        })
        .collect();
    rules.sort_by(|a, b| (&a.stack, &a.service, &a.query).cmp(&(&b.stack, &b.service, &b.query)));
    rules.dedup();
    rules
}
