//! The threads that read: few, because two keep up with a daemon that writes at full speed, and however many
//! containers there are.
//!
//! A tail is queued at most once, and nobody reads it while another does. Live lines go first; history is read only while nothing live waits, and by one
//! thread at most, so that the other stays free.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::FileTail;
use super::file::{ReadBuffer, TailError, Turn};
use super::history::History;
use crate::SourceState;

/// One would do; the second goes on when the first waits for the disk.
const READERS: usize = 2;

const IDLE: u8 = 0;
const QUEUED: u8 = 1;
const RUNNING: u8 = 2;
/// Marked while it was being served.
const AGAIN: u8 = 3;
/// What a tail is made with: it counts as queued, so that nobody reads it, until [`Pool::begin`] queues it.
pub(crate) const HELD: u8 = QUEUED;

#[derive(Clone)]
pub(crate) struct Pool(Arc<Shared>);

struct Shared {
    work: Mutex<Work>,
    wake: Condvar,
}

#[derive(Default)]
struct Work {
    live: VecDeque<Arc<FileTail>>,
    history: VecDeque<(Arc<FileTail>, History)>,
    history_runs: bool,
    stopped: bool,
}

enum Task {
    Live(Arc<FileTail>),
    History(Arc<FileTail>, History),
}

impl Pool {
    /// # Errors
    /// When the threads cannot be started.
    pub(crate) fn start() -> io::Result<(Self, Vec<thread::JoinHandle<()>>)> {
        let pool = Self(Arc::new(Shared { work: Mutex::default(), wake: Condvar::new() }));
        let threads = (0..READERS)
            .map(|index| {
                let pool = pool.clone();
                thread::Builder::new().name(format!("tail-reader-{index}")).spawn(move || pool.run())
            })
            .collect::<io::Result<_>>()?;
        Ok((pool, threads))
    }

    /// Has the tail read what is there, soon.
    pub(crate) fn mark(&self, tail: &Arc<FileTail>) {
        let next = |state| match state {
            IDLE => Some(QUEUED),
            RUNNING => Some(AGAIN),
            _ => None,
        };
        if let Ok(IDLE) = tail.scheduled.fetch_update(Ordering::AcqRel, Ordering::Acquire, next) {
            self.work().live.push_back(tail.clone());
            self.0.wake.notify_one();
        }
    }

    /// Reads on the caller's thread if that takes no time worth mentioning; else as [`Pool::mark`].
    pub(crate) fn read_or_mark(&self, tail: &Arc<FileTail>, buffer: &mut ReadBuffer) {
        if tail.scheduled.compare_exchange(IDLE, RUNNING, Ordering::AcqRel, Ordering::Acquire).is_err() {
            return self.mark(tail);
        }
        match tail.advance_little(buffer) {
            Some(turn) => self.served(tail.clone(), turn),
            None => self.served(tail.clone(), Ok(Turn::More)),
        }
    }

    /// Reads a tail from now on, and its history; until then marks do nothing.
    pub(crate) fn begin(&self, tail: &Arc<FileTail>) {
        let history = tail.take_history();
        let mut work = self.work();
        // As it has been since it was made: see [`HELD`].
        work.live.push_back(tail.clone());
        work.history.extend(history.map(|history| (tail.clone(), history)));
        drop(work);
        self.0.wake.notify_all();
    }

    /// Lets each thread finish what it is at.
    pub(crate) fn stop(&self) {
        self.work().stopped = true;
        self.0.wake.notify_all();
    }

    fn run(&self) {
        let mut buffer = ReadBuffer::new();
        while let Some(task) = self.next() {
            match task {
                Task::Live(tail) => self.serve(tail, &mut buffer),
                Task::History(tail, history) => self.read_history(tail, history),
            }
        }
    }

    fn next(&self) -> Option<Task> {
        let mut work = self.work();
        loop {
            if work.stopped {
                return None;
            }
            if let Some(tail) = work.live.pop_front() {
                return Some(Task::Live(tail));
            }
            if !work.history_runs
                && let Some((tail, history)) = work.history.pop_front()
            {
                work.history_runs = true;
                return Some(Task::History(tail, history));
            }
            work = self.0.wake.wait(work).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn serve(&self, tail: Arc<FileTail>, buffer: &mut ReadBuffer) {
        tail.scheduled.store(RUNNING, Ordering::Release);
        let turn = tail.advance(buffer);
        self.served(tail, turn);
    }

    fn served(&self, tail: Arc<FileTail>, turn: Result<Turn, TailError>) {
        let again = match turn {
            Ok(Turn::More) => true,
            Ok(Turn::Done) => false,
            Err(error) => {
                failed(&tail, &error);
                false
            }
        };
        let is_idle =
            || tail.scheduled.compare_exchange(RUNNING, IDLE, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if again || !is_idle() {
            tail.scheduled.store(QUEUED, Ordering::Release);
            self.work().live.push_back(tail);
            self.0.wake.notify_one();
        }
    }

    fn read_history(&self, tail: Arc<FileTail>, mut history: History) {
        let step = if tail.retention_is_reached() {
            history.stop();
            tail.end_history()
        } else {
            let chunks = history.next().map_err(TailError::from);
            chunks.and_then(|chunks| chunks.into_iter().try_for_each(|chunk| tail.prepend(chunk)))
        };
        if let Err(error) = &step {
            failed(&tail, error);
            history.abandon();
        }
        tail.status.set_backfill(history.progress());
        let mut work = self.work();
        work.history_runs = false;
        if !history.is_done() {
            work.history.push_back((tail, history));
        }
        drop(work);
        self.0.wake.notify_one();
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.0.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(tail: &FileTail, error: &TailError) {
    let why = match error {
        TailError::Io(source) => format!("the log files cannot be read: {source}"),
        TailError::Store(source) => format!("the lines cannot be stored: {source}"),
    };
    tracing::warn!(log = %tail.log.id(), %why, "tail");
    tail.status.set_source(SourceState::Files { note: Some(why) });
}
