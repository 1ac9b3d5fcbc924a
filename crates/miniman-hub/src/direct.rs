//! Reading containers' logs straight from their engine, once: no tail, no store, nothing on disk.
//!
//! For who has no server at hand. Lines come from the API's log stream and pass the same parser, joiner, severities and
//! redactor as a tail's, are searched with the same groups, and are merged in the same order: each log's running
//! maximum of time; once all that was there is given, by arrival.
//!
//! Not by a store in a temporary directory, though everything would then be the server's own code: a log would be read
//! whole and written to disk before its first line could be shown, where a stream shows it after some 20 ms, and the last
//! ten lines of 10 GB would cost 10 GB. The engine knows where a time or the last lines are, so `since`, `until` and
//! `tail` go to it. What that costs: lines that the engine rotates away while a burst is read are lost without a trace,
//! a log ends here when its container does, and numbers count the lines of this reading alone.
//!
//! Nothing is read ahead but a piece of each log, so what waits here is bounded by how many logs are read.

mod around;
mod lane;
mod sieve;
mod tail;

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, SelectAll};
use futures_util::{StreamExt, TryStreamExt};
use miniman_engine::{Container, Engine, LogsAsked, LogsError};
use miniman_log::query::Query;
use miniman_log::{HeadPattern, PART_BYTES, RecordBatch, Redactor, Timestamp};

use crate::Keeps;
use lane::{Feed, Lane};
use tail::{TAIL_BYTES_MAX, Tail};

/// Logs of one reading: each is a connection to the engine and some 128 KiB.
pub const DIRECT_LOGS_MAX: usize = 1_000;
/// Logs that are asked for at once.
const OPENING_MAX: usize = 16;
/// More messages than lines are asked for, so that the first one given is no rest of a line: the longest has 64 parts.
const TAIL_MARGIN: u64 = (miniman_log::LINE_BYTES_MAX / PART_BYTES) as u64;

/// What is to be read of each log.
#[derive(Clone, Default)]
pub struct Asked {
    pub since: Option<Timestamp>,
    /// Up to, and without, the first record at or after this time.
    pub until: Option<Timestamp>,
    /// Of all logs together, the last so many records that are wanted.
    pub tail: Option<u64>,
    /// Goes on with what comes, until the last container has ended.
    pub follow: bool,
    /// Only what it finds, in whole groups.
    pub query: Option<Query>,
    /// So many lines before and behind each of these, of the same log; not with `tail` or `follow`.
    pub context: u32,
    /// Which of what the query finds is wanted; `None` is all.
    pub keeps: Option<Keeps>,
    pub redactor: Redactor,
}

/// Something of a reading; `log` counts the containers as they were given.
#[derive(Debug)]
pub enum Item {
    Record {
        log: usize,
        /// Counts the log's records in this reading from 0.
        seq: i64,
        batch: Arc<RecordBatch>,
        index: usize,
        /// It stands near a match, and is none.
        context: bool,
    },
    /// Something is missing here, or from here on.
    Broken { log: usize, why: String },
}

#[derive(Debug, thiserror::Error)]
pub enum DirectError {
    #[error("{0} logs are more than {DIRECT_LOGS_MAX} at once: narrow the selection")]
    TooMany(usize),
    #[error("the last lines that were asked for take more than {} MiB: ask for fewer, or by time", TAIL_BYTES_MAX >> 20)]
    TailTooLong,
}

/// What a reading has looked at so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looked {
    pub records: u64,
    /// Records that name no level and were not found, where the query asks for levels.
    pub unspecified: u64,
}

/// One reading of some containers' logs.
pub struct Direct {
    lanes: Vec<Lane>,
    live: Option<Live>,
    ready: VecDeque<Item>,
    tail: Option<Tail>,
    follow: bool,
}

/// The streams that are followed, each with the number of its log; `None` is a stream's end.
type Live = SelectAll<BoxStream<'static, (usize, Option<Result<Bytes, LogsError>>)>>;

/// A log that cannot be read, by its place among those given, and why.
pub type Unreadable = (usize, LogsError);

impl Direct {
    /// Asks the engine for the logs of `containers`; those that cannot be read are left out and told.
    ///
    /// # Errors
    /// When there are too many.
    pub async fn open(
        engine: &Engine,
        containers: &[Arc<Container>],
        asked: &Asked,
    ) -> Result<(Self, Vec<Unreadable>), DirectError> {
        if containers.len() > DIRECT_LOGS_MAX {
            return Err(DirectError::TooMany(containers.len()));
        }
        let asks = |container: &Container| {
            asked.query.as_ref().is_none_or(|query| sieve::may_match(container, query))
        };
        let asked_of = containers.iter().enumerate().filter(|(_, container)| asks(container));
        let opening = asked_of.map(|(log, container)| async move {
            let opened = open(engine, container, asked).await;
            opened
                .map(|(stream, last)| Lane::new(log, stream, Feed::new(container, asked, last)))
                .map_err(|error| (log, error))
        });
        let opened: Vec<_> = stream::iter(opening).buffered(OPENING_MAX).collect().await;
        let mut unreadable = Vec::new();
        let mut lanes = Vec::new();
        for lane in opened {
            match lane {
                Ok(lane) => lanes.push(lane),
                Err(told) => unreadable.push(told),
            }
        }
        let tail = asked.tail.map(|count| Tail::new(count, TAIL_BYTES_MAX));
        let direct = Self { lanes, live: None, ready: VecDeque::new(), tail, follow: asked.follow };
        Ok((direct, unreadable))
    }

