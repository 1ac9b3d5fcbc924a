//! The hub's one loop: what engines say, what tails say and the time, to tails, marks, changes and the roster.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{BoxStream, SelectAll};
use miniman_engine::{
    Container, ContainerId, ContainerState, EngineEvent, EngineName, EngineState, EngineStatus, MarkKind,
};
use miniman_log::Timestamp;
use miniman_store::logs::{Log, Mark};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_stream::wrappers::{ReceiverStream, WatchStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Hub;
use super::acting::now;
use super::open::{OPENED_MAX, Opened, Opener, Tail, identity, open_all};
use super::stored::{GONE_MAX, stored_entries, unseen_entry};
use crate::change::Coalescer;
use crate::marks::{self, RECREATED, keep, keep_once};
use crate::tail::api::ApiControl;
use crate::tail::resume::tell_unread;
use crate::tail::{FileTail, Pool, TailStatus, Watcher};
use crate::{Change, Entry, Roster, SourceState};

/// Marks of one container that wait until its log is open.
const EARLY_MARKS_MAX: usize = 64;
/// The roster is published at most this often: people see 50 changes a second as live.
const PUBLISH_PAUSE: Duration = Duration::from_millis(20);
const RATE_TICK: Duration = Duration::from_secs(1);

/// Everything that can happen.
pub(super) enum Input {
    State(Arc<EngineState>),
    Event(EngineName, EngineEvent),
    Opened(Box<Opened>),
    OpenFailed(ContainerId, String),
    /// A container that is known by its marks alone.
    Unseen(Arc<Entry>),
}

type Key = (EngineName, ContainerId);

pub(crate) struct Follow {
    hub: Hub,
    pool: Pool,
    watcher: Watcher,
    publish: watch::Sender<Arc<Roster>>,
    tasks: TaskTracker,
    opener: Opener,
    opened: (mpsc::Sender<Input>, Option<mpsc::Receiver<Input>>),
    wake: Arc<Notify>,
    engines: Vec<Arc<EngineState>>,
    followed: HashMap<Key, Followed>,
    opening: HashSet<Key>,
    early: HashMap<ContainerId, Vec<Mark>>,
    gone: Vec<Arc<Entry>>,
    /// Engines that have not said yet which containers they have: what is stored of them may be there.
    unlisted: HashSet<EngineName>,
    coalescer: Coalescer,
    started: Timestamp,
    changed: bool,
    generation: u64,
}

struct Followed {
    container: Arc<Container>,
    log: Log,
    status: Arc<TailStatus>,
    tail: Following,
    present: bool,
    lines_per_sec: f32,
}

enum Following {
    File(Arc<FileTail>),
    Api(Arc<ApiControl>),
    None,
}

impl Follow {
    /// `wake` has the loop look at its logs and publish again.
    pub(crate) fn new(
        hub: &Hub,
        pool: Pool,
        watcher: Watcher,
        publish: watch::Sender<Arc<Roster>>,
        tasks: TaskTracker,
        wake: Arc<Notify>,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(OPENED_MAX);
        Self {
            hub: hub.clone(),
            pool,
            watcher,
            publish,
            tasks,
            opener: Opener::new(hub.store().clone(), wake.clone(), hub.0.redactor.clone()),
            opened: (sender, Some(receiver)),
            wake,
            engines: hub.engines().iter().map(|engine| engine.state().borrow().clone()).collect(),
            followed: HashMap::new(),
            opening: HashSet::new(),
            early: HashMap::new(),
            gone: stored_entries(hub),
            unlisted: hub.engines().iter().map(|engine| engine.name().clone()).collect(),
            coalescer: Coalescer::default(),
            started: now(),
            changed: true,
            generation: 0,
        }
    }

    pub(crate) async fn run(mut self, events: Vec<mpsc::Receiver<EngineEvent>>, shutdown: CancellationToken) {
        let mut inputs = self.inputs(events);
        let mut tick = tokio::time::interval(RATE_TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut published = Instant::now() - PUBLISH_PAUSE;
        let wake = self.wake.clone();
        let mut forgotten = self.hub.store().forgotten();
        loop {
            let publish_at = self.changed.then(|| published + PUBLISH_PAUSE);
            let due = [publish_at, self.coalescer.next_due()].into_iter().flatten().min();
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some(input) = inputs.next() => self.take(input),
                () = wake.notified() => self.changed = true,
                Ok(()) = forgotten.changed() => self.forget(),
                _ = tick.tick() => self.measure(),
                () = until(due) => {}
            }
            for change in self.coalescer.due(Instant::now()) {
                self.hub.tell(change);
            }
            if self.changed && published.elapsed() >= PUBLISH_PAUSE {
                published = Instant::now();
                self.publish();
            }
        }
        self.stop_tails();
    }

    fn inputs(&mut self, events: Vec<mpsc::Receiver<EngineEvent>>) -> SelectAll<BoxStream<'static, Input>> {
        let mut inputs = SelectAll::new();
        for (engine, events) in self.hub.engines().iter().zip(events) {
            inputs.push(WatchStream::new(engine.state()).map(Input::State).boxed());
            let name = engine.name().clone();
            inputs.push(
                ReceiverStream::new(events).map(move |event| Input::Event(name.clone(), event)).boxed(),
            );
        }
        if let Some(opened) = self.opened.1.take() {
            inputs.push(ReceiverStream::new(opened).boxed());
        }
        inputs
    }

    fn take(&mut self, input: Input) {
        self.changed = true;
        match input {
            Input::State(state) => self.sync(state),
            Input::Event(engine, EngineEvent::Mark { container, timestamp, kind }) => {
                self.mark(&engine, container, timestamp, kind);
            }
            Input::Event(engine, EngineEvent::Unseen { container, ran }) => {
                let marks = self.early.remove(&container.id).unwrap_or_default();
                if let Some(ran) = ran {
                    self.keep_unseen(engine, container, ran, marks);
                }
            }
            Input::Event(_, EngineEvent::Removed(_) | EngineEvent::Resynced) => {
                // The state that was published before has it.
            }
            Input::Unseen(entry) => {
                self.gone.retain(|gone| gone.log.id() != entry.log.id());
                self.gone.insert(0, entry);
            }
            Input::Opened(opened) => self.start(*opened),
            Input::OpenFailed(id, error) => {
                tracing::error!(container = id.short(), %error, "the container's log could not be opened");
                self.opening.retain(|(_, opening)| *opening != id);
            }
        }
    }

    /// Takes an engine's state in: what is new is opened, what changed is told to its tail, what is gone is ended.
    fn sync(&mut self, state: Arc<EngineState>) {
        let name = state.name.clone();
        if let Some(known) = self.engines.iter_mut().find(|known| known.name == name) {
            *known = state.clone();
        }
        let mut new = Vec::new();
        for container in state.containers.values() {
            let key = (name.clone(), container.id.clone());
            match self.followed.get_mut(&key) {
                Some(followed) => followed.update(container, &self.opener, &name, &self.pool),
                None if self.opening.insert(key) => new.push(container.clone()),
                None => {}
            }
        }
        self.open(&name, new);
        if !matches!(state.status, EngineStatus::Connected) {
            return;
        }
        if self.unlisted.remove(&name) {
            self.settle_gone(&state);
        }
        for ((engine, id), followed) in &mut self.followed {
            if *engine == name && followed.present && !state.containers.contains_key(id) {
                followed.end(&self.pool);
            }
        }
    }

    /// Now that the engine has listed its containers, what it does not have is gone.
    fn settle_gone(&mut self, state: &EngineState) {
        for entry in &mut self.gone {
            if entry.engine == state.name && !state.containers.contains_key(&entry.container.id) {
                entry.log.set_removed(true);
                *entry = Arc::new(Entry { source: SourceState::Ended, settled: true, ..Entry::clone(entry) });
            }
        }
        let (store, state, wake) = (self.hub.store().clone(), state.clone(), self.wake.clone());
        self.tasks.spawn_blocking(move || {
            for log in store.logs() {
                let identity = log.identity();
                let gone = identity.engine == state.name.as_str()
                    && !state.containers.contains_key(identity.container_id.as_str());
                if gone && let Err(error) = tell_unread(&log) {
                    tracing::warn!(log = %log.id(), %error, "what was not read could not be told");
                }
            }
            wake.notify_one();
        });
    }

    fn open(&self, name: &EngineName, containers: Vec<Arc<Container>>) {
        let Some(engine) = self.hub.engine(name).cloned().filter(|_| !containers.is_empty()) else { return };
        let (opener, pool, opened) = (self.opener.clone(), self.pool.clone(), self.opened.0.clone());
        self.tasks.spawn_blocking(move || open_all(&opener, &pool, &engine, containers, &opened));
    }

    fn start(&mut self, opened: Opened) {
        let Opened { engine, container, log, status, tail, new } = opened;
        let key = (engine, container.id.clone());
        self.opening.remove(&key);
        self.gone.retain(|entry| entry.log.id() != log.id());
        if new {
            self.mark_recreated(&key, &container, &log);
        }
        for mark in self.early.remove(&container.id).unwrap_or_default() {
            self.keep(&log, mark);
        }
        let tail = match tail {
            Tail::File(tail) => {
                self.watcher.watch(tail.clone());
                Following::File(tail)
            }
            Tail::Api(tail) => {
                let control = tail.control.clone();
                self.tasks.spawn(tail.run());
                Following::Api(control)
            }
            Tail::None => Following::None,
        };
        let mut followed = Followed { container, log, status, tail, present: true, lines_per_sec: 0.0 };
        // What happened to it while it was being opened is in the engine's state by now.
        followed.tell_state(&self.pool);
        let current = self.engines.iter().find(|state| state.name == key.0);
        let listed = current.map(|state| state.containers.get(&key.1).cloned());
        match listed {
            Some(Some(container)) => followed.update(&container, &self.opener, &key.0, &self.pool),
            Some(None) => followed.end(&self.pool),
            None => {}
        }
        self.followed.insert(key, followed);
    }

    /// A log that begins where another container of the same service and number, or of the same name, has been.
    fn mark_recreated(&self, key: &Key, container: &Container, log: &Log) {
        let same = |other: &Container| {
            other.id != container.id
                && other.created < container.created
                && match (&container.stack, &container.service) {
                    (Some(_), Some(_)) => {
                        (&other.stack, &other.service, other.number)
                            == (&container.stack, &container.service, container.number)
                    }
                    _ => other.name == container.name,
                }
        };
        let followed = self.followed.iter().filter(|((engine, _), _)| *engine == key.0);
        let followed = followed.map(|(_, followed)| &followed.container);
        let gone = self.gone.iter().filter(|entry| entry.engine == key.0).map(|entry| &entry.container);
        let before = followed.chain(gone).filter(|other| same(other)).max_by_key(|other| other.created);
        if let Some(before) = before {
            let detail = marks::recreated_detail(&before.image, &container.image);
            keep(log, marks::mark(container.created, RECREATED, detail));
        }
    }

    fn mark(&mut self, engine: &EngineName, container: Arc<Container>, timestamp: Timestamp, kind: MarkKind) {
        let mark = marks::mark(timestamp, kind.as_str(), marks::detail(&kind));
        let key = (engine.clone(), container.id.clone());
        match self.followed.get(&key) {
            Some(followed) => self.keep(&followed.log, mark),
            None => {
                let early = self.early.entry(container.id.clone()).or_default();
                if early.len() < EARLY_MARKS_MAX {
                    early.push(mark);
                }
            }
        }
        if self.hub.0.acting.covers(&container.id, timestamp) {
            self.coalescer.forget(&container.id);
            return;
        }
        let action = kind.docker_word();
        let change =
            Change { engine: engine.clone(), container, action, timestamp, success: true, error: None };
        if let Some(change) = self.coalescer.take(change, Instant::now()) {
            self.hub.tell(change);
        }
    }

    /// Stores a mark. The engine's memory may tell again what was kept before this start.
    fn keep(&self, log: &Log, mark: Mark) {
        if mark.timestamp >= self.started {
            return keep(log, mark);
        }
        let (log, wake) = (log.clone(), self.wake.clone());
        self.tasks.spawn_blocking(move || {
            if keep_once(&log, mark) {
                wake.notify_one();
            }
        });
    }

    /// Of a container that came and went before it could be looked at, the log holds a gap and its marks.
    fn keep_unseen(&self, engine: EngineName, container: Arc<Container>, ran: Timestamp, marks: Vec<Mark>) {
        let (store, opened) = (self.hub.store().clone(), self.opened.0.clone());
        self.tasks.spawn_blocking(move || match unseen_entry(&store, engine, container, ran, marks) {
            // The loop has ended: the next start has it from the store.
            Ok(Some(entry)) => drop(opened.blocking_send(Input::Unseen(Arc::new(entry)))),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a container that was not seen could not be told"),
        });
    }

    fn measure(&mut self) {
        for followed in self.followed.values_mut() {
            let lines = followed.status.take_lines() as f32 / RATE_TICK.as_secs_f32();
            if followed.lines_per_sec != lines {
                followed.lines_per_sec = lines;
                self.changed = true;
            }
        }
        // A tail that is removed and read to the end has nothing more to do; its entry stays among the gone.
        let over = |followed: &Followed| !followed.present && followed.status.settled();
        let ended: Vec<_> = self.followed.extract_if(|_, followed| over(followed)).collect();
        for ((engine, _), followed) in ended {
            self.gone.insert(0, Arc::new(followed.entry(&engine)));
            self.changed = true;
        }
        self.gone.truncate(GONE_MAX);
    }

    /// Retention has taken all of a removed container's log.
    fn forget(&mut self) {
        self.gone.retain(|entry| !entry.log.is_forgotten());
        self.followed.retain(|_, followed| followed.present || !followed.log.is_forgotten());
        self.changed = true;
    }

    fn publish(&mut self) {
        self.changed = false;
        self.generation += 1;
        let followed = self.followed.iter().map(|((engine, _), followed)| Arc::new(followed.entry(engine)));
        let mut entries: Vec<_> = followed.chain(self.gone.iter().cloned()).collect();
        entries.sort_by(|a, b| order(a).cmp(&order(b)));
        let roster = Roster::new(entries, self.engines.clone(), self.generation);
        self.publish.send_replace(Arc::new(roster));
    }

    fn stop_tails(&self) {
        for followed in self.followed.values() {
            if let Following::Api(control) = &followed.tail {
                control.stop.cancel();
            }
        }
    }
}

