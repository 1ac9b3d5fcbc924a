//! A live reading position over one or more logs.
//!
//! A view holds positions and no records: what is not asked for stays in the store. Logs are read in turn, so that a
//! flood in one delays the others by one piece at most; within a log, seq orders. A merged live view is therefore in
//! order of arrival, and who shows it places lines by time.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use miniman_log::query::Query;
use miniman_log::{RecordBatch, Timestamp};
use miniman_store::logs::{
    Chunk, Due, Followed, Found, Gap, Hide, Log, LogId, Pick, ReadMax, Search, StoreError,
};
use tokio::sync::watch;

use crate::{Cursor, Roster, SourceState};

/// Where a view starts in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The log's first record. Waits until history is read: before, nobody knows which one is first.
    Start,
    /// Behind this seq.
    After(i64),
    /// This many records before the end.
    Tail(u64),
    /// The first record at or after this time.
    Since(Timestamp),
    /// What comes from now on.
    End,
}

/// What a view read: records of one log or a gap in it.
#[derive(Debug, Clone)]
pub struct Piece {
    pub log: Log,
    what: What,
    next: i64,
}

#[derive(Debug, Clone)]
enum What {
    /// Neighbouring records: of a view without a query.
    Records(Records),
    /// What the view's query finds, by rising number; at least one. A group's lines come with the first that matches, so
    /// some may have numbers below those that were given before.
    Found(Vec<Pick>),
    Gap(Gap),
}

/// The records `range` of `batch`, the first of which has number `first`.
#[derive(Debug, Clone)]
struct Records {
    first: i64,
    batch: Arc<RecordBatch>,
    range: Range<usize>,
}

impl Piece {
    /// Each record's number, its batch and its index there; none of a gap.
    pub fn records(&self) -> impl Iterator<Item = (i64, &RecordBatch, usize)> {
        let all = match &self.what {
            What::Records(records) => Some(records),
            What::Found(_) | What::Gap(_) => None,
        };
        let all = all.into_iter().flat_map(|Records { first, batch, range }| {
            (*first..).zip(range.clone()).map(|(seq, index)| (seq, &**batch, index))
        });
        let found = match &self.what {
            What::Found(picks) => &picks[..],
            What::Records(_) | What::Gap(_) => &[],
        };
        all.chain(found.iter().map(|pick| (pick.seq, &*pick.batch, pick.index)))
    }

    pub fn gap(&self) -> Option<&Gap> {
        match &self.what {
            What::Gap(gap) => Some(gap),
            What::Records(_) | What::Found(_) => None,
        }
    }

    /// The number at which reading goes on behind it.
    pub fn next(&self) -> i64 {
        self.next
    }

