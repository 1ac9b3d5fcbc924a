//! What a socket is told without asking: changes of containers, and that the list of them changed.
//!
//! A source like the pumps: it is asked when there is room, so a slow socket hears less often and not of everything,
//! but never of something false. Changes it was too late for are made up from the present state.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use miniman_hub::{Change, Entry, Roster};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use crate::access::visible;
use crate::api::wire::{ContainerStatusChange, ContainersChanged, time};
use crate::socket_io::{Burst, Source};

use super::Delivery;
use super::member::Member;

/// Four times a second is as often as a page needs to look.
const CONTAINERS_CHANGED_EVERY: Duration = Duration::from_millis(250);

struct Notices {
    delivery: Arc<Delivery>,
    member: Arc<Member>,
    changes: broadcast::Receiver<Arc<Change>>,
    roster: watch::Receiver<Arc<Roster>>,
    next_list: Instant,
    /// Of a member with a limited sight: what it saw last, and how often it was told of a change.
    seen: u64,
    told: u64,
}

impl Delivery {
    pub(super) fn notices(self: &Arc<Self>, member: &Arc<Member>) -> Source {
        let mut roster = self.roster.clone();
        // A client looks at the list when it connects.
        roster.mark_unchanged();
        let seen = look_of(visible(&member.principal, &roster.borrow()));
        let notices = Notices {
            delivery: self.clone(),
            member: member.clone(),
            changes: self.changes.resubscribe(),
            roster,
            next_list: Instant::now(),
            seen,
            told: 0,
        };
        Box::pin(stream::unfold(notices, |mut notices| async move {
            let burst = notices.next().await?;
            Some((burst, notices))
        }))
    }

    /// The form in which a member hears of a container: it must stream it or be in its room, and may see it.
    fn form_for(&self, member: &Member, change: &Change, roster: &Roster) -> Option<String> {
        let id = &change.container.id;
        visible(&member.principal, roster).find(|entry| entry.container.id == *id)?;
        let named = self.rooms().get(member.id()).and_then(|attendance| attendance.form_of(id));
        named.or_else(|| member.views(id).then(|| id.to_string()))
    }
}

impl Notices {
    async fn next(&mut self) -> Option<Burst> {
        loop {
            tokio::select! {
                // First what happened, then that the list of it changed.
                biased;
                change = self.changes.recv() => match change {
                    Ok(change) => {
                        if let Some(told) = self.tell(&change) {
                            return Some(told);
                        }
                    }
                    Err(RecvError::Lagged(_)) => {
                        let caught_up = self.catch_up();
                        if !caught_up.is_empty() {
                            return Some(caught_up);
                        }
                    }
                    Err(RecvError::Closed) => return None,
                },
                generation = list_changed(&mut self.roster, self.next_list) => {
                    self.next_list = Instant::now() + CONTAINERS_CHANGED_EVERY;
                    let Some(generation) = self.in_sight(generation?) else { continue };
                    let changed = ContainersChanged { generation };
                    return self.allowed().then(|| burst("containers_changed", &changed));
                }
            }
        }
    }

    /// The generation to tell, if anything changed that the member sees. One with a limited sight gets a count of its own:
    /// when and how often others' containers change is not theirs to know.
    fn in_sight(&mut self, generation: u64) -> Option<u64> {
        if !self.member.principal.sight.is_limited() {
            return Some(generation);
        }
        let roster = self.roster.borrow().clone();
        let seen = look_of(visible(&self.member.principal, &roster));
        if self.seen == seen {
            return None;
        }
        self.seen = seen;
        self.told += 1;
        Some(self.told)
    }

    fn allowed(&self) -> bool {
        self.delivery.state.accounts.still_valid(&self.member.principal)
    }

    fn tell(&self, change: &Change) -> Option<Burst> {
        let roster = self.roster.borrow().clone();
        let form = self.delivery.form_for(&self.member, change, &roster)?;
        self.allowed().then(|| burst("container_status_change", &wire_change(change, form)))
    }

    /// After changes were missed: how everything stands that this socket hears of.
    fn catch_up(&mut self) -> Burst {
        let roster = self.roster.borrow_and_update().clone();
        let mut burst = Burst::new();
        if let Some(generation) = self.in_sight(roster.generation) {
            burst.event("containers_changed", &ContainersChanged { generation });
        }
        let visible: Vec<_> = visible(&self.member.principal, &roster).cloned().collect();
        for entry in visible.iter().filter(|_| self.allowed()) {
            let change = Change {
                engine: entry.engine.clone(),
                container: entry.container.clone(),
                action: "resync",
                timestamp: self.delivery.state.clock.now(),
                success: true,
                error: None,
            };
            if let Some(form) = self.delivery.form_for(&self.member, &change, &roster) {
                burst.event("container_status_change", &wire_change(&change, form));
            }
        }
        burst
    }
}

/// A number that changes with what a list of these entries would show.
fn look_of<'a>(entries: impl Iterator<Item = &'a Arc<Entry>>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for entry in entries {
        // Another description of the container is another allocation.
        Arc::as_ptr(&entry.container).hash(&mut hasher);
        (entry.log.id(), entry.present, entry.settled, entry.marks).hash(&mut hasher);
        (entry.source.as_str(), entry.lines_per_sec.to_bits()).hash(&mut hasher);
    }
    hasher.finish()
}

/// Waits for another list, and not more often than `not_before` lets.
async fn list_changed(roster: &mut watch::Receiver<Arc<Roster>>, not_before: Instant) -> Option<u64> {
    roster.changed().await.ok()?;
    // Marked as seen already: cancelled here, the change would be forgotten.
    roster.mark_changed();
    tokio::time::sleep_until(not_before).await;
    Some(roster.borrow_and_update().generation)
}

fn burst(name: &str, argument: &impl Serialize) -> Burst {
    let mut burst = Burst::new();
    burst.event(name, argument);
    burst
}

pub(super) fn wire_change(change: &Change, container_id: String) -> ContainerStatusChange {
    let status = match (change.action, change.success) {
        ("start" | "restart", true) => "running",
        ("stop", true) => "stopped",
        ("start" | "restart" | "stop", false) => "error",
        _ => change.container.state.as_str(),
    };
    ContainerStatusChange {
        container_id,
        status: status.to_owned(),
        action: change.action.to_owned(),
        timestamp: time(change.timestamp),
        success: change.success,
        error: change.error.clone(),
    }
}