impl Followed {
    fn update(&mut self, container: &Arc<Container>, opener: &Opener, engine: &EngineName, pool: &Pool) {
        if Arc::ptr_eq(&self.container, container) {
            return;
        }
        let before = std::mem::replace(&mut self.container, container.clone());
        if before.name != container.name {
            let (store, identity) = (opener.store.clone(), identity(engine, container));
            if let Err(error) = store.log(&identity) {
                tracing::warn!(%error, "the new name could not be stored");
            }
        }
        let run = |container: &Container| (container.state, container.started_at, container.finished_at);
        if run(&before) != run(container) {
            self.tell_state(pool);
        }
    }

    /// Tells the tail whether its container runs.
    fn tell_state(&self, pool: &Pool) {
        if self.container.state == ContainerState::Created {
            // It has not run: nothing is written, and nothing has ended.
            return self.status.settle(self.status.next_stage());
        }
        let up = self.container.state.is_up() || self.container.state == ContainerState::Restarting;
        match &self.tail {
            Following::File(tail) => {
                if up {
                    tail.set_running();
                } else {
                    tail.set_exited();
                }
                pool.mark(tail);
            }
            Following::Api(control) => {
                self.status.next_stage();
                control.set_running(up);
            }
            Following::None => {}
        }
    }

    fn end(&mut self, pool: &Pool) {
        self.present = false;
        self.log.set_removed(true);
        match &self.tail {
            Following::File(tail) => {
                tail.set_removed();
                pool.mark(tail);
            }
            Following::Api(control) => {
                self.status.next_stage();
                control.set_removed();
            }
            Following::None => self.status.settle(self.status.next_stage()),
        }
    }

    fn entry(&self, engine: &EngineName) -> Entry {
        let settled = self.status.settled();
        Entry {
            engine: engine.clone(),
            container: self.container.clone(),
            present: self.present,
            log: self.log.clone(),
            source: if self.present { self.status.source() } else { SourceState::Ended },
            backfill: self.status.backfill(),
            settled,
            lines_per_sec: self.lines_per_sec,
            marks: self.log.marks_taken(),
        }
    }
}

type OrderKey<'a> = (bool, bool, Option<&'a str>, Option<&'a str>, Option<u32>, &'a str, Timestamp);

/// Present first, stacks by name, what has none last.
fn order(entry: &Entry) -> OrderKey<'_> {
    let container = &entry.container;
    let stack = container.stack.as_deref();
    (
        !entry.present,
        stack.is_none(),
        stack,
        container.service.as_deref(),
        container.number,
        &container.name,
        container.created,
    )
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
