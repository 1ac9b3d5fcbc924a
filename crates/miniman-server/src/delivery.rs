//! Getting records to sockets: the seed's events, and batches for clients that can do more.
//!
//! One pump a socket and view, holding a cursor and never a queue: a pump is a source of its socket's outbox and reads
//! on when the transport has taken what it gave before. Everyone in a room has pumps of their own, so nobody waits for
//! anyone, and each is asked about with its own rights.
//!
//! Rights are asked at every emission, and a task of their own ends what has been revoked: a socket that takes nothing
//! would never ask.
//!
//! What it deliberately does not do: broadcast lines, keep what was sent (the store has it), decide who may see what
//! ([`crate::access`]).

mod acknowledge;
mod application;
mod batch;
mod batch_pump;
mod join;
mod leave;
mod member;
mod notices;
mod payload;
mod revoke;
mod rooms;
mod seed_line;
mod seed_pump;
mod standing;
mod stop;
mod stream;
mod subscribe;
mod window;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use axum::Router;
use miniman_hub::{Change, Roster};
use tokio::sync::{Semaphore, broadcast, watch};

use crate::places::{Place, Places};
use crate::principal::Principal;
use crate::socket_io::{Engine, Options, SocketIo};
use crate::state::AppState;

use self::application::Sockets;
use self::member::SOCKETS_PER_USER_MAX;
use self::rooms::Rooms;

/// Bytes of batches in flight over all sockets, in KiB: 256 views with a full window each. A view with nothing in
/// flight may always send one batch, so none starves.
const IN_FLIGHT_KIB_MAX: usize = 64 * 1024;
/// How often everyone's rights are looked at besides whenever they may have changed: sessions expire by the clock.
const RIGHTS_CHECK: Duration = Duration::from_millis(500);

/// Who is connected, in which rooms, and what is streamed to whom.
pub(crate) struct Delivery {
    state: AppState,
    roster: watch::Receiver<Arc<Roster>>,
    /// Only ever subscribed to again.
    changes: broadcast::Receiver<Arc<Change>>,
    rooms: Mutex<Rooms>,
    in_flight: Arc<Semaphore>,
    /// Sockets by user.
    users: Arc<Places<i64>>,
}

/// The Socket.IO endpoint.
pub(crate) fn router(state: &AppState) -> Router<AppState> {
    let delivery = Delivery::new(state.clone(), state.hub.roster(), state.hub.changes());
    state.tasks.spawn(end_revoked(Arc::downgrade(&delivery), state.clone()));
    let service = SocketIo { application: Sockets(delivery) };
    Engine::new(service, Options::default(), state.tasks.clone(), state.shutdown.clone()).router()
}

impl Delivery {
    fn new(
        state: AppState,
        roster: watch::Receiver<Arc<Roster>>,
        changes: broadcast::Receiver<Arc<Change>>,
    ) -> Arc<Self> {
        let in_flight = Arc::new(Semaphore::new(IN_FLIGHT_KIB_MAX));
        let users = Arc::default();
        Arc::new(Self { state, roster, changes, rooms: Mutex::default(), in_flight, users })
    }

    /// A place among the user's sockets; `None` when they have too many.
    fn place_of(&self, principal: &Principal) -> Option<Place<i64>> {
        self.users.enter(principal.user_id, SOCKETS_PER_USER_MAX)
    }

    fn present(&self) -> Arc<Roster> {
        self.roster.borrow().clone()
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the sockets of those whose rights ended, within [`RIGHTS_CHECK`], whether they take anything or not.
async fn end_revoked(delivery: Weak<Delivery>, state: AppState) {
    let mut changed = state.accounts.rights_changed();
    loop {
        tokio::select! {
            Ok(()) = changed.changed() => {}
            () = tokio::time::sleep(RIGHTS_CHECK) => {}
            () = state.shutdown.cancelled() => return,
        }
        let Some(delivery) = delivery.upgrade() else { return };
        let members = delivery.rooms().members();
        for member in members.iter().filter(|member| !state.accounts.still_valid(&member.principal)) {
            delivery.revoke(member);
        }
    }
}

/// A name for one stream, in the form of a random UUID.
fn stream_id() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the system has random bytes once it is up");
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests;
