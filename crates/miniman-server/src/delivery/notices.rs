//! What a socket is told without asking: changes of containers, and that the list of them changed.
//!
//! A source like the pumps: it is asked when there is room, so a slow socket hears less often and not of everything,
//! but never of something false. Changes it was too late for are made up from the present state.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use miniman_hub::{Change, Roster};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use crate::access::authorize;
use crate::api::wire::{ContainerStatusChange, ContainersChanged, time};
use crate::principal::Permission;
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
}

impl Delivery {
    pub(super) fn notices(self: &Arc<Self>, member: &Arc<Member>) -> Source {
        let mut roster = self.roster.clone();
        // A client looks at the list when it connects.
        roster.mark_unchanged();
        let notices = Notices {
            delivery: self.clone(),
            member: member.clone(),
            changes: self.changes.resubscribe(),
            roster,
            next_list: Instant::now(),
        };
        Box::pin(stream::unfold(notices, |mut notices| async move {
            let burst = notices.next().await?;
            Some((burst, notices))
        }))
    }

    /// The form in which a member hears of a container: it must stream it or be in its room, and may see it.
    fn form_for(&self, member: &Member, change: &Change, roster: &Roster) -> Option<String> {
        let id = &change.container.id;
        let entry = roster.by_id(id.as_str())?;
        authorize(&member.principal, Permission::SeeLogs, entry).ok()?;
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
                    Err(RecvError::Lagged(_)) => return Some(self.catch_up()),
                    Err(RecvError::Closed) => return None,
                },
                generation = list_changed(&mut self.roster, self.next_list) => {
                    self.next_list = Instant::now() + CONTAINERS_CHANGED_EVERY;
                    let changed = ContainersChanged { generation: generation? };
                    return self.allowed().then(|| burst("containers_changed", &changed));
                }
            }
        }
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
        let mut burst = burst("containers_changed", &ContainersChanged { generation: roster.generation });
        for entry in roster.entries.iter().filter(|_| self.allowed()) {
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
