//! Opening a container's log and choosing where its lines come from.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use miniman_engine::{Container, Engine, EngineName, FileAccess};
use miniman_log::group::HeadPatternError;
use miniman_log::{HeadPattern, Redactor};
use miniman_store::logs::{Log, LogIdentity, LogRetention, LogStore, StoreError};
use tokio::sync::{Notify, mpsc};

use super::follow::Input;
use crate::SourceState;
use crate::tail::api::{ApiControl, ApiTail};
use crate::tail::file::FileTailSpec;
use crate::tail::open::{Format, LogDir, LogRoot};
use crate::tail::{FileTail, Pool, TailStatus};

/// Opened containers that wait for the loop; the new ones among so many share a commit.
pub(super) const OPENED_MAX: usize = 64;

/// What opens containers; blocking.
#[derive(Clone)]
pub(crate) struct Opener {
    pub(crate) store: LogStore,
    pub(crate) wake: Arc<Notify>,
    redactor: Redactor,
    /// The folder opened last, and its path.
    root: Arc<Mutex<Option<OpenRoot>>>,
}

type OpenRoot = (PathBuf, Arc<LogRoot>);

pub(crate) struct Opened {
    pub(crate) engine: EngineName,
    pub(crate) container: Arc<Container>,
    pub(crate) log: Log,
    pub(crate) status: Arc<TailStatus>,
    pub(crate) tail: Tail,
    /// The store had never seen it.
    pub(crate) new: bool,
}

pub(crate) enum Tail {
    File(Arc<FileTail>),
    /// To be spawned.
    Api(Box<ApiTail>),
    None,
}

impl Opener {
    pub(crate) fn new(store: LogStore, wake: Arc<Notify>, redactor: Redactor) -> Self {
        Self { store, wake, redactor, root: Arc::default() }
    }

    pub(crate) fn open(&self, engine: &Engine, container: Arc<Container>) -> Result<Opened, StoreError> {
        let log = self.store.log(&identity(engine.name(), &container))?;
        let bounds = log.bounds();
        let new = log.resume().is_none() && bounds.first == bounds.next;
        let status = Arc::new(TailStatus::new(self.wake.clone()));
        let (redactor, told) = self.redactor(&container);
        let tail = self.tail(engine, &container, &log, &status, &redactor);
        if let Err(error) = log.set_message_field(container.message.clone()) {
            tracing::warn!(log = %log.id(), %error, "which field is the message could not be kept");
        }
        let labels = [set_retention(&container, &log), set_multiline(&container, &log)];
        for error in labels.into_iter().filter_map(Result::err).chain(told) {
            if let SourceState::Files { note } = status.source() {
                let note = note.map_or_else(|| error.clone(), |note| format!("{note}; {error}"));
                status.set_source(SourceState::Files { note: Some(note) });
            }
        }
        Ok(Opened { engine: engine.name().clone(), container, log, status, tail, new })
    }

    /// The rules for a container's lines: a label adds one and takes none away. With it what is wrong with the label,
    /// for the page.
    fn redactor(&self, container: &Container) -> (Redactor, Option<String>) {
        let Some(pattern) = &container.redact else { return (self.redactor.clone(), None) };
        match self.redactor.with_label(pattern) {
            Ok(redactor) => (redactor, None),
            Err(error) => {
                let error = format!("the label miniman.redact redacts nothing: {error}");
                tracing::warn!(container = container.id.short(), %error, "redaction");
                (self.redactor.clone(), Some(error))
            }
        }
    }

    fn tail(
        &self,
        engine: &Engine,
        container: &Container,
        log: &Log,
        status: &Arc<TailStatus>,
        redactor: &Redactor,
    ) -> Tail {
        let format = match container.log_driver.as_str() {
            "json-file" => Some(Format::JsonFile),
            "local" => Some(Format::Local),
            "none" => {
                let why = "this container's log driver is none: Docker keeps nothing that it writes; run it with \
                           --log-driver json-file or local to see its lines";
                status.set_source(SourceState::Unreadable { why: why.to_owned() });
                status.settle(status.stage());
                return Tail::None;
            }
            _ => None,
        };
        let why = match format.map(|format| self.file_tail(engine, format, container, log, status, redactor))
        {
            Some(Ok(tail)) => {
                status.set_source(SourceState::Files { note: None });
                return Tail::File(Arc::new(tail));
            }
            Some(Err(why)) => why,
            None => format!("the log driver {} keeps no files that can be read", container.log_driver),
        };
        Tail::Api(Box::new(ApiTail {
            engine: engine.clone(),
            id: container.id.clone(),
            tty: container.tty,
            log: log.clone(),
            status: status.clone(),
            why,
            redactor: redactor.clone(),
            control: Arc::new(ApiControl::default()),
        }))
    }

    fn file_tail(
        &self,
        engine: &Engine,
        format: Format,
        container: &Container,
        log: &Log,
        status: &Arc<TailStatus>,
        redactor: &Redactor,
    ) -> Result<FileTail, String> {
        let root = match engine.file_access() {
            FileAccess::Yes { root } => root,
            FileAccess::No { reason } => return Err(reason),
        };
        let unreadable = |error: &dyn std::fmt::Display| {
            format!(
                "the log files under {} cannot be read ({error}); run as root, or mount the folder",
                root.display()
            )
        };
        let log_root = self.log_root(&root).map_err(|error| unreadable(&error))?;
        let dir = LogDir::new(log_root, container.id.clone(), format);
        dir.open_container_dir().map_err(|error| unreadable(&error))?;
        let spec = FileTailSpec {
            dir,
            log: log.clone(),
            status: status.clone(),
            tty: container.tty,
            truncated_at: truncated_at(container),
            redactor: redactor.clone(),
        };
        FileTail::open(spec).map_err(|error| unreadable(&error))
    }

