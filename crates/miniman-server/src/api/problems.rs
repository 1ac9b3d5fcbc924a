//! The errors that routes answer with, for the OpenAPI document. The answers themselves are [`crate::problem`]'s.

use utoipa::IntoResponses;

use crate::problem::ProblemBody;

macro_rules! problems {
    ($($(#[doc = $doc:literal])+ $name:ident = $status:literal;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(IntoResponses)]
            #[response(status = $status, content_type = "application/problem+json")]
            #[expect(dead_code, reason = "only its documentation is used")]
            pub(crate) struct $name(ProblemBody);
        )+
    };
}

problems! {
    /// `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be.
    BadRequest = 400;
    /// `unauthenticated`: no valid session cookie or token came along.
    Unauthenticated = 401;
    /// `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
    /// first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
    /// `wrong_password`: it was not the right one.
    Forbidden = 403;
    /// `not_found`: it does not exist, or is not the asker's to see.
    NotFound = 404;
    /// `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it.
    Ambiguous = 409;
    /// `throttled`: too many tries; `Retry-After` says when to go on.
    Throttled = 429;
    /// `action_failed`: the engine refused; `detail` has its words.
    ActionFailed = 502;
    /// `unavailable`: too much at once, or history is still being read. `engine_unavailable`: the engine is away.
    Unavailable = 503;
}
