//! What has been told of a container, so that everything is told once: by its event, or, when no event told it
//! (the daemon forgets them at a restart and keeps only its last 256), by what inspect shows.
//!
//! A run is known by its `started_at`, an end by its `finished_at`: both are set before the event's own time, so
//! an event that comes after inspect already told the same thing can be recognised. Pure.

use std::sync::Arc;

use miniman_log::Timestamp;

use crate::docker_event::{DockerAction, DockerEvent};
use crate::{Container, ContainerState, Health, MarkKind};

#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// As last seen: what the marks of a removed container carry.
    pub(crate) container: Arc<Container>,
    created: bool,
    name: String,
    started: Latest,
    ended: Latest,
    restarts: u64,
    paused: bool,
    health: Health,
    /// A process was killed for want of memory in this run.
    oom: bool,
}

/// The latest start or end that has been told.
#[derive(Debug, Clone, Copy, Default)]
struct Latest {
    at: Option<Timestamp>,
    /// Inspect told it: its event may still come, and is then no news.
    by_inspect: bool,
}

impl Told {
    /// Everything that `container` shows counts as told: it was so before we looked.
    pub(crate) fn all_of(container: &Arc<Container>) -> Self {
        Self {
            container: Arc::clone(container),
            created: true,
            name: container.name.clone(),
            started: Latest { at: container.started_at, by_inspect: false },
            ended: Latest { at: container.finished_at, by_inspect: false },
            restarts: restarts_begun(container),
            paused: container.state == ContainerState::Paused,
            health: container.health,
            oom: false,
        }
    }

    /// Nothing of `container` has been told: it is new.
    pub(crate) fn nothing_of(container: &Arc<Container>) -> Self {
        Self {
            container: Arc::clone(container),
            created: false,
            name: container.name.clone(),
            started: Latest::default(),
            ended: Latest::default(),
            restarts: 0,
            paused: false,
            health: Health::None,
            oom: false,
        }
    }

    /// The mark that an event is worth; `None` when it was told already. `self.container` is what inspect said
    /// after the event came.
    pub(crate) fn event(&mut self, event: &DockerEvent) -> Option<MarkKind> {
        match &event.action {
            DockerAction::Create { name } => {
                if !name.is_empty() && !self.created {
                    self.name.clone_from(name);
                }
                (!std::mem::replace(&mut self.created, true)).then_some(MarkKind::Created)
            }
            DockerAction::Start => self.start(event.at),
            DockerAction::Die { exit_code } => self.die(event.at, *exit_code),
            DockerAction::Restart => Some(MarkKind::Restarted),
            DockerAction::Stop => Some(MarkKind::Stopped),
            DockerAction::Kill { signal } => Some(MarkKind::Killed { signal: signal.clone() }),
            DockerAction::Oom => {
                self.oom = true;
                Some(MarkKind::Oom)
            }
            DockerAction::Pause => (!std::mem::replace(&mut self.paused, true)).then_some(MarkKind::Paused),
            DockerAction::Unpause => std::mem::replace(&mut self.paused, false).then_some(MarkKind::Unpaused),
            DockerAction::Rename { from, to } => {
                if to.is_empty() || *to == self.name {
                    return None;
                }
                self.name.clone_from(to);
                Some(MarkKind::Renamed { from: from.clone(), to: to.clone() })
            }
            DockerAction::Health(health) => {
                (std::mem::replace(&mut self.health, *health) != *health).then_some(MarkKind::Health(*health))
            }
            DockerAction::Destroy => Some(MarkKind::Removed),
            DockerAction::Update => None,
        }
    }

    fn start(&mut self, at: Timestamp) -> Option<MarkKind> {
        let this_run = self.container.started_at.filter(|started| *started <= at);
        if self.started.by_inspect && this_run.is_some() && self.started.at == this_run {
            self.started.by_inspect = false;
            return None;
        }
        self.started = Latest { at: Some(this_run.unwrap_or(at)), by_inspect: false };
        // A later run is seen already: of this one only the count before it can be told.
        let begun = restarts_begun(&self.container);
        let count = if this_run.is_some() { begun } else { begun.min(self.restarts + 1) };
        Some(self.run_begins(count))
    }

    fn run_begins(&mut self, count: u64) -> MarkKind {
        self.oom = false;
        self.paused = false;
        self.health = if self.health == Health::None { Health::None } else { Health::Starting };
        let by_policy = count > self.restarts;
        self.restarts = count;
        if by_policy { MarkKind::RestartedByPolicy { count } } else { MarkKind::Started }
    }

    fn die(&mut self, at: Timestamp, exit_code: Option<i64>) -> Option<MarkKind> {
        let this_end = self.container.finished_at.filter(|finished| *finished <= at);
        if self.ended.by_inspect && this_end.is_some() && self.ended.at == this_end {
            self.ended.by_inspect = false;
            return None;
        }
        self.ended = Latest { at: Some(this_end.unwrap_or(at)), by_inspect: false };
        let known = exit_code.or(self.container.exit_code.filter(|_| this_end.is_some()));
        let oom_killed = self.oom || (this_end.is_some() && self.container.oom_killed);
        Some(MarkKind::Exited { exit_code: known, oom_killed })
    }

    /// Marks for what inspect shows and no event told, by rising time. `now` stands for times that nobody kept.
    /// Call it when no event is on its way; one that comes still is recognised.
    pub(crate) fn untold(&mut self, now: Timestamp) -> Vec<(Timestamp, MarkKind)> {
        let container = Arc::clone(&self.container);
        let mut found = Vec::new();
        if !std::mem::replace(&mut self.created, true) {
            found.push((container.created, MarkKind::Created));
        }
        if container.finished_at.is_some() && container.finished_at != self.ended.at {
            self.ended = Latest { at: container.finished_at, by_inspect: true };
            let oom_killed = self.oom || container.oom_killed;
            let exited = MarkKind::Exited { exit_code: container.exit_code, oom_killed };
            found.push((container.finished_at.unwrap_or(now), exited));
        }
        if container.started_at.is_some() && container.started_at != self.started.at {
            self.started = Latest { at: container.started_at, by_inspect: true };
            let begins = self.run_begins(restarts_begun(&container));
            found.push((container.started_at.unwrap_or(now), begins));
        }
        found.sort_by_key(|mark| mark.0);
        found.extend(self.untold_condition(&container).into_iter().map(|kind| (now, kind)));
        found
    }

    fn untold_condition(&mut self, container: &Container) -> Vec<MarkKind> {
        let mut found = Vec::new();
        if container.name != self.name {
            let from = std::mem::replace(&mut self.name, container.name.clone());
            found.push(MarkKind::Renamed { from, to: container.name.clone() });
        }
        let paused = container.state == ContainerState::Paused;
        // One that stopped while paused was never unpaused.
        if container.state.is_up() && self.paused != paused {
            found.push(if paused { MarkKind::Paused } else { MarkKind::Unpaused });
        }
        self.paused = paused;
        let changed = std::mem::replace(&mut self.health, container.health) != container.health;
        if changed && matches!(container.health, Health::Healthy | Health::Unhealthy) {
            found.push(MarkKind::Health(container.health));
        }
        found
    }
}

/// Restarts by policy that have begun: Docker counts one when the container dies, before it waits to start it.
fn restarts_begun(container: &Container) -> u64 {
    let waiting = container.state == ContainerState::Restarting;
    container.restart_count.saturating_sub(u64::from(waiting))
}

#[cfg(test)]
mod tests;
