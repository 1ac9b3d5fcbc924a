//! The one authorization function. HTTP, sockets, rooms, downloads and actions all ask [`authorize`], per container
//! and, for streams, again at every emission; reading a log or acting takes the [`Granted`] that only it makes.
//!
//! What the asker may not see looks exactly like what does not exist: [`Denied::NotFound`].

use std::sync::Arc;

use miniman_engine::Action;
use miniman_hub::{Entry, ResolveError, Roster};
use miniman_store::logs::Log;

use crate::principal::{Principal, Role};
use crate::problem::{Code, Problem};

/// What is asked to be done with a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See that it exists, its state and its log.
    SeeLogs,
    /// See how it is made: mounts, networks, limits, labels.
    SeeDetails,
    /// See its environment, in which secrets are masked all the same.
    SeeEnvironment,
    Act(Action),
    /// Change MiniMan's own settings about it.
    Manage,
}

/// Proof that [`authorize`] said yes; it can't be made elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Granted<'a> {
    entry: &'a Arc<Entry>,
    permission: Permission,
}

/// Proof that [`manage`] said yes.
#[derive(Debug, Clone)]
pub struct Managing {
    who: String,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Absent, or not the asker's to see: the same on purpose.
    #[error("no such container")]
    NotFound,
    #[error("several containers match; use more of the id")]
    Ambiguous,
    #[error("this needs the role {}", .needs.as_str())]
    Role { needs: Role },
    #[error("MiniMan runs read-only")]
    ReadOnly,
    #[error("MiniMan does not act on the container it runs in")]
    OwnContainer,
    #[error("the container is gone")]
    Gone,
}

impl<'a> Granted<'a> {
    pub fn entry(&self) -> &'a Arc<Entry> {
        self.entry
    }

    pub fn log(&self) -> &'a Log {
        &self.entry.log
    }

    pub fn permission(&self) -> Permission {
        self.permission
    }
}

impl Managing {
    /// The name kept with what is changed.
    pub fn who(&self) -> &str {
        &self.who
    }

    #[cfg(test)]
    pub(crate) fn of(who: &str) -> Self {
        Self { who: who.to_owned() }
    }
}

/// Decides whether `principal` may look at and change settings that are about no single container.
///
/// # Errors
/// [`Denied::Role`].
pub fn manage(principal: &Principal) -> Result<Managing, Denied> {
    require(principal, Role::Admin)?;
    Ok(Managing { who: principal.who() })
}

/// Decides whether `principal` may do this with this container.
///
/// # Errors
/// [`Denied::NotFound`] when the asker may not even see it; the others only to those who may.
pub fn authorize<'a>(
    principal: &Principal,
    permission: Permission,
    entry: &'a Arc<Entry>,
) -> Result<Granted<'a>, Denied> {
    // Every role sees every container so far; a user's container filter is to be asked here, first.
    match permission {
        Permission::SeeLogs | Permission::SeeDetails => {}
        Permission::SeeEnvironment => require(principal, Role::Admin)?,
        Permission::Act(action) => {
            require(principal, role_for(action))?;
            if principal.read_only {
                return Err(Denied::ReadOnly);
            }
            if entry.container.is_self {
                return Err(Denied::OwnContainer);
            }
            if !entry.present {
                return Err(Denied::Gone);
            }
        }
        Permission::Manage => require(principal, Role::Admin)?,
    }
    Ok(Granted { entry, permission })
}

/// Finds a container by full id, unique prefix or name among what the asker may see, for looking only.
///
/// # Errors
/// [`Denied::NotFound`], [`Denied::Ambiguous`].
pub fn find(principal: &Principal, roster: &Roster, asked: &str) -> Result<Arc<Entry>, Denied> {
    let visible = |entry: &Arc<Entry>| authorize(principal, Permission::SeeLogs, entry).is_ok();
    roster.resolve(asked, visible).map_err(|error| match error {
        ResolveError::NotFound => Denied::NotFound,
        ResolveError::Ambiguous => Denied::Ambiguous,
    })
}

/// The role that an action needs: removing can't be undone.
pub fn role_for(action: Action) -> Role {
    match action {
        Action::Remove => Role::Admin,
        Action::Start | Action::Stop | Action::Restart | Action::Kill | Action::Pause | Action::Unpause => {
            Role::Operator
        }
    }
}

fn require(principal: &Principal, needs: Role) -> Result<(), Denied> {
    if principal.role >= needs { Ok(()) } else { Err(Denied::Role { needs }) }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let code = match denied {
            Denied::NotFound => Code::NotFound,
            Denied::Ambiguous => Code::Ambiguous,
            Denied::Role { .. } | Denied::ReadOnly | Denied::OwnContainer => Code::Forbidden,
            Denied::Gone => Code::Conflict,
        };
        Self::new(code, denied.to_string())
    }
}

#[cfg(test)]
mod tests;
