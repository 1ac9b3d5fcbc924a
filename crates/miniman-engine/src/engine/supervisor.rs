//! The loop behind one engine: connect, subscribe, list, follow; and again when the engine is lost.
//!
//! The state is what inspect says, never what an event claims: an event only says where to look. Every 30 s all is
//! looked at anew, in case an event was lost.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use miniman_log::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};

use super::{Link, Linked};
use crate::daemon::{Daemon, Look};
use crate::discovery::{Candidate, candidates};
use crate::docker_event::{DockerAction, DockerEvent};
use crate::event_stream::EventStream;
use crate::told::Told;
use crate::{
    Container, ContainerId, ContainerState, EngineConfig, EngineEvent, EngineState, EngineStatus, MarkKind,
    Tried,
};

pub(super) struct Supervisor {
    config: Arc<EngineConfig>,
    link: Link,
    publish: watch::Sender<Arc<EngineState>>,
    events: mpsc::Sender<EngineEvent>,
    containers: BTreeMap<ContainerId, Arc<Container>>,
    told: HashMap<ContainerId, Told>,
    /// Of `told`, those that were gone before they could be looked at: when each was told last to run.
    unseen: HashMap<ContainerId, Option<Timestamp>>,
    seen: SeenEvents,
    /// The engine's time from which on its events are not known yet.
    since: Option<Timestamp>,
    /// Where the engine was found: once known, it is looked for nowhere else. Another engine's containers would
    /// take the place of this one's while its daemon restarts.
    home: Option<Candidate>,
    /// All containers were listed at least once: what is new from now on has just happened.
    synced: bool,
}

/// Events seen lately, so that the overlap of a new subscription tells nothing twice.
#[derive(Default)]
struct SeenEvents {
    order: VecDeque<(i64, ContainerId, DockerAction)>,
    set: HashSet<(i64, ContainerId, DockerAction)>,
}

const BACKOFF_FIRST: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(2);

/// How old the state can be at most when an event was lost.
const RESYNC_INTERVAL: Duration = Duration::from_secs(30);

/// With no event for this long after a list, what the list shows and no event told is told by us. Nothing depends
/// on it but the order of marks: late events are recognised.
const SETTLE: Duration = Duration::from_millis(50);

/// 20 × 256 events: far beyond the 256 that a daemon remembers.
const SETTLE_BATCHES_MAX: usize = 20;

/// Four times what a daemon remembers: 1,024 × ~120 B ≈ 0.1 MB.
const SEEN_MAX: usize = 1_024;

/// Containers at once of which there are events and nothing else: as many as a daemon remembers events, and more.
const UNSEEN_MAX: usize = 1_024;

impl Supervisor {
    pub(super) fn new(
        config: Arc<EngineConfig>,
        link: Link,
        publish: watch::Sender<Arc<EngineState>>,
        events: mpsc::Sender<EngineEvent>,
    ) -> Self {
        let since = config.marks_since;
        Self {
            config,
            link,
            publish,
            events,
            containers: BTreeMap::new(),
            told: HashMap::new(),
            unseen: HashMap::new(),
            seen: SeenEvents::default(),
            since,
            home: None,
            synced: false,
        }
    }

    pub(super) async fn run(mut self) {
        let mut backoff = BACKOFF_FIRST;
        loop {
            match self.connect().await {
                Ok(daemon) => {
                    let (why, was_synced) = self.follow(&Arc::new(daemon)).await;
                    self.lost(why);
                    if was_synced {
                        backoff = BACKOFF_FIRST;
                    }
                }
                Err(tried) => self.not_found(tried),
            }
            tokio::time::sleep(backoff).await;
            backoff = (backoff * 2).min(BACKOFF_MAX);
        }
    }

