//! The container's run as the tail knows it: whether it goes on, and what its end means for the lines that have begun.

use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

use miniman_log::RecordBatch;

use super::looks::Looked;
use super::{FileTail, Reading, TailError};
use crate::tail::status::Stage;

/// What is known of the container's run.
#[derive(Default)]
pub(super) struct Run {
    /// How it ended, while the end of what it wrote has not been read yet.
    pub(super) exited: Option<Stage>,
    /// It runs, or the end of what it wrote has not been read: kept with the place, see
    /// [`Resume::open`](crate::tail::resume::Resume::open).
    pub(super) open: bool,
    /// As it was last stored.
    pub(super) stored_open: bool,
}

impl FileTail {
    pub(crate) fn set_running(&self) {
        let mut run = self.run();
        self.status.next_stage();
        (run.exited, run.open) = (None, true);
    }

    /// Settled once its end has been read, however short the run was.
    pub(crate) fn set_exited(&self) {
        self.run().exited = Some(self.status.next_stage());
    }

    pub(crate) fn set_removed(&self) {
        self.removed.store(true, Ordering::Release);
        self.set_exited();
    }

    pub(crate) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Acquire)
    }

    pub(super) fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At the end of all files: a container that has exited ends its last line.
    ///
    /// Returns whether another file has turned up instead.
    pub(super) fn end(&self, reading: &mut Reading, exited: Option<Stage>) -> Result<bool, TailError> {
        let Some(stage) = exited else { return Ok(false) };
        // The watcher may not have got to the last rotation yet.
        let looked = self.look_with(&mut self.chain())?;
        if self.has_successor()? {
            return Ok(true);
        }
        if looked == Looked::Unsure {
            // The watcher marks the tail when it has looked.
            return Ok(false);
        }
        // Once: what is written from now on is another run's, whenever that one's start becomes known.
        let over = self.run().exited.take_if(|exited| *exited == stage).is_some();
        self.flush(reading)?;
        if over {
            let mut run = self.run();
            // Unless another run has begun, or ended, meanwhile.
            run.open = self.status.stage() != stage;
        }
        self.keep_open(reading)?;
        if self.removed.load(Ordering::Acquire) {
            // The files are gone from the folder; the last handle to them goes with this.
            reading.current = None;
        }
        self.status.settle(stage);
        Ok(false)
    }

    /// Stores whether more may come, where that has changed.
    pub(super) fn keep_open(&self, reading: &Reading) -> Result<(), TailError> {
        let run = self.run();
        if run.open == run.stored_open {
            return Ok(());
        }
        drop(run);
        let resume = self.resume_of(reading);
        self.put(reading, &RecordBatch::new(), resume)
    }
}
