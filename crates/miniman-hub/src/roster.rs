//! Every container known: those that an engine lists now, and those that are gone but whose log is still stored.

use std::sync::Arc;

use miniman_engine::{Container, EngineName, EngineState};
use miniman_store::logs::{Log, LogId};

/// A snapshot; a new one is published with every change. Its containers are reached as an [`Onlooker`] alone.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    entries: Vec<Arc<Entry>>,
    pub engines: Vec<Arc<EngineState>>,
    /// Rises by one with each snapshot.
    pub generation: u64,
}

/// Who looks at a roster: whoever wants a container of it says as whom, so that no way around the question is left.
pub trait Onlooker {
    fn sees(&self, entry: &Arc<Entry>) -> bool;
}

/// One container and its log.
#[derive(Debug, Clone)]
pub struct Entry {
    pub engine: EngineName,
    /// As inspected last; of a container that is gone, as it was.
    pub container: Arc<Container>,
    /// Whether the engine still lists it.
    pub present: bool,
    pub log: Log,
    pub source: SourceState,
    pub backfill: Option<Backfill>,
    /// The container does not run, and every line that it wrote is in the log.
    pub settled: bool,
    /// Lines appended in the last second.
    pub lines_per_sec: f32,
    /// Rises with each mark that is kept: who shows marks reads them again then.
    pub marks: u64,
}

/// Where a log's lines come from, in words for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceState {
    Opening,
    Files {
        /// What is not as it should be: changes are polled for, for one.
        note: Option<String>,
    },
    Api {
        why: String,
    },
    Unreadable {
        why: String,
    },
    /// The container is gone; what is stored stays readable.
    Ended,
}

impl SourceState {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Files { .. } => "files",
            Self::Api { .. } => "api",
            Self::Unreadable { .. } => "unreadable",
            Self::Ended => "ended",
        }
    }

    /// The sentence that goes with it, if one does.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Api { why } | Self::Unreadable { why } => Some(why),
            Self::Files { note } => note.as_deref(),
            Self::Opening | Self::Ended => None,
        }
    }
}

/// How far the files that were there at first sight have been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backfill {
    pub done: bool,
    pub bytes_read: u64,
    pub bytes_total: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    #[error("no such container")]
    NotFound,
    #[error("several containers match; use more of the id")]
    Ambiguous,
}

/// A shorter prefix than Docker's own habit of 4 would match by accident too often.
const ID_PREFIX_MIN: usize = 4;

impl Roster {
    /// `entries` sorted by stack (none last), service, number, name.
    pub fn new(entries: Vec<Arc<Entry>>, engines: Vec<Arc<EngineState>>, generation: u64) -> Self {
        Self { entries, engines, generation }
    }

    /// What there is for them, in order.
    pub fn seen_by<'a>(
        &'a self,
        onlooker: &'a impl Onlooker,
    ) -> impl Iterator<Item = &'a Arc<Entry>> + Clone {
        self.entries.iter().filter(|entry| onlooker.sees(entry))
    }

    /// The container of a log, if they see it.
    pub fn find_log(&self, onlooker: &impl Onlooker, id: LogId) -> Option<&Arc<Entry>> {
        self.by_log(id).filter(|entry| onlooker.sees(entry))
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Arc<Entry>> {
        self.entries.iter().find(|entry| entry.container.id.as_str() == id)
    }

    pub(crate) fn by_log(&self, id: LogId) -> Option<&Arc<Entry>> {
        self.entries.iter().find(|entry| entry.log.id() == id)
    }

    /// [`resolve`] among what they see.
    ///
    /// # Errors
    /// When nothing, or more than one container, matches.
    pub fn resolve(&self, asked: &str, onlooker: &impl Onlooker) -> Result<Arc<Entry>, ResolveError> {
        resolve(asked, self.seen_by(onlooker)).cloned()
    }
}

/// What a container is found by.
pub trait Named {
    fn container(&self) -> &Container;
    /// Whether the engine still lists it.
    fn is_present(&self) -> bool;
}

impl Named for Arc<Entry> {
    fn container(&self) -> &Container {
        &self.container
    }

    fn is_present(&self) -> bool {
        self.present
    }
}

/// As its engine lists it.
impl Named for Arc<Container> {
    fn container(&self) -> &Container {
        self
    }

    fn is_present(&self) -> bool {
        true
    }
}

/// Finds a container by full id, unique id prefix or name.
///
/// A name means the container that has it now, else the one that had it last. A text that is one container's
/// name and another's id prefix is [`ResolveError::Ambiguous`]: Docker itself would silently take the name.
///
/// # Errors
/// When nothing, or more than one container, matches.
pub fn resolve<'a, T: Named>(
    asked: &str,
    known: impl Iterator<Item = &'a T> + Clone,
) -> Result<&'a T, ResolveError> {
    let asked = asked.strip_prefix('/').unwrap_or(asked);
    if asked.is_empty() {
        return Err(ResolveError::NotFound);
    }
    let id = |one: &&'a T| one.container().id.as_str();
    if let Some(one) = known.clone().find(|one| id(one) == asked) {
        return Ok(one);
    }
    let named: Vec<_> = known.clone().filter(|one| one.container().name == asked).collect();
    let present: Vec<_> = named.iter().filter(|one| one.is_present()).collect();
    let by_name = match present.as_slice() {
        [one] => Some(**one),
        // Two engines may each have the name.
        [_, _, ..] => return Err(ResolveError::Ambiguous),
        [] => named.into_iter().max_by_key(|one| one.container().created),
    };
    let is_prefix = asked.len() >= ID_PREFIX_MIN && asked.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut by_prefix = known.filter(|one| is_prefix && id(one).starts_with(asked));
    match (by_name, by_prefix.next(), by_prefix.next()) {
        (None, None, _) => Err(ResolveError::NotFound),
        (Some(one), None, _) | (None, Some(one), None) => Ok(one),
        (Some(named), Some(prefixed), None) if std::ptr::eq(named, prefixed) => Ok(named),
        _ => Err(ResolveError::Ambiguous),
    }
}