    async fn connect(&mut self) -> Result<Daemon, Vec<Tried>> {
        let candidates = match &self.home {
            Some(home) => vec![home.clone()],
            None => self.candidates().await.map_err(|tried| vec![tried])?,
        };
        let mut tried = Vec::new();
        for candidate in candidates {
            match Daemon::connect(&candidate).await {
                Ok(daemon) => {
                    tracing::info!(engine = %self.config.name, endpoint = %candidate.endpoint, version = daemon.info.version, "engine found");
                    self.home = Some(candidate);
                    return Ok(daemon);
                }
                Err(error) => {
                    let Candidate { endpoint, source } = candidate;
                    tried.push(Tried { endpoint: endpoint.to_string(), source, error });
                }
            }
        }
        Err(tried)
    }

    async fn candidates(&self) -> Result<Vec<Candidate>, Tried> {
        let config = Arc::clone(&self.config);
        let reading = tokio::task::spawn_blocking(move || candidates(&config.env, config.host.as_deref()));
        reading.await.unwrap_or_else(|_| Ok(Vec::new()))
    }

    /// Follows a connected engine until it is lost: why, and whether it was whole before.
    async fn follow(&mut self, daemon: &Arc<Daemon>) -> (String, bool) {
        // Some engines answer before they have subscribed us: with `since` nothing falls between.
        self.since = self.since.or(daemon.clock);
        let mut stream = match daemon.events(self.since).await {
            Ok(stream) => stream,
            Err(error) => return (error.to_string(), false),
        };
        if let Err(why) = self.resync(daemon, &mut stream).await {
            return (why, false);
        }
        self.send(EngineEvent::Resynced).await;
        let mut ticks = tokio::time::interval_at(Instant::now() + RESYNC_INTERVAL, RESYNC_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let followed = tokio::select! {
                batch = stream.next_batch() => match batch {
                    Ok(batch) => self.apply(daemon, batch).await,
                    Err(why) => Err(why),
                },
                _ = ticks.tick() => self.resync(daemon, &mut stream).await,
            };
            if let Err(why) = followed {
                return (why, true);
            }
        }
    }

    /// Looks at everything, then tells what no event told.
    async fn resync(&mut self, daemon: &Arc<Daemon>, stream: &mut EventStream) -> Result<(), String> {
        self.refresh_link(daemon).await;
        let ids = daemon.list().await.map_err(|error| error.to_string())?;
        let listed: HashSet<ContainerId> = ids.iter().cloned().collect();
        let looks = daemon.look_at(ids, &self.config).await.map_err(|error| error.to_string())?;
        self.containers.retain(|id, _| listed.contains(id));
        for (id, look) in looks {
            self.adopt(&id, look);
        }
        self.tell_first_sight();
        self.publish_connected(daemon);
        for _ in 0..SETTLE_BATCHES_MAX {
            match tokio::time::timeout(SETTLE, stream.next_batch()).await {
                Ok(batch) => self.apply(daemon, batch?).await?,
                Err(_) => break,
            }
        }
        self.tell_untold().await;
        Ok(())
    }

    async fn refresh_link(&self, daemon: &Arc<Daemon>) {
        let question = daemon.file_question(&self.config);
        let answering = tokio::task::spawn_blocking(move || question.answer());
        if let Ok(files) = answering.await {
            self.link.set(Some(Linked { daemon: Arc::clone(daemon), files }));
        }
    }

    /// Takes over what a look gave; what is as before stays the same allocation.
    fn adopt(&mut self, id: &ContainerId, look: Look) {
        match look {
            Look::Found(container) => {
                self.unseen.remove(id);
                if self.containers.get(id).is_none_or(|known| **known != *container) {
                    self.containers.insert(id.clone(), Arc::new(*container));
                }
            }
            Look::Gone => {
                self.containers.remove(id);
            }
            Look::Unclear(why) => {
                tracing::warn!(engine = %self.config.name, container = id.short(), why, "inspect is unclear")
            }
        }
        if let (Some(told), Some(container)) = (self.told.get_mut(id), self.containers.get(id)) {
            told.container = Arc::clone(container);
        }
    }

