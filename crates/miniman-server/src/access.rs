//! The one authorization function. HTTP, sockets, rooms, downloads and actions all ask [`authorize`], per container
//! and, for streams, again at every emission; reading a log or acting takes the [`Granted`] that only it makes.
//! A roster gives its containers to a [`Principal`] only, by asking about each.
//!
//! What the asker may not see looks exactly like what does not exist: [`Denied::NotFound`].

pub mod scope;

use std::sync::Arc;

use miniman_engine::{Action, EngineState};
use miniman_hub::{Entry, Onlooker, ResolveError, Roster};
use miniman_store::app::{Permission, Stack};
use miniman_store::logs::{Log, LogId};

use crate::principal::Principal;
use crate::problem::{Code, Problem};
use scope::Scope;

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
    #[error("this needs the permission to {}", .needs.words())]
    Permission { needs: Permission },
    /// The asker sees some containers of a stack, and has to see all of them to act on it.
    #[error("some of these containers are not yours to act on; act on single ones")]
    Partial,
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

/// A roster's containers are reached by asking [`authorize`] about each.
impl Onlooker for Principal {
    fn sees(&self, entry: &Arc<Entry>) -> bool {
        authorize(self, Permission::SeeLogs, entry).is_ok()
    }
}

/// MiniMan's own looks at containers, of which nobody is told: numbering stacks, seeing whether a stream that was granted is
/// over. No handler has a use for it.
#[derive(Debug)]
pub(crate) struct Housekeeping;

impl Onlooker for Housekeeping {
    fn sees(&self, _: &Arc<Entry>) -> bool {
        true
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
/// [`Denied::Permission`].
pub fn manage(principal: &Principal) -> Result<Managing, Denied> {
    require(principal, Permission::Manage)?;
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
    if !principal.permissions.contains(Permission::SeeLogs) || !principal.sight.includes(entry) {
        return Err(Denied::NotFound);
    }
    require(principal, permission)?;
    if matches!(permission, Permission::Act | Permission::Kill | Permission::Remove) {
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
    Ok(Granted { entry, permission })
}

/// Decides about an action on several containers: all of them or none.
///
/// # Errors
/// As [`authorize`]; [`Denied::Partial`] when only some of them are the asker's to see.
pub fn authorize_all<'a>(
    principal: &Principal,
    permission: Permission,
    entries: &'a [Arc<Entry>],
) -> Result<Vec<Granted<'a>>, Denied> {
    let seen =
        entries.iter().filter(|entry| authorize(principal, Permission::SeeLogs, entry).is_ok()).count();
    if seen > 0 && seen < entries.len() {
        return Err(Denied::Partial);
    }
    entries.iter().map(|entry| authorize(principal, permission, entry)).collect()
}

/// Decides whether `principal` may take views away as files.
///
/// # Errors
/// [`Denied::Permission`].
pub fn export(principal: &Principal) -> Result<(), Denied> {
    require(principal, Permission::Export)
}

/// The containers that the asker may see, present and gone.
pub fn visible<'a>(
    principal: &'a Principal,
    roster: &'a Roster,
) -> impl Iterator<Item = &'a Arc<Entry>> + Clone {
    roster.seen_by(principal)
}

/// Decides whether `principal` may limit something of their own by this scope, or ask what it includes: who may not see
/// labels could read them by trying patterns.
///
/// # Errors
/// [`Denied::Permission`].
pub fn narrow(principal: &Principal, scope: &Scope) -> Result<(), Denied> {
    if scope.asks_for_labels() { require(principal, Permission::SeeEnvironment) } else { Ok(()) }
}

/// Of the containers that the asker may see, those that a scope includes, which somebody is to be given.
///
/// # Errors
/// As [`narrow`].
pub fn visible_within<'a>(
    principal: &'a Principal,
    roster: &'a Roster,
    scope: &Scope,
) -> Result<Vec<&'a Arc<Entry>>, Denied> {
    narrow(principal, scope)?;
    Ok(visible(principal, roster).filter(|entry| scope.includes(entry)).collect())
}

/// The engines that the asker may know of: all, or with a limited sight those that have something of it.
pub fn visible_engines<'a>(
    principal: &'a Principal,
    roster: &'a Roster,
) -> impl Iterator<Item = &'a Arc<EngineState>> {
    let limited = principal.sight.is_limited();
    roster
        .engines
        .iter()
        .filter(move |engine| !limited || visible(principal, roster).any(|entry| entry.engine == engine.name))
}

