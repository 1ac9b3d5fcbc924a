//! Own roles: made, changed and removed by who manages. A change holds at once, for open streams too.

use miniman_store::app::{AppError, OwnRole, Role};

use super::Accounts;
use crate::access::Managing;
use crate::problem::{Code, Problem};

impl Accounts {
    /// Own roles by name.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn roles(&self) -> Result<Vec<OwnRole>, Problem> {
        let store = self.inner.store.clone();
        match tokio::task::spawn_blocking(move || store.roles()).await {
            Ok(roles) => roles.map_err(Problem::from),
            Err(error) => Err(Problem::internal(&error)),
        }
    }

    /// # Errors
    /// A name that is taken or can't be one, too many roles.
    pub(crate) async fn add_role(&self, _by: &Managing, role: OwnRole) -> Result<(), Problem> {
        if Role::parse(&role.name).is_none() {
            return Err(Problem::bad_request("a role's name is 1 to 64 of the characters a-z 0-9 . _ -"));
        }
        Ok(self.try_change(move |store| store.add_role(&role)).await?)
    }

    /// # Errors
    /// No such role; somebody with a scope would manage.
    pub(crate) async fn change_role(&self, _by: &Managing, role: OwnRole) -> Result<(), Problem> {
        self.try_change(move |store| store.change_role(&role)).await.map_err(about_a_role)
    }

    /// # Errors
    /// No such role; somebody has it.
    pub(crate) async fn remove_role(&self, _by: &Managing, name: String) -> Result<(), Problem> {
        self.try_change(move |store| store.remove_role(&name)).await.map_err(about_a_role)
    }
}

fn about_a_role(error: AppError) -> Problem {
    match error {
        AppError::NoSuchRole => Problem::not_found("role"),
        error => error.into(),
    }
}

/// What the database says to changes of users, tokens and roles, for who asked for them.
impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let code = match &error {
            AppError::NoSuchUser => Code::NotFound,
            AppError::NameTaken
            | AppError::LastAdmin
            | AppError::RoleInUse
            | AppError::TooMany { .. }
            | AppError::TooManyRoles => Code::Conflict,
            AppError::NoSuchRole | AppError::RoleAboveOwner | AppError::ScopeOfManager => Code::BadRequest,
            _ => return Self::internal(&error),
        };
        Self::new(code, error.to_string())
    }
}