    /// What is there when an engine is first listed has not just happened.
    fn tell_first_sight(&mut self) {
        for (id, container) in &self.containers {
            let synced = self.synced;
            self.told.entry(id.clone()).or_insert_with(|| match synced {
                true => Told::nothing_of(container),
                false => Told::all_of(container),
            });
        }
        self.synced = true;
    }

    /// Applies events: looks at their containers, publishes, then tells.
    async fn apply(&mut self, daemon: &Arc<Daemon>, batch: Vec<DockerEvent>) -> Result<(), String> {
        let batch: Vec<DockerEvent> = batch.into_iter().filter(|event| !self.seen.contains(event)).collect();
        let ids: HashSet<ContainerId> = batch.iter().map(|event| event.id.clone()).collect();
        let looks = daemon
            .look_at(ids.into_iter().collect(), &self.config)
            .await
            .map_err(|error| error.to_string())?;
        for (id, look) in looks {
            if matches!(look, Look::Gone) {
                self.meet_unseen(daemon, &id, &batch).await?;
                self.passes_away(&id, &batch);
            }
            self.adopt(&id, look);
        }
        for event in batch.iter().filter(|event| event.action == DockerAction::Destroy) {
            self.containers.remove(&event.id);
        }
        self.publish_connected(daemon);
        for event in batch {
            self.tell(&event).await;
            self.since = Some(event.at);
            self.seen.insert(event);
        }
        Ok(())
    }

    /// A container that was gone before anybody looked at it: its events tell that it was there.
    async fn meet_unseen(
        &mut self,
        daemon: &Daemon,
        id: &ContainerId,
        batch: &[DockerEvent],
    ) -> Result<(), String> {
        if self.told.contains_key(id) || self.unseen.len() >= UNSEEN_MAX {
            return Ok(());
        }
        // Of one that is told to be removed and nothing else, all else was told before.
        let tells = |event: &&DockerEvent| event.id == *id && event.action != DockerAction::Destroy;
        let Some(first) = batch.iter().find(tells) else { return Ok(()) };
        let place = daemon.place_of_gone(&first.attributes).await.map_err(|error| error.to_string())?;
        let container = Arc::new(first.clone().into_container(place));
        self.told.insert(id.clone(), Told::nothing_of(&container));
        self.unseen.insert(id.clone(), None);
        Ok(())
    }

    /// A container that ended and was removed before we looked: how it ended, only its events know.
    fn passes_away(&mut self, id: &ContainerId, batch: &[DockerEvent]) {
        let Some(told) = self.told.get_mut(id) else { return };
        let mut last = Container::clone(&told.container);
        for event in batch.iter().filter(|event| event.id == *id) {
            if let DockerAction::Die { exit_code } = event.action {
                last.state = ContainerState::Exited;
                last.exit_code = exit_code;
                last.finished_at = Some(event.at);
            }
        }
        told.container = Arc::new(last);
    }

    async fn tell(&mut self, event: &DockerEvent) {
        if !self.told.contains_key(&event.id)
            && let Some(container) = self.containers.get(&event.id)
        {
            self.told.insert(event.id.clone(), Told::nothing_of(container));
        }
        // Its removal is all that there is to tell, and who knew it was told.
        let Some(told) = self.told.get_mut(&event.id) else { return };
        let kind = told.event(event);
        let container = Arc::clone(&told.container);
        if let Some(kind) = kind {
            self.mark(container, event.at, kind).await;
        }
        if let Some(ran) = self.unseen.get_mut(&event.id)
            && event.action.is_of_a_run()
        {
            *ran = Some(event.at);
        }
        if event.action == DockerAction::Destroy
            && let Some(told) = self.told.remove(&event.id)
        {
            self.removed(told.container).await;
        }
    }

    async fn removed(&mut self, container: Arc<Container>) {
        let id = container.id.clone();
        if let Some(ran) = self.unseen.remove(&id) {
            self.send(EngineEvent::Unseen { container, ran }).await;
        }
        self.send(EngineEvent::Removed(id)).await;
    }

