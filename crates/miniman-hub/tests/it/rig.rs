//! A private daemon, a store in a temporary folder, and a hub between them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use miniman_engine::{ContainerState, DockerEnv, Engine, EngineConfig, EngineName, OwnContainer};
use miniman_hub::{Entry, From, Hub, HubOptions, Onlooker, Piece, Roster, View};
use miniman_log::Timestamp;
use miniman_store::logs::{LogStore, LogStoreOptions, ReadMax};
use miniman_testkit::PrivateDocker;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Nothing here takes this long; a test that gets here has failed.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Whom nothing is hidden from.
pub(crate) struct Everybody;

impl Onlooker for Everybody {
    fn sees(&self, _: &Arc<Entry>) -> bool {
        true
    }
}

pub(crate) struct Rig {
    pub(crate) docker: PrivateDocker,
    pub(crate) dir: TempDir,
    pub(crate) hub: Running,
}

pub(crate) struct Running {
    pub(crate) hub: Hub,
    store: LogStore,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

/// What a log holds, as a reader sees it.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) lines: Vec<String>,
    pub(crate) gaps: usize,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        let docker = PrivateDocker::start().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let hub = Running::start(&docker, dir.path(), None);
        hub.connected().await;
        Self { docker, dir, hub }
    }

    /// Stops the hub and starts another on the same data.
    pub(crate) async fn restart_hub(self) -> Self {
        let Self { docker, dir, hub } = self;
        hub.stop().await;
        let hub = Running::start(&docker, dir.path(), None);
        hub.connected().await;
        Self { docker, dir, hub }
    }
}

impl Running {
    /// `log_root`: a folder that holds no logs makes the hub read by API.
    pub(crate) fn start(docker: &PrivateDocker, data: &Path, log_root: Option<&Path>) -> Self {
        Self::start_since(docker, data, log_root, None)
    }

    /// Asks the daemon what happened from `marks_since` on.
    pub(crate) fn start_since(
        docker: &PrivateDocker,
        data: &Path,
        log_root: Option<&Path>,
        marks_since: Option<Timestamp>,
    ) -> Self {
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let config = EngineConfig {
            name: EngineName::default(),
            host: Some(docker.host()),
            log_root: log_root.map(Path::to_owned),
            env: DockerEnv::default(),
            own_container: OwnContainer::default(),
            marks_since,
        };
        let engine = Engine::start(config, &tasks, shutdown.clone());
        let store = LogStore::open(data, LogStoreOptions::default()).unwrap();
        let hub =
            Hub::start(vec![engine], store.clone(), HubOptions::default(), &tasks, shutdown.clone()).unwrap();
        Self { hub, store, tasks, shutdown }
    }

    pub(crate) async fn connected(&self) {
        self.roster("a connected engine", |roster| {
            let connected = matches!(roster.engines.first()?.status, miniman_engine::EngineStatus::Connected);
            connected.then_some(())
        })
        .await;
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.tasks.close();
        tokio::time::timeout(LIMIT, self.tasks.wait()).await.unwrap();
        self.store.close().unwrap();
    }

    /// Waits until the roster shows something.
    pub(crate) async fn roster<T>(&self, what: &str, mut find: impl FnMut(&Roster) -> Option<T>) -> T {
        let mut roster = self.hub.roster();
        let found = tokio::time::timeout(LIMIT, async {
            loop {
                if let Some(found) = find(&roster.borrow_and_update()) {
                    return found;
                }
                // What is in a log changes without the roster: it is looked at again in any case.
                drop(tokio::time::timeout(LOOK_EVERY, roster.changed()).await);
            }
        });
        found.await.unwrap_or_else(|_| {
            let roster = self.hub.roster().borrow().clone();
            let bounds: Vec<_> = roster.seen_by(&Everybody).map(|entry| entry.log.bounds()).collect();
            panic!("waited for {what}; the logs have {bounds:?}, the roster is {roster:?}")
        })
    }

    pub(crate) async fn entry(&self, name: &str, is: impl Fn(&Entry) -> bool) -> Arc<Entry> {
        self.roster(name, |roster| {
            roster.seen_by(&Everybody).find(|entry| entry.container.name == name && is(entry)).cloned()
        })
        .await
    }

    /// The whole log of a container that has ended.
    pub(crate) async fn settled(&self, name: &str) -> Content {
        let all = |entry: &Entry| is_over(entry) && entry.backfill.is_none_or(|fill| fill.done);
        let entry = self.entry(name, all).await;
        self.read(&entry).await
    }

    /// What is in the log now.
    pub(crate) async fn read(&self, entry: &Entry) -> Content {
        let mut view = View::new(self.hub.roster(), [(entry.log.clone(), From::Start)]);
        let mut content = Content::default();
        while let Some(piece) = view.next_now(ReadMax::BLOCK).await.unwrap() {
            content.take(&piece);
        }
        content
    }
}

/// Whether the container has run, and all that it wrote is in the log. Before its start it is settled too.
pub(crate) fn is_over(entry: &Entry) -> bool {
    entry.settled && entry.container.state != ContainerState::Created
}

impl Content {
    pub(crate) fn take(&mut self, piece: &Piece) {
        self.gaps += usize::from(piece.gap().is_some());
        self.lines.extend(piece.records().map(|(_, batch, index)| batch.get(index).body.to_owned()));
    }

    pub(crate) fn assert_lines(&self, lines: &[&str], gaps: usize) {
        assert_eq!(
            (self.lines.iter().map(String::as_str).collect::<Vec<_>>(), self.gaps),
            (lines.to_vec(), gaps)
        );
    }

    /// Every number of `0..count`, once, in order, as `numbered-writer` and `seq` write them.
    pub(crate) fn assert_numbered(&self, count: u64) {
        let number = |line: &String| line.split(' ').next().and_then(|word| word.parse::<u64>().ok());
        for (index, line) in self.lines.iter().enumerate() {
            assert_eq!(number(line), Some(index as u64), "line {index} of {} is {line:?}", self.lines.len());
        }
        assert_eq!((self.lines.len() as u64, self.gaps), (count, 0));
    }
}
