//! One connected engine: its questions and answers, no memory of containers.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};
use futures_util::StreamExt;
use miniman_log::Timestamp;
use serde::Deserialize;

use crate::action::ACTION_TIMEOUT;
use crate::details::DetailsAnswer;
use crate::discovery::Candidate;
use crate::docker_event::EVENT_FILTERS;
use crate::endpoint::Endpoint;
use crate::event_stream::EventStream;
use crate::files::FileQuestion;
use crate::inspect::{Inspect, capped};
use crate::labels::{self, Labels, Membership, claims_membership, membership};
use crate::raw::{self, RawBody, RawError};
use crate::stats::StatsAnswer;
use crate::{
    Action, ActionError, ActionErrorKind, Container, ContainerId, Details, EngineConfig, EngineInfo,
    LogsAsked, Usage,
};

pub(crate) struct Daemon {
    pub(crate) endpoint: Endpoint,
    pub(crate) info: EngineInfo,
    pub(crate) podman: bool,
    /// The engine's own time when we connected.
    pub(crate) clock: Option<Timestamp>,
    peer_uid: Option<u32>,
    docker: Docker,
    /// An image's labels never change. `None`: the image is gone.
    images: Mutex<HashMap<String, Option<Arc<Labels>>>>,
}

/// Answers to small questions.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// A container whose lock somebody holds (an image being mounted, a stuck stop) delays its own inspect; past this
/// it keeps what was known.
const INSPECT_TIMEOUT: Duration = Duration::from_secs(5);

const LIST_TIMEOUT: Duration = Duration::from_secs(30);

/// Inspect calls at once, so that a resync of many containers does not occupy the engine.
const INSPECTS_MAX: usize = 8;

/// Containers that one engine may show. Its list takes about 2 KB each: 20 MB.
const CONTAINERS_MAX: usize = 10_000;

const LIST_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Health output is the largest part: 5 × 4 KiB. The rest is the user's Env and labels.
const INSPECT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// ~3 KB, and 200 B a network.
const STATS_BYTES_MAX: usize = 256 * 1024;
/// One-shot readings take milliseconds; an engine before 1.41 waits a second for two of them.
const STATS_TIMEOUT: Duration = Duration::from_secs(3);
const INFO_BYTES_MAX: usize = 1024 * 1024;

/// Images whose labels are kept: 1,024 × ~1 KB ≈ 1 MB.
const IMAGES_MAX: usize = 1_024;