    async fn tell_untold(&mut self) {
        let now = now();
        let mut marks = Vec::new();
        for (id, container) in &self.containers {
            let told = self.told.entry(id.clone()).or_insert_with(|| Told::nothing_of(container));
            marks.extend(told.untold(now).into_iter().map(|(at, kind)| (Arc::clone(container), at, kind)));
        }
        marks.sort_by_key(|mark| mark.1);
        for (container, at, kind) in marks {
            self.mark(container, at, kind).await;
        }
        let gone: Vec<ContainerId> =
            self.told.keys().filter(|id| !self.containers.contains_key(*id)).cloned().collect();
        for id in gone {
            if let Some(told) = self.told.remove(&id) {
                self.mark(Arc::clone(&told.container), now, MarkKind::Removed).await;
                self.removed(told.container).await;
            }
        }
    }

    async fn mark(&self, container: Arc<Container>, timestamp: Timestamp, kind: MarkKind) {
        self.send(EngineEvent::Mark { container, timestamp, kind }).await;
    }

    async fn send(&self, event: EngineEvent) {
        if self.events.send(event).await.is_err() {
            tracing::debug!(engine = %self.config.name, "nobody takes this engine's events any more");
        }
    }

    fn publish_connected(&self, daemon: &Daemon) {
        self.publish.send_if_modified(|state| {
            let same = state.status == EngineStatus::Connected
                && *state.containers == self.containers
                && state.info.as_ref() == Some(&daemon.info);
            if !same {
                *state = Arc::new(EngineState {
                    name: state.name.clone(),
                    status: EngineStatus::Connected,
                    containers: Arc::new(self.containers.clone()),
                    generation: state.generation + 1,
                    info: Some(daemon.info.clone()),
                });
            }
            !same
        });
    }

    fn lost(&self, error: String) {
        tracing::warn!(engine = %self.config.name, error, "engine lost");
        let status = match self.status() {
            EngineStatus::Connected => EngineStatus::Lost { since: now(), error, tried: Vec::new() },
            // It answered and broke off before it was listed: a try that failed.
            EngineStatus::Connecting { .. } => EngineStatus::Connecting { tried: self.tried_home(error) },
            EngineStatus::Lost { since, error: first, .. } => {
                EngineStatus::Lost { since, error: first, tried: self.tried_home(error) }
            }
        };
        self.publish_status(status);
    }

    fn not_found(&self, tried: Vec<Tried>) {
        let status = match self.status() {
            EngineStatus::Lost { since, error, .. } => EngineStatus::Lost { since, error, tried },
            EngineStatus::Connecting { .. } | EngineStatus::Connected => EngineStatus::Connecting { tried },
        };
        self.publish_status(status);
    }

    fn status(&self) -> EngineStatus {
        self.publish.borrow().status.clone()
    }

    fn tried_home(&self, error: String) -> Vec<Tried> {
        let tried = |home: &Candidate| Tried {
            endpoint: home.endpoint.to_string(),
            source: home.source.clone(),
            error,
        };
        self.home.as_ref().map(tried).into_iter().collect()
    }

    fn publish_status(&self, status: EngineStatus) {
        self.publish.send_if_modified(|state| {
            let same = state.status == status;
            if !same {
                *state = Arc::new(EngineState {
                    status,
                    generation: state.generation + 1,
                    ..EngineState::clone(state)
                });
            }
            !same
        });
    }
}

impl SeenEvents {
    fn contains(&self, event: &DockerEvent) -> bool {
        self.set.contains(&(event.at.0, event.id.clone(), event.action.clone()))
    }

    fn insert(&mut self, event: DockerEvent) {
        let key = (event.at.0, event.id, event.action);
        if self.set.insert(key.clone()) {
            self.order.push_back(key);
        }
        if self.order.len() > SEEN_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.set.remove(&oldest);
        }
    }
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
}
