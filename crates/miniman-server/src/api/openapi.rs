//! The OpenAPI 3.1 document: `GET /api/openapi.json`, and the same for the page's types without a server.

use axum::http::header;
use axum::response::IntoResponse;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{problems, wire};
use crate::auth::{ConfirmBody, LoginBody, LoginWays, Me, PasswordBody, SetupBody};
use crate::problem::ProblemBody;

/// What is not tied to one of the routes here: the frame, Socket.IO's payloads, and the routes of [`crate::auth`] and
/// [`crate::health`], which are described below.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "MiniMan",
        description = "What containers say, live, and acting on them. Times are RFC 3339 UTC with nanoseconds; wherever a \
                       time is asked for, a duration (`15m`, `2h`) means that long ago. Errors are problem+json with a \
                       stable `code`.",
        license(name = "MIT OR Apache-2.0"),
    ),
    paths(setup, login_ways, login, oidc_login, oidc_callback, logout, me, confirm, password, healthz, readyz, openapi),
    components(schemas(
        ProblemBody,
        wire::GapRow,
        wire::StreamContainerLogs,
        wire::LogAck,
        wire::DockerLog,
        wire::DockerLogComplete,
        wire::ContainerStatusChange,
        wire::StatusMessage,
        wire::LogBatch,
        wire::LogGap,
        wire::LogMark,
        wire::ContainersChanged,
    )),
    modifiers(&Credentials),
    security(("token" = []), ("session" = [])),
    tags(
        (name = "logs", description = "Records and marks"),
        (name = "hide-rules", description = "What views of a service leave out when they are asked to"),
        (name = "containers", description = "Containers, engines, and acting on one"),
        (name = "stacks", description = "Compose projects and Swarm stacks"),
        (name = "operations", description = "Who did what, when, and how it ended"),
        (name = "searches", description = "Views under a name, one's own and shared ones"),
        (name = "settings", description = "What is kept; for admins"),
        (name = "accounts", description = "First setup, users, tokens, sessions, and who did what"),
        (name = "service", description = "For orchestrators and monitoring"),
    ),
)]
struct Document;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        let cookie = ApiKeyValue::with_description(
            "miniman_session",
            "Set by login and setup; its name starts with `__Host-` when MiniMan is reached by https. Writes by cookie \
             need an allowed `Origin`.",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

pub(super) fn base() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The whole document, pretty-printed, with a newline at its end.
pub fn openapi_json() -> String {
    let document = super::documented().into_openapi();
    let mut json = document.to_pretty_json().expect("the document has string keys only");
    json.push('\n');
    json
}

pub(super) async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi_json())
}

/// The first admin, by the one-time link that MiniMan prints.
#[utoipa::path(
    post,
    path = "/api/v1/setup",
    tag = "accounts",
    request_body = SetupBody,
    security(()),
    responses(
        (status = 200, description = "Logged in; the session cookie is set", body = Me),
        problems::BadRequest, problems::Forbidden, problems::Ambiguous, problems::Throttled,
    )
)]
#[expect(dead_code, reason = "describes a route of the auth module")]
fn setup() {}

/// How one can log in besides with name and password.
#[utoipa::path(
    get,
    path = "/api/v1/login",
    tag = "accounts",
    security(()),
    responses((status = 200, description = "What the login page offers", body = LoginWays))
)]
#[expect(dead_code, reason = "describes a route of the auth module")]
fn login_ways() {}

/// Off to the OpenID Connect provider; there is such a route only when one is configured.
#[utoipa::path(
    get,
    path = "/api/v1/oidc/login",
    tag = "accounts",
    security(()),
    params(("next" = Option<String>, Query, description = "Own path to go to afterwards: `/logs?container=web`")),
    responses(
        (status = 303, description = "To the provider, or to the login page with what went wrong"),
        problems::NotFound,
    )
)]
#[expect(dead_code, reason = "describes a route of the oidc module")]
fn oidc_login() {}

/// Back from the provider.
#[utoipa::path(
    get,
    path = "/api/v1/oidc/callback",
    tag = "accounts",
    security(()),
    params(
        ("code" = Option<String>, Query, description = "The provider's"),
        ("state" = Option<String>, Query, description = "The one that was sent there"),
        ("error" = Option<String>, Query, description = "Why it said no"),
    ),
    responses(
        (status = 303, description = "Logged in and on to `next`, or to the login page with what went wrong"),
        problems::NotFound,
    )
)]
#[expect(dead_code, reason = "describes a route of the oidc module")]
fn oidc_callback() {}

#[utoipa::path(
    post,
    path = "/api/v1/login",
    tag = "accounts",
    request_body = LoginBody,
    security(()),
    responses(
        (status = 200, description = "Logged in; the session cookie is set", body = Me),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::Throttled,
    )
)]
#[expect(dead_code, reason = "describes a route of the auth module")]
fn login() {}

/// Ends the session and every stream that it opened.
#[utoipa::path(
    post,
    path = "/api/v1/logout",
    tag = "accounts",
    responses((status = 204, description = "Logged out; the cookie is cleared"), problems::Unauthenticated)
)]
#[expect(dead_code, reason = "describes a route of the auth module")]
fn logout() {}

/// Who asks, and what they may do.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "accounts",
    responses((status = 200, description = "The asker", body = Me), problems::Unauthenticated)
)]
#[expect(dead_code, reason = "describes a route of the auth module")]
fn me() {}

/// Gives the session's password once more: for ten minutes it may then change users, tokens and settings.
///
/// Only sessions are asked, by `confirmation_required`; a token never is.
#[utoipa::path(
    post,
    path = "/api/v1/me/confirm",
    tag = "accounts",
    request_body = ConfirmBody,
    responses(
        (status = 204, description = "Confirmed"),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::Throttled,
    )
)]
#[expect(dead_code, reason = "describes a route of the auth module")]
fn confirm() {}

/// Gives the asker another password; all their other sessions end.
#[utoipa::path(
    post,
    path = "/api/v1/me/password",
    tag = "accounts",
    request_body = PasswordBody,
    responses(
        (status = 204, description = "Changed"),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::Throttled,
    )
)]
#[expect(dead_code, reason = "describes a route of the auth module")]
fn password() {}

/// Whether the process answers.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "service",
    security(()),
    responses((status = 200, description = "`ok`", body = String, content_type = "text/plain"))
)]
#[expect(dead_code, reason = "describes a route of the health module")]
fn healthz() {}

/// Whether it may be sent requests.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "service",
    security(()),
    responses((status = 200, description = "`ok`", body = String, content_type = "text/plain"))
)]
#[expect(dead_code, reason = "describes a route of the health module")]
fn readyz() {}

/// This document.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "service",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json"))
)]
#[expect(dead_code, reason = "describes a route that is mounted by hand")]
fn openapi() {}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_is_as_it_was_reviewed() {
        insta::assert_snapshot!(super::openapi_json());
    }
}
