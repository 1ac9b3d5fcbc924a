//! The one place where errors become HTTP answers: `application/problem+json` with a stable `code`.
//!
//! The public `detail` is chosen by whoever makes the [`Problem`]; the chain of an internal error goes to our own
//! diagnostics, once, and never to the asker.

use std::error::Error;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// A refused or failed request.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    detail: String,
    retry_after_s: Option<u64>,
}

/// Goes with the answer to a refused request, for the gate.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) detail: String,
}

/// Stable names of what went wrong; programs match on these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    Unauthenticated,
    Forbidden,
    ConfirmationRequired,
    WrongPassword,
    NotFound,
    Ambiguous,
    Conflict,
    BadRequest,
    SetupRequired,
    Throttled,
    Misdirected,
    EngineUnavailable,
    ActionFailed,
    TooLarge,
    MethodNotAllowed,
    Unavailable,
    Internal,
}

/// What went wrong, as RFC 9457 has it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    pub code: &'static str,
    pub detail: String,
}

impl Code {
    pub const ALL: [Self; 17] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::ConfirmationRequired,
        Self::WrongPassword,
        Self::NotFound,
        Self::Ambiguous,
        Self::Conflict,
        Self::BadRequest,
        Self::SetupRequired,
        Self::Throttled,
        Self::Misdirected,
        Self::EngineUnavailable,
        Self::ActionFailed,
        Self::TooLarge,
        Self::MethodNotAllowed,
        Self::Unavailable,
        Self::Internal,
    ];

    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    pub fn status(self) -> StatusCode {
        self.row().1
    }

    pub fn title(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED, "Not logged in"),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "Not allowed"),
            Self::ConfirmationRequired => {
                ("confirmation_required", StatusCode::FORBIDDEN, "The password is asked again")
            }
            Self::WrongPassword => ("wrong_password", StatusCode::FORBIDDEN, "Wrong password"),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND, "Not found"),
            Self::Ambiguous => ("ambiguous", StatusCode::CONFLICT, "More than one match"),
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "Not possible now"),
            Self::BadRequest => ("bad_request", StatusCode::BAD_REQUEST, "Bad request"),
            Self::SetupRequired => ("setup_required", StatusCode::FORBIDDEN, "MiniMan is not set up yet"),
            Self::Throttled => ("throttled", StatusCode::TOO_MANY_REQUESTS, "Too many tries"),
            Self::Misdirected => {
                ("misdirected", StatusCode::MISDIRECTED_REQUEST, "This host name is not MiniMan's")
            }
            Self::EngineUnavailable => {
                ("engine_unavailable", StatusCode::SERVICE_UNAVAILABLE, "The engine does not answer")
            }
            Self::ActionFailed => ("action_failed", StatusCode::BAD_GATEWAY, "The engine refused"),
            Self::TooLarge => ("too_large", StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
            Self::MethodNotAllowed => {
                ("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
            }
            Self::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Busy"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
        }
    }
}

impl Problem {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), retry_after_s: None }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("no such {what}"))
    }

    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(Code::BadRequest, detail)
    }

    /// Says nothing to the asker and everything to our own diagnostics.
    pub fn internal(error: &(dyn Error + 'static)) -> Self {
        let mut chain = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            chain.push_str(": ");
            chain.push_str(&error.to_string());
            source = error.source();
        }
        tracing::error!(error = chain, "request failed");
        Self::new(Code::Internal, "something went wrong inside MiniMan; its own log says what")
    }

    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    pub fn code(&self) -> Code {
        self.code
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: "about:blank",
            title: self.code.title(),
            status: self.code.status().as_u16(),
            code: self.code.as_str(),
            detail: self.detail,
        };
        let refusal = Refusal { code: self.code, detail: body.detail.clone() };
        let mut response = (self.code.status(), axum::Json(body)).into_response();
        response.extensions_mut().insert(refusal);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.code == Code::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn codes_and_their_statuses_are_stable() {
        let table: String = Code::ALL
            .iter()
            .map(|code| format!("{} {} {}\n", code.status().as_u16(), code.as_str(), code.title()))
            .collect();
        expect![[r#"
            401 unauthenticated Not logged in
            403 forbidden Not allowed
            403 confirmation_required The password is asked again
            403 wrong_password Wrong password
            404 not_found Not found
            409 ambiguous More than one match
            409 conflict Not possible now
            400 bad_request Bad request
            403 setup_required MiniMan is not set up yet
            429 throttled Too many tries
            421 misdirected This host name is not MiniMan's
            503 engine_unavailable The engine does not answer
            502 action_failed The engine refused
            413 too_large Too large
            405 method_not_allowed Method not allowed
            503 unavailable Busy
            500 internal Internal error
        "#]]
        .assert_eq(&table);
    }

    #[test]
    fn an_internal_errors_chain_stays_inside() {
        let error = std::io::Error::other("/secret/path");
        assert!(!Problem::internal(&error).detail().contains("secret"));
    }
}
