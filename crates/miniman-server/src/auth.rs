//! Setup, login, logout and "who am I" under `/api/v1`.

mod confirm;
mod login;
mod logout;
mod me;
mod password;
mod setup;

pub(crate) use confirm::ConfirmBody;
pub(crate) use login::{LoginBody, LoginWays};
pub(crate) use me::Me;
pub(crate) use password::PasswordBody;
pub(crate) use setup::SetupBody;

use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header;

use crate::accounts::Login;
use crate::problem::{Code, Problem};
use crate::state::AppState;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/api/v1/setup", post(setup::setup))
        .route("/api/v1/login", get(login::ways).post(login::login))
        .route("/api/v1/logout", post(logout::logout))
        .route("/api/v1/me", get(me::me))
        .route("/api/v1/me/confirm", post(confirm::confirm))
        .route("/api/v1/me/password", post(password::password))
}

/// The answer to a setup or login: who it is now, and the cookie that says so next time.
fn logged_in(state: &AppState, login: &Login) -> Response {
    let cookie = state.accounts.cookie().set(&login.secret, login.lifetime(state.clock.now()));
    ([(header::SET_COOKIE, cookie)], axum::Json(Me::of(&login.principal))).into_response()
}

/// A body that is not the JSON asked for.
pub(crate) fn bad_json(rejection: &JsonRejection) -> Problem {
    match rejection.status() {
        http::StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::TooLarge, "the body is too large"),
        _ => Problem::bad_request(rejection.body_text()),
    }
}
