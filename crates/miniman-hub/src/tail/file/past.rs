//! Storing history: what the reader of it ([`History`]) gives, and where it ends.

use std::sync::PoisonError;

use miniman_log::RecordBatch;
use miniman_store::logs::GapReason;

use super::{FileTail, TailError};
use crate::tail::history::{Chunk as HistoryChunk, History};

impl FileTail {
    pub(crate) fn take_history(&self) -> Option<History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Stores a chunk of history; the place it leaves is stored with it.
    pub(crate) fn prepend(&self, piece: HistoryChunk) -> Result<(), TailError> {
        let mut reading = self.reading();
        reading.history = piece.left;
        if piece.left.is_none() {
            reading.begin = None;
        }
        let resume = Some(self.resume_of(&reading));
        match piece.batch {
            Some(batch) if batch.is_empty() => {
                self.log.append(&batch, resume)?;
            }
            Some(batch) => self.log.prepend(batch, resume)?,
            None => {
                let until = self.log.stored().first_timestamp;
                self.log.prepend_gap(None, None, until, piece.reason, resume)?;
            }
        }
        Ok(())
    }

    /// Whether retention has taken the oldest lines already: what is older would only be stored to go.
    pub(crate) fn retention_is_reached(&self) -> bool {
        let first = self.log.bounds().first;
        self.log.gaps().first().is_some_and(|gap| gap.from == first && gap.reason == GapReason::Retention)
    }

    /// What is left of history is not read.
    pub(crate) fn end_history(&self) -> Result<(), TailError> {
        let mut reading = self.reading();
        (reading.history, reading.begin) = (None, None);
        let resume = self.resume_of(&reading);
        self.log.append(&RecordBatch::new(), Some(resume))?;
        Ok(())
    }
}
