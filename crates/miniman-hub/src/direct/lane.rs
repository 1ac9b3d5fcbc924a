//! One container's stream on its way to rows.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use miniman_engine::{Container, LogStream, LogsError};
use miniman_log::redact::Before;
use miniman_log::{ApiLogParser, IoStream, Part, PartSink, RecordBatch, RecordRef, Redactor, Timestamp};

use super::sieve::Sieve;
use super::{Asked, Item, Looked};
use crate::Keeps;
use crate::tail::lines::Lines;

/// Bytes of a stream that are taken at once when they are there: each line may come as a piece of its own.
const FILL_BYTES: usize = 64 << 10;
const DAMAGED: &str = "a part of what the engine sent is no log and is left out";

/// One log of a reading.
pub(super) struct Lane {
    pub(super) log: usize,
    /// `None` once it has ended, or is followed.
    stream: Option<LogStream>,
    pub(super) feed: Feed,
}

/// A record, where it belongs.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) seq: i64,
    /// The running maximum of time.
    pub(super) key: i64,
    pub(super) batch: Arc<RecordBatch>,
    pub(super) index: usize,
    /// It stands near a match, and is none.
    pub(super) context: bool,
}

impl Row {
    pub(super) fn record(&self) -> RecordRef<'_> {
        self.batch.get(self.index)
    }

    pub(super) fn item(self, log: usize) -> Item {
        let Self { seq, batch, index, context, .. } = self;
        Item::Record { log, seq, batch, index, context }
    }
}

/// What becomes of a stream's bytes.
pub(super) struct Feed {
    parser: ApiLogParser,
    lines: Watched,
    until: Option<Timestamp>,
    sieve: Option<Sieve>,
    keeps: Option<Keeps>,
    next_seq: i64,
    maximum: i64,
    rows: VecDeque<Row>,
    /// `until` was reached.
    over: bool,
    /// Whatever comes still is of no use.
    ended: bool,
}

/// Lines, and whether what was there at the start has passed.
struct Watched {
    lines: Lines,
    /// Time of the last part that was there; `None` when following is not asked for, or nothing was there.
    last: Option<Timestamp>,
}

impl Lane {
    pub(super) fn new(log: usize, stream: LogStream, feed: Feed) -> Self {
        Self { log, stream: Some(stream), feed }
    }

    /// Whether it has no row at hand, and has one still among what was there.
    pub(super) fn is_open(&self) -> bool {
        self.feed.rows.is_empty() && self.stream.is_some() && !self.feed.passed()
    }

    /// Reads on; says what broke.
    ///
    /// # Cancel safety
    /// What was read is kept.
    pub(super) async fn fill(&mut self) -> Option<String> {
        let stream = self.stream.as_mut()?;
        let mut piece = stream.next().await;
        let mut bytes = 0;
        loop {
            bytes += piece.as_ref().and_then(|piece| piece.as_ref().ok()).map_or(FILL_BYTES, Bytes::len);
            let broken = self.take(piece);
            if broken.is_some() || bytes >= FILL_BYTES {
                return broken;
            }
            let next = self.stream.as_mut().and_then(|stream| stream.next().now_or_never());
            match next {
                Some(next) => piece = next,
                None => return None,
            }
        }
    }

    /// Takes a piece of the stream, or its end; says what broke.
    pub(super) fn take(&mut self, piece: Option<Result<Bytes, LogsError>>) -> Option<String> {
        let broken = match piece {
            Some(Ok(bytes)) => self.feed.feed(&bytes),
            Some(Err(error)) => {
                self.feed.end(false);
                Some(error.to_string())
            }
            None => {
                self.stream = None;
                return self.feed.end(true);
            }
        };
        if broken.is_some() || self.feed.over {
            self.stream = None;
        }
        broken
    }

    /// Gives the stream to be followed; matches are given as they come from now on.
    pub(super) fn go_live(&mut self) -> Option<LogStream> {
        self.feed.go_live();
        self.stream.take()
    }
}

impl Feed {
    /// `last`: see [`Watched::last`]; when following without it, nothing is waited for.
    pub(super) fn new(container: &Arc<Container>, asked: &Asked, last: Option<Timestamp>) -> Self {
        let mut lines = Lines::new(container.tty, &redactor(container, &asked.redactor));
        if asked.since.is_some() || asked.tail.is_some() {
            IoStream::ALL.into_iter().for_each(|stream| lines.presume(stream, Before::Unknown));
        }
        // Finite reading ends with the stream alone.
        let last = if asked.follow { last } else { Some(Timestamp(i64::MAX)) };
        Self {
            parser: ApiLogParser::new(container.tty),
            lines: Watched { lines, last },
            until: asked.until,
            sieve: asked.query.as_ref().map(|query| Sieve::new(container.clone(), query, asked.context)),
            keeps: asked.keeps.clone(),
            next_seq: 0,
            maximum: i64::MIN,
            rows: VecDeque::new(),
            over: false,
            ended: false,
        }
    }