    fn log_root(&self, path: &Path) -> std::io::Result<Arc<LogRoot>> {
        let mut known = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        match known.as_ref() {
            // The folder may have been replaced since; a container in it that is not found says so.
            Some((at, root)) if at == path && path.exists() => Ok(root.clone()),
            _ => {
                let root = Arc::new(LogRoot::open(path)?);
                *known = Some((path.to_owned(), root.clone()));
                Ok(root)
            }
        }
    }
}

/// Opens containers one after the other, and has them read.
pub(super) fn open_all(
    opener: &Opener,
    pool: &Pool,
    engine: &Engine,
    containers: Vec<Arc<Container>>,
    opened: &mpsc::Sender<Input>,
) {
    for together in containers.chunks(OPENED_MAX) {
        let (mut tails, mut new) = (Vec::new(), false);
        for container in together {
            let input = match opener.open(engine, container.clone()) {
                Ok(opened) => {
                    new |= opened.new;
                    if let Tail::File(tail) = &opened.tail {
                        tails.push(tail.clone());
                    }
                    Input::Opened(Box::new(opened))
                }
                Err(error) => Input::OpenFailed(container.id.clone(), error.to_string()),
            };
            // The loop has ended: nobody needs the rest.
            if opened.blocking_send(input).is_err() {
                return;
            }
        }
        // Where live lines begin is on disk before the first of them is read: else their numbers, and so cursors, would
        // not outlive a kill or a power cut. Files that rotate meanwhile are watched already. Where the commit does not
        // succeed, lines go on without.
        if new && let Err(error) = opener.store.sync() {
            tracing::warn!(%error, "where new logs begin could not be committed");
        }
        tails.iter().for_each(|tail| pool.begin(tail));
    }
}

/// What the container's label says of its log, or nothing of its own.
///
/// # Errors
/// What is wrong with the label, for the page.
fn set_retention(container: &Container, log: &Log) -> Result<(), String> {
    let parsed = container.retention.as_deref().map(str::parse::<LogRetention>).transpose();
    let told = parsed.as_ref().err().map(|error| {
        let error = format!("the label miniman.retention says nothing that is understood: {error}");
        tracing::warn!(container = container.id.short(), %error, "retention");
        error
    });
    if let Err(error) = log.set_retention(parsed.ok().flatten().unwrap_or_default()) {
        tracing::warn!(log = %log.id(), %error, "a log's own retention could not be kept");
    }
    told.map_or(Ok(()), Err)
}

/// What the container's label says of records of several lines, or nothing of its own.
///
/// # Errors
/// As for [`set_retention`].
fn set_multiline(container: &Container, log: &Log) -> Result<(), String> {
    let pattern = container.multiline.as_deref().map(HeadPattern::new).transpose();
    let told = pattern.as_ref().err().map(|error| {
        let error = format!("the label miniman.multiline is ignored: {}", in_a_line(error));
        tracing::warn!(container = container.id.short(), %error, "multiline");
        error
    });
    if let Err(error) = log.set_head_pattern(pattern.ok().flatten()) {
        tracing::warn!(log = %log.id(), %error, "a log's own pattern could not be kept");
    }
    told.map_or(Ok(()), Err)
}

/// With its source, whose last line says what is wrong; those before it draw it.
fn in_a_line(error: &HeadPatternError) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    let reason = source.as_deref().and_then(|text| text.lines().last());
    reason.map_or_else(
        || error.to_string(),
        |reason| format!("{error}: {}", reason.trim_start_matches("error: ")),
    )
}

pub(crate) fn identity(engine: &EngineName, container: &Container) -> LogIdentity {
    LogIdentity {
        engine: engine.as_str().to_owned(),
        container_id: container.id.as_str().to_owned(),
        name: container.name.clone(),
        image: container.image.clone(),
        stack: container.stack.clone(),
        service: container.service.clone(),
        number: container.number,
        created: container.created,
    }
}

/// The size at which Docker empties the file instead of rotating it: with `max-file` 1, `json-file`'s default, and a
/// `max-size`.
fn truncated_at(container: &Container) -> Option<u64> {
    let option = |name: &str| container.log_options.get(name).map(String::as_str);
    let (files, size) = match container.log_driver.as_str() {
        "local" => (option("max-file").unwrap_or("5"), option("max-size").unwrap_or("20m")),
        _ => (option("max-file").unwrap_or("1"), option("max-size")?),
    };
    (files.trim() == "1").then(|| size_bytes(size)).flatten()
}

/// Docker's sizes: `10m`, `64k`, `1g`, binary units.
fn size_bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.trim_end_matches("ib").trim_end_matches('b');
    let (digits, unit) = match text.char_indices().last()? {
        (at, 'k') => (&text[..at], 1 << 10),
        (at, 'm') => (&text[..at], 1 << 20),
        (at, 'g') => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    digits.trim().parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::size_bytes;

    #[test]
    fn dockers_sizes_are_read() {
        let check = |text, bytes| assert_eq!(size_bytes(text), bytes, "{text}");
        check("10m", Some(10 << 20));
        check("64k", Some(64 << 10));
        check("1G", Some(1 << 30));
        check("512", Some(512));
        check("20mb", Some(20 << 20));
        check("", None);
        check("m", None);
        check("-1", None);
    }
}
