//! One connected socket: who it is, and what it has going.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use miniman_engine::ContainerId;

use crate::api::wire::StatusMessage;
use crate::principal::Principal;
use crate::socket_io::{EmitError, Socket, SourceId};

use super::payload::{TEXT_BYTES_MAX, shortened};
use super::window::Window;

/// Sockets of one user, tokens included: a wall of screens and a CI with a few dozen jobs; of 2,048 in all.
pub(super) const SOCKETS_PER_USER_MAX: usize = 128;

/// Views a socket may have, seed-style streams included: 32 windows of 256 KiB are 8 MiB in flight.
pub(super) const VIEWS_MAX: usize = 32;

/// Shared by the socket's events, its pumps and its rooms.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) socket: Socket,
    pub(super) principal: Principal,
    subscriptions: Mutex<HashMap<String, Subscription>>,
    revoked: AtomicBool,
}

/// One view in batches.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) source: SourceId,
    pub(super) window: Arc<Window>,
    pub(super) viewed: Viewed,
    /// Names this very view, where its own name may be used again.
    pub(super) log_id: Arc<str>,
}

/// The containers that a view reads at present.
pub(super) type Viewed = Arc<Mutex<HashSet<ContainerId>>>;

impl Member {
    pub(super) fn new(socket: Socket, principal: Principal) -> Self {
        Self { socket, principal, subscriptions: Mutex::default(), revoked: AtomicBool::new(false) }
    }

    pub(super) fn id(&self) -> &str {
        self.socket.id()
    }

    /// Answers with a `status`.
    pub(super) async fn status(&self, msg: &str) {
        self.notice(self.socket.emit("status", &status(msg)).await);
    }

    /// Tells something that another socket caused. One that does not take even its control packets misses it: it
    /// must not hold up the others.
    pub(super) fn try_status(&self, msg: &str) {
        self.notice(self.socket.try_emit("status", &status(msg)));
    }

    /// A session that is over meanwhile needs no answer.
    pub(super) fn notice(&self, emitted: Result<(), EmitError>) {
        if let Err(error) = emitted {
            tracing::debug!(%error, "event not sent");
        }
    }

    pub(super) fn subscriptions(&self) -> MutexGuard<'_, HashMap<String, Subscription>> {
        self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one of its views in batches reads this container.
    pub(super) fn views(&self, container: &ContainerId) -> bool {
        let reads =
            |viewed: &Viewed| viewed.lock().unwrap_or_else(PoisonError::into_inner).contains(container);
        self.subscriptions().values().any(|subscription| reads(&subscription.viewed))
    }

    /// True the first time.
    pub(super) fn mark_revoked(&self) -> bool {
        !self.revoked.swap(true, Ordering::AcqRel)
    }
}

fn status(msg: &str) -> StatusMessage {
    StatusMessage { msg: shortened(msg, TEXT_BYTES_MAX).to_owned() }
}