/// The containers of a stack, or of one service of it, that its engine has; none unless the asker sees one of them.
/// Those out of the asker's sight are in it all the same, for [`authorize_all`] to refuse the whole: a stack is never
/// done half.
pub fn members(
    principal: &Principal,
    roster: &Roster,
    stack: &Stack,
    service: Option<&str>,
) -> Result<Vec<Arc<Entry>>, Denied> {
    let is_member = |entry: &&Arc<Entry>| {
        entry.present
            && entry.engine.as_str() == stack.engine
            && entry.container.stack.as_ref() == Some(&stack.name)
            && service.is_none_or(|service| entry.container.service.as_deref() == Some(service))
    };
    if !visible(principal, roster).any(|entry| is_member(&entry)) {
        return Err(Denied::NotFound);
    }
    Ok(roster.seen_by(&Housekeeping).filter(is_member).cloned().collect())
}

/// The entry of a log as it is now, if the asker may see it.
pub fn find_log(principal: &Principal, roster: &Roster, log: LogId) -> Option<Arc<Entry>> {
    roster.find_log(principal, log).cloned()
}

/// Whether a log's container is one that the asker may not see any more; one that nothing is known of any more is none.
pub fn is_out_of_sight(principal: &Principal, roster: &Roster, log: LogId) -> bool {
    roster.find_log(&Housekeeping, log).is_some() && roster.find_log(principal, log).is_none()
}

/// Decides whether `principal` may be told of MiniMan as a whole: sums over all logs, what its store has trouble with.
pub fn sees_the_whole(principal: &Principal) -> bool {
    principal.permissions.contains(Permission::SeeLogs) && !principal.sight.is_limited()
}

/// Decides whether `principal` may be told of an operation on a container. One of which nothing is stored any more can
/// be asked about no more: only who manages sees that.
pub fn sees_operation_on(principal: &Principal, roster: &Roster, engine: &str, container_id: &str) -> bool {
    let is_one =
        |entry: &&Arc<Entry>| entry.container.id.as_str() == container_id && entry.engine.as_str() == engine;
    sees_one_of(principal, roster.seen_by(&Housekeeping).filter(is_one))
}

/// Decides whether `principal` may be told of what is about the containers that `is_one` picks: who sees one of them, and
/// who manages when there are none any more.
pub fn sees_what_is_about(principal: &Principal, roster: &Roster, is_one: impl Fn(&Entry) -> bool) -> bool {
    sees_one_of(principal, roster.seen_by(&Housekeeping).filter(|entry| is_one(entry)))
}

fn sees_one_of<'a>(principal: &Principal, entries: impl Iterator<Item = &'a Arc<Entry>>) -> bool {
    let mut entries = entries.peekable();
    match entries.peek() {
        None => manage(principal).is_ok(),
        Some(_) => entries.any(|entry| principal.sees(entry)),
    }
}

/// Decides whether `principal` may share with everyone what they saved: who acts on containers is trusted with names too.
///
/// # Errors
/// [`Denied::Permission`].
pub fn share(principal: &Principal) -> Result<(), Denied> {
    require(principal, Permission::Act)
}

/// Finds a container by full id, unique prefix or name among what the asker may see, for looking only.
///
/// # Errors
/// [`Denied::NotFound`], [`Denied::Ambiguous`].
pub fn find(principal: &Principal, roster: &Roster, asked: &str) -> Result<Arc<Entry>, Denied> {
    roster.resolve(asked, principal).map_err(|error| match error {
        ResolveError::NotFound => Denied::NotFound,
        ResolveError::Ambiguous => Denied::Ambiguous,
    })
}

/// The permission that an action needs: killing loses what a process had not written yet, removing can't be undone.
pub fn permission_for(action: Action) -> Permission {
    match action {
        Action::Remove => Permission::Remove,
        Action::Kill => Permission::Kill,
        Action::Start | Action::Stop | Action::Restart | Action::Pause | Action::Unpause => Permission::Act,
    }
}

fn require(principal: &Principal, needs: Permission) -> Result<(), Denied> {
    if principal.permissions.contains(needs) { Ok(()) } else { Err(Denied::Permission { needs }) }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let code = match denied {
            Denied::NotFound => Code::NotFound,
            Denied::Ambiguous => Code::Ambiguous,
            Denied::Permission { .. } | Denied::Partial | Denied::ReadOnly | Denied::OwnContainer => {
                Code::Forbidden
            }
            Denied::Gone => Code::Conflict,
        };
        Self::new(code, denied.to_string())
    }
}

#[cfg(test)]
mod tests;