    fn of(log: Log, chunk: Chunk) -> Self {
        let next = chunk.next();
        let what = match chunk {
            Chunk::Records { first, batch, range } => What::Records(Records { first, batch, range }),
            Chunk::Gap(gap) => What::Gap(gap),
        };
        Self { log, what, next }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    #[error("the log could not be read")]
    Store(#[from] StoreError),
    #[error("the reader was stopped")]
    Stopped,
}

/// See the module's words.
pub struct View {
    roster: watch::Receiver<Arc<Roster>>,
    query: Option<Query>,
    /// What is left out of what the query finds.
    hide: Hide,
    positions: Vec<Position>,
    /// The position that is asked first.
    turn: usize,
}

struct Position {
    log: Log,
    appended: watch::Receiver<i64>,
    /// The next seq to read; `None` until `from` could be made out.
    next: Option<i64>,
    from: From,
    /// Of a view with a query, while no thread has it.
    search: Option<Search>,
}

/// What reading a position came to.
enum Read {
    End,
    /// Nothing was found up to here.
    Passed(i64),
    Piece(Piece),
}

impl View {
    pub fn new(roster: watch::Receiver<Arc<Roster>>, logs: impl IntoIterator<Item = (Log, From)>) -> Self {
        Self::searching(roster, logs, None)
    }

    /// A view of only those records that `query` finds, and of the gaps.
    pub fn searching(
        roster: watch::Receiver<Arc<Roster>>,
        logs: impl IntoIterator<Item = (Log, From)>,
        query: Option<Query>,
    ) -> Self {
        let mut view = Self { roster, query, hide: Hide::default(), positions: Vec::new(), turn: 0 };
        for (log, from) in logs {
            view.add(log, from);
        }
        view
    }

    /// Leaves out what rules hide; to be said before anything is read.
    #[must_use]
    pub fn hiding(mut self, hide: Hide) -> Self {
        if !hide.is_empty() {
            self.query.get_or_insert_with(Query::all);
        }
        self.hide = hide;
        self
    }

    /// Adds a log; one that is there already keeps its position.
    pub fn add(&mut self, log: Log, from: From) {
        if self.positions.iter().all(|position| position.log.id() != log.id()) {
            let appended = log.watch();
            self.positions.push(Position { log, appended, next: None, from, search: None });
        }
    }

    pub fn remove(&mut self, id: LogId) {
        self.positions.retain(|position| position.log.id() != id);
        self.turn = 0;
    }

    pub fn logs(&self) -> impl Iterator<Item = &Log> {
        self.positions.iter().map(|position| &position.log)
    }

    /// The position behind all that was read; logs of which nothing was read yet and whose start is open are not in.
    pub fn cursor(&self) -> Cursor {
        let known = self.positions.iter().filter_map(|at| Some((at.log.id(), at.next? - 1)));
        Cursor(known.collect())
    }

    /// The next piece; waits while there is none.
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped: the position moves only with a piece that is handed out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next(&mut self, max: ReadMax) -> Result<Piece, ViewError> {
        loop {
            for position in &mut self.positions {
                position.appended.borrow_and_update();
            }
            self.roster.borrow_and_update();
            if let Some(piece) = self.next_now(max).await? {
                return Ok(piece);
            }
            self.appended().await;
        }
    }

    /// The next piece that is there already; `None` at the end.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next_now(&mut self, max: ReadMax) -> Result<Option<Piece>, ViewError> {
        let mut at_end = 0;
        while at_end < self.positions.len() {
            let index = self.turn % self.positions.len();
            self.turn = index + 1;
            match self.read(index, max).await? {
                Read::End => at_end += 1,
                Read::Passed(next) => {
                    self.positions[index].next = Some(next);
                    at_end = 0;
                }
                Read::Piece(piece) => {
                    self.positions[index].next = Some(piece.next);
                    return Ok(Some(piece));
                }
            }
        }
        Ok(None)
    }

    /// Whether every log's start is made out and nothing is left to read.
    pub fn at_end(&self) -> bool {
        self.positions.iter().all(|at| at.next.is_some_and(|next| next >= at.log.bounds().next))
    }

    async fn read(&mut self, index: usize, max: ReadMax) -> Result<Read, ViewError> {
        let Some(next) = self.start(index).await? else { return Ok(Read::End) };
        let position = &mut self.positions[index];
        let log = position.log.clone();
        if next >= log.bounds().next {
            return Ok(Read::End);
        }
        if let Some(query) = &self.query {
            let mut search = position.search.take().unwrap_or_else(|| log.search_hiding(query, &self.hide));
            // What was found may have its group's beginning on the disk.
            let (search, read) = blocking(move || {
                let followed = search.follow(next)?;
                Ok((search, followed.map_or(Read::End, |followed| due(log, followed, max))))
            })
            .await?;
            self.positions[index].search = Some(search);
            return Ok(read);
        }
        let chunk = match log.read_memory(next, max) {
            Some(chunk) => Some(chunk),
            None => {
                let log = log.clone();
                blocking(move || log.read(next, max)).await?
            }
        };
        Ok(chunk.map_or(Read::End, |chunk| Read::Piece(Piece::of(log, chunk))))
    }

    /// The next seq of a position, made out once; `None` while its history is still being read.
    async fn start(&mut self, index: usize) -> Result<Option<i64>, ViewError> {
        let position = &self.positions[index];
        if let Some(next) = position.next {
            return Ok(Some(next));
        }
        let log = &position.log;
        let bounds = log.bounds();
        let next = match position.from {
            From::After(seq) => seq.saturating_add(1),
            From::End => bounds.next,
            From::Tail(count) if let Some(query) = &self.query => {
                // Whether there are enough matches shows only once all is there.
                if !self.history_is_read(log.id()) {
                    return Ok(None);
                }
                let mut search = log.search_hiding(query, &self.hide);
                let bounds = bounds.first..bounds.next;
                blocking(move || last_matches(&mut search, bounds, count)).await?
            }
            From::Tail(count) if log.stored().records >= count || self.history_is_read(log.id()) => {
                let (log, count) = (log.clone(), count);
                blocking(move || tail_start(&log, count)).await?
            }
            From::Start if self.history_is_read(log.id()) => bounds.first,
            From::Since(time) if self.history_is_read(log.id()) => {
                let log = log.clone();
                blocking(move || log.seek(time)).await?
            }
            From::Tail(_) | From::Start | From::Since(_) => return Ok(None),
        };
        self.positions[index].next = Some(next);
        Ok(Some(next))
    }

    fn history_is_read(&self, id: LogId) -> bool {
        let roster = self.roster.borrow();
        roster.by_log(id).is_none_or(|entry| {
            entry.source != SourceState::Opening && entry.backfill.is_none_or(|backfill| backfill.done)
        })
    }

    /// Waits until something was appended, or the roster changed while a start is still open.
    async fn appended(&mut self) {
        let starts_open = self.positions.iter().any(|at| at.next.is_none());
        let mut waits: Vec<Pin<Box<dyn Future<Output = ()> + Send + '_>>> = Vec::new();
        if starts_open || self.positions.is_empty() {
            waits.push(Box::pin(changed(&mut self.roster)));
        }
        for position in &mut self.positions {
            waits.push(Box::pin(changed(&mut position.appended)));
        }
        std::future::poll_fn(|context| {
            let any = waits.iter_mut().any(|wait| wait.as_mut().poll(context).is_ready());
            if any { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// What is due, as far as `max` goes: what is due at one number stays together.
fn due(log: Log, followed: Followed, max: ReadMax) -> Read {
    let Followed { covered, due } = followed;
    let (what, next) = match due {
        Due::Nothing => return Read::Passed(covered.end),
        Due::Gap(gap) => (What::Gap(gap), covered.end),
        Due::Records(mut picks) => {
            let mut bytes = 0;
            let mut fits = |pick: &Pick| {
                bytes += pick.batch.body(pick.index).len() + 1;
                bytes <= max.bytes
            };
            let fitting = picks.iter().take(max.records).take_while(|pick| fits(pick)).count().max(1);
            // The piece ends before the first number whose records have to wait.
            let next = match picks.get(fitting).map(|pick| pick.due) {
                None => covered.end,
                Some(waits) if waits > picks[0].due => waits,
                Some(first) => {
                    let behind = picks.iter().find(|pick| pick.due > first);
                    behind.map_or(covered.end, |pick| pick.due)
                }
            };
            picks.retain(|pick| pick.due < next);
            picks.sort_by_key(|pick| pick.seq);
            (What::Found(picks), next)
        }
    };
    Read::Piece(Piece { log, what, next })
}

/// The number of the `count`th last match; the first number where there are fewer.
fn last_matches(search: &mut Search, mut numbers: Range<i64>, count: u64) -> Result<i64, StoreError> {
    let mut left = count;
    while left > 0 {
        let Some(searched) = search.backward(numbers.clone())? else { break };
        numbers.end = searched.covered.start;
        if let Found::Records { first, matches, .. } = searched.found {
            let nth = usize::try_from(left).unwrap_or(usize::MAX);
            if let Some(index) = matches.len().checked_sub(nth).and_then(|at| matches.get(at)) {
                return Ok(first + i64::from(*index));
            }
            left -= matches.len() as u64;
        }
    }
    Ok(numbers.end)
}

/// Waits for a change; a channel whose sender is gone never changes again.
async fn changed<T>(receiver: &mut watch::Receiver<T>) {
    if receiver.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, ViewError> {
    match tokio::task::spawn_blocking(read).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(ViewError::Stopped),
    }
}

/// The seq from which `count` records are left. Gaps skip numbers, so records are counted, not seqs.
pub fn tail_start(log: &Log, count: u64) -> Result<i64, StoreError> {
    let mut left = count;
    let mut before = log.bounds().next;
    while left > 0 {
        let max = ReadMax { records: usize::try_from(left).unwrap_or(usize::MAX), bytes: TAIL_READ_BYTES };
        let Some(chunk) = log.read_back(before, max)? else { break };
        if let Chunk::Records { range, .. } = &chunk {
            left = left.saturating_sub(range.len() as u64);
        }
        before = chunk.first();
    }
    Ok(before)
}

/// What one step of counting back reads at most.
const TAIL_READ_BYTES: usize = 1 << 20;