#[derive(Deserialize)]
struct ListEntry {
    #[serde(rename = "Id")]
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InfoAnswer {
    #[serde(default)]
    server_version: Option<String>,
    #[serde(default)]
    operating_system: Option<String>,
    #[serde(default)]
    docker_root_dir: Option<String>,
    #[serde(default)]
    system_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionAnswer {
    #[serde(default)]
    components: Option<Vec<Component>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Component {
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ImageAnswer {
    #[serde(default)]
    config: Option<ImageConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ImageConfig {
    #[serde(default)]
    labels: Option<Labels>,
}

/// What looking at one container gave.
#[derive(Debug)]
pub(crate) enum Look {
    Found(Box<Container>),
    Gone,
    /// It is there, but could not be read: why.
    Unclear(String),
}

impl Daemon {
    /// Connects, agrees on a version and asks who it is.
    ///
    /// # Errors
    /// A sentence for the page.
    pub(crate) async fn connect(candidate: &Candidate) -> Result<Self, String> {
        let endpoint = candidate.endpoint.clone();
        // Ours, before bollard's: its errors do not tell a refused socket from an absent one.
        let (wire, peer_uid) = endpoint.connect().await.map_err(|error| endpoint.explain(&error))?;
        drop(wire);
        let docker = negotiated(&endpoint).await?;
        let api_version = docker.client_version().to_string();
        let ask = |path: &str| format!("/v{api_version}{path}");
        let sense = |error: RawError| format!("Something answers there, but not as an engine: {error}.");
        let info: InfoAnswer =
            raw::json(&endpoint, &ask("/info"), INFO_BYTES_MAX, ANSWER_TIMEOUT).await.map_err(sense)?;
        let version: VersionAnswer =
            raw::json(&endpoint, &ask("/version"), INFO_BYTES_MAX, ANSWER_TIMEOUT).await.map_err(sense)?;
        let podman = |part: &Component| part.name.as_deref().is_some_and(|name| name.starts_with("Podman"));
        Ok(Self {
            podman: version.components.unwrap_or_default().iter().any(podman),
            clock: info.system_time.as_deref().and_then(|time| Timestamp::parse(time.as_bytes())),
            info: EngineInfo {
                endpoint: endpoint.to_string(),
                version: capped(info.server_version),
                api_version,
                os: capped(info.operating_system),
                root_dir: capped(info.docker_root_dir),
            },
            endpoint,
            peer_uid,
            docker,
            images: Mutex::default(),
        })
    }

    pub(crate) fn file_question(&self, config: &EngineConfig) -> FileQuestion {
        FileQuestion {
            endpoint: self.endpoint.clone(),
            peer_uid: self.peer_uid,
            own_uid: rustix::process::geteuid().as_raw(),
            log_root: config.log_root.clone(),
            root_dir: self.info.root_dir.clone(),
            podman: self.podman,
        }
    }

    fn target(&self, path: &str) -> String {
        format!("/v{}{path}", self.info.api_version)
    }

    /// Subscribes. With `since`, what the engine still remembers from then on comes first.
    pub(crate) async fn events(&self, since: Option<Timestamp>) -> Result<EventStream, RawError> {
        let since = since.map(|since| format!("&since={}", unix_time(since))).unwrap_or_default();
        let path = format!("/events?filters={}{since}", percent(EVENT_FILTERS));
        Ok(EventStream::new(raw::stream(&self.endpoint, &self.target(&path)).await?))
    }

    /// The ids of all containers, stopped ones too.
    pub(crate) async fn list(&self) -> Result<Vec<ContainerId>, RawError> {
        let target = self.target("/containers/json?all=1");
        let list: Vec<ListEntry> = raw::json(&self.endpoint, &target, LIST_BYTES_MAX, LIST_TIMEOUT).await?;
        if list.len() > CONTAINERS_MAX {
            tracing::warn!(
                containers = list.len(),
                shown = CONTAINERS_MAX,
                "the engine has more containers than are shown"
            );
        }
        Ok(list.iter().filter_map(|entry| ContainerId::parse(&entry.id)).take(CONTAINERS_MAX).collect())
    }

    /// Inspects each, a few at once; the answers come in any order.
    pub(crate) async fn look_at(
        &self,
        ids: Vec<ContainerId>,
        config: &EngineConfig,
    ) -> Result<Vec<(ContainerId, Look)>, RawError> {
        let mut looks = Vec::with_capacity(ids.len());
        let looking = ids.into_iter().map(|id| async move { (self.look(&id, config).await, id) });
        let mut answers = futures_util::stream::iter(looking).buffer_unordered(INSPECTS_MAX);
        while let Some((look, id)) = answers.next().await {
            looks.push((id, look?));
        }
        Ok(looks)
    }

    async fn look(&self, id: &ContainerId, config: &EngineConfig) -> Result<Look, RawError> {
        let inspect = match self.inspect(id).await {
            Ok(inspect) => inspect,
            Err(RawError::Status { code: 404, .. }) => return Ok(Look::Gone),
            Err(error @ RawError::Unreachable(_)) => return Err(error),
            Err(error) => return Ok(Look::Unclear(error.to_string())),
        };
        if inspect.id() != id.as_str() {
            return Ok(Look::Unclear("the engine answered for another container".into()));
        }
        let (place, own_labels) = match self.place(&inspect).await {
            Ok(place) => place,
            Err(error @ RawError::Unreachable(_)) => return Err(error),
            Err(error) => return Ok(Look::Unclear(error.to_string())),
        };
        let is_self = config.own_container.is(id);
        Ok(Look::Found(Box::new(inspect.into_container(id.clone(), place, own_labels, is_self))))
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Inspect, RawError> {
        let target = self.target(&format!("/containers/{id}/json"));
        raw::json(&self.endpoint, &target, INSPECT_BYTES_MAX, INSPECT_TIMEOUT).await
    }

    /// How a container is made, read now.
    pub(crate) async fn details(&self, id: &ContainerId) -> Result<Details, RawError> {
        let target = self.target(&format!("/containers/{id}/json"));
        let answer: DetailsAnswer =
            raw::json(&self.endpoint, &target, INSPECT_BYTES_MAX, INSPECT_TIMEOUT).await?;
        Ok(answer.details())
    }

    /// One reading of what a container uses; `None` when it does not run.
    pub(crate) async fn usage(&self, id: &ContainerId) -> Result<Option<Usage>, RawError> {
        let target = self.target(&format!("/containers/{id}/stats?stream=false&one-shot=true"));
        let answer: StatsAnswer = raw::json(&self.endpoint, &target, STATS_BYTES_MAX, STATS_TIMEOUT).await?;
        Ok(answer.usage())
    }

    /// Its place, and its own labels: both are told from the image's.
    async fn place(&self, inspect: &Inspect) -> Result<(Membership, BTreeMap<String, String>), RawError> {
        let labels = match inspect.labels() {
            Some(labels) if !labels.is_empty() => labels,
            _ => return Ok(Default::default()),
        };
        let image = match self.image_labels(inspect.image_id()).await {
            // Only who sees it by a label misses it then.
            Err(RawError::Unreachable(error)) => return Err(RawError::Unreachable(error)),
            Err(_) if !claims_membership(labels) => return Ok(Default::default()),
            answer => answer?,
        };
        Ok((membership(labels, image.as_deref()), labels::own(labels, image.as_deref())))
    }

    /// The place of a container that is gone, by its labels: never one that its image may have claimed.
    pub(crate) async fn place_of_gone(&self, labels: &Labels) -> Result<Membership, RawError> {
        let image = labels.get("image").filter(|_| claims_membership(labels));
        let Some(image) = image else { return Ok(Membership::default()) };
        let of_image = self.image_labels(image).await?;
        Ok(of_image.map_or_else(Membership::default, |of_image| membership(labels, Some(&of_image))))
    }

    async fn image_labels(&self, image: &str) -> Result<Option<Arc<Labels>>, RawError> {
        if let Some(known) = self.known_image(image) {
            return Ok(known);
        }
        // It goes into a path: an id or a name, and nothing that leads elsewhere.
        let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b":/@._-".contains(&byte);
        if image.is_empty() || !image.bytes().all(of_name) || image.contains("..") {
            return Ok(None);
        }
        let target = self.target(&format!("/images/{image}/json"));
        let labels = match raw::json(&self.endpoint, &target, INSPECT_BYTES_MAX, INSPECT_TIMEOUT).await {
            Ok(ImageAnswer { config }) => {
                Some(Arc::new(config.and_then(|config| config.labels).unwrap_or_default()))
            }
            Err(RawError::Status { code: 404, .. }) => None,
            Err(error) => return Err(error),
        };
        self.keep_image(image, labels.clone());
        Ok(labels)
    }

    fn known_image(&self, image: &str) -> Option<Option<Arc<Labels>>> {
        self.images.lock().unwrap_or_else(PoisonError::into_inner).get(image).cloned()
    }

    fn keep_image(&self, image: &str, labels: Option<Arc<Labels>>) {
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        if images.len() >= IMAGES_MAX {
            images.clear();
        }
        images.insert(image.to_owned(), labels);
    }

    /// The raw body of the container's log.
    pub(crate) async fn logs(&self, id: &ContainerId, asked: LogsAsked) -> Result<RawBody, RawError> {
        let follow = u8::from(asked.follow);
        let mut path = format!("/containers/{id}/logs?follow={follow}&stdout=1&stderr=1&timestamps=1");
        for (name, time) in [("since", asked.since), ("until", asked.until)] {
            if let Some(time) = time {
                path.push_str(&format!("&{name}={}", unix_time(time)));
            }
        }
        if let Some(tail) = asked.tail {
            path.push_str(&format!("&tail={tail}"));
        }
        raw::stream(&self.endpoint, &self.target(&path)).await
    }

    pub(crate) async fn act(&self, id: &ContainerId, action: Action) -> Result<(), ActionError> {
        let timeout = self.patience(id, action).await;
        let docker = self.docker.clone().with_timeout(timeout);
        match tokio::time::timeout(timeout, request(&docker, id.as_str(), action)).await {
            Ok(answer) => answer.map_err(action_error),
            Err(_) => Err(late(timeout)),
        }
    }

    /// A stop may take as long as the container's own grace says.
    async fn patience(&self, id: &ContainerId, action: Action) -> Duration {
        if !matches!(action, Action::Stop | Action::Restart) {
            return ACTION_TIMEOUT;
        }
        let grace = self.inspect(id).await.ok().and_then(|inspect| inspect.stop_timeout_secs()).unwrap_or(0);
        ACTION_TIMEOUT + Duration::from_secs(grace.min(GRACE_SECS_MAX))
    }
}

/// An hour: graces beyond are configuration mistakes, and somebody is waiting.
const GRACE_SECS_MAX: u64 = 3_600;

async fn negotiated(endpoint: &Endpoint) -> Result<Docker, String> {
    let timeout = ANSWER_TIMEOUT.as_secs();
    let docker = match endpoint {
        Endpoint::Unix(path) => {
            Docker::connect_with_unix(&path.to_string_lossy(), timeout, API_DEFAULT_VERSION)
        }
        Endpoint::Tcp { .. } => {
            Docker::connect_with_http(&endpoint.to_string(), timeout, API_DEFAULT_VERSION)
        }
    };
    let negotiating = async { docker?.negotiate_version().await };
    match tokio::time::timeout(ANSWER_TIMEOUT, negotiating).await {
        Ok(Ok(docker)) => Ok(docker),
        Ok(Err(error)) => {
            Err(format!("Something answers there, but no API version could be agreed on: {error}."))
        }
        Err(_) => Err(format!("It accepts connections, but gave no answer within {timeout} s.")),
    }
}

async fn request(docker: &Docker, id: &str, action: Action) -> Result<(), bollard::errors::Error> {
    match action {
        Action::Start => docker.start_container(id, None).await,
        Action::Stop => docker.stop_container(id, None).await,
        Action::Restart => docker.restart_container(id, None).await,
        Action::Kill => docker.kill_container(id, None).await,
        Action::Pause => docker.pause_container(id).await,
        Action::Unpause => docker.unpause_container(id).await,
        // bollard's default: without force, without volumes.
        Action::Remove => docker.remove_container(id, None).await,
    }
}

fn action_error(error: bollard::errors::Error) -> ActionError {
    use bollard::errors::Error;
    let (kind, text) = match error {
        Error::DockerResponseServerError { status_code, message } => {
            let kind = match status_code {
                404 => ActionErrorKind::NotFound,
                409 => ActionErrorKind::Conflict,
                _ => ActionErrorKind::Engine,
            };
            (kind, capped(Some(message)))
        }
        error => (ActionErrorKind::Unreachable, format!("The engine could not be asked: {error}.")),
    };
    ActionError { kind, text }
}

fn late(timeout: Duration) -> ActionError {
    let text = format!("The engine gave no answer within {} s; it may still do it.", timeout.as_secs());
    ActionError { kind: ActionErrorKind::Unreachable, text }
}

/// Seconds and nanoseconds, as Docker takes times; what lies before 1970 is 1970.
fn unix_time(at: Timestamp) -> String {
    let nanos = at.0.max(0);
    format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)
}

fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_nanoseconds() {
        assert_eq!(unix_time(Timestamp(1_700_000_000_000_000_042)), "1700000000.000000042");
        assert_eq!(unix_time(Timestamp(-5)), "0.000000000");
    }
}
