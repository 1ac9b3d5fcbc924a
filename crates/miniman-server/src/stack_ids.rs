//! `config_id`: the integer that stands for a stack in URLs and on the wire.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use miniman_hub::{Entry, Roster};
use miniman_store::app::{AppError, AppStore, Stack};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::Housekeeping;

/// Ids of all stacks ever seen; cheap to clone and to ask.
#[derive(Clone)]
pub struct StackIds {
    store: AppStore,
    known: Arc<RwLock<HashMap<(String, String), u32>>>,
}

impl StackIds {
    pub(crate) fn load(
        store: AppStore,
        roster: watch::Receiver<Arc<Roster>>,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> Result<Self, AppError> {
        let known = store.stacks()?.into_iter().map(|stack| ((stack.engine, stack.name), stack.id)).collect();
        let ids = Self { store, known: Arc::new(RwLock::new(known)) };
        tasks.spawn(ids.clone().number_new_stacks(roster, shutdown));
        Ok(ids)
    }

    /// The `config_id` of a container: its stack's id, 0 when it has none.
    ///
    /// Touches the database only when the stack was never seen before, and a task numbers new stacks as they
    /// appear: fine on an async thread.
    pub fn config_id(&self, entry: &Entry) -> u32 {
        match entry.container.stack.as_deref() {
            Some(stack) => self.id(entry.engine.as_str(), stack),
            None => 0,
        }
    }

    /// The id of the stack; 0, "no stack", when the database can't tell.
    pub fn id(&self, engine: &str, name: &str) -> u32 {
        let key = (engine.to_owned(), name.to_owned());
        if let Some(id) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return *id;
        }
        match self.store.stack_id(engine, name) {
            Ok(id) => {
                self.known.write().unwrap_or_else(PoisonError::into_inner).insert(key, id);
                id
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "number a stack");
                0
            }
        }
    }

    /// The engine and name behind an id.
    pub fn stack(&self, id: u32) -> Option<Stack> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let ((engine, name), _) = known.iter().find(|(_, known)| **known == id)?;
        Some(Stack { id, engine: engine.clone(), name: name.clone() })
    }

    async fn number_new_stacks(self, mut roster: watch::Receiver<Arc<Roster>>, shutdown: CancellationToken) {
        loop {
            let ids = self.clone();
            let now = roster.borrow_and_update().clone();
            let numbered = tokio::task::spawn_blocking(move || {
                for entry in now.seen_by(&Housekeeping) {
                    ids.config_id(entry);
                }
            });
            // A panic in there is reported by the runtime; the next roster tries again.
            numbered.await.unwrap_or_default();
            tokio::select! {
                changed = roster.changed() => if changed.is_err() { return },
                () = shutdown.cancelled() => return,
            }
        }
    }
}