    /// Time of the next row.
    pub(super) fn key(&self) -> Option<i64> {
        self.rows.front().map(|row| row.key)
    }

    pub(super) fn take(&mut self) -> Option<Row> {
        self.rows.pop_front()
    }

    pub(super) fn looked(&self) -> Looked {
        let unspecified = self.sieve.as_ref().map_or(0, Sieve::unspecified);
        Looked { records: self.next_seq.unsigned_abs(), unspecified }
    }

    pub(super) fn passed(&self) -> bool {
        self.lines.last.is_none()
    }

    /// Takes the stream's next bytes; says what is wrong with them.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<String> {
        if self.ended {
            return None;
        }
        let fed = self.parser.feed(bytes, &mut self.lines);
        let damaged = self.collect();
        match fed {
            Ok(()) => damaged,
            Err(error) => {
                self.end(false);
                Some(error.to_string())
            }
        }
    }

    /// The stream ended, by itself or not: what has begun is a line, or half a message.
    pub(super) fn end(&mut self, whole: bool) -> Option<String> {
        self.lines.last = None;
        let mut damaged = None;
        if std::mem::replace(&mut self.ended, true) {
            return None;
        }
        if whole {
            self.parser.finish(&mut self.lines);
            damaged = self.collect();
            if let Some(batch) = self.lines.lines.flush().and_then(|piece| piece.batch) {
                self.records(batch);
            }
        }
        if let Some(sieve) = &mut self.sieve {
            sieve.end();
            sieve.drain(self.keeps.as_ref(), &mut self.rows);
        }
        damaged
    }

    pub(super) fn go_live(&mut self) {
        if let Some(sieve) = &mut self.sieve {
            sieve.go_live();
            sieve.drain(self.keeps.as_ref(), &mut self.rows);
        }
    }

    fn collect(&mut self) -> Option<String> {
        let mut damaged = None;
        for piece in self.lines.lines.take() {
            match piece.batch {
                Some(batch) => self.records(batch),
                None => {
                    if let Some(sieve) = &mut self.sieve {
                        sieve.interrupt(self.keeps.as_ref(), &mut self.rows);
                    }
                    damaged = Some(DAMAGED.to_owned());
                }
            }
        }
        damaged
    }

    fn records(&mut self, batch: RecordBatch) {
        let batch = Arc::new(batch);
        for (index, time) in batch.timestamps().iter().enumerate() {
            self.over |= self.until.is_some_and(|until| *time >= until.0);
            if self.over {
                break;
            }
            self.maximum = self.maximum.max(*time);
            let row =
                Row { seq: self.next_seq, key: self.maximum, batch: batch.clone(), index, context: false };
            self.next_seq += 1;
            match &mut self.sieve {
                Some(sieve) => sieve.push(row),
                None if self.keeps.as_ref().is_none_or(|keeps| keeps(&batch, index)) => {
                    self.rows.push_back(row)
                }
                None => {}
            }
        }
        if let Some(sieve) = &mut self.sieve {
            if self.over {
                sieve.end();
            }
            sieve.drain(self.keeps.as_ref(), &mut self.rows);
        }
    }
}

impl PartSink for Watched {
    fn part(&mut self, part: Part<'_>, start: u64, end: u64) {
        if self.last.is_some_and(|last| part.timestamp >= last) {
            self.last = None;
        }
        self.lines.part(part, start, end);
    }

    fn damage(&mut self, from: u64, to: u64) {
        self.lines.damage(from, to);
    }
}

/// The rules for a container's lines. A label that is no pattern adds none, as for a tail; [`super::wrong_labels`] tells it.
fn redactor(container: &Container, redactor: &Redactor) -> Redactor {
    let label = container.redact.as_deref().and_then(|pattern| redactor.with_label(pattern).ok());
    label.unwrap_or_else(|| redactor.clone())
}

/// The time of the last whole message in an answer.
pub(super) fn last_time(tty: bool, pieces: &[Bytes]) -> Option<Timestamp> {
    struct Last(Option<Timestamp>);
    impl PartSink for Last {
        fn part(&mut self, part: Part<'_>, _start: u64, _end: u64) {
            self.0 = Some(part.timestamp);
        }

        fn damage(&mut self, _from: u64, _to: u64) {}
    }
    let (mut parser, mut last) = (ApiLogParser::new(tty), Last(None));
    // What is no stream is told when it is read in earnest.
    let fed = pieces.iter().try_for_each(|piece| parser.feed(piece, &mut last));
    fed.ok().and(last.0)
}
