//! What a tail tells the hub: a few values that the hub looks at when it is woken, never a queue.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::{Backfill, SourceState};

#[derive(Debug)]
pub(crate) struct TailStatus {
    wake: Arc<Notify>,
    told: Mutex<Told>,
    lines: AtomicU64,
    /// Counts what became of the container: it started, it ended, it is gone.
    stage: AtomicU64,
    /// The stage for which all lines are appended.
    settled: AtomicU64,
}

/// What became of a container last, as a number: who finds the end of its lines says with it which end that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stage(u64);

#[derive(Debug)]
struct Told {
    source: SourceState,
    backfill: Option<Backfill>,
}

impl TailStatus {
    pub(crate) fn new(wake: Arc<Notify>) -> Self {
        let told = Told { source: SourceState::Opening, backfill: None };
        Self {
            wake,
            told: Mutex::new(told),
            lines: AtomicU64::new(0),
            stage: AtomicU64::new(1),
            settled: AtomicU64::new(0),
        }
    }

    pub(crate) fn set_source(&self, source: SourceState) {
        self.update(|told| told.source = source);
    }

    pub(crate) fn set_backfill(&self, backfill: Backfill) {
        self.update(|told| told.backfill = Some(backfill));
    }

    /// The container started, ended or went: nothing is settled until [`TailStatus::settle`] is called for it.
    pub(crate) fn next_stage(&self) -> Stage {
        let stage = Stage(self.stage.fetch_add(1, Ordering::AcqRel) + 1);
        self.wake.notify_one();
        stage
    }

    pub(crate) fn stage(&self) -> Stage {
        Stage(self.stage.load(Ordering::Acquire))
    }

    /// All lines of the run that this stage ended are appended. Where another stage has come, it is too late to matter.
    pub(crate) fn settle(&self, stage: Stage) {
        self.settled.fetch_max(stage.0, Ordering::AcqRel);
        self.wake.notify_one();
    }

    /// Whether the container has ended and all of its lines are appended.
    pub(crate) fn settled(&self) -> bool {
        self.settled.load(Ordering::Acquire) == self.stage().0
    }

    pub(crate) fn add_lines(&self, lines: usize) {
        self.lines.fetch_add(lines as u64, Ordering::Relaxed);
    }

    /// Lines appended since this was last asked.
    pub(crate) fn take_lines(&self) -> u64 {
        self.lines.swap(0, Ordering::Relaxed)
    }

    pub(crate) fn source(&self) -> SourceState {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).source.clone()
    }

    pub(crate) fn backfill(&self) -> Option<Backfill> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).backfill
    }

    fn update(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner));
        self.wake.notify_one();
    }
}
