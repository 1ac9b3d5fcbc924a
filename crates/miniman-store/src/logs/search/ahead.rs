//! A second thread for a search that has to look at everything: it looks at the blocks behind those that the first is at.
//!
//! Both look at some blocks in turn, so that what waits for the caller stays little. A search whose blocks are mostly ruled
//! out never gets one, and all searches together get one fewer than there are cores: tails need theirs.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use miniman_log::query::Query;

use super::super::read::Direction;
use super::super::{Log, StoreError};
use super::{Hide, Search, Searched};

/// What a block that is expanded counts, against one for a block that is ruled out: where more than one in nine is
/// expanded, expanding is most of the work.
const EXPANDED_WEIGHT: u32 = 8;
/// From this sum on a second thread is worth its start: 5 ms of work and more.
const WEIGHT_MIN: u32 = 8 * EXPANDED_WEIGHT;
const WEIGHT_MAX: u32 = 4 * WEIGHT_MIN;
/// Blocks that each of the two looks at in turn; of full ones, what waits is 4 MiB and their matches. At the ends of so many
/// both look at the same few, as far as groups reach: with 4 that was as much work as was saved.
const BLOCKS: usize = 16;

/// See the module's words.
pub(super) struct Ahead {
    query: Query,
    hide: Hide,
    /// How much there has been to expand lately.
    weight: u32,
    worker: Option<Worker>,
    /// What the worker is at.
    asked: Option<Asked>,
    /// What it found, in the order of the search.
    ready: VecDeque<Searched>,
}

#[derive(Clone, PartialEq, Eq)]
struct Asked {
    numbers: Range<i64>,
    direction: Direction,
}

struct Worker {
    asked: SyncSender<Asked>,
    answers: Receiver<Result<VecDeque<Searched>, StoreError>>,
    thread: Option<JoinHandle<()>>,
    _place: Place,
}

/// One of the threads that all searches may have.
struct Place(Arc<AtomicUsize>);

impl Ahead {
    pub(super) fn new(query: &Query, hide: &Hide) -> Self {
        let (query, hide) = (query.clone(), hide.clone());
        Self { query, hide, weight: 0, worker: None, asked: None, ready: VecDeque::new() }
    }

    /// Notes a block that was looked at.
    pub(super) fn note(&mut self, expanded: bool) {
        self.weight = match expanded {
            true => (self.weight + EXPANDED_WEIGHT).min(WEIGHT_MAX),
            false => self.weight.saturating_sub(1),
        };
    }

    /// Gives the thread back, and what it found.
    pub(super) fn rest(&mut self) {
        (self.worker, self.asked) = (None, None);
        self.ready.clear();
    }
}

impl Search {
    /// As [`Search::step`], by two threads where that is worth it.
    pub(super) fn advance(
        &mut self,
        numbers: Range<i64>,
        direction: Direction,
    ) -> Result<Option<Searched>, StoreError> {
        self.take_answers(&numbers, direction);
        if let Some(ready) = self.ahead.ready.pop_front() {
            if begins(&ready.covered, &numbers, direction) {
                self.ask_ahead(&ready.covered, &numbers, direction);
                return Ok(Some(ready));
            }
            // The caller went elsewhere.
            self.ahead.rest();
        }
        let mut here = numbers.clone();
        if let Some(asked) = &self.ahead.asked {
            match direction {
                Direction::Forward => here.end = here.end.min(asked.numbers.start),
                Direction::Backward => here.start = here.start.max(asked.numbers.end),
            }
        }
        let searched = self.step(here, direction)?;
        if let Some(searched) = &searched {
            self.ask_ahead(&searched.covered, &numbers, direction);
        }
        Ok(searched)
    }

    /// Takes what the worker found, once the search has come to it.
    fn take_answers(&mut self, numbers: &Range<i64>, direction: Direction) {
        let Some(asked) = &self.ahead.asked else { return };
        let reached = asked.direction == direction && begins(&asked.numbers, numbers, direction);
        let near = asked.direction == direction
            && match direction {
                Direction::Forward => asked.numbers.start > numbers.start && asked.numbers.end <= numbers.end,
                Direction::Backward => {
                    asked.numbers.end < numbers.end && asked.numbers.start >= numbers.start
                }
            };
        if !self.ahead.ready.is_empty() || (near && !reached) {
            return;
        }
        self.ahead.asked = None;
        let answer = self.ahead.worker.as_ref().and_then(|worker| worker.answers.recv().ok());
        match answer {
            Some(Ok(found)) if reached => self.ahead.ready = found,
            // Who is asked instead meets the same error, and tells it.
            _ => self.ahead.rest(),
        }
    }

    /// Has the worker look at the blocks behind the next few, when it has nothing to do.
    fn ask_ahead(&mut self, covered: &Range<i64>, numbers: &Range<i64>, direction: Direction) {
        if self.ahead.asked.is_some() || !self.ahead.ready.is_empty() || self.ahead.weight < WEIGHT_MIN {
            return;
        }
        let Some(behind) = self.rows.behind(covered, BLOCKS, direction) else { return };
        if behind.start < numbers.start || behind.end > numbers.end {
            return;
        }
        if self.ahead.worker.is_none() {
            self.ahead.worker = Worker::start(&self.lines.log, &self.ahead, self.lines.horizon);
        }
        let asked = Asked { numbers: behind, direction };
        if let Some(worker) = &self.ahead.worker
            && worker.asked.try_send(asked.clone()).is_ok()
        {
            self.ahead.asked = Some(asked);
        }
    }
}

/// Whether the search of `numbers` goes on with `part`.
fn begins(part: &Range<i64>, numbers: &Range<i64>, direction: Direction) -> bool {
    let within = part.start >= numbers.start && part.end <= numbers.end;
    within
        && match direction {
            Direction::Forward => part.start == numbers.start,
            Direction::Backward => part.end == numbers.end,
        }
}

impl Worker {
    /// `None` where all threads are taken: the search goes on alone.
    fn start(log: &Log, ahead: &Ahead, horizon: i64) -> Option<Self> {
        let place = Place::take(&log.inner.shared.searching_ahead)?;
        let (asked, asks) = sync_channel::<Asked>(1);
        let (answer, answers) = sync_channel(1);
        let (log, query, hide) = (log.clone(), ahead.query.clone(), ahead.hide.clone());
        let work = move || {
            let mut search = log.search_hiding(&query, &hide);
            search.lines.horizon = horizon;
            while let Ok(asked) = asks.recv() {
                if answer.send(search.all(asked)).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("search-ahead".to_owned()).spawn(work).ok()?;
        Some(Self { asked, answers, thread: Some(thread), _place: place })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both ends gone, it ends after the few blocks that it may be at.
        (self.asked, self.answers) = (sync_channel(1).0, sync_channel(1).1);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("a thread that searched ahead had panicked");
        }
    }
}

impl Search {
    fn all(&mut self, Asked { mut numbers, direction }: Asked) -> Result<VecDeque<Searched>, StoreError> {
        let mut all = VecDeque::new();
        while !numbers.is_empty() {
            let Some(searched) = self.step(numbers.clone(), direction)? else { break };
            match direction {
                Direction::Forward => numbers.start = searched.covered.end,
                Direction::Backward => numbers.end = searched.covered.start,
            }
            all.push_back(searched);
        }
        Ok(all)
    }
}

impl Place {
    fn take(taken: &Arc<AtomicUsize>) -> Option<Self> {
        let most = thread::available_parallelism().map_or(0, |cores| cores.get() - 1);
        let more = |taken: usize| (taken < most).then_some(taken + 1);
        taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Self(Arc::clone(taken)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
