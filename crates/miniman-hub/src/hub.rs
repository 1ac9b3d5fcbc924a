//! The hub: starts and ends tails as containers come and go, and publishes what is known.
//!
//! One loop takes everything that can happen ([`follow`]); readers of the hub see snapshots ([`Roster`]) and changes.

mod acting;
mod follow;
mod open;
mod stored;

use std::io;
use std::sync::Arc;
use std::thread;

use miniman_engine::{Action, ActionError, Engine, EngineEvent, EngineName};
use miniman_log::Redactor;
use miniman_store::logs::LogStore;
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::marks::{self, keep};
use crate::tail::{Pool, Watcher};
use crate::{Change, Entry, Roster};
use acting::Acting;
use follow::Follow;

/// Changes that a slow listener may be behind before it has to look at the roster instead: 1,024 × ~100 B.
pub const CHANGES_MAX: usize = 1_024;

/// What a deployment may set of the hub.
#[derive(Debug, Clone, Default)]
pub struct HubOptions {
    /// What is taken out of all lines before they are stored.
    pub redactor: Redactor,
}

/// A handle to the hub; cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

struct Shared {
    engines: Vec<Engine>,
    store: LogStore,
    redactor: Redactor,
    roster: watch::Receiver<Arc<Roster>>,
    changes: broadcast::Sender<Arc<Change>>,
    acting: Acting,
    /// Has the loop publish what changed without it.
    wake: Arc<Notify>,
}

impl Hub {
    /// Follows all containers of `engines` until `shutdown`; then tails read no more, and the loop ends. The store
    /// stays open: closing it is the caller's, after the tracker has drained.
    ///
    /// # Errors
    /// When the kernel gives no threads or no inotify instance.
    pub fn start(
        engines: Vec<(Engine, mpsc::Receiver<EngineEvent>)>,
        store: LogStore,
        options: HubOptions,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> io::Result<Self> {
        let (pool, mut threads) = Pool::start()?;
        let (watcher, thread) = Watcher::start(pool.clone())?;
        threads.push(thread);
        let (publish, roster) = watch::channel(Arc::new(Roster::default()));
        let (changes, _) = broadcast::channel(CHANGES_MAX);
        let (engines, events): (Vec<_>, Vec<_>) = engines.into_iter().unzip();
        let acting = Acting::default();
        let HubOptions { redactor } = options;
        let wake = Arc::new(Notify::new());
        let shared = Shared { engines, store, redactor, roster, changes, acting, wake: wake.clone() };
        let hub = Self(Arc::new(shared));
        let follow = Follow::new(&hub, pool.clone(), watcher.clone(), publish, tasks.clone(), wake);
        tasks.spawn(async move {
            follow.run(events, shutdown).await;
            watcher.stop();
            pool.stop();
            join(threads).await;
        });
        Ok(hub)
    }

    /// Every container known.
    pub fn roster(&self) -> watch::Receiver<Arc<Roster>> {
        self.0.roster.clone()
    }

    /// Changes of status, in order. After [`broadcast::error::RecvError::Lagged`] the roster tells what is.
    pub fn changes(&self) -> broadcast::Receiver<Arc<Change>> {
        self.0.changes.subscribe()
    }

    pub fn engine(&self, name: &EngineName) -> Option<&Engine> {
        self.0.engines.iter().find(|engine| engine.name() == name)
    }

    pub fn engines(&self) -> &[Engine] {
        &self.0.engines
    }

    pub fn store(&self) -> &LogStore {
        &self.0.store
    }

    /// What is taken out of lines, and how often it was.
    pub fn redactor(&self) -> &Redactor {
        &self.0.redactor
    }

    /// Has the engine do `action`, and tells the one change that comes of it: the engine's own events of it
    /// (a restart is five) are not told again. The log keeps that `who` did it.
    ///
    /// # Errors
    /// What the engine answered; told as a change that did not succeed.
    pub async fn act(&self, entry: &Entry, action: Action, who: &str) -> Result<(), ActionError> {
        let id = &entry.container.id;
        let acting = self.0.acting.begin(id);
        let result = match self.engine(&entry.engine) {
            Some(engine) => engine.act(id, action).await,
            None => Err(ActionError {
                kind: miniman_engine::ActionErrorKind::Unreachable,
                text: format!("the engine {} is not configured any more", entry.engine),
            }),
        };
        let timestamp = acting.end();
        let current = self.0.roster.borrow().by_id(id.as_str()).map(|entry| entry.container.clone());
        let change = Change {
            engine: entry.engine.clone(),
            container: current.unwrap_or_else(|| entry.container.clone()),
            action: action.as_str(),
            timestamp,
            success: result.is_ok(),
            error: result.as_ref().err().map(|error| error.text.clone()),
        };
        keep(&entry.log, marks::acted(&change, who));
        self.0.wake.notify_one();
        self.tell(change);
        result
    }

    fn tell(&self, change: Change) {
        // Nobody listening is fine: the roster has it.
        if self.0.changes.send(Arc::new(change)).is_err() {
            tracing::trace!("nobody listens for changes");
        }
    }
}

async fn join(threads: Vec<thread::JoinHandle<()>>) {
    let joined = tokio::task::spawn_blocking(move || {
        threads.into_iter().filter_map(|thread| thread.join().err()).count()
    });
    if joined.await.unwrap_or(1) > 0 {
        tracing::error!("a tail thread had panicked");
    }
}