    /// What comes next; `None` at the end.
    ///
    /// # Errors
    /// When the last lines take too much memory.
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped.
    pub async fn next(&mut self) -> Result<Option<Item>, DirectError> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            if self.live.is_some() {
                if !self.arrive().await {
                    return Ok(None);
                }
                continue;
            }
            match (self.merged().await, &mut self.tail) {
                (Some(item), None) => return Ok(Some(item)),
                (Some(item), Some(tail)) => tail.push(item)?,
                (None, tail) => {
                    self.ready.extend(tail.take().into_iter().flat_map(Tail::into_items));
                    if self.follow {
                        self.go_live();
                    } else if self.ready.is_empty() {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// What was looked at so far.
    pub fn looked(&self) -> Looked {
        let looked = self.lanes.iter().map(|lane| lane.feed.looked());
        looked.fold(Looked::default(), |sum, one| Looked {
            records: sum.records + one.records,
            unspecified: sum.unspecified + one.unspecified,
        })
    }

    /// The next of what is there, by each log's running maximum of time; `None` when all of it was given.
    async fn merged(&mut self) -> Option<Item> {
        // A row is the next one only once every lane has shown its own.
        for lane in &mut self.lanes {
            while lane.is_open() {
                if let Some(why) = lane.fill().await {
                    return Some(Item::Broken { log: lane.log, why });
                }
            }
        }
        let keyed = self.lanes.iter_mut().filter_map(|lane| Some((lane.feed.key()?, lane)));
        let (_, lane) = keyed.min_by_key(|(key, _)| *key)?;
        lane.feed.take().map(|row| row.item(lane.log))
    }

    fn go_live(&mut self) {
        let mut live = SelectAll::new();
        for (at, lane) in self.lanes.iter_mut().enumerate() {
            if let Some(stream) = lane.go_live() {
                let end = stream::once(async { None });
                live.push(stream.map(Some).chain(end).map(move |piece| (at, piece)).boxed());
            }
        }
        self.live = Some(live);
        self.arrived();
    }

    /// Takes what arrives next; `false` when nothing will.
    async fn arrive(&mut self) -> bool {
        let Some(live) = &mut self.live else { return false };
        let Some((at, piece)) = live.next().await else { return false };
        let lane = &mut self.lanes[at];
        let log = lane.log;
        let broken = lane.take(piece);
        self.arrived();
        self.ready.extend(broken.map(|why| Item::Broken { log, why }));
        true
    }

    fn arrived(&mut self) {
        for lane in &mut self.lanes {
            while let Some(row) = lane.feed.take() {
                self.ready.push_back(row.item(lane.log));
            }
        }
    }
}

/// What is wrong with the labels by which a container says how its lines are read.
pub fn wrong_labels(container: &Container) -> Vec<String> {
    let redact = container.redact.as_deref().map(|pattern| Redactor::default().with_label(pattern).err());
    let redact = redact.flatten().map(|error| format!("the label miniman.redact redacts nothing: {error}"));
    let multiline = container.multiline.as_deref().map(|pattern| HeadPattern::new(pattern).err());
    let multiline =
        multiline.flatten().map(|error| format!("the label miniman.multiline is ignored: {error}"));
    redact.into_iter().chain(multiline).collect()
}

/// A log's stream, and when following the time of the last record that was there before.
async fn open(
    engine: &Engine,
    container: &Container,
    asked: &Asked,
) -> Result<(miniman_engine::LogStream, Option<Timestamp>), LogsError> {
    let mut last = None;
    if asked.follow {
        let probe = LogsAsked { tail: Some(1), ..LogsAsked::default() };
        let pieces = engine.logs(&container.id, probe).await?;
        let pieces: Vec<Bytes> = pieces.try_collect().await?;
        last = lane::last_time(container.tty, &pieces);
        last = last.filter(|last| asked.since.is_none_or(|since| *last >= since));
    }
    // Only the engine's own last lines are those that are wanted.
    let is_all = asked.query.is_none() && asked.keeps.is_none() && asked.until.is_none();
    let tail = asked.tail.filter(|_| is_all).map(|tail| tail.saturating_add(TAIL_MARGIN));
    let (since, until, follow) = (asked.since, asked.until, asked.follow);
    let stream = engine.logs(&container.id, LogsAsked { since, until, tail, follow }).await?;
    Ok((stream, last))
}

#[cfg(test)]
mod tests;
